package tagoverride_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const renewType = "harnessdelegate_renew_override"

// renewal names the override in a slot.
func (p slot) renewal() acctest.Block {
	config := p.with(acctest.Block{})
	if len(p.tags) > 0 {
		config["tags"] = p.tags
	}
	return config
}

// ends is when the only override ends.
func ends(t *testing.T, m *acctest.Manager) time.Time {
	t.Helper()
	held := m.Overrides(acctest.Account)
	if len(held) != 1 || held[0].ValidUntil == nil {
		t.Fatalf("the Manager holds %v, want one override that ends", held)
	}
	return held[0].ValidUntil.UTC()
}

func TestRenewOverride(t *testing.T) {
	t.Parallel()
	for name, p := range everySlot {
		for _, term := range []any{nil, 30} {
			t.Run(fmt.Sprintf("%s, term %v", name, term), func(t *testing.T) {
				t.Parallel()
				m := acctest.NewManager(t)
				end := acctest.Start.Add(10 * days)
				o := p.override()
				o.ValidUntil = &end
				m.Put(t, o)
				before := m.Held()
				m.Advance(5 * days)
				m.ResetCounters()
				config, want := p.renewal(), 180*days
				if term != nil {
					config["valid_for_days"], want = term, 30*days
				}
				progress, diags := m.Wire(t).Invoke(renewType, config)
				if len(diags) > 0 {
					t.Fatalf("it says %v", diags)
				}
				if diff := cmp.Diff(before, m.Held()); diff != "" {
					t.Errorf("the Manager holds something else (-before +after):\n%s", diff)
				}
				if late := ends(t, m).Sub(acctest.Start.Add(5*days + want)); late < 0 || late > time.Minute {
					t.Errorf("it ends at %s, %s late", ends(t, m), late)
				}
				if sent := m.Counters()[acctest.SetPath]; sent != 1 {
					t.Errorf("%d writes, want 1", sent)
				}
				told := strings.Join(progress, "\n")
				for _, part := range []string{
					"The " + p.kind() + " slot of ", imageA, end.Format(time.RFC3339), "Renewed: valid until " + ends(t, m).Format(time.RFC3339),
				} {
					if !strings.Contains(told, part) {
						t.Errorf("%q is not told:\n%s", part, told)
					}
				}
			})
		}
	}
}

func TestRenewOverride_refuses(t *testing.T) {
	t.Parallel()
	soon := acctest.Start.Add(days)
	for name, test := range map[string]struct {
		held   []simulator.Override
		later  time.Duration
		before func(m *acctest.Manager)
		config acctest.Block
		says   string
		at     string
		// sent is how many writes are tried.
		sent int
	}{
		"nothing is there": {
			config: acctest.Block{"org_id": "default"},
			says:   `There is no override in the untagged slot of organization "default"`,
		},
		"only the other slot is taken": {
			held:   []simulator.Override{{Tags: []string{"linux"}, Version: imageA}},
			config: acctest.Block{},
			says:   "There is no override in the untagged slot",
		},
		"it has ended": {
			held: []simulator.Override{{Version: imageA, ValidUntil: &soon}}, later: 2 * days,
			before: func(m *acctest.Manager) { m.SetBehaviour(simulator.Behaviour{TTLLag: 1 << 62}) },
			config: acctest.Block{},
			says:   "none was set, or it has ended",
		},
		"other tags": {
			held:   []simulator.Override{{Tags: []string{"linux", "prod"}, Version: imageA}},
			config: acctest.Block{"tags": []string{"linux"}},
			says:   "holds an override with other tags than {linux}: image \"" + imageA + "\", tags {linux, prod}",
			at:     `AttributeName("tags")`,
		},
		"it ends with the next release": {
			held:   []simulator.Override{{Version: imageA, ValidTillNextRelease: true}},
			config: acctest.Block{},
			says:   "ends with the next delegate release, whatever its term",
		},
		"no such project": {
			config: acctest.Block{"org_id": "default", "project_id": "no"},
			says:   `There is no project "no"`,
			at:     `AttributeName("project_id")`,
		},
		"no permission to write": {
			held:   []simulator.Override{{Version: imageA}},
			before: func(m *acctest.Manager) { restricted(m, grant("", simulator.PermissionView)) },
			config: acctest.Block{},
			says:   "lacks the permission core_delegate_edit",
			sent:   1,
		},
		"a Manager that keeps the old end": {
			held:   []simulator.Override{{Version: imageA, ValidUntil: &soon}},
			before: func(m *acctest.Manager) { m.SetBehaviour(simulator.Behaviour{PutEffect: simulator.PutEffectIgnored}) },
			config: acctest.Block{},
			says:   "still ends at " + soon.Format(time.RFC3339),
			sent:   1,
		},
		"the account to come": {
			held:   []simulator.Override{{Version: imageA}},
			config: acctest.Block{"account_id": acctest.Unknown},
			says:   "depends on something that is not applied yet",
			at:     `AttributeName("account_id")`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			for _, o := range test.held {
				m.Put(t, o)
			}
			if test.before != nil {
				test.before(m)
			}
			m.Advance(test.later)
			held := m.Held()
			m.ResetCounters()
			progress, diags := m.Wire(t).Invoke(renewType, test.config)
			if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError || !strings.Contains(diags[0].Detail, test.says) || diags[0].At != test.at {
				t.Errorf("it says %v, want an error at %q: %s", diags, test.at, test.says)
			}
			if slices.ContainsFunc(progress, func(text string) bool { return strings.Contains(text, "Renewed") }) {
				t.Errorf("it tells of a success: %q", progress)
			}
			if diff := cmp.Diff(held, m.Held()); diff != "" {
				t.Errorf("the Manager holds something else (-before +after):\n%s", diff)
			}
			if sent := m.Counters()[acctest.SetPath]; sent != test.sent {
				t.Errorf("%d writes, want %d", sent, test.sent)
			}
		})
	}
}

// A shorter term is what was asked for, but seldom what was meant.
func TestRenewOverride_shortens(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{Version: imageA})
	was := ends(t, m)
	_, diags := m.Wire(t).Invoke(renewType, acctest.Block{"valid_for_days": 7})
	if len(diags) != 1 || diags[0].Summary != "Override Ends Earlier Than Before" || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
		!strings.Contains(diags[0].Detail, was.Format(time.RFC3339)) {
		t.Errorf("it says %v", diags)
	}
	if got := ends(t, m).Sub(acctest.Start); got.Round(days) != 7*days {
		t.Errorf("it ends after %s, want 7 days", got)
	}
}

// The resource that manages the override learns of the new end, and has nothing
// to do; and what the action did doesn't keep it from removing its override.
func TestRenewOverride_besideTheResource(t *testing.T) {
	t.Parallel()
	for name, p := range everySlot {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			w := m.Wire(t)
			config := p.config(imageA)
			planned, _, diags := w.Plan(overrideType, acctest.Object{}, config)
			quiet(t, "planning", diags)
			object, diags := w.Apply(overrideType, acctest.Object{}, planned, config)
			quiet(t, "creating", diags)
			was := object.State["valid_until"]

			m.Advance(100 * days)
			w = m.Wire(t)
			_, diags = w.Invoke(renewType, p.renewal())
			quiet(t, "renewing", diags)
			object, diags = w.Read(overrideType, object)
			quiet(t, "reading", diags)
			if now := object.State["valid_until"]; now == was || now != ends(t, m).Format(time.RFC3339) {
				t.Errorf("valid_until was %v and is %v, want %s", was, now, ends(t, m))
			}
			planned, _, diags = w.Plan(overrideType, object, config)
			quiet(t, "planning again", diags)
			if diff := cmp.Diff(object.State, planned.State); diff != "" {
				t.Errorf("the plan changes (-before +after):\n%s", diff)
			}

			// In the same run, such as by a trigger of another object.
			_, diags = w.Apply(overrideType, object, acctest.Object{Identity: object.Identity}, nil)
			quiet(t, "destroying", diags)
			if held := m.Held(); len(held) > 0 {
				t.Errorf("the Manager still holds %q", held)
			}
		})
	}
}

func TestRenewOverride_validation(t *testing.T) {
	t.Parallel()
	w := acctest.NewManager(t).Wire(t)
	for name, test := range map[string]struct {
		config acctest.Block
		at     string
	}{
		"all of it":          {acctest.Block{"account_id": acctest.Account, "org_id": "default", "project_id": "payments", "tags": []string{"linux"}, "valid_for_days": 180}, ""},
		"nothing":            {acctest.Block{}, ""},
		"values to come":     {acctest.Block{"org_id": acctest.Unknown, "tags": acctest.Unknown, "valid_for_days": acctest.Unknown}, ""},
		"a term of none":     {acctest.Block{"valid_for_days": 0}, `AttributeName("valid_for_days")`},
		"too long a term":    {acctest.Block{"valid_for_days": 181}, `AttributeName("valid_for_days")`},
		"a project alone":    {acctest.Block{"project_id": "payments"}, `AttributeName("project_id")`},
		"a name for an id":   {acctest.Block{"org_id": "My Org"}, `AttributeName("org_id")`},
		"a tag without name": {acctest.Block{"tags": []string{""}}, `AttributeName("tags")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			switch diags := w.ValidateAction(renewType, test.config); {
			case test.at == "" && len(diags) > 0:
				t.Errorf("it says %v", diags)
			case test.at != "" && (len(diags) != 1 || !strings.HasPrefix(diags[0].At, test.at)):
				t.Errorf("it says %v, want one error at %s", diags, test.at)
			}
		})
	}
}
