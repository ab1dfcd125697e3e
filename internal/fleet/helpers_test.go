package fleet_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	account = "aBcDeFgHiJkLmNoPqRsTuV"
	apiKey  = "pat.test"

	listCall     = "POST /ng/api/delegate-setup/listDelegates"
	groupsCall   = "GET /api/setup/delegates/ng/v2"
	orgsCall     = "GET /ng/api/organizations"
	projectsCall = "GET /ng/api/projects"
)

var (
	start     = time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)
	atAccount = delegate.Scope{Account: account}
	atOrg     = delegate.Scope{Account: account, Org: "default"}
	atProject = delegate.Scope{Account: account, Org: "default", Project: "payments"}
	below     = fleet.Query{Scope: atAccount, Below: true}
)

// manager is a simulated Manager that listens. Its delegates are at the account
// (a), in the organization "default" (o), and in the projects "payments" (p, q),
// "search" (s) and "build" of the organization "platform" (p).
type manager struct {
	*simulator.Simulator

	url string
}

func newManager(tb testing.TB, behave ...func(*simulator.Behaviour)) manager {
	tb.Helper()
	sim := simulator.New()
	sim.SetTime(start)
	sim.AddAccount(simulator.Account{
		ID: account, LatestVersion: "24.04.82804",
		Orgs: map[string][]string{"default": {"payments", "search"}, "platform": {"build"}},
		Names: map[string]string{
			"default": "Default", "default/payments": "Payments", "default/search": "Search", "platform": "The Platform", "platform/build": "Payments",
		},
	})
	sim.AddKey(simulator.Key{Token: apiKey, AccountID: account})
	behaviour := sim.Behaviour()
	for _, change := range behave {
		change(&behaviour)
	}
	sim.SetBehaviour(behaviour)
	for _, at := range []string{"//a", "default//o", "default/payments/p", "default/payments/q", "default/search/s", "platform/build/p"} {
		parts := strings.Split(at, "/")
		version := "24.04.82804"
		if parts[1] == "search" {
			version = "23.07.80000"
		}
		sim.AddDelegate(simulator.Delegate{
			AccountID: account, OrgID: parts[0], ProjectID: parts[1], Name: parts[2], Identifier: parts[2] + "_id",
			Replicas: []simulator.Replica{{Version: version, Alive: true}},
		})
	}
	return manager{sim, serve(tb, sim)}
}

func serve(tb testing.TB, handler http.Handler) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}

func clientOf(tb testing.TB, address string) *harness.Client {
	tb.Helper()
	endpoint, err := harness.ParseEndpoint(address)
	if err != nil {
		tb.Fatal(err)
	}
	return harness.New(harness.Config{Endpoint: endpoint, APIKey: apiKey, MaxRetries: 1, RetryWaitMin: time.Millisecond, RetryWaitMax: time.Millisecond})
}

// mayOnly gives the key the permissions alone, everywhere.
func (m manager) mayOnly(permissions ...string) {
	m.AddKey(simulator.Key{Token: apiKey, AccountID: account, Grants: []simulator.Grant{{Permissions: permissions}}})
}

// refusing is the Manager, but for the project "payments", of which it refuses all.
func (m manager) refusing(tb testing.TB) manager {
	tb.Helper()
	var requests atomic.Int32
	return manager{m.Simulator, serve(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("projectIdentifier") == atProject.Project || query.Get("projectId") == atProject.Project {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"status":"ERROR","code":"NG_ACCESS_DENIED","message":"Missing permission","correlationId":"c-%d"}`, requests.Add(1))
			return
		}
		m.ServeHTTP(w, r)
	}))}
}

func read(tb testing.TB, client *harness.Client, query fleet.Query) fleet.Fleet {
	tb.Helper()
	found, err := fleet.Read(tb.Context(), client, query)
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// members describes the members of a fleet: "default/payments/p", and by names in
// parentheses those that aren't placed.
func members(f fleet.Fleet) []string {
	described := []string{}
	for _, m := range f.Members {
		parts := []string{m.Scope.Org, m.Scope.Project, m.Name}
		if !m.Placed {
			parts = []string{"(" + m.OrgName, m.ProjectName + ")", m.Name}
		}
		described = append(described, strings.TrimLeft(strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "/"), "/"))
	}
	return described
}

func wantMembers(tb testing.TB, f fleet.Fleet, want ...string) {
	tb.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, members(f)); diff != "" {
		tb.Errorf("members (-want +got):\n%s", diff)
	}
}

// wantUnseen checks that there is one text for each of those given, which it
// holds.
func wantUnseen(tb testing.TB, f fleet.Fleet, want ...string) {
	tb.Helper()
	if len(f.Unseen) != len(want) {
		tb.Fatalf("%d texts, want %d: %q", len(f.Unseen), len(want), f.Unseen)
	}
	for i, text := range want {
		if !strings.Contains(f.Unseen[i], text) {
			tb.Errorf("%q is missing in: %s", text, f.Unseen[i])
		}
		if strings.Contains(f.Unseen[i], "correlation") {
			tb.Errorf("a text tells of one request: %s", f.Unseen[i])
		}
	}
}

func (m manager) wantRequests(tb testing.TB, want map[string]int) {
	tb.Helper()
	got := m.Counters()
	delete(got, simulator.CounterTotal)
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("requests (-want +got):\n%s", diff)
	}
}
