package gracefulshutdown

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// FieldManager is the name under which this resource writes. Upgraders have
// another one, because a server-side apply drops the fields that the same manager
// applied to the object before.
const FieldManager = "terraform-provider-harnessdelegate-graceful-shutdown"

// The kinds of a delegate's workload. Older delegates are StatefulSets.
const (
	kindDeployment  = "Deployment"
	kindStatefulSet = "StatefulSet"
)

// resources says where each kind is served.
var resources = map[string]schema.GroupVersionResource{
	kindDeployment:  {Group: "apps", Version: "v1", Resource: "deployments"},
	kindStatefulSet: {Group: "apps", Version: "v1", Resource: "statefulsets"},
}

// field is the field that this resource owns, and fieldPath the same in the form
// of managed fields. It is a field of the pod, not of a container.
const field = "spec.template.spec.terminationGracePeriodSeconds"

var fieldPath = []string{"f:spec", "f:template", "f:spec", "f:terminationGracePeriodSeconds"}

// kubernetesDefault is the grace period, in seconds, of a pod that sets none.
const kubernetesDefault = 30

// place identifies a workload.
type place struct{ namespace, kind, name string }

// String names it in messages.
func (p place) String() string {
	return fmt.Sprintf("%s/%s in namespace %s", p.kind, p.name, p.namespace)
}

func (p place) id() string { return strings.Join([]string{p.namespace, p.kind, p.name}, "/") }

// parseID reads an id as an import takes it.
func parseID(id string) (place, error) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || slices.Contains(parts, "") {
		return place{}, fmt.Errorf("%q is not NAMESPACE/KIND/NAME", id)
	}
	if _, known := resources[parts[1]]; !known {
		return place{}, fmt.Errorf("%q names the kind %q, and it must be %s or %s", id, parts[1], kindDeployment, kindStatefulSet)
	}
	return place{parts[0], parts[1], parts[2]}, nil
}

// workload is the part of a live workload that this resource uses.
type workload struct {
	place
	// seconds is the grace period, and owners are those of its field.
	seconds  int64
	owners   []kubernetes.Owner
	replicas int64
	// release is the Helm release that the workload belongs to, or empty.
	release string
	// paused is for a Deployment with a paused rollout, onDelete for a StatefulSet
	// that replaces its pods only when they are deleted.
	paused, onDelete bool
}

func workloadOf(object *unstructured.Unstructured) workload {
	w := workload{
		place:    place{object.GetNamespace(), object.GetKind(), object.GetName()},
		seconds:  numberOr(kubernetesDefault, object, strings.Split(field, ".")...),
		owners:   kubernetes.Owners(object, fieldPath...),
		replicas: numberOr(1, object, "spec", "replicas"),
		release:  kubernetes.HelmRelease(object),
	}
	w.paused, _, _ = unstructured.NestedBool(object.Object, "spec", "paused")
	strategy, _, _ := unstructured.NestedString(object.Object, "spec", "updateStrategy", "type")
	w.onDelete = strategy == "OnDelete"
	return w
}

// numberOr reads an optional number.
func numberOr(fallback int64, object *unstructured.Unstructured, path ...string) int64 {
	if value, found, err := unstructured.NestedInt64(object.Object, path...); found && err == nil {
		return value
	}
	return fallback
}

// ours tells whether this resource owns the field. It doesn't any more when
// another manager has changed the value.
func (w workload) ours() bool {
	return slices.Contains(w.owners, kubernetes.Owner{Manager: FieldManager, Applies: true})
}

// others names the managers that own the field beside this resource.
func (w workload) others() []string {
	return w.listOthers(func(o kubernetes.Owner) string { return o.Manager })
}

// othersWithOperation is the same with the operation of each.
func (w workload) othersWithOperation() []string { return w.listOthers(kubernetes.Owner.String) }

func (w workload) listOthers(text func(kubernetes.Owner) string) []string {
	var texts []string
	for _, owner := range w.owners {
		if owner.Manager != FieldManager {
			texts = append(texts, text(owner))
		}
	}
	return distinct(texts)
}

// declared tells whether another manager that writes again by itself owns the
// field, so that changing the value is a conflict.
func (w workload) declared() bool {
	return slices.ContainsFunc(w.others(), func(manager string) bool { return !kubernetes.ByHand(manager) })
}

// previousAfter is the value to give back, as far as a refresh can tell it: the
// one that the next apply replaces. Given are the values of the state: the grace
// period and the value to give back.
//
// It changes when another manager declares a value now (a new chart, for example),
// or when the workload was made anew. What people have changed by hand is drift,
// and not a value to give back.
func (w workload) previousAfter(seconds int64, previous *int64) *int64 {
	madeAnew := len(w.owners) == 0 && w.seconds != seconds
	if !w.ours() && (w.declared() || madeAnew) {
		return &w.seconds
	}
	return previous
}
