package providerdata

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Resource is embedded in resources and list resources, to which it brings the
// data: the framework configures both by the same method.
type Resource struct {
	// Data is nil while Terraform only validates.
	Data *Data
}

// Configure implements resource.ResourceWithConfigure and
// list.ListResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Data = from(req.ProviderData, &resp.Diagnostics)
}

// DataSource is embedded in data sources, to which it brings the data.
type DataSource struct {
	// Data is nil while Terraform only validates.
	Data *Data
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Data = from(req.ProviderData, &resp.Diagnostics)
}

// Action is embedded in actions, to which it brings the data.
type Action struct {
	// Data is nil while Terraform only validates.
	Data *Data
}

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.Data = from(req.ProviderData, &resp.Diagnostics)
}

// EphemeralResource is embedded in ephemeral resources, to which it brings the
// data.
type EphemeralResource struct {
	// Data is nil while Terraform only validates.
	Data *Data
}

// Configure implements ephemeral.EphemeralResourceWithConfigure.
func (e *EphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.Data = from(req.ProviderData, &resp.Diagnostics)
}

func from(value any, diags *diag.Diagnostics) *Data {
	if value == nil {
		return nil
	}
	data, ok := value.(*Data)
	if !ok {
		diags.AddError("Unexpected Provider Data", fmt.Sprintf(
			"Expected %T, got %T. This is a bug in the provider; please report it.", data, value))
	}
	return data
}
