package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// What the Manager starts with.
const (
	account = "aBcDeFgHiJkLmNoPqRsTuV"
	apiKey  = "pat.bench"
	latest  = "24.04.82804"
	// latency is added to every request.
	latency = 20 * time.Millisecond
	// projectsPerOrg spreads the projects over organizations named by
	// orgFormat.
	projectsPerOrg = 25
	orgFormat      = "org%02d"
)

// The calls on overrides, as the simulator counts them.
const (
	listCall   = "GET /ng/api/delegate-setup/override-delegate-tag"
	setCall    = "PUT /ng/api/delegate-setup/override-delegate-tag"
	deleteCall = "DELETE /ng/api/delegate-setup/delete-delegate-override"
)

// manager is a simulated Manager in its own process.
type manager struct {
	url     string
	process *exec.Cmd
	stdin   io.Closer
}

// startManager starts the simulator. It ends with this process, whatever
// becomes of that, because its standard input is then closed.
func startManager(ctx context.Context, binary string) (*manager, error) {
	process := exec.CommandContext(context.WithoutCancel(ctx), binary, "-exit-on-stdin-close")
	process.Stderr = os.Stderr
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("preparing the simulator: %w", err)
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("preparing the simulator: %w", err)
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	m := &manager{process: process, stdin: stdin}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the simulator: it told no address: %w", err), m.stop())
	}
	m.url = strings.TrimSpace(url)
	return m, nil
}

// stop ends the simulator.
func (m *manager) stop() error {
	if err := m.stdin.Close(); err != nil {
		return fmt.Errorf("stopping the simulator: %w", err)
	}
	if err := m.process.Wait(); err != nil {
		return fmt.Errorf("stopping the simulator: %w", err)
	}
	return nil
}

// reset gives the Manager a new state: projects without overrides, at a time
// that stands still.
func (m *manager) reset(ctx context.Context, projects int) error {
	orgs := map[string][]string{}
	for i := range projects {
		org, project := projectAt(i)
		orgs[org] = append(orgs[org], project)
	}
	now, frozen := time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC), true
	return m.admin(ctx, http.MethodPut, "state", simulator.State{
		Now: &now, Frozen: &frozen,
		Behaviour: &simulator.Behaviour{Latency: latency},
		Accounts:  []simulator.Account{{ID: account, LatestVersion: latest, Orgs: orgs}},
		Keys:      []simulator.Key{{Token: apiKey, AccountID: account, Principal: "bench"}},
	}, nil)
}

// counted does something and tells which requests the Manager has got
// meanwhile.
func (m *manager) counted(ctx context.Context, do func() error) (map[string]int, error) {
	if err := m.admin(ctx, http.MethodDelete, "counters", nil, nil); err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	var counters map[string]int
	err := m.admin(ctx, http.MethodGet, "counters", nil, &counters)
	return counters, err
}

// admin calls the simulator's admin API.
func (m *manager) admin(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encoding a call of the simulator: %w", err)
	}
	if in == nil {
		body = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, m.url+"/_admin/"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("preparing a call of the simulator: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("calling the simulator: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return fmt.Errorf("reading from the simulator: %w", err)
	case resp.StatusCode > http.StatusNoContent:
		return fmt.Errorf("the simulator refused %s %s: %s %s", method, path, resp.Status, text)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("decoding a reply of the simulator: %w", err)
	}
	return nil
}
