package gracefulshutdown

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Read implements resource.Resource. If the workload is gone, the resource is
// removed from the state, with a warning: the next apply fails until the workload
// exists again.
func (r *gracefulShutdownResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// First of all: without an identity, Terraform refuses the result.
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.place())...)
	if unknown := r.Data.UnknownKubernetes(); len(unknown) > 0 {
		resp.Diagnostics.AddWarning("Refresh Skipped", fmt.Sprintf(
			"The provider's %s depends on something that is not applied yet, so this resource keeps the values in the state.", strings.Join(unknown, " and ")))
		return
	}
	ctx, cancel := within(ctx, state.Timeouts.Read, &resp.Diagnostics)
	defer cancel()
	c, diags := clusterOf(r.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p := state.place()
	found, exists, err := c.look(ctx, p)
	switch {
	case err != nil:
		resp.Diagnostics.Append(c.explain(unableToRead, "read", found, err))
	case !exists:
		resp.Diagnostics.AddWarning("Workload Not Found", fmt.Sprintf(
			"There is no %s any more. This resource is removed from the state. The plan creates it again, which fails until the workload exists.", p))
		resp.State.RemoveResource(ctx)
	default:
		previous := found.previousAfter(state.Seconds.ValueInt64(), state.Previous.ValueInt64Pointer())
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrPrevious), previous)...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrSeconds), found.seconds)...)
	}
}

// ImportState implements resource.ResourceWithImportState. The current value is the
// one to give back, unless this resource has set it: the value before isn't known
// then.
func (r *gracefulShutdownResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	p, diags := wantedPlace(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	c, diags := clusterOf(r.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	found, exists, err := c.look(ctx, p)
	switch {
	case err != nil:
		resp.Diagnostics.Append(c.explain(unableToImport, "read", found, err))
		return
	case !exists:
		resp.Diagnostics.AddError(unableToImport, fmt.Sprintf("There is no %s. Check the import ID, which is NAMESPACE/KIND/NAME, and the cluster in the provider's kubernetes block.", p))
		return
	}
	previous := types.Int64Null()
	if !found.ours() {
		previous = types.Int64Value(found.seconds)
	}
	for name, value := range map[string]any{
		attrID: p.id(), attrNamespace: p.namespace, attrKind: p.kind, attrName: p.name,
		attrSeconds: found.seconds, attrForceConflicts: false, attrWaitForRollout: false, attrPrevious: previous,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	// Complete, also if the import left the kind out.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityOf(p))...)
}
