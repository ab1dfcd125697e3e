package simulator_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	groupsPath      = "/api/setup/delegates/ng/v2"
	tokenGroupsPath = "/ng/api/delegate-token-ng/delegate-groups"
)

// group is one delegate group as far as tests look at it.
type group struct {
	GroupID, GroupName, AutoUpgrade, GroupVersion, ConnectivityStatus string
	DelegateGroupVersionStatus                                        string
	GroupCustomSelectors                                              []string
	TokenActive, Immutable                                            bool
	UpgraderLastUpdated, DelegateGroupExpirationTime                  int64
	DelegateInstanceDetails                                           []struct {
		DelegateExpirationTime        int64
		DelegateInstanceVersionStatus string
	}
}

// groupList is the payload of endpoints that list groups.
type groupList struct {
	DelegateGroupDetails                 []group
	DelegateVersionStatusAggregatedCount map[string]int
	AutoUpgradeOffCount                  *int
}

func (l groupList) names() []string {
	all := []string{}
	for _, g := range l.DelegateGroupDetails {
		all = append(all, g.GroupName)
	}
	return all
}

// setup calls an endpoint of the user interface.
func (m *manager) setup(method, path, query, body string) answer {
	m.t.Helper()
	header := http.Header{"X-Api-Key": {key}, "Content-Type": {"application/json"}}
	return m.send(method, path+"?accountId="+account+"&"+query, body, header)
}

// groups lists groups as the user interface does.
func (m *manager) groups(query string) groupList {
	m.t.Helper()
	var list groupList
	m.setup("GET", groupsPath, query, "").resource(&list)
	return list
}

// sample is a group with all that a group can have.
func sample(m *manager) {
	m.SetTime(time.UnixMilli(1717426800000))
	m.AddDelegate(simulator.Delegate{
		AccountID: account, OrgID: "default", ProjectID: "payments", Name: "Payments-delegate", Identifier: "_payments",
		UUID: "gr0upUuid_AAAAAAAAAAAA", Description: "For payments", Type: "HELM_DELEGATE", Tags: []string{"prod", "linux"},
		UpgraderLastUpdated: m.Now().Add(-time.Minute),
		Replicas: []simulator.Replica{
			{UUID: "a", HostName: "h-a", Version: "24.04.82804"},
			{UUID: "b", HostName: "h-b", Version: "23.01.78100", LastHeartbeat: time.UnixMilli(1717426400000)},
		},
	})
}

const sampleBase = `"groupId":"gr0upUuid_AAAAAAAAAAAA","delegateGroupIdentifier":"_payments","groupName":"Payments-delegate",
	"delegateType":"HELM_DELEGATE","delegateDescription":"For payments","groupImplicitSelectors":{"payments-delegate":"GROUP_NAME"},
	"groupCustomSelectors":["prod","linux"],"lastHeartBeat":1717426800000,"connectivityStatus":"partially connected",
	"activelyConnected":true,"grpcActive":true,"tokenActive":true,"immutable":true`

const sampleUpgrades = `"autoUpgrade":"ON","upgraderLastUpdated":1717426740000,"delegateGroupExpirationTime":1731942000000,
	"groupVersion":"24.04.82804"`

const sampleInstances = `"delegateInstanceDetails":[
	{"uuid":"a","lastHeartbeat":1717426800000,"activelyConnected":true,"hostName":"h-a","tokenActive":true,"version":"24.04.82804",
	 "delegateExpirationTime":1731942000000},
	{"uuid":"b","lastHeartbeat":1717426400000,"activelyConnected":false,"hostName":"h-b","tokenActive":true,"version":"23.01.78100",
	 "delegateExpirationTime":1703516400000}]`

const sampleNewer = sampleBase + "," + sampleUpgrades + `,"unsupported":false,"delegateGroupVersionStatus":"ACTIVE",
	"delegateVersionStatusInstanceLevelCount":{"ACTIVE":1,"EXPIRED":1},"delegateInstanceDetails":[
	{"uuid":"a","lastHeartbeat":1717426800000,"activelyConnected":true,"hostName":"h-a","tokenActive":true,"version":"24.04.82804",
	 "delegateExpirationTime":1731942000000,"polllingModeEnabled":false,"delegateInstanceVersionStatus":"ACTIVE","runner":false,"disabled":false},
	{"uuid":"b","lastHeartbeat":1717426400000,"activelyConnected":false,"hostName":"h-b","tokenActive":true,"version":"23.01.78100",
	 "delegateExpirationTime":1703516400000,"polllingModeEnabled":false,"delegateInstanceVersionStatus":"EXPIRED","runner":false,"disabled":false}]`

func inEnvelope(payload string) string {
	return `{"metaData":{},"resource":` + payload + `,"responseMessages":[]}`
}

func TestReplyToGroups(t *testing.T) {
	m := newManager(t)
	sample(m)
	list := inEnvelope(`{"delegateGroupDetails":[{` + sampleNewer + `}],
		"delegateVersionStatusAggregatedCount":{"ACTIVE":1,"EXPIRED":1},"autoUpgradeOffCount":0}`)
	const atProject = "orgId=default&projectId=payments"
	m.setup("GET", groupsPath, atProject, "").want(200, list)
	m.setup("GET", "/gateway"+groupsPath, atProject, "").want(200, list)
	m.setup("POST", groupsPath, atProject, "").want(200, list)
	m.setup("GET", groupsPath+"/up-the-hierarchy", atProject, "").want(200, list)
	m.setup("GET", groupsPath+"/_payments", atProject, "").want(200, inEnvelope("{"+sampleNewer+"}"))
	m.call("GET", tokenGroupsPath, atP.query()).want(200, list)
}

func TestReplyToNoGroups(t *testing.T) {
	newManager(t).setup("GET", groupsPath, "", "").want(200, inEnvelope(
		`{"delegateGroupDetails":[],"delegateVersionStatusAggregatedCount":{},"autoUpgradeOffCount":0}`))
}

func TestGroupWithoutReplicas(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", UUID: "g"})
	m.setup("GET", groupsPath+"/d1", "", "").want(200, inEnvelope(`{"groupId":"g","delegateGroupIdentifier":"d1","groupName":"d1",
		"delegateType":"KUBERNETES","delegateDescription":"","groupImplicitSelectors":{"d1":"GROUP_NAME"},"groupCustomSelectors":[],
		"lastHeartBeat":0,"connectivityStatus":"disconnected","activelyConnected":false,"grpcActive":false,"tokenActive":true,
		"immutable":false,"autoUpgrade":"ON","upgraderLastUpdated":0,"delegateGroupExpirationTime":0,"unsupported":false,
		"delegateVersionStatusInstanceLevelCount":{},"delegateInstanceDetails":[]}`))
}

func TestConnectivityOfGroups(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{{}, {Alive: true}}})
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d2", Replicas: []simulator.Replica{{}}})
	status := func() []string {
		all := []string{}
		for _, g := range m.groups("").DelegateGroupDetails {
			all = append(all, g.GroupName+" "+g.ConnectivityStatus)
		}
		return all
	}
	wantEqual(t, status(), []string{"d1 connected", "d2 connected"})
	m.Advance(5 * time.Minute)
	wantEqual(t, status(), []string{"d1 partially connected", "d2 disconnected"})
}

// TestVersionAndExpiryOfGroupGoByConnectedReplicas also shows that versions are compared as texts.
func TestVersionAndExpiryOfGroupGoByConnectedReplicas(t *testing.T) {
	m := newManager(t)
	m.adjust(func(b *simulator.Behaviour) { b.ManagerBuild = 84200 })
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{
		{Version: "24.9.84000", Alive: true}, {Version: "24.10.83800", Alive: true}, {Version: "23.01.78100"},
	}})
	m.Advance(5 * time.Minute)
	got := m.groups("").DelegateGroupDetails[0]
	wantEqual(t, got.GroupVersion, "24.10.83800")
	wantEqual(t, got.DelegateGroupExpirationTime, m.Now().AddDate(0, 0, 7*20).UnixMilli())
	wantEqual(t, got.DelegateGroupVersionStatus, "ACTIVE")
}

func TestGroupsTellWhetherTheirTokenIsActive(t *testing.T) {
	m := newManager(t)
	m.AddDelegateToken(simulator.DelegateToken{AccountID: account, Name: "t"})
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", TokenName: "t"})
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d2", TokenName: "gone"})
	active := func() []bool {
		list := m.groups("").DelegateGroupDetails
		return []bool{list[0].TokenActive, list[1].TokenActive}
	}
	wantEqual(t, active(), []bool{true, false})
	m.call("PUT", tokenPath, "tokenName=t").wantStatus(200)
	wantEqual(t, active(), []bool{false, false})
}

func TestCountsOfGroups(t *testing.T) {
	m := fleet(t)
	m.Advance(91 * time.Minute)
	list := m.groups("")
	wantEqual(t, list.DelegateVersionStatusAggregatedCount, map[string]int{"ACTIVE": 1, "EXPIRED": 2})
	wantEqual(t, *list.AutoUpgradeOffCount, 2)
	wantEqual(t, *m.groups("pageSize=1").AutoUpgradeOffCount, 2)
}

func TestWhichGroupsAreListed(t *testing.T) {
	tests := map[string]struct {
		method, path, query, body string
		want                      []string
	}{
		"account":                    {"GET", "", "", "", []string{"Alpha", "beta", "gamma"}},
		"organization":               {"GET", "", "orgId=default", "", []string{"org"}},
		"project":                    {"GET", "", "orgId=default&projectId=payments", "", []string{"project"}},
		"project without its org":    {"GET", "", "projectId=payments", "", []string{"Alpha", "beta", "gamma"}},
		"upwards from the project":   {"GET", "/up-the-hierarchy", "orgId=default&projectId=payments", "", []string{"Alpha", "beta", "gamma", "org", "project"}},
		"upwards from the org":       {"GET", "/up-the-hierarchy", "orgId=default", "", []string{"Alpha", "beta", "gamma", "org"}},
		"upwards from the account":   {"GET", "/up-the-hierarchy", "", "", []string{"Alpha", "beta", "gamma"}},
		"search by name":             {"GET", "", "searchTerm=ALPH", "", []string{"Alpha"}},
		"search by description":      {"GET", "", "searchTerm=one", "", []string{"Alpha"}},
		"search without a result":    {"GET", "", "searchTerm=nope", "", []string{}},
		"filter":                     {"POST", "", "", `{"filterType":"Delegate","delegateTags":["linux","prod"]}`, []string{"Alpha"}},
		"filter by status":           {"POST", "", "", `{"status":"CONNECTED"}`, []string{"Alpha"}},
		"filter by auto-upgrade":     {"POST", "", "", `{"autoUpgrade":"DETECTING"}`, []string{"Alpha"}},
		"GET takes no filter":        {"GET", "", "", `{"delegateName":"beta"}`, []string{"Alpha", "beta", "gamma"}},
		"first page":                 {"GET", "", "pageSize=2", "", []string{"Alpha", "beta"}},
		"second page":                {"GET", "", "pageSize=2&pageIndex=1", "", []string{"gamma"}},
		"behind the last page":       {"GET", "", "pageSize=2&pageIndex=2", "", []string{}},
		"page of what a filter left": {"POST", "", "pageSize=1&pageIndex=1", `{"delegateTags":["linux"]}`, []string{"beta"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var list groupList
			fleet(t).setup(test.method, groupsPath+test.path, test.query, test.body).resource(&list)
			wantEqual(t, list.names(), test.want)
		})
	}
}

func TestGroupsOfAToken(t *testing.T) {
	tokens := func(t *testing.T) *manager {
		t.Helper()
		m := newManager(t)
		m.AddDelegateToken(simulator.DelegateToken{AccountID: account, Name: "t"})
		for _, d := range []simulator.Delegate{
			{Name: "d1", TokenName: "t"}, {Name: "d2"}, {Name: "d3", TokenName: "t", Deleted: true}, {Name: "d4", TokenName: "t", OrgID: "default"},
		} {
			d.AccountID = account
			m.AddDelegate(d)
		}
		return m
	}
	tests := map[string]struct {
		query string
		want  []string
	}{
		"all":                       {"", []string{"d1", "d2"}},
		"of the token":              {"delegateTokenName=t", []string{"d1"}},
		"of the default token":      {"delegateTokenName=default_token", []string{"d2"}},
		"token of another scope":    {"delegateTokenName=t&orgIdentifier=default", []string{"d4"}},
		"scope without any":         {"orgIdentifier=platform", []string{}},
		"token without a group":     {"delegateTokenName=default_token_platform", []string{}},
		"project, named by account": {"projectIdentifier=payments", []string{"d1", "d2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var list groupList
			tokens(t).call("GET", tokenGroupsPath, test.query).resource(&list)
			wantEqual(t, list.names(), test.want)
		})
	}
	m := tokens(t)
	m.send("GET", tokenGroupsPath+"?accountId="+account, "", http.Header{"X-Api-Key": {key}}).
		wantError(400, "INVALID_REQUEST", "query param accountIdentifier: must not be null")
	m.call("GET", tokenGroupsPath, "delegateTokenName=nope").wantError(404, "ENTITY_NOT_FOUND", "No such delegate token exists.")
	m.call("GET", tokenGroupsPath, "orgIdentifier=nope").
		wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [nope] not found")
}

func TestGroupListsAreShorterWithoutPermission(t *testing.T) {
	m := fleet(t)
	m.AddKey(simulator.Key{Token: key, AccountID: account, Grants: []simulator.Grant{
		{OrgID: "default", ProjectID: "payments", Permissions: []string{simulator.PermissionView}},
	}})
	wantEqual(t, m.groups("").names(), []string{})
	wantEqual(t, m.groups("orgId=default&projectId=payments").names(), []string{"project"})
	var list groupList
	m.setup("GET", groupsPath+"/up-the-hierarchy", "orgId=default&projectId=payments", "").resource(&list)
	wantEqual(t, list.names(), []string{"project"})
	m.call("GET", tokenGroupsPath, "").resource(&list)
	wantEqual(t, list.names(), []string{})
	m.call("GET", tokenGroupsPath, atP.query()).resource(&list)
	wantEqual(t, list.names(), []string{"project"})
}

func TestTagsOfGroupAreReplaced(t *testing.T) {
	m := fleet(t)
	var replaced group
	m.setup("PUT", groupsPath+"/_alpha", "", `{"groupName":"ignored","groupCustomSelectors":["b","a","b"]}`).resource(&replaced)
	wantEqual(t, replaced.GroupCustomSelectors, []string{"a", "b"})
	wantEqual(t, m.list("", `{"delegateName":"Alpha"}`)[0].Tags, []string{"a", "b", "alpha"})
	m.setup("PUT", groupsPath+"/_alpha", "", `{"groupCustomSelectors":[]}`).resource(&replaced)
	wantEqual(t, replaced.GroupCustomSelectors, []string{})
}

func TestGroupKeepsItsUUID(t *testing.T) {
	m := newManager(t)
	uuid := func() string { return m.groups("").DelegateGroupDetails[0].GroupID }
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1"})
	first := uuid()
	wantEqual(t, len(first), 22)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Tags: []string{"a"}})
	wantEqual(t, uuid(), first)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", UUID: "other"})
	wantEqual(t, uuid(), "other")
}

func TestRefusalsOfGroups(t *testing.T) {
	const denied = "Principal of type SERVICE_ACCOUNT with identifier viewer : Missing permission core_delegate_edit on delegate"
	viewer := simulator.Key{
		Token: "pat.viewer", AccountID: account, Principal: "viewer",
		Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}},
	}
	tests := map[string]struct {
		key, method, path, query, body string
		status                         int
		code, text                     string
	}{
		"no key":              {"", "GET", "", "accountId=" + account, "", 401, "INVALID_TOKEN", invalidToken},
		"unknown account":     {key, "GET", "", "accountId=nope", "", 401, "INVALID_TOKEN", invalidToken},
		"account not named":   {key, "GET", "", "", "", 400, "INVALID_REQUEST", "Invalid request: Account detail is not present in the request"},
		"account named as NG": {key, "GET", "", "accountIdentifier=" + account, "", 400, "INVALID_REQUEST", "query param accountId: must not be empty"},
		"unknown group":       {key, "GET", "/nope", "accountId=" + account, "", 404, "ENTITY_NOT_FOUND", "Delegate group with identifier [nope] not found"},
		"deleted group":       {key, "GET", "/gone", "accountId=" + account, "", 404, "ENTITY_NOT_FOUND", "Delegate group with identifier [gone] not found"},
		"name, not identifier": {
			key, "GET", "/Alpha", "accountId=" + account, "", 404, "ENTITY_NOT_FOUND", "Delegate group with identifier [Alpha] not found",
		},
		"other scope": {
			key, "GET", "/_alpha", "accountId=" + account + "&orgId=default", "", 404, "ENTITY_NOT_FOUND",
			"Delegate group with identifier [_alpha] not found",
		},
		"write without edit":    {"pat.viewer", "PUT", "/_alpha", "accountId=" + account, "{}", 403, "NG_ACCESS_DENIED", denied},
		"write without body":    {key, "PUT", "/_alpha", "accountId=" + account, "", 400, "INVALID_REQUEST", "Invalid request: Unable to process JSON"},
		"unknown filter status": {key, "POST", "", "accountId=" + account, `{"status":"UP"}`, 400, "INVALID_REQUEST", "Invalid request: Unable to process JSON"},
		"negative page": {
			key, "GET", "", "accountId=" + account + "&pageIndex=-1&pageSize=-1", "", 400, "INVALID_REQUEST",
			"query param pageIndex: must be greater than or equal to 0, query param pageSize: must be greater than or equal to 1",
		},
		"page in words": {
			key, "GET", "", "accountId=" + account + "&pageSize=all", "", 500, "UNKNOWN_ERROR",
			"Oops, something went wrong on our end. Please contact Harness Support.",
		},
		"method not known": {
			key, "DELETE", "/_alpha", "accountId=" + account, "", 500, "UNKNOWN_ERROR",
			"Oops, something went wrong on our end. Please contact Harness Support.",
		},
		"path not known": {key, "GET", "/_alpha/x", "accountId=" + account, "", 400, "RESOURCE_NOT_FOUND_EXCEPTION", "HTTP 404 Not Found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := fleet(t)
			m.AddKey(viewer)
			header := http.Header{"X-Api-Key": {test.key}, "Content-Type": {"application/json"}}
			m.send(test.method, groupsPath+test.path+"?"+test.query, test.body, header).wantError(test.status, test.code, test.text)
		})
	}
}

func TestIdentifierInThePathIsDecoded(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Identifier: "a b{}"})
	m.setup("GET", groupsPath+"/"+url.PathEscape("a b{}"), "", "").wantStatus(200)
}
