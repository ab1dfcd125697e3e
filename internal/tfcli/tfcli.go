// Package tfcli runs the real Terraform CLI with the real provider binary, the
// way a user does: the provider lies in a filesystem mirror, terraform init
// installs it from there, and nothing is taken from the network. The demo, the
// benchmarks and those acceptance tests use it that have to see what a person
// sees.
package tfcli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Source is the provider's address, as configurations name it.
const Source = "registry.terraform.io/harnessdelegate/harnessdelegate"

// Version is the version under which the mirror offers the binary.
const Version = "0.1.0"

// Build compiles a main package of this module, stripped as a release is, and
// returns the binary's path. The working directory must be in the module.
func Build(ctx context.Context, pkg, dir string) (string, error) {
	binary := filepath.Join(dir, filepath.Base(pkg)+exe())
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "grpcnotrace", "-ldflags", "-s -w -X main.version="+Version, "-o", binary, pkg) //nolint:gosec // builds our own packages
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}

// Provider is the provider's own main package, for Build.
const Provider = "github.com/harnessdelegate/terraform-provider-harnessdelegate"

// Workspace is a folder with a configuration, and what Terraform needs to run
// there without a network.
type Workspace struct {
	// Dir holds the configuration and the state.
	Dir string
	// Env is added to the environment of each run.
	Env []string
	// Tee, if set, gets what Terraform prints as it prints it.
	Tee io.Writer
}

// New makes a workspace below dir whose Terraform finds the binary under the
// address source (such as Source) in a mirror.
func New(dir, source, binary string) (*Workspace, error) {
	mirror := filepath.Join(dir, "mirror")
	config := filepath.Join(dir, "cli.tfrc")
	work := filepath.Join(dir, "work")
	if err := os.MkdirAll(work, 0o750); err != nil {
		return nil, fmt.Errorf("making a workspace: %w", err)
	}
	// OpenTofu puts another host before a source that names none.
	_, name, _ := strings.Cut(source, "/")
	for _, address := range []string{source, "registry.opentofu.org/" + name} {
		if err := offer(mirror, address, binary); err != nil {
			return nil, fmt.Errorf("filling the mirror: %w", err)
		}
	}
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("writing the CLI configuration: %w", err)
	}
	return &Workspace{
		Dir: work,
		Env: []string{
			"TF_CLI_CONFIG_FILE=" + config,
			"TF_IN_AUTOMATION=1",
			"TF_PLUGIN_CACHE_DIR=",
			"CHECKPOINT_DISABLE=1",
		},
	}, nil
}

// offer puts the binary into the mirror under an address. A link is enough, and
// keeps many workspaces small.
func offer(mirror, address, binary string) error {
	platform := filepath.Join(mirror, filepath.FromSlash(address), Version, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(platform, 0o750); err != nil {
		return err
	}
	name := fmt.Sprintf("terraform-provider-%s_v%s%s", filepath.Base(address), Version, exe())
	return os.Link(binary, filepath.Join(platform, name))
}

// exe is how the names of programs end.
func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// program is the Terraform or OpenTofu to run: the one that the variable of
// terraform-plugin-testing names, or the one on the PATH.
func program() string {
	if named := os.Getenv("TF_ACC_TERRAFORM_PATH"); named != "" {
		return named
	}
	return "terraform"
}

// Write puts a file into the workspace.
func (w *Workspace) Write(name, text string) error {
	return os.WriteFile(filepath.Join(w.Dir, name), []byte(text), 0o600)
}

// Result is what a run of Terraform printed and how it ended.
type Result struct {
	Args   []string
	Stdout string
	Stderr string
	// ExitCode is Terraform's: 0 for success, 1 for an error, and with
	// -detailed-exitcode 2 for a plan with changes.
	ExitCode int
	// CPU is the processor time of Terraform and the providers it started.
	CPU time.Duration
}

// Output is all that was printed.
func (r Result) Output() string { return r.Stdout + r.Stderr }

// patience is how long Terraform may take to end when it is interrupted, before
// it is killed.
const patience = 10 * time.Second

// Run runs terraform with the arguments. A non-zero exit code is no error here,
// but part of the result.
func (w *Workspace) Run(ctx context.Context, args ...string) (Result, error) {
	var stdout, stderr bytes.Buffer
	run := exec.CommandContext(ctx, program(), args...) //nolint:gosec // that is what this package is for
	run.Dir = w.Dir
	run.Env = append(os.Environ(), w.Env...)
	run.Stdout, run.Stderr = &stdout, &stderr
	if w.Tee != nil {
		run.Stdout, run.Stderr = io.MultiWriter(w.Tee, &stdout), io.MultiWriter(w.Tee, &stderr)
	}
	// Killed at once, Terraform would leave the provider running.
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	run.WaitDelay = patience
	err := run.Run()
	result := Result{Args: args, Stdout: stdout.String(), Stderr: stderr.String()}
	if run.ProcessState != nil {
		result.CPU = run.ProcessState.UserTime() + run.ProcessState.SystemTime()
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return result, fmt.Errorf("running terraform %s: %w", strings.Join(args, " "), ctx.Err())
	case errors.As(err, &exit):
		result.ExitCode = exit.ExitCode()
	case err != nil:
		return result, fmt.Errorf("running terraform %s: %w", strings.Join(args, " "), err)
	}
	return result, nil
}

// Diagnostic is an error or warning in Terraform's -json output.
type Diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

// Diagnostics reads the diagnostics from the output of a run with -json.
func (r Result) Diagnostics() []Diagnostic {
	var found []Diagnostic
	for line := range strings.Lines(r.Stdout) {
		var message struct {
			Type       string     `json:"type"`
			Diagnostic Diagnostic `json:"diagnostic"`
		}
		if json.Unmarshal([]byte(line), &message) == nil && message.Type == "diagnostic" {
			found = append(found, message.Diagnostic)
		}
	}
	return found
}
