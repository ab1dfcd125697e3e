package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// largeFleet has 2,000 delegates in 100 projects, and an untagged and a tagged override in each project.
func largeFleet(tb testing.TB) *simulator.Simulator {
	tb.Helper()
	orgs := map[string][]string{}
	state := simulator.State{Keys: []simulator.Key{{Token: key, AccountID: account}}}
	for i := range 100 {
		org, project := fmt.Sprintf("o%d", i/10), fmt.Sprintf("p%d", i)
		orgs[org] = append(orgs[org], project)
		at := simulator.Override{AccountID: account, OrgID: org, ProjectID: project, Version: "a:1"}
		tagged := at
		tagged.Tags = []string{"canary"}
		state.Overrides = append(state.Overrides, at, tagged)
		for j := range 20 {
			state.Delegates = append(state.Delegates, simulator.Delegate{
				AccountID: account, OrgID: org, ProjectID: project, Name: fmt.Sprintf("d%d", j), Tags: []string{"linux"},
				Replicas: []simulator.Replica{{Image: latestImage, Alive: true}, {Image: latestImage, Alive: true}},
			})
		}
	}
	state.Accounts = []simulator.Account{{ID: account, LatestVersion: "24.04.82804", Orgs: orgs}}
	sim := simulator.New()
	if err := sim.SetState(state); err != nil {
		tb.Fatal(err)
	}
	return sim
}

// benchmarkCall measures one request, without the network.
func benchmarkCall(b *testing.B, method, target string) {
	b.Helper()
	sim := largeFleet(b)
	b.ReportAllocs()
	for b.Loop() {
		request := httptest.NewRequestWithContext(b.Context(), method, target, http.NoBody)
		request.Header.Set("X-Api-Key", key)
		recorder := httptest.NewRecorder()
		sim.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusOK {
			b.Fatalf("status is %d: %s", recorder.Code, recorder.Body)
		}
	}
}

func BenchmarkListDelegatesOfLargeFleet(b *testing.B) {
	benchmarkCall(b, "POST", listPath+"?all=true&accountIdentifier="+account)
}

func BenchmarkListDelegatesOfOneProject(b *testing.B) {
	benchmarkCall(b, "POST", listPath+"?orgIdentifier=o5&projectIdentifier=p50&accountIdentifier="+account)
}

func BenchmarkGroupsOfOneProject(b *testing.B) {
	benchmarkCall(b, "GET", groupsPath+"?orgId=o5&projectId=p50&accountId="+account)
}

// BenchmarkImageFor measures the rules once they have looked at every scope.
func BenchmarkImageFor(b *testing.B) {
	sim := largeFleet(b)
	for b.Loop() {
		if image := sim.ImageFor(account, "o5", "p50", "d1", []string{"linux"}); image != "a:1" {
			b.Fatalf("the image is %s", image)
		}
	}
}

func BenchmarkSetStateOfLargeFleet(b *testing.B) {
	state := largeFleet(b).State()
	for b.Loop() {
		if err := simulator.New().SetState(state); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLargeFleetIsListedAsAWhole(t *testing.T) {
	m := newManager(t)
	if err := m.SetState(largeFleet(t).State()); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, len(m.list("all=true", "")), 2000)
	wantEqual(t, len(m.list("all=true&orgIdentifier=o5", "")), 200)
	wantEqual(t, len(m.list(place{"o5", "p50"}.query(), "")), 20)
	wantEqual(t, m.scopes(projectsPath, "").TotalItems, 100)
	wantEqual(t, len(m.Overrides(account)), 200)
}
