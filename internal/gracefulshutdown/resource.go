// Package gracefulshutdown is the resource harnessdelegate_graceful_shutdown: the
// termination grace period of a delegate's pods on Kubernetes. By server-side apply
// it owns this one field of a workload that something else manages.
package gracefulshutdown

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// gracefulShutdownResource manages the grace period of one workload.
type gracefulShutdownResource struct {
	providerdata.Resource
}

var (
	_ resource.ResourceWithConfigure   = (*gracefulShutdownResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*gracefulShutdownResource)(nil)
	_ resource.ResourceWithImportState = (*gracefulShutdownResource)(nil)
	_ resource.ResourceWithIdentity    = (*gracefulShutdownResource)(nil)
)

// NewResource makes the resource harnessdelegate_graceful_shutdown.
func NewResource() resource.Resource { return &gracefulShutdownResource{} }

// Metadata implements resource.Resource.
func (r *gracefulShutdownResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_graceful_shutdown"
}
