package upgrader_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// An API server that is gone is named by every command that needs it, and the
// state stays as it was. One that goes in the middle of an apply and comes back
// is waited for; one that hangs is given up when the time is up.
func TestAccKubernetes_unreachable(t *testing.T) {
	t.Parallel()
	if err := kubetest.Supported(); err != nil {
		t.Skip(err)
	}
	c, err := kubetest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p := placeIn(t, c)
	g := newGate(t, c.Kubeconfig)
	limited := in(p.namespace)
	for _, operation := range []string{"create", "read", "update", "delete"} {
		limited = limited.with("timeouts."+operation, `"2s"`)
	}
	w := p.through(g, limited.with("timeouts.create", `"1m"`).block("it"))

	// The server goes when it has been sent the third write, for a while.
	g.set(3, true, func() {
		do(c.StopAPIServer())
		time.AfterFunc(300*time.Millisecond, func() { do(c.StartAPIServer()) })
	})
	w.Succeed("apply", "-auto-approve", "-no-color")
	do(p.holds(objectsOf(delegate)...))
	w.Configure(limited.block("it"))
	w.Succeed("apply", "-auto-approve", "-no-color") // so that the state has the limits

	// Terraform's own serial number, and its list of sensitive attributes, which
	// is in no order, are left out.
	state := func() string {
		content, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
		do(err)
		var all map[string]any
		do(json.Unmarshal(content, &all))
		instance, _ := field(all, "resources.0.instances.0").(map[string]any)
		delete(instance, "sensitive_attributes")
		return asJSON(t, instance)
	}
	before := state()
	w.Env = append(w.Env, "KUBE_HOST=", "KUBE_CONFIG_PATH="+c.Kubeconfig)
	fails := func(reason string, args ...string) {
		t.Helper()
		begin := time.Now()
		result := w.Terraform(append(args, "-no-color")...)
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("terraform %v took %s", args, took)
		}
		if result.ExitCode != 1 || !saying("Error: Unable to", "in namespace "+p.namespace, c.Host, reason).MatchString(result.Output()) {
			t.Errorf("terraform %v says\n%s", args, result.Output())
		}
		if diff := cmp.Diff(before, state()); diff != "" {
			t.Errorf("terraform %v changed the state (-before +after)\n%s", args, diff)
		}
	}
	do(c.StopAPIServer())
	fails("can't be reached", "plan")
	fails("can't be reached", "destroy", "-auto-approve")
	w.Configure(limited.with("dry_run", "true").block("it"))
	fails("can't be reached", "apply", "-auto-approve", "-refresh=false")
	do(c.StartAPIServer())
	do(c.PauseAPIServer())
	fails("didn't answer in time", "plan")
	fails("didn't answer in time", "apply", "-auto-approve", "-refresh=false")
	do(c.ResumeAPIServer())

	w.Succeed("apply", "-auto-approve", "-no-color")
	if got := p.fieldOf(delegate, "Config", "data.config.yaml.dryRun"); got != true {
		t.Errorf("the next apply has set dryRun to %v", got)
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
	do(p.holds())
}

// A plan needs no cluster where there is no state: it only says less.
func TestAccKubernetes_planWithoutCluster(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	gone := in(p.namespace).with("timeouts.create", `"1s"`)
	p.upgraders(nil, resource.TestStep{
		Config:      p.manager.ConfigWith(`kubernetes { host = "https://127.0.0.1:1" }`, gone.block("it")),
		ExpectError: saying("Unable to Create Upgrader", "https://127.0.0.1:1 can't be reached"),
	})
}

// failing is a step whose apply fails with all of some phrases.
func failing(config string, phrases ...string) resource.TestStep {
	return resource.TestStep{Config: config, ExpectError: saying(phrases...)}
}

// With a right missing, what can be written is; the error tells both, and what
// to have granted. With the right granted the next apply goes on.
func TestAccKubernetes_forbidden(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	kubeconfig, err := p.User("deployer-" + p.namespace)
	if err != nil {
		t.Fatal(err)
	}
	const rules = `rules:
- {apiGroups: [""], resources: [serviceaccounts, secrets, configmaps], verbs: ["*"]}
- {apiGroups: [batch], resources: [cronjobs], verbs: ["*"]}
- {apiGroups: [batch, apps, extensions], resources: [cronjobs], verbs: [get, list, watch, update, patch]}
- {apiGroups: [apps, extensions], resources: [deployments], verbs: [get, list, watch, create, update, patch]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: ["*"]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [get, list]}
`
	p.create("somebody", "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: deployer}}")
	p.edit("Role/deployer", rules)
	p.create("somebody", fmt.Sprintf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: deployer-%s}]`, p.namespace))
	config := p.configAs(kubeconfig, in(p.namespace).block("it"))
	others := []string{"Role/deployer", "RoleBinding/deployer"}
	p.upgraders(others, failing(config, "Unable to Create Upgrader", "Could not write RoleBinding/payments-upgrader-cronjob in namespace",
		`"deployer-`+p.namespace+`" may not`, "rolebindings.rbac.authorization.k8s.io", "Nothing was written", "kubectl auth can-i",
		"Not done:", "Role/payments-upgrader not written", "RoleBinding/payments-upgrader-cronjob not written", "CronJob/payments-upgrader-job not written"),
		resource.TestStep{
			PreConfig: func() {
				if err := p.holds(others...); err != nil {
					t.Error(err)
				}
				p.edit("Role/deployer", strings.Replace(rules, "verbs: [get, list]}\n", `verbs: ["*"]}`+"\n", 1))
			},
			Config: config,
			Check: func(*terraform.State) error {
				return p.holds(append(objectsOf(delegate), others...)...)
			},
		})
}

// The namespace is the user's: that there is none, or won't be for long, is said.
func TestAccKubernetes_namespaceMissing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	terminating := &place{Cluster: p.Cluster, t: t, manager: p.manager, namespace: p.Namespace(t)}
	terminating.create("somebody", "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [example.com/hold]}}")
	terminating.remove("Namespace/" + terminating.namespace)
	t.Cleanup(func() {
		terminating.t = nil
		_, _ = terminating.of("ConfigMap").Patch(t.Context(), "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	})
	eventually(t, "the namespace is being deleted", func() bool {
		return field(terminating.get("Namespace/"+terminating.namespace).Object, "status.phase") == "Terminating"
	})
	p.upgraders(nil,
		failing(p.config(in("nowhere").block("it")), "Unable to Create Upgrader", "there is no namespace nowhere", "must exist"),
		failing(p.config(in(terminating.namespace).block("it")), "Unable to Create Upgrader", "the namespace "+terminating.namespace+" is being deleted"),
		resource.TestStep{Config: p.config(in(p.namespace).block("it"))},
	)
}

// A field that another manager sets to something else is theirs until the user
// says otherwise.
func TestAccKubernetes_conflict(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := in(p.namespace).with("schedule", `"*/30 * * * *"`)
	is := func(want string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if got := p.fieldOf(delegate, "CronJob", "spec.schedule"); got != want {
				return fmt.Errorf("the schedule is %v, want %s", got, want)
			}
			return nil
		}
	}
	p.upgraders(nil, resource.TestStep{Config: p.config(given.block("it"))}, resource.TestStep{
		PreConfig: func() {
			p.patch("argocd-controller", "CronJob/payments-upgrader-job", types.MergePatchType, "{spec: {schedule: 0 0 * * *}}")
		},
		Config:      p.config(given.with("dry_run", "true").block("it")),
		ExpectError: saying("Unable to Update Upgrader", `"argocd-controller" manages spec.schedule`, "force_conflicts = true"),
	}, resource.TestStep{
		PreConfig: func() {
			if err := is("0 0 * * *")(nil); err != nil {
				t.Error(err)
			}
		},
		Config:           p.config(given.with("dry_run", "true").with("kubernetes.force_conflicts", "true").block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("schedule", text("*/30 * * * *"))),
		Check:            is("*/30 * * * *"),
	})
}

// A webhook's words reach the user, and the next apply goes on when it is gone.
func TestAccKubernetes_webhook(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	var lift func()
	config := p.config(in(p.namespace).block("it"))
	p.upgraders(nil, resource.TestStep{
		PreConfig: func() {
			lift = p.RefusingWebhook(t, p.namespace, "no cron jobs on Sundays", kubetest.Rule{Operation: "CREATE", Group: "batch", Version: "v1", Resource: "cronjobs"})
		},
		Config:      config,
		ExpectError: saying("Could not write CronJob/payments-upgrader-job", "refused it", "no cron jobs on Sundays", "Nothing was written"),
	}, resource.TestStep{
		PreConfig: func() { lift() },
		Config:    config,
		Check:     func(*terraform.State) error { return p.holds(objectsOf(delegate)...) },
	}, resource.TestStep{
		PreConfig: func() {
			lift = p.RefusingWebhook(t, p.namespace, "no changes on Sundays", kubetest.Rule{Operation: "UPDATE", Group: "batch", Version: "v1", Resource: "cronjobs"})
		},
		Config:      p.config(in(p.namespace).with("auto_upgrade", "false").block("it")),
		ExpectError: saying("Unable to Update Upgrader", "Could not write CronJob/payments-upgrader-job", "no changes on Sundays"),
	}, resource.TestStep{
		PreConfig:        func() { lift() },
		Config:           p.config(in(p.namespace).with("auto_upgrade", "false").block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("auto_upgrade", knownvalue.Bool(false))),
	})
}
