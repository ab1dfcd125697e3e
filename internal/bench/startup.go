package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// smallest is the number of overrides in a workspace that is about nothing but
// starting: one of each kind.
const smallest = 2

// measureStartUp compares "terraform validate", which does little more than
// starting the provider and asking it for its schema.
func (b *bench) measureStartUp(ctx context.Context, results *table) error {
	dir := filepath.Join(b.dir, "validate")
	ours, err := b.ours.workspace(ctx, filepath.Join(dir, "ours"), smallest)
	if err != nil {
		return err
	}
	empty, err := b.empty.workspace(ctx, filepath.Join(dir, "empty"), smallest)
	if err != nil {
		return err
	}
	none, err := bare(filepath.Join(dir, "none"), b.empty)
	if err != nil {
		return err
	}
	validate := func(w workspace) func() (cost, error) {
		return func() (cost, error) { return w.run(ctx, 0, "validate") }
	}
	b.say("terraform validate, %d rounds", b.opts.pairs)
	costs, err := byTurns(b.opts.pairs, validate(ours), validate(empty), validate(none))
	if err != nil {
		return err
	}
	results.section("starting (terraform validate)")
	results.add(measure{
		name: "time, ms", target: ratioAtMost(1.2),
		ours: each(costs[0], milliseconds), empty: each(costs[1], milliseconds),
	})
	results.add(measure{
		name: "processor time with Terraform's, ms",
		ours: each(costs[0], cpuMilliseconds), empty: each(costs[1], cpuMilliseconds),
	})
	results.add(measure{name: "time of Terraform alone, without a provider, ms", ours: each(costs[2], milliseconds)})
	return nil
}

// measureMemory compares the memory that starting takes, and the smallest plan,
// which uses neither Kubernetes nor Docker. With more overrides it grows, with
// the empty provider as well: there the ratio counts.
func (b *bench) measureMemory(ctx context.Context, results *table) error {
	dir := filepath.Join(b.dir, "memory")
	if err := b.manager.reset(ctx, smallest/2); err != nil {
		return err
	}
	ours, err := b.ours.probed(ctx, b.launcher, filepath.Join(dir, "ours"), smallest)
	if err != nil {
		return err
	}
	empty, err := b.empty.probed(ctx, b.launcher, filepath.Join(dir, "empty"), smallest)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		section string
		target  target
		command []string
	}{
		{"memory of starting (terraform validate)", target{}, []string{"validate"}},
		{fmt.Sprintf("planning %d overrides", smallest), target{}, planning()},
	} {
		b.say("memory of terraform %s, %d rounds", m.command[0], b.opts.probes)
		used, err := byTurns(b.opts.probes,
			func() (usage.Total, error) { return ours.used(ctx, m.command) },
			func() (usage.Total, error) { return empty.used(ctx, m.command) })
		if err != nil {
			return err
		}
		results.section(m.section)
		results.add(measure{
			name: "peak memory of the provider, MiB", digits: 1, target: m.target,
			ours: each(used[0], mebibytes), empty: each(used[1], mebibytes),
		})
	}
	return nil
}

// bare makes a workspace whose configuration needs no provider.
func bare(dir string, unused contender) (workspace, error) {
	made, err := tfcli.New(dir, unused.source, unused.binary)
	if err != nil {
		return workspace{}, err
	}
	if err := made.Write("main.tf", "locals {\n  answer = 42\n}\n"); err != nil {
		return workspace{}, fmt.Errorf("writing the configuration: %w", err)
	}
	return workspace{made}, nil
}
