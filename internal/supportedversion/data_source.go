// Package supportedversion is the data source
// harnessdelegate_latest_supported_version: the delegate version that Harness
// has released to an account.
package supportedversion

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

type dataSource struct {
	providerdata.DataSource
}

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource makes the data source harnessdelegate_latest_supported_version.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_latest_supported_version"
}

// model is the data source as Terraform has it.
type model struct {
	scopeattr.Model

	Version        types.String      `tfsdk:"version"`
	MinimalVersion types.String      `tfsdk:"minimal_version"`
	Image          types.String      `tfsdk:"image"`
	MinimalImage   types.String      `tfsdk:"minimal_image"`
	ReleaseYear    types.Int64       `tfsdk:"release_year"`
	ReleaseMonth   types.Int64       `tfsdk:"release_month"`
	Build          types.Int64       `tfsdk:"build"`
	EndOfSupport   timetypes.RFC3339 `tfsdk:"end_of_support"`
	EndOfLife      timetypes.RFC3339 `tfsdk:"end_of_life"`
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the delegate version that Harness has released to an account. Upgraders install it if no tag override applies, and custom images should be built from it. " +
			"Overrides don't change the result.",
		Attributes: scopeattr.DataSourceAttributes(map[string]schema.Attribute{
			"version": schema.StringAttribute{
				MarkdownDescription: "The latest supported version, such as `24.04.82804`.",
				Computed:            true,
			},
			"minimal_version": schema.StringAttribute{
				MarkdownDescription: "Its variant without client tools, such as `24.04.82804.minimal`.",
				Computed:            true,
			},
			"image": schema.StringAttribute{
				MarkdownDescription: "The published image of the version, such as `harness/delegate:24.04.82804`.",
				Computed:            true,
			},
			"minimal_image": schema.StringAttribute{
				MarkdownDescription: "The published image of the variant without client tools.",
				Computed:            true,
			},
			"release_year": schema.Int64Attribute{
				MarkdownDescription: "Year of the release, with four digits. Null, as are month, build and support dates, if the Manager's version does not have the form `yy.mm.build`.",
				Computed:            true,
			},
			"release_month": schema.Int64Attribute{
				MarkdownDescription: "Month of the release, 1 to 12.",
				Computed:            true,
			},
			"build": schema.Int64Attribute{
				MarkdownDescription: "Build number, which increases with every release.",
				Computed:            true,
			},
			"end_of_support": schema.StringAttribute{
				MarkdownDescription: "When product fixes for the version end: the first day of the sixth month after the release month (RFC 3339, UTC).",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
			},
			"end_of_life": schema.StringAttribute{
				MarkdownDescription: "When security fixes for the version end: the first day of the eighth month after the release month (RFC 3339, UTC).",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
			},
		}),
	}
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result model
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := result.Connect(d.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	latest, err := client.LatestSupportedVersion(ctx, scope)
	if err != nil {
		resp.Diagnostics.Append(apidiag.Errors("Unable to Read Latest Supported Version", scope, err)...)
		return
	}
	if err := result.observe(latest); err != nil {
		resp.Diagnostics.AddAttributeWarning(path.Root("version"), "Unexpected Version", fmt.Sprintf(
			"The Manager names a version that tells no release: %s. Its support dates can't be told.", err))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// observe fills in what the Manager answered and what follows from it. An
// error says why nothing follows.
func (m *model) observe(latest harness.SupportedVersion) error {
	m.Version = types.StringValue(latest.Version)
	m.Image = types.StringValue(delegate.PublishedImage(latest.Version))
	if latest.Minimal != "" {
		m.MinimalVersion = types.StringValue(latest.Minimal)
		m.MinimalImage = types.StringValue(delegate.PublishedImage(latest.Minimal))
	}
	version, err := delegate.ParseVersion(latest.Version)
	if err != nil {
		return err
	}
	m.ReleaseYear = types.Int64Value(int64(version.Year))
	m.ReleaseMonth = types.Int64Value(int64(version.Month))
	m.Build = types.Int64Value(version.Build)
	m.EndOfSupport = timetypes.NewRFC3339TimeValue(version.EndOfSupport())
	m.EndOfLife = timetypes.NewRFC3339TimeValue(version.EndOfLife())
	return nil
}
