// Package tagoverride is what users see of delegate tag overrides: the resource
// harnessdelegate_tag_override that manages one, the list resource that finds
// those to manage, the action that renews one, the data source that lists what
// is set at a scope, and the one that tells which image a delegate gets.
package tagoverride

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// overrideResource manages the override in one slot of a scope.
type overrideResource struct {
	providerdata.Resource
}

var (
	_ resource.ResourceWithConfigure      = (*overrideResource)(nil)
	_ resource.ResourceWithValidateConfig = (*overrideResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*overrideResource)(nil)
	_ resource.ResourceWithImportState    = (*overrideResource)(nil)
	_ resource.ResourceWithIdentity       = (*overrideResource)(nil)
)

// NewResource makes the resource harnessdelegate_tag_override.
func NewResource() resource.Resource { return &overrideResource{} }

// Metadata implements resource.Resource.
func (r *overrideResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_tag_override"
}
