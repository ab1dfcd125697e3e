package delegates_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// populate adds delegates of every kind that filters tell apart.
func populate(m *acctest.Manager) {
	alive := func(image string) simulator.Replica { return simulator.Replica{Image: image, Alive: true} }
	longAgo := acctest.Start.Add(-100 * 24 * time.Hour)
	for _, d := range []simulator.Delegate{
		{Name: "shared", Type: "HELM_DELEGATE", Tags: []string{"linux"}, Replicas: []simulator.Replica{alive("harness/delegate:24.04.82804")}},
		{
			OrgID: "default", Name: "docker-delegate", Type: "DOCKER", Tags: []string{"linux", "prod"},
			Replicas: []simulator.Replica{{Image: "harness/delegate:23.07.80000", Alive: true, CreatedAt: longAgo}},
		},
		{
			OrgID: "default", ProjectID: "payments", Name: "payments-delegate", Identifier: "payments_1", Description: "For payments.", Tags: []string{"linux", "prod"},
			UpgraderLastUpdated: acctest.Start.Add(-10 * time.Minute),
			Replicas:            []simulator.Replica{alive("harness/delegate:24.04.82804"), alive("registry.example.com/d:24.03.82600.minimal")},
		},
		{
			OrgID: "default", ProjectID: "search", Name: "search-delegate",
			Replicas: []simulator.Replica{{Image: "harness/delegate:23.10.81000", CreatedAt: longAgo, LastHeartbeat: longAgo}},
		},
		{OrgID: "platform", ProjectID: "build", Name: "shared"},
	} {
		d.AccountID = acctest.Account
		m.AddDelegate(d)
	}
}

func steps(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: steps})
}

// lists is a configuration with one data source and one output for each set of
// arguments: the ids of what it lists, without the account.
func lists(arguments map[string]string) string {
	var text strings.Builder
	for name, body := range arguments {
		fmt.Fprintf(&text, `
data "harnessdelegate_delegates" %[1]q {
  %[2]s
}

output %[1]q {
  value = join(" ", [for d in data.harnessdelegate_delegates.%[1]s.delegates : trimprefix(d.id, %[3]q)])
}
`, name, body, acctest.Account+"/")
	}
	return text.String()
}

func output(name, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(value))
}

func TestAccDelegates_filters(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	const all = "include_child_scopes = true\n"
	const everyone = "shared default/docker-delegate default/payments/payments-delegate default/search/search-delegate platform/build/shared"
	arguments, checks := map[string]string{}, []statecheck.StateCheck{}
	for name, tc := range map[string]struct{ arguments, want string }{
		"account":         {"", "shared"},
		"all":             {all, everyone},
		"organization":    {`org_id = "default"`, "default/docker-delegate"},
		"org_and_below":   {all + `org_id = "default"`, "default/docker-delegate default/payments/payments-delegate default/search/search-delegate"},
		"project":         {`org_id = "default"` + "\n" + `project_id = "payments"`, "default/payments/payments-delegate"},
		"project_below":   {all + `org_id = "default"` + "\n" + `project_id = "payments"`, "default/payments/payments-delegate"},
		"name":            {all + `name = "shared"`, "shared platform/build/shared"},
		"name_regex":      {all + `name_regex = "^(pay|sea)"`, "default/payments/payments-delegate default/search/search-delegate"},
		"tags":            {all + `tags = ["prod", "linux"]`, "default/docker-delegate default/payments/payments-delegate"},
		"no_tags":         {all + `tags = []`, everyone},
		"type":            {all + `type = "DOCKER"`, "default/docker-delegate"},
		"connected":       {all + `connected = true`, "shared default/docker-delegate default/payments/payments-delegate"},
		"not_connected":   {all + `connected = false`, "default/search/search-delegate platform/build/shared"},
		"auto_upgrade":    {all + `auto_upgrade = "OFF"`, "default/docker-delegate default/search/search-delegate"},
		"version_expired": {all + `version_status = "EXPIRED"`, "default/docker-delegate"},
		"version_active":  {all + `version_status = "ACTIVE"`, "shared default/payments/payments-delegate default/search/search-delegate"},
		"all_at_once":     {all + `version_status = "EXPIRED"` + "\nconnected = true\n" + `auto_upgrade = "OFF"`, "default/docker-delegate"},
		"nothing":         {all + `name = "nobody"`, ""},
	} {
		arguments[name] = tc.arguments
		checks = append(checks, output(name, tc.want))
	}
	steps(t, resource.TestStep{Config: m.Config(lists(arguments)), ConfigStateChecks: checks})
}

// What a list and a single look-up tell of a delegate is the same.
func TestAccDelegates_attributes(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	m.Freeze(true)
	replica := func(host, version string) knownvalue.Check {
		return knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"host_name": knownvalue.StringExact(host), "version": knownvalue.StringExact(version), "connected": knownvalue.Bool(true),
			"last_heartbeat": knownvalue.StringExact("2024-05-15T12:00:00Z"), "manager_expires_at": knownvalue.NotNull(), "uuid": knownvalue.NotNull(),
		})
	}
	want := knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"id":                  knownvalue.StringExact(acctest.Account + "/default/payments/payments-delegate"),
		"name":                knownvalue.StringExact("payments-delegate"),
		"account_id":          knownvalue.StringExact(acctest.Account),
		"org_id":              knownvalue.StringExact("default"),
		"project_id":          knownvalue.StringExact("payments"),
		"org_name":            knownvalue.StringExact("default"),
		"project_name":        knownvalue.StringExact("payments"),
		"identifier":          knownvalue.StringExact("payments_1"),
		"type":                knownvalue.StringExact("KUBERNETES"),
		"description":         knownvalue.StringExact("For payments."),
		"tags":                knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("linux"), knownvalue.StringExact("prod"), knownvalue.StringExact("payments-delegate")}),
		"connected":           knownvalue.Bool(true),
		"last_heartbeat":      knownvalue.StringExact("2024-05-15T12:00:00Z"),
		"auto_upgrade":        knownvalue.StringExact("ON"),
		"upgrader_last_asked": knownvalue.StringExact("2024-05-15T11:50:00Z"),
		"legacy":              knownvalue.Bool(false),
		"replicas":            knownvalue.ListExact([]knownvalue.Check{replica("payments-delegate-0", "24.04.82804"), replica("payments-delegate-1", "24.03.82600.minimal")}),
		"version":             knownvalue.StringExact("24.03.82600.minimal"),
		"release_year":        knownvalue.Int64Exact(2024),
		"release_month":       knownvalue.Int64Exact(3),
		"end_of_support":      knownvalue.StringExact("2024-09-01T00:00:00Z"),
		"end_of_life":         knownvalue.StringExact("2024-11-01T00:00:00Z"),
		"support_status":      knownvalue.StringExact("supported"),
	})
	bare := knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"org_id": knownvalue.StringExact("platform"), "last_heartbeat": knownvalue.Null(), "upgrader_last_asked": knownvalue.Null(),
		"replicas": knownvalue.ListSizeExact(0), "version": knownvalue.Null(), "release_month": knownvalue.Null(),
		"end_of_life": knownvalue.Null(), "support_status": knownvalue.Null(), "connected": knownvalue.Bool(false), "identifier": knownvalue.StringExact("shared"),
	})
	undetailed := knownvalue.ObjectPartial(map[string]knownvalue.Check{"identifier": knownvalue.Null(), "upgrader_last_asked": knownvalue.Null(), "auto_upgrade": knownvalue.StringExact("ON")})
	steps(t, resource.TestStep{
		Config: m.Config(`
data "harnessdelegate_delegates" "all" {
  include_child_scopes = true
}

data "harnessdelegate_delegate" "one" {
  org_id     = "default"
  project_id = "payments"
  name       = "payments-delegate"
}

data "harnessdelegate_delegate" "undetailed" {
  org_id        = "default"
  project_id    = "payments"
  name          = "payments-delegate"
  group_details = false
}

locals {
  by_id = { for d in data.harnessdelegate_delegates.all.delegates : trimprefix(d.id, "` + acctest.Account + `/") => d }
}

output "listed" {
  value = local.by_id["default/payments/payments-delegate"]
}

output "bare" {
  value = local.by_id["platform/build/shared"]
}

output "one" {
  value = data.harnessdelegate_delegate.one
}

output "undetailed" {
  value = data.harnessdelegate_delegate.undetailed
}

output "unseen" {
  value = length(data.harnessdelegate_delegates.all.unseen) == 0 ? "nothing" : "something"
}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("listed", want),
			statecheck.ExpectKnownOutputValue("one", want),
			statecheck.ExpectKnownOutputValue("bare", bare),
			statecheck.ExpectKnownOutputValue("undetailed", undetailed),
			output("unseen", "nothing"),
		},
	})
}

// Two delegates are called "shared": their ids tell them apart, in a plan, too.
// It takes the CLI itself, since terraform-plugin-testing knows no for_each.
func TestAccDelegates_forEach(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	binary, err := tfcli.Build(t.Context(), tfcli.Provider, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	work := acctest.NewWorkspace(t, m, binary, `
data "harnessdelegate_delegates" "all" {
  include_child_scopes = true
}

resource "terraform_data" "each" {
  for_each = { for d in data.harnessdelegate_delegates.all.delegates : d.id => d }
  input    = each.value.name
}

output "names" {
  value = join(" ", [for id, each in terraform_data.each : each.output])
}
`)
	work.Succeed("apply", "-auto-approve", "-input=false", "-no-color")
	const want = "docker-delegate payments-delegate search-delegate shared shared"
	if names := work.Succeed("output", "-raw", "names").Stdout; names != want {
		t.Errorf("for_each made %q, want %q", names, want)
	}
	work.Succeed("plan", "-detailed-exitcode", "-input=false", "-no-color")
}

// A status that this provider doesn't know is shown, filtered by and waited for.
func TestAccDelegates_unknownStatus(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	newer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		m.ServeHTTP(recorded, r)
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(bytes.ReplaceAll(recorded.Body.Bytes(), []byte(`"autoUpgrade":"ON"`), []byte(`"autoUpgrade":"SYNCHRONIZING"`)))
	}))
	defer newer.Close()
	m.URL = newer.URL
	steps(t, resource.TestStep{
		Config: m.Config(lists(map[string]string{"synchronizing": `include_child_scopes = true
  connected    = true
  auto_upgrade = "SYNCHRONIZING"`}), `
data "harnessdelegate_delegate" "one" {
  org_id     = "default"
  project_id = "payments"
  name       = "payments-delegate"
  wait_for { auto_upgrade = "SYNCHRONIZING" }
}

output "one" {
  value = data.harnessdelegate_delegate.one.auto_upgrade
}
`),
		ConfigStateChecks: []statecheck.StateCheck{output("synchronizing", "default/payments/payments-delegate"), output("one", "SYNCHRONIZING")},
	})
}

// What can't be seen is said, and the rest is there: the names stand for the
// identifiers.
func TestAccDelegates_unseen(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	m.AddKey(simulator.Key{Token: acctest.APIKey, AccountID: acctest.Account, Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}}})
	steps(t, resource.TestStep{
		Config: m.Config(lists(map[string]string{"all": "include_child_scopes = true"}), `
output "unseen" {
  value = join("\n", data.harnessdelegate_delegates.all.unseen)
}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			output("all", "shared (default)/docker-delegate (default)/(payments)/payments-delegate (default)/(search)/search-delegate (platform)/(build)/shared"),
			statecheck.ExpectKnownOutputValue("unseen", knownvalue.StringRegexp(regexp.MustCompile(
				`^the identifiers of the organization named "default" and 3 more organizations or projects, where 4 delegates live: .*core_project_view`))),
		},
	})
}

// A check block warns of what loses support, at the Manager's time.
func TestAccDelegates_checkBlock(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	config := m.Config(`
data "harnessdelegate_delegate" "payments" {
  org_id     = "default"
  project_id = "payments"
  name       = "payments-delegate"
}

check "supported" {
  assert {
    condition     = data.harnessdelegate_delegate.payments.support_status == "supported"
    error_message = "It is not supported."
  }
}

output "status" {
  value = data.harnessdelegate_delegate.payments.support_status
}
`)
	steps(
		t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{output("status", "supported")}},
		resource.TestStep{
			PreConfig:         func() { m.SetTime(time.Date(2024, time.September, 1, 0, 0, 1, 0, time.UTC)) },
			Config:            config,
			ConfigStateChecks: []statecheck.StateCheck{output("status", "end_of_support")},
		},
	)
}

func TestAccDelegate_waitsForRegistration(t *testing.T) {
	m := acctest.NewManager(t)
	// The delegate registers when something has been applied, and is upgraded
	// while it is waited for.
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for delegate := (simulator.Delegate{AccountID: acctest.Account, Name: "late", Replicas: []simulator.Replica{{Image: "harness/delegate:24.03.82600", Alive: true}}}); ; {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			switch lists := m.Counters()["POST /ng/api/delegate-setup/listDelegates"]; {
			case lists >= 1 && len(m.Delegates(acctest.Account)) == 0:
				m.AddDelegate(delegate)
			case lists >= 2:
				m.RunUpgrader(acctest.Account, "late")
			}
		}
	}()
	defer func() {
		close(stop)
		<-done
	}()
	steps(t, resource.TestStep{
		Config: m.Config(`
resource "terraform_data" "installation" {
  input = "harness/delegate:24.04.82804"
}

data "harnessdelegate_delegate" "late" {
  name = "late"
  wait_for {
    connected    = true
    image        = terraform_data.installation.output # unknown in the plan
    auto_upgrade = "ON"
  }
}

output "version" {
  value = data.harnessdelegate_delegate.late.version
}
`),
		ConfigStateChecks: []statecheck.StateCheck{output("version", "24.04.82804")},
	})
}

func TestAccDelegate_errors(t *testing.T) {
	m := acctest.NewManager(t)
	populate(m)
	one := func(arguments string) string {
		return m.Config("data \"harnessdelegate_delegate\" \"one\" {\n  " + arguments + "\n}\n")
	}
	many := func(arguments string) string {
		return m.Config("data \"harnessdelegate_delegates\" \"many\" {\n  " + arguments + "\n}\n")
	}
	var all []resource.TestStep
	for _, tc := range []struct{ config, says string }{
		{one("name = \"shred\""), `Names like it at this scope: "shared"`},
		{one("name = \"shared\"\nwait_for {}"), `wait_for holds no condition. Set at least one of`},
		{one("name = \"shared\"\nwait_for {\nversion = \"24.04.82804\"\nimage = \"a:24.04.82804\"\n}"), `wait_for.image" cannot be specified`},
		{one("name = \"shared\"\nwait_for { version = \"latest\" }"), `wait_for.version: "latest" is not a delegate version`},
		{one("name = \"shared\"\nwait_for { image = \"harness/delegate:latest\" }"), `wait_for.image: the tag of image "harness/delegate:latest"`},
		{one("name = \"shared\"\nwait_for { connected = false }"), `wait_for.connected Value must be "true", got: false`},
		{one("name = \"shared\"\nwait_for { auto_upgrade = \"on\" }"), `in capitals, such as ON`},
		{one("name = \"\""), `string length must be at least 1`},
		{one("name = \"shared\"\nproject_id = \"payments\""), `org_id`},
		{one("name = \"shared\"\nwait_for { version = \"24.05.83001\" }\ntimeouts { read = \"1s\" }"), `replica shared-0: version 24.04.82804, connected, last heartbeat`},
		{one("name = \"shared\"\norg_id = \"nope\""), `There is no organization "nope"`},
		{many("name_regex = \"(\""), `name_regex is "\(": .*missing closing \)`},
		{many("name_regex = \"a\"\nname = \"b\""), `cannot be specified when`},
		{many("version_status = \"OLD\""), `"ACTIVE"`},
		{many("type = \"docker\""), `in capitals, such as KUBERNETES`},
	} {
		all = append(all, resource.TestStep{Config: tc.config, ExpectError: regexp.MustCompile(strings.ReplaceAll(tc.says, " ", `\s+`))})
	}
	steps(t, all...)
}
