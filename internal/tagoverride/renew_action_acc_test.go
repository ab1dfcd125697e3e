package tagoverride_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// renewPin renews the override of the resource "pin".
const renewPin = `
action "harnessdelegate_renew_override" "pin" {
  config {
    org_id         = harnessdelegate_tag_override.pin.org_id
    project_id     = harnessdelegate_tag_override.pin.project_id
    tags           = harnessdelegate_tag_override.pin.tags
    valid_for_days = harnessdelegate_tag_override.pin.valid_for_days
  }
}
`

// renewedWith triggers the action when the input changes, and so at first.
func renewedWith(input string) string {
	return renewPin + `
resource "terraform_data" "release" {
  input = "` + input + `"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.harnessdelegate_renew_override.pin]
    }
  }
}
`
}

// A trigger in the configuration renews; the resource has nothing to do then, and
// its state shows the new end.
func TestAccRenewOverride_trigger(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	m := acctest.NewManager(t)
	pinned := override("pin", inPayments, image(imageA), `tags = ["linux"]`, "valid_for_days = 90")
	run(t, m, nil,
		resource.TestStep{Config: m.Config(pinned, renewedWith("24.04")), Check: m.Sent(acctest.SetPath, 2)},
		resource.TestStep{
			PreConfig: later(m, 60*days),
			Config:    m.Config(pinned, renewedWith("24.05")),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(pin, plancheck.ResourceActionNoop)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: resource.ComposeAggregateTestCheckFunc(
				m.Sent(acctest.SetPath, 3),
				m.Holds("default/payments {linux} "+imageA),
			),
		},
		resource.TestStep{
			Config:            m.Config(pinned, renewedWith("24.05")),
			ConfigPlanChecks:  empty,
			ConfigStateChecks: []statecheck.StateCheck{inState("valid_until", endsAfter(acctest.Start.Add(60*days), 90))},
			Check:             m.Sent(acctest.SetPath, 3),
		},
	)
}

// From the command line it renews what nobody manages, too.
func TestAccRenewOverride_commandLine(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	t.Parallel()
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{OrgID: "default", Tags: []string{"gpu"}, Version: imageA})
	was := ends(t, m)
	m.Advance(100 * days)
	w := acctest.NewWorkspace(t, m, binary, `
action "harnessdelegate_renew_override" "gpu" {
  config {
    org_id = "default"
    tags   = ["gpu"]
  }
}
`)
	result := w.Succeed("apply", "-auto-approve", "-no-color", "-invoke=action.harnessdelegate_renew_override.gpu")
	now := ends(t, m)
	if late := now.Sub(acctest.Start.Add(280 * days)); late < 0 || late > 5*time.Minute {
		t.Errorf("it ends at %s", now)
	}
	for _, part := range []string{"{gpu}", "Renewed: valid until " + now.Format(time.RFC3339) + ", was " + was.Format(time.RFC3339)} {
		if !strings.Contains(result.Stdout, part) {
			t.Errorf("%q is not told:\n%s", part, result.Output())
		}
	}

	w.Configure(`
action "harnessdelegate_renew_override" "gpu" {
  config {
    tags = ["gpu"]
  }
}
`)
	refused := w.Terraform("apply", "-auto-approve", "-no-color", "-invoke=action.harnessdelegate_renew_override.gpu")
	if refused.ExitCode == 0 || !saying("There is no override in the tagged slot of account").MatchString(refused.Output()) {
		t.Errorf("where nothing is set, it ends with %d:\n%s", refused.ExitCode, refused.Output())
	}
}
