package gracefulshutdown_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// gone checks that there is no workload: this resource never makes one.
func (p *place) gone(*terraform.State) error {
	if _, err := p.of("Deployment").Get(p.t.Context(), delegate, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("there is a Deployment, or something else is wrong: %w", err)
	}
	return nil
}

// A workload that isn't there is named by the apply. One that goes is forgotten
// by a refresh, and needed again by the next apply.
func TestAccGracefulShutdown_missing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	missing := saying("There is no Deployment/payments in namespace "+p.namespace+", and this resource doesn't create it.", "depends_on")
	p.run(
		p.gone,
		resource.TestStep{Config: p.config(p.block(3600)), ExpectError: missing},
		resource.TestStep{
			PreConfig: func() { p.create("kubectl-create", workload("Deployment", 600, 0)) },
			Config:    p.config(p.block(3600)),
			Check:     p.grace("Deployment", 3600, "we (Apply)"),
		},
		resource.TestStep{PreConfig: func() { p.remove() }, Config: p.config(p.block(3600)), ExpectError: missing},
		resource.TestStep{
			PreConfig:         func() { p.create("kubectl-create", workload("Deployment", unset, 0)) },
			Config:            p.config(p.block(3600)),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: previous(30),
		},
		// Destroying what is gone is no error.
		resource.TestStep{PreConfig: func() { p.remove() }, Config: p.config(p.block(3600)), Destroy: true},
	)
}

// A missing right is named, and nothing is changed.
func TestAccGracefulShutdown_forbidden(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 0))
	user := "reader-of-" + p.namespace
	kubeconfig, err := p.User(user)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(verb string) resource.TestStep {
		return resource.TestStep{
			Config: p.configAs(kubeconfig, p.block(3600)),
			ExpectError: saying(fmt.Sprintf("Deployment/payments in namespace %s: the user %q may not %s deployments.apps in namespace %s. Have the right granted",
				p.namespace, user, verb, p.namespace)),
		}
	}
	reading := refused("patch")
	reading.PreConfig = func() {
		p.create("test", decoded(`{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]}`))
		p.create("test", decoded(fmt.Sprintf(`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: reader},
  subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: %q}], roleRef: {kind: Role, apiGroup: rbac.authorization.k8s.io, name: reader}}`, user)))
	}
	p.run(p.grace("Deployment", 600, "kubectl-create (Update)"), refused("get"), reading)
}

// A rule of the cluster is quoted.
func TestAccGracefulShutdown_admission(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 0))
	rule := kubetest.Rule{Operation: "UPDATE", Group: "apps", Version: "v1", Resource: "deployments"}
	lift := p.RefusingWebhook(t, p.namespace, "no change on Fridays", rule)
	p.run(
		p.grace("Deployment", 600),
		resource.TestStep{Config: p.config(p.block(3600)), ExpectError: saying("refused it: no change on Fridays. That is a rule of this cluster.")},
		resource.TestStep{PreConfig: lift, Config: p.config(p.block(3600))},
	)
}

// What can't be right is refused before anything is asked.
func TestAccGracefulShutdown_invalid(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	block := func(arguments string) string {
		return p.config("resource \"harnessdelegate_graceful_shutdown\" \"it\" {\n" + arguments + "\n}\n")
	}
	const rest = "namespace = \"a\"\nname = \"b\"\n"
	p.run(
		p.gone,
		resource.TestStep{Config: p.config(p.block(-1)), ExpectError: saying("termination_grace_period_seconds value must be between 0 and 604800, got: -1")},
		resource.TestStep{Config: p.config(p.block(3600000)), ExpectError: saying("between 0 and 604800, got: 3600000")},
		resource.TestStep{Config: p.config(p.block(1, "longest_task_seconds = 0")), ExpectError: saying("longest_task_seconds value must be at least 1")},
		resource.TestStep{Config: p.config(p.block(1, `kind = "DaemonSet"`)), ExpectError: saying(`kind value must be one of: ["Deployment" "StatefulSet"], got: "DaemonSet"`)},
		resource.TestStep{Config: block("namespace = \"a.b\"\nname = \"b\"\ntermination_grace_period_seconds = 1"), ExpectError: saying(`namespace is "a.b" and must be the name of a namespace on Kubernetes`)},
		resource.TestStep{Config: block("namespace = \"a\"\nname = \"A\"\ntermination_grace_period_seconds = 1"), ExpectError: saying(`name is "A" and must be the name of a workload on Kubernetes`)},
		resource.TestStep{Config: block(rest), ExpectError: saying(`"termination_grace_period_seconds" is required`)},
	)
}
