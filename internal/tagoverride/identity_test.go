package tagoverride_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const overrideType = "harnessdelegate_tag_override"

// slot is where these tests have an override.
type slot struct {
	org, project string
	tags         []string
}

var everySlot = map[string]slot{
	"account, untagged":      {},
	"account, tagged":        {tags: []string{"linux"}},
	"organization, untagged": {org: "default"},
	"organization, tagged":   {org: "default", tags: []string{"linux"}},
	"project, untagged":      {org: "default", project: "payments"},
	"project, tagged":        {org: "default", project: "payments", tags: []string{"linux", "prod"}},
}

func (p slot) kind() string {
	if len(p.tags) > 0 {
		return "tagged"
	}
	return "untagged"
}

// with adds where the slot is to a block. What is empty is left out.
func (p slot) with(block acctest.Block) acctest.Block {
	if p.org != "" {
		block["org_id"] = p.org
	}
	if p.project != "" {
		block["project_id"] = p.project
	}
	return block
}

func (p slot) identity() acctest.Block {
	return p.with(acctest.Block{"account_id": acctest.Account, "kind": p.kind()})
}

func (p slot) id() string {
	parts := []string{acctest.Account, p.org, p.project, p.kind()}
	return strings.Join(strings.FieldsFunc(strings.Join(parts, "/"), func(r rune) bool { return r == '/' }), "/")
}

func (p slot) config(image string) acctest.Block {
	config := p.with(acctest.Block{"delegate_tag": image})
	if len(p.tags) > 0 {
		config["tags"] = p.tags
	}
	return config
}

func (p slot) override() simulator.Override {
	return simulator.Override{OrgID: p.org, ProjectID: p.project, Tags: p.tags, Version: imageA}
}

// quiet fails the test on errors.
func quiet(t *testing.T, what string, diags []acctest.Said) {
	t.Helper()
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%s: %s: %s", what, d.Summary, d.Detail)
		}
	}
}

// The identity is the slot, from creation to destruction, whether Terraform keeps
// it (1.12 and later, as OpenTofu) or forgets it after each call (before).
func TestIdentity_throughAllOperations(t *testing.T) {
	t.Parallel()
	for name, p := range everySlot {
		for _, keeps := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, kept %t", name, keeps), func(t *testing.T) {
				t.Parallel()
				m := acctest.NewManager(t)
				w := m.Wire(t)
				check := func(what string, object acctest.Object, diags []acctest.Said) acctest.Object {
					t.Helper()
					quiet(t, what, diags)
					if diff := cmp.Diff(p.identity(), object.Identity); diff != "" {
						t.Errorf("%s: identity (-want +got):\n%s", what, diff)
					}
					if !keeps {
						object.Identity = nil
					}
					return object
				}
				change := func(what string, object acctest.Object, config acctest.Block) acctest.Object {
					t.Helper()
					w = m.Wire(t) // Terraform starts the provider anew for each plan
					planned, replaces, diags := w.Plan(overrideType, object, config)
					quiet(t, "planning to "+what, diags)
					if replaces {
						t.Errorf("planning to %s replaces", what)
					}
					changed, diags := w.Apply(overrideType, object, planned, config)
					return check(what, changed, diags)
				}
				read := func(what string, object acctest.Object) acctest.Object {
					t.Helper()
					found, diags := w.Read(overrideType, object)
					return check(what, found, diags)
				}

				object := read("reading", change("create", acctest.Object{}, p.config(imageA)))
				object = change("update", object, p.config(imageB))
				longer := p.config(imageB)
				longer["recreate_after_expiry"] = false
				object = change("change only the state", object, longer)

				m.Advance(181 * days)
				w = m.Wire(t)
				ended := read("reading what has ended", object)
				if ended.State["status"] != "expired" {
					t.Errorf("status is %v, want expired", ended.State["status"])
				}
				ended.State["recreate_after_expiry"] = true
				ended.State["status"] = "active"
				if gone := read("reading what is gone", ended); gone.State != nil {
					t.Errorf("it is still there: %v", gone.State)
				}

				destroyed, diags := w.Apply(overrideType, object, acctest.Object{Identity: object.Identity}, nil)
				quiet(t, "destroying", diags)
				if destroyed.State != nil || len(destroyed.Identity) > 0 {
					t.Errorf("destroying leaves %v", destroyed)
				}
			})
		}
	}
}

// Whatever Read meets, there is an identity, or an error of the provider's own.
func TestIdentity_whateverReadMeets(t *testing.T) {
	t.Parallel()
	p := everySlot["project, tagged"]
	for name, test := range map[string]struct {
		before   func(m *acctest.Manager)
		settings acctest.Block
		fails    string
	}{
		"nothing is set":      {before: func(*acctest.Manager) {}},
		"the project is gone": {before: func(m *acctest.Manager) { m.AddAccount(accountNamed(acctest.Account)) }},
		"settings to come":    {before: func(*acctest.Manager) {}, settings: acctest.Block{"endpoint": acctest.Unknown, "account_id": acctest.Account, "platform_api_key": acctest.APIKey}},
		"the Manager is faulty": {
			before: func(m *acctest.Manager) { m.Inject(simulator.Fault{Kind: simulator.FaultExpiredKey}) },
			fails:  "Unable to Read Tag Override",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			test.before(m)
			w := m.Wire(t)
			if test.settings != nil {
				w = m.WireWith(t, test.settings)
			}
			state := p.config(imageA)
			state["id"], state["account_id"], state["status"] = p.id(), acctest.Account, "active"
			object, diags := w.Read(overrideType, acctest.Object{State: state})
			if test.fails != "" {
				if len(diags) != 1 || diags[0].Summary != test.fails {
					t.Errorf("diagnostics: %v, want %q alone", diags, test.fails)
				}
				return
			}
			quiet(t, name, diags)
			if diff := cmp.Diff(p.identity(), object.Identity); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

// Import by identity gives what import by id gives, and the refresh that follows
// finds nothing to add.
func TestIdentity_import(t *testing.T) {
	t.Parallel()
	for name, p := range everySlot {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			m.Put(t, p.override())
			w := m.Wire(t)
			byID, diags := w.ImportByID(overrideType, p.id())
			quiet(t, "import by id", diags)
			if diff := cmp.Diff(p.identity(), byID.Identity); diff != "" {
				t.Errorf("identity after import by id (-want +got):\n%s", diff)
			}
			brief := p.identity()
			delete(brief, "account_id") // the provider's
			for what, identity := range map[string]acctest.Block{"whole": p.identity(), "without the account": brief} {
				byIdentity, diags := w.ImportByIdentity(overrideType, identity)
				quiet(t, what, diags)
				read, diags := w.Read(overrideType, byIdentity)
				quiet(t, what, diags)
				for _, got := range []acctest.Object{byIdentity, read} {
					if diff := cmp.Diff(byID.State, got.State); diff != "" {
						t.Errorf("%s: state (-by id +by identity):\n%s", what, diff)
					}
					if diff := cmp.Diff(p.identity(), got.Identity); diff != "" {
						t.Errorf("%s: identity (-want +got):\n%s", what, diff)
					}
				}
			}
		})
	}
}

func TestIdentity_importRefuses(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{OrgID: "default", Tags: []string{"linux"}, Version: imageA})
	noAccount := acctest.Block{"endpoint": m.URL, "platform_api_key": acctest.APIKey, "account_id": ""}
	for name, test := range map[string]struct {
		identity acctest.Block
		settings acctest.Block
		says     string
	}{
		"an unknown kind":         {identity: acctest.Block{"kind": "Tagged"}, says: `kind is "Tagged"; it is either "tagged" or "untagged"`},
		"a project alone":         {identity: acctest.Block{"kind": "tagged", "project_id": "payments"}, says: `project "payments" is given without its organization`},
		"a name for an id":        {identity: acctest.Block{"kind": "tagged", "org_id": "My Org"}, says: `"My Org" is not a Harness identifier`},
		"an empty slot":           {identity: acctest.Block{"kind": "untagged", "org_id": "default"}, says: "What is set at this scope: \"" + acctest.Account + "/default/tagged\""},
		"an unknown project":      {identity: acctest.Block{"kind": "tagged", "org_id": "default", "project_id": "no"}, says: `There is no project "no"`},
		"no account anywhere":     {identity: acctest.Block{"kind": "tagged"}, settings: noAccount, says: `Set "account_id" here or in the provider block`},
		"somebody else's account": {identity: acctest.Block{"kind": "tagged", "account_id": "other"}, says: "other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := m.Wire(t)
			if test.settings != nil {
				w = m.WireWith(t, test.settings)
			}
			object, diags := w.ImportByIdentity(overrideType, test.identity)
			if object.State != nil || len(diags) != 1 || !strings.Contains(diags[0].Detail, test.says) {
				t.Errorf("imports %v, says %v, want it to say %s", object.State, diags, test.says)
			}
		})
	}
}

// Another slot is another object: the plan replaces, and the new one has an
// identity of its own.
func TestIdentity_ofAnotherSlot(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := m.Wire(t)
	from, to := everySlot["project, untagged"], everySlot["project, tagged"]
	create := func(p slot) acctest.Object {
		t.Helper()
		w = m.Wire(t) // Terraform starts the provider anew for each plan
		planned, _, diags := w.Plan(overrideType, acctest.Object{}, p.config(imageA))
		quiet(t, "planning", diags)
		object, diags := w.Apply(overrideType, acctest.Object{}, planned, p.config(imageA))
		quiet(t, "creating", diags)
		return object
	}
	object := create(from)
	_, replaces, diags := w.Plan(overrideType, object, to.config(imageA))
	quiet(t, "planning another slot", diags)
	if !replaces {
		t.Error("another slot doesn't replace")
	}
	if diff := cmp.Diff(to.identity(), create(to).Identity); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
}
