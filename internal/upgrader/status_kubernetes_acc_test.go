package upgrader_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// seldom is a schedule that starts nothing while a test runs.
const seldom = `"0 0 29 2 *"`

// ran starts a run, lets its program end with an exit code, and waits until the
// Job and the CronJob tell.
func (p *place) ran(exitCode int) {
	p.t.Helper()
	job, err := p.Trigger(p.t.Context(), p.namespace, "payments-upgrader-job")
	if err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "the Job has a pod that can be finished", func() bool {
		pods, err := p.of("Pod").List(p.t.Context(), metav1.ListOptions{LabelSelector: "job-name=" + job})
		return err == nil && len(pods.Items) == 1 && p.FinishPod(p.t.Context(), p.namespace, pods.Items[0].GetName(), exitCode) == nil
	})
	eventually(p.t, "the Job has ended", func() bool {
		conditions, _ := field(p.get("Job/"+job).Object, "status.conditions").([]any)
		for _, c := range conditions {
			if kind := field(c, "type"); kind == "Complete" || kind == "Failed" {
				return true
			}
		}
		return false
	})
	// Times have whole seconds; what happens next is to be later.
	now := time.Now()
	eventually(p.t, "a second has passed", func() bool { return time.Since(now) > time.Second })
}

// The story of an upgrader: new, in use, failing, suspended.
func TestAccStatus_kubernetes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.manager.AddDelegate(simulator.Delegate{
		AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: delegate, UpgraderLastUpdated: acctest.Start.Add(-10 * time.Minute),
		Replicas: []simulator.Replica{{HostName: "payments-1", Image: "harness/delegate:24.04.82804", LastHeartbeat: acctest.Start}},
	})
	given := in(p.namespace).with("schedule", seldom).with("kubernetes.backoff_limit", "0").with("kubernetes.timezone", `"America/New_York"`)
	status := ofIt().with("org_id", `"default"`).with("project_id", `"payments"`).status()
	yes, no, none, known := knownvalue.Bool(true), knownvalue.Bool(false), knownvalue.Null(), knownvalue.NotNull()
	p.upgraders(nil, resource.TestStep{
		Config: p.config(given.block("it"), status),
		ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"id": text("kubernetes/" + p.namespace + "/payments-upgrader-job"), "delegate_name": text(delegate), "account_id": text(acctest.Account),
			"image": text("harness/upgrader:latest"), "schedule": text("0 0 29 2 *"), "timezone": text("America/New_York"), "suspended": no,
			"next_run": knownvalue.StringRegexp(saying("-02-29T05:00:00Z")),
			"last_run": none, "last_success": none, "last_failure": none, "running": no, "container": none, "healthy": yes, "problem": none,
			"delegate_problem": none,
			"delegate": knownvalue.ObjectExact(map[string]knownvalue.Check{
				"connected": yes, "auto_upgrade": text("ON"), "last_heartbeat": text("2024-05-15T12:00:00Z"),
				"replicas": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"host_name": text("payments-1"), "version": text("24.04.82804"), "connected": yes, "last_heartbeat": text("2024-05-15T12:00:00Z"),
				})}),
			}),
		}),
	}, resource.TestStep{
		PreConfig: func() { p.ran(0) },
		Config:    p.config(given.block("it"), status),
		ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"last_run": known, "last_success": known, "last_failure": none, "healthy": yes, "problem": none,
		}),
	}, resource.TestStep{
		PreConfig: func() { p.ran(3) },
		Config:    p.config(given.block("it"), status),
		ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"last_success": known, "last_failure.reason": text("Error"), "last_failure.exit_code": knownvalue.Int64Exact(3), "last_failure.time": known,
			"last_failure.message": knownvalue.StringRegexp(saying("failed", "exit code 3")), "healthy": no,
			"problem": text("The last run to end has failed: Error, exit code 3."),
		}),
	}, resource.TestStep{
		// What is read depends on the upgrader, and tells of it as it is afterwards.
		PreConfig: func() { p.ran(0) },
		Config:    p.config(given.with("auto_upgrade", "false").block("it"), status),
		ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"suspended": yes, "next_run": none, "last_failure.reason": text("Error"), "healthy": no,
			"problem": text("CronJob/payments-upgrader-job is suspended: it starts no run."),
		}),
	})
}

// Without the Manager's side there is the cluster's, and the reason.
func TestAccStatus_delegateProblem(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.manager.AddDelegate(simulator.Delegate{AccountID: acctest.Account, Name: delegate})
	p.manager.AddKey(simulator.Key{Token: "pat.nothing", AccountID: acctest.Account, Grants: []simulator.Grant{}})
	p.create("somebody", secretManifest("payments-upgrader-token", "UPGRADER_TOKEN", token))
	p.create("kubectl", `{apiVersion: batch/v1, kind: CronJob, metadata: {name: payments-upgrader-job}, spec: {schedule: "0 0 29 2 *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: upgrader, image: "harness/upgrader:1"}]}}}}}}`)
	by := func(settings string) string {
		return "provider \"harnessdelegate\" {\n  kubernetes { config_path = " + quoted(p.Kubeconfig) + " }\n" + settings + "\n}\n"
	}
	whole := by("endpoint = " + quoted(p.manager.URL) + "\naccount_id = " + quoted(acctest.Account) + "\nplatform_api_key = " + quoted(acctest.APIKey))
	it := arguments{"id": quoted("kubernetes/" + p.namespace + "/payments-upgrader-job")}
	for name, tc := range map[string]struct {
		config  string
		problem knownvalue.Check
	}{
		"found at the account": {whole + it.status(), knownvalue.Null()},
		"not in the project":   {whole + it.with("org_id", `"default"`).with("project_id", `"payments"`).status(), knownvalue.StringRegexp(saying(`lists no delegate "payments" at project "payments"`, "Set org_id and project_id"))},
		"another name":         {whole + it.with("delegate_name", `"other"`).status(), knownvalue.StringRegexp(saying(`lists no delegate "other"`))},
		"no such organization": {whole + it.with("org_id", `"nowhere"`).status(), knownvalue.StringRegexp(saying(`no organization "nowhere"`))},
		"no right":             {by("endpoint = "+quoted(p.manager.URL)+"\naccount_id = "+quoted(acctest.Account)+"\nplatform_api_key = \"pat.nothing\"") + it.status(), knownvalue.StringRegexp(saying("core_delegate_view"))},
		"no key":               {by("account_id = "+quoted(acctest.Account)) + it.status(), knownvalue.StringRegexp(saying("needs a connection to the Harness Manager", "platform_api_key"))},
		"no account":           {by("endpoint = "+quoted(p.manager.URL)+"\nplatform_api_key = "+quoted(acctest.APIKey)) + it.status(), knownvalue.StringRegexp(saying("No account is set"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{Config: tc.config, ConfigStateChecks: statusIs(map[string]knownvalue.Check{
					"healthy": knownvalue.Bool(true), "image": text("harness/upgrader:1"), "delegate_problem": tc.problem,
				})}},
			})
		})
	}
}

func TestAccStatus_errors(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	it := func(id string) arguments { return arguments{"id": quoted(id)} }
	p.upgraders(nil,
		failing(p.config(it("payments").status()), "Invalid Upgrader Id", `"payments" is neither kubernetes/NAMESPACE/CRONJOB nor docker/CONTAINER`),
		failing(p.config(it("kubernetes//x").status()), "Invalid Upgrader Id", "has an empty part"),
		failing(p.config(it("kubernetes/a/b").with("docker_host", `"unix:///x.sock"`).status()), "No Engine to Ask"),
		failing(p.config(it("kubernetes/"+p.namespace+"/none").status()), "No Such Upgrader", `There is no upgrader at "kubernetes/`+p.namespace+`/none"`, "harnessdelegate_upgrader.NAME.id"),
		failing(p.config(it("kubernetes/no-such-namespace/none").status()), "No Such Upgrader"),
		failing(p.config(it("docker/none").with("docker_host", `"unix:///nowhere/docker.sock"`).status()),
			"Unable to Read the Upgrader's Status", "Could not read Container/none on the engine at", "There is no socket at unix:///nowhere/docker.sock"),
	)
}
