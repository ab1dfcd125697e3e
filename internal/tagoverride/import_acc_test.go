package tagoverride_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestAccTagOverride_importEverySlot(t *testing.T) {
	for id, o := range map[string]simulator.Override{
		"untagged":                  {Version: imageA},
		"tagged":                    {Tags: []string{"linux", "prod"}, Version: imageA},
		"default/untagged":          {OrgID: "default", Version: imageA},
		"default/tagged":            {OrgID: "default", Tags: []string{"linux"}, Version: imageA},
		"default/payments/untagged": {OrgID: "default", ProjectID: "payments", Version: imageA},
		"default/payments/tagged":   {OrgID: "default", ProjectID: "payments", Tags: []string{"linux"}, Version: imageA, ValidTillNextRelease: true},
	} {
		t.Run(id, func(t *testing.T) {
			m := acctest.NewManager(t)
			m.Put(t, o)
			full := acctest.Account + "/" + id
			arguments := []string{image(imageA)}
			if o.OrgID != "" {
				arguments = append(arguments, fmt.Sprintf("org_id = %q", o.OrgID))
			}
			if o.ProjectID != "" {
				arguments = append(arguments, fmt.Sprintf("project_id = %q", o.ProjectID))
			}
			if len(o.Tags) > 0 {
				arguments = append(arguments, fmt.Sprintf("tags = %s", hclList(o.Tags)))
			}
			if o.ValidTillNextRelease {
				arguments = append(arguments, "valid_till_next_release = true")
			}
			m.ResetCounters()
			config := m.Config(override("pin", arguments...), fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", pin, full))
			run(t, m, nil,
				resource.TestStep{
					Config: config,
					ConfigPlanChecks: resource.ConfigPlanChecks{
						PreApply: []plancheck.PlanCheck{
							plancheck.ExpectResourceAction(pin, plancheck.ResourceActionNoop),
						},
						PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
					},
					ConfigStateChecks: []statecheck.StateCheck{inState("id", text(full)), inState("status", text("active"))},
					Check:             m.Sent(acctest.SetPath, 0),
				},
				resource.TestStep{ResourceName: pin, ImportState: true, ImportStateId: full, ImportStateVerify: true},
			)
		})
	}
}

func hclList(items []string) string {
	list := "["
	for _, item := range items {
		list += fmt.Sprintf("%q, ", item)
	}
	return list + "]"
}

func TestAccTagOverride_importRefusesWhatIsNotThere(t *testing.T) {
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{OrgID: "default", Tags: []string{"linux"}, Version: imageA})
	for id, words := range map[string]string{
		acctest.Account:                          `"` + acctest.Account + `" has 1 parts; the form is ACCOUNT/KIND, ACCOUNT/ORG/KIND or ACCOUNT/ORG/PROJECT/KIND`,
		acctest.Account + "/default":             `ends in "default"`,
		acctest.Account + "//tagged":             "has an empty part",
		acctest.Account + "/a/b/c/tagged":        "has 5 parts",
		acctest.Account + "/Tagged":              `ends in "Tagged"`,
		acctest.Account + "/untagged":            "Nothing is set at this scope.",
		acctest.Account + "/default/untagged":    `"` + acctest.Account + `/default/tagged": image "` + imageA + `", tags {linux}`,
		acctest.Account + "/nowhere/untagged":    `There is no organization "nowhere"`,
		acctest.Account + "/default/no/untagged": `There is no project "no"`,
	} {
		t.Run(id, func(t *testing.T) {
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config:        m.Config(override("pin", image(imageA))),
					ResourceName:  pin,
					ImportState:   true,
					ImportStateId: id,
					ExpectError:   saying(words),
				}},
			})
		})
	}
}
