package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// started is the command running in the test's process.
type started struct {
	baseURL string
	stop    context.CancelFunc
	stdin   io.Closer
	ended   chan error
}

func start(t *testing.T, args ...string) started {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdin, closeStdin := io.Pipe()
	stdout, output := io.Pipe()
	s := started{stop: stop, stdin: closeStdin, ended: make(chan error, 1)}
	go func() { s.ended <- run(ctx, args, stdin, output, io.Discard) }()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s.baseURL = strings.TrimSpace(line)
	return s
}

func (s started) wait(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the command did not end")
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", "pat.demo")
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDemo(t *testing.T) {
	ready := filepath.Join(t.TempDir(), "ready")
	s := start(t, "-demo", "-ready-file", ready)
	const latest = "/gateway/ng/api/delegate-setup/latest-supported-version?accountIdentifier=aBcDeFgHiJkLmNoPqRsTuV"
	if body := get(t, s.baseURL+latest); !strings.Contains(body, `"24.04.82804"`) {
		t.Errorf("the reply is %s", body)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		content, err := os.ReadFile(ready)
		if err == nil && string(content) == s.baseURL+"\n" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the ready file has %q (%v)", content, err)
		}
	}
	s.stop()
	s.wait(t)
}

func TestSeedAndStandardInput(t *testing.T) {
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte(`{"accounts":[{"id":"a","latestVersion":"24.04.82804"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "-seed", seed, "-exit-on-stdin-close")
	if body := get(t, s.baseURL+"/_admin/image?accountId=a"); !strings.Contains(body, "harness/delegate:24.04.82804") {
		t.Errorf("the reply is %s", body)
	}
	if err := s.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	s.wait(t)
}

func TestEmptyStart(t *testing.T) {
	s := start(t)
	if body := get(t, s.baseURL+"/_admin/healthz"); !strings.Contains(body, "ok") {
		t.Errorf("the reply is %s", body)
	}
	s.stop()
	s.wait(t)
}

func TestRefusals(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"colour":"red"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"keys":[{"token":"t","accountId":"nope"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"unknown flag":       {"-colour"},
		"argument":           {"red"},
		"demo and seed":      {"-demo", "-seed", bad},
		"no such seed":       {"-seed", bad + ".nope"},
		"seed not strict":    {"-seed", bad},
		"seed with nonsense": {"-seed", wrong},
		"address":            {"-listen", "256.0.0.1:0"},
		"ready file":         {"-ready-file", filepath.Join(bad, "ready")},
	} {
		t.Run(name, func(t *testing.T) {
			if run(t.Context(), args, strings.NewReader(""), io.Discard, io.Discard) == nil {
				t.Error("it is accepted")
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var help strings.Builder
	err := run(t.Context(), []string{"--help"}, strings.NewReader(""), io.Discard, &help)
	if !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, part := range []string{"-ready-file", "PATCH  /_admin/behaviour", "serverAge: new | middle | old", "cgApiKey: accepted | refused", "maxPageSize", "truncated-chunked"} {
		if !strings.Contains(help.String(), part) {
			t.Errorf("help lacks %q", part)
		}
	}
}
