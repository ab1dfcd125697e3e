package providerdata

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Resource is embedded in resources, to which it brings the data.
type Resource struct {
	// Data is nil while Terraform only validates.
	Data *Data
}

// Configure implements resource.ResourceWithConfigure.
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
