package upgrader_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// through is a workspace whose provider comes through a gate.
func (p *place) through(g *gate, config string) *acctest.Workspace {
	w := acctest.NewWorkspace(p.t, p.manager, binary, config)
	w.Env = append(w.Env, "KUBE_HOST="+g.address)
	return w
}

// A provider that is killed at any write of a creation leaves nothing behind
// that the next apply couldn't go on from.
func TestAccKubernetes_killedInCreate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the provider's process is found by /proc")
	}
	p := newPlace(t)
	g := newGate(t, p.Kubeconfig)
	w := p.through(g, "variable \"namespace\" {}\n"+in("").with("kubernetes.namespace", "var.namespace").block("it"))
	for _, before := range []bool{true, false} {
		for at := 1; at <= len(own); at++ {
			here := &place{Cluster: p.Cluster, t: t, manager: p.manager, namespace: p.Namespace(t)}
			args := []string{"apply", "-auto-approve", "-no-color", "-var", "namespace=" + here.namespace, fmt.Sprintf("-state=%t-%d.tfstate", before, at)}
			g.set(at, before, func() { killProvider(t, w.Dir) })
			if first := w.Terraform(args...); first.ExitCode == 0 || !strings.Contains(first.Output(), "harnessdelegate_upgrader.it") {
				t.Errorf("killed at write %d, the first apply says\n%s", at, first.Output())
			}
			g.set(0, false, nil)
			w.Succeed(args...)
			if err := here.holds(objectsOf(delegate)...); err != nil {
				t.Errorf("killed at write %d: %v", at, err)
			}
			if at != len(own) {
				continue
			}
			args = append([]string{"plan", "-detailed-exitcode", "-no-color"}, args[3:]...)
			if again := w.Terraform(args...); again.ExitCode != 0 {
				t.Errorf("the plan after it is not empty:\n%s", again.Output())
			}
		}
	}
}

// The same in an update that makes every object anew under another name, and
// removes the old ones.
func TestAccKubernetes_killedInUpdate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the provider's process is found by /proc")
	}
	p := newPlace(t)
	g := newGate(t, p.Kubeconfig)
	w := p.through(g, in(p.namespace).with("delegate_name", "var.name").block("it")+"\nvariable \"name\" {}\n")
	apply := func(name string) []string {
		return []string{"apply", "-auto-approve", "-no-color", "-var", "name=" + name}
	}
	w.Succeed(apply("d0")...)
	g.set(0, false, nil)
	w.Succeed(apply("d1")...)
	writes := g.count()
	if writes != 2*len(own) {
		t.Fatalf("the update takes %d writes", writes)
	}
	for at := 1; at <= writes; at++ {
		name := fmt.Sprintf("d%d", at+1)
		g.set(at, at%2 == 0, func() { killProvider(t, w.Dir) })
		if first := w.Terraform(apply(name)...); first.ExitCode == 0 {
			t.Errorf("killed at write %d, the first apply says\n%s", at, first.Output())
		}
		g.set(0, false, nil)
		w.Succeed(apply(name)...)
		if err := p.holds(objectsOf(name)...); err != nil {
			t.Errorf("killed at write %d: %v", at, err)
		}
	}
	if again := w.Terraform(slices.Concat([]string{"plan", "-detailed-exitcode"}, apply(fmt.Sprintf("d%d", writes+1))[2:])...); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
}
