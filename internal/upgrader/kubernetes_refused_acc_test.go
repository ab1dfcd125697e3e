package upgrader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// refusedPlan is a step whose plan fails, with all of some phrases.
func refusedPlan(config string, phrases ...string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectError: saying(phrases...)}
}

// An object of the API is read as strictly as the API server reads it, and what the
// API server would call invalid is known at plan.
func TestAccKubernetes_invalidValues(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	refused := func(argument, expression string, phrases ...string) resource.TestStep {
		return refusedPlan(p.config(in(p.namespace).with("kubernetes."+argument, expression).block("it")), phrases...)
	}
	term := func(weight string) string {
		return "{ podAffinity = { preferredDuringSchedulingIgnoredDuringExecution = [{ weight = " + weight + `, podAffinityTerm = { topologyKey = "zone" } }] } }`
	}
	p.upgraders(nil,
		refused("affinity", "{ nodeaffinity = {} }", "Invalid Argument", "kubernetes.affinity", `unknown field "nodeaffinity"`),
		refused("affinity", term(`"1"`), "Invalid Argument", "kubernetes.affinity", "weight"),
		refused("security_context", `{ runAsUser = "1001" }`, "Invalid Argument", "kubernetes.security_context", "runAsUser"),
		refused("pod_security_context", `{ fsgroup = 1001 }`, "Invalid Argument", "kubernetes.pod_security_context", `unknown field "fsgroup"`),
		refused("affinity", term("1000"), "Unable to Create Upgrader", "Could not write CronJob/payments-upgrader-job", "must be in the range 1-100", "Nothing was written"),
		refused("resources.limits", `{ "example.com/" = "1" }`, "Unable to Create Upgrader", "resources.limits", "Nothing was written"),
		resource.TestStep{
			PreConfig: func() {
				if err := p.holds(); err != nil {
					t.Error(err)
				}
			},
			Config: p.config(in(p.namespace).block("it")),
		},
		refused("affinity", term("1000"), "Unable to Update Upgrader", "must be in the range 1-100", "Nothing was written"),
	)
}

// A quota and a webhook are asked at plan, for all objects.
func TestAccKubernetes_refusedAtPlan(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	config := p.config(in(p.namespace).block("it"))
	quotas := p.Client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}).Namespace(p.namespace)
	quota := map[string]any{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"name": "none"}, "spec": map[string]any{"hard": map[string]any{"count/cronjobs.batch": "0"}}}
	if _, err := quotas.Create(t.Context(), &unstructured.Unstructured{Object: quota}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// The controller that counts is not among those of the test bed.
	const status = `{"status": {"hard": {"count/cronjobs.batch": "0"}, "used": {"count/cronjobs.batch": "0"}}}`
	if _, err := quotas.Patch(t.Context(), "none", types.MergePatchType, []byte(status), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	nothing := func() {
		if err := p.holds(); err != nil {
			t.Error(err)
		}
	}
	var lift func()
	p.upgraders(nil,
		refusedPlan(config, "Unable to Create Upgrader", "Could not write CronJob/payments-upgrader-job", "exceeded quota: none", "Nothing was written"),
		resource.TestStep{
			PreConfig: func() {
				nothing()
				if err := quotas.Delete(t.Context(), "none", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
				lift = p.RefusingWebhook(t, p.namespace, "no Secrets on Sundays", kubetest.Rule{Operation: "CREATE", Version: "v1", Resource: "secrets"})
			},
			Config: config, PlanOnly: true, ExpectError: saying("Unable to Create Upgrader", "Could not write Secret/payments-upgrader-token", "no Secrets on Sundays", "Nothing was written"),
		},
		resource.TestStep{PreConfig: func() { nothing(); lift() }, Config: config},
	)
}

// A refusal that comes between plan and apply leaves nothing half-written: all
// objects are tried again before the first write.
func TestAccKubernetes_refusedAfterPlan(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	w := p.workspace(in(p.namespace).block("it"))
	rule := kubetest.Rule{Operation: "*", Group: "batch", Version: "v1", Resource: "cronjobs"}
	apply := func(what string) {
		t.Helper()
		w.Succeed("plan", "-out=plan", "-no-color")
		unwritten := p.unwritten()
		lift := p.RefusingWebhook(t, p.namespace, "no cron jobs on Sundays", rule)
		result := w.Terraform("apply", "-no-color", "plan")
		if result.ExitCode != 1 || !saying("Could not write CronJob/payments-upgrader-job", "no cron jobs on Sundays").MatchString(result.Output()) {
			t.Errorf("%s says\n%s", what, result.Output())
		}
		unwritten(what)
		lift()
	}
	apply("a creation")
	w.Succeed("apply", "-auto-approve", "-no-color")
	// The Role, the ServiceAccount and the ConfigMap would change, too.
	w.Configure(in(p.namespace).with("kubernetes.labels", `{ team = "a" }`).with("dry_run", "true").block("it"))
	apply("an update")
	w.Succeed("apply", "-auto-approve", "-no-color")
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
}

// helm upgrade with another schedule, by server-side apply, is a conflict that the
// plan names, whichever operation the release has in managedFields.
func TestAccKubernetes_helmUpgradeInConflict(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(p *place, documents []string){
		"client-side": func(p *place, documents []string) {
			if p.find("CronJob/payments-upgrader-job") == nil {
				p.create("helm", strings.Join(documents, "\n---\n"))
			}
			p.patch("helm", "CronJob/payments-upgrader-job", types.MergePatchType, documents[len(documents)-1])
		},
		"server-side": func(p *place, documents []string) { p.applied(documents...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			write(p, p.manifestWith(map[string]string{podPath + "securityContext": "{fsGroup: 1001}"}))
			given := in(p.namespace).with("token", "").with("kubernetes.existing_secret", `"payments-upgrader-token"`)
			var unwritten func(string)
			said := []string{
				"Unable to Update Upgrader", "Could not write CronJob/payments-upgrader-job", `"helm" manages spec.schedule`, "Nothing was written",
				"only one of the two should own the upgrader", "helm.sh/resource-policy: keep", "upgrader.enabled=false", "force_conflicts = true", "terraform state rm", "--force-conflicts",
			}
			p.upgraders([]string{"Secret/payments-upgrader-token"},
				resource.TestStep{Config: p.config(p.importBlock(), given.block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
				resource.TestStep{
					PreConfig: func() {
						write(p, p.manifestWith(map[string]string{podPath + "securityContext": "{fsGroup: 1001}", "spec.schedule": "'*/10 * * * *'"}))
						unwritten = p.unwritten()
					},
					Config: p.config(given.block("it")), PlanOnly: true, ExpectError: saying(said...),
				},
				failing(p.config(given.block("it")), said...),
				resource.TestStep{
					PreConfig:        func() { unwritten("a refused apply") },
					Config:           p.config(given.with("kubernetes.force_conflicts", "true").block("it")),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: func(*terraform.State) error {
						if got := p.fieldOf(delegate, "CronJob", "spec.schedule"); got != "0 */1 * * *" {
							return fmt.Errorf("the schedule is %v", got)
						}
						return nil
					},
				},
				// Taken over once, it is ours.
				resource.TestStep{Config: p.config(given.with("schedule", `"*/20 * * * *"`).block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
			)
		})
	}
}

// Who may only read can plan, and is told what the plan did not check.
func TestAccKubernetes_readOnly(t *testing.T) { //nolint:tparallel // one namespace for both
	t.Parallel()
	p := newPlace(t)
	kubeconfig := p.userByRules(`rules:
- {apiGroups: [""], resources: [serviceaccounts, secrets, configmaps], verbs: [get, list]}
- {apiGroups: [batch, apps], resources: [cronjobs, deployments, statefulsets], verbs: [get, list]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [get, list]}
`)
	for name, exists := range map[string]bool{"creation": false, "update": true} {
		t.Run(name, func(t *testing.T) {
			w := p.workspace(in(p.namespace).block("it"))
			if exists {
				w.Succeed("apply", "-auto-approve", "-no-color")
				w.Configure(in(p.namespace).with("dry_run", "true").with("auto_upgrade", "false").block("it"))
			}
			w.Env = append(w.Env, "KUBE_CONFIG_PATH="+kubeconfig)
			result := w.Succeed("plan", "-json")
			var got []string
			for _, d := range result.Diagnostics() {
				got = append(got, d.Severity+": "+d.Summary)
				if d.Summary == "Plan Not Checked by the API Server" && !strings.Contains(d.Detail, "cronjobs.batch") {
					t.Errorf("it doesn't say what was not checked: %s", d.Detail)
				}
			}
			want := "warning: Plan Not Checked by the API Server"
			if exists { // there is no delegate
				want += ", warning: There is no delegate payments in namespace " + p.namespace
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("the plan says %q, want %s", got, want)
			}
			if exists {
				w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
				w.Succeed("destroy", "-auto-approve", "-no-color")
			}
		})
	}
}

// userByRules is a user with rights in the namespace.
func (p *place) userByRules(rules string) (kubeconfig string) {
	p.t.Helper()
	kubeconfig, err := p.User("user-of-" + p.namespace)
	if err != nil {
		p.t.Fatal(err)
	}
	var role unstructured.Unstructured
	if err := yaml.Unmarshal([]byte("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: user-of-"+p.namespace+"}}"), &role.Object); err != nil {
		p.t.Fatal(err)
	}
	var content map[string]any
	if err := yaml.Unmarshal([]byte(rules), &content); err != nil {
		p.t.Fatal(err)
	}
	role.Object["rules"] = content["rules"]
	// Out of the namespace, so that it is none of its objects.
	roles := p.Client.Resource(schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"})
	if _, err := roles.Create(p.t.Context(), &role, metav1.CreateOptions{}); err != nil {
		p.t.Fatal(err)
	}
	p.create("kubectl-create", fmt.Sprintf(`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: default},
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %[1]s}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %[1]s}]}`, "user-of-"+p.namespace))
	return kubeconfig
}

// Who has no right to make Roles uses a ServiceAccount that exists.
func TestAccKubernetes_withoutRightsOnRoles(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	kubeconfig := p.userByRules(`rules:
- {apiGroups: [""], resources: [secrets, configmaps], verbs: ["*"]}
- {apiGroups: [batch], resources: [cronjobs], verbs: ["*"]}
- {apiGroups: [batch, apps], resources: [jobs, deployments, statefulsets], verbs: [get, list]}
- {apiGroups: [""], resources: [serviceaccounts, pods], verbs: [get, list]}
`)
	p.create("kubectl-create", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: theirs}}")
	given := in(p.namespace).with("kubernetes.rbac.create", "false").with("kubernetes.service_account_name", `"theirs"`)
	own := []string{"Secret/payments-upgrader-token", "ConfigMap/payments-upgrader-config", "CronJob/payments-upgrader-job"}
	p.upgraders([]string{"ServiceAccount/theirs"},
		refusedPlan(p.configAs(kubeconfig, in(p.namespace).with("kubernetes.rbac.create", "false").block("it")), "Missing ServiceAccount", "kubernetes.rbac.create is false", "kubernetes.service_account_name"),
		resource.TestStep{
			Config: p.configAs(kubeconfig, given.block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionCreate, inPlan("objects", texts(own...))),
			Check: func(*terraform.State) error {
				if got := p.fieldOf(delegate, "CronJob", "spec.jobTemplate.spec.template.spec.serviceAccountName"); got != "theirs" {
					t.Errorf("the pods run as %v", got)
				}
				return p.holds(append(own, "ServiceAccount/theirs")...)
			},
		},
		resource.TestStep{Config: p.configAs(kubeconfig, given.with("dry_run", "true").block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
	)
}

// An upgrader of others that is imported with the ServiceAccount that it has keeps
// the rights of that ServiceAccount.
func TestAccKubernetes_importWithoutRightsOnRoles(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", strings.Join(p.manifestWith(nil), "\n---\n"))
	theirs := objectsOf(delegate)[:3]
	given := in(p.namespace).with("kubernetes.rbac.create", "false").with("kubernetes.service_account_name", `"payments-upgrader-cronjob-sa"`)
	p.upgraders(theirs, resource.TestStep{
		Config: p.config(p.importBlock(), given.block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		Check: func(*terraform.State) error { return p.holds(objectsOf(delegate)...) },
	})
}

// What the cluster's admission changes again after each apply is said, with the
// argument.
func TestAccKubernetes_changedByAdmission(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.mutate(`JSONPatch{op: "replace", path: "/spec/jobTemplate/spec/template/spec/containers/0/image", value: "mirror.example.com/upgrader:latest"}`)
	w := p.workspace(in(p.namespace).block("it"))
	warning := func(want bool) {
		t.Helper()
		var got []string
		for _, d := range w.Succeed("plan", "-json").Diagnostics() {
			if d.Summary == "Argument Is Changed by Admission" {
				got = append(got, d.Detail)
			}
		}
		if (len(got) > 0) != want || want && !saying("changes image:", `is "mirror.example.com/upgrader:latest", should be "harness/upgrader:latest"`, "Set image to the value").MatchString(got[0]) {
			t.Errorf("the plan warns of %q", got)
		}
	}
	eventually(t, "the policy is in force", func() bool {
		return strings.Contains(w.Terraform("plan", "-json").Output(), "Changed by Admission")
	})
	warning(true)
	w.Succeed("apply", "-auto-approve", "-no-color")
	warning(true)
	w.Configure(in(p.namespace).with("image", `"mirror.example.com/upgrader:latest"`).block("it"))
	warning(false)
	w.Succeed("apply", "-auto-approve", "-no-color")
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
}

// mutate has the API server change the CronJobs of the namespace by a JSON patch.
func (p *place) mutate(patch string) {
	p.t.Helper()
	for kind, spec := range map[string]string{
		"MutatingAdmissionPolicy": fmt.Sprintf(`{failurePolicy: Fail, reinvocationPolicy: Never,
matchConstraints: {resourceRules: [{apiGroups: [batch], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [cronjobs]}]},
mutations: [{patchType: JSONPatch, jsonPatch: {expression: '[%s]'}}]}`, patch),
		"MutatingAdmissionPolicyBinding": fmt.Sprintf("{policyName: %[1]s, matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %[1]s}}}}", p.namespace),
	} {
		made := &unstructured.Unstructured{}
		text := fmt.Sprintf("{apiVersion: admissionregistration.k8s.io/v1, kind: %s, metadata: {name: %s}, spec: %s}", kind, p.namespace, spec)
		if err := yaml.Unmarshal([]byte(text), &made.Object); err != nil {
			p.t.Fatal(err)
		}
		resource := strings.ToLower(kind) + "s"
		if strings.HasSuffix(kind, "Policy") {
			resource = "mutatingadmissionpolicies"
		}
		at := p.Client.Resource(schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: resource})
		if _, err := at.Create(p.t.Context(), made, metav1.CreateOptions{}); err != nil {
			p.t.Fatalf("%s: %v", kind, err)
		}
	}
}

// The Role of the documented manifest is adopted, also where its RoleBinding is
// gone or names a ClusterRole.
func TestAccKubernetes_adoptWithoutBinding(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(p *place){
		"gone": func(p *place) { p.remove("RoleBinding/kubernetes-delegate-upgrader-cronjob") },
		"of a ClusterRole": func(p *place) {
			p.remove("RoleBinding/kubernetes-delegate-upgrader-cronjob")
			p.create("kubectl-create", fmt.Sprintf(`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: kubernetes-delegate-upgrader-cronjob},
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}, subjects: [{kind: ServiceAccount, name: upgrader-cronjob-sa, namespace: %s}]}`, p.namespace))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.create("kubectl-create", p.documentedManifest())
			prepare(p)
			given := in(p.namespace).with("kubernetes.role_name", `"upgrader-cronjob"`).with("kubernetes.service_account_name", `"upgrader-cronjob-sa"`).
				with("kubernetes.role_binding_name", `"kubernetes-delegate-upgrader-cronjob"`)
			p.upgraders(nil, resource.TestStep{
				Config: p.config(p.importBlock(), given.block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: func(*terraform.State) error {
					if got := field(p.get("RoleBinding/kubernetes-delegate-upgrader-cronjob").Object, "roleRef.name"); got != "upgrader-cronjob" {
						return fmt.Errorf("the binding is of %v", got)
					}
					return nil
				},
			})
		})
	}
}

// The configuration that Terraform generates for an upgrader of ours is complete:
// its plan is empty.
func TestAccKubernetes_generatedForOurs(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := p.workspace(in(p.namespace).with("kubernetes.env", `{ A = "1" }`).with("kubernetes.toleration", "key = \"a\"\noperator = \"Exists\"").
		with("kubernetes.resources.limits", `{ memory = "128Mi" }`).with("kubernetes.affinity", `{ nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms = [{ matchExpressions = [{ key = "a", operator = "Exists" }] }] } } }`).
		with("proxy.host", `"proxy.example.com"`).with("proxy.port", "3128").block("it"))
	first.Succeed("apply", "-auto-approve", "-no-color")
	second := p.workspace(p.importBlock())
	result := second.Succeed("plan", "-generate-config-out=generated.tf", "-no-color")
	if !strings.Contains(result.Output(), "1 to import, 0 to add, 0 to change, 0 to destroy") {
		t.Errorf("the plan with generated configuration is\n%s", result.Output())
	}
	second.Succeed("apply", "-auto-approve", "-no-color")
	if again := second.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	second.hasNot(token)
	first.Succeed("destroy", "-auto-approve", "-no-color")
}

// A misspelt member is refused, with its line, and never dropped.
func TestAccKubernetes_misspelt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	base := in(p.namespace)
	w := p.workspace(base.block("it"))
	for path, guess := range map[string]string{
		"kubernetes.registry_miror":     `Did you mean "registry_mirror"?`,
		"kubernetes.suspend":            "",
		"kubernetes.rbac.cronjob_verbs": `Did you mean "cron_job_verbs"?`,
		"kubernetes.resources.limit":    `Did you mean "limits"?`,
		"proxy.no_proxy":                "",
		"timeouts.craete":               `Did you mean "create"?`,
	} {
		w.Configure(base.with(path, "null").block("it"))
		name := path[strings.LastIndex(path, ".")+1:]
		result := w.Terraform("validate", "-no-color")
		if result.ExitCode != 1 || !saying("Unsupported argument", "on main.tf line", name+" ", fmt.Sprintf("An argument named %q is not expected here.", name), guess).MatchString(result.Output()) {
			t.Errorf("%s: it says\n%s", path, result.Output())
		}
	}
	w.Configure(base.with("kubernetes.toleration", "tolerationSeconds = 1").block("it"))
	if result := w.Terraform("validate", "-no-color"); result.ExitCode != 1 || !saying(`An argument named "tolerationSeconds" is not expected here.`).MatchString(result.Output()) {
		t.Errorf("it says\n%s", result.Output())
	}
}
