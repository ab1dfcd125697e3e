// Package upgrader is what users see of delegate upgraders: the resource
// harnessdelegate_upgrader that deploys one on Kubernetes or Docker, the list
// resource that finds those to manage, the action that runs one, and the data
// sources that tell how one is doing and that render the same objects for those
// who deploy them by other means. It knows the platforms by their arguments and by the interface that
// package spec declares.
package upgrader

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// upgraderResource manages one upgrader.
type upgraderResource struct {
	providerdata.Resource
}

var (
	_ resource.ResourceWithConfigure      = (*upgraderResource)(nil)
	_ resource.ResourceWithValidateConfig = (*upgraderResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*upgraderResource)(nil)
	_ resource.ResourceWithImportState    = (*upgraderResource)(nil)
	_ resource.ResourceWithIdentity       = (*upgraderResource)(nil)
)

// NewResource makes the resource harnessdelegate_upgrader.
func NewResource() resource.Resource { return &upgraderResource{} }

// Metadata implements resource.Resource.
func (r *upgraderResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrader"
	// A CronJob or a container of another name is the same upgrader.
	resp.ResourceBehavior.MutableIdentity = true
}
