// Command demo shows what the provider does, in four chapters: the life of
// delegate overrides from the first look-up to the removal, a report on all
// delegates before and after an upgrade, and an upgrader that brings an override
// to a delegate, on Kubernetes and on Docker. The real Terraform CLI runs the real
// provider on configurations in examples/, against a simulated Harness Manager
// whose clock it moves, a real Kubernetes control plane, and the machine's own
// Docker Engine. It checks each step and fails at the first that differs from what
// it should be. A chapter whose platform this machine hasn't is left out, and that
// is said aloud. It needs Go and Terraform, no network and no account, and has to
// be started in the root folder of the repository:
//
//	go run ./internal/demo
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

func main() {
	if err := run(os.Stdout, wantsColor(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// run starts the Manager, plays the chapters and clears everything away,
// whatever happens.
func run(out io.Writer, color bool) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	dir, err := os.MkdirTemp("", "harnessdelegate-demo-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	manager, err := startManager(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, manager.Close()) }()

	screen := &screen{out: out, color: color}
	screen.printf("Building the provider, and starting a simulated Harness Manager at %s.\n", manager.URL)
	binary, err := tfcli.Build(ctx, tfcli.Provider, dir)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	show := &show{
		screen: screen, manager: manager, dir: dir, binary: binary,
		env: environment(os.Environ(), manager, color),
	}
	if err := show.play(ctx, []chapter{overrides(), fleet(), kubernetes(), docker()}); err != nil {
		return interruptedOr(ctx, err)
	}
	return screen.err
}

// interruptedOr tells an interruption in one word, but for what could not be
// cleared away then.
func interruptedOr(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	var left notCleared
	if errors.As(err, &left) {
		return fmt.Errorf("interrupted; %w", left)
	}
	return errors.New("interrupted")
}

// wantsColor tells whether a file is a terminal whose owner likes colours.
func wantsColor(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}
