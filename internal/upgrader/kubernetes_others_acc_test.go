package upgrader_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// importBlock imports the upgrader of most configurations.
func (p *place) importBlock() string {
	return fmt.Sprintf("import {\n  to = %s\n  id = \"kubernetes/%s/payments-upgrader-job\"\n}\n", address, p.namespace)
}

// usual gives the objects of the documented manifest the names that are the
// defaults of the arguments.
func usual(manifest string) string {
	return strings.NewReplacer(
		"kubernetes-delegate-upgrader-cronjob", "payments-upgrader-cronjob", " upgrader-cronjob-sa", " payments-upgrader-cronjob-sa",
		"name: upgrader-cronjob,", "name: payments-upgrader,", `apiGroup: ""`, "apiGroup: rbac.authorization.k8s.io",
	).Replace(manifest)
}

// with is a manifest with fields of its CronJob set: YAML by their paths.
func (p *place) manifestWith(fields map[string]string) []string {
	p.t.Helper()
	var documents []string
	for _, document := range strings.Split(usual(p.documentedManifest()), "\n---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			p.t.Fatal(err)
		}
		if object["kind"] == "CronJob" {
			for path, value := range fields {
				setAt(p.t, object, path, value)
			}
		}
		text, err := json.Marshal(object)
		if err != nil {
			p.t.Fatal(err)
		}
		documents = append(documents, string(text))
	}
	return documents
}

// applied writes documents by server-side apply, as Helm 4 does.
func (p *place) applied(documents ...string) {
	p.t.Helper()
	for _, document := range documents {
		var object unstructured.Unstructured
		if err := json.Unmarshal([]byte(document), &object.Object); err != nil {
			p.t.Fatal(err)
		}
		p.patch("helm", object.GetKind()+"/"+object.GetName(), types.ApplyPatchType, document)
	}
}

// unwritten makes sure that nothing was written since.
func (p *place) unwritten() (check func(what string)) {
	p.t.Helper()
	versions := func() map[string]string {
		found, err := p.all(own...)
		if err != nil {
			p.t.Fatal(err)
		}
		return p.versions(found)
	}
	before := versions()
	return func(what string) {
		p.t.Helper()
		if diff := cmp.Diff(before, versions()); diff != "" {
			p.t.Errorf("%s has written (-before +after):\n%s", what, diff)
		}
	}
}

// Secrets in plain environment variables take precedence over everything. They are
// never shown, and apply removes them.
func TestAccKubernetes_plainSecrets(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	variables := []string{"UPGRADER_TOKEN", "ACCOUNT_SECRET", "PROXY_PASSWORD"}
	fields := map[string]string{containerPath + `env["EXTRA"]`: "{value: '1'}"}
	for _, name := range variables {
		fields[containerPath+fmt.Sprintf("env[%q]", name)] = "{value: " + theirSecret + "}"
	}
	p.create("kubectl-create", strings.Join(p.manifestWith(fields), "\n---\n"))
	w := p.workspace(p.importBlock())
	w.Succeed("plan", "-generate-config-out=generated.tf", "-no-color")
	generated, err := os.ReadFile(filepath.Join(w.Dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(generated), theirSecret) || !strings.Contains(string(generated), "EXTRA") {
		t.Errorf("the generated configuration is\n%s", generated)
	}
	if err := os.Remove(filepath.Join(w.Dir, "generated.tf")); err != nil {
		t.Fatal(err)
	}
	given := in(p.namespace).with("token", "").with("token_wo", quoted(token)).with("token_wo_version", "1").with("kubernetes.env", `{ EXTRA = "1" }`)
	w.Configure(p.importBlock() + given.block("it"))
	env := func() string {
		return asJSON(t, p.fieldOf(delegate, "CronJob", "spec.jobTemplate.spec.template.spec.containers.0.env"))
	}
	plan := w.Succeed("plan", "-no-color").Output()
	for _, name := range variables {
		if line := fmt.Sprintf(`containers[\"upgrader\"].env[\"%s\"] should not be there`, name); !strings.Contains(plan, line) {
			t.Errorf("the plan doesn't say %s:\n%s", line, plan)
		}
	}
	w.Succeed("apply", "-auto-approve", "-no-color")
	if got := env(); got != `[{"name":"EXTRA","value":"1"}]` {
		t.Errorf("the environment is %s", got)
	}
	// The same on an upgrader of ours: kubectl set env cronjob/NAME UPGRADER_TOKEN=other
	p.patch("kubectl-set", idOf(delegate, "CronJob"), types.StrategicMergePatchType, fmt.Sprintf(
		"{spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: upgrader, env: [{name: UPGRADER_TOKEN, value: %s}]}]}}}}}}", theirSecret))
	if plan := w.Terraform("plan", "-no-color", "-detailed-exitcode"); plan.ExitCode != 2 || !strings.Contains(plan.Output(), `env[\"UPGRADER_TOKEN\"] should not be there`) {
		t.Errorf("after kubectl set env the plan is\n%s", plan.Output())
	}
	w.Succeed("apply", "-auto-approve", "-no-color")
	if got := env(); got != `[{"name":"EXTRA","value":"1"}]` {
		t.Errorf("the environment is %s", got)
	}
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	w.hasNot(theirSecret)
	w.Succeed("destroy", "-auto-approve", "-no-color")
	if err := p.holds(); err != nil {
		t.Error(err)
	}
}

// Optional fields that others have set and the configuration leaves out are
// removed, as the plan shows; or the plan is refused, and nothing is written.
func TestAccKubernetes_optionalFieldsOfOthers(t *testing.T) {
	t.Parallel()
	for manager, create := range map[string]func(p *place, documents []string){
		"kubectl-client-side-apply": func(p *place, documents []string) {
			p.create("kubectl-client-side-apply", strings.Join(documents, "\n---\n"))
		},
		"helm": func(p *place, documents []string) { p.applied(documents...) },
	} {
		t.Run(manager, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			fields := map[string]string{}
			var removed []option
			for _, o := range options() {
				if o.object == "CronJob" && !strings.Contains(o.path, "volumes[") && o.argument != "auto_upgrade" {
					fields[o.path] = o.live[0]
					removed = append(removed, o)
				}
			}
			create(p, p.manifestWith(fields))
			unwritten := p.unwritten()
			var absent []plancheck.PlanCheck
			for _, o := range removed {
				if o.otherwise == "" && !strings.HasPrefix(o.argument, "kubernetes.resources.") && o.argument != "kubernetes.toleration" {
					absent = append(absent, inPlan(o.argument, knownvalue.Null()))
				}
			}
			given := in(p.namespace)
			p.upgraders(nil,
				failing(p.config(p.importBlock(), given.block("it")), "Unable to Update Upgrader", fmt.Sprintf("%q manages", manager), "force_conflicts = true"),
				resource.TestStep{
					PreConfig:        func() { unwritten("a refused plan") },
					Config:           p.config(p.importBlock(), given.with("kubernetes.force_conflicts", "true").block("it")),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, absent...),
					Check: func(*terraform.State) error {
						// What an argument is, or its default, is for the round to say.
						r := &cronJobRound{place: p, name: delegate}
						live, err := p.all(own...)
						for _, o := range removed {
							if got := r.live(live, o); o.otherwise == "" && got != nil && fmt.Sprint(got) != o.implied {
								t.Errorf("%s is still %v", o.path, got)
							}
						}
						return err
					},
				})
		})
	}
}

// What is taken out of the configuration later is removed, too, although the chart
// owns it as well.
func TestAccKubernetes_optionalFieldsOfHelmTakenOut(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.applied(p.manifestWith(map[string]string{
		podPath + "tolerations": "[{key: a, operator: Exists}]", containerPath + "resources.requests": "{cpu: 10m}", podPath + "securityContext": "{fsGroup: 1001}",
	})...)
	less := in(p.namespace)
	given := less.with("kubernetes.toleration", "key = \"a\"\noperator = \"Exists\"").with("kubernetes.resources.requests", `{ cpu = "10m" }`)
	unwritten := func(string) {}
	p.upgraders(nil,
		resource.TestStep{Config: p.config(p.importBlock(), given.block("it")), Check: func(*terraform.State) error {
			unwritten = p.unwritten()
			return nil
		}},
		failing(p.config(less.block("it")), "Unable to Update Upgrader", `"helm" manages`, "resources.requests", "tolerations", "helm.sh/resource-policy: keep", "upgrader.enabled=false", "force_conflicts = true"),
		resource.TestStep{
			PreConfig:        func() { unwritten("a refused plan") },
			Config:           p.config(less.with("kubernetes.force_conflicts", "true").block("it")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check: func(*terraform.State) error {
				for _, path := range []string{"tolerations", "containers.0.resources.requests"} {
					if got := p.fieldOf(delegate, "CronJob", "spec.jobTemplate.spec.template.spec."+path); got != nil {
						t.Errorf("%s is still %v", path, got)
					}
				}
				return nil
			},
		})
}

// What keeps runs from starting, or from upgrading anything, is seen and repaired.
func TestAccKubernetes_obstacles(t *testing.T) {
	t.Parallel()
	const job, pod = "CronJob/NAME-upgrader-job: spec.jobTemplate.spec.", "CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec."
	obstacle := func(name, fields, drift string) spoiled {
		return spoiled{name: name, spoil: func(p *place, upgrader string) {
			p.patch("kubectl-edit", idOf(upgrader, "CronJob"), types.StrategicMergePatchType, "{spec: {jobTemplate: {spec: "+fields+"}}}")
		}, drift: []string{drift}}
	}
	findAndRepair(t, []spoiled{
		obstacle("suspended Jobs", "{suspend: true}", job+"suspend is true, should be false"),
		obstacle("no pods", "{parallelism: 0}", job+"parallelism is 0, should be 1"),
		obstacle("another controller", "{managedBy: example.com/x}", job+`managedBy is "example.com/x", should be "kubernetes.io/job-controller"`),
		obstacle("another command", "{template: {spec: {containers: [{name: upgrader, command: ['true']}]}}}", pod+`containers["upgrader"].command is ["true"], should not be there`),
		obstacle("gates", "{template: {spec: {schedulingGates: [{name: example.com/x}]}}}", pod+`schedulingGates is [{"name":"example.com/x"}], should not be there`),
		obstacle("no account", "{template: {spec: {automountServiceAccountToken: false}}}", pod+"automountServiceAccountToken is false, should be true"),
	})
}

// The same of an upgrader of others: its status says that nothing will be upgraded,
// and why.
func TestAccKubernetes_statusOfSuspendedJobs(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", strings.Join(p.manifestWith(map[string]string{jobPath + "suspend": "true", "spec.schedule": "0 0 29 2 *"}), "\n---\n"))
	job, err := p.Trigger(t.Context(), p.namespace, "payments-upgrader-job")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Job is suspended", func() bool {
		return strings.Contains(asJSON(t, p.get("Job/" + job).Object["status"]), `"Suspended"`)
	})
	it := arguments{"id": quoted("kubernetes/" + p.namespace + "/payments-upgrader-job")}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{Config: p.config(it.status()), ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"healthy": knownvalue.Bool(false), "running": knownvalue.Bool(false), "problem": knownvalue.StringRegexp(saying("suspend")),
		})}},
	})
}

// A proxy's credentials in a ConfigMap don't stay there.
func TestAccKubernetes_proxyPasswordInConfigMap(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", strings.ReplaceAll(strings.Join(p.manifestWith(nil), "\n---\n"), `mode: Delegate\n`,
		`mode: Delegate\nproxyHost: proxy.example.com\nproxyPort: 3128\nproxyScheme: http\nproxyUser: jane\nproxyPassword: `+theirSecret+`\n`))
	variable := "variable \"password\" {\n  sensitive = true\n}\n"
	given := in(p.namespace).with("proxy.host", `"proxy.example.com"`).with("proxy.port", "3128").with("proxy.user", `"jane"`).
		with("proxy.password_wo", "var.password").with("proxy.password_wo_version", "1")
	w := p.workspace(variable + p.importBlock() + given.block("it"))
	w.Env = append(w.Env, "TF_VAR_password="+theirSecret)
	plan := w.Succeed("plan", "-no-color").Output()
	for _, want := range []string{"ConfigMap/payments-upgrader-config is used instead of Secret/payments-upgrader-config", `- "ConfigMap/payments-upgrader-config"`, `+ "Secret/payments-upgrader-config"`} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan doesn't show %s:\n%s", want, plan)
		}
	}
	w.Succeed("apply", "-auto-approve", "-no-color")
	if p.find("ConfigMap/payments-upgrader-config") != nil {
		t.Error("the ConfigMap with the password is still there")
	}
	if got := p.fieldOf(delegate, "Config", "data.config.yaml.proxyPassword"); got != theirSecret {
		t.Errorf("the password is %v", got)
	}
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	w.hasNot(theirSecret)
	w.Succeed("destroy", "-auto-approve", "-no-color")
	if err := p.holds(); err != nil {
		t.Error(err)
	}
}
