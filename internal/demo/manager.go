package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// What the story's Manager starts with.
const (
	account = "aBcDeFgHiJkLmNoPqRsTuV"
	// apiKey opens nothing but the simulator. It must appear nowhere.
	apiKey = "sat.demo-9c41e7d2b05f"
	// released is the version that is out when the story begins.
	released = "24.04.82804"
	// newlyReleased is the one that is out when delegates are upgraded.
	newlyReleased = "24.11.84300"
)

// manager is a simulated Harness Manager that listens on this machine.
type manager struct {
	*simulator.Simulator

	// URL is the endpoint for the provider.
	URL    string
	server *http.Server
	served chan error
}

// startManager starts a Manager with one account, two delegates and a clock
// that stands still until the story moves it.
func startManager(ctx context.Context) (*manager, error) {
	sim := simulator.New()
	sim.Freeze(true)
	sim.SetTime(time.Date(2024, time.May, 15, 9, 0, 0, 0, time.UTC))
	sim.AddAccount(simulator.Account{
		ID:            account,
		LatestVersion: released,
		Orgs:          map[string][]string{"default": {"payments", "search"}},
	})
	sim.AddKey(simulator.Key{Token: apiKey, AccountID: account, Principal: "infrastructure"})
	sim.AddDelegate(paymentsDelegate("payments-delegate", "linux"))
	sim.AddDelegate(paymentsDelegate("payments-trainer", "linux", "gpu"))

	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the Manager: %w", err)
	}
	m := &manager{
		Simulator: sim,
		URL:       "http://" + listener.Addr().String(),
		server:    &http.Server{Handler: sim, ReadHeaderTimeout: time.Minute},
		served:    make(chan error, 1),
	}
	go func() { m.served <- m.server.Serve(listener) }()
	return m, nil
}

// paymentsDelegate is a delegate of the project, as images.tf names it.
func paymentsDelegate(name string, tags ...string) simulator.Delegate {
	return simulator.Delegate{
		AccountID: account, OrgID: "default", ProjectID: "payments", Name: name, Tags: tags,
		Replicas: []simulator.Replica{{Image: "harness/delegate:" + released, Alive: true}},
	}
}

// projectToken is the delegate token of the project, which its delegates and
// their upgraders sign in with.
func (m *manager) projectToken() (string, error) {
	for _, token := range m.DelegateTokens(account) {
		if token.OrgID == "default" && token.ProjectID == "payments" {
			return token.Value, nil
		}
	}
	return "", errors.New("the project has no delegate token")
}

// secrets are what the Manager knows and nobody else is to see.
func (m *manager) secrets() []string {
	secrets := []string{apiKey}
	for _, token := range m.DelegateTokens(account) {
		secrets = append(secrets, token.Value)
	}
	return secrets
}

// Close stops the Manager.
func (m *manager) Close() error {
	err := m.server.Close()
	if served := <-m.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("stopping the Manager: %w", err)
	}
	return nil
}

// passTo moves the Manager's clock to a later day of the year, at the same time
// of day.
func (m *manager) passTo(month time.Month, day int) {
	now := m.Now()
	m.SetTime(time.Date(now.Year(), month, day, now.Hour(), now.Minute(), 0, 0, time.UTC))
}

// put sets an override without Terraform, as a call of the API would. It lasts
// for the days given.
func (m *manager) put(o simulator.Override, days int) error {
	end := m.Now().AddDate(0, 0, days)
	o.AccountID, o.ValidUntil = account, &end
	if err := m.PutOverride(o); err != nil {
		return fmt.Errorf("setting an override without Terraform: %w", err)
	}
	return nil
}

// held describes the overrides that are in force, one line each.
func (m *manager) held() []string {
	var lines []string
	for _, o := range m.Overrides(account) {
		lines = append(lines, describeOverride(o))
	}
	return lines
}

// describeOverride is a line such as "default/payments {gpu}: image until day".
func describeOverride(o simulator.Override) string {
	scope := "account"
	if o.OrgID != "" {
		scope = strings.TrimSuffix(o.OrgID+"/"+o.ProjectID, "/")
	}
	if len(o.Tags) > 0 {
		scope += " {" + strings.Join(o.Tags, ", ") + "}"
	}
	line := scope + ": " + o.Version
	if o.ValidUntil != nil {
		line += " until " + o.ValidUntil.Format(time.DateOnly)
	}
	return line
}
