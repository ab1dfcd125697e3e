package upgrader

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// ImportState implements resource.ResourceWithImportState. It finds the other
// objects by the references between them, and takes over every argument that
// differs from its default, the token apart.
func (r *upgraderResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	of, place, diags := wanted(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
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
		resp.Diagnostics.AddError(unableToImport, fmt.Sprintf("There is no upgrader at %q. Check the names; the provider block says which cluster or engine is asked.", placed(of, place)))
		return
	}
	state := asImported(ctx, of, found)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
}

// wanted reads the id or the identity that an import names, whichever it is.
func wanted(ctx context.Context, req resource.ImportStateRequest) (spec.Upgrader, spec.Place, diag.Diagnostics) {
	var diags diag.Diagnostics
	var of spec.Upgrader
	if req.Identity != nil && !req.Identity.Raw.IsFullyNull() {
		var identity identityModel
		diags.Append(req.Identity.Get(ctx, &identity)...)
		of, place, err := identity.place()
		if err != nil {
			diags.AddError("Invalid Import Identity", fmt.Sprintf("The identity names no upgrader: %s.", err))
		}
		return of, place, diags
	}
	on, place, err := parseID(req.ID)
	if err != nil {
		diags.AddError("Invalid Import Id", fmt.Sprintf("The import id %s. For example: %q or %q.",
			err, "kubernetes/harness-delegate-ng/payments-delegate-upgrader-job", "docker/payments-delegate-upgrader"))
	}
	of = spec.Upgrader{Kubernetes: &spec.Kubernetes{}}
	if on == onDocker {
		of = spec.Upgrader{Docker: &spec.Docker{}}
	}
	return of, place, diags
}

// placed is the id of a place.
func placed(of spec.Upgrader, place spec.Place) string {
	if of.Docker != nil {
		return placeID(spec.Upgrader{Docker: &spec.Docker{Name: place.Name}})
	}
	return placeID(spec.Upgrader{Kubernetes: &spec.Kubernetes{Namespace: place.Namespace, Names: spec.Names{CronJob: place.Name}}})
}

// asImported is an upgrader that was there before Terraform, as the resource has
// it before its first refresh. The engine's address, which no container tells, is
// the one that was asked.
func asImported(ctx context.Context, of, found spec.Upgrader) resourceModel {
	if of.Docker != nil {
		found.Docker.Host = of.Docker.Host
	}
	state := emptyModel(ctx)
	state.take(found)
	state.ID = types.StringValue(placeID(found))
	state.Verify = types.BoolValue(false)
	return state
}

// rememberLeftSecret keeps which Secret of somebody else an import has found the
// token in. A configuration that brings a token of its own takes that Secret
// over, as it does the other objects; until then it is nobody's to remove.
func rememberLeftSecret(ctx context.Context, platform spec.Platform, imported spec.Upgrader, private privateWriter) diag.Diagnostics {
	var diags diag.Diagnostics
	if imported.Kubernetes == nil || imported.Kubernetes.ExistingSecret == "" {
		return diags
	}
	whole, block := imported, *imported.Kubernetes
	block.Secret, block.ExistingSecret = block.ExistingSecret, ""
	whole.Kubernetes = &block
	seen, err := platform.Observe(ctx, whole, nil)
	if err != nil {
		return explain(unableToRead, err, spec.Applied{})
	}
	left := slices.DeleteFunc(seen.Objects, func(o spec.Object) bool { return o.Kind != "Secret" || o.Name != block.Secret })
	remember(ctx, private, privateLeftSecret, left, &diags)
	return diags
}
