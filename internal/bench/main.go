// Command bench measures what the provider costs: requests, processor time,
// memory, size, and the time that people wait. It runs the real Terraform with
// the released form of the provider against a simulated Manager in a process
// of its own, 20 ms away. Upgraders are measured on a real Kubernetes control
// plane and on the machine's own Docker Engine, where these can be had.
//
// Machines differ and are busy with other things, so times are compared with
// those of an empty provider (emptyprovider) that is measured by turns with the
// real one in the same run; what counts is their ratio. Each line says whether
// it is within its target. A target that is missed is no failure of the
// program: its exit code is 0 unless measuring itself failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and prints the table, with the progress on stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	opts, err := parse(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "harnessdelegate-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	b, err := newBench(ctx, opts, dir, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.manager.stop()) }()
	results, err := b.measure(ctx)
	if err != nil {
		return err
	}
	return results.print(stdout)
}

// options say how much to measure.
type options struct {
	// only is the one part to measure; empty for all.
	only string
	// sizes are the numbers of overrides, and how often to refresh them.
	sizes []size
	// pairs is how often the start-up of both providers is compared.
	pairs int
	// probes is how often the provider's processes are measured.
	probes int
	// fleets are looked at.
	fleets []fleet
	// lives is how often an upgrader is made, looked at and destroyed.
	lives int
}

// size is a number of overrides to measure with.
type size struct {
	overrides int
	// rounds is how often the refresh of both providers is compared.
	rounds int
}

// scopes is how many scopes the overrides are in, two in each.
func (s size) scopes() int { return s.overrides / 2 }

func parse(args []string, stderr io.Writer) (options, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("quick", false, "measure 100 overrides only, and fewer rounds")
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	only := flags.String("only", "", "measure one `part`: "+strings.Join(names, ", "))
	if err := flags.Parse(args); err != nil {
		return options{}, fmt.Errorf("reading flags: %w", err)
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *only != "" && !slices.Contains(names, *only) {
		return options{}, fmt.Errorf("there is no part %q; there are %s", *only, strings.Join(names, ", "))
	}
	opts := full()
	if *quick {
		opts = short()
	}
	opts.only = *only
	return opts, nil
}

// short is enough to see that nothing has got much worse.
func short() options {
	return options{sizes: []size{{overrides: 100, rounds: 5}}, fleets: []fleet{{2000, 100}}, pairs: 15, probes: 3, lives: 3}
}

func full() options {
	return options{
		sizes:  []size{{overrides: 100, rounds: 9}, {overrides: 500, rounds: 5}},
		fleets: []fleet{{2000, 100}, {500, 100}, {2000, 25}},
		pairs:  25, probes: 3, lives: 5,
	}
}
