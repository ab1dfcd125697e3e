package cronjob

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// ours tells that this provider has written an object: whoever applies under
// our name is this provider, perhaps one that was killed before it could say so.
func ours(object object) bool {
	return slices.ContainsFunc(object.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply
	})
}

// remembered tells that an object is one of those that the caller knows, and not
// another one of the same name.
func remembered(object object, last []spec.Object) bool {
	return slices.Contains(last, identity(object))
}

// makers names those who have written an object.
func makers(object object) string {
	var names []string
	for _, entry := range object.GetManagedFields() {
		if entry.Subresource == "" && entry.Manager != FieldManager {
			names = append(names, fmt.Sprintf("%q", entry.Manager))
		}
	}
	if len(names) == 0 {
		return "somebody else"
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), " and ")
}

// refuse is the failure for an object that exists and isn't ours.
func (a *application) refuse(object object, upgraderExists bool) *spec.Failure {
	k := a.Want.Kubernetes
	f := &spec.Failure{
		Doing:    a.writing(keyOf(object)),
		Reason:   fmt.Sprintf("it exists already. %s created it, not this resource. Nothing was written", makers(object)),
		Argument: []string{"kubernetes"},
	}
	replaced := slices.ContainsFunc(a.Last, func(o spec.Object) bool { return rememberedKey(o) == keyOf(object) })
	switch {
	case replaced:
		f.Advice = "It replaces the object that this resource created. Delete it and apply again, or keep it: " +
			"run terraform state rm on this resource, and import the upgrader again."
	case upgraderExists:
		id := fmt.Sprintf("kubernetes/%s/%s", k.Namespace, k.CronJob)
		f.Advice = fmt.Sprintf("It belongs to an upgrader. To manage that upgrader here, import it with a block in the root module, where ADDRESS is the address of this resource:\n\n"+
			"  import {\n    to = ADDRESS\n    id = %q\n  }\n\n"+
			"To leave it alone, set another name in the kubernetes block.", id)
	default:
		f.Advice = "It belongs to no upgrader that could be imported. Set another name in the kubernetes block, or delete the object if nothing uses it."
	}
	return f
}
