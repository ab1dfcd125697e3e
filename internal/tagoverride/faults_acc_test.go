package tagoverride_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// binary is the provider, built for the tests that run it as Terraform does.
var binary string

func TestMain(m *testing.M) { os.Exit(acctest.RunWithBinary(m, &binary)) }

// twenty is a configuration of twenty overrides over ten scopes, and what the
// Manager holds once it is applied.
func twenty(m *acctest.Manager, reference string) (config string, held []string) {
	account := accountNamed(acctest.Account)
	account.Orgs = map[string][]string{"default": {"payments", "search"}, "faults": {"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10"}}
	m.AddAccount(account)
	for i := 1; i <= 10; i++ {
		held = append(held, fmt.Sprintf("faults/p%d %s", i, reference), fmt.Sprintf("faults/p%d {linux,prod} %s", i, reference))
	}
	slices.Sort(held)
	return fmt.Sprintf(`
resource "harnessdelegate_tag_override" "all" {
  count        = 20
  org_id       = "faults"
  project_id   = "p${1 + floor(count.index / 2)}"
  tags         = count.index %% 2 == 0 ? ["prod", "linux"] : null
  delegate_tag = %q
}
`, reference), held
}

// Whatever goes wrong while twenty overrides are applied, the run ends right or
// with errors that a user understands; the next apply puts everything right;
// and in the end nothing is left that the state didn't know.
func TestAccTagOverride_faults(t *testing.T) {
	t.Parallel()
	once := func(f simulator.Fault) simulator.Fault { f.Skip, f.Count = 3, 1; return f }
	burst := func(f simulator.Fault) simulator.Fault { f.Skip, f.Count = 2, 6; return f }
	stays := func(f simulator.Fault) simulator.Fault { f.Skip = 5; return f }
	const mustSucceed, mayFail = true, false
	for _, test := range []struct {
		name    string
		fault   simulator.Fault
		outcome bool
	}{
		{"slow Manager", stays(simulator.Fault{Kind: simulator.FaultLatency, Delay: 50 * time.Millisecond}), mustSucceed},
		{"429 burst", burst(simulator.Fault{Kind: simulator.FaultStatus, Status: 429}), mustSucceed},
		{"429 burst with Retry-After", burst(simulator.Fault{Kind: simulator.FaultStatus, Status: 429, RetryAfter: time.Second, Form: simulator.BodyFormJSON}), mustSucceed},
		{"500 burst before the effect", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultStatus, Status: 500}), mustSucceed},
		{"502 page after the effect", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultHTML, Status: 502, AfterEffect: true}), mustSucceed},
		{"503 burst", burst(simulator.Fault{Kind: simulator.FaultStatus, Status: 503}), mustSucceed},
		{"504 after the effect", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultStatus, Status: 504, AfterEffect: true}), mustSucceed},
		{"reset before the write", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultResetBefore}), mustSucceed},
		{"reset after the write", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultResetAfter}), mustSucceed},
		{"truncated answer to a write", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultTruncated}), mustSucceed},
		{"truncated list", burst(simulator.Fault{Method: "GET", Kind: simulator.FaultTruncated}), mustSucceed},
		{"truncated chunked list", burst(simulator.Fault{Method: "GET", Kind: simulator.FaultTruncatedChunked}), mustSucceed},
		{"empty list body", once(simulator.Fault{Method: "GET", Kind: simulator.FaultEmptyBody}), mustSucceed},
		{"empty answer to a write", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultEmptyBody}), mustSucceed},
		{"page instead of a list", burst(simulator.Fault{Method: "GET", Kind: simulator.FaultHTML}), mayFail},
		{"page instead of a write", burst(simulator.Fault{Method: "PUT", Kind: simulator.FaultHTML}), mayFail},
		{"slow body", once(simulator.Fault{Method: "GET", Kind: simulator.FaultSlowBody, Delay: 300 * time.Millisecond}), mustSucceed},
		{"key expires halfway", stays(simulator.Fault{Kind: simulator.FaultExpiredKey}), mayFail},
		{"redirect to a login page", stays(simulator.Fault{Kind: simulator.FaultRedirect}), mayFail},
		{"Manager goes down halfway", stays(simulator.Fault{Kind: simulator.FaultResetBefore}), mayFail},
		{"writes are answered and lost for good", stays(simulator.Fault{Method: "PUT", Kind: simulator.FaultResetAfter}), mustSucceed},
		{"reads go down after the writes", stays(simulator.Fault{Method: "GET", Kind: simulator.FaultStatus, Status: 503}), mayFail},
		{"oversized list", once(simulator.Fault{Method: "GET", Kind: simulator.FaultOversizeBody}), mayFail},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			config, held := twenty(m, imageA)
			w := acctest.NewWorkspace(t, m, binary, config)

			// The plan looks things up for warnings; the faults are for the apply.
			w.Succeed("plan", "-out=plan", "-no-color")
			m.Inject(test.fault)
			first := w.Terraform("apply", "-json", "plan")
			if test.outcome == mustSucceed && first.ExitCode != 0 {
				t.Errorf("the first apply failed:\n%s", first.Output())
			}
			errorsAreClear(t, first.Diagnostics(), first.ExitCode)
			m.ClearFaults()

			w.Succeed("apply", "-auto-approve", "-no-color")
			if got := m.Held(); !slices.Equal(got, held) {
				t.Errorf("after the second apply the Manager holds\n%q, want\n%q", got, held)
			}
			if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
				t.Errorf("the plan after it is not empty:\n%s", again.Output())
			}

			m.Inject(test.fault)
			gone := w.Terraform("destroy", "-auto-approve", "-json")
			errorsAreClear(t, gone.Diagnostics(), gone.ExitCode)
			m.ClearFaults()
			w.Succeed("destroy", "-auto-approve", "-no-color")
			if got := m.Held(); len(got) != 0 {
				t.Errorf("after the destroy the Manager still holds %q", got)
			}
		})
	}
}

// errorsAreClear checks that a failed run says what could not be done and what
// to do about it, and hands on neither markup nor the key.
func errorsAreClear(t *testing.T, found []tfcli.Diagnostic, exitCode int) {
	t.Helper()
	count := 0
	for _, d := range found {
		if d.Severity != "error" {
			continue
		}
		count++
		if !strings.HasPrefix(d.Summary, "Unable to ") {
			t.Errorf("an error's summary is %q", d.Summary)
		}
		if len(d.Detail) < 80 || strings.Contains(d.Detail, "<") || strings.Contains(d.Detail, acctest.APIKey) {
			t.Errorf("an error's detail is %q", d.Detail)
		}
	}
	if (count > 0) != (exitCode != 0) {
		t.Errorf("%d errors with exit code %d", count, exitCode)
	}
}
