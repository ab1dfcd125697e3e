package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// parallelism is how many resources Terraform works on at once; 10 is its
// default.
const parallelism = "-parallelism=10"

// contender is a provider to be measured.
type contender struct {
	// name is that of its resource, which begins with the provider's.
	name string
	// source is its address.
	source string
	// binary is where it was built.
	binary string
	// block is the provider block, if it needs one.
	block string
	// resources are two resources for each project, without their first lines.
	resources [2]string
}

func ourContender(binary, endpoint string) contender {
	return contender{name: "harnessdelegate_tag_override", source: tfcli.Source, binary: binary, resources: [2]string{`
  org_id            = each.value
  project_id        = each.key
  tags              = ["linux", "prod"]
  delegate_tag      = "registry.example.com/harness/delegate:24.04.82804"
  valid_for_days    = 90
  renew_before_days = 14
`, `
  org_id         = each.value
  project_id     = each.key
  delegate_tag   = "registry.example.com/harness/delegate:24.03.82600"
  valid_for_days = 30
`}, block: fmt.Sprintf(`
provider "harnessdelegate" {
  endpoint         = %q
  account_id       = %q
  platform_api_key = %q
}
`, endpoint, account, apiKey)}
}

func emptyContender(binary string) contender {
	const configurable = "\n  configurable_attribute = each.key\n"
	return contender{
		name: "empty_example", source: "registry.terraform.io/harnessdelegate/empty", binary: binary,
		resources: [2]string{configurable, configurable},
	}
}

// head is what each configuration begins with. More goes into the provider
// block.
func (c contender) head(more string) string {
	block := c.block
	if more != "" {
		block = strings.TrimSuffix(strings.TrimRight(block, "\n"), "}") + more + "}\n"
	}
	provider, _, _ := strings.Cut(c.name, "_")
	return fmt.Sprintf(`
terraform {
  required_providers {
    %[1]s = { source = %[2]q }
  }
}
%[3]s`, provider, c.source, block)
}

// config asks for size resources, two for each project.
func (c contender) config(size int) string { return c.head("") + c.overrides(size) }

func (c contender) overrides(size int) string {
	text := fmt.Sprintf("\nlocals {\n  projects = { for i in range(%d) : format(\"p%%03d\", i) => format(%q, floor(i / %d)) }\n}\n", size/2, orgFormat, projectsPerOrg)
	for i, body := range c.resources {
		text += fmt.Sprintf("\nresource %q \"r%d\" {\n  for_each = local.projects%s}\n", c.name, i, body)
	}
	return text
}

// workspace is a folder in which one contender is run.
type workspace struct {
	*tfcli.Workspace
}

// workspace makes one with size overrides, its provider installed.
func (c contender) workspace(ctx context.Context, dir string, size int) (workspace, error) {
	return c.workspaceWith(ctx, dir, c.config(size))
}

// workspaceWith makes one with a configuration. No variable says which cluster
// or which engine to use.
func (c contender) workspaceWith(ctx context.Context, dir, config string) (workspace, error) {
	made, err := tfcli.New(dir, c.source, c.binary)
	if err != nil {
		return workspace{}, err
	}
	w := workspace{made}
	w.Env = append(w.Env, "TF_LOG=", "TF_CLI_ARGS=", "TF_DATA_DIR=")
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		if name == "KUBECONFIG" || strings.HasPrefix(name, "KUBE_") || strings.HasPrefix(name, "DOCKER_") {
			w.Env = append(w.Env, name+"=")
		}
	}
	if err := w.Write("main.tf", config); err != nil {
		return workspace{}, fmt.Errorf("writing the configuration: %w", err)
	}
	_, err = w.run(ctx, 0, "init")
	return w, err
}

// cost is what a run of Terraform took.
type cost struct {
	// wall is the time that somebody waited for it.
	wall time.Duration
	// cpu is the processor time of Terraform and its providers. It is far less
	// disturbed by what else the machine does.
	cpu time.Duration
}

// run runs terraform, which must end with the exit code.
func (w workspace) run(ctx context.Context, want int, command string, args ...string) (cost, error) {
	args = append([]string{command, "-no-color"}, args...)
	start := time.Now()
	result, err := w.Run(ctx, args...)
	took := cost{wall: time.Since(start), cpu: result.CPU}
	if err != nil {
		return cost{}, err
	}
	if result.ExitCode != want {
		return cost{}, fmt.Errorf("terraform %v ended with exit code %d, not %d:\n%s", args, result.ExitCode, want, tail(result.Output()))
	}
	return took, nil
}

// tail is the end of a long text.
func tail(text string) string {
	const most = 4000
	return text[max(0, len(text)-most):]
}

// plan makes a plan into a file.
func (w workspace) plan(ctx context.Context, file string, args ...string) (cost, error) {
	const changes = 2
	return w.run(ctx, changes, "plan", append(args, parallelism, "-input=false", "-detailed-exitcode", "-out="+file)...)
}

// apply applies a plan from a file.
func (w workspace) apply(ctx context.Context, file string) (cost, error) {
	return w.run(ctx, 0, "apply", parallelism, "-input=false", file)
}

// refresh plans where everything is as it should be. A plan with changes is an
// error.
func (w workspace) refresh(ctx context.Context) (cost, error) {
	return w.run(ctx, 0, "plan", parallelism, "-input=false", "-detailed-exitcode")
}

// probed is a workspace whose provider is started by the launcher.
type probed struct {
	workspace

	records string
}

// probed makes a workspace with size overrides.
func (c contender) probed(ctx context.Context, launcher, dir string, size int) (probed, error) {
	return c.probedWith(ctx, launcher, dir, c.config(size))
}

// probedWith makes a workspace with a configuration.
func (c contender) probedWith(ctx context.Context, launcher, dir, config string) (probed, error) {
	records := filepath.Join(dir, "records")
	launched := c
	launched.binary = launcher
	w, err := launched.workspaceWith(ctx, dir, config)
	if err != nil {
		return probed{}, err
	}
	w.Env = append(w.Env, usage.EnvBinary+"="+c.binary, usage.EnvFile+"="+records)
	return probed{workspace: w, records: records}, nil
}

// adopt takes over the state that the contender has in another workspace.
func (p probed) adopt(other workspace) error {
	const state = "terraform.tfstate"
	text, err := os.ReadFile(filepath.Join(other.Dir, state))
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	if err := p.Write(state, string(text)); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return nil
}

// planning is the plan that is measured.
func planning() []string { return []string{"plan", parallelism, "-input=false"} }

// used runs Terraform and gives what the provider's processes have used.
func (p probed) used(ctx context.Context, command []string) (usage.Total, error) {
	total, _, err := p.usedIn(ctx, command)
	return total, err
}

// usedIn also tells what all of it took.
func (p probed) usedIn(ctx context.Context, command []string) (usage.Total, cost, error) {
	if err := os.RemoveAll(p.records); err != nil {
		return usage.Total{}, cost{}, fmt.Errorf("removing old records: %w", err)
	}
	took, err := p.run(ctx, 0, command[0], command[1:]...)
	if err != nil {
		return usage.Total{}, cost{}, err
	}
	total, err := usage.Read(p.records)
	return total, took, err
}
