package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// listed is one group of the list of delegates as far as tests look at it.
type listed struct {
	Name, AutoUpgrade, OrgName, ProjectName string
	Tags                                    []string
	Connected, Legacy                       bool
	LastHeartBeat                           int64
	DelegateReplicas                        []struct {
		HostName, Version         string
		Connected                 bool
		LastHeartbeat, ExpiringAt int64
	}
}

// list lists delegates with a filter, which may be empty.
func (m *manager) list(query, filter string) []listed {
	m.t.Helper()
	header := http.Header{"X-Api-Key": {key}, "Content-Type": {"application/json"}}
	var items []listed
	m.send("POST", listPath+"?accountIdentifier="+account+"&"+query, filter, header).resource(&items)
	return items
}

func names(items []listed) []string {
	all := []string{}
	for _, item := range items {
		all = append(all, item.Name)
	}
	return all
}

func TestReplicaIsConnectedForFiveMinutes(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{{}, {Alive: true}}})
	connected := func() []bool {
		replicas := m.list("", "")[0].DelegateReplicas
		return []bool{replicas[0].Connected, replicas[1].Connected}
	}
	m.Advance(5*time.Minute - time.Millisecond)
	wantEqual(t, connected(), []bool{true, true})
	m.Advance(time.Millisecond)
	wantEqual(t, connected(), []bool{false, true})
}

// fleet has groups that differ in everything a filter looks at.
func fleet(t *testing.T) *manager {
	t.Helper()
	m := newManager(t)
	m.adjust(func(b *simulator.Behaviour) { b.ManagerBuild = 84200 })
	long := start.Add(-time.Hour)
	for _, d := range []simulator.Delegate{
		{Name: "Alpha", Description: "Blue one", Tags: []string{"linux", "prod"}, Identifier: "_alpha", Replicas: []simulator.Replica{
			{HostName: "h1", Version: "24.04.82804"}, {HostName: "h2", Version: "23.11.81700", LastHeartbeat: long},
		}},
		{Name: "beta", Type: "HELM_DELEGATE", Tags: []string{"linux"}, UpgraderLastUpdated: start, Replicas: []simulator.Replica{
			{HostName: "h3", Version: "23.11.81700", LastHeartbeat: long},
		}},
		{Name: "gamma"},
		{Name: "gone", Deleted: true},
		{Name: "org", OrgID: "default"},
		{Name: "project", OrgID: "default", ProjectID: "payments"},
	} {
		d.AccountID = account
		m.AddDelegate(d)
	}
	return m
}

func TestFiltersOfListDelegates(t *testing.T) {
	tests := map[string]struct {
		query, filter string
		want          []string
	}{
		"no body":                           {"", "", []string{"Alpha", "beta", "gamma"}},
		"empty filter, no filterType":       {"", `{}`, []string{"Alpha", "beta", "gamma"}},
		"unknown fields are ignored":        {"", `{"filterType":"Delegate","colour":"red"}`, []string{"Alpha", "beta", "gamma"}},
		"scope is exact":                    {"orgIdentifier=default", "", []string{"org"}},
		"project":                           {"orgIdentifier=default&projectIdentifier=payments", "", []string{"project"}},
		"all below":                         {"all=true", "", []string{"Alpha", "beta", "gamma", "org", "project"}},
		"all below an organization":         {"all=true&orgIdentifier=default", "", []string{"org", "project"}},
		"all ignores the filter":            {"all=true&orgIdentifier=default", `{"delegateName":"nope"}`, []string{"org", "project"}},
		"name contains":                     {"", `{"delegateName":"amm"}`, []string{"gamma"}},
		"name is case-sensitive":            {"", `{"delegateName":"alpha"}`, []string{}},
		"description contains":              {"", `{"description":"Blue"}`, []string{"Alpha"}},
		"type contains":                     {"", `{"delegateType":"HELM"}`, []string{"beta"}},
		"identifier contains":               {"", `{"delegateGroupIdentifier":"_al"}`, []string{"Alpha"}},
		"tags, all of them":                 {"", `{"delegateTags":["linux","prod"]}`, []string{"Alpha"}},
		"the lower-cased name is a tag":     {"", `{"delegateTags":["alpha"]}`, []string{"Alpha"}},
		"the name as written is not":        {"", `{"delegateTags":["Alpha"]}`, []string{}},
		"connected":                         {"", `{"status":"CONNECTED"}`, []string{"Alpha"}},
		"disconnected":                      {"", `{"status":"DISCONNECTED"}`, []string{"Alpha", "beta"}},
		"other states do not act":           {"", `{"status":"ENABLED"}`, []string{"Alpha", "beta", "gamma"}},
		"expired":                           {"", `{"delegateInstanceFilter":"EXPIRED"}`, []string{"Alpha", "beta"}},
		"available":                         {"", `{"delegateInstanceFilter":"AVAILABLE"}`, []string{"Alpha"}},
		"version status":                    {"", `{"versionStatus":"ACTIVE"}`, []string{"Alpha"}},
		"version status that nobody has":    {"", `{"versionStatus":"EXPIRING"}`, []string{}},
		"connected and expired":             {"", `{"status":"CONNECTED","delegateInstanceFilter":"EXPIRED"}`, []string{}},
		"auto-upgrade on":                   {"", `{"autoUpgrade":"ON"}`, []string{"beta", "gamma"}},
		"host name keeps groups without it": {"", `{"hostName":"h3"}`, []string{"Alpha", "beta", "gamma"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wantEqual(t, names(fleet(t).list(test.query, test.filter)), test.want)
		})
	}
}

func TestHostNameFiltersReplicas(t *testing.T) {
	replicas := fleet(t).list("", `{"hostName":"h2"}`)
	wantEqual(t, replicas[0].DelegateReplicas[0].HostName, "h2")
	wantEqual(t, len(replicas[0].DelegateReplicas), 1)
	wantEqual(t, replicas[1].Legacy, true)
}

func TestNamesOfOrganizationAndProject(t *testing.T) {
	m := fleet(t)
	project := m.list("orgIdentifier=default&projectIdentifier=payments", "")[0]
	wantEqual(t, []string{project.OrgName, project.ProjectName}, []string{"default", "Payments"})
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "platform", ProjectID: "build", Name: "b"})
	unnamed := m.list("orgIdentifier=platform&projectIdentifier=build", "")[0]
	wantEqual(t, []string{unnamed.OrgName, unnamed.ProjectName}, []string{"platform", "build"})
}

func TestOrganizationHasNoProjectName(t *testing.T) {
	got := fleet(t).list("orgIdentifier=default", "")[0]
	wantEqual(t, []string{got.OrgName, got.ProjectName}, []string{"default", ""})
}

func TestListDelegatesIsStrict(t *testing.T) {
	const unreadable = "Invalid request: Unable to process JSON"
	tests := map[string]struct {
		mediaType, query, body string
		status                 int
		code, text             string
	}{
		"wrong media type":        {"text/plain", "", "{}", 415, "UNKNOWN_ERROR", "HTTP 415 Unsupported Media Type"},
		"broken JSON":             {"application/json", "", "{", 400, "INVALID_REQUEST", unreadable},
		"wrong type":              {"application/json", "", `{"delegateName":1}`, 400, "INVALID_REQUEST", unreadable},
		"unknown filterType":      {"application/json", "", `{"filterType":"Connector"}`, 400, "INVALID_REQUEST", unreadable},
		"unknown status":          {"application/json", "", `{"status":"UP"}`, 400, "INVALID_REQUEST", unreadable},
		"unknown instance filter": {"application/json; charset=utf-8", "", `{"delegateInstanceFilter":"X"}`, 400, "INVALID_REQUEST", unreadable},
		"unknown organization": {
			"application/json", "&orgIdentifier=nope", "", 400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [nope] not found",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"X-Api-Key": {key}, "Content-Type": {test.mediaType}}
			newManager(t).send("POST", listPath+"?accountIdentifier="+account+test.query, test.body, header).
				wantError(test.status, test.code, test.text)
		})
	}
}

func TestDelegateWithTheSameNameIsReplaced(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Tags: []string{"a"}})
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Tags: []string{"b"}})
	wantEqual(t, m.list("", "")[0].Tags, []string{"b", "d1"})
	wantEqual(t, len(m.Delegates(account)), 1)
}
