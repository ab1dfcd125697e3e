package delegatetoken_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const block = `
ephemeral "harnessdelegate_token" "it" {
  name       = "payments"
  org_id     = "default"
  project_id = "payments"
}
`

// echoed runs steps with the provider, and with one that keeps in its state what
// it is configured with, to make the ephemeral visible.
func echoed(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	factories := acctest.Factories()
	factories["echo"] = echoprovider.NewProviderServer()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: factories,
		Steps:                    steps,
	})
}

const echo = `
provider "echo" {
  data = ephemeral.harnessdelegate_token.it
}

resource "echo" "it" {}
`

func TestAccToken(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.AddDelegateToken(token(revokedIn(48 * time.Hour)))
	text := knownvalue.StringExact
	echoed(t, resource.TestStep{
		Config: m.Config(block, echo),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("echo.it", tfjsonpath.New("data"), knownvalue.ObjectExact(map[string]knownvalue.Check{
				"account_id":   text(acctest.Account),
				"org_id":       text("default"),
				"project_id":   text("payments"),
				"name":         text(name),
				"value":        text(value),
				"status":       text("ACTIVE"),
				"created_at":   text("2024-05-14T12:00:00Z"),
				"revoke_after": text("2024-05-17T12:00:00Z"),
			})),
		},
	})
}

// A name that is only known in the apply is waited for.
func TestAccToken_nameNotKnownYet(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.AddDelegateToken(token())
	config := m.Config(`
resource "terraform_data" "name" {
  input = "payments"
}

ephemeral "harnessdelegate_token" "it" {
  name       = terraform_data.name.output
  org_id     = "default"
  project_id = "payments"
}
`, echo)
	echoed(t, resource.TestStep{
		Config: config,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("echo.it", tfjsonpath.New("data").AtMapKey("value"), knownvalue.StringExact(value)),
		},
	})
}

func TestAccToken_errors(t *testing.T) {
	t.Parallel()
	for title, tc := range map[string]struct {
		there simulator.DelegateToken
		says  *regexp.Regexp
	}{
		"revoked":          {token(revoked), regexp.MustCompile(`Delegate Token Revoked`)},
		"of another scope": {token(at("platform", "build")), regexp.MustCompile(`Delegate Token of Another Scope`)},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			m.AddDelegateToken(tc.there)
			echoed(t, resource.TestStep{Config: m.Config(block, echo), ExpectError: tc.says})
		})
	}
}

// Older versions of Terraform don't know ephemeral resources, and use the rest of
// the provider as ever.
func TestAccToken_unused(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    []resource.TestStep{{Config: m.Config("data \"harnessdelegate_latest_supported_version\" \"it\" {}\n")}},
	})
	if asked := m.Counters()["GET /ng/api/delegate-token-ng"]; asked > 0 {
		t.Errorf("%d tokens were asked for", asked)
	}
}
