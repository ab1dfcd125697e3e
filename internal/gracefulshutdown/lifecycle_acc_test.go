package gracefulshutdown_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The field is set, changed in place, and given back without an owner, whoever made
// the workload and whatever its value was.
func TestAccGracefulShutdown_lifecycle(t *testing.T) {
	t.Parallel()
	const force = "force_conflicts = true"
	for name, tc := range map[string]struct {
		kind    string
		applied bool // by server-side apply
		seconds int64
		after   int64
	}{
		"Helm 4, set":         {"Deployment", true, 600, 600},
		"Helm 4, unset":       {"Deployment", true, unset, 30},
		"Helm 3, set":         {"Deployment", false, 600, 600},
		"StatefulSet, set":    {"StatefulSet", false, 600, 600},
		"StatefulSet, unset":  {"StatefulSet", true, unset, 30},
		"Helm 3, same before": {"Deployment", false, 3600, 3600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			if tc.applied {
				p.apply("helm", workload(tc.kind, tc.seconds, 0))
			} else {
				p.create("helm", workload(tc.kind, tc.seconds, 0))
			}
			before := p.get(tc.kind)
			kind := fmt.Sprintf("kind = %q", tc.kind)
			p.run(
				resource.ComposeAggregateTestCheckFunc(p.grace(tc.kind, tc.after), p.sameBut(tc.kind, before)),
				resource.TestStep{
					Config:            p.config(p.block(3600, kind, force)),
					ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
					ConfigStateChecks: append(previous(tc.after), inState("id", knownvalue.StringExact(p.namespace+"/"+tc.kind+"/payments"))),
					Check:             p.sameBut(tc.kind, before),
				},
				resource.TestStep{
					Config:            p.config(p.block(5400, kind, force)),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: previous(tc.after),
					Check:             resource.ComposeAggregateTestCheckFunc(p.grace(tc.kind, 5400, "we (Apply)"), p.sameBut(tc.kind, before)),
				},
			)
		})
	}
}

// sameBut checks that the specification is what it was but for the grace period.
func (p *place) sameBut(kind string, before *unstructured.Unstructured) resource.TestCheckFunc {
	return func(*terraform.State) error {
		without := func(u *unstructured.Unstructured) any {
			spec, _, err := unstructured.NestedMap(u.Object, "spec")
			if err != nil {
				p.t.Fatal(err)
			}
			unstructured.RemoveNestedField(spec, "template", "spec", "terminationGracePeriodSeconds")
			return spec
		}
		if diff := cmp.Diff(without(before), without(p.get(kind))); diff != "" {
			return fmt.Errorf("something else has changed (-before +after)\n%s", diff)
		}
		return nil
	}
}

// Setting the field starts a rollout, as does giving it back; setting it to what
// it is doesn't. With wait_for_rollout the apply ends when the rollout has.
func TestAccGracefulShutdown_rollout(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	t.Cleanup(p.AutoReady(t.Context(), p.namespace, "app=payments"))
	p.create("kubectl-create", workload("Deployment", 600, 2))
	sets := func(want int) resource.TestCheckFunc {
		return func(*terraform.State) error {
			list, err := p.of("ReplicaSet").List(t.Context(), metav1.ListOptions{})
			if err == nil && len(list.Items) != want {
				err = fmt.Errorf("there are %d ReplicaSets, want %d", len(list.Items), want)
			}
			return err
		}
	}
	rolledOut := func(*terraform.State) error {
		live := p.get("Deployment").Object
		for _, name := range []string{"replicas", "updatedReplicas", "availableReplicas"} {
			if got, _, _ := unstructured.NestedInt64(live, "status", name); got != 2 {
				return fmt.Errorf("status.%s is %d, want 2", name, got)
			}
		}
		return nil
	}
	eventually(t, "the first pods are available", func() bool { return rolledOut(nil) == nil })
	const wait = "wait_for_rollout = true"
	p.run(
		func(*terraform.State) error {
			// The ReplicaSet of the value before is there already, and comes back.
			eventually(t, "the pods have the value before", func() bool {
				list, err := p.of("ReplicaSet").List(t.Context(), metav1.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				for _, set := range list.Items {
					seconds, _, _ := unstructured.NestedInt64(set.Object, "spec", "template", "spec", "terminationGracePeriodSeconds")
					ready, _, _ := unstructured.NestedInt64(set.Object, "status", "readyReplicas")
					if seconds == 600 && ready == 2 {
						return true
					}
				}
				return false
			})
			return nil
		},
		resource.TestStep{Config: p.config(p.block(600, wait)), Check: sets(1)},
		resource.TestStep{Config: p.config(p.block(3600, wait)), Check: resource.ComposeAggregateTestCheckFunc(sets(2), rolledOut)},
		resource.TestStep{Config: p.config(p.block(3600, wait, "longest_task_seconds = 1800")), Check: sets(2)},
	)
}

// A rollout that doesn't end is an error that says how far it is, and the field
// stays set.
func TestAccGracefulShutdown_rolloutStuck(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 1))
	p.run(nil, resource.TestStep{
		Config:      p.config(p.block(3600, "wait_for_rollout = true", `timeouts { create = "3s" }`)),
		ExpectError: saying("The grace period is set. The rollout of Deployment/payments in namespace " + p.namespace + " didn't finish in time: 1 of 1 pods are replaced, and 0 are available."),
	})
	// Terraform has destroyed what a failed creation has left.
	if err := p.grace("Deployment", 600)(nil); err != nil {
		t.Error(err)
	}
}
