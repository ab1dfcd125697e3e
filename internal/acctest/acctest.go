// Package acctest is what acceptance tests share: a simulated Harness Manager
// with a few scopes, the provider that talks to it, and a Terraform CLI to run
// both.
package acctest

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/provider"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// What every Manager of these tests starts with.
const (
	Account = "aBcDeFgHiJkLmNoPqRsTuV"
	// APIKey is a canary: no file or output of a run may hold it.
	APIKey = "pat.canary-0b9d3c1e7f"
	// Latest is the version that is released to the account.
	Latest = "24.04.82804"
	// ListPath, SetPath and DeletePath are the calls on overrides, as the
	// simulator counts them.
	ListPath   = "GET /ng/api/delegate-setup/override-delegate-tag"
	SetPath    = "PUT /ng/api/delegate-setup/override-delegate-tag"
	DeletePath = "DELETE /ng/api/delegate-setup/delete-delegate-override"
)

// Start is the time at which every Manager of these tests starts: in the month
// after the latest release.
var Start = time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)

// Manager is a simulated Harness Manager that listens.
type Manager struct {
	*simulator.Simulator

	URL string
}

// NewManager starts a Manager with one account, the organizations "default"
// (projects "payments" and "search") and "platform" (project "build"), and one
// API key that may do everything.
func NewManager(tb testing.TB) *Manager {
	tb.Helper()
	sim := simulator.New()
	sim.SetTime(Start)
	sim.AddAccount(simulator.Account{
		ID:            Account,
		LatestVersion: Latest,
		Orgs:          map[string][]string{"default": {"payments", "search"}, "platform": {"build"}},
	})
	sim.AddKey(simulator.Key{Token: APIKey, AccountID: Account, Principal: "ci-bot", PrincipalType: "SERVICE_ACCOUNT"})
	server := httptest.NewServer(sim)
	tb.Cleanup(server.Close)
	return &Manager{Simulator: sim, URL: server.URL}
}

// Config is a configuration with a provider block for the Manager before the
// given parts.
func (m *Manager) Config(parts ...string) string {
	return m.ConfigWith("", parts...)
}

// ConfigWith is Config with more arguments in the provider block.
func (m *Manager) ConfigWith(arguments string, parts ...string) string {
	return fmt.Sprintf(`
provider "harnessdelegate" {
  endpoint         = %q
  account_id       = %q
  platform_api_key = %q
  retry_wait_min   = "1ms"
  retry_wait_max   = "5ms"
  %s
}
`, m.URL, Account, APIKey, arguments) + strings.Join(parts, "\n")
}

// Factories are the provider under test, as terraform-plugin-testing takes it.
func Factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"harnessdelegate": providerserver.NewProtocol6WithError(provider.New("test")()),
	}
}

// Put sets an override as somebody else would, without Terraform.
func (m *Manager) Put(tb testing.TB, override simulator.Override) {
	tb.Helper()
	override.AccountID = Account
	if err := m.PutOverride(override); err != nil {
		tb.Fatal(err)
	}
}
