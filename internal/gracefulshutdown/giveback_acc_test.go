package gracefulshutdown_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// origins are the ways in which a Deployment with the value 3600 can be made.
var origins = map[string]func(*place){
	"kubectl apply": func(p *place) { p.create("kubectl-client-side-apply", workload("Deployment", 3600, 1)) },
	"kubectl apply --server-side": func(p *place) {
		p.apply("kubectl", workload("Deployment", 3600, 1))
	},
	"Helm 4": func(p *place) { p.apply("helm", workload("Deployment", 3600, 1)) },
	"no owner": func(p *place) {
		p.create("kubectl-create", workload("Deployment", 3600, 1))
		p.clearOwners()
	},
}

func (p *place) clearOwners() {
	p.t.Helper()
	none := []byte(`{"metadata":{"managedFields":[{}]}}`)
	if _, err := p.of("Deployment").Patch(p.t.Context(), delegate, types.MergePatchType, none, metav1.PatchOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// givesBack runs steps of Terraform for each origin. Destroying gives back 3600
// each time, also if an earlier destroy has left it without an owner.
func givesBack(t *testing.T, steps func(p *place, w *acctest.Workspace)) {
	t.Helper()
	for name, install := range origins {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			install(p)
			w := acctest.NewWorkspace(t, p.manager, binary, p.block(600, "force_conflicts = true"))
			w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
			steps(p, w)
		})
	}
}

// has fails the test unless the live value and its owners are as they should be.
func (p *place) has(seconds int64, owners ...string) {
	p.t.Helper()
	if err := p.grace("Deployment", seconds, owners...)(nil); err != nil {
		p.t.Error(err)
	}
}

func TestAccGracefulShutdown_givesBackAfterReplace(t *testing.T) {
	t.Parallel()
	givesBack(t, func(p *place, w *acctest.Workspace) {
		w.Succeed("apply", "-auto-approve")
		p.has(600, "we (Apply)")
		w.Succeed("apply", "-auto-approve", "-replace="+address)
		p.has(600, "we (Apply)")
		w.Succeed("destroy", "-auto-approve")
		p.has(3600)
	})
}

func TestAccGracefulShutdown_givesBackEachTime(t *testing.T) {
	t.Parallel()
	givesBack(t, func(p *place, w *acctest.Workspace) {
		for range 2 {
			w.Succeed("apply", "-auto-approve")
			p.has(600, "we (Apply)")
			w.Succeed("destroy", "-auto-approve")
			p.has(3600)
		}
	})
}

// A creation whose rollout fails is tainted. The next apply replaces it.
func TestAccGracefulShutdown_givesBackTainted(t *testing.T) {
	t.Parallel()
	givesBack(t, func(p *place, w *acctest.Workspace) {
		w.Configure(p.block(600, "force_conflicts = true", "wait_for_rollout = true", `timeouts { create = "2s" }`))
		if result := w.Terraform("apply", "-auto-approve", "-no-color"); result.ExitCode == 0 || !strings.Contains(result.Output(), "Rollout Not Finished") {
			p.t.Fatalf("apply should fail, since no pod starts:\n%s", result.Output())
		}
		p.has(600, "we (Apply)")
		w.Configure(p.block(600, "force_conflicts = true"))
		if result := w.Succeed("apply", "-auto-approve", "-no-color"); !strings.Contains(result.Output(), "is tainted, so must be replaced") {
			p.t.Errorf("it isn't replaced:\n%s", result.Output())
		}
		p.has(600, "we (Apply)")
		w.Succeed("destroy", "-auto-approve")
		p.has(3600)
	})
}

// A tool has cleared the managed fields meanwhile. Nobody is in the way then, so
// there is no conflict either.
func TestAccGracefulShutdown_givesBackWithoutOwner(t *testing.T) {
	t.Parallel()
	givesBack(t, func(p *place, w *acctest.Workspace) {
		w.Succeed("apply", "-auto-approve")
		p.clearOwners()
		w.Succeed("plan", "-detailed-exitcode")
		w.Succeed("destroy", "-auto-approve")
		p.has(3600)
		p.clearOwners()
		w.Configure(p.block(600))
		w.Succeed("apply", "-auto-approve")
		p.has(600, "we (Apply)")
		w.Succeed("destroy", "-auto-approve")
		p.has(3600)
	})
}
