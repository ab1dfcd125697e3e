package gracefulshutdown

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identityModel is the identity of the resource: the workload.
type identityModel struct {
	Namespace types.String `tfsdk:"namespace"`
	Kind      types.String `tfsdk:"kind"`
	Name      types.String `tfsdk:"name"`
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *gracefulShutdownResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			attrNamespace: identityschema.StringAttribute{Description: "Namespace of the workload.", RequiredForImport: true},
			attrKind: identityschema.StringAttribute{
				Description:       fmt.Sprintf("Kind of the workload: `%s`, which is the default, or `%s`.", kindDeployment, kindStatefulSet),
				OptionalForImport: true,
			},
			attrName: identityschema.StringAttribute{Description: "Name of the workload.", RequiredForImport: true},
		},
	}
}

// identify sets the identity, unless it is set. Terraform before 1.12 doesn't store
// identities, but the framework requires one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, p place) diag.Diagnostics {
	if !identity.Raw.IsFullyNull() {
		return nil
	}
	return identity.Set(ctx, identityOf(p))
}

func identityOf(p place) identityModel {
	return identityModel{types.StringValue(p.namespace), types.StringValue(p.kind), types.StringValue(p.name)}
}

// wantedPlace reads the workload of an import from its ID or its identity.
func wantedPlace(ctx context.Context, req resource.ImportStateRequest) (place, diag.Diagnostics) {
	var diags diag.Diagnostics
	if req.Identity.Raw.IsFullyNull() {
		p, err := parseID(req.ID)
		if err != nil {
			diags.AddError("Invalid Import ID", fmt.Sprintf("The import ID %s. For example: %q.",
				err, place{"harness-delegate-ng", kindDeployment, "payments-delegate"}.id()))
		}
		return p, diags
	}
	var identity identityModel
	diags.Append(req.Identity.Get(ctx, &identity)...)
	if diags.HasError() {
		return place{}, diags
	}
	p := place{identity.Namespace.ValueString(), identity.Kind.ValueString(), identity.Name.ValueString()}
	if identity.Kind.IsNull() {
		p.kind = kindDeployment
	}
	// The rules are those of the ID.
	p, err := parseID(p.id())
	if err != nil {
		diags.AddError("Invalid Import Identity", fmt.Sprintf("The identity names no workload: as an ID, %s.", err))
	}
	return p, diags
}
