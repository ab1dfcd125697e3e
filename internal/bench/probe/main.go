// Command probe stands in for a provider: Terraform starts it, it starts the
// provider, and when that has ended it writes down what the kernel counted for
// it. Files and environment are passed on as they are, so that Terraform and
// the provider talk to each other directly and the launcher only waits.
//
// Terraform asks a provider to end and waits two seconds for its process before
// it kills it. That process is the launcher, which ends right after the
// provider, so the record is written in time; one that is missing nevertheless
// is noticed by who reads the records.
//
// The most memory that Linux tells includes what the launcher itself had in
// use when it started the provider, about 3 MiB. It is a maximum, not a sum,
// and so doesn't show beside a provider's.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// run starts the provider, waits for it and gives its exit code.
func run() (int, error) {
	binary, file := os.Getenv(usage.EnvBinary), os.Getenv(usage.EnvFile)
	if binary == "" || file == "" {
		return 0, fmt.Errorf("%s and %s must be set", usage.EnvBinary, usage.EnvFile)
	}
	if err := usage.Append(file, usage.Record{}); err != nil {
		return 0, err
	}
	provider := exec.Command(binary, os.Args[1:]...) //nolint:noctx,gosec // the benchmark names it, and Terraform ends it
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := provider.Start(); err != nil {
		return 0, fmt.Errorf("starting the provider: %w", err)
	}
	go func() {
		for received := range signals {
			_ = provider.Process.Signal(received)
		}
	}()
	err := provider.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("waiting for the provider: %w", err)
	}
	record, err := usage.Of(provider.ProcessState)
	if err != nil {
		return 0, err
	}
	return provider.ProcessState.ExitCode(), usage.Append(file, record)
}
