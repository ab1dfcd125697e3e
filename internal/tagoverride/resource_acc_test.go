package tagoverride_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

func TestAccTagOverride_basic(t *testing.T) {
	m := acctest.NewManager(t)
	run(t, m, nil,
		resource.TestStep{
			Config: m.Config(override("pin", image(imageA))),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate,
				knownInPlan("id", text(acctest.Account+"/untagged")),
				knownInPlan("account_id", text(acctest.Account)),
				knownInPlan("status", text("active")),
				knownInPlan("valid_for_days", knownvalue.Int64Exact(180)),
				knownInPlan("valid_till_next_release", knownvalue.Bool(false)),
				unknownInPlan("valid_until"),
			),
			ConfigStateChecks: []statecheck.StateCheck{
				inState("id", text(acctest.Account+"/untagged")),
				inState("account_id", text(acctest.Account)),
				inState("org_id", knownvalue.Null()),
				inState("project_id", knownvalue.Null()),
				inState("tags", knownvalue.Null()),
				inState("delegate_tag", text(imageA)),
				inState("valid_for_days", knownvalue.Int64Exact(180)),
				inState("valid_till_next_release", knownvalue.Bool(false)),
				inState("renew_before_days", knownvalue.Null()),
				inState("recreate_after_expiry", knownvalue.Null()),
				inState("overwrite_existing", knownvalue.Bool(false)),
				inState("valid_until", endsAfter(acctest.Start, 180)),
				inState("status", text("active")),
			},
			Check: m.Holds("account " + imageA),
		},
		resource.TestStep{ResourceName: pin, ImportState: true, ImportStateVerify: true},
	)
}

func TestAccTagOverride_changesInPlace(t *testing.T) {
	m := acctest.NewManager(t)
	sameID := statecheck.CompareValue(compare.ValuesSame())
	step := func(held string, plan resource.ConfigPlanChecks, arguments ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig:         m.ResetCounters,
			Config:            m.Config(override("pin", append([]string{inPayments}, arguments...)...)),
			ConfigPlanChecks:  plan,
			ConfigStateChecks: []statecheck.StateCheck{sameID.AddStateValue(pin, tfjsonpath.New("id"))},
			Check:             m.Holds(held),
		}
	}
	updated := planned(plancheck.ResourceActionUpdate,
		unknownInPlan("valid_until"), knownInPlan("id", text(acctest.Account+"/default/payments/tagged")))
	shorter := step("default/payments {prod} "+imageB, updated, image(imageB), `tags = ["prod"]`, "valid_for_days = 30")
	shorter.ConfigStateChecks = append(shorter.ConfigStateChecks, inState("valid_until", endsAfter(acctest.Start, 30)))
	run(t, m, nil,
		step("default/payments {linux} "+imageA, planned(plancheck.ResourceActionCreate), image(imageA), `tags = ["linux"]`),
		step("default/payments {linux} "+imageB, updated, image(imageB), `tags = ["linux"]`),
		// Other tags stay in the slot with tags.
		step("default/payments {linux,prod} "+imageB, updated, image(imageB), `tags = ["prod", "linux"]`),
		step("default/payments {prod} "+imageB, updated, image(imageB), `tags = ["prod"]`),
		shorter,
		step("default/payments {prod} "+imageB+" till-next-release", updated, image(imageB), `tags = ["prod"]`, "valid_for_days = 30", "valid_till_next_release = true"),
		step("default/payments {prod} "+imageB, updated, image(imageB), `tags = ["prod"]`, "valid_for_days = 30", "valid_till_next_release = false"),
	)
}

// What only the provider looks at changes the state and nothing else: no write,
// so that the term doesn't begin again.
func TestAccTagOverride_changesOfBehaviourWriteNothing(t *testing.T) {
	m := acctest.NewManager(t)
	behaviour := func(arguments ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig: m.ResetCounters,
			Config:    m.Config(override("pin", append(arguments, image(imageA))...)),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate,
				knownInPlan("valid_until", endsAfter(acctest.Start, 180))),
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start, 180))},
			Check:             m.Sent(acctest.SetPath, 0),
		}
	}
	// A renewal may be due at once: that is for apply to find out.
	renewing := behaviour("renew_before_days = 20")
	renewing.ConfigPlanChecks = planned(plancheck.ResourceActionUpdate, unknownInPlan("valid_until"))
	run(t, m, nil,
		resource.TestStep{Config: m.Config(override("pin", image(imageA)))},
		renewing,
		behaviour("renew_before_days = 10"),
		behaviour("recreate_after_expiry = false"),
		behaviour("overwrite_existing = true"),
		behaviour("timeouts {\n create = \"1m\"\n read = \"1m\"\n update = \"1m\"\n delete = \"1m\"\n}"),
	)
}

func TestAccTagOverride_anotherSlotReplaces(t *testing.T) {
	m := acctest.NewManager(t)
	otherID := statecheck.CompareValue(compare.ValuesDiffer())
	step := func(action plancheck.ResourceActionType, held string, arguments ...string) resource.TestStep {
		return resource.TestStep{
			Config:            m.Config(override("pin", append(arguments, image(imageA))...)),
			ConfigPlanChecks:  planned(action),
			ConfigStateChecks: []statecheck.StateCheck{otherID.AddStateValue(pin, tfjsonpath.New("id"))},
			Check:             m.Holds(held),
		}
	}
	const replace = plancheck.ResourceActionReplace
	run(t, m, nil,
		step(plancheck.ResourceActionCreate, "account "+imageA),
		step(replace, "account {linux} "+imageA, `tags = ["linux"]`),
		step(replace, "account "+imageA),
		step(replace, "default "+imageA, `org_id = "default"`),
		step(replace, "default/payments "+imageA, `org_id = "default"`, `project_id = "payments"`),
		step(replace, "default/search "+imageA, `org_id = "default"`, `project_id = "search"`),
		step(replace, "default/search {t1} "+imageA, `org_id = "default"`, `project_id = "search"`, `tags = ["t1"]`),
		step(replace, "platform/build {t1} "+imageA, `org_id = "platform"`, `project_id = "build"`, `tags = ["t1"]`),
	)
}

// A slot of its own can be made before the old one goes: delegates never see
// neither.
func TestAccTagOverride_createBeforeDestroyAcrossSlots(t *testing.T) {
	m := acctest.NewManager(t)
	const lifecycle = "lifecycle {\n    create_before_destroy = true\n  }"
	run(t, m, nil,
		resource.TestStep{Config: m.Config(override("pin", image(imageA), lifecycle))},
		resource.TestStep{
			Config:           m.Config(override("pin", image(imageA), `tags = ["linux"]`, lifecycle)),
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
			Check:            m.Holds("account {linux} " + imageA),
		},
	)
}

// An empty set means the same as none: going from one to the other is a change
// of the state alone.
func TestAccTagOverride_emptyTags(t *testing.T) {
	m := acctest.NewManager(t)
	step := func(action plancheck.ResourceActionType, writes int, arguments ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig:         m.ResetCounters,
			Config:            m.Config(override("pin", append(arguments, image(imageA))...)),
			ConfigPlanChecks:  planned(action),
			ConfigStateChecks: []statecheck.StateCheck{inState("id", text(acctest.Account+"/untagged"))},
			Check:             resource.ComposeTestCheckFunc(m.Holds("account "+imageA), m.Sent(acctest.SetPath, writes)),
		}
	}
	run(t, m, nil,
		step(plancheck.ResourceActionCreate, 1, "tags = []"),
		step(plancheck.ResourceActionUpdate, 0),
		step(plancheck.ResourceActionUpdate, 0, "tags = []"),
	)
}

// The account may come from the resource, the provider block or the
// environment; another one of them is another object.
func TestAccTagOverride_account(t *testing.T) {
	m := acctest.NewManager(t)
	second := "second_account_00000000"
	m.AddAccount(accountNamed(second))
	m.AddKey(keyFor("pat.second", second))
	provider := func(account, key string) string {
		return `provider "harnessdelegate" {
  endpoint         = "` + m.URL + `/gateway/"
  account_id       = ` + account + `
  platform_api_key = "` + key + `"
}
`
	}
	t.Setenv("HARNESS_ACCOUNT_ID", acctest.Account)
	run(t, m, nil,
		resource.TestStep{
			Config:            provider("null", acctest.APIKey) + override("pin", image(imageA)),
			ConfigStateChecks: []statecheck.StateCheck{inState("account_id", text(acctest.Account))},
			Check:             m.Holds("account " + imageA),
		},
		// Naming the same account is no change.
		resource.TestStep{
			Config:           provider("null", acctest.APIKey) + override("pin", image(imageA), `account_id = "`+acctest.Account+`"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: provider(`"`+second+`"`, "pat.second") + override("pin", image(imageA))},
			{
				// Another account in the provider block is another object.
				Config:             provider(`"`+acctest.Account+`"`, "pat.second") + override("pin", image(imageA)),
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(pin, plancheck.ResourceActionReplace),
				}},
			},
			{
				Config:           provider(`"`+second+`"`, "pat.second") + override("pin", image(imageA)),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
		},
	})
}

// A new name with a moved block is no change to the Manager.
func TestAccTagOverride_renamed(t *testing.T) {
	m := acctest.NewManager(t)
	const renamed = "harnessdelegate_tag_override.renamed"
	run(t, m, nil,
		resource.TestStep{Config: m.Config(override("pin", image(imageA)))},
		resource.TestStep{
			PreConfig: m.ResetCounters,
			Config:    m.Config(override("renamed", image(imageA)), "moved {\n  from = "+pin+"\n  to   = "+renamed+"\n}\n"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(renamed, plancheck.ResourceActionNoop),
			}},
			Check: resource.ComposeTestCheckFunc(m.Holds("account "+imageA), m.Sent(acctest.SetPath, 0), m.Sent(acctest.DeletePath, 0)),
		},
	)
}
