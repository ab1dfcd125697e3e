package upgrader

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// ImportState implements resource.ResourceWithImportState. It finds the other
// objects by the references between them, and takes over every argument that
// differs from its default, the token apart.
func (r *upgraderResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	on, place, err := parseID(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf("The import id %s. For example: %q or %q.",
			err, "kubernetes/harness-delegate-ng/payments-delegate-upgrader-job", "docker/payments-delegate-upgrader"))
		return
	}
	of := spec.Upgrader{Kubernetes: &spec.Kubernetes{}}
	if on == onDocker {
		of = spec.Upgrader{Docker: &spec.Docker{}}
	}
	platform, diags := platformOf(r.Data, of)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	found, exists, err := platform.Find(ctx, place)
	switch {
	case err != nil:
		resp.Diagnostics.Append(explain(unableToImport, err, spec.Applied{})...)
		return
	case !exists:
		resp.Diagnostics.AddError(unableToImport, fmt.Sprintf("There is no upgrader at %q. Check the names; the provider block says which cluster or engine is asked.", req.ID))
		return
	}
	state := emptyModel(ctx)
	state.take(ctx, found, &resp.Diagnostics)
	state.ID = types.StringValue(placeID(found))
	state.Verify = types.BoolValue(false)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}
