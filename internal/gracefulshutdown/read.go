package gracefulshutdown

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Read implements resource.Resource. A workload that is gone takes the field with
// it, so the resource leaves the state. That is told, because the next apply has
// nothing to set the field of until the workload is there again.
func (r *gracefulShutdownResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// First of all: without an identity no refresh ends well.
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.place())...)
	if unknown := r.Data.UnknownKubernetes(); len(unknown) > 0 {
		resp.Diagnostics.AddWarning("Refresh Skipped", fmt.Sprintf(
			"The provider's %s depends on something that is not applied yet, so the state of grace periods is taken as it is.", strings.Join(unknown, " and ")))
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
		resp.Diagnostics.Append(c.explain(unableToRead, "read", p, err))
	case !exists:
		resp.Diagnostics.AddWarning("Workload Not Found", fmt.Sprintf(
			"There is no %s any more, and so no grace period of it. The state forgets this resource; a plan makes it anew, which needs the workload to be there again.", p))
		resp.State.RemoveResource(ctx)
	default:
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrSeconds), found.seconds)...)
	}
}

// ImportState implements resource.ResourceWithImportState. Where somebody else has
// set the field, what is there is the value before; where this resource has, that
// isn't known.
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
		resp.Diagnostics.Append(c.explain(unableToImport, "read", p, err))
		return
	case !exists:
		resp.Diagnostics.AddError(unableToImport, fmt.Sprintf("There is no %s. Check the import id, which is NAMESPACE/KIND/NAME; the provider block says which cluster is asked.", p))
		return
	}
	previous := types.Int64Null()
	if !found.ours() {
		previous = types.Int64PointerValue(found.previous())
		rememberPrevious(ctx, resp.Private, &resp.Diagnostics)
	}
	for name, value := range map[string]any{
		attrID: p.id(), attrNamespace: p.namespace, attrKind: p.kind, attrName: p.name,
		attrSeconds: found.seconds, attrForceConflicts: false, attrWaitForRollout: false, attrPrevious: previous,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	// Whole, where the kind was left out.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityOf(p))...)
}
