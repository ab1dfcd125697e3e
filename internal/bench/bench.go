package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

const pkg = tfcli.Provider + "/internal/bench"

// bench is what the measurements share.
type bench struct {
	opts     options
	dir      string
	progress io.Writer
	manager  *manager
	// launcher is the binary of the command probe.
	launcher string
	// ours and empty are measured by turns.
	ours, empty contender
}

// newBench builds all programs and starts the Manager.
func newBench(ctx context.Context, opts options, dir string, progress io.Writer) (*bench, error) {
	b := &bench{opts: opts, dir: dir, progress: progress}
	b.say("building the providers and the simulator")
	binaries := map[string]string{}
	for _, name := range []string{tfcli.Provider, pkg + "/emptyprovider", pkg + "/probe", tfcli.Provider + "/internal/simulator/cmd/managersim"} {
		binary, err := tfcli.Build(ctx, name, dir)
		if err != nil {
			return nil, err
		}
		binaries[filepath.Base(name)] = binary
	}
	var err error
	if b.manager, err = startManager(ctx, binaries["managersim"]); err != nil {
		return nil, err
	}
	b.launcher = binaries["probe"]
	b.ours = ourContender(binaries[filepath.Base(tfcli.Provider)], b.manager.url)
	b.empty = emptyContender(binaries["emptyprovider"])
	return b, nil
}

// part is a measurement that can be asked for by itself.
type part struct {
	name    string
	measure func(*bench, context.Context, *table) error
}

// parts are all measurements, in their order.
var parts = []part{
	{"size", func(b *bench, _ context.Context, results *table) error { return b.measureSize(results) }},
	{"start", (*bench).measureStartUp},
	{"memory", (*bench).measureMemory},
	{"overrides", (*bench).measureLives},
	{"fleet", (*bench).measureFleets},
	{"kubernetes", (*bench).measureKubernetes},
	{"docker", (*bench).measureDocker},
}

// measure runs the measurements that were asked for.
func (b *bench) measure(ctx context.Context) (*table, error) {
	results := &table{}
	for _, p := range parts {
		if b.opts.only != "" && b.opts.only != p.name {
			continue
		}
		if err := p.measure(b, ctx, results); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// measureSize compares the binaries.
func (b *bench) measureSize(results *table) error {
	ours, err := os.Stat(b.ours.binary)
	if err != nil {
		return fmt.Errorf("looking at the provider's binary: %w", err)
	}
	empty, err := os.Stat(b.empty.binary)
	if err != nil {
		return fmt.Errorf("looking at the empty provider's binary: %w", err)
	}
	const mega = 1e6
	results.section("installing")
	results.add(measure{
		name: "size of the binary, MB", digits: 1,
		ours: sample{float64(ours.Size()) / mega}, empty: sample{float64(empty.Size()) / mega},
		target: atMost(34),
	})
	return nil
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...)
}
