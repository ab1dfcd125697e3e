package tagoverride_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// arguments are those of a resource block for the slot.
func (p slot) arguments() []string {
	arguments := []string{image(imageA)}
	if len(p.tags) > 0 {
		arguments = append(arguments, "tags = "+hclList(p.tags))
	}
	for name, value := range p.with(acctest.Block{}) {
		arguments = append(arguments, fmt.Sprintf("%s = %q", name, value))
	}
	return arguments
}

func TestAccTagOverride_importByIdentity(t *testing.T) {
	acctest.Need(t, acctest.ImportByIdentity)
	for name, p := range everySlot {
		t.Run(name, func(t *testing.T) {
			m := acctest.NewManager(t)
			m.Put(t, p.override())
			m.ResetCounters()
			parts, kept := []string{}, map[string]knownvalue.Check{"org_id": knownvalue.Null(), "project_id": knownvalue.Null()}
			for name, value := range p.identity() {
				parts = append(parts, fmt.Sprintf("%s = %q", name, value))
				kept[name] = text(fmt.Sprint(value))
			}
			block := fmt.Sprintf("import {\n  to = %s\n  identity = {\n    %s\n  }\n}\n", pin, strings.Join(parts, "\n    "))
			run(t, m, nil,
				resource.TestStep{
					Config: m.Config(override("pin", p.arguments()...), block),
					ConfigPlanChecks: resource.ConfigPlanChecks{
						PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(pin, plancheck.ResourceActionNoop)},
						PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
					},
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(pin, kept), inState("id", text(p.id()))},
					Check:             m.Sent(acctest.SetPath, 0),
				},
			)
		})
	}
}

// A state that was written before there were identities is refreshed, planned,
// changed and destroyed as ever, by any version of Terraform.
func TestAccTagOverride_stateWithoutIdentity(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := acctest.NewWorkspace(t, m, binary, override("pin", inPayments, image(imageA)))
	w.Succeed("apply", "-auto-approve")
	forgetIdentities(t, filepath.Join(w.Dir, "terraform.tfstate"))
	w.Succeed("plan", "-detailed-exitcode")
	w.Succeed("plan", "-detailed-exitcode", "-refresh=false")

	w.Configure(override("pin", inPayments, image(imageB)))
	forgetIdentities(t, filepath.Join(w.Dir, "terraform.tfstate"))
	w.Succeed("apply", "-auto-approve", "-refresh=false")
	w.Succeed("plan", "-detailed-exitcode")

	forgetIdentities(t, filepath.Join(w.Dir, "terraform.tfstate"))
	w.Succeed("destroy", "-auto-approve", "-refresh=false")
	if held := m.Held(); len(held) > 0 {
		t.Errorf("the Manager still holds %q", held)
	}
}

// Somebody removed an override that a state without identity knows.
func TestAccTagOverride_disappearsFromStateWithoutIdentity(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := acctest.NewWorkspace(t, m, binary, override("pin", inPayments, image(imageA)))
	w.Succeed("apply", "-auto-approve")
	forgetIdentities(t, filepath.Join(w.Dir, "terraform.tfstate"))
	m.Advance(181 * days)
	if result := w.Terraform("plan", "-detailed-exitcode", "-no-color"); result.ExitCode != 2 || !strings.Contains(result.Stdout, "Tag Override Expired") {
		t.Errorf("plan ends with %d, want changes:\n%s", result.ExitCode, result.Output())
	}
	w.Succeed("apply", "-auto-approve")
	w.Succeed("plan", "-detailed-exitcode")
}

// forgetIdentities makes of a state file one from before there were identities.
func forgetIdentities(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(content, &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) { //nolint:forcetypeassert // the form of a state file
		for _, i := range r.(map[string]any)["instances"].([]any) { //nolint:forcetypeassert // the form of a state file
			delete(i.(map[string]any), "identity")                //nolint:forcetypeassert // the form of a state file
			delete(i.(map[string]any), "identity_schema_version") //nolint:forcetypeassert // the form of a state file
		}
	}
	content, err = json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
