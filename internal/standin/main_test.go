package standin_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

const (
	account      = "aBcDeFgHiJkLmNoPqRsTuV"
	latestImage  = "harness/delegate:24.04.82804"
	accountToken = "default_token"
	projectToken = "default_token_default/payments"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in:\n%s", part, text)
		}
	}
}

// programs builds the upgrader and the delegate.
func programs(t *testing.T) (upgrader, delegate string) {
	t.Helper()
	upgrader, delegate, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return upgrader, delegate
}

// result is how a program ended.
type result struct {
	exitCode int
	output   string
}

// lastLine is what a user sees first.
func (r result) lastLine() string {
	lines := strings.Split(strings.TrimSpace(r.output), "\n")
	return lines[len(lines)-1]
}

// command prepares a program with this environment and no other.
func command(ctx context.Context, path string, environment map[string]string, arguments ...string) (*exec.Cmd, *bytes.Buffer) {
	var output bytes.Buffer
	process := exec.CommandContext(ctx, path, arguments...)
	process.Env = []string{} // An empty one, not this process's own.
	for name, value := range environment {
		process.Env = append(process.Env, name+"="+value)
	}
	slices.Sort(process.Env)
	process.Stdout, process.Stderr = &output, &output
	return process, &output
}

// finish waits for the end of a program. The token must not be in what it printed.
func finish(t *testing.T, process *exec.Cmd, output *bytes.Buffer, token string) result {
	t.Helper()
	err := process.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if token != "" && strings.Contains(output.String(), token) {
		t.Errorf("the token was printed:\n%s", output)
	}
	return result{exitCode: process.ProcessState.ExitCode(), output: output.String()}
}

// manager is a simulated Manager with an account, and the delegate d1 in one of its projects.
type manager struct {
	*simulator.Simulator
	url string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	m := unserved()
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

func unserved() *manager {
	m := &manager{Simulator: simulator.New()}
	m.AddAccount(simulator.Account{
		ID: account, LatestVersion: "24.04.82804", UpgraderImage: "harness/upgrader:2",
		Orgs: map[string][]string{"default": {"payments"}},
	})
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: "d1"})
	return m
}

func (m *manager) token(t *testing.T, name string) string {
	t.Helper()
	for _, token := range m.DelegateTokens(account) {
		if token.Name == name {
			return token.Value
		}
	}
	t.Fatalf("there is no token %s", name)
	return ""
}

// override is put at the project of the delegate.
func (m *manager) override(t *testing.T, image string) {
	t.Helper()
	err := m.PutOverride(simulator.Override{AccountID: account, OrgID: "default", ProjectID: "payments", Version: image})
	if err != nil {
		t.Fatal(err)
	}
}
