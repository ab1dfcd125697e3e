// Command managersim serves a simulated Harness Manager for demos and tests in other processes.
// It prints its base URL on standard output, and nothing else.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

//go:embed demo.json
var demoSeed []byte

// shutdownGrace is how long requests under way may take to finish.
const shutdownGrace = 5 * time.Second

// options are the flags of the command.
type options struct {
	listen           string
	seed             string
	demo             bool
	readyFile        string
	exitOnStdinClose bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "managersim:", err)
		os.Exit(1)
	}
}

// run serves until the context ends or, if asked to, standard input is closed.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	opts, err := parse(args, stderr)
	if err != nil {
		return err
	}
	sim, err := seeded(opts)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", opts.listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	baseURL := "http://" + listener.Addr().String()
	if err := announce(baseURL, opts.readyFile, stdout); err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if opts.exitOnStdinClose {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			cancel()
		}()
	}
	return serve(ctx, listener, sim)
}

func parse(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("managersim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&opts.seed, "seed", "", "JSON `file` with the state to start from, in the form of GET /_admin/state")
	flags.BoolVar(&opts.demo, "demo", false, "start with a demo account and the key pat.demo")
	flags.StringVar(&opts.readyFile, "ready-file", "", "`file` to write the base URL to once listening")
	flags.BoolVar(&opts.exitOnStdinClose, "exit-on-stdin-close", false, "exit when standard input is closed")
	flags.Usage = func() {
		_, _ = fmt.Fprintf(stderr, "managersim serves a simulated Harness Manager.\n\nFlags:\n")
		flags.PrintDefaults()
		_, _ = fmt.Fprintf(stderr, "\nAdmin API:\n%s\nSwitches of the behaviour, the default first:\n%s\nKinds of faults:\n%s",
			simulator.AdminHelp(), simulator.BehaviourHelp(), simulator.FaultHelp())
	}
	if err := flags.Parse(args); err != nil {
		return opts, fmt.Errorf("reading flags: %w", err)
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if opts.demo && opts.seed != "" {
		return opts, errors.New("-demo and -seed exclude each other")
	}
	return opts, nil
}

// seeded makes the simulator with the state that the flags ask for.
func seeded(opts options) (*simulator.Simulator, error) {
	sim := simulator.New()
	document := demoSeed
	switch {
	case opts.seed != "":
		var err error
		if document, err = os.ReadFile(opts.seed); err != nil {
			return nil, fmt.Errorf("reading the seed: %w", err)
		}
	case !opts.demo:
		return sim, nil
	}
	state, err := simulator.DecodeState(document)
	if err != nil {
		return nil, fmt.Errorf("decoding the seed: %w", err)
	}
	if err := sim.SetState(state); err != nil {
		return nil, fmt.Errorf("loading the seed: %w", err)
	}
	return sim, nil
}

// announce tells where the simulator listens. The file appears with its content, so that whoever waits for it can read it.
func announce(baseURL, readyFile string, stdout io.Writer) error {
	if _, err := fmt.Fprintln(stdout, baseURL); err != nil {
		return fmt.Errorf("printing the base URL: %w", err)
	}
	if readyFile == "" {
		return nil
	}
	draft, err := os.CreateTemp(filepath.Dir(readyFile), filepath.Base(readyFile)+".*")
	if err != nil {
		return fmt.Errorf("writing the ready file: %w", err)
	}
	_, err = fmt.Fprintln(draft, baseURL)
	if err = errors.Join(err, draft.Close()); err == nil {
		err = os.Rename(draft.Name(), readyFile)
	}
	if err != nil {
		return fmt.Errorf("writing the ready file: %w", errors.Join(err, os.Remove(draft.Name())))
	}
	return nil
}

// serve answers requests until the context ends, then lets those under way finish for a moment.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = server.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}
