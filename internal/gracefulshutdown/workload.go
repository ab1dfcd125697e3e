package gracefulshutdown

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// FieldManager is the name under which this resource writes. It is not that of
// upgraders: what applies under one name to one object replaces what was applied
// under it before.
const FieldManager = "terraform-provider-harnessdelegate-graceful-shutdown"

// The kinds that a delegate is deployed as. Older delegates are StatefulSets.
const (
	kindDeployment  = "Deployment"
	kindStatefulSet = "StatefulSet"
)

// resources says where each kind is served.
var resources = map[string]schema.GroupVersionResource{
	kindDeployment:  {Group: "apps", Version: "v1", Resource: "deployments"},
	kindStatefulSet: {Group: "apps", Version: "v1", Resource: "statefulsets"},
}

// field is the field that is owned, and fieldPath the same as managed fields
// write it. It is the pod's: a container has no such field.
const field = "spec.template.spec.terminationGracePeriodSeconds"

var fieldPath = []string{"f:spec", "f:template", "f:spec", "f:terminationGracePeriodSeconds"}

// kubernetesDefault is the grace period in seconds that Kubernetes fills in where
// nobody sets one.
const kubernetesDefault = 30

// place is where a workload is.
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

// workload is what counts of a live one.
type workload struct {
	place
	// seconds is the grace period.
	seconds  int64
	owners   []kubernetes.Owner
	replicas int64
	// paused tells a Deployment whose rollout waits for somebody to resume it,
	// and onDelete a StatefulSet that leaves it to others to delete its pods.
	paused, onDelete bool
}

func workloadOf(object *unstructured.Unstructured) workload {
	w := workload{
		place:    place{object.GetNamespace(), object.GetKind(), object.GetName()},
		seconds:  numberOr(kubernetesDefault, object, strings.Split(field, ".")...),
		owners:   kubernetes.Owners(object, fieldPath...),
		replicas: numberOr(1, object, "spec", "replicas"),
	}
	w.paused, _, _ = unstructured.NestedBool(object.Object, "spec", "paused")
	strategy, _, _ := unstructured.NestedString(object.Object, "spec", "updateStrategy", "type")
	w.onDelete = strategy == "OnDelete"
	return w
}

// numberOr reads a number that may be left out.
func numberOr(fallback int64, object *unstructured.Unstructured, path ...string) int64 {
	if value, found, err := unstructured.NestedInt64(object.Object, path...); found && err == nil {
		return value
	}
	return fallback
}

// ours tells that this resource has applied the field, and nobody else has
// changed it since.
func (w workload) ours() bool {
	return slices.Contains(w.owners, kubernetes.Owner{Manager: FieldManager, Applies: true})
}

// others names those who own the field beside this resource.
func (w workload) others() []string {
	var names []string
	for _, owner := range w.owners {
		if owner.Manager != FieldManager {
			names = append(names, owner.Manager)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// inTheWay names those whose field can't be changed without being told to take it
// over.
func (w workload) inTheWay() []string {
	others := w.others()
	if !slices.ContainsFunc(others, func(manager string) bool { return !kubernetes.ByHand(manager) }) {
		return nil
	}
	return others
}

// previous is the value to give back later: none where nobody has set the field,
// which then has the default.
func (w workload) previous() *int64 {
	if len(w.owners) == 0 {
		return nil
	}
	return &w.seconds
}
