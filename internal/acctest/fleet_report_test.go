package acctest_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// reportExample calls the module fleet-report, and writes nothing.
const reportExample = "modules/fleet-report/example"

// reportOf is the module's table of the fleet below.
const reportOf = `7 delegates on 15 May 2024. Losing support within 60 days: 4. Without an upgrader: 1.

DELEGATE                            RUNS                      SUPPORT                    UPGRADES ITSELF
default/payments/payments-delegate  24.04.82804               until 2024-10-01           yes
default/payments/payments-trainer   23.12.81803               ends 2024-06-01            NO
default/search/search-delegate      23.11.81700, 24.04.82804  ended 2024-05-01           yes
platform/build/builder              23.08.80505               no fixes since 2024-04-01  not told
platform/build/idle                 nothing                   unknown                    no replica
platform/newcomer                   24.04.82804               until 2024-10-01           too early
shared                              23.11.81700               ended 2024-05-01           yes

PROJECT           IMAGE                                                   DELEGATES  RUNNING NOW
default/payments  registry.example.com/payments/delegate-gpu:24.04.82804  1          23.12.81803
default/payments  registry.example.com/payments/delegate:24.04.82804      1          24.04.82804
default/search    registry.example.com/organization/delegate:24.04.82804  1          23.11.81700, 24.04.82804
outside projects  harness/delegate:24.04.82804                            2          23.11.81700, 24.04.82804
platform/build    harness/delegate:24.04.82804                            2          23.08.80505
`

// fleet registers delegates of each kind that a report tells apart, and overrides
// at each level.
func fleet(t *testing.T, m *acctest.Manager) {
	t.Helper()
	m.Freeze(true)
	m.SetTime(acctest.Start)
	yesterday := acctest.Start.Add(-24 * time.Hour)
	running := func(versions ...string) []simulator.Replica {
		replicas := []simulator.Replica{}
		for _, version := range versions {
			replicas = append(replicas, simulator.Replica{Image: "harness/delegate:" + version, CreatedAt: yesterday, Alive: true})
		}
		return replicas
	}
	for _, d := range []simulator.Delegate{
		{Name: "shared", UpgraderLastUpdated: acctest.Start, Replicas: running("23.11.81700")},
		{OrgID: "default", ProjectID: "payments", Name: "payments-delegate", UpgraderLastUpdated: acctest.Start, Replicas: running("24.04.82804", "24.04.82804")},
		{OrgID: "default", ProjectID: "payments", Name: "payments-trainer", Tags: []string{"gpu"}, Replicas: running("23.12.81803")},
		{OrgID: "default", ProjectID: "search", Name: "search-delegate", UpgraderLastUpdated: acctest.Start, Replicas: running("24.04.82804", "23.11.81700")},
		{OrgID: "platform", Name: "newcomer", Replicas: []simulator.Replica{{Image: "harness/delegate:24.04.82804", CreatedAt: acctest.Start, Alive: true}}},
		{OrgID: "platform", ProjectID: "build", Name: "builder", Type: "DOCKER", Replicas: running("23.08.80505")},
		{OrgID: "platform", ProjectID: "build", Name: "idle"},
	} {
		d.AccountID = acctest.Account
		m.AddDelegate(d)
	}
	m.Put(t, simulator.Override{OrgID: "default", Version: "registry.example.com/organization/delegate:24.04.82804"})
	m.Put(t, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "registry.example.com/payments/delegate:24.04.82804"})
	m.Put(t, simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"gpu"}, Version: "registry.example.com/payments/delegate-gpu:24.04.82804"})
}

// report is a workspace in which a configuration calls the module.
func report(t *testing.T, binary string, m *acctest.Manager, arguments ...string) *tfcli.Workspace {
	t.Helper()
	work := workspace(t, m, binary)
	work.Dir = filepath.Join(work.Dir, filepath.FromSlash(reportExample))
	work.Env = append(work.Env, "TF_VAR_now="+acctest.Start.Format(time.RFC3339))
	if len(arguments) > 0 {
		text := read(t, filepath.Join(work.Dir, "main.tf"))
		changed := strings.Replace(text, "  days = 60\n", strings.Join(arguments, "\n")+"\n", 1)
		if changed == text {
			t.Fatal("the example doesn't set days")
		}
		if err := work.Write("main.tf", changed); err != nil {
			t.Fatal(err)
		}
	}
	initialize(t, work)
	return work
}

// warned are the warnings of a run, the first line of each.
func warned(result tfcli.Result) []string {
	var lines []string
	for _, d := range result.Diagnostics() {
		line, _, _ := strings.Cut(d.Detail, "\n")
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// fleetReport: the module's table, word for word, its checks, and its outputs.
func fleetReport(t *testing.T, binary string) {
	t.Helper()
	m := acctest.NewManager(t)
	fleet(t, m)
	work := report(t, binary, m)

	want := []string{
		"1 of 7 delegates do not upgrade themselves: default/payments/payments-trainer. No upgrader has asked for their image within the last 90 minutes.",
		"4 of 7 delegates get no product fixes within 60 days, or already none: default/payments/payments-trainer, default/search/search-delegate, platform/build/builder, shared. Upgrade them, or build their image from a newer version.",
	}
	if got := warned(terraformRun(t, work, 0, "apply", "-auto-approve", "-input=false", "-json")); !slices.Equal(got, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := terraformRun(t, work, 0, "output", "-raw", "table").Stdout; got != reportOf {
		t.Errorf("the table is\n%s\nand not\n%s", got, reportOf)
	}
	if !strings.Contains(read(t, examples+"/modules/fleet-report/README.md"), "```text\n"+reportOf+"```\n") {
		t.Error("the README of the module shows another table")
	}
	var images map[string]struct{ Told, Running []string }
	if err := json.Unmarshal([]byte(terraformRun(t, work, 0, "output", "-json", "images").Stdout), &images); err != nil {
		t.Fatal(err)
	}
	if got, want := images["default/payments"].Told, []string{
		"registry.example.com/payments/delegate-gpu:24.04.82804", "registry.example.com/payments/delegate:24.04.82804",
	}; !slices.Equal(got, want) || len(images) != 3 {
		t.Errorf("the images of the projects are %v, those of payments to be %v", images, want)
	}
	// What the README has pipelines look for.
	if state := terraformRun(t, work, 0, "show", "-json").Stdout; strings.Count(state, `"status":"fail"`) < 2 {
		t.Errorf("the state doesn't tell of two failed checks:\n%s", state)
	}
	terraformRun(t, work, 0, "plan", "-detailed-exitcode", "-input=false")
}

// fleetReportArguments: each argument of the module, on both sides of its edge.
func fleetReportArguments(t *testing.T, binary string) {
	t.Helper()
	const inPayments = `  org_id     = "default"` + "\n" + `  project_id = "payments"`
	const own = "^registry[.]example[.]com/payments/delegate:"
	for _, test := range []struct {
		name, arguments string
		exitCode        int
		says            []string
	}{
		{"16 days before the end of support", inPayments + "\n  days = 16", 0, []string{"1 of 2 delegates do not upgrade themselves: default/payments/payments-trainer."}},
		{"17 days before", inPayments + "\n  days = 17", 0, []string{
			"1 of 2 delegates do not upgrade themselves: default/payments/payments-trainer.",
			"1 of 2 delegates get no product fixes within 17 days, or already none: default/payments/payments-trainer.",
		}},
		{"images", inPayments + "\n  days = 0\n  allowed_images = \"" + own + "\"", 0, []string{
			"1 of 2 delegates are told an image that " + own + " doesn't match: default/payments/payments-trainer.",
			"1 of 2 delegates do not upgrade themselves: default/payments/payments-trainer.",
		}},
		{"a fraction of a day", "  days = 0.5", 1, []string{"Give whole days, 0 or more."}},
		{"a project of no organization", `  project_id = "payments"`, 1, []string{"project_id is set, but org_id is not"}},
		{"no expression", `  allowed_images = "("`, 1, []string{"Give a regular expression (RE2)."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			fleet(t, m)
			work := report(t, binary, m, test.arguments)
			got := warned(terraformRun(t, work, test.exitCode, "plan", "-input=false", "-json"))
			if !slices.EqualFunc(got, test.says, strings.HasPrefix) {
				t.Errorf("it says\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(test.says, "\n"))
			}
		})
	}
}

// fleetReportUnseen: what the key may not view is told, in the table as well.
func fleetReportUnseen(t *testing.T, binary string) {
	t.Helper()
	m := acctest.NewManager(t)
	fleet(t, m)
	// It may view delegates, but not the organizations and projects that they are in.
	m.AddKey(simulator.Key{
		Token: acctest.APIKey, AccountID: acctest.Account,
		Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}},
	})
	work := report(t, binary, m)
	terraformRun(t, work, 0, "apply", "-auto-approve", "-input=false")
	table := terraformRun(t, work, 0, "output", "-raw", "table").Stdout
	for _, line := range []string{
		"(default)/(payments)/payments-trainer   23.12.81803               ends 2024-06-01            NO",
		"(platform)/(build)    could not be seen             2          23.08.80505",
		"outside projects      harness/delegate:24.04.82804  1          23.11.81700",
		`Not seen: the identifiers of the project named "payments" in the organization named "default" and 3 more`,
	} {
		if !strings.Contains(table, "\n"+line) {
			t.Errorf("the table has no line %q:\n%s", line, table)
		}
	}
}
