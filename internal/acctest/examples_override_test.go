package acctest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// beside makes a workspace with the provider block of the examples and one example.
func beside(t *testing.T, m *acctest.Manager, file string) *tfcli.Workspace {
	t.Helper()
	binary, err := tfcli.Build(t.Context(), tfcli.Provider, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	work := workspace(t, m, binary)
	work.Dir = t.TempDir()
	for _, from := range []string{providerFile, file} {
		if err := os.WriteFile(filepath.Join(work.Dir, filepath.Base(from)), []byte(read(t, from)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	initialize(t, work)
	return work
}

// Each query finds something, and what Terraform generates of it imports without
// a change.
func TestAccExamples_queriesOfOverrides(t *testing.T) {
	acctest.Need(t, acctest.Query)
	t.Parallel()
	for _, file := range glob(t, "list-resources/harnessdelegate_tag_override/list-resource*.tfquery.hcl") {
		t.Run(name(file), func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			m.Put(t, simulator.Override{Version: "registry.example.com/harness/delegate:24.04.82804"})
			m.Put(t, simulator.Override{
				OrgID: "default", ProjectID: "payments", Tags: []string{"gpu"}, Version: "registry.example.com/payments/delegate-gpu:24.04.82804",
			})
			work := beside(t, m, file)
			terraformRun(t, work, 0, "query", "-generate-config-out=generated.tf")
			generated, err := os.ReadFile(filepath.Join(work.Dir, "generated.tf"))
			if err != nil {
				t.Fatalf("it finds nothing: %s", err)
			}
			imports := strings.Count(string(generated), "\nimport {")
			plan := terraformRun(t, work, 0, "plan", "-no-color")
			if want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", imports); imports == 0 || !strings.Contains(plan.Stdout, want) {
				t.Errorf("the plan doesn't say %q:\n%s", want, plan.Output())
			}
		})
	}
}

// Each action renews the override that it names: where its trigger's input
// changes, and by the command that the example tells.
func TestAccExamples_renewals(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	t.Parallel()
	input := regexp.MustCompile(`(?m)^  input = ".*"$`)
	command := regexp.MustCompile(`(?m)^#\s+terraform apply (-invoke=\S+)$`)
	for _, file := range glob(t, "actions/harnessdelegate_renew_override/action*.tf") {
		t.Run(name(file), func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			m.Put(t, simulator.Override{OrgID: "platform", Version: "registry.example.com/platform/delegate:24.04.82804"})
			work := beside(t, m, file)
			terraformRun(t, work, 0, "apply", "-auto-approve")
			m.Advance(50 * 24 * time.Hour)
			before := map[string]time.Time{}
			for _, o := range m.Overrides(acctest.Account) {
				before[o.OrgID] = *o.ValidUntil
			}
			text := read(t, file)
			arguments := []string{"apply", "-auto-approve"}
			if told := command.FindStringSubmatch(text); told != nil {
				arguments = append(arguments, told[1])
			}
			if err := work.Write(filepath.Base(file), input.ReplaceAllString(text, `  input = "another"`)); err != nil {
				t.Fatal(err)
			}
			terraformRun(t, work, 0, arguments...)
			renewed := 0
			for _, o := range m.Overrides(acctest.Account) {
				if o.ValidUntil.After(before[o.OrgID].AddDate(0, 0, 49)) {
					renewed++
				}
			}
			if renewed != 1 {
				t.Errorf("%d overrides were renewed, want 1", renewed)
			}
			terraformRun(t, work, 0, "plan", "-detailed-exitcode")
		})
	}
}
