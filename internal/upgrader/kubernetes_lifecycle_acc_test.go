package upgrader_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// neighbours is what lies beside an upgrader in the namespace: other people's
// objects of the same kinds, and names that only begin like its own.
const neighbours = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: payments}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: payments-upgrader}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: payments-upgrader-cronjob}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: payments-upgrader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: payments-upgrader-cronjob}
subjects: [{kind: ServiceAccount, name: payments-upgrader}]
---
{apiVersion: v1, kind: Secret, metadata: {name: payments-upgrader-config}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: payments-upgrader-token}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: payments-upgrader}
spec:
  schedule: 0 0 1 1 *
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: upgrader, image: other}]}}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: theirs}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}`

// All that a plain upgrader is made of appears, belongs to nobody but this
// provider, and disappears; and nothing else is so much as touched.
func TestAccKubernetes_lifecycle(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("somebody", neighbours)
	p.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", token))
	p.create("somebody", p.delegateManifest(delegate, "harness/delegate:24.03.82600", 0))
	eventually(t, "the Deployment has a ReplicaSet", func() bool {
		return field(p.get("Deployment/payments").Object, "status.observedGeneration") != nil
	})
	others := func() map[string]string {
		found, err := p.all(append([]string{"Deployment", "Job", "Pod"}, own...)...)
		if err != nil {
			t.Fatal(err)
		}
		versions := p.versions(found)
		maps.DeleteFunc(versions, func(id, _ string) bool { return slices.Contains(objectsOf(delegate), id) })
		return versions
	}
	before := others()
	untouched := func(*terraform.State) error {
		if diff := cmp.Diff(before, others()); diff != "" {
			return fmt.Errorf("what is others' has changed (-before +after)\n%s", diff)
		}
		return nil
	}

	defaults := map[string]knownvalue.Check{
		"id": text("kubernetes/" + p.namespace + "/payments-upgrader-job"), "delegate_name": text(delegate),
		"account_id": text(acctest.Account), "manager_endpoint": text(p.manager.URL), "token": text(token), "token_wo": knownvalue.Null(),
		"token_wo_version": knownvalue.Null(), "schedule": text("0 */1 * * *"), "auto_upgrade": knownvalue.Bool(true), "dry_run": knownvalue.Bool(false),
		"image": text("harness/upgrader:latest"), "proxy": knownvalue.Null(), "verify": knownvalue.Bool(false), "docker": knownvalue.Null(), "drift": texts(),
		"objects": texts(objectsOf(delegate)...), "timeouts": knownvalue.Null(), "kubernetes.namespace": text(p.namespace),
		"kubernetes.cron_job_name": text("payments-upgrader-job"), "kubernetes.service_account_name": text("payments-upgrader-cronjob-sa"),
		"kubernetes.role_name": text("payments-upgrader"), "kubernetes.role_binding_name": text("payments-upgrader-cronjob"),
		"kubernetes.secret_name": text("payments-upgrader-token"), "kubernetes.config_map_name": text("payments-upgrader-config"),
		"kubernetes.delegate_container": text("delegate"), "kubernetes.force_conflicts": knownvalue.Bool(false), "kubernetes.concurrency_policy": text("Forbid"),
		"kubernetes.starting_deadline_seconds": knownvalue.Int64Exact(20), "kubernetes.image_pull_policy": text("Always"),
		"kubernetes.pod_security_context": knownvalue.ObjectExact(map[string]knownvalue.Check{"fsGroup": knownvalue.Int64Exact(1001)}),
		"kubernetes.rbac":                 knownvalue.Null(), "kubernetes.resources": knownvalue.Null(),
	}
	for path := range attributes(t) { // each of the others is left unset
		if _, ok := defaults[path]; !ok && !isBelow(path, defaults) {
			defaults[path] = knownvalue.Null()
		}
	}
	var known []statecheck.StateCheck
	var foreseen []plancheck.PlanCheck
	for path, value := range defaults {
		known = append(known, inState(path, value))
		foreseen = append(foreseen, inPlan(path, value))
	}

	step := resource.TestStep{
		Config:            p.config(in(p.namespace).block("it")),
		ConfigPlanChecks:  planned(plancheck.ResourceActionCreate, foreseen...),
		ConfigStateChecks: known,
		Check: resource.ComposeAggregateTestCheckFunc(untouched, func(*terraform.State) error {
			for _, id := range objectsOf(delegate) {
				for _, entry := range p.get(id).GetManagedFields() {
					if entry.Manager != "terraform-provider-harnessdelegate" || entry.Operation != "Apply" {
						return fmt.Errorf("%s is managed by %s through %s, too", id, entry.Manager, entry.Operation)
					}
				}
			}
			return nil
		}),
	}
	p.upgraders(slices.Collect(maps.Keys(theirs(before))), step)
	if err := untouched(nil); err != nil {
		t.Error(err)
	}
}

// theirs are the others' objects that are of an upgrader's kinds.
func theirs(versions map[string]string) map[string]string {
	found := maps.Clone(versions)
	maps.DeleteFunc(found, func(id, _ string) bool {
		return !slices.ContainsFunc(own, func(kind string) bool { return kindOf(id) == kind })
	})
	return found
}
