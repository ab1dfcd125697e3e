package supportedversion_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestAccLatestSupportedVersion(t *testing.T) {
	m := acctest.NewManager(t)
	// A custom override doesn't change what is released.
	m.Put(t, simulator.Override{Version: "registry.example.com/harness/delegate:23.10.81000"})
	const address = "data.harnessdelegate_latest_supported_version.this"
	check := func(attribute string, value knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
	}
	for name, scope := range map[string]string{"account": "", "project": `org_id = "default"
  project_id = "payments"`} {
		t.Run(name, func(t *testing.T) {
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config: m.Config("data \"harnessdelegate_latest_supported_version\" \"this\" {\n  " + scope + "\n}\n"),
					ConfigStateChecks: []statecheck.StateCheck{
						check("account_id", knownvalue.StringExact(acctest.Account)),
						check("version", knownvalue.StringExact("24.04.82804")),
						check("minimal_version", knownvalue.StringExact("24.04.82804.minimal")),
						check("image", knownvalue.StringExact("harness/delegate:24.04.82804")),
						check("minimal_image", knownvalue.StringExact("harness/delegate:24.04.82804.minimal")),
						check("release_year", knownvalue.Int64Exact(2024)),
						check("release_month", knownvalue.Int64Exact(4)),
						check("build", knownvalue.Int64Exact(82804)),
						check("end_of_support", knownvalue.StringExact("2024-10-01T00:00:00Z")),
						check("end_of_life", knownvalue.StringExact("2024-12-01T00:00:00Z")),
					},
				}},
			})
		})
	}
}
