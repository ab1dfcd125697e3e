package tagoverride

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// attrKind is the part of the identity that tells a scope's two slots apart.
const attrKind = "kind"

// The values of kind.
var (
	kindTagged   = delegate.Slot{Tagged: true}.Kind()
	kindUntagged = delegate.Slot{Tagged: false}.Kind()
)

// identityModel is the identity of an override as Terraform keeps it beside the
// state: its slot, in parts. Image, tags and term may change; the slot never
// does, since another one is another object.
type identityModel struct {
	scopeattr.Model

	Kind types.String `tfsdk:"kind"`
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *overrideResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: scopeattr.IdentityAttributes(map[string]identityschema.Attribute{
			attrKind: identityschema.StringAttribute{
				Description:       fmt.Sprintf("Which of the scope's two slots: `%s`, for the override with delegate tags, or `%s`.", kindTagged, kindUntagged),
				RequiredForImport: true,
			},
		}),
	}
}

func identityOf(slot delegate.Slot) identityModel {
	return identityModel{Model: scopeattr.FromScope(slot.Scope), Kind: types.StringValue(slot.Kind())}
}

// slot reads an identity whose account is resolved.
func (m *identityModel) slot() (delegate.Slot, error) {
	slot := delegate.Slot{Scope: m.Known(), Tagged: m.Kind.ValueString() == kindTagged}
	if kind := m.Kind.ValueString(); kind != slot.Kind() {
		return delegate.Slot{}, fmt.Errorf("%s is %q; it is either %q or %q", attrKind, kind, kindTagged, kindUntagged)
	}
	return slot, slot.Scope.Validate()
}

// identify keeps the slot as the object's identity, unless one is kept already.
// None is where the state is older than identities; and always with Terraform
// before 1.12, which doesn't keep them, while the framework insists on one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, slot delegate.Slot) diag.Diagnostics {
	if !identity.Raw.IsFullyNull() {
		return nil
	}
	return identity.Set(ctx, identityOf(slot))
}
