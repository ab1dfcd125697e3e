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

// Owner is one who owns a field, by what the managed fields of an object say.
type Owner struct {
	// Manager is the name under which the owner writes.
	Manager string
	// Applies tells server-side apply from other ways to write. Under the same
	// name they are two owners.
	Applies bool
}

// Owners are those who own a field. The path is that of managed fields, such as
// "f:spec", "f:replicas".
func Owners(object *unstructured.Unstructured, path ...string) []Owner {
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

// ByHand tells the managers behind which nobody stands who would write again:
// commands that people type. What they have changed is drift, which a plan has
// shown; a declaration of others is a conflict.
func ByHand(manager string) bool {
	return slices.Contains([]string{
		"kubectl-edit", "kubectl-patch", "kubectl-replace", "kubectl-set", "kubectl-label", "kubectl-annotate", "kubectl-create",
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
