package cronjob

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// writeOne brings one object to be as it is wanted.
func (a *application) writeOne(ctx context.Context, object *unstructured.Unstructured) *spec.Failure {
	k, namespace := key{object.GetKind(), object.GetName()}, a.want.Kubernetes.Namespace
	a.mutex.Lock()
	before := a.live[k]
	a.mutex.Unlock()

	if before != nil && (before.GetDeletionTimestamp() != nil || mustReplace(object.Object, before.Object)) {
		if failure := a.delete(ctx, namespace, before); failure != nil {
			return failure
		}
		a.set(k, nil, "")
		before = nil
	}
	if before != nil && k.kind == kindCronJob {
		if failure := a.removeStrays(ctx, object, before); failure != nil {
			return failure
		}
	}
	after, err := a.serverSideApply(ctx, namespace, object)
	if err != nil {
		a.mutex.Lock()
		_, answered := kubernetes.Answer(err)
		a.unsure = a.unsure || !answered
		a.mutex.Unlock()
		return a.fail(action{"write", k, namespace}, err)
	}
	switch {
	case before == nil:
		a.set(k, after, "created")
	case before.GetResourceVersion() == after.GetResourceVersion():
		a.set(k, after, "unchanged")
	default:
		a.set(k, after, "changed")
	}
	return nil
}

func (a *application) set(k key, object *unstructured.Unstructured, outcome string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.outcome[k] = outcome
	if object == nil {
		delete(a.live, k)
	} else {
		a.live[k] = object
	}
}

// serverSideApply writes an object under our name.
func (a *application) serverSideApply(ctx context.Context, namespace string, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	options := metav1.ApplyOptions{FieldManager: FieldManager, Force: a.want.Kubernetes.ForceConflicts}
	return a.requests.Apply(ctx, a.of(namespace, object.GetKind()), object, options)
}

// mustReplace tells what can't be changed in place: what a RoleBinding refers to,
// a Secret's type, and the data of what has been declared immutable.
func mustReplace(want, live map[string]any) bool {
	switch textAt(want, "kind") {
	case kindRoleBinding:
		return !equal(want["roleRef"], live["roleRef"])
	case kindSecret, kindConfigMap:
		frozen := live["immutable"] == true
		return textAt(want, "type") != textAt(live, "type") || frozen && !equal(want["data"], live["data"])
	default:
		return false
	}
}
