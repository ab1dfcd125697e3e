package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

var errNoKubectl = errors.New("there is no kubectl on the PATH")

// kubectl does by hand what the provider does: the same objects, from the data
// source for them.
type kubectl struct {
	program, kubeconfig, cache, manifest string
	count                                counter
}

// kubectlPhases are the nearest that kubectl has to the phases.
var kubectlPhases = [phases]string{"kubectl apply", "kubectl diff", "kubectl delete"}

// kubectl prepares it.
func (k *onKubernetes) kubectl(ctx context.Context) (*kubectl, error) {
	program, err := exec.LookPath("kubectl")
	if err != nil {
		return nil, errNoKubectl
	}
	const user = "kubectl"
	kubeconfig, err := k.cluster.User(user, "system:masters")
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(k.dir, "kubectl")
	w, err := k.ours.workspaceWith(ctx, dir, k.ours.head("")+fmt.Sprintf(`
data "harnessdelegate_upgrader_manifest" "one" {
  delegate_name = %q
  token         = %q
  kubernetes {
    namespace = %q
  }
}

output "yaml" {
  value     = data.harnessdelegate_upgrader_manifest.one.yaml
  sensitive = true
}
`, delegateName, delegateToken, k.namespace))
	if err != nil {
		return nil, err
	}
	if _, err := w.run(ctx, 0, "apply", "-auto-approve", "-input=false"); err != nil {
		return nil, err
	}
	result, err := w.Run(ctx, "output", "-json", "yaml")
	if err != nil {
		return nil, err
	}
	var text string
	if err := json.Unmarshal([]byte(result.Stdout), &text); err != nil {
		return nil, fmt.Errorf("reading the manifest: %w\n%s", err, result.Stderr)
	}
	const manifest = "upgrader.yaml"
	if err := w.Write(manifest, text); err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return &kubectl{
		program: program, kubeconfig: kubeconfig, cache: filepath.Join(dir, "cache"),
		manifest: filepath.Join(w.Dir, manifest), count: k.requestsOf(user),
	}, nil
}

func (k *kubectl) live(ctx context.Context) (lived, error) {
	command := func(args ...string) func() (cost, error) {
		return func() (cost, error) { return k.run(ctx, args...) }
	}
	return live(k.count, [phases]func() (cost, error){
		command("apply", "--server-side"), command("diff", "--server-side"), command("delete"),
	})
}

// run runs a command of kubectl on the manifest.
func (k *kubectl) run(ctx context.Context, args ...string) (cost, error) {
	args = append(args, "--kubeconfig", k.kubeconfig, "--cache-dir", k.cache, "-f", k.manifest)
	command := exec.CommandContext(ctx, k.program, args...) //nolint:gosec // the kubectl of whoever measures
	start := time.Now()
	output, err := command.CombinedOutput()
	took := cost{wall: time.Since(start)}
	if err != nil {
		return cost{}, fmt.Errorf("kubectl %s: %w\n%s", args[0], err, tail(string(output)))
	}
	took.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return took, nil
}

// report adds lines for comparison.
func (k *kubectl) report(results *table, lives []lived) {
	for phase, name := range kubectlPhases {
		results.add(measure{name: "time of " + name + ", s", digits: 2, ours: each(lives, func(l lived) float64 { return seconds(l[phase].cost) })})
	}
	for phase, name := range kubectlPhases {
		results.add(measure{name: "requests of " + name, ours: each(lives, func(l lived) float64 { return float64(l[phase].requests) })})
	}
}
