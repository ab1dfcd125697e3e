package tagoverride_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// somebodys is an override that was set without Terraform, in the slot with
// tags of the project "payments".
func somebodys() simulator.Override {
	return simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"theirs"}, Version: imageB}
}

const somebodysHeld = "default/payments {theirs} " + imageB

func TestAccTagOverride_occupiedSlotIsRefused(t *testing.T) {
	m := acctest.NewManager(t)
	m.Put(t, somebodys())
	config := m.Config(override("pin", inPayments, image(imageA), `tags = ["ours"]`))
	run(t, m, []string{somebodysHeld}, resource.TestStep{Config: config, ExpectError: saying(
		"Tag Override Already Exists",
		imageB, "{theirs}", "valid until 2024-11-11T12:00",
		"to = <ADDRESS>", `id = "`+acctest.Account+`/default/payments/tagged"`,
		"terraform import '<ADDRESS>' "+acctest.Account+"/default/payments/tagged",
		"module.team.harnessdelegate_tag_override.this. The import block goes into the root module.",
		"overwrite_existing = true",
	)})
	if err := m.Sent(acctest.SetPath, 0)(nil); err != nil {
		t.Error(err)
	}
}

func TestAccTagOverride_overwriteExisting(t *testing.T) {
	m := acctest.NewManager(t)
	m.Put(t, somebodys())
	m.Put(t, simulator.Override{OrgID: "default", ProjectID: "payments", Version: imageB})
	run(t, m, []string{"default/payments " + imageB},
		resource.TestStep{
			Config:           m.Config(override("pin", inPayments, image(imageA), `tags = ["ours"]`, "overwrite_existing = true")),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			// The other slot of the scope is left alone.
			Check: m.Holds("default/payments "+imageB, "default/payments {ours} "+imageA),
		},
	)
}

// An override that has ended but isn't swept yet takes no slot.
func TestAccTagOverride_expiredEntryTakesNoSlot(t *testing.T) {
	m := acctest.NewManager(t)
	behaviour := m.Behaviour()
	behaviour.TTLLag = 60e9
	m.SetBehaviour(behaviour)
	theirs := somebodys()
	ended := acctest.Start.Add(-1e9)
	theirs.ValidUntil = &ended
	m.Put(t, theirs)
	run(t, m, nil, resource.TestStep{
		Config: m.Config(override("pin", inPayments, image(imageA), `tags = ["ours"]`)),
		Check:  m.Holds("default/payments {ours} " + imageA),
	})
}

func TestAccTagOverride_twoResourcesForOneSlot(t *testing.T) {
	m := acctest.NewManager(t)
	for name, arguments := range map[string]string{"refused": "", "refused although overwriting": "overwrite_existing = true"} {
		t.Run(name, func(t *testing.T) {
			run(t, m, nil, resource.TestStep{
				Config: m.Config(
					override("one", inPayments, image(imageA), `tags = ["one"]`, arguments),
					override("two", inPayments, image(imageB), `tags = ["two"]`, arguments),
				),
				ExpectError: saying("Two Resources for One Slot"),
			})
		})
	}
}

// Both slots of many scopes at once: writes to one scope take turns, and none
// gets lost.
func TestAccTagOverride_manyScopesSideBySide(t *testing.T) {
	m := acctest.NewManager(t)
	var want []string
	for _, scope := range []string{"account", "default", "default/payments", "default/search", "platform", "platform/build"} {
		want = append(want, scope+" "+imageA, scope+" {t1,t2} "+imageA)
	}
	config := m.Config(`
locals {
  scopes = [
    [null, null], ["default", null], ["default", "payments"], ["default", "search"], ["platform", null], ["platform", "build"],
  ]
}
resource "harnessdelegate_tag_override" "all" {
  count        = 12
  org_id       = local.scopes[floor(count.index / 2)][0]
  project_id   = local.scopes[floor(count.index / 2)][1]
  tags         = count.index % 2 == 0 ? ["t1", "t2"] : null
  delegate_tag = "` + imageA + `"
}
`)
	run(t, m, nil,
		resource.TestStep{
			PreConfig: m.ResetCounters,
			Config:    config,
			Check: resource.ComposeTestCheckFunc(
				m.Holds(want...),
				m.Sent(acctest.SetPath, 12),
			),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			// A plan asks once per scope, not once per override. The test
			// framework makes three plans and a refresh of this step.
			PreConfig: m.ResetCounters,
			Config:    config,
			Check: func(*terraform.State) error {
				if lists, plans := m.Counters()[acctest.ListPath], 4; lists > plans*6 {
					return fmt.Errorf("%d list requests in %d walks over 6 scopes", lists, plans)
				}
				return nil
			},
		},
	)
}

// Two resources of one configuration for one slot are refused at plan: both to be
// created, or one there already. Each resource by itself, whatever is planned for
// it, is not.
func TestAccTagOverride_twoResourcesAtPlan(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	one, two := override("one", inPayments, image(imageA), `tags = ["one"]`), override("two", inPayments, image(imageA), `tags = ["one"]`)
	w := acctest.NewWorkspace(t, m, binary, one+two)
	refusedAtPlan := func(what string, arguments ...string) {
		t.Helper()
		result := w.Terraform(append([]string{"plan", "-no-color"}, arguments...)...)
		if result.ExitCode == 0 || !saying("Two Resources for One Slot", "only one of the two can exist").MatchString(result.Output()) {
			t.Errorf("%s:\n%s", what, result.Output())
		}
	}
	refusedAtPlan("both are new, with the same content")
	w.Configure(one)
	w.Succeed("apply", "-auto-approve", "-no-color")
	w.Configure(one + two)
	refusedAtPlan("one is there")
	refusedAtPlan("one is there, and not refreshed", "-refresh=false")
	refusedAtPlan("one is replaced in place", "-replace=harnessdelegate_tag_override.one")

	for what, arguments := range map[string][]string{
		"replaced in place":  {"-replace=harnessdelegate_tag_override.one"},
		"nothing to do":      nil,
		"without a refresh":  {"-refresh=false"},
		"destroyed":          {"-destroy"},
		"refreshed only":     {"-refresh-only"},
		"with the same plan": {"-out=kept.tfplan"},
	} {
		w.Configure(one)
		if result := w.Terraform(append([]string{"plan", "-no-color"}, arguments...)...); result.ExitCode != 0 {
			t.Errorf("%s:\n%s", what, result.Output())
		}
	}
	w.Succeed("taint", "harnessdelegate_tag_override.one")
	w.Succeed("apply", "-auto-approve", "-no-color")

	// One leaves the slot, and another one takes it over.
	w.Configure(override("one", `org_id = "default"`, image(imageA), `tags = ["one"]`) + two)
	w.Succeed("plan", "-no-color")
	w.Configure(two)
	w.Succeed("plan", "-no-color")
}
