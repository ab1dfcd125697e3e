package acctest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// RunWithBinary is for TestMain of packages whose tests run the Terraform CLI
// with the provider as a program of its own: it builds the provider once, runs
// the tests, and removes it.
func RunWithBinary(m *testing.M, binary *string) (code int) {
	dir, err := os.MkdirTemp("", "harnessdelegate-acctest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if *binary, err = tfcli.Build(context.Background(), tfcli.Provider, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// Workspace is a folder in which the Terraform CLI runs the provider binary
// against a Manager. Failing to run Terraform at all fails the test.
type Workspace struct {
	*tfcli.Workspace

	tb testing.TB
}

// NewWorkspace makes a workspace, with the settings for the Manager in its
// environment, and initialises it with the configuration.
func NewWorkspace(tb testing.TB, m *Manager, binary, config string) *Workspace {
	tb.Helper()
	plain, err := tfcli.New(tb.TempDir(), tfcli.Source, binary)
	if err != nil {
		tb.Fatal(err)
	}
	plain.Env = append(plain.Env, "HARNESS_ENDPOINT="+m.URL, "HARNESS_ACCOUNT_ID="+Account, "HARNESS_PLATFORM_API_KEY="+APIKey)
	w := &Workspace{Workspace: plain, tb: tb}
	w.Configure(config)
	if result := w.Terraform("init", "-no-color"); result.ExitCode != 0 {
		tb.Fatal(result.Output())
	}
	return w
}

// Configure replaces the configuration. Its provider block has short waits.
func (w *Workspace) Configure(config string) {
	w.tb.Helper()
	const header = `terraform {
  required_providers {
    harnessdelegate = {
      source = "harnessdelegate/harnessdelegate"
    }
  }
}

provider "harnessdelegate" {
  request_timeout = "2s"
  max_retries     = 4
  retry_wait_min  = "1ms"
  retry_wait_max  = "10ms"
}

`
	if err := w.Write("main.tf", header+config); err != nil {
		w.tb.Fatal(err)
	}
}

// Terraform runs the CLI.
func (w *Workspace) Terraform(args ...string) tfcli.Result {
	w.tb.Helper()
	result, err := w.Run(w.tb.Context(), args...)
	if err != nil {
		w.tb.Fatal(err)
	}
	return result
}

// Succeed runs the CLI, which must succeed.
func (w *Workspace) Succeed(args ...string) tfcli.Result {
	w.tb.Helper()
	result := w.Terraform(args...)
	if result.ExitCode != 0 {
		w.tb.Fatalf("terraform %v failed:\n%s", args, result.Output())
	}
	return result
}
