package fleet_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// However small the pages are, all scopes are found.
func TestPlaces_pages(t *testing.T) {
	m := newManager(t, func(b *simulator.Behaviour) { b.MaxPageSize = 1 })
	found := read(t, clientOf(t, m.url), below)
	wantMembers(t, found, everyone...)
	wantUnseen(t, found)
	m.wantRequests(t, map[string]int{listCall: 1, orgsCall: 2, projectsCall: 3})
}

// Names that two scopes share don't tell where a delegate lives: each of them is
// asked, and no other.
func TestPlaces_sharedNames(t *testing.T) {
	m := newManager(t)
	m.AddAccount(simulator.Account{
		ID: account, Orgs: map[string][]string{"default": {"payments", "search"}, "platform": {"build"}},
		Names: map[string]string{"default": "Same", "platform": "Same", "default/payments": "Pay", "default/search": "Search", "platform/build": "Pay"},
	})
	found := read(t, clientOf(t, m.url), below)
	wantMembers(t, found, everyone...)
	wantUnseen(t, found)
	// The organizations share a name, and so do two of the projects.
	m.wantRequests(t, map[string]int{listCall: 5, orgsCall: 1, projectsCall: 1})

	refusing := m.refusing(t)
	found = read(t, clientOf(t, refusing.url), below)
	wantMembers(t, found, "a", "default/o", "default/search/s", "platform/build/p")
	wantUnseen(t, found, `the delegates of project "default/payments": POST`)
}

// Within one organization its own name plays no part.
func TestPlaces_sharedNamesOfAnOrganization(t *testing.T) {
	m := newManager(t)
	m.AddAccount(simulator.Account{
		ID: account, Orgs: map[string][]string{"default": {"payments", "search"}, "platform": {"build"}},
		Names: map[string]string{"default": "Same", "platform": "Same", "default/payments": "Pay", "default/search": "Search", "platform/build": "Pay"},
	})
	found := read(t, clientOf(t, m.url), fleet.Query{Scope: atOrg, Below: true})
	wantMembers(t, found, everyone[1:5]...)
	m.wantRequests(t, map[string]int{listCall: 1, projectsCall: 1})
}

func TestPlaces_forbidden(t *testing.T) {
	for name, tc := range map[string]struct {
		denied simulator.ScopeListDenied
		may    []string
		want   []string
		unseen []string
	}{
		"neither, by shorter lists": {
			simulator.ScopeListDeniedShorter,
			[]string{simulator.PermissionView},
			[]string{"a", "(Default/)/o", "(Default/Payments)/p", "(Default/Payments)/q", "(Default/Search)/s", "(The Platform/Payments)/p"},
			[]string{`the identifiers of the organization named "Default" and 3 more organizations or projects, where 5 delegates live: not among the organizations and projects that the API key may see`},
		},
		"neither, by a refusal": {
			simulator.ScopeListDenied403,
			[]string{simulator.PermissionView},
			[]string{"a", "(Default/)/o", "(Default/Payments)/p", "(Default/Payments)/q", "(Default/Search)/s", "(The Platform/Payments)/p"},
			[]string{"core_organization_view on organization (NG_ACCESS_DENIED); GET /ng/api/projects: the Manager answered 403"},
		},
		"projects": {
			simulator.ScopeListDeniedShorter,
			[]string{simulator.PermissionView, simulator.PermissionViewOrganization},
			[]string{"a", "(Default/Payments)/p", "(Default/Payments)/q", "(Default/Search)/s", "(The Platform/Payments)/p", "default/o"},
			[]string{`the identifiers of the project named "Payments" in the organization named "Default" and 2 more`},
		},
		"organizations": {
			simulator.ScopeListDenied403,
			[]string{simulator.PermissionView, simulator.PermissionViewProject},
			[]string{"a", "(Default/)/o", "(Default/Payments)/p", "(Default/Payments)/q", "(Default/Search)/s", "(The Platform/Payments)/p"},
			[]string{"GET /ng/api/organizations: the Manager answered 403"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t, func(b *simulator.Behaviour) { b.ScopeListDenied = tc.denied })
			m.mayOnly(tc.may...)
			found := read(t, clientOf(t, m.url), below)
			wantMembers(t, found, tc.want...)
			wantUnseen(t, found, tc.unseen...)
			if scopes := found.Scopes(); len(scopes) == 0 || scopes[0] != atAccount {
				t.Errorf("the scopes are %v", scopes)
			}
		})
	}
}

// The Manager's judgement is asked for by scope, so that it isn't known of a
// delegate whose scope isn't, whatever another one of its name is.
func TestPlaces_versionStatusOfTheUnplaced(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "s", Replicas: []simulator.Replica{{Version: "23.07.80000", Alive: true}}})
	m.mayOnly(simulator.PermissionView)
	query := below
	query.VersionStatus = "EXPIRED"
	found := read(t, clientOf(t, m.url), query)
	wantMembers(t, found, "s")
	if last := found.Unseen[len(found.Unseen)-1]; last != "the version status of 5 delegates whose organization or project could not be identified" {
		t.Errorf("got %q", last)
	}
}

func withoutNames(b *simulator.Behaviour) { b.DelegateScopeNames = simulator.DelegateScopeNamesAbsent }

// An older Manager names no scopes: each is asked for its own delegates.
func TestNameless(t *testing.T) {
	for name, tc := range map[string]struct {
		query    fleet.Query
		want     []string
		requests map[string]int
	}{
		"all":             {below, everyone, map[string]int{listCall: 7, orgsCall: 1, projectsCall: 1}},
		"an organization": {fleet.Query{Scope: atOrg, Below: true}, everyone[1:5], map[string]int{listCall: 4, projectsCall: 1}},
		"another one":     {fleet.Query{Scope: delegate.Scope{Account: account, Org: "platform"}, Below: true}, everyone[5:], map[string]int{listCall: 3, projectsCall: 1}},
		"a project":       {fleet.Query{Scope: atProject, Below: true}, everyone[2:4], map[string]int{listCall: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t, withoutNames)
			found := read(t, clientOf(t, m.url), tc.query)
			wantMembers(t, found, tc.want...)
			wantUnseen(t, found)
			m.wantRequests(t, tc.requests)
		})
	}
}

// Where all delegates live at the scope itself, nothing else is asked.
func TestNameless_onlyHere(t *testing.T) {
	m := newManager(t, withoutNames)
	m.AddAccount(simulator.Account{ID: account}) // its organizations go, with their delegates
	found := read(t, clientOf(t, m.url), below)
	wantMembers(t, found, "a")
	m.wantRequests(t, map[string]int{listCall: 2})
}

func TestNameless_forbidden(t *testing.T) {
	m := newManager(t, withoutNames)
	m.mayOnly(simulator.PermissionView)
	found := read(t, clientOf(t, m.url), below)
	wantMembers(t, found, "a")
	wantUnseen(t, found, "more delegates (5), of which this Manager doesn't tell where they live")

	m = newManager(t, withoutNames, func(b *simulator.Behaviour) { b.ScopeListDenied = simulator.ScopeListDenied403 })
	m.mayOnly(simulator.PermissionView, simulator.PermissionViewProject)
	found = read(t, clientOf(t, m.url), below)
	wantMembers(t, found, "a", "default/payments/p", "default/payments/q", "default/search/s", "platform/build/p")
	wantUnseen(t, found, "which this Manager doesn't name in its list of delegates: GET /ng/api/organizations", "more delegates (1)")

	refusing := newManager(t, withoutNames).refusing(t)
	found = read(t, clientOf(t, refusing.url), below)
	wantMembers(t, found, "a", "default/o", "default/search/s", "platform/build/p")
	wantUnseen(t, found, `the delegates of project "default/payments": POST`, "more delegates (2)")
}
