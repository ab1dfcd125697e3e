package kubernetes

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Owner is a field manager that owns a field of an object.
type Owner struct {
	// Manager is the name of the field manager.
	Manager string
	// Applies tells server-side apply (operation Apply) from all other writes
	// (operation Update). One manager can own a field by both.
	Applies bool
}

// Operation is the operation as managed fields spell it.
func (o Owner) Operation() metav1.ManagedFieldsOperationType {
	if o.Applies {
		return metav1.ManagedFieldsOperationApply
	}
	return metav1.ManagedFieldsOperationUpdate
}

// String names the manager and its operation, for messages: helm (Apply).
func (o Owner) String() string { return fmt.Sprintf("%s (%s)", o.Manager, o.Operation()) }

// IsHelm tells whether the manager is Helm: its command line ("helm"), or a
// program with Helm's library, such as "helm-controller" of Flux and
// "terraform-provider-helm_v3.0.2".
func (o Owner) IsHelm() bool { return strings.Contains(o.Manager, "helm") }

// Owners returns the managers that own a field, and the operation of each. The
// path is that of managed fields, such as "f:spec", "f:replicas"; ContainerField
// returns it for a container of a pod template.
func Owners(object metav1.Object, path ...string) []Owner {
	var owners []Owner
	for _, entry := range object.GetManagedFields() {
		var owned map[string]any
		if entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &owned) != nil {
			continue
		}
		if _, ok, err := unstructured.NestedFieldNoCopy(owned, path...); ok && err == nil {
			owners = append(owners, Owner{entry.Manager, entry.Operation == metav1.ManagedFieldsOperationApply})
		}
	}
	return owners
}

// ContainerField is the path, for Owners, of a field of a container in the pod
// template of a workload.
func ContainerField(container, field string) []string {
	return []string{"f:spec", "f:template", "f:spec", "f:containers", fmt.Sprintf(`k:{"name":%q}`, container), "f:" + field}
}

// HelmRelease is the name of the Helm release that an object belongs to, or empty.
func HelmRelease(object metav1.Object) string {
	return object.GetAnnotations()["meta.helm.sh/release-name"]
}

// ByHand tells whether a manager doesn't write again by itself: a command that
// people type, or "before-first-apply", under which the API server sums up the
// earlier writers of an object whose managed fields were cleared. Their values are
// drift, which the plan shows. A field that another manager declares is a conflict.
func ByHand(manager string) bool {
	return slices.Contains([]string{
		"kubectl-edit", "kubectl-patch", "kubectl-replace", "kubectl-set", "kubectl-label", "kubectl-annotate", "kubectl-create",
		"before-first-apply",
	}, manager)
}

// Conflict is a field that another manager owns.
type Conflict struct{ Manager, Field string }

// otherManager is how the API server names the owner. It is compiled when there
// is a conflict, not whenever Terraform starts the provider.
var otherManager = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`conflict with "([^"]+)"`) })

// Conflicts are the fields that an error of server-side apply is about.
func Conflicts(err error) []Conflict {
	answer, _ := Answer(err)
	if answer.Details == nil || !apierrors.IsConflict(err) {
		return nil
	}
	var found []Conflict
	for _, cause := range answer.Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		manager := "somebody else"
		if parts := otherManager().FindStringSubmatch(cause.Message); parts != nil {
			manager = parts[1]
		}
		found = append(found, Conflict{manager, strings.TrimPrefix(cause.Field, ".")})
	}
	return found
}

// Managers names those that conflicts are with, each once and in order.
func Managers(conflicts []Conflict) []string {
	var managers []string
	for _, c := range conflicts {
		managers = append(managers, c.Manager)
	}
	return slices.Compact(slices.Sorted(slices.Values(managers)))
}

// ConflictReason says who manages which fields.
func ConflictReason(conflicts []Conflict) string {
	var reasons []string
	for _, manager := range Managers(conflicts) {
		var fields []string
		for _, c := range conflicts {
			if c.Manager == manager {
				fields = append(fields, c.Field)
			}
		}
		fields = slices.Compact(slices.Sorted(slices.Values(fields)))
		reasons = append(reasons, fmt.Sprintf("%q manages %s", manager, strings.Join(fields, ", ")))
	}
	return strings.Join(reasons, "; ")
}
