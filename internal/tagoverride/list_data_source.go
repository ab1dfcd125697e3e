package tagoverride

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
)

// listDataSource lists what is set at a scope.
type listDataSource struct {
	providerdata.DataSource
}

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource makes the data source harnessdelegate_tag_overrides.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_tag_overrides"
}

// listModel is the data source as Terraform has it.
type listModel struct {
	scopeattr.Model

	Tags      types.Set    `tfsdk:"tags"`
	Overrides []entryModel `tfsdk:"overrides"`
}

// entryModel is one override in a list.
type entryModel struct {
	ID                   types.String      `tfsdk:"id"`
	Tags                 types.Set         `tfsdk:"tags"`
	DelegateTag          types.String      `tfsdk:"delegate_tag"`
	ValidTillNextRelease types.Bool        `tfsdk:"valid_till_next_release"`
	ValidUntil           timetypes.RFC3339 `tfsdk:"valid_until"`
}

func entryOf(o delegate.Override) entryModel {
	return entryModel{
		ID:                   types.StringValue(o.Slot().ID()),
		Tags:                 setOf(o.Tags),
		DelegateTag:          types.StringValue(o.Image),
		ValidTillNextRelease: types.BoolValue(o.ValidTillNextRelease),
		ValidUntil:           timevalue.Of(o.ValidUntil),
	}
}

// entryAttributes describes an entryModel, with what else the caller has.
func entryAttributes(others map[string]schema.Attribute) map[string]schema.Attribute {
	others["id"] = schema.StringAttribute{
		MarkdownDescription: "The slot of the override, which is also the import ID of `harnessdelegate_tag_override`.",
		Computed:            true,
	}
	others["tags"] = schema.SetAttribute{
		MarkdownDescription: "Delegate tags of the override. Null for the override without tags.",
		Computed:            true,
		ElementType:         types.StringType,
	}
	others["delegate_tag"] = schema.StringAttribute{
		MarkdownDescription: "The image that the Manager returns to upgraders.",
		Computed:            true,
	}
	others["valid_till_next_release"] = schema.BoolAttribute{
		MarkdownDescription: "Whether the override ends when Harness releases a new delegate to the account.",
		Computed:            true,
	}
	others["valid_until"] = schema.StringAttribute{
		MarkdownDescription: "When the override ends (RFC 3339, UTC). Null if the Manager returns no end.",
		Computed:            true,
		CustomType:          timetypes.RFC3339Type{},
	}
	return others
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the tag overrides of exactly one scope, not of scopes above or below it: at most one with delegate tags and one without.",
		Attributes: scopeattr.DataSourceAttributes(map[string]schema.Attribute{
			"tags": schema.SetAttribute{
				MarkdownDescription: "Only the override with exactly these delegate tags. An empty set selects the override without tags. By default, all overrides.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"overrides": schema.ListNestedAttribute{
				MarkdownDescription: "The overrides, the one without tags first. Overrides that have ended aren't listed.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: entryAttributes(map[string]schema.Attribute{})},
			},
		}),
	}
}

// Read implements datasource.DataSource.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := result.Connect(d.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	overrides, err := client.Overrides(ctx, scope)
	if err != nil {
		resp.Diagnostics.Append(apidiag.Errors("Unable to List Tag Overrides", scope, err)...)
		return
	}
	now := client.Now()
	result.Overrides = []entryModel{}
	for _, o := range sortedBySlot(overrides) {
		if o.ExpiredAt(now) || !result.Tags.IsNull() && !o.Tags.Equal(tagsOf(result.Tags)) {
			continue
		}
		result.Overrides = append(result.Overrides, entryOf(o))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// sortedBySlot puts the override without tags first; the Manager's order means
// nothing.
func sortedBySlot(overrides []delegate.Override) []delegate.Override {
	sorted := slices.Clone(overrides)
	slices.SortFunc(sorted, func(a, b delegate.Override) int { return -strings.Compare(a.Slot().ID(), b.Slot().ID()) })
	return sorted
}
