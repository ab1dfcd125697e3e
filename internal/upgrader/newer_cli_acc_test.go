package upgrader_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// query is a list block with the given configuration.
func query(meta, config string) string {
	return fmt.Sprintf("list \"harnessdelegate_upgrader\" \"all\" {\n  provider = harnessdelegate\n  %s\n  config {\n    %s\n  }\n}\n", meta, config)
}

// generated runs a query in a workspace, and gives the configuration that
// Terraform generates of it.
func generated(t *testing.T, w *acctest.Workspace, query string) string {
	t.Helper()
	if err := w.Write("all.tfquery.hcl", query); err != nil {
		t.Fatal(err)
	}
	w.Succeed("query", "-no-color", "-generate-config-out=generated.tf")
	content, err := os.ReadFile(filepath.Join(w.Dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Somebody with many upgraders made by the chart runs one query. The plan of the
// configuration that Terraform generates imports them all, and changes nothing;
// applying it changes nothing, either, and the next plan is empty.
func TestAccQuery_fifty(t *testing.T) {
	acctest.Need(t, acctest.Query)
	t.Parallel()
	p := newPlace(t)
	const count = 50
	p.charted(count)
	before := p.contents()
	w := acctest.NewWorkspace(t, p.manager, binary, "")
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	text := generated(t, w, query("limit = 1000", fmt.Sprintf("kubernetes {\n namespace = %q\n }", p.namespace)))
	if got := strings.Count("\n"+text, "\nimport {"); got != count || strings.Contains(text, token) {
		t.Errorf("%d imports are generated, want %d; the token is shown: %t", got, count, strings.Contains(text, token))
	}
	plan := w.Succeed("plan", "-no-color")
	if want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", count); !strings.Contains(plan.Stdout, want) {
		t.Errorf("the plan doesn't say %q:\n%.3000s", want, plan.Output())
	}
	w.Succeed("apply", "-auto-approve", "-no-color")
	w.Succeed("plan", "-detailed-exitcode", "-no-color")
	if diff := cmp.Diff(before, p.contents()); diff != "" {
		t.Errorf("something has changed (-before +after):\n%s", diff)
	}
	if state, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate")); err != nil || strings.Contains(string(state), token) {
		t.Errorf("the state holds the token, or can't be read: %v", err)
	}
	// A change of one goes on from there.
	changed := strings.Replace(text, `"0 */1 * * *"`, `"*/30 * * * *"`, 1)
	at := regexp.MustCompile(`force_conflicts += false`).FindStringIndex(changed) // that one's, of which the schedule is Helm's
	changed = changed[:at[0]] + "force_conflicts = true" + changed[at[1]:]
	if err := w.Write("generated.tf", changed); err != nil {
		t.Fatal(err)
	}
	if again := w.Succeed("apply", "-auto-approve", "-no-color"); !strings.Contains(again.Stdout, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("a change of one schedule ends with:\n%.3000s", again.Output())
	}
}

// What can't be listed fails the query, and says what to do.
func TestAccQuery_forbidden(t *testing.T) {
	acctest.Need(t, acctest.Query)
	t.Parallel()
	p := newPlace(t)
	w := acctest.NewWorkspace(t, p.manager, binary, "")
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.userWith("lister-"+p.namespace, `{apiGroups: [batch], resources: [cronjobs], verbs: [list]}`))
	if err := w.Write("all.tfquery.hcl", query("", "kubernetes {}")); err != nil {
		t.Fatal(err)
	}
	if result := w.Terraform("query", "-no-color"); result.ExitCode == 0 || !saying("Unable to List Upgraders", "ClusterRole").MatchString(result.Output()) {
		t.Errorf("the query ends with %d:\n%s", result.ExitCode, result.Output())
	}
}

// On Docker the token is all that is missing from what is generated.
func TestAccQuery_onDocker(t *testing.T) {
	acctest.Need(t, acctest.Query)
	t.Parallel()
	d := newDock(t)
	id := d.documented(d.container(), "SCHEDULE=*/30 * * * *")
	w := d.workspace("", "DOCKER_HOST="+d.Host)
	text := generated(t, w, query("limit = 1000", "docker {}"))
	// The engine may have others; a query has no filter by name.
	var mine []string
	for _, block := range strings.SplitAfter(text, "\n}\n") {
		if strings.Contains(block, quoted(d.container())) {
			mine = append(mine, strings.Replace(block, "= null # sensitive", "= "+quoted(token), 1))
		}
	}
	if err := w.Write("generated.tf", strings.Join(mine, "")); err != nil {
		t.Fatal(err)
	}
	applied := w.Succeed("apply", "-auto-approve", "-no-color")
	if !strings.Contains(applied.Stdout, "1 imported, 0 added") || d.alone() != id {
		t.Errorf("the container was made anew, or not imported:\n%s\n%s", applied.Output(), strings.Join(mine, ""))
	}
	w.Succeed("plan", "-detailed-exitcode", "-no-color")
	w.Succeed("destroy", "-auto-approve", "-no-color")
}

// runIt runs the upgrader "it", and does so whenever the input of a resource
// changes.
func runIt(input string) string {
	return fmt.Sprintf(`
action "harnessdelegate_run_upgrader" "it" {
  config {
    id = %s.id
  }
}

resource "terraform_data" "release" {
  input = %q

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.harnessdelegate_run_upgrader.it]
    }
  }
}
`, address, input)
}

// The action runs the upgrader by a trigger of the configuration and from the
// command line, tells of it, and fails with the run.
func TestAccRun_throughTheCLI(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	t.Parallel()
	p := newChain(t)
	w := acctest.NewWorkspace(t, p.manager, binary, "")
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	w.Configure(in(p.namespace).block("it") + runIt("one"))
	applied := w.Succeed("apply", "-auto-approve", "-no-color")
	if got := p.delegateImage(); got != "harness/delegate:"+acctest.Latest || !saying("was created in namespace", "has succeeded after").MatchString(applied.Stdout) {
		t.Errorf("the delegate runs %v:\n%s", got, applied.Output())
	}
	w.Succeed("plan", "-detailed-exitcode", "-no-color")
	if w.Succeed("apply", "-auto-approve", "-no-color", "-invoke=action.harnessdelegate_run_upgrader.it"); len(p.jobNames()) != 2 {
		t.Errorf("the Jobs are %v, want 2", p.jobNames())
	}

	w.Configure(in(p.namespace).with("account_id", `"unknown-account"`).block("it") + runIt("one"))
	w.Succeed("apply", "-auto-approve", "-no-color")
	failed := w.Terraform("apply", "-auto-approve", "-no-color", "-invoke=action.harnessdelegate_run_upgrader.it")
	if failed.ExitCode == 0 || strings.Contains(failed.Output(), token) ||
		!saying("Run of the Upgrader Failed", "the run failed", "The last lines of its log", "upgrader failed").MatchString(failed.Output()) {
		t.Errorf("a run that fails ends with %d:\n%s", failed.ExitCode, failed.Output())
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
}

// jobNames are the names of the namespace's Jobs.
func (p *place) jobNames() []string {
	p.t.Helper()
	jobs, err := p.all("Job")
	if err != nil {
		p.t.Fatal(err)
	}
	names := []string{}
	for _, job := range jobs {
		names = append(names, job.GetName())
	}
	return names
}
