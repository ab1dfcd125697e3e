package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	orgsPath     = "/ng/api/organizations"
	projectsPath = "/ng/api/projects"
)

// listedScopes is one page of organizations or projects as far as tests look at it.
type listedScopes struct {
	TotalPages, TotalItems, PageItemCount, PageSize, PageIndex int
	Empty                                                      bool
	Content                                                    []struct {
		Organization, Project *struct{ OrgIdentifier, Identifier, Name string }
	}
}

func (l listedScopes) identifiers() []string {
	all := []string{}
	for _, entry := range l.Content {
		if entry.Project != nil {
			all = append(all, entry.Project.OrgIdentifier+"/"+entry.Project.Identifier)
		} else {
			all = append(all, entry.Organization.Identifier)
		}
	}
	return all
}

// scopes lists one page of organizations or projects.
func (m *manager) scopes(path, query string) listedScopes {
	m.t.Helper()
	got := m.call("GET", path, query)
	got.wantStatus(http.StatusOK)
	var wrapped struct{ Data listedScopes }
	if err := json.Unmarshal([]byte(got.body), &wrapped); err != nil {
		m.t.Fatalf("body %q: %v", got.body, err)
	}
	return wrapped.Data
}

func TestReplyToOrganizations(t *testing.T) {
	m := newManager(t)
	m.call("GET", orgsPath, "").want(200, `{"status":"SUCCESS","data":{"totalPages":1,"totalItems":2,"pageItemCount":2,"pageSize":50,
		"content":[
		 {"organization":{"identifier":"default","name":"default","description":"","tags":{}},
		  "createdAt":1735689600000,"lastModifiedAt":1735689600000,"harnessManaged":true},
		 {"organization":{"identifier":"platform","name":"platform","description":"","tags":{}},
		  "createdAt":1735689600000,"lastModifiedAt":1735689600000,"harnessManaged":false}],
		"pageIndex":0,"empty":false},"metaData":null,"correlationId":"*"}`)
}

func TestReplyToProjects(t *testing.T) {
	m := newManager(t)
	m.call("GET", projectsPath, "orgIdentifier=default&pageSize=1").want(200, `{"status":"SUCCESS","data":{"totalPages":2,"totalItems":2,
		"pageItemCount":1,"pageSize":1,"content":[
		 {"project":{"orgIdentifier":"default","identifier":"payments","name":"Payments","color":"#0063F7","modules":[],"description":"","tags":{}},
		  "createdAt":1735689600000,"lastModifiedAt":1735689600000,"isFavorite":false}],
		"pageIndex":0,"empty":false},"metaData":null,"correlationId":"*"}`)
}

func TestWhichScopesAreListed(t *testing.T) {
	tests := map[string]struct {
		path, query string
		want        []string
	}{
		"all organizations":          {orgsPath, "", []string{"default", "platform"}},
		"organizations by id":        {orgsPath, "identifiers=platform&identifiers=nope", []string{"platform"}},
		"no organization by id":      {orgsPath, "identifiers=Platform", []string{}},
		"organizations searched":     {orgsPath, "searchTerm=PLAT", []string{"platform"}},
		"all projects":               {projectsPath, "", []string{"default/payments", "default/search", "platform/build"}},
		"projects of one":            {projectsPath, "orgIdentifier=default", []string{"default/payments", "default/search"}},
		"projects by id":             {projectsPath, "identifiers=build&identifiers=search", []string{"default/search", "platform/build"}},
		"projects searched by name":  {projectsPath, "searchTerm=Find", []string{"default/search"}},
		"projects of the same name":  {projectsPath, "searchTerm=Twin", []string{"default/payments", "platform/build"}},
		"searched in one":            {projectsPath, "searchTerm=Twin&orgIdentifier=platform", []string{"platform/build"}},
		"a project given is ignored": {projectsPath, "orgIdentifier=default&projectIdentifier=search", []string{"default/payments", "default/search"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			named := testAccount()
			named.Names = map[string]string{"default/payments": "Twin", "platform/build": "Twin", "default/search": "Finder"}
			m.AddAccount(named)
			wantEqual(t, m.scopes(test.path, test.query).identifiers(), test.want)
		})
	}
}

// many has an organization with so many projects.
func many(t *testing.T, projects int) *manager {
	t.Helper()
	m := newManager(t)
	ids := []string{}
	for i := range projects {
		ids = append(ids, fmt.Sprintf("p%03d", i))
	}
	m.AddAccount(simulator.Account{ID: account, Orgs: map[string][]string{"default": ids}})
	return m
}

func TestPagesOfProjects(t *testing.T) {
	m := many(t, 250)
	all := []string{}
	for index := range 3 {
		got := m.scopes(projectsPath, fmt.Sprintf("pageSize=100&pageIndex=%d", index))
		wantEqual(t, []int{got.TotalPages, got.TotalItems, got.PageSize, got.PageIndex}, []int{3, 250, 100, index})
		wantEqual(t, got.PageItemCount, len(got.Content))
		all = append(all, got.identifiers()...)
	}
	wantEqual(t, len(slices.Compact(slices.Sorted(slices.Values(all)))), 250)

	behind := m.scopes(projectsPath, "pageSize=100&pageIndex=3")
	wantEqual(t, behind, listedScopes{TotalPages: 3, TotalItems: 250, PageSize: 100, PageIndex: 3, Empty: true, Content: behind.Content})
	wantEqual(t, len(behind.Content), 0)
	wantEqual(t, m.scopes(projectsPath, "").PageItemCount, 50)
	wantEqual(t, m.scopes(projectsPath, "pageIndex=2147483647&pageSize=2147483647").Empty, true)
}

func TestPagesAreCutToTheLargest(t *testing.T) {
	m := many(t, 250)
	wantEqual(t, m.scopes(projectsPath, "pageSize=1000").PageSize, 100)
	m.patch(`{"maxPageSize":7}`)
	got := m.scopes(projectsPath, "")
	wantEqual(t, []int{got.PageSize, got.PageItemCount, got.TotalPages}, []int{7, 7, 36})
	for i := range 10 {
		m.AddDelegate(simulator.Delegate{AccountID: account, Name: fmt.Sprintf("d%d", i)})
	}
	wantEqual(t, len(m.groups("pageSize=10").DelegateGroupDetails), 7)
	wantEqual(t, len(m.groups("").DelegateGroupDetails), 10)
}

func TestScopeListsAreShorterWithoutPermission(t *testing.T) {
	grant := func(org, project, permission string) []simulator.Grant {
		return []simulator.Grant{{OrgID: org, ProjectID: project, Permissions: []string{permission}}}
	}
	tests := map[string]struct {
		grants      []simulator.Grant
		path, query string
		want        []string
	}{
		"nil grants allow all":             {nil, projectsPath, "", []string{"default/payments", "default/search", "platform/build"}},
		"organizations without a grant":    {[]simulator.Grant{}, orgsPath, "", []string{}},
		"projects without a grant":         {[]simulator.Grant{}, projectsPath, "", []string{}},
		"organizations with the account":   {grant("", "", "core_organization_view"), orgsPath, "", []string{"default", "platform"}},
		"organizations with one":           {grant("platform", "", "core_organization_view"), orgsPath, "", []string{"platform"}},
		"organizations with a project":     {grant("platform", "build", "core_organization_view"), orgsPath, "", []string{}},
		"organizations with project view":  {grant("", "", "core_project_view"), orgsPath, "", []string{}},
		"organizations with delegate view": {grant("", "", "core_delegate_view"), orgsPath, "", []string{}},
		"projects with an organization":    {grant("default", "", "core_project_view"), projectsPath, "", []string{"default/payments", "default/search"}},
		"projects with one":                {grant("default", "search", "core_project_view"), projectsPath, "", []string{"default/search"}},
		"projects with organization view":  {grant("", "", "core_organization_view"), projectsPath, "", []string{}},
		"projects of another organization": {grant("default", "", "core_project_view"), projectsPath, "orgIdentifier=platform", []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddKey(simulator.Key{Token: key, AccountID: account, Grants: test.grants})
			got := m.scopes(test.path, test.query)
			wantEqual(t, got.identifiers(), test.want)
			wantEqual(t, got.TotalItems, len(test.want))
		})
	}
}

func TestRefusalsOfScopeLists(t *testing.T) {
	tests := map[string]struct {
		key, path, query string
		status           int
		code, text       string
	}{
		"no key":               {"", orgsPath, "accountIdentifier=" + account, 401, "INVALID_TOKEN", invalidToken},
		"account by its alias": {key, orgsPath, "accountId=" + account, 400, "INVALID_REQUEST", "query param accountIdentifier: must not be null"},
		"unknown organization": {
			key, projectsPath, "orgIdentifier=nope&accountIdentifier=" + account, 400, "RESOURCE_NOT_FOUND_EXCEPTION",
			"Organization with identifier [nope] not found",
		},
		"page of nothing": {
			key, projectsPath, "pageSize=0&accountIdentifier=" + account, 400, "INVALID_REQUEST",
			"query param pageSize: must be greater than or equal to 1",
		},
		"negative page": {
			key, orgsPath, "pageIndex=-1&accountIdentifier=" + account, 400, "INVALID_REQUEST",
			"query param pageIndex: must be greater than or equal to 0",
		},
		"page in words": {
			key, orgsPath, "pageIndex=one&accountIdentifier=" + account, 500, "UNKNOWN_ERROR",
			"Oops, something went wrong on our end. Please contact Harness Support.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			newManager(t).send("GET", test.path+"?"+test.query, "", http.Header{"X-Api-Key": {test.key}}).
				wantError(test.status, test.code, test.text)
		})
	}
}

func TestScopesKeepTheTimeOfTheirCreation(t *testing.T) {
	m := newManager(t)
	m.Advance(day)
	grown := testAccount()
	grown.Orgs["young"] = nil
	m.AddAccount(grown)
	created := func(org string) int64 {
		var wrapped struct {
			Data struct{ Content []struct{ CreatedAt int64 } }
		}
		if err := json.Unmarshal([]byte(m.call("GET", orgsPath, "identifiers="+org).body), &wrapped); err != nil {
			t.Fatal(err)
		}
		return wrapped.Data.Content[0].CreatedAt
	}
	wantEqual(t, created("default"), start.UnixMilli())
	wantEqual(t, created("young"), start.Add(day).UnixMilli())
}
