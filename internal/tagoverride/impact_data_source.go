package tagoverride

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

const attrRemove = "remove"

// impactDataSource tells what an override would do before it is set.
type impactDataSource struct {
	providerdata.DataSource
}

var (
	_ datasource.DataSourceWithConfigure      = (*impactDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*impactDataSource)(nil)
)

// NewImpactDataSource makes the data source harnessdelegate_override_impact.
func NewImpactDataSource() datasource.DataSource { return &impactDataSource{} }

// Metadata implements datasource.DataSource.
func (d *impactDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_override_impact"
}

// impactModel is the data source as Terraform has it.
type impactModel struct {
	scopeattr.Model

	Tags        types.Set        `tfsdk:"tags"`
	DelegateTag types.String     `tfsdk:"delegate_tag"`
	Remove      types.Bool       `tfsdk:"remove"`
	Changes     []changeModel    `tfsdk:"changes"`
	Unchanged   []unchangedModel `tfsdk:"unchanged"`
	Summary     types.String     `tfsdk:"summary"`
	Unseen      []types.String   `tfsdk:"unseen"`
}

// affectedModel is a delegate that an override reaches.
type affectedModel struct {
	ID          types.String   `tfsdk:"id"`
	Name        types.String   `tfsdk:"name"`
	OrgID       types.String   `tfsdk:"org_id"`
	ProjectID   types.String   `tfsdk:"project_id"`
	Tags        types.Set      `tfsdk:"tags"`
	AutoUpgrade types.String   `tfsdk:"auto_upgrade"`
	Versions    []types.String `tfsdk:"versions"`
	Reason      types.String   `tfsdk:"reason"`
}

type changeModel struct {
	affectedModel

	From      types.String `tfsdk:"from"`
	To        types.String `tfsdk:"to"`
	Direction types.String `tfsdk:"direction"`
}

type unchangedModel struct {
	affectedModel

	Image types.String `tfsdk:"image"`
}

// Schema implements datasource.DataSource.
func (d *impactDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Determines the impact of setting or removing a tag override: which delegates at the scope and below would get another image, " +
			"and which would not and why. Nothing is written. " +
			"It reads the delegates, and the overrides of each scope with delegates. " +
			"It needs permission to view delegates at the scope and above and below it, and to view organizations and projects.",
		Attributes: scopeattr.DataSourceAttributes(map[string]schema.Attribute{
			"tags": schema.SetAttribute{
				MarkdownDescription: "Delegate tags of the override. With `remove`, any tag selects the scope's override with tags.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"delegate_tag": schema.StringAttribute{
				MarkdownDescription: "The image of the override. Set exactly one of this and `remove`.",
				Optional:            true,
				Validators:          []validator.String{imageReference{}},
			},
			attrRemove: schema.BoolAttribute{
				MarkdownDescription: "`true` to determine the impact of removing the existing override.",
				Optional:            true,
				Validators:          []validator.Bool{boolvalidator.Equals(true)},
			},
			"changes": schema.ListNestedAttribute{
				MarkdownDescription: "The delegates that would get another image, sorted by organization, project and name.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: affectedAttributes(map[string]schema.Attribute{
					"from": schema.StringAttribute{
						MarkdownDescription: "The image that the Manager returns to the upgrader now.",
						Computed:            true,
					},
					"to": schema.StringAttribute{
						MarkdownDescription: "The image that the Manager would return.",
						Computed:            true,
					},
					"direction": schema.StringAttribute{
						MarkdownDescription: "`upgrade`, `downgrade`, `same_version`, or `unknown` if one of the images has no version in its tag. " +
							"Upgraders don't compare versions, and also install a lower one.",
						Computed: true,
					},
				})},
			},
			"unchanged": schema.ListNestedAttribute{
				MarkdownDescription: "The other delegates at the scope and below.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: affectedAttributes(map[string]schema.Attribute{
					"image": schema.StringAttribute{
						MarkdownDescription: "The image that the Manager returns to the upgrader, before and after.",
						Computed:            true,
					},
				})},
			},
			"summary": schema.StringAttribute{
				MarkdownDescription: "Summary of both, such as `3 delegates get another image (2 upgrade, 1 downgrade), 14 keep theirs`. " +
					"It ends in `; not all could be seen` if `unseen` isn't empty.",
				Computed: true,
			},
			"unseen": schema.ListAttribute{
				MarkdownDescription: "What the key lacks access to, and why. Delegates of these scopes are in neither list. Empty if the result is complete. There is also a warning.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		}),
	}
}

// affectedAttributes describes an affectedModel, with what else the caller has.
func affectedAttributes(others map[string]schema.Attribute) map[string]schema.Attribute {
	texts := map[string]string{
		"id":         "Account, organization, project and name, separated by slashes.",
		"name":       "Name of the delegate.",
		"org_id":     "Identifier of its organization; null for a delegate of the account.",
		"project_id": "Identifier of its project; null for a delegate of the account or of an organization.",
		"auto_upgrade": "Auto-upgrade status: `ON`, `OFF`, `DETECTING`, or another value of a newer Manager. " +
			"With `OFF`, no upgrader sets the image.",
		"reason": "Why the image changes or doesn't change.",
	}
	for name, text := range texts {
		others[name] = schema.StringAttribute{MarkdownDescription: text, Computed: true}
	}
	others["tags"] = schema.SetAttribute{
		MarkdownDescription: "Its tags, among them its name in lower case.",
		Computed:            true,
		ElementType:         types.StringType,
	}
	others["versions"] = schema.ListAttribute{
		MarkdownDescription: "The distinct versions of its replicas.",
		Computed:            true,
		ElementType:         types.StringType,
	}
	return others
}

// ValidateConfig implements datasource.DataSourceWithValidateConfig.
func (d *impactDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config impactModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.DelegateTag.IsUnknown() || config.Remove.IsUnknown() {
		return
	}
	switch {
	case config.DelegateTag.IsNull() && config.Remove.IsNull():
		resp.Diagnostics.AddAttributeError(path.Root(attrDelegateTag), "Missing Change",
			"Neither delegate_tag nor remove is set. Set delegate_tag to ask about setting an override, or remove = true to ask about removing the one that is there.")
	case !config.DelegateTag.IsNull() && !config.Remove.IsNull():
		resp.Diagnostics.AddAttributeError(path.Root(attrRemove), "Two Changes",
			"Both delegate_tag and remove are set. Set delegate_tag to ask about setting an override, or remove = true to ask about removing the one that is there.")
	}
}

// Read implements datasource.DataSource.
func (d *impactDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result impactModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := result.Connect(d.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client.ForgetDelegates(harness.MaxListAge) // read late in an apply, it tells what is then
	impact, err := fleet.ReadImpact(ctx, client, result.change(scope))
	if err != nil {
		resp.Diagnostics.Append(apidiag.Errors("Unable to Tell the Impact of a Tag Override", scope, err)...)
		return
	}
	result.observe(impact)
	resp.Diagnostics.Append(unseenWarning(impact)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// change is what the configuration asks about.
func (m *impactModel) change(scope delegate.Scope) delegate.Change {
	want := delegate.Override{Scope: scope, Tags: tagsOf(m.Tags), Image: m.DelegateTag.ValueString()}
	if m.Remove.ValueBool() {
		return delegate.Change{Removed: []delegate.Slot{want.Slot()}}
	}
	return delegate.Change{Set: &want}
}

// observe fills in the impact.
func (m *impactModel) observe(impact fleet.Impact) {
	m.Changes, m.Unchanged, m.Unseen = []changeModel{}, []unchangedModel{}, []types.String{}
	for _, e := range impact.Effects {
		if !e.Changes() {
			m.Unchanged = append(m.Unchanged, unchangedModel{affectedOf(e), types.StringValue(e.After.Image)})
			continue
		}
		m.Changes = append(m.Changes, changeModel{
			affectedModel: affectedOf(e),
			From:          types.StringValue(e.Before.Image),
			To:            types.StringValue(e.After.Image),
			Direction:     types.StringValue(string(e.Direction)),
		})
	}
	summary := summaryOf(impact.Effects)
	if len(impact.Unseen) > 0 {
		summary += "; not all could be seen"
	}
	m.Summary = types.StringValue(summary)
	for _, unseen := range impact.Unseen {
		m.Unseen = append(m.Unseen, types.StringValue(unseen))
	}
}

func affectedOf(e fleet.Effect) affectedModel {
	affected := affectedModel{
		ID:          types.StringValue(strings.Join([]string{e.Delegate.Scope.Account, whereabouts(e.Delegate)}, "/")),
		Name:        types.StringValue(e.Delegate.Name),
		Tags:        setOf(e.Delegate.Tags),
		AutoUpgrade: types.StringValue(e.Member.AutoUpgrade),
		Versions:    []types.String{},
		Reason:      types.StringValue(e.Reason),
	}
	if e.Delegate.Scope.Org != "" {
		affected.OrgID = types.StringValue(e.Delegate.Scope.Org)
	}
	if e.Delegate.Scope.Project != "" {
		affected.ProjectID = types.StringValue(e.Delegate.Scope.Project)
	}
	for _, version := range e.Member.Versions() {
		affected.Versions = append(affected.Versions, types.StringValue(version))
	}
	return affected
}
