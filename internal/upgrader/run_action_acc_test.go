package upgrader_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// running lets each Job of the namespace do what a program does.
func (p *place) running(script string) {
	p.t.Helper()
	if err := kubetest.CanRunPods(); err != nil {
		p.t.Skip(err)
	}
	stop := p.RunJobs(p.t.Context(), p.namespace, kubetest.Program{Path: "/bin/sh", Args: []string{"-c", script}})
	p.t.Cleanup(func() {
		if err := stop(); err != nil {
			p.t.Error(err)
		}
	})
}

func (p *place) run(more acctest.Block) (progress []string, diags []acctest.Said) {
	p.t.Helper()
	config := acctest.Block{"id": "kubernetes/" + p.namespace + "/payments-upgrader-job"}
	for name, value := range more {
		config[name] = value
	}
	w := p.wire(p.Kubeconfig)
	if diags := w.ValidateAction(runType, config); len(diags) > 0 {
		p.t.Fatalf("the configuration is refused: %v", diags)
	}
	return w.Invoke(runType, config)
}

// told checks that messages have been told in an order, among others.
func told(t *testing.T, progress []string, parts ...string) {
	t.Helper()
	rest := progress
	for _, part := range parts {
		at := slices.IndexFunc(rest, func(message string) bool { return strings.Contains(message, part) })
		if at < 0 {
			t.Fatalf("no %q in its place among %q", part, progress)
		}
		rest = rest[at+1:]
	}
}

// A run by hand does what a run of the schedule does, and tells of it. A CronJob
// that is suspended runs, too, and stays suspended.
func TestAccRun(t *testing.T) {
	t.Parallel()
	p := newChain(t)
	p.create("helm", p.plainChartManifest())
	p.edit("CronJob/payments-upgrader-job", "spec: {suspend: true}")
	progress, diags := p.run(nil)
	quiet(t, "running", diags)
	told(t, progress, "CronJob/payments-upgrader-job is suspended. It runs this once all the same", "was created in namespace "+p.namespace+", from CronJob/payments-upgrader-job", "has succeeded after ")
	if got := p.delegateImage(); got != "harness/delegate:"+acctest.Latest {
		t.Errorf("the delegate runs %v", got)
	}
	if field(p.get("CronJob/payments-upgrader-job").Object, "spec.suspend") != true {
		t.Error("the CronJob is suspended no more")
	}
	if jobs, err := p.all("Job"); err != nil || len(jobs) != 1 {
		t.Errorf("%d Jobs, %v; the run is to be looked at", len(jobs), err)
	}
}

// A run that fails says why, in the upgrader's own words but for the secrets.
func TestAccRun_fails(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl", p.documentedManifest())
	p.running(`echo "refused: $UPGRADER_TOKEN"; exit 3`)
	progress, diags := p.run(nil)
	told(t, progress, "was created in namespace")
	sayingOnce(t, "running", diags, "Run of the Upgrader Failed", "the run failed", "exit code 3", "The last lines of its log:", "refused: ***", "is kept")
	if strings.Contains(asJSON(t, []any{progress, diags}), token) {
		t.Error("the token is shown")
	}
}

// Who may not read the token doesn't see a log that may have it.
func TestAccRun_failsWithoutMask(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl", p.documentedManifest())
	p.running(`echo "refused: $UPGRADER_TOKEN"; exit 3`)
	kubeconfig := p.userWith("runner-"+p.namespace,
		`{apiGroups: [batch], resources: [cronjobs, jobs], verbs: [get, create]}`, `{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}`)
	var progress []string
	var diags []acctest.Said
	eventually(t, "the rights count", func() bool {
		progress, diags = p.wire(kubeconfig).Invoke(runType, acctest.Block{"id": "kubernetes/" + p.namespace + "/payments-upgrader-job"})
		return len(progress) > 0
	})
	sayingOnce(t, "running", diags, "the run failed", "exit code 3", "Its log is not shown: these credentials may not read Secret/payments-upgrader-token")
	if strings.Contains(asJSON(t, []any{progress, diags}), token) {
		t.Error("the token is shown")
	}
}

// A run that doesn't end in time says where it stands, and goes on.
func TestAccRun_timesOut(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl", p.documentedManifest())
	progress, diags := p.run(acctest.Block{"timeouts": acctest.Block{"invoke": "3s"}})
	told(t, progress, "was created in namespace", "is Pending")
	sayingOnce(t, "running", diags, "it had not ended when the time was up", "is Pending", "is kept")
	if diags[0].At != `AttributeName("timeouts")` {
		t.Errorf("it is about %s", diags[0].At)
	}
	if jobs, err := p.all("Job"); err != nil || len(jobs) != 1 {
		t.Errorf("%d Jobs, %v", len(jobs), err)
	}
}

// Who doesn't want to wait hears that the run was started.
func TestAccRun_withoutWaiting(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl", p.documentedManifest())
	progress, diags := p.run(acctest.Block{"wait": false})
	quiet(t, "running", diags)
	told(t, progress, "was created in namespace", "goes on by itself: wait is false")
	jobs, err := p.all("Job")
	if err != nil || len(jobs) != 1 || field(jobs[0].Object, "metadata.ownerReferences.0.name") != "payments-upgrader-job" {
		t.Errorf("the Jobs are %v, %v", jobs, err)
	}
}

func TestAccRun_refuses(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl", p.documentedManifest())
	p.create("kubectl", `
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup}
spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: backup, image: backup}]}}}}}`)
	w := p.wire(p.Kubeconfig)
	for name, test := range map[string]struct {
		id    string
		says  []string
		early bool
	}{
		"no id":         {"payments", []string{"Invalid Upgrader Id", "is neither kubernetes/NAMESPACE/CRONJOB nor docker/CONTAINER"}, true},
		"on Docker":     {"docker/payments", []string{"No Runs by Hand on Docker", "nobody but the upgrader itself can start a run", "shorter one"}, true},
		"there is none": {"kubernetes/" + p.namespace + "/nothing", []string{"Unable to Run Upgrader", "there is no such CronJob", "Check the names"}, false},
		"no upgrader":   {"kubernetes/" + p.namespace + "/backup", []string{"Unable to Run Upgrader", "it has no container named upgrader"}, false},
	} {
		validated := w.ValidateAction(runType, acctest.Block{"id": test.id})
		progress, diags := w.Invoke(runType, acctest.Block{"id": test.id})
		sayingOnce(t, name, diags, test.says...)
		if early := len(validated) > 0; early != test.early || len(progress) > 0 {
			t.Errorf("%s: refused by the plan is %t, progress %q", name, early, progress)
		}
	}
	if jobs, err := p.all("Job"); err != nil || len(jobs) > 0 {
		t.Errorf("Jobs were made: %v, %v", jobs, err)
	}
	if diags := w.ValidateAction(runType, acctest.Block{"id": acctest.Unknown}); len(diags) > 0 {
		t.Errorf("an id that is not known yet is refused: %v", diags)
	}
}
