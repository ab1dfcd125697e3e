package gracefulshutdown_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// A plan says what a change does to pods, and what is wrong; it fails for none of
// it.
func TestAccGracefulShutdown_warnings(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 2))
	p.create("helm", workload("StatefulSet", 600, 1))
	w := acctest.NewWorkspace(t, p.manager, binary, p.block(600))
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	const (
		replaced = "Pods Will Be Replaced: The grace period is part of the pod template: changing it from %d to %d seconds makes %s/payments in namespace %s replace %s."
		short    = "Grace Period Shorter Than the Longest Task: termination_grace_period_seconds is %d and longest_task_seconds is %d:"
		owner    = "Grace Period Has Another Manager: helm (Update) set the grace period of StatefulSet/payments in namespace %s to 600 seconds. "
		fails    = owner + "Apply will fail with a conflict. Set force_conflicts = true"
		takes    = owner + "force_conflicts = true takes the field over."
	)
	roll := func(from, to int, kind, pods string) string {
		return fmt.Sprintf(replaced, from, to, kind, p.namespace, pods)
	}
	warns := func(name, config string, command []string, want ...string) {
		t.Helper()
		w.Configure(config)
		result := w.Terraform(append(command, "-json")...)
		var got []string
		for _, d := range result.Diagnostics() {
			got = append(got, d.Summary+": "+d.Detail)
		}
		got = slices.Compact(got) // an apply plans twice
		fits := slices.EqualFunc(got, want, strings.HasPrefix)
		if result.ExitCode != 0 || !fits {
			t.Errorf("%s: %v ended with %d and says\n%s\nwant\n%s", name, command, result.ExitCode, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	plan, apply, destroy := []string{"plan"}, []string{"apply", "-auto-approve"}, []string{"plan", "-destroy"}
	stateful := `kind = "StatefulSet"`

	warns("the same", p.block(600), plan)
	warns("as long as the task", p.block(600, "longest_task_seconds = 600"), plan)
	warns("longer", p.block(3600), plan, roll(600, 3600, "Deployment", "its 2 pods"))
	warns("too short", p.block(60, "longest_task_seconds = 61"), plan, fmt.Sprintf(short, 60, 61), roll(600, 60, "Deployment", "its 2 pods"))
	warns("another owner", p.block(60, stateful), plan, fmt.Sprintf(fails, p.namespace), roll(600, 60, "StatefulSet", "its pod"))
	warns("another owner, forced", p.block(60, stateful, "force_conflicts = true"), plan, fmt.Sprintf(takes, p.namespace), roll(600, 60, "StatefulSet", "its pod"))
	warns("missing", strings.ReplaceAll(p.block(60), "payments", "nobody"), plan,
		fmt.Sprintf("Workload Not Found: There is no Deployment/nobody in namespace %s.", p.namespace))

	warns("created", p.block(3600), apply, roll(600, 3600, "Deployment", "its 2 pods"))
	warns("unchanged", p.block(3600), plan)
	warns("the task is longer now", p.block(3600, "longest_task_seconds = 7200"), plan, fmt.Sprintf(short, 3600, 7200))
	warns("destroyed", p.block(3600), destroy, roll(3600, 600, "Deployment", "its 2 pods"))
	p.set("kubectl-edit", 900)
	warns("changed by hand", p.block(3600), plan, roll(900, 3600, "Deployment", "its 2 pods"))
	warns("destroyed, and left", p.block(3600), destroy)
	warns("left", p.block(3600), []string{"destroy", "-auto-approve"},
		fmt.Sprintf("Grace Period Not Given Back: The grace period of Deployment/payments in namespace %s stays at 900 seconds: kubectl-edit changed it.", p.namespace))

	p.remove()
	p.create("kubectl-create", workload("Deployment", 600, 0))
	warns("no pods", p.block(3600), apply)
	p.remove()
	warns("gone", p.block(3600), plan,
		fmt.Sprintf("Workload Not Found: There is no Deployment/payments in namespace %s any more", p.namespace),
		fmt.Sprintf("Workload Not Found: There is no Deployment/payments in namespace %s.", p.namespace))
}

// A cluster that is made in the same apply isn't known to the plan, nor need be
// the name or the value.
func TestAccGracefulShutdown_unknownAtPlan(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 0))
	config := func(revision string) string {
		return p.manager.ConfigWith("kubernetes { config_path = terraform_data.cluster.output }", fmt.Sprintf(`
resource "terraform_data" "cluster" {
  input            = %[1]q
  triggers_replace = %[2]q
}

resource "terraform_data" "delegate" {
  input            = { name = "payments", seconds = 3600 }
  triggers_replace = "1"
}

resource "harnessdelegate_graceful_shutdown" "it" {
  namespace                        = %[3]q
  name                             = terraform_data.delegate.output.name
  termination_grace_period_seconds = terraform_data.delegate.output.seconds
}
`, p.Kubeconfig, revision, p.namespace))
	}
	unknown := func(name string) plancheck.PlanCheck {
		return plancheck.ExpectUnknownValue(address, tfjsonpath.New(name))
	}
	first := planned(plancheck.ResourceActionCreate)
	first.PreApply = append(first.PreApply, unknown("id"), unknown("previous"), unknown("termination_grace_period_seconds"))
	p.run(
		p.grace("Deployment", 600),
		resource.TestStep{Config: config("1"), ConfigPlanChecks: first, Check: p.grace("Deployment", 3600, "we (Apply)")},
		// The cluster is made anew, and until then can't be asked: what is there is
		// taken as it is.
		resource.TestStep{Config: config("2"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
	)
}

// Another workload is another resource: the first gets its value back.
func TestAccGracefulShutdown_replaced(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 0))
	p.create("kubectl-create", workload("StatefulSet", 300, 0))
	p.run(
		resource.ComposeAggregateTestCheckFunc(p.grace("Deployment", 600), p.grace("StatefulSet", 300)),
		resource.TestStep{Config: p.config(p.block(3600))},
		resource.TestStep{
			Config:            p.config(p.block(3600, `kind = "StatefulSet"`)),
			ConfigPlanChecks:  planned(plancheck.ResourceActionReplace),
			ConfigStateChecks: previous(300),
			Check:             resource.ComposeAggregateTestCheckFunc(p.grace("Deployment", 600), p.grace("StatefulSet", 3600, "we (Apply)")),
		},
	)
}
