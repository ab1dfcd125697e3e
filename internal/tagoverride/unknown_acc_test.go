package tagoverride_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// lateValue is known, as terraform_data.late.output, only when it is applied.
func lateValue(value string) string {
	return "resource \"terraform_data\" \"late\" {\n  input = " + value + "\n}\n"
}

// Every argument may depend on something that isn't applied yet.
func TestAccTagOverride_unknownArguments(t *testing.T) {
	for name, test := range map[string]struct {
		late      string
		arguments []string
		held      string
		id        plancheck.PlanCheck
	}{
		"delegate_tag": {
			lateValue(`"` + imageB + `"`),
			[]string{"delegate_tag = terraform_data.late.output"},
			"account " + imageB, knownInPlan("id", text(acctest.Account+"/untagged")),
		},
		"tags": {
			lateValue(`toset(["linux"])`),
			[]string{image(imageA), "tags = terraform_data.late.output"},
			"account {linux} " + imageA, unknownInPlan("id"),
		},
		"one of the tags": {
			lateValue(`"linux"`),
			[]string{image(imageA), `tags = ["prod", terraform_data.late.output]`},
			"account {linux,prod} " + imageA, knownInPlan("id", text(acctest.Account+"/tagged")),
		},
		"tags that turn out to be none": {
			lateValue(`toset([])`),
			[]string{image(imageA), "tags = terraform_data.late.output"},
			"account " + imageA, unknownInPlan("id"),
		},
		"org_id and project_id": {
			lateValue(`{ org = "default", project = "payments" }`),
			[]string{image(imageA), "org_id = terraform_data.late.output.org", "project_id = terraform_data.late.output.project"},
			"default/payments " + imageA, unknownInPlan("id"),
		},
		"account_id": {
			lateValue(`"` + acctest.Account + `"`),
			[]string{image(imageA), "account_id = terraform_data.late.output"},
			"account " + imageA, unknownInPlan("id"),
		},
		"numbers and flags": {
			lateValue(`{ days = 30, before = 5, flag = false }`),
			[]string{
				image(imageA), "valid_for_days = terraform_data.late.output.days", "renew_before_days = terraform_data.late.output.before",
				"valid_till_next_release = terraform_data.late.output.flag", "recreate_after_expiry = terraform_data.late.output.flag",
				"overwrite_existing = terraform_data.late.output.flag",
			},
			"account " + imageA, knownInPlan("id", text(acctest.Account+"/untagged")),
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := acctest.NewManager(t)
			run(t, m, nil, resource.TestStep{
				Config:           m.Config(test.late, override("pin", test.arguments...)),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate, test.id, unknownInPlan("valid_until")),
				Check:            m.Holds(test.held),
			})
		})
	}
}

// An image that becomes unknown for a plan plans an update, and writes nothing
// if it turns out to be the same.
func TestAccTagOverride_unknownForAWhile(t *testing.T) {
	m := acctest.NewManager(t)
	config := func(trigger string) string {
		return m.Config(`resource "terraform_data" "late" {
  input            = "`+imageA+`"
  triggers_replace = "`+trigger+`"
}
`, override("pin", "delegate_tag = terraform_data.late.output"))
	}
	run(t, m, nil,
		resource.TestStep{Config: config("1")},
		resource.TestStep{
			PreConfig: m.ResetCounters,
			Config:    config("2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(pin, plancheck.ResourceActionUpdate)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: m.Sent(acctest.SetPath, 0),
		},
	)
}

// The provider's own arguments may be unknown while planning.
func TestAccTagOverride_unknownProvider(t *testing.T) {
	m := acctest.NewManager(t)
	config := func(trigger, reference string) string {
		return `
resource "terraform_data" "late" {
  input            = { endpoint = "` + m.URL + `", account = "` + acctest.Account + `", key = "` + acctest.APIKey + `" }
  triggers_replace = "` + trigger + `"
}
provider "harnessdelegate" {
  endpoint         = terraform_data.late.output.endpoint
  account_id       = terraform_data.late.output.account
  platform_api_key = terraform_data.late.output.key
}
` + override("pin", image(reference))
	}
	run(t, m, nil,
		resource.TestStep{
			Config:           config("1", imageA),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, unknownInPlan("id"), unknownInPlan("account_id")),
			Check:            m.Holds("account " + imageA),
		},
		// Unknown again: the object stays what it is, and can be changed.
		resource.TestStep{
			Config:           config("2", imageB),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, knownInPlan("id", text(acctest.Account+"/untagged"))),
			Check:            m.Holds("account " + imageB),
		},
		resource.TestStep{
			Config: config("3", imageB),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(pin, plancheck.ResourceActionNoop),
			}},
		},
	)
}
