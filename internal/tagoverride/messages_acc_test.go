package tagoverride_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// warned lists what a run warned of, as a user sees it.
func warned(result tfcli.Result) []string {
	var summaries []string
	for _, d := range result.Diagnostics() {
		if d.Severity == "warning" {
			summaries = append(summaries, d.Summary)
		}
	}
	slices.Sort(summaries)
	return summaries
}

// Warnings show in the plan, each once, when the override is going to be
// written, and not again when there is nothing to do.
func TestAccTagOverride_warningsShowOnceWhenItChanges(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{OrgID: "default", Tags: []string{"theirs"}, Version: imageA})
	config := override("old", `delegate_tag = "registry.example.com/delegate:23.08.80000"`, inPayments) +
		override("comma", `delegate_tag = "registry.example.com/delegate:24.04.82804"`, inPayments, `tags = ["one,two"]`) +
		override("bare", `delegate_tag = "24.04.82804"`, `org_id = "platform"`, `tags = ["two"]`) +
		override("taken", `delegate_tag = "registry.example.com/delegate:latest"`, `org_id = "default"`, `tags = ["ours"]`)
	w := acctest.NewWorkspace(t, m, binary, config)
	want := []string{
		"Delegate Version Past End of Life",                 // old; it downgrades nobody, since no delegate is there
		"Unlikely Delegate Tag", "Image Without Repository", // comma, bare
		"Slot Is Taken", "Image Not Pinned", // taken
	}
	// Images of April are supported until October; the term ends in November.
	slices.Sort(want)
	if diff := cmp.Diff(want, warned(w.Succeed("plan", "-json"))); diff != "" {
		t.Error(diff)
	}

	w.Configure(override("old", `delegate_tag = "registry.example.com/delegate:23.08.80000"`, inPayments))
	w.Succeed("apply", "-auto-approve", "-no-color")
	if got := warned(w.Succeed("plan", "-json")); len(got) != 0 {
		t.Errorf("an empty plan warns of %q", got)
	}
	if got := warned(w.Succeed("plan", "-destroy", "-json")); len(got) != 0 {
		t.Errorf("a plan to destroy warns of %q", got)
	}
}

// The user is told why an override isn't there any more, and told once.
func TestAccTagOverride_endingsAreTold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		arguments []string
		happens   func(*acctest.Manager)
		want      string
		changes   bool
	}{
		{"expired", nil, func(m *acctest.Manager) { m.Advance(181 * days) }, "Tag Override Expired", true},
		{"expired and kept", []string{"recreate_after_expiry = false"}, func(m *acctest.Manager) { m.Advance(181 * days) }, "Tag Override Expired", false},
		{"released", []string{"valid_till_next_release = true"}, func(m *acctest.Manager) { m.Release(acctest.Account, "24.05.83001") }, "Tag Override Ended by a Release", false},
		{"deleted", nil, func(m *acctest.Manager) { m.RemoveOverride(acctest.Account, "", "", false) }, "Tag Override Deleted Elsewhere", true},
		{
			"gone with its project",
			[]string{inPayments},
			func(m *acctest.Manager) { m.AddAccount(accountNamed(acctest.Account)) }, "Scope of a Tag Override Is Gone", true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			w := acctest.NewWorkspace(t, m, binary, override("pin", append(test.arguments, image(imageA))...))
			w.Succeed("apply", "-auto-approve", "-no-color")
			test.happens(m)
			plan := w.Terraform("plan", "-json", "-detailed-exitcode")
			if changes := plan.ExitCode == 2; changes != test.changes {
				t.Errorf("exit code %d, want changes: %t\n%s", plan.ExitCode, test.changes, plan.Output())
			}
			// On a creation the old image draws warnings of its own.
			if got := warned(plan); !slices.Contains(got, test.want) {
				t.Errorf("the plan warns of %q, want %q", got, test.want)
			}
			if !test.changes {
				w.Succeed("apply", "-refresh-only", "-auto-approve", "-no-color")
				if got := warned(w.Succeed("plan", "-json")); len(got) != 0 {
					t.Errorf("it is told again: %q", got)
				}
			}
		})
	}
}

// Warnings never make a plan fail or wait, even when nothing can be looked up.
func TestAccTagOverride_planWithoutAManager(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.Inject(simulator.Fault{Kind: simulator.FaultResetBefore})
	config := ""
	for i := range 30 {
		config += override(fmt.Sprintf("pin%d", i), fmt.Sprintf(`org_id = "org%d"`, i), image(imageA))
	}
	w := acctest.NewWorkspace(t, m, binary, config)
	w.Succeed("plan", "-no-color")
	// Ten resources are planned side by side; the first failure stops the rest.
	if sent := m.Counters()[simulator.CounterTotal]; sent > 10*5 {
		t.Errorf("%d requests were sent for warnings alone", sent)
	}
}

// A key that may not look at parents or versions can still plan and apply.
func TestAccTagOverride_narrowKey(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.AddKey(simulator.Key{Token: "pat.narrow", AccountID: acctest.Account, Grants: []simulator.Grant{{
		OrgID: "default", ProjectID: "payments", Permissions: []string{simulator.PermissionView, simulator.PermissionEdit},
	}}})
	w := acctest.NewWorkspace(t, m, binary, override("pin", inPayments, image(imageA)))
	w.Env = append(w.Env, "HARNESS_PLATFORM_API_KEY=pat.narrow")
	w.Succeed("apply", "-auto-approve", "-no-color")
	if err := m.Holds("default/payments " + imageA)(nil); err != nil {
		t.Error(err)
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
}

// Creating before destroying in one and the same slot: the new object takes
// the slot over, and the old one's end must not remove it.
func TestAccTagOverride_replacedInItsOwnSlot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		arguments []string
		fails     bool
	}{
		"destroy first":                         {nil, false},
		"create first, overwriting":             {[]string{"overwrite_existing = true", "lifecycle {\n    create_before_destroy = true\n  }"}, false},
		"create first, without being told that": {[]string{"lifecycle {\n    create_before_destroy = true\n  }"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			w := acctest.NewWorkspace(t, m, binary, override("pin", append(test.arguments, image(imageA))...))
			w.Succeed("apply", "-auto-approve", "-no-color")
			result := w.Terraform("apply", "-auto-approve", "-no-color", "-replace="+pin)
			if failed := result.ExitCode != 0; failed != test.fails {
				t.Errorf("exit code %d:\n%s", result.ExitCode, result.Output())
			}
			if err := m.Holds("account " + imageA)(nil); err != nil {
				t.Error(err)
			}
			if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
				t.Errorf("the plan after it is not empty:\n%s", again.Output())
			}
		})
	}
}

// A plan is kept for some days before it is applied, and in the meantime the
// renewal that it asks for has become due.
func TestAccTagOverride_savedPlan(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := acctest.NewWorkspace(t, m, binary, override("pin", image(imageA)))
	w.Succeed("apply", "-auto-approve", "-no-color")
	m.Advance(149 * days)
	w.Configure(override("pin", image(imageA), "renew_before_days = 30"))
	w.Succeed("plan", "-out=kept.tfplan", "-no-color")
	m.Advance(2 * days)
	m.ResetCounters()
	w.Succeed("apply", "-no-color", "kept.tfplan")
	if err := m.Sent(acctest.SetPath, 1)(nil); err != nil {
		t.Error(err)
	}
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
}

// A tainted override is replaced in its slot, and not warned of as somebody
// else's.
func TestAccTagOverride_tainted(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := acctest.NewWorkspace(t, m, binary, override("pin", image(imageA)))
	w.Succeed("apply", "-auto-approve", "-no-color")
	w.Succeed("taint", pin)
	if got := warned(w.Succeed("plan", "-json")); slices.Contains(got, "Slot Is Taken") {
		t.Errorf("the plan warns of %q", got)
	}
	w.Succeed("apply", "-auto-approve", "-no-color")
	if err := m.Holds("account " + imageA)(nil); err != nil {
		t.Error(err)
	}
}

// What somebody else has set since ours ended is not ours to replace unseen:
// the plan says that it is there, and what becomes of it.
func TestAccTagOverride_takenSinceItEnded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after []string
		want          string
	}{
		"planned again":              {nil, nil, "Slot Is Taken"},
		"planned again, overwriting": {[]string{"overwrite_existing = true"}, []string{"overwrite_existing = true"}, "Existing Override Will Be Replaced"},
		"kept, then wanted again": {
			[]string{"recreate_after_expiry = false", "overwrite_existing = true"},
			[]string{"recreate_after_expiry = true", "overwrite_existing = true"},
			"Existing Override Will Be Replaced",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			w := acctest.NewWorkspace(t, m, binary, override("pin", append(test.before, inPayments, `tags = ["ours"]`, image(imageA))...))
			w.Succeed("apply", "-auto-approve", "-no-color")
			m.Advance(181 * days)
			m.Put(t, somebodys())
			w.Configure(override("pin", append(test.after, inPayments, `tags = ["ours"]`, image(imageA))...))
			if got := warned(w.Succeed("plan", "-json")); !slices.Contains(got, test.want) {
				t.Errorf("the plan warns of %q, want %q", got, test.want)
			}
		})
	}
}

// Whether an override that has ended is wanted again may depend on what isn't
// known yet.
func TestAccTagOverride_endedAndUndecided(t *testing.T) {
	t.Parallel()
	const late = `
resource "terraform_data" "late" {
  input            = { image = "` + imageA + `", again = %t }
  triggers_replace = %q
}
`
	for name, test := range map[string]struct {
		argument string
		again    bool
		held     []string
	}{
		"the image, which stays":           {"delegate_tag = terraform_data.late.output.image\n  recreate_after_expiry = false", false, nil},
		"recreate_after_expiry, being no":  {image(imageA) + "\n  recreate_after_expiry = terraform_data.late.output.again", false, nil},
		"recreate_after_expiry, being yes": {image(imageA) + "\n  recreate_after_expiry = terraform_data.late.output.again", true, []string{"account " + imageA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			w := acctest.NewWorkspace(t, m, binary, fmt.Sprintf(late, false, "1")+override("pin", test.argument))
			w.Succeed("apply", "-auto-approve", "-no-color")
			m.Advance(181 * days)
			w.Succeed("apply", "-refresh-only", "-auto-approve", "-no-color")
			w.Configure(fmt.Sprintf(late, test.again, "2") + override("pin", test.argument))
			w.Succeed("apply", "-auto-approve", "-no-color")
			if err := m.Holds(test.held...)(nil); err != nil {
				t.Error(err)
			}
			if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
				t.Errorf("the plan after it is not empty:\n%s", again.Output())
			}
		})
	}
}

// A configuration generated for an import plans empty.
func TestAccTagOverride_generatedConfiguration(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.Advance(-30 * 24 * time.Hour)
	m.Put(t, simulator.Override{Version: imageA})
	m.Put(t, simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"linux", "prod"}, Version: imageB})
	m.Advance(30 * 24 * time.Hour)
	m.ResetCounters()
	w := acctest.NewWorkspace(t, m, binary, fmt.Sprintf(`
import {
  to = harnessdelegate_tag_override.all
  id = "%[1]s/untagged"
}
import {
  to = harnessdelegate_tag_override.some
  id = "%[1]s/default/payments/tagged"
}
`, acctest.Account))
	w.Succeed("plan", "-generate-config-out=generated.tf", "-no-color")
	if result := w.Succeed("apply", "-auto-approve", "-no-color"); !saying("2 imported, 0 added, 0 changed, 0 destroyed").MatchString(result.Stdout) {
		t.Error(result.Stdout)
	}
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	if err := m.Sent(acctest.SetPath, 0)(nil); err != nil {
		t.Error(err)
	}
}
