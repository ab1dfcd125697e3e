package tagoverride_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestAccTagOverride_drift(t *testing.T) {
	ours := simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"linux"}, Version: imageA}
	with := func(change func(*simulator.Override)) simulator.Override {
		o := ours
		change(&o)
		return o
	}
	const held = "default/payments {linux} " + imageA
	for name, test := range map[string]struct {
		theirs simulator.Override
		// before is what the plan must show of the change, left of the arrow.
		before plancheck.PlanCheck
	}{
		"image": {
			with(func(o *simulator.Override) { o.Version = imageB }),
			before("delegate_tag", text(imageB)),
		},
		"tags": {
			with(func(o *simulator.Override) { o.Tags = []string{"windows"} }),
			before("tags", tags("windows")),
		},
		"flag": {
			with(func(o *simulator.Override) { o.ValidTillNextRelease = true }),
			before("valid_till_next_release", knownvalue.Bool(true)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := acctest.NewManager(t)
			config := m.Config(override("pin", inPayments, image(imageA), `tags = ["linux"]`))
			run(t, m, nil,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig:          func() { m.Put(t, test.theirs) },
					RefreshState:       true,
					ExpectNonEmptyPlan: true,
					RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(pin, plancheck.ResourceActionUpdate),
						test.before,
						unknownInPlan("valid_until"),
					}},
				},
				resource.TestStep{
					Config:           config,
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check:            m.Holds(held),
				},
			)
		})
	}
}

func TestAccTagOverride_deletedElsewhereIsPlannedAgain(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA)))
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { m.RemoveOverride(acctest.Account, "", "", false) },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			Check:            m.Holds("account " + imageA),
		},
	)
}

func TestAccTagOverride_renewedElsewhereIsNoChange(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA)))
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				m.Advance(10 * days)
				m.Put(t, simulator.Override{Version: imageA})
			},
			Config:            config,
			ConfigPlanChecks:  empty,
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start.Add(10*days), 180))},
		},
	)
}

// Deleting the project takes the override with it.
func TestAccTagOverride_scopeDeletedElsewhere(t *testing.T) {
	for name, answer := range map[string]simulator.UnknownScope{"400": "400", "404": "404"} {
		t.Run(name, func(t *testing.T) {
			m := acctest.NewManager(t)
			behaviour := m.Behaviour()
			behaviour.UnknownScope = answer
			m.SetBehaviour(behaviour)
			run(t, m, nil,
				resource.TestStep{Config: m.Config(override("pin", inPayments, image(imageA)))},
				resource.TestStep{
					PreConfig: func() {
						m.RemoveOverride(acctest.Account, "default", "payments", false)
						account := accountNamed(acctest.Account)
						account.Orgs = map[string][]string{"default": {"search"}}
						m.AddAccount(account)
					},
					RefreshState:       true,
					ExpectNonEmptyPlan: true,
				},
				resource.TestStep{
					Config:      m.Config(override("pin", inPayments, image(imageA))),
					ExpectError: saying(`There is no project "payments" in organization "default"`),
				},
			)
		})
	}
}
