package kubernetes

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

// Apply writes an object by server-side apply. It takes fields over from people's
// own commands, and from patches under its own name, from others only if it is told
// to.
func (r *Requests) Apply(
	ctx context.Context, to dynamic.ResourceInterface, object *unstructured.Unstructured, options metav1.ApplyOptions,
) (*unstructured.Unstructured, error) {
	var after *unstructured.Unstructured
	write := func(ctx context.Context) (err error) {
		after, err = to.Apply(ctx, object.GetName(), object, options)
		return err
	}
	err := r.Try(ctx, write)
	found := Conflicts(err)
	if len(found) > 0 && !slices.ContainsFunc(found, func(c Conflict) bool { return !ByHand(c.Manager) && c.Manager != options.FieldManager }) {
		options.Force = true
		err = r.Try(ctx, write)
	}
	return after, err
}
