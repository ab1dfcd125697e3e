package cronjob

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// ours tells that this provider has written an object: whoever applies under
// our name is this provider, perhaps one that was killed before it could say so.
func ours(object *unstructured.Unstructured) bool {
	return slices.ContainsFunc(object.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply
	})
}

// remembered tells that an object is one of those that the caller knows, and not
// another one of the same name.
func remembered(object *unstructured.Unstructured, last []spec.Object) bool {
	return slices.Contains(last, identity(object))
}

// makers names those who have written an object.
func makers(object *unstructured.Unstructured) string {
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
func refuse(want spec.Upgrader, object *unstructured.Unstructured, last []spec.Object, upgraderExists bool) *spec.Failure {
	k := want.Kubernetes
	f := &spec.Failure{
		Doing: action{"write", key{object.GetKind(), object.GetName()}, k.Namespace}.String(),
		Reason: fmt.Sprintf("it exists already, made by %s and not by this resource, and is left as it is; nothing was written",
			makers(object)),
		Argument: []string{"kubernetes"},
	}
	replaced := slices.ContainsFunc(last, func(o spec.Object) bool { return keyOf(o) == key{object.GetKind(), object.GetName()} })
	switch {
	case replaced:
		f.Advice = "It has taken the place of the one that this resource made. Delete it and apply again, which makes it anew; " +
			"or keep it: terraform state rm on this resource, and import the upgrader again."
	case upgraderExists:
		id := fmt.Sprintf("kubernetes/%s/%s", k.Namespace, k.Names.CronJob)
		f.Advice = fmt.Sprintf("To take the upgrader over that it belongs to, import it, with a block\n\n"+
			"  import {\n    to = harnessdelegate_upgrader.NAME\n    id = %q\n  }\n\n"+
			"or with: terraform import harnessdelegate_upgrader.NAME %s\n\n"+
			"To leave it alone, choose another name in the kubernetes block.", id, id)
	default:
		f.Advice = "There is no upgrader that it belongs to and that could be imported. Choose another name for it in the kubernetes block, or delete it if nobody needs it."
	}
	return f
}
