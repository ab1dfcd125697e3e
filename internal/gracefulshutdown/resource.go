// Package gracefulshutdown is the resource harnessdelegate_graceful_shutdown: how
// long the pods of a delegate on Kubernetes may take to finish their tasks. It
// owns that one field of a workload, which others have made and go on to own, by
// server-side apply.
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
