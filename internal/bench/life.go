package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// life is the measurement of a number of overrides from their creation to
// their end.
type life struct {
	*bench
	size

	dir string
	// mine and theirs are the workspaces of our provider and the empty one.
	mine, theirs workspace
	results      *table
}

// measureLives measures each number of overrides.
func (b *bench) measureLives(ctx context.Context, results *table) error {
	for _, s := range b.opts.sizes {
		if err := b.measureLife(ctx, s, results); err != nil {
			return err
		}
	}
	return nil
}

// measureLife creates overrides, refreshes them often and destroys them.
func (b *bench) measureLife(ctx context.Context, s size, results *table) error {
	l := &life{bench: b, size: s, dir: filepath.Join(b.dir, fmt.Sprintf("life-%d", s.overrides)), results: results}
	if err := b.manager.reset(ctx, s.scopes()); err != nil {
		return err
	}
	var err error
	if l.mine, err = b.ours.workspace(ctx, filepath.Join(l.dir, "ours"), s.overrides); err != nil {
		return err
	}
	if l.theirs, err = b.empty.workspace(ctx, filepath.Join(l.dir, "empty"), s.overrides); err != nil {
		return err
	}
	for _, phase := range []func(context.Context) error{l.create, l.refresh, l.probe, l.destroy} {
		if err := phase(ctx); err != nil {
			return err
		}
	}
	return nil
}

// create applies a plan of nothing but new overrides.
func (l *life) create(ctx context.Context) error {
	l.say("%d overrides: create", l.overrides)
	l.results.section(fmt.Sprintf("creating %d overrides in %d scopes", l.overrides, l.scopes()))
	return l.change(ctx, setCall)
}

// destroy applies a plan of nothing but removals.
func (l *life) destroy(ctx context.Context) error {
	l.say("%d overrides: destroy", l.overrides)
	l.results.section(fmt.Sprintf("destroying %d overrides in %d scopes", l.overrides, l.scopes()))
	return l.change(ctx, deleteCall, "-destroy")
}

// change plans and applies, and reports the requests of both. The times are
// for information: Terraform writes its state anew after each resource, which
// soon takes longer than anything a provider does.
func (l *life) change(ctx context.Context, write string, args ...string) error {
	const file = "saved.tfplan"
	plan, err := l.both(ctx, func(w workspace) (cost, error) { return w.plan(ctx, file, args...) })
	if err != nil {
		return err
	}
	apply, err := l.both(ctx, func(w workspace) (cost, error) { return w.apply(ctx, file) })
	if err != nil {
		return err
	}
	verb, _, _ := strings.Cut(write, " ")
	count := func(name string) sample { return sample{float64(apply.requests[name])} }
	inAll := plan.requests[simulator.CounterTotal] + apply.requests[simulator.CounterTotal]

	l.results.add(measure{name: "requests of the plan", ours: sample{float64(plan.requests[simulator.CounterTotal])}})
	l.results.add(measure{name: "requests of the apply", ours: count(simulator.CounterTotal)})
	l.results.add(measure{name: "  " + verb, ours: count(write), target: exactly(float64(l.overrides))})
	l.results.add(measure{name: "  lists", ours: count(listCall)})
	l.results.add(measure{name: "requests of the apply per override", digits: 2, ours: l.perOverride(count(simulator.CounterTotal)), target: atMost(3)})
	l.results.add(measure{name: "requests of both per override", digits: 2, ours: l.perOverride(sample{float64(inAll)})})
	l.results.add(measure{name: "time of the plan, s", digits: 2, ours: sample{seconds(plan.mine)}, empty: sample{seconds(plan.theirs)}})
	l.results.add(measure{name: "time of the apply, s", digits: 2, ours: sample{seconds(apply.mine)}, empty: sample{seconds(apply.theirs)}})
	return nil
}

// step is what one command took with both providers.
type step struct {
	mine, theirs cost
	// requests are those of our provider.
	requests map[string]int
}

// both runs a command with our provider and then with the empty one.
func (l *life) both(ctx context.Context, command func(workspace) (cost, error)) (step, error) {
	var taken step
	var err error
	taken.requests, err = l.manager.counted(ctx, func() (err error) {
		taken.mine, err = command(l.mine)
		return err
	})
	if err != nil {
		return step{}, err
	}
	taken.theirs, err = command(l.theirs)
	return taken, err
}

// refresh plans again and again where nothing is to be done.
func (l *life) refresh(ctx context.Context) error {
	l.say("%d overrides: refresh, %d rounds", l.overrides, l.rounds)
	var lists, all sample
	costs, err := byTurns(l.rounds,
		func() (took cost, err error) {
			requests, err := l.manager.counted(ctx, func() (err error) {
				took, err = l.mine.refresh(ctx)
				return err
			})
			lists = append(lists, float64(requests[listCall])/float64(l.scopes()))
			all = append(all, float64(requests[simulator.CounterTotal]))
			return took, err
		},
		func() (cost, error) { return l.theirs.refresh(ctx) })
	if err != nil {
		return err
	}
	l.results.section(fmt.Sprintf("refreshing %d overrides in %d scopes (a plan without changes)", l.overrides, l.scopes()))
	l.results.add(measure{name: "requests", ours: all})
	l.results.add(measure{name: "lists per scope", digits: 2, ours: lists, target: atMost(1)})
	l.results.add(measure{
		name: "time, s", digits: 2, target: ratioAtMost(1.75),
		ours: each(costs[0], seconds), empty: each(costs[1], seconds),
	})
	l.results.add(measure{
		name: "processor time with Terraform's, s", digits: 2, target: ratioAtMost(2.1),
		ours: each(costs[0], cpuSeconds), empty: each(costs[1], cpuSeconds),
	})
	return nil
}

// probe refreshes with the launcher between Terraform and the provider.
func (l *life) probe(ctx context.Context) error {
	l.say("%d overrides: processor and memory, %d rounds", l.overrides, l.opts.probes)
	ours, err := l.prober(ctx, l.ours, "ours-probed", l.mine)
	if err != nil {
		return err
	}
	empty, err := l.prober(ctx, l.empty, "empty-probed", l.theirs)
	if err != nil {
		return err
	}
	used, err := byTurns(l.opts.probes, ours, empty)
	if err != nil {
		return err
	}
	cpu := func(u usage.Total) float64 { return u.CPU.Seconds() * 1000 }
	l.results.add(measure{
		name: "processor time of the provider per override, ms", digits: 2, target: atMost(3),
		ours: l.perOverride(each(used[0], cpu)), empty: l.perOverride(each(used[1], cpu)),
	})
	l.results.add(measure{
		name: "peak memory of the provider, MiB", digits: 1,
		ours: each(used[0], mebibytes), empty: each(used[1], mebibytes),
	})
	return nil
}

// prober makes a workspace with the launcher and the state of another one.
func (l *life) prober(ctx context.Context, c contender, name string, state workspace) (func() (usage.Total, error), error) {
	p, err := c.probed(ctx, l.launcher, filepath.Join(l.dir, name), l.overrides)
	if err != nil {
		return nil, err
	}
	if err := p.adopt(state); err != nil {
		return nil, err
	}
	return func() (usage.Total, error) { return p.used(ctx, planning()) }, nil
}

// perOverride divides by the number of overrides.
func (l *life) perOverride(values sample) sample {
	return each(values, func(value float64) float64 { return value / float64(l.overrides) })
}
