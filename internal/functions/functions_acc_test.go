package functions_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// since is the first Terraform that knows functions of providers.
var since = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)}

// Aliases that keep the tables of outputs readable.
type (
	outputs = map[string]knownvalue.Check
	object  = map[string]knownvalue.Check
)

var (
	text   = knownvalue.StringExact
	number = knownvalue.Int64Exact
)

func exact(members object) knownvalue.Check { return knownvalue.ObjectExact(members) }

func window(support, life string) knownvalue.Check {
	return exact(object{"end_of_support": text(support + "T00:00:00Z"), "end_of_life": text(life + "T00:00:00Z")})
}

func interval(longest, shortest int64, on bool) knownvalue.Check {
	return exact(object{"longest_minutes": number(longest), "shortest_minutes": number(shortest), "shown_as_on": knownvalue.Bool(on)})
}

// Every example gives what its comments say.
func TestAccFunctions_examples(t *testing.T) {
	const plain, gpu = "harness/delegate:" + acctest.Latest, "registry.example.com/platform/delegate-gpu:" + acctest.Latest
	told := map[string]outputs{
		"ecs_container_definition": {"container_definitions": text(`[{"cpu":1024,"environment":[` +
			`{"name":"ACCOUNT_ID","value":"aBcDeFgHiJkLmNoPqRsTuV"},{"name":"DELEGATE_NAME","value":"payments-delegate"},{"name":"DELEGATE_TAGS","value":"ecs,linux"},` +
			`{"name":"DELEGATE_TYPE","value":"DOCKER"},{"name":"DEPLOY_MODE","value":"KUBERNETES"},{"name":"LOG_STREAMING_SERVICE_URL","value":"https://app.harness.io/log-service/"},` +
			`{"name":"MANAGER_HOST_AND_PORT","value":"https://app.harness.io"},{"name":"NEXT_GEN","value":"true"}],` +
			`"essential":true,"image":"harness/delegate:24.04.82804","memory":2048,"name":"payments-delegate",` +
			`"secrets":[{"name":"DELEGATE_TOKEN","valueFrom":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:payments-delegate-token-AbCdEf"}],"stopTimeout":120}]`)},
		"parse_version": {
			"our_version": exact(object{
				"version": text("24.03.82600.minimal"), "release_year": number(2024), "release_month": number(3),
				"build": number(82600), "variant": text("minimal"),
			}),
			"there_is_a_newer_release": knownvalue.Bool(true),
		},
		"support_window": {
			"by_month":        window("2024-10-01", "2024-12-01"),
			"by_release_date": window("2025-08-26", "2025-10-26"),
		},
		"support_status": {"status_in_november_2024": text("end_of_support")},
		"schedule_interval": {
			"interval":             interval(30, 30, true),
			"not_every_15_minutes": interval(900, 540, false),
		},
		"mirrored_image": {"pulled_image": text("registry.example.com/mirror/" + plain)},
		"resolve_image": {"images": exact(object{
			"plain": exact(object{"now": text("p:1"), "planned": text("p:1")}),
			"gpu":   exact(object{"now": text("p:1"), "planned": text(gpu)}),
		})},
	}
	folders, err := filepath.Glob("../../examples/functions/*")
	if err != nil || len(folders) != len(told) {
		t.Fatalf("there are the examples %v (%v), and %d are told here", folders, err, len(told))
	}
	for _, folder := range folders {
		name := filepath.Base(folder)
		t.Run(name, func(t *testing.T) {
			example, err := os.ReadFile(filepath.Join(folder, "function.tf"))
			if err != nil {
				t.Fatal(err)
			}
			m := acctest.NewManager(t)
			if name == "resolve_image" {
				// Without an end, because the example asks for today.
				m.Put(t, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "p:1", ValidTillNextRelease: true})
			}
			var checks []statecheck.StateCheck
			for output, want := range told[name] {
				checks = append(checks, statecheck.ExpectKnownOutputValue(output, want))
			}
			if len(checks) == 0 {
				t.Fatal("nothing is told here of the example")
			}
			resource.UnitTest(t, resource.TestCase{
				TerraformVersionChecks:   since,
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps:                    []resource.TestStep{{Config: configuration(m, string(example)), ConfigStateChecks: checks}},
			})
		})
	}
}

// configuration makes provider::harnessdelegate known, as functions need it.
func configuration(m *acctest.Manager, parts ...string) string {
	return "terraform {\n  required_providers {\n    harnessdelegate = {\n      source = \"hashicorp/harnessdelegate\"\n    }\n  }\n}\n" + m.Config(parts...)
}

// Terraform names the function, the argument and what is wrong with it.
func TestAccFunctions_errors(t *testing.T) {
	m := acctest.NewManager(t)
	for name, tc := range map[string]struct{ call, parameter, says string }{
		"parse_version":            {`parse_version("harness/delegate:latest")`, "version", `the tag of image "harness/delegate:latest": "latest" is not a delegate version`},
		"support_window":           {`support_window("24.04.82804", "30.04.2024")`, "release_date", `"30.04.2024" is not a date such as 2024-04-30`},
		"support_window, twice":    {`support_window("24.04.82804", "2024-04-30", "2024-05-01")`, "release_date", "an image has one release date, and these are 2"},
		"support_status":           {`support_status("24.04.82804", "today")`, "time", `"today" is not a time such as 2024-04-30T12:00:00Z (RFC 3339)`},
		"support_status, null":     {`support_status(null, "2024-04-30T12:00:00Z")`, "version", "argument must not be null"},
		"schedule_interval":        {`schedule_interval("99 * * * *")`, "schedule", `field 1 (minute), "99": 99 is out of range; allowed are 0 to 59`},
		"mirrored_image":           {`mirrored_image("harness/delegate:24.04.82804", "https://registry.example.com")`, "mirror", "it has a scheme, which an image's name can't have"},
		"resolve_image":            {resolveCall(`{ id = "A/tagged", tags = null, delegate_tag = "a:1", valid_until = null }`, `null`), "overrides", `overrides[0]: the id "A/tagged" is that of an override that is tagged, but its tags are none`},
		"resolve_image, delegate":  {resolveCall(``, `"payments"`), "delegate", `project "payments" is given without its organization`},
		"ecs_container_definition": {`ecs_container_definition({ image = "harness/delegate:24.04.82804" })`, "container", "account_id is required, and null or empty"},
		"resolve_image, too few":   {resolveCall(`{ id = "A/untagged", delegate_tag = "a:1" }`, `null`), "overrides", `attributes "tags" and "valid_until" are required`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.UnitTest(t, resource.TestCase{
				TerraformVersionChecks:   since,
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config:      configuration(m, fmt.Sprintf("output \"result\" {\n  value = provider::harnessdelegate::%s\n}\n", tc.call)),
					ExpectError: flowing(fmt.Sprintf(`Invalid value for "%s" parameter: `, tc.parameter), tc.says),
				}},
			})
		})
	}
}

func resolveCall(override, project string) string {
	return fmt.Sprintf("resolve_image([%s], { org_id = null, project_id = %s, name = \"d1\", tags = [] }, %q, \"2024-05-15T12:00:00Z\")",
		override, project, acctest.Latest)
}

// flowing finds texts one after the other wherever Terraform breaks the lines.
func flowing(texts ...string) *regexp.Regexp {
	var patterns []string
	for _, text := range texts {
		var words []string
		for _, word := range strings.Fields(text) {
			words = append(words, regexp.QuoteMeta(word))
		}
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// A value that is not known yet makes the result unknown, and no error.
func TestAccFunctions_unknown(t *testing.T) {
	values(t, `"2024-04-30"`, `"registry.example.com/mirror"`, window("2024-10-30", "2024-12-30"))
}

// Null in place of what can be left out is as if it were.
func TestAccFunctions_null(t *testing.T) {
	acctest.Need(t, acctest.NullArguments)
	values(t, "null", "null", window("2024-10-01", "2024-12-01"))
}

func values(t *testing.T, released, mirror string, window knownvalue.Check) {
	t.Helper()
	m := acctest.NewManager(t)
	config := `
resource "terraform_data" "image" {
  input = "registry.example.com/payments/delegate:24.04.82804"
}

output "window" {
  value = provider::harnessdelegate::support_window(terraform_data.image.output, ` + released + `)
}

output "image" {
  value = provider::harnessdelegate::mirrored_image(terraform_data.image.output, ` + mirror + `)
}

output "resolved" {
  value = provider::harnessdelegate::resolve_image(
    [{ id = "A/untagged", tags = null, delegate_tag = terraform_data.image.output, valid_until = null }],
    { org_id = null, project_id = null, name = null, tags = null }, "24.04.82804", "2024-05-15T12:00:00Z",
  ).image
}
`
	const image = "registry.example.com/payments/delegate:" + acctest.Latest
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   since,
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: configuration(m, config),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("window", window),
				statecheck.ExpectKnownOutputValue("image", text(image)),
				statecheck.ExpectKnownOutputValue("resolved", text(image)),
			},
		}},
	})
}
