package tagoverride_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// pin is the address of the override in most configurations here.
const pin = "harnessdelegate_tag_override.pin"

const (
	imageA = "registry.example.com/harness/delegate:24.04.82804"
	imageB = "registry.example.com:5000/harness/delegate:24.03.82600"
)

// override is a resource block with the given arguments, one per line.
func override(name string, arguments ...string) string {
	return fmt.Sprintf("resource \"harnessdelegate_tag_override\" %q {\n  %s\n}\n", name, strings.Join(arguments, "\n  "))
}

func image(reference string) string { return fmt.Sprintf("delegate_tag = %q", reference) }

const inPayments = "org_id = \"default\"\n  project_id = \"payments\""

// run drives the steps through the real Terraform CLI. In the end the Manager
// must hold nothing but what the test says is left.
func run(t *testing.T, m *acctest.Manager, left []string, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy:             m.Holds(left...),
		Steps:                    steps,
	})
}

// planned checks what the plan does with the override, and that applying it
// leaves nothing to do.
func planned(action plancheck.ResourceActionType, checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             append([]plancheck.PlanCheck{plancheck.ExpectResourceAction(pin, action)}, checks...),
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func knownInPlan(attribute string, value knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(pin, tfjsonpath.New(attribute), value)
}

func unknownInPlan(attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(pin, tfjsonpath.New(attribute))
}

// before checks the value that the plan shows as the present one.
func before(attribute string, value knownvalue.Check) plancheck.PlanCheck {
	return presentValue{attribute: attribute, value: value}
}

type presentValue struct {
	attribute string
	value     knownvalue.Check
}

// CheckPlan implements plancheck.PlanCheck.
func (p presentValue) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = fmt.Errorf("%s is not in the plan", pin)
	for _, change := range req.Plan.ResourceChanges {
		if change.Address == pin {
			present, err := tfjsonpath.Traverse(change.Change.Before, tfjsonpath.New(p.attribute))
			if err == nil {
				err = p.value.CheckValue(present)
			}
			resp.Error = err
		}
	}
}

func inState(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(pin, tfjsonpath.New(attribute), value)
}

func text(value string) knownvalue.Check { return knownvalue.StringExact(value) }

func tags(values ...string) knownvalue.Check {
	var exact []knownvalue.Check
	for _, value := range values {
		exact = append(exact, text(value))
	}
	return knownvalue.SetExact(exact)
}

// endsAfter checks valid_until to be that many days after a moment, give or
// take the time that a test takes.
func endsAfter(from time.Time, days int) knownvalue.Check {
	return knownvalue.StringFunc(func(got string) error {
		end, err := time.Parse(time.RFC3339, got)
		if err != nil {
			return err
		}
		if late := end.Sub(from.AddDate(0, 0, days)); late < -time.Second || late > 5*time.Minute {
			return fmt.Errorf("%s is not %d days after %s", got, days, from.Format(time.RFC3339))
		}
		return nil
	})
}

// saying matches output that holds each of the phrases, in their order. Terraform
// may have wrapped them over lines with its frame between them.
func saying(phrases ...string) *regexp.Regexp {
	var patterns []string
	for _, phrase := range phrases {
		var words []string
		for _, word := range strings.Fields(phrase) {
			words = append(words, regexp.QuoteMeta(word))
		}
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(strings.Join(patterns, `[\s\S]*`))
}

func accountNamed(id string) simulator.Account {
	return simulator.Account{ID: id, LatestVersion: acctest.Latest}
}

func keyFor(token, account string) simulator.Key {
	return simulator.Key{Token: token, AccountID: account, Principal: "ci-bot"}
}
