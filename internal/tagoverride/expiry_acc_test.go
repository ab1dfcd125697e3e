package tagoverride_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

const days = 24 * time.Hour

// empty checks that a plan does nothing.
var empty = resource.ConfigPlanChecks{
	PreApply:             []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
}

// later moves the Manager's clock before a step.
func later(m *acctest.Manager, by time.Duration) func() { return func() { m.Advance(by) } }

func TestAccTagOverride_renewal(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), "valid_for_days = 90", "renew_before_days = 20"))
	m.ResetCounters()
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: later(m, 69*days), Config: config, ConfigPlanChecks: empty, Check: m.Sent(acctest.SetPath, 1)},
		resource.TestStep{
			PreConfig: later(m, 2*days),
			Config:    config,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate,
				unknownInPlan("valid_until"), knownInPlan("status", text("active")), knownInPlan("delegate_tag", text(imageA))),
			ConfigStateChecks: []statecheck.StateCheck{
				inState("valid_until", endsAfter(acctest.Start.Add(71*days), 90)),
				inState("status", text("active")),
			},
			Check: m.Sent(acctest.SetPath, 2),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: empty, Check: m.Sent(acctest.SetPath, 2)},
	)
}

// Without renew_before_days nothing is renewed; asking for it when it is due
// renews at once, and taking it back does nothing.
func TestAccTagOverride_renewalAskedForLate(t *testing.T) {
	m := acctest.NewManager(t)
	plain := m.Config(override("pin", image(imageA)))
	run(t, m, nil,
		resource.TestStep{Config: plain},
		resource.TestStep{PreConfig: later(m, 170*days), Config: plain, ConfigPlanChecks: empty},
		resource.TestStep{
			// Whether it is due, apply tells.
			PreConfig:         m.ResetCounters,
			Config:            m.Config(override("pin", image(imageA), "renew_before_days = 5")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, unknownInPlan("valid_until")),
			ConfigStateChecks: []statecheck.StateCheck{inState("status", text("active")), inState("valid_until", endsAfter(acctest.Start, 180))},
			Check:             m.Sent(acctest.SetPath, 0),
		},
		resource.TestStep{
			Config:            m.Config(override("pin", image(imageA), "renew_before_days = 30")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, unknownInPlan("valid_until")),
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start.Add(170*days), 180))},
		},
		resource.TestStep{
			// Due again by now, but not asked for any more.
			PreConfig:         later(m, 155*days),
			Config:            plain,
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, knownInPlan("status", text("active")), knownInPlan("valid_until", endsAfter(acctest.Start.Add(170*days), 180))),
			ConfigStateChecks: []statecheck.StateCheck{inState("status", text("active"))},
		},
	)
}

func TestAccTagOverride_expiredIsPlannedAgain(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), "valid_for_days = 30"))
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:         later(m, 31*days),
			Config:            config,
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate, unknownInPlan("valid_until")),
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start.Add(31*days), 30))},
			Check:             m.Holds("account " + imageA),
		},
	)
}

func TestAccTagOverride_expiredIsKept(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), "valid_for_days = 30", "recreate_after_expiry = false"))
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:         later(m, 31*days),
			Config:            config,
			ConfigPlanChecks:  empty,
			ConfigStateChecks: []statecheck.StateCheck{inState("status", text("expired")), inState("valid_until", endsAfter(acctest.Start, 30))},
			Check:             m.Holds(),
		},
		// What somebody else sets in the slot then is theirs.
		resource.TestStep{
			PreConfig: func() {
				theirs := somebodys()
				theirs.OrgID, theirs.ProjectID, theirs.Tags = "", "", nil
				m.Put(t, theirs)
			},
			Config:           config,
			ConfigPlanChecks: empty,
			Check:            m.Holds("account " + imageB),
		},
		resource.TestStep{
			PreConfig: func() { m.RemoveOverride(acctest.Account, "", "", false) },
			// Another image is a new wish.
			Config:            m.Config(override("pin", image(imageB), "valid_for_days = 30", "recreate_after_expiry = false")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, unknownInPlan("valid_until"), knownInPlan("status", text("active"))),
			ConfigStateChecks: []statecheck.StateCheck{inState("status", text("active"))},
			Check:             m.Holds("account " + imageB),
		},
		resource.TestStep{PreConfig: later(m, 31*days), RefreshState: true},
		resource.TestStep{
			// So is wanting it back.
			Config:           m.Config(override("pin", image(imageB), "valid_for_days = 30", "recreate_after_expiry = true")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, unknownInPlan("valid_until"), knownInPlan("status", text("active"))),
			Check:            m.Holds("account " + imageB),
		},
	)
}

// Less than was asked for may still be due; nothing is left to do afterwards.
func TestAccTagOverride_renewalAskedForLater(t *testing.T) {
	m := acctest.NewManager(t)
	run(t, m, nil,
		resource.TestStep{Config: m.Config(override("pin", image(imageA), "renew_before_days = 30"))},
		resource.TestStep{
			PreConfig:         later(m, 170*days),
			Config:            m.Config(override("pin", image(imageA), "renew_before_days = 20")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, unknownInPlan("valid_until")),
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start.Add(170*days), 180))},
		},
	)
}

// By default an override that has ended is planned again, but not over one that
// somebody else has set since.
func TestAccTagOverride_slotTakenAfterExpiryByDefault(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), inPayments, `tags = ["ours"]`, "valid_for_days = 30"))
	run(t, m, []string{somebodysHeld},
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   func() { m.Advance(31 * days); m.Put(t, somebodys()) },
			Config:      config,
			ExpectError: saying("Tag Override Already Exists", "{theirs}"),
		},
	)
}

// The release that counts is the one under which the override was set last.
func TestAccTagOverride_setAgainAfterARelease(t *testing.T) {
	m := acctest.NewManager(t)
	config := func(reference string) string {
		return m.Config(override("pin", image(reference), "valid_till_next_release = true"))
	}
	run(t, m, nil,
		resource.TestStep{Config: config(imageA)},
		resource.TestStep{PreConfig: func() { m.Release(acctest.Account, "24.05.83001") }, RefreshState: true},
		resource.TestStep{Config: config(imageB), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
		resource.TestStep{
			PreConfig:        func() { m.RemoveOverride(acctest.Account, "", "", false) },
			Config:           config(imageB),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		},
	)
}

// When an override has ended, what somebody else sets in its slot is theirs: it
// is neither replaced nor removed.
func TestAccTagOverride_slotTakenAfterExpiry(t *testing.T) {
	m := acctest.NewManager(t)
	config := func(arguments ...string) string {
		return m.Config(override("pin", append(arguments, inPayments, `tags = ["ours"]`, "valid_for_days = 30")...))
	}
	const kept = "recreate_after_expiry = false"
	run(t, m, []string{somebodysHeld},
		resource.TestStep{Config: config(image(imageA), kept)},
		resource.TestStep{
			PreConfig:        func() { m.Advance(31 * days); m.Put(t, somebodys()) },
			Config:           config(image(imageA), kept),
			ConfigPlanChecks: empty,
		},
		resource.TestStep{
			Config:      config(image(imageA), "recreate_after_expiry = true"),
			ExpectError: saying("Tag Override Already Exists", "{theirs}"),
		},
		resource.TestStep{
			Config:           config(image(imageA), kept),
			ConfigPlanChecks: empty,
			Check:            m.Holds(somebodysHeld),
		},
	)
}

// An override that ends with the next release is let go then.
func TestAccTagOverride_endedByRelease(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), "valid_till_next_release = true"))
	run(t, m, nil,
		resource.TestStep{
			Config:            config,
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", knownvalue.Null())},
		},
		resource.TestStep{
			PreConfig:         func() { m.Release(acctest.Account, "24.05.83001") },
			Config:            config,
			ConfigPlanChecks:  empty,
			ConfigStateChecks: []statecheck.StateCheck{inState("status", text("superseded"))},
			Check:             m.Holds(),
		},
	)
}

func TestAccTagOverride_endedByReleaseIsPlannedAgainIfAsked(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), "valid_till_next_release = true", "recreate_after_expiry = true"))
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { m.Release(acctest.Account, "24.05.83001") },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		},
	)
}

// The flag doesn't excuse a deletion by hand: no release came in between.
func TestAccTagOverride_deletedBeforeTheRelease(t *testing.T) {
	m := acctest.NewManager(t)
	config := m.Config(override("pin", image(imageA), "valid_till_next_release = true"))
	run(t, m, nil,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { m.RemoveOverride(acctest.Account, "", "", false) },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		},
	)
}

// Some Managers keep an end with the flag, and never clear the flag.
func TestAccTagOverride_flagOnALegacyManager(t *testing.T) {
	m := acctest.NewManager(t)
	behaviour := m.Behaviour()
	behaviour.TillNextRelease = "legacy"
	m.SetBehaviour(behaviour)
	run(t, m, nil,
		resource.TestStep{Config: m.Config(override("pin", image(imageA)))},
		resource.TestStep{
			Config:            m.Config(override("pin", image(imageA), "valid_till_next_release = true")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start, 180))},
		},
		resource.TestStep{
			Config:           m.Config(override("pin", image(imageA))),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            m.Holds("account " + imageA),
		},
	)
}
