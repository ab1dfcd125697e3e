package gracefulshutdown

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// cluster is the cluster of the provider.
type cluster struct {
	client   dynamic.Interface
	host     string
	requests *kubernetes.Requests
}

// clusterOf returns the provider's cluster, without a request to it.
func clusterOf(data *providerdata.Data) (*cluster, diag.Diagnostics) {
	client, diags := data.Kubernetes()
	if diags.HasError() {
		return nil, diags
	}
	return &cluster{client.Dynamic(), client.Host(), kubernetes.NewRequests(kubernetes.DefaultPace())}, diags
}

func (c *cluster) at(p place) dynamic.ResourceInterface {
	return c.client.Resource(resources[p.kind]).Namespace(p.namespace)
}

// get reads a workload; it is nil if there is none.
func (c *cluster) get(ctx context.Context, p place) (*unstructured.Unstructured, error) {
	var found *unstructured.Unstructured
	err := c.requests.Try(ctx, func(ctx context.Context) (err error) {
		found, err = c.at(p).Get(ctx, p.name, metav1.GetOptions{})
		return err
	})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // no workload is a valid answer
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// look reads a workload, and tells whether it exists. Of one that doesn't, only the
// place is set.
func (c *cluster) look(ctx context.Context, p place) (workload, bool, error) {
	found, err := c.get(ctx, p)
	if err != nil || found == nil {
		return workload{place: p}, false, err
	}
	return workloadOf(found), true, nil
}

// apply sets the field, which this resource owns from then on.
func (c *cluster) apply(ctx context.Context, p place, seconds int64, force bool) error {
	object := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"terminationGracePeriodSeconds": seconds}}},
	}}
	object.SetGroupVersionKind(resources[p.kind].GroupVersion().WithKind(p.kind))
	object.SetNamespace(p.namespace)
	object.SetName(p.name)
	_, err := c.requests.Apply(ctx, c.at(p), object, metav1.ApplyOptions{FieldManager: FieldManager, Force: force})
	return err
}

// release gives up the ownership of the field and keeps its value. An apply without
// the field would reset the value, so this removes the entry in the managed fields.
// The server refuses the patch if the object has changed since it was read, and it
// is tried again.
func (c *cluster) release(ctx context.Context, p place) error {
	err := c.requests.Try(ctx, func(ctx context.Context) error {
		found, err := c.at(p).Get(ctx, p.name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		var kept []metav1.ManagedFieldsEntry
		for _, entry := range found.GetManagedFields() {
			if entry.Manager != FieldManager || entry.Operation != metav1.ManagedFieldsOperationApply {
				kept = append(kept, entry)
			}
		}
		patch, err := json.Marshal([]map[string]any{
			{"op": "replace", "path": "/metadata/managedFields", "value": kept},
			{"op": "replace", "path": "/metadata/resourceVersion", "value": found.GetResourceVersion()},
		})
		if err != nil {
			return err
		}
		_, err = c.at(p).Patch(ctx, p.name, types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: FieldManager})
		return err
	})
	if apierrors.IsNotFound(err) {
		return nil // the ownership is gone with the workload
	}
	return err
}
