package tagoverride_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// What the plan shows is what a refresh found. Without a refresh, what was
// changed since is not in the plan, and so must not be deleted.
func TestAccTagOverride_deleteOnlyWhatThePlanShowed(t *testing.T) {
	noRefresh := resource.AdditionalCLIOptions{Plan: resource.PlanOptions{NoRefresh: true}}
	for name, test := range map[string]struct {
		theirs simulator.Override
		held   string
	}{
		"other tags":  {simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"theirs"}, Version: imageA}, "default/payments {theirs} " + imageA},
		"other image": {simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"linux"}, Version: imageB}, "default/payments {linux} " + imageB},
	} {
		t.Run(name, func(t *testing.T) {
			m := acctest.NewManager(t)
			ours := m.Config(override("pin", inPayments, image(imageA), `tags = ["linux"]`))
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				AdditionalCLIOptions:     &noRefresh,
				Steps: []resource.TestStep{
					{Config: ours},
					{
						PreConfig:   func() { m.Put(t, test.theirs); m.ResetCounters() },
						Config:      m.Config(),
						ExpectError: saying("Nothing was deleted."),
					},
					{Config: m.Config(), ExpectError: saying("now it holds image"), Check: m.Holds(test.held)},
					{
						// Put right, so that the rest of the test can be destroyed.
						PreConfig: func() { m.RemoveOverride(acctest.Account, "default", "payments", true) },
						Config:    m.Config(),
					},
				},
			})
			if sent := m.Counters()[acctest.DeletePath]; sent != 0 {
				t.Errorf("%d DELETE requests were sent", sent)
			}
		})
	}
}

// The other slot of the scope, and other scopes, are left alone.
func TestAccTagOverride_deleteLeavesOthers(t *testing.T) {
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{OrgID: "default", ProjectID: "payments", Version: imageB})
	m.Put(t, simulator.Override{OrgID: "default", Tags: []string{"linux"}, Version: imageB})
	run(t, m, []string{"default/payments " + imageB, "default {linux} " + imageB},
		resource.TestStep{Config: m.Config(override("pin", inPayments, image(imageA), `tags = ["linux"]`))})
}

func TestAccTagOverride_alreadyGoneIsSuccess(t *testing.T) {
	for name, answer := range map[string]simulator.DeleteNoMatch{"silent Manager": simulator.DeleteNoMatchOK, "Manager that calls it an error": simulator.DeleteNoMatch400} {
		t.Run(name, func(t *testing.T) {
			m := acctest.NewManager(t)
			behaviour := m.Behaviour()
			behaviour.DeleteNoMatch = answer
			m.SetBehaviour(behaviour)
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				AdditionalCLIOptions:     &resource.AdditionalCLIOptions{Plan: resource.PlanOptions{NoRefresh: true}},
				Steps: []resource.TestStep{
					{Config: m.Config(override("pin", image(imageA)))},
					{
						PreConfig: func() { m.RemoveOverride(acctest.Account, "", "", false) },
						Config:    m.Config(),
						ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
							plancheck.ExpectResourceAction(pin, plancheck.ResourceActionDestroy),
						}},
					},
				},
			})
		})
	}
}

// An update must not repair what the plan didn't show either.
func TestAccTagOverride_updateOnlyWhatThePlanShowed(t *testing.T) {
	m := acctest.NewManager(t)
	const imageC = "registry.example.com/harness/delegate:24.04.82999"
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		AdditionalCLIOptions:     &resource.AdditionalCLIOptions{Plan: resource.PlanOptions{NoRefresh: true}},
		Steps: []resource.TestStep{
			{Config: m.Config(override("pin", image(imageA)))},
			{
				PreConfig:   func() { m.Put(t, simulator.Override{Version: imageC}) },
				Config:      m.Config(override("pin", image(imageB))),
				ExpectError: saying("Somebody else changed the untagged slot"),
			},
			{
				// Gone since the plan: setting it is still what the plan said.
				PreConfig: func() { m.RemoveOverride(acctest.Account, "", "", false) },
				Config:    m.Config(override("pin", image(imageB))),
				Check:     m.Holds("account " + imageB),
			},
		},
	})
}
