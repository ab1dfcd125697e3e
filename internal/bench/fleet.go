package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// fleet is how many delegates there are and how they are spread. Each project
// has two overrides, one with tags and one without.
type fleet struct{ delegates, projects int }

func (f fleet) String() string {
	return fmt.Sprintf("%d delegates in %d projects, %d overrides", f.delegates, f.projects, 2*f.projects)
}

// lookups are the data sources that are measured on a fleet, and the plan that
// warns of impacts.
var lookups = []struct{ name, config string }{
	{"delegates, the whole account", `data "harnessdelegate_delegates" "all" { include_child_scopes = true }`},
	{"delegates, one project", `data "harnessdelegate_delegates" "one" {
  org_id     = "org00"
  project_id = "p000"
}`},
	{"delegate", `data "harnessdelegate_delegate" "one" {
  org_id     = "org00"
  project_id = "p000"
  name       = "d00000"
}`},
	{"override_impact, the whole account", `data "harnessdelegate_override_impact" "all" { delegate_tag = "harness/delegate:24.04.82804.minimal" }`},
	{"override_impact, one project", `data "harnessdelegate_override_impact" "one" {
  org_id       = "org00"
  project_id   = "p000"
  delegate_tag = "harness/delegate:24.04.82804.minimal"
}`},
}

// measureFleets looks at fleets of several shapes: what a look-up costs is to
// grow with the number of scopes, not with that of delegates times overrides.
func (b *bench) measureFleets(ctx context.Context, results *table) error {
	for _, f := range b.opts.fleets {
		if err := b.measureFleet(ctx, f, results); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureFleet(ctx context.Context, f fleet, results *table) error {
	b.say("%s", f)
	if err := b.manager.fill(ctx, f, true); err != nil {
		return err
	}
	dir := filepath.Join(b.dir, fmt.Sprintf("fleet-%d-%d", f.delegates, f.projects))
	results.section("looking at " + f.String())
	for i, lookup := range lookups {
		if err := b.look(ctx, filepath.Join(dir, strconv.Itoa(i)), lookup.name, b.ours.head("")+lookup.config, results); err != nil {
			return err
		}
	}
	if err := b.manager.fill(ctx, f, false); err != nil {
		return err
	}
	plan := b.ours.overrides(2 * f.projects)
	for _, way := range [][2]string{{"with", ""}, {"without", "  warn_override_impact = false\n"}} {
		name, block := way[0], way[1]
		title := fmt.Sprintf("plan of %d new overrides, %s their impact", 2*f.projects, name)
		if err := b.look(ctx, filepath.Join(dir, name), title, b.ours.head(block)+plan, results); err != nil {
			return err
		}
	}
	return nil
}

// look measures one plan.
func (b *bench) look(ctx context.Context, dir, name, config string, results *table) error {
	p, err := b.ours.probedWith(ctx, b.launcher, dir, config)
	if err != nil {
		return err
	}
	var requests, times sample
	taken, err := byTurns(b.opts.probes, func() (total usage.Total, err error) {
		counters, err := b.manager.counted(ctx, func() (err error) {
			var took cost
			total, took, err = p.usedIn(ctx, planning())
			times = append(times, seconds(took))
			return err
		})
		requests = append(requests, float64(counters[simulator.CounterTotal]))
		return total, err
	})
	if err != nil {
		return err
	}
	results.add(measure{name: name + ": requests", ours: requests[1:]})
	results.add(measure{name: "  time of the plan, s", digits: 2, ours: times[1:]})
	results.add(measure{name: "  processor time of the provider, ms", ours: each(taken[0], func(u usage.Total) float64 { return u.CPU.Seconds() * 1000 })})
	results.add(measure{name: "  peak memory of the provider, MiB", digits: 1, ours: each(taken[0], mebibytes)})
	return nil
}

// fill gives the Manager a fleet, and its overrides if they are to be set.
func (m *manager) fill(ctx context.Context, f fleet, overridden bool) error {
	if err := m.reset(ctx, f.projects); err != nil {
		return err
	}
	var state simulator.State
	if err := m.admin(ctx, http.MethodGet, "state", nil, &state); err != nil {
		return err
	}
	for i := range f.delegates {
		org, project := projectAt(i % f.projects)
		state.Delegates = append(state.Delegates, simulator.Delegate{
			AccountID: account, OrgID: org, ProjectID: project,
			Name: fmt.Sprintf("d%05d", i), Tags: []string{"linux", "prod"},
			Replicas: []simulator.Replica{
				{Image: "harness/delegate:24.03.82600", Alive: true},
				{Image: "harness/delegate:24.03.82600", Alive: true},
			},
		})
	}
	for i := 0; overridden && i < f.projects; i++ {
		org, project := projectAt(i)
		for _, tags := range [][]string{nil, {"linux"}} {
			state.Overrides = append(state.Overrides, simulator.Override{
				AccountID: account, OrgID: org, ProjectID: project, Tags: tags, Version: "harness/delegate:24.03.82600",
			})
		}
	}
	return m.admin(ctx, http.MethodPut, "state", state, nil)
}

// projectAt names the project of a number, and its organization.
func projectAt(i int) (org, project string) {
	return fmt.Sprintf(orgFormat, i/projectsPerOrg), fmt.Sprintf("p%03d", i)
}
