package tagoverride_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// full has an override in every slot of these tests, and one below another
// organization.
func full(t *testing.T) *acctest.Manager {
	t.Helper()
	m := acctest.NewManager(t)
	for _, s := range everySlot {
		m.Put(t, s.override())
	}
	m.Put(t, simulator.Override{OrgID: "platform", ProjectID: "build", Version: imageB, ValidTillNextRelease: true})
	return m
}

// listed collects the results of a list resource, those with an object apart
// from those that only say something.
func listed(w *acctest.Wire, config acctest.Block, limit int64, resources bool) (found []acctest.Listed, problems []acctest.Said) {
	w.List(overrideType, config, limit, resources, func(l acctest.Listed) bool {
		if l.Identity == nil {
			problems = append(problems, l.Said...)
		} else {
			found = append(found, l)
		}
		return true
	})
	return found, problems
}

func names(found []acctest.Listed) []string {
	all := []string{}
	for _, l := range found {
		all = append(all, l.DisplayName)
	}
	return all
}

const (
	ofAccount       = "account " + acctest.Account + ", without tags"
	ofAccountLinux  = "account " + acctest.Account + ", tags {linux}"
	ofDefault       = "organization default, without tags"
	ofDefaultLinux  = "organization default, tags {linux}"
	ofPayments      = "project default/payments, without tags"
	ofPaymentsLinux = "project default/payments, tags {linux, prod}"
	ofBuild         = "project platform/build, without tags"
)

func TestListOverrides_where(t *testing.T) {
	t.Parallel()
	w := full(t).Wire(t)
	for name, test := range map[string]struct {
		config acctest.Block
		limit  int64
		want   []string
	}{
		"the account":               {acctest.Block{}, 0, []string{ofAccount, ofAccountLinux}},
		"the account by name":       {acctest.Block{"account_id": acctest.Account}, 0, []string{ofAccount, ofAccountLinux}},
		"an organization":           {acctest.Block{"org_id": "default"}, 0, []string{ofDefault, ofDefaultLinux}},
		"a project":                 {acctest.Block{"org_id": "default", "project_id": "payments"}, 0, []string{ofPayments, ofPaymentsLinux}},
		"an empty project":          {acctest.Block{"org_id": "default", "project_id": "search"}, 0, []string{}},
		"all below a project":       {acctest.Block{"org_id": "default", "project_id": "payments", "include_child_scopes": true}, 0, []string{ofPayments, ofPaymentsLinux}},
		"all below an organization": {acctest.Block{"org_id": "default", "include_child_scopes": true}, 0, []string{ofDefault, ofDefaultLinux, ofPayments, ofPaymentsLinux}},
		"all below the account": {
			acctest.Block{"include_child_scopes": true},
			0,
			[]string{ofAccount, ofAccountLinux, ofDefault, ofDefaultLinux, ofPayments, ofPaymentsLinux, ofBuild},
		},
		"not below":        {acctest.Block{"include_child_scopes": false}, 0, []string{ofAccount, ofAccountLinux}},
		"with tags":        {acctest.Block{"include_child_scopes": true, "kind": "tagged"}, 0, []string{ofAccountLinux, ofDefaultLinux, ofPaymentsLinux}},
		"without tags":     {acctest.Block{"include_child_scopes": true, "kind": "untagged"}, 0, []string{ofAccount, ofDefault, ofPayments, ofBuild}},
		"three of them":    {acctest.Block{"include_child_scopes": true}, 3, []string{ofAccount, ofAccountLinux, ofDefault}},
		"two without tags": {acctest.Block{"include_child_scopes": true, "kind": "untagged"}, 2, []string{ofAccount, ofDefault}},
		"as many as there": {acctest.Block{"include_child_scopes": true}, 7, []string{ofAccount, ofAccountLinux, ofDefault, ofDefaultLinux, ofPayments, ofPaymentsLinux, ofBuild}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, problems := listed(w, test.config, test.limit, false)
			if diff := cmp.Diff(test.want, names(found)); diff != "" || len(problems) > 0 {
				t.Errorf("results (-want +got):\n%s\nand says %v", diff, problems)
			}
			for _, l := range found {
				if l.Resource != nil {
					t.Errorf("%s comes with a resource that nobody asked for", l.DisplayName)
				}
			}
		})
	}
}

// Terraform stops reading when it has enough. Then no more is asked of the
// Manager than what was on its way.
func TestListOverrides_stops(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int64{"at the limit": 2, "when nobody listens any more": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			many(t, m, 100)
			seen := 0
			m.Wire(t).List(overrideType, acctest.Block{"include_child_scopes": true}, limit, false, func(acctest.Listed) bool {
				seen++
				return limit > 0 || seen < 2
			})
			if seen != 2 {
				t.Errorf("%d results, want 2", seen)
			}
			if asked := m.Counters()[acctest.ListPath]; asked > 20 {
				t.Errorf("%d scopes were asked for", asked)
			}
		})
	}
}

// What has ended isn't there any more, even while the Manager still lists it.
func TestListOverrides_ended(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	behaviour := simulator.Behaviour{TTLLag: 1 << 62}
	m.SetBehaviour(behaviour)
	ended, current := acctest.Start.Add(days), acctest.Start.Add(100*days)
	m.Put(t, simulator.Override{Version: imageA, ValidUntil: &ended})
	m.Put(t, simulator.Override{Version: imageA, Tags: []string{"linux"}, ValidUntil: &current})
	w := m.Wire(t)
	before, _ := listed(w, acctest.Block{}, 0, false)
	m.Advance(2 * days)
	m.ResetCounters()
	after, problems := listed(m.Wire(t), acctest.Block{}, 0, true)
	if len(before) != 2 || !slices.Equal(names(after), []string{ofAccountLinux}) || len(problems) > 0 {
		t.Errorf("%q are listed before, %q after, and it says %v", names(before), names(after), problems)
	}
}

// What a query includes is what import gives, so that the configuration that
// Terraform generates of it plans to nothing.
func TestListOverrides_generatedConfigurationChangesNothing(t *testing.T) {
	t.Parallel()
	w := full(t).Wire(t)
	found, problems := listed(w, acctest.Block{"include_child_scopes": true}, 0, true)
	if len(found) != 7 || len(problems) > 0 {
		t.Fatalf("%d results, and it says %v", len(found), problems)
	}
	for _, l := range found {
		importsUnchanged(t, w, l)
	}
}

// importsUnchanged generates configuration for a result, imports it by its
// identity, and plans.
func importsUnchanged(t *testing.T, w *acctest.Wire, l acctest.Listed) {
	t.Helper()
	config := w.Generate(overrideType, l.Resource)
	quiet(t, "validating "+l.DisplayName, w.Validate(overrideType, config))
	imported, diags := w.ImportByIdentity(overrideType, l.Identity)
	quiet(t, "importing "+l.DisplayName, diags)
	imported, diags = w.Read(overrideType, imported)
	quiet(t, "reading "+l.DisplayName, diags)
	if diff := cmp.Diff(l.Resource, imported.State); diff != "" {
		t.Errorf("%s: (-listed +imported):\n%s", l.DisplayName, diff)
	}
	if diff := cmp.Diff(l.Identity, imported.Identity); diff != "" {
		t.Errorf("%s: identity (-listed +imported):\n%s", l.DisplayName, diff)
	}
	planned, replaces, diags := w.Plan(overrideType, imported, config)
	if len(diags) > 0 || replaces {
		t.Errorf("%s: planning says %v, and replaces: %t", l.DisplayName, diags, replaces)
	}
	if diff := cmp.Diff(imported.State, planned.State); diff != "" {
		t.Errorf("%s: the plan changes (-before +after):\n%s", l.DisplayName, diff)
	}
}

// many makes so many projects, each with an override of either kind.
func many(t *testing.T, m *acctest.Manager, projects int) {
	t.Helper()
	account := accountNamed(acctest.Account)
	account.Orgs = map[string][]string{}
	for i := range projects {
		org, project := fmt.Sprintf("org_%d", i%7), fmt.Sprintf("project_%03d", i)
		account.Orgs[org] = append(account.Orgs[org], project)
	}
	m.AddAccount(account)
	for org, projects := range account.Orgs {
		for i, project := range projects {
			m.Put(t, simulator.Override{OrgID: org, ProjectID: project, Version: imageA, ValidTillNextRelease: i%5 == 0})
			m.Put(t, simulator.Override{OrgID: org, ProjectID: project, Version: imageB, Tags: []string{"linux", fmt.Sprintf("team-%d", i)}})
		}
	}
}

// Somebody with years of overrides made by hand finds them all, and imports them
// without a change or a write.
func TestListOverrides_fiveHundred(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	many(t, m, 250)
	w := m.Wire(t)
	found, problems := listed(w, acctest.Block{"include_child_scopes": true}, 0, true)
	if len(found) != 500 || len(problems) > 0 {
		t.Fatalf("%d results, and it says %v", len(found), problems)
	}
	identities := map[string]bool{}
	for _, l := range found {
		identities[fmt.Sprint(l.Identity)] = true
		importsUnchanged(t, w, l)
	}
	if len(identities) != 500 {
		t.Errorf("%d identities, want 500", len(identities))
	}
	if sent := m.Counters(); sent[acctest.SetPath]+sent[acctest.DeletePath] > 0 {
		t.Errorf("something was written: %v", sent)
	}
	// Each scope is asked for once, for all of this.
	if asked := m.Counters()[acctest.ListPath]; asked != 258 {
		t.Errorf("%d requests for lists, want 258: the account, 7 organizations, 250 projects", asked)
	}
}

// An image that a configuration can't have is pointed out, and listed.
func TestListOverrides_imageThatConfigurationsRefuse(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.Put(t, simulator.Override{Version: "not an image"})
	found, problems := listed(m.Wire(t), acctest.Block{}, 0, true)
	if len(found) != 1 || len(problems) > 0 {
		t.Fatalf("lists %v, says %v", found, problems)
	}
	if said := found[0].Said; len(said) != 1 || said[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.Contains(said[0].Detail, "configurations don't accept") {
		t.Errorf("it says %v", said)
	}
}

// restricted gives the API key these grants only.
func restricted(m *acctest.Manager, grants ...simulator.Grant) {
	key := keyFor(acctest.APIKey, acctest.Account)
	key.Grants = grants
	m.AddKey(key)
}

func grant(org string, permissions ...string) simulator.Grant {
	return simulator.Grant{OrgID: org, Permissions: permissions}
}

func TestListOverrides_problems(t *testing.T) {
	t.Parallel()
	const (
		failure = tfprotov6.DiagnosticSeverityError
		warning = tfprotov6.DiagnosticSeverityWarning
	)
	all := []string{simulator.PermissionView, simulator.PermissionViewOrganization, simulator.PermissionViewProject}
	type problem struct {
		severity tfprotov6.DiagnosticSeverity
		says     string
	}
	for name, test := range map[string]struct {
		before func(m *acctest.Manager)
		config acctest.Block
		want   []string
		says   []problem
	}{
		"no such organization": {
			config: acctest.Block{"org_id": "nowhere"},
			want:   []string{},
			says:   []problem{{failure, `There is no organization "nowhere"`}},
		},
		"the scope named may not be read": {
			before: func(m *acctest.Manager) { restricted(m, grant("platform", all...)) },
			config: acctest.Block{},
			want:   []string{},
			says:   []problem{{failure, "lacks the permission core_delegate_view"}},
		},
		"nor may it, but those below": {
			before: func(m *acctest.Manager) {
				restricted(m, grant("", simulator.PermissionViewOrganization, simulator.PermissionViewProject), grant("platform", all...))
			},
			config: acctest.Block{"include_child_scopes": true},
			want:   []string{ofBuild},
			says: []problem{
				{failure, "lacks the permission core_delegate_view"},
				{warning, `What organization "default" in account`},
				{warning, `What project "payments" of organization "default" in account`},
				{warning, `What project "search" of organization "default" in account`},
			},
		},
		"organizations may not be listed": {
			before: func(m *acctest.Manager) {
				m.SetBehaviour(simulator.Behaviour{ScopeListDenied: simulator.ScopeListDenied403})
				restricted(m, grant("", simulator.PermissionView))
			},
			config: acctest.Block{"include_child_scopes": true},
			want:   []string{ofAccount, ofAccountLinux},
			says: []problem{
				{failure, "core_organization_view"},
				{failure, "leave include_child_scopes out"},
				{failure, "core_project_view"},
				{failure, "leave include_child_scopes out"},
			},
		},
		"a wrong key": {
			before: func(m *acctest.Manager) { m.Inject(simulator.Fault{Kind: simulator.FaultExpiredKey}) },
			config: acctest.Block{},
			want:   []string{},
			says:   []problem{{failure, "The Manager doesn't accept the API key"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := full(t)
			if test.before != nil {
				test.before(m)
			}
			found, problems := listed(m.Wire(t), test.config, 0, false)
			if diff := cmp.Diff(test.want, names(found)); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if len(problems) != len(test.says) {
				t.Fatalf("it says %v, want %v", problems, test.says)
			}
			for i, want := range test.says {
				if problems[i].Severity != want.severity || !strings.Contains(problems[i].Detail, want.says) {
					t.Errorf("it says %v, want %v", problems[i], want)
				}
			}
		})
	}
}

// One project below the scope can't be read. The others are listed all the same.
func TestListOverrides_oneProjectFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request, manager http.Handler)
		want   []acctest.Said
	}{
		"it may not be read": {
			func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusForbidden) },
			[]acctest.Said{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "Scope Left Out"}},
		},
		"the Manager fails": {
			func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				w.WriteHeader(http.StatusInternalServerError)
			},
			[]acctest.Said{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Unable to List Tag Overrides"}},
		},
		"it has gone since": {
			func(w http.ResponseWriter, r *http.Request, manager http.Handler) {
				r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "payments", "gone")
				manager.ServeHTTP(w, r)
			},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := full(t)
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				// The Manager's clock, from which the client has the time.
				w.Header().Set("Date", acctest.Start.Format(http.TimeFormat))
				if strings.HasSuffix(r.URL.Path, "/override-delegate-tag") && r.URL.Query().Get("projectIdentifier") == "payments" {
					test.answer(w, r, m)
					return
				}
				m.ServeHTTP(w, r)
			}))
			t.Cleanup(front.Close)
			w := m.WireWith(t, acctest.Block{"endpoint": front.URL, "account_id": acctest.Account, "platform_api_key": acctest.APIKey, "max_retries": 0})
			found, problems := listed(w, acctest.Block{"include_child_scopes": true}, 0, false)
			if diff := cmp.Diff([]string{ofAccount, ofAccountLinux, ofDefault, ofDefaultLinux, ofBuild}, names(found)); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, problems, cmpopts.IgnoreFields(acctest.Said{}, "Detail", "At")); diff != "" {
				t.Errorf("it says (-want +got):\n%s", diff)
			}
			for _, p := range problems {
				if !strings.Contains(p.Detail, `project "payments" of organization "default"`) || strings.Contains(p.Detail, acctest.APIKey) {
					t.Errorf("the detail doesn't name the project: %s", p.Detail)
				}
			}
		})
	}
}

func TestListOverrides_settings(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	for name, test := range map[string]struct {
		settings acctest.Block
		says     string
	}{
		"no key":              {acctest.Block{"account_id": acctest.Account}, `"platform_api_key" is not set`},
		"an account to come":  {acctest.Block{"account_id": acctest.Unknown, "platform_api_key": acctest.APIKey}, `"account_id" depends on something that is not applied yet`},
		"an endpoint to come": {acctest.Block{"endpoint": acctest.Unknown, "account_id": acctest.Account, "platform_api_key": acctest.APIKey}, "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, problems := listed(m.WireWith(t, test.settings), acctest.Block{}, 0, false)
			if len(found) > 0 || len(problems) != 1 || !strings.Contains(problems[0].Detail, test.says) {
				t.Errorf("lists %v, says %v", found, problems)
			}
		})
	}
}

func TestListOverrides_validation(t *testing.T) {
	t.Parallel()
	w := acctest.NewManager(t).Wire(t)
	for name, test := range map[string]struct {
		config acctest.Block
		at     string
	}{
		"all of it":              {acctest.Block{"account_id": acctest.Account, "org_id": "default", "project_id": "payments", "include_child_scopes": true, "kind": "tagged"}, ""},
		"an unknown kind":        {acctest.Block{"kind": "both"}, `AttributeName("kind")`},
		"a project alone":        {acctest.Block{"project_id": "payments"}, `AttributeName("project_id")`},
		"a name for an id":       {acctest.Block{"org_id": "My Org"}, `AttributeName("org_id")`},
		"a slash in the account": {acctest.Block{"account_id": "a/b"}, `AttributeName("account_id")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			switch diags := w.ValidateList(overrideType, test.config); {
			case test.at == "" && len(diags) > 0:
				t.Errorf("it says %v", diags)
			case test.at != "" && (len(diags) != 1 || diags[0].At != test.at):
				t.Errorf("it says %v, want one error at %s", diags, test.at)
			}
		})
	}
}
