package delegates

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	manyProjects        = 100
	delegatesPerProject = 20
)

// largeFleet is 2,000 delegates in 100 projects of 10 organizations.
func largeFleet(tb testing.TB) manager {
	tb.Helper()
	orgs := map[string][]string{}
	for p := range manyProjects {
		org := fmt.Sprintf("org%d", p%10)
		orgs[org] = append(orgs[org], fmt.Sprintf("project%d", p))
	}
	m := newManager(tb, orgs)
	for org, projects := range orgs {
		for _, project := range projects {
			for d := range delegatesPerProject {
				m.AddDelegate(simulator.Delegate{
					AccountID: testAccount, OrgID: org, ProjectID: project, Name: fmt.Sprintf("delegate-%d", d),
					Tags: []string{"linux", org}, Replicas: []simulator.Replica{running(release), running(oldRelease)},
				})
			}
		}
	}
	return m
}

// What a list costs in requests depends on the scopes, not on the delegates, and
// filters make it less.
func TestRequestsForALargeFleet(t *testing.T) {
	m := largeFleet(t)
	below := map[string]tftypes.Value{"include_child_scopes": truth(true)}
	with := func(name string, value tftypes.Value) map[string]tftypes.Value {
		return map[string]tftypes.Value{"include_child_scopes": truth(true), name: value}
	}
	const (
		lists    = "POST /ng/api/delegate-setup/listDelegates"
		groups   = "GET /api/setup/delegates/ng/v2"
		orgs     = "GET /ng/api/organizations"
		projects = "GET /ng/api/projects"
	)
	for _, tc := range []struct {
		name      string
		arguments map[string]tftypes.Value
		delegates int
		requests  map[string]int
	}{
		{"without details", with("group_details", truth(false)), 2000, map[string]int{lists: 1, orgs: 1, projects: 1}},
		{"with details", below, 2000, map[string]int{lists: 1, orgs: 1, projects: 1, groups: 100}},
		{"one name in each project", with("name", text("delegate-7")), 100, map[string]int{lists: 1, orgs: 1, projects: 1, groups: 100}},
		{"one organization by its tag", with("tags", tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text("org3")})), 200, map[string]int{lists: 1, orgs: 1, projects: 1, groups: 10}},
		{"nothing is left", with("name", text("nobody")), 0, map[string]int{lists: 1, orgs: 1, projects: 1}},
		{"the Manager's judgement", map[string]tftypes.Value{"include_child_scopes": truth(true), "version_status": text("ACTIVE"), "group_details": truth(false)}, 2000, map[string]int{lists: 101, orgs: 1, projects: 1}},
		{"one project", map[string]tftypes.Value{"org_id": text("org3"), "project_id": text("project3")}, 20, map[string]int{lists: 1, groups: 1}},
		{"one organization and below", map[string]tftypes.Value{"org_id": text("org3"), "include_child_scopes": truth(true), "group_details": truth(false)}, 200, map[string]int{lists: 1, projects: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run := m.again(t)
			m.ResetCounters()
			result, diags := run.list(t, tc.arguments)
			if len(diags) > 0 || len(result.Unseen) > 0 {
				t.Fatal(diags, result.Unseen)
			}
			if found := len(result.Delegates.Elements()); found != tc.delegates {
				t.Errorf("%d delegates, want %d", found, tc.delegates)
			}
			all := 0
			for request, want := range tc.requests {
				all += want
				if got := m.Counters()[request]; got != want {
					t.Errorf("%d requests %s, want %d", got, request, want)
				}
			}
			t.Logf("%d delegates in %d requests", tc.delegates, all)
			if total := m.Counters()[simulator.CounterTotal]; total != all {
				t.Errorf("%d requests, want %d", total, all)
			}
		})
	}
}

// BenchmarkList is one read of a large fleet. The Manager's own work is in it.
func BenchmarkList(b *testing.B) {
	for _, details := range []bool{false, true} {
		b.Run(fmt.Sprintf("details=%t", details), func(b *testing.B) {
			m := largeFleet(b)
			m.ResetCounters()
			b.ReportAllocs()
			for b.Loop() {
				run := m.again(b)
				arguments := map[string]tftypes.Value{"include_child_scopes": truth(true), "group_details": truth(details)}
				if diags := read(b.Context(), b, &listDataSource{providerdata.DataSource{Data: run.data}}, arguments, nil); len(diags) > 0 {
					b.Fatal(diags)
				}
			}
			b.ReportMetric(float64(m.Counters()[simulator.CounterTotal])/float64(b.N), "requests/op")
		})
	}
}
