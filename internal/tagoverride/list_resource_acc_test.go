package tagoverride_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// query is a list block with the given arguments of its configuration.
func query(name, meta string, arguments ...string) string {
	return fmt.Sprintf("list \"harnessdelegate_tag_override\" %q {\n  provider = harnessdelegate\n  %s\n  config {\n    %s\n  }\n}\n",
		name, meta, strings.Join(arguments, "\n    "))
}

func TestAccListOverrides(t *testing.T) {
	acctest.Need(t, acctest.Query)
	m := full(t)
	const all = "harnessdelegate_tag_override.all"
	project := everySlot["project, tagged"]
	byName := queryfilter.ByDisplayName(knownvalue.StringExact(ofPaymentsLinux))
	run(t, m, m.Held(),
		resource.TestStep{Config: m.Config()},
		resource.TestStep{
			Query: true,
			// The provider block is that of the first step.
			Config: strings.Join([]string{
				query("all", "include_resource = true", "include_child_scopes = true"),
				query("tagged", "", `org_id = "default"`, `kind = "tagged"`),
				query("two", "limit = 2", "include_child_scopes = true"),
			}, "\n"),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(all, 7),
				querycheck.ExpectLength("harnessdelegate_tag_override.tagged", 1),
				querycheck.ExpectLength("harnessdelegate_tag_override.two", 2),
				querycheck.ExpectIdentity(all, map[string]knownvalue.Check{
					"account_id": text(acctest.Account), "org_id": text("default"), "project_id": text("payments"), "kind": text("tagged"),
				}),
				querycheck.ExpectResourceKnownValues(all, byName, []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("id"), KnownValue: text(project.id())},
					{Path: tfjsonpath.New("tags"), KnownValue: tags(project.tags...)},
					{Path: tfjsonpath.New("delegate_tag"), KnownValue: text(imageA)},
					{Path: tfjsonpath.New("valid_for_days"), KnownValue: knownvalue.Int64Exact(180)},
					{Path: tfjsonpath.New("status"), KnownValue: text("active")},
					{Path: tfjsonpath.New("timeouts"), KnownValue: knownvalue.Null()},
				}),
			},
		},
		resource.TestStep{
			Query:       true,
			Config:      query("nowhere", "", `org_id = "nowhere"`),
			ExpectError: saying(`There is no organization "nowhere"`),
		},
	)
}

// Somebody with years of overrides made by hand runs one query. The plan of the
// configuration that Terraform generates imports them all, and changes nothing.
func TestAccListOverrides_fiveHundred(t *testing.T) {
	acctest.Need(t, acctest.Query)
	t.Parallel()
	m := acctest.NewManager(t)
	many(t, m, 250)
	w := acctest.NewWorkspace(t, m, binary, "")
	if err := w.Write("all.tfquery.hcl", query("all", "limit = 1000", "include_child_scopes = true")); err != nil {
		t.Fatal(err)
	}
	w.Succeed("query", "-no-color", "-generate-config-out=generated.tf")
	generated, err := os.ReadFile(filepath.Join(w.Dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for block, want := range map[string]int{"\nimport {": 500, "resource \"harnessdelegate_tag_override\"": 500} {
		if got := strings.Count("\n"+string(generated), block); got != want {
			t.Errorf("%d times %q, want %d", got, block, want)
		}
	}
	if got, want := changes(t, w.Succeed("plan", "-json").Stdout), (summary{Import: 500}); got != want {
		t.Errorf("the plan has %+v, want %+v", got, want)
	}
	held := m.Held()
	w.Succeed("apply", "-auto-approve")
	w.Succeed("plan", "-detailed-exitcode")
	if sent := m.Counters(); sent[acctest.SetPath]+sent[acctest.DeletePath] > 0 {
		t.Errorf("something was written: %v", sent)
	}
	if len(held) != 500 || len(m.Held()) != 500 {
		t.Errorf("the Manager held %d overrides and holds %d", len(held), len(m.Held()))
	}
}

// summary is what a plan is about to do.
type summary struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Import int `json:"import"`
	Remove int `json:"remove"`
}

func changes(t *testing.T, output string) summary {
	t.Helper()
	for line := range strings.Lines(output) {
		var message struct {
			Type    string  `json:"type"`
			Changes summary `json:"changes"`
		}
		if err := json.Unmarshal([]byte(line), &message); err == nil && message.Type == "change_summary" {
			return message.Changes
		}
	}
	t.Fatalf("there is no summary in:\n%s", output)
	return summary{}
}

// What Terraform shows where some of it can't be read: the rest, if that is for
// want of a permission, and else nothing.
func TestAccListOverrides_problems(t *testing.T) {
	acctest.Need(t, acctest.Query)
	t.Parallel()
	m := full(t)
	w := acctest.NewWorkspace(t, m, binary, "")
	if err := w.Write("all.tfquery.hcl", query("all", "", "include_child_scopes = true")); err != nil {
		t.Fatal(err)
	}
	all := []string{simulator.PermissionView, simulator.PermissionViewOrganization, simulator.PermissionViewProject}
	restricted(m, grant("platform", all...), grant("", simulator.PermissionViewOrganization, simulator.PermissionViewProject))
	result := w.Terraform("query", "-no-color")
	if result.ExitCode == 0 || !strings.Contains(result.Output(), "core_delegate_view") {
		t.Errorf("without a permission at the scope named, the query ends with %d:\n%s", result.ExitCode, result.Output())
	}
	if err := w.Write("all.tfquery.hcl", query("all", "", "include_child_scopes = true", `org_id = "platform"`)); err != nil {
		t.Fatal(err)
	}
	if result := w.Succeed("query", "-no-color"); !strings.Contains(result.Stdout, ofBuild) {
		t.Errorf("%q is not among the results:\n%s", ofBuild, result.Output())
	}
}
