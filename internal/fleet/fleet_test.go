package fleet_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

var everyone = []string{"a", "default/o", "default/payments/p", "default/payments/q", "default/search/s", "platform/build/p"}

func TestRead_scopes(t *testing.T) {
	for name, tc := range map[string]struct {
		query    fleet.Query
		want     []string
		requests map[string]int
	}{
		"the account":            {fleet.Query{Scope: atAccount}, everyone[:1], map[string]int{listCall: 1}},
		"an organization":        {fleet.Query{Scope: atOrg}, everyone[1:2], map[string]int{listCall: 1}},
		"a project":              {fleet.Query{Scope: atProject}, everyone[2:4], map[string]int{listCall: 1}},
		"all":                    {below, everyone, map[string]int{listCall: 1, orgsCall: 1, projectsCall: 1}},
		"an organization, below": {fleet.Query{Scope: atOrg, Below: true}, everyone[1:5], map[string]int{listCall: 1, projectsCall: 1}},
		"a project, below":       {fleet.Query{Scope: atProject, Below: true}, everyone[2:4], map[string]int{listCall: 1}},
		"an empty organization":  {fleet.Query{Scope: delegate.Scope{Account: account, Org: "platform"}}, nil, map[string]int{listCall: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			client := clientOf(t, m.url)
			for range 2 { // what is remembered is not spoiled by the first
				found := read(t, client, tc.query)
				wantMembers(t, found, tc.want...)
				wantUnseen(t, found)
			}
			m.wantRequests(t, tc.requests)
		})
	}
}

func TestRead_keepGoesFirst(t *testing.T) {
	m := newManager(t)
	query := below
	query.Keep = func(d harness.ListedDelegate) bool { return d.Name == "q" }
	query.Details, query.VersionStatus = true, "ACTIVE"
	found := read(t, clientOf(t, m.url), query)
	wantMembers(t, found, "default/payments/q")
	if g := found.Members[0].Group; g == nil || g.Identifier != "q_id" {
		t.Errorf("the details are %v", g)
	}
	m.wantRequests(t, map[string]int{listCall: 2, orgsCall: 1, projectsCall: 1, groupsCall: 1})
}

func TestRead_versionStatus(t *testing.T) {
	m := newManager(t)
	for status, want := range map[string][]string{"EXPIRED": {"default/search/s"}, "UNSUPPORTED": nil, "ACTIVE": {"a", "default/o", "default/payments/p", "default/payments/q", "platform/build/p"}} {
		query := below
		query.VersionStatus = status
		wantMembers(t, read(t, clientOf(t, m.url), query), want...)
	}
}

// What the Manager's filter hides of a delegate isn't missing from it.
func TestRead_versionStatusKeepsAllReplicas(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "a", Replicas: []simulator.Replica{{Version: "24.04.82804", Alive: true}, {Version: "23.07.80000", Alive: true}}})
	found := read(t, clientOf(t, m.url), fleet.Query{Scope: atAccount, VersionStatus: "EXPIRED"})
	wantMembers(t, found, "a")
	if n := len(found.Members[0].Replicas); n != 2 {
		t.Errorf("it has %d replicas, want 2", n)
	}
}

func TestRead_details(t *testing.T) {
	m := newManager(t)
	m.RunUpgrader(account, "p")
	query := below
	query.Details = true
	found := read(t, clientOf(t, m.url), query)
	wantMembers(t, found, everyone...)
	wantUnseen(t, found)
	for _, member := range found.Members {
		if member.Group == nil || member.Group.Identifier != member.Name+"_id" || member.Group.UpgraderAsked.IsZero() == (member.Name == "p") {
			t.Errorf("%s has the details %v", member.Name, member.Group)
		}
	}
	m.wantRequests(t, map[string]int{listCall: 1, orgsCall: 1, projectsCall: 1, groupsCall: 5})
}

func TestRead_detailsRefused(t *testing.T) {
	m := newManager(t, func(b *simulator.Behaviour) { b.CGAPIKey = simulator.CGAPIKeyRefused })
	query := below
	query.Details = true
	found := read(t, clientOf(t, m.url), query)
	wantMembers(t, found, everyone...)
	wantUnseen(t, found, "the identifiers, and when upgraders last asked, of the delegates of the account and 4 other scopes: GET /api/setup/delegates/ng/v2: the Manager answered 401")
}

// Of two delegates of one name at one scope, nothing tells whose details are whose.
func TestRead_detailsOfTwins(t *testing.T) {
	m := newManager(t)
	m.url = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/setup/delegates/ng/v2" {
			_, _ = w.Write([]byte(`{"resource":{"delegateGroupDetails":[{"delegateGroupIdentifier":"p1","groupName":"p"},{"delegateGroupIdentifier":"q","groupName":"q"},{"delegateGroupIdentifier":"p2","groupName":"p"}]}}`))
			return
		}
		m.ServeHTTP(w, r)
	}))
	found := read(t, clientOf(t, m.url), fleet.Query{Scope: atProject, Details: true})
	wantMembers(t, found, everyone[2:4]...)
	for _, member := range found.Members {
		if (member.Group != nil) != (member.Name == "q") {
			t.Errorf("%s has the details %v", member.Name, member.Group)
		}
	}
}

// One scope that fails is told once for each thing that it hides, and the others
// are there.
func TestRead_aFailingScope(t *testing.T) {
	m := newManager(t).refusing(t)
	query := below
	query.Details = true
	found := read(t, clientOf(t, m.url), query)
	wantMembers(t, found, everyone...)
	wantUnseen(t, found, `the delegates of project "default/payments": GET`)
	for _, member := range found.Members {
		if hidden := member.Scope == atProject; hidden != (member.Group == nil) {
			t.Errorf("%v has the details %v", member.Scope, member.Group)
		}
	}
	query = below
	query.VersionStatus = "ACTIVE"
	found = read(t, clientOf(t, m.url), query)
	wantMembers(t, found, "a", "default/o", "platform/build/p")
	wantUnseen(t, found, `the version status of the delegates of project "default/payments": POST`)
}

// An empty list must not pass for an answer where nobody has answered.
func TestRead_fails(t *testing.T) {
	m := newManager(t).refusing(t)
	for name, query := range map[string]fleet.Query{
		"no list":           {Scope: atProject},
		"no list, below":    {Scope: atProject, Below: true},
		"no version status": {Scope: atAccount, VersionStatus: "EXPIRED"},
	} {
		if name == "no version status" {
			m.Inject(simulator.Fault{Path: "listDelegates", Skip: 1, Status: 403})
		}
		var refused *harness.APIError
		found, err := fleet.Read(t.Context(), clientOf(t, m.url), query)
		if !errors.As(err, &refused) || len(found.Members) > 0 {
			t.Errorf("%s: got %v, %v", name, members(found), err)
		}
		m.ClearFaults()
	}
}

// Interrupted in the middle, it isn't a fleet of which something was not seen.
func TestRead_interrupted(t *testing.T) {
	m := newManager(t)
	client := clientOf(t, m.url)
	wantMembers(t, read(t, client, below), everyone...) // remembered from now on
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	query := below
	query.Details = true
	if found, err := fleet.Read(ctx, client, query); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", members(found), err)
	}
}
