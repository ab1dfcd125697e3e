package tagoverride

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
)

// The values of source.
const (
	sourceOverride = "override"
	sourceLatest   = "latest"
)

// resolvedImageDataSource tells which image an upgrader is told.
type resolvedImageDataSource struct {
	providerdata.DataSource
}

var _ datasource.DataSourceWithConfigure = (*resolvedImageDataSource)(nil)

// NewResolvedImageDataSource makes the data source
// harnessdelegate_resolved_image.
func NewResolvedImageDataSource() datasource.DataSource { return &resolvedImageDataSource{} }

// Metadata implements datasource.DataSource.
func (d *resolvedImageDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_resolved_image"
}

// resolvedModel is the data source as Terraform has it.
type resolvedModel struct {
	scopeattr.Model

	DelegateName types.String      `tfsdk:"delegate_name"`
	Tags         types.Set         `tfsdk:"tags"`
	Image        types.String      `tfsdk:"image"`
	Version      types.String      `tfsdk:"version"`
	Source       types.String      `tfsdk:"source"`
	OverrideID   types.String      `tfsdk:"override_id"`
	ValidUntil   timetypes.RFC3339 `tfsdk:"valid_until"`
	Trail        []stepModel       `tfsdk:"trail"`
}

// stepModel is one override considered.
type stepModel struct {
	entryModel

	Outcome types.String `tfsdk:"outcome"`
	Reason  types.String `tfsdk:"reason"`
}

// Schema implements datasource.DataSource.
func (d *resolvedImageDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Tells which image the upgrader of a delegate is told, where that comes from, and why every other override does not apply. " +
			"The delegate needn't exist. The answer holds for an upgrader that runs with the same token as its delegate. " +
			"Needs the permission to view delegates at the scope and at those above it.",
		Attributes: scopeattr.DataSourceAttributes(map[string]schema.Attribute{
			"delegate_name": schema.StringAttribute{
				MarkdownDescription: "Name of the delegate. In lower case it counts as one of its tags.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"tags": schema.SetAttribute{
				MarkdownDescription: "Tags of the delegate. Capitals count.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"image": schema.StringAttribute{
				MarkdownDescription: "The image that the upgrader is told.",
				Computed:            true,
			},
			"version": schema.StringAttribute{
				MarkdownDescription: "The delegate version that the image's tag tells, null where it tells none.",
				Computed:            true,
			},
			"source": schema.StringAttribute{
				MarkdownDescription: "`override`, or `latest` where no override applies and the image is the latest supported one.",
				Computed:            true,
			},
			"override_id": schema.StringAttribute{
				MarkdownDescription: "The slot of the override that decides, which is also the import id of `harnessdelegate_tag_override`. Null with `latest`.",
				Computed:            true,
			},
			"valid_until": schema.StringAttribute{
				MarkdownDescription: "When the override that decides ends (RFC 3339, UTC). Null with `latest`, or where the Manager names no end.",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
			},
			"trail": schema.ListNestedAttribute{
				MarkdownDescription: "Every override at the scope and above, in the order in which the Manager considers them: those with tags first, from the delegate's scope up to the account, then those without.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes(map[string]schema.Attribute{
					"outcome": schema.StringAttribute{
						MarkdownDescription: "`applied`; `tags_not_matched`, when the delegate lacks some of the override's tags; `outranked`, when another one is found first; or `expired`.",
						Computed:            true,
					},
					"reason": schema.StringAttribute{
						MarkdownDescription: "The outcome in words.",
						Computed:            true,
					},
				})},
			},
		}),
	}
}

// Read implements datasource.DataSource.
func (d *resolvedImageDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result resolvedModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := result.Connect(d.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	overrides, latest, failure := chainOverrides(ctx, client, scope)
	if failure != nil {
		resp.Diagnostics.Append(apidiag.Errors("Unable to Resolve Delegate Image", failure.at, failure.err)...)
		return
	}
	result.observe(delegate.Resolve(delegate.Delegate{
		Scope: scope,
		Name:  result.DelegateName.ValueString(),
		Tags:  tagsOf(result.Tags),
	}, overrides, delegate.PublishedImage(latest.Version), client.Now()))
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// lookupFailure is an error of the Manager, and the scope asked about.
type lookupFailure struct {
	at  delegate.Scope
	err error
}

// chainOverrides reads all that can decide for a delegate at the scope: the
// latest version of the account, and the overrides there and above. With a
// failure comes what was read before it.
func chainOverrides(ctx context.Context, client *harness.Client, scope delegate.Scope) ([]delegate.Override, harness.SupportedVersion, *lookupFailure) {
	account := delegate.Scope{Account: scope.Account}
	latest, err := client.LatestSupportedVersion(ctx, account)
	if err != nil {
		return nil, latest, &lookupFailure{account, err}
	}
	var all []delegate.Override
	for _, at := range scope.Chain() {
		overrides, err := client.Overrides(ctx, at)
		if err != nil {
			return all, latest, &lookupFailure{at, err}
		}
		all = append(all, overrides...)
	}
	return all, latest, nil
}

// observe fills in the resolution.
func (m *resolvedModel) observe(resolution delegate.Resolution) {
	m.Image = types.StringValue(resolution.Image)
	m.Version = types.StringNull()
	if version, ok := delegate.ImageVersion(resolution.Image); ok {
		m.Version = types.StringValue(version.String())
	}
	m.Source = types.StringValue(sourceLatest)
	if resolution.By != nil {
		m.Source = types.StringValue(sourceOverride)
		m.OverrideID = types.StringValue(resolution.By.Slot().ID())
		m.ValidUntil = timevalue.Of(resolution.By.ValidUntil)
	}
	m.Trail = []stepModel{}
	for _, step := range resolution.Trail {
		m.Trail = append(m.Trail, stepModel{
			entryModel: entryOf(step.Override),
			Outcome:    types.StringValue(string(step.Outcome)),
			Reason:     types.StringValue(step.Reason),
		})
	}
}
