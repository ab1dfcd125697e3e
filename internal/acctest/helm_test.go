package acctest_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// helm stands in for the provider hashicorp/helm: of helm_release it has the
// arguments that the examples use, in the same form. What it installs of
// Harness's chart is the delegate's Secret only.
type helm struct {
	// install is told the release and the values that were set.
	install   func(ctx context.Context, release string, set map[string]string) error
	uninstall func(ctx context.Context, release string) error
}

// Metadata implements provider.Provider.
func (h *helm) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "helm"
}

// Schema implements provider.Provider.
func (h *helm) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (h *helm) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements provider.Provider.
func (h *helm) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (h *helm) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &helmRelease{h} }}
}

type helmRelease struct{ *helm }

type helmReleaseModel struct {
	Name       types.String `tfsdk:"name"`
	Namespace  types.String `tfsdk:"namespace"`
	Repository types.String `tfsdk:"repository"`
	Chart      types.String `tfsdk:"chart"`
	Values     types.List   `tfsdk:"values"`
	Set        types.List   `tfsdk:"set_wo"`
	Revision   types.Int64  `tfsdk:"set_wo_revision"`
}

// Metadata implements resource.Resource.
func (*helmRelease) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "helm_release"
}

// Schema implements resource.Resource.
func (*helmRelease) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name":       schema.StringAttribute{Required: true},
		"namespace":  schema.StringAttribute{Optional: true},
		"repository": schema.StringAttribute{Optional: true},
		"chart":      schema.StringAttribute{Required: true},
		"values":     schema.ListAttribute{Optional: true, ElementType: types.StringType},
		"set_wo": schema.ListNestedAttribute{
			Optional: true, WriteOnly: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":  schema.StringAttribute{Required: true, WriteOnly: true},
				"value": schema.StringAttribute{Required: true, WriteOnly: true},
				"type":  schema.StringAttribute{Optional: true, WriteOnly: true},
			}},
		},
		"set_wo_revision": schema.Int64Attribute{Optional: true},
	}}
}

// Create implements resource.Resource.
func (r *helmRelease) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(r.apply(ctx, req.Config)...)
	resp.State.Raw = req.Plan.Raw
}

// Read implements resource.Resource. Nothing drifts.
func (*helmRelease) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update implements resource.Resource.
func (r *helmRelease) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(r.apply(ctx, req.Config)...)
	resp.State.Raw = req.Plan.Raw
}

// Delete implements resource.Resource.
func (r *helmRelease) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var release helmReleaseModel
	resp.Diagnostics.Append(req.State.Get(ctx, &release)...)
	if err := r.uninstall(ctx, release.Name.ValueString()); err != nil {
		resp.Diagnostics.AddError("Unable to Uninstall", err.Error())
	}
}

// apply installs what the configuration says: write-only values are nowhere else.
func (r *helmRelease) apply(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var release helmReleaseModel
	diags := config.Get(ctx, &release)
	var entries []struct {
		Name  string       `tfsdk:"name"`
		Value string       `tfsdk:"value"`
		Type  types.String `tfsdk:"type"`
	}
	diags.Append(release.Set.ElementsAs(ctx, &entries, false)...)
	set := map[string]string{}
	for _, entry := range entries {
		set[entry.Name] = entry.Value
	}
	if err := r.install(ctx, release.Name.ValueString(), set); err != nil {
		diags.AddError("Unable to Install", err.Error())
	}
	return diags
}
