package gracefulshutdown_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/gracefulshutdown"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// chart is the delegate as Helm renders it for the release "prod".
func chart(seconds int64) *unstructured.Unstructured {
	rendered := workload("Deployment", seconds, 0)
	rendered.SetAnnotations(map[string]string{"meta.helm.sh/release-name": "prod"})
	return rendered
}

// conflicts checks that "helm upgrade" of Helm 4 fails: server-side apply without
// force is refused because the manager owns the field.
func (p *place) conflicts(rendered *unstructured.Unstructured, manager, field string) {
	p.t.Helper()
	got := kubernetes.Conflicts(p.tryApply("helm", rendered, false))
	if diff := cmp.Diff([]kubernetes.Conflict{{Manager: manager, Field: field}}, got); diff != "" {
		p.t.Errorf("conflicts of helm upgrade (-want +got)\n%s", diff)
	}
}

// planWarns plans, and looks for the texts in the warnings, in their order.
func planWarns(t *testing.T, w *acctest.Workspace, texts ...string) {
	t.Helper()
	var got []string
	for _, d := range w.Succeed("plan", "-json").Diagnostics() {
		got = append(got, d.Summary+": "+d.Detail)
	}
	if !slices.EqualFunc(got, texts, strings.Contains) {
		t.Errorf("the plan says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(texts, "\n"))
	}
}

const field = "spec.template.spec.terminationGracePeriodSeconds"

// Helm 4 applies server-side. It meets a conflict after the takeover, and each of
// the ways out that the plan names works.
func TestAccGracefulShutdown_helmServerSide(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.apply("helm", chart(600))
	w := acctest.NewWorkspace(t, p.manager, binary, p.block(3600))
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	after := `every "helm upgrade prod" fails with a conflict on ` + field + ", and the release gets the status failed. After this apply, remove the field from the rendered manifests with a post-renderer"
	planWarns(t, w, "helm (Apply) set the grace period of Deployment/payments in namespace "+p.namespace+" to 600 seconds. Apply will fail with a conflict. "+
		"Set force_conflicts = true to take the field over. Helm manages this release with server-side apply, the default of Helm 4. After the takeover "+after)
	w.Configure(p.block(3600, "force_conflicts = true"))
	planWarns(t, w, "force_conflicts = true takes the field over. Helm manages this release with server-side apply, the default of Helm 4. After the takeover "+after)
	w.Succeed("apply", "-auto-approve")
	p.has(3600, "we (Apply)")
	planWarns(t, w)
	p.conflicts(chart(600), gracefulshutdown.FieldManager, field)

	// A post-renderer removes the field.
	if err := p.tryApply("helm", chart(unset), false); err != nil {
		t.Error(err)
	}
	p.has(3600, "we (Apply)")
	// Helm's --force-conflicts takes the field back, and Terraform again.
	p.apply("helm", chart(900))
	p.has(900, "helm (Apply)")
	planWarns(t, w, after)
	w.Succeed("apply", "-auto-approve")
	p.has(3600, "we (Apply)")
	// Destroying gives back what Helm set last, and Helm meets no conflict.
	w.Succeed("destroy", "-auto-approve")
	p.has(900)
	if err := p.tryApply("helm", chart(600), false); err != nil {
		t.Error(err)
	}
}

// Helm 3 updates client-side, and sets its value again with each upgrade.
func TestAccGracefulShutdown_helmClientSide(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("helm", chart(600))
	w := acctest.NewWorkspace(t, p.manager, binary, p.block(3600, "force_conflicts = true"))
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	warning := "helm (Update) set the grace period of Deployment/payments in namespace " + p.namespace + ` to 600 seconds. force_conflicts = true takes the field over. ` +
		`Helm manages this release client-side, as Helm 3 does: every "helm upgrade prod" sets Helm's value again. The next plan shows the difference`
	for range 2 {
		planWarns(t, w, warning)
		w.Succeed("apply", "-auto-approve")
		p.has(3600, "we (Apply)")
		p.set("helm", 600)
		p.has(600, "helm (Update)")
	}
}

// The upgrader upgrades the delegate with kubectl set image. Neither touches the
// field of the other, and Helm 4 meets a conflict on the image, too.
func TestAccGracefulShutdown_besideUpgrader(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.apply("helm", chart(600))
	p.setImage("24.04.82804")
	before := p.get("Deployment")
	untouched := func(s *terraform.State) error { return p.sameBut("Deployment", before)(s) }
	const force = "force_conflicts = true"
	p.run(
		resource.ComposeAggregateTestCheckFunc(p.grace("Deployment", 600), untouched),
		resource.TestStep{Config: p.config(p.block(3600, force)), Check: untouched},
		resource.TestStep{
			PreConfig: func() {
				p.setImage("24.05.83000")
				before = p.get("Deployment")
				want := []kubernetes.Owner{{Manager: "kubectl-set"}}
				if diff := cmp.Diff(want, kubernetes.Owners(before, kubernetes.ContainerField("delegate", "image")...)); diff != "" {
					t.Errorf("owners of the image (-want +got)\n%s", diff)
				}
				p.conflicts(chart(unset), "kubectl-set", `spec.template.spec.containers[name="delegate"].image`)
			},
			Config:           p.config(p.block(3600, force)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			Config: p.config(p.block(5400, force)),
			Check:  resource.ComposeAggregateTestCheckFunc(p.grace("Deployment", 5400, "we (Apply)"), untouched),
		},
	)
}
