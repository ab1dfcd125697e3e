package harness_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	orgsCall     = "GET /ng/api/organizations"
	projectsCall = "GET /ng/api/projects"
)

// nested is an account with more organizations and projects than one page holds.
func nested(orgs, projectsEach int) simulator.Account {
	a := simulator.Account{ID: account, Orgs: map[string][]string{}, Names: map[string]string{}}
	for o := range orgs {
		org := fmt.Sprintf("org%03d", o)
		a.Orgs[org] = []string{}
		a.Names[org] = "Organization"
		for p := range projectsEach {
			project := fmt.Sprintf("project%03d", p)
			a.Orgs[org] = append(a.Orgs[org], project)
			a.Names[org+"/"+project] = "Project " + project
		}
	}
	return a
}

// All pages are read, whatever size the Manager makes them, each once.
func TestHierarchy_pages(t *testing.T) {
	for _, tc := range []struct {
		orgs, each, size          int
		orgRequests, projRequests int
	}{
		{1, 0, 0, 1, 1},
		{2, 50, 0, 1, 1},
		{101, 2, 0, 2, 3},
		{3, 7, 1, 3, 21},
		{4, 5, 7, 1, 3},
	} {
		m := newManager(t)
		m.AddAccount(nested(tc.orgs, tc.each))
		behaviour := m.Behaviour()
		behaviour.MaxPageSize = tc.size
		m.SetBehaviour(behaviour)
		client := m.client(t)
		for range 2 { // the second time from memory
			orgs, err := client.Organizations(t.Context(), account)
			if err != nil || len(orgs) != tc.orgs {
				t.Errorf("%+v: %d organizations, %v", tc, len(orgs), err)
			}
			projects, err := client.Projects(t.Context(), account, "")
			if err != nil || len(projects) != tc.orgs*tc.each {
				t.Errorf("%+v: %d projects, %v", tc, len(projects), err)
			}
			slices.SortFunc(projects, func(a, b harness.Project) int {
				return slices.Compare([]string{a.Org, a.Identifier}, []string{b.Org, b.Identifier})
			})
			if len(slices.Compact(projects)) != tc.orgs*tc.each {
				t.Errorf("%+v: some projects came twice", tc)
			}
		}
		wantCalls(t, m.Simulator, orgsCall, tc.orgRequests)
		wantCalls(t, m.Simulator, projectsCall, tc.projRequests)
	}
}

func TestHierarchy_entries(t *testing.T) {
	m := newManager(t)
	m.AddAccount(nested(2, 1))
	client := m.client(t)
	orgs, err := client.Organizations(t.Context(), account)
	if diff := cmp.Diff([]harness.Organization{{Identifier: "org000", Name: "Organization"}, {Identifier: "org001", Name: "Organization"}}, orgs); err != nil || diff != "" {
		t.Error(err, diff)
	}
	projects, err := client.Projects(t.Context(), account, "org001")
	if diff := cmp.Diff([]harness.Project{{Org: "org001", Identifier: "project000", Name: "Project project000"}}, projects); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestHierarchy_refused(t *testing.T) {
	m := newManager(t)
	m.AddKey(simulator.Key{Token: apiKey, AccountID: account, Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}}})
	orgs, err := m.client(t).Organizations(t.Context(), account)
	if err != nil || len(orgs) != 0 {
		t.Errorf("got %v, %v; want a shorter list", orgs, err)
	}
	behaviour := m.Behaviour()
	behaviour.ScopeListDenied = simulator.ScopeListDenied403
	m.SetBehaviour(behaviour)
	if _, err := m.client(t).Organizations(t.Context(), account); !asError[*harness.APIError](t, err).Forbidden() {
		t.Errorf("got %v", err)
	}
	if _, err := m.client(t).Projects(t.Context(), account, "default"); !asError[*harness.APIError](t, err).Forbidden() {
		t.Errorf("got %v", err)
	}
}

// A page that fails for good fails the list: a part of it would pass for all.
func TestHierarchy_brokenPage(t *testing.T) {
	m := newManager(t)
	m.AddAccount(nested(3, 0))
	behaviour := m.Behaviour()
	behaviour.MaxPageSize = 1
	m.SetBehaviour(behaviour)
	m.Inject(simulator.Fault{Path: "/organizations", Skip: 1, Status: http.StatusForbidden})
	if got, err := m.client(t).Organizations(t.Context(), account); err == nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, reply := range []string{`<html></html>`, `{"resource":{}}`, `{"data":null}`, `{"data":{"content":{}}}`} {
		_, err := replying(t, reply).Organizations(t.Context(), account)
		wantError[*harness.ReplyError](t, err)
	}
}

// A Manager that promises pages without end is not followed beyond the first
// empty one.
func TestHierarchy_endlessPages(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) <= 3 {
			_, _ = fmt.Fprint(w, `{"data":{"totalPages":1000000,"content":[{"organization":{"identifier":"a","name":"A"}}]}}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"data":{"totalPages":1000000,"content":[]}}`)
	}))
	defer server.Close()
	got, err := newClient(t, server.URL).Organizations(t.Context(), account)
	if err != nil || len(got) != 3 || requests.Load() != 4 {
		t.Errorf("%d requests found %v, %v", requests.Load(), got, err)
	}
}
