package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// Terraform drops a misspelt member of a nested attribute without a word, and
// refuses that of a block, with its line.
func TestAccBlocks_misspeltMember(t *testing.T) {
	m := acctest.NewManager(t)
	one := func(block string) string {
		return m.Config("data \"harnessdelegate_delegate\" \"it\" {\n  name = \"a\"\n  " + block + "\n}\n")
	}
	shutdown := "resource \"harnessdelegate_graceful_shutdown\" \"it\" {\n  namespace = \"a\"\n  name = \"b\"\n  termination_grace_period_seconds = 3\n"
	for name, tc := range map[string]struct{ config, misspelt, meant string }{
		"kubernetes":              {m.ConfigWith("kubernetes {\n config_pth = \"x\"\n}", override), "config_pth", "config_paths?"},
		"kubernetes.exec":         {m.ConfigWith("kubernetes {\n host = \"h\"\n exec {\n comand = \"x\"\n }\n}", override), "comand", "command"},
		"docker":                  {m.ConfigWith("docker {\n hosst = \"x\"\n}", override), "hosst", "host"},
		"docker.registry_auth":    {m.ConfigWith("docker {\n registry_auth {\n addresss = \"x\"\n }\n}", override), "addresss", "address"},
		"wait_for":                {one("wait_for {\n connectted = true\n}"), "connectted", "connected"},
		"timeouts of a delegate":  {one("timeouts {\n raed = \"1m\"\n}"), "raed", "read"},
		"timeouts of an override": {m.Config(strings.TrimSuffix(override, "}\n") + "timeouts {\n creatte = \"1m\"\n}\n}\n"), "creatte", "create"},
		"timeouts of a shutdown":  {m.Config(shutdown + "timeouts {\n updatte = \"1m\"\n}\n}\n"), "updatte", "update"},
	} {
		t.Run(name, func(t *testing.T) {
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config: tc.config,
					ExpectError: regexp.MustCompile(`(?s)line \d+.*An argument named "` + tc.misspelt +
						`" is not expected here\. Did you mean\s+"` + tc.meant + `"`),
				}},
			})
		})
	}
}

// An exec block without its two members that have to be set is refused while
// Terraform validates.
func TestAccBlocks_execNeedsItsMembers(t *testing.T) {
	m := acctest.NewManager(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config:      m.ConfigWith("kubernetes {\n host = \"h\"\n exec {\n command = \"aws\"\n }\n}", override),
			ExpectError: regexp.MustCompile(`(?s)exec\s+\{.*kubernetes\.exec\.api_version"\s+must\s+be\s+specified`),
		}},
	})
}

const override = `
resource "harnessdelegate_tag_override" "it" {
  delegate_tag = "harness/delegate:24.04.82804"
}
`
