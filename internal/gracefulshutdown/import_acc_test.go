package gracefulshutdown_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// What others have set is imported with their value as the one to give back.
func TestAccGracefulShutdown_importOthers(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"Deployment", "StatefulSet"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.apply("helm", workload(kind, 600, 0))
			arguments := []string{"kind = \"" + kind + "\"", "force_conflicts = true"}
			p.run(
				p.grace(kind, 600),
				resource.TestStep{
					Config: p.config(p.block(600, arguments[0])), ResourceName: address, ImportState: true, ImportStatePersist: true,
					ImportStateId: p.namespace + "/" + kind + "/payments",
				},
				resource.TestStep{
					Config:            p.config(p.block(600, arguments[0])),
					ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
					ConfigStateChecks: previous(600),
					Check:             p.grace(kind, 600, "helm (Apply)"),
				},
				resource.TestStep{
					Config:            p.config(p.block(3600, arguments...)),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: previous(600),
					Check:             p.grace(kind, 3600, "we (Apply)"),
				},
			)
		})
	}
}

// What this resource has set itself is imported without the value before, and
// destroying leaves the field.
func TestAccGracefulShutdown_importOwn(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.apply("helm", workload("Deployment", unset, 0))
	id := p.namespace + "/Deployment/payments"
	p.run(
		p.grace("Deployment", 3600),
		resource.TestStep{Config: p.config(p.block(3600))},
		resource.TestStep{
			Config: p.config(p.block(3600)), ResourceName: address, ImportState: true, ImportStateId: id, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"previous"},
		},
		// The state is lost.
		resource.TestStep{
			Config: p.config("removed {\n  from = " + address + "\n  lifecycle {\n    destroy = false\n  }\n}\n"),
			Check: func(s *terraform.State) error {
				return p.grace("Deployment", 3600, "we (Apply)")(s)
			},
		},
		resource.TestStep{
			Config: p.config(p.block(3600)), ResourceName: address, ImportState: true, ImportStatePersist: true, ImportStateId: id,
		},
		resource.TestStep{
			Config:            p.config(p.block(3600)),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{inState("previous", knownvalue.Null())},
		},
	)
}

func TestAccGracefulShutdown_importErrors(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 0))
	step := func(id, says string) resource.TestStep {
		return resource.TestStep{Config: p.config(p.block(600)), ResourceName: address, ImportState: true, ImportStateId: id, ExpectError: saying(says)}
	}
	p.run(
		p.grace("Deployment", 600, "kubectl-create (Update)"),
		step("payments", `The import ID "payments" is not NAMESPACE/KIND/NAME. For example: "harness-delegate-ng/Deployment/payments-delegate".`),
		step("a//b", `"a//b" is not NAMESPACE/KIND/NAME`),
		step("a/deployment/b", `names the kind "deployment", and it must be Deployment or StatefulSet`),
		step(p.namespace+"/Deployment/nobody", "There is no Deployment/nobody in namespace "+p.namespace),
	)
}

// By identity, the kind may be left out; what is kept is whole.
func TestAccGracefulShutdown_importByIdentity(t *testing.T) {
	acctest.Need(t, acctest.ImportByIdentity)
	for kind, extra := range map[string]string{"Deployment": "", "StatefulSet": "    kind = \"StatefulSet\"\n"} {
		t.Run(kind, func(t *testing.T) {
			p := newPlace(t)
			p.apply("helm", workload(kind, 600, 0))
			block := fmt.Sprintf("import {\n  to = %s\n  identity = {\n    namespace = %q\n    name = \"payments\"\n%s  }\n}\n", address, p.namespace, extra)
			p.run(
				p.grace(kind, 600, "helm (Apply)"),
				resource.TestStep{
					Config:           p.config(p.block(600, "kind = \""+kind+"\""), block),
					ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
					ConfigStateChecks: append(previous(600), statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
						"namespace": knownvalue.StringExact(p.namespace), "kind": knownvalue.StringExact(kind), "name": knownvalue.StringExact("payments"),
					})),
				},
			)
		})
	}
}
