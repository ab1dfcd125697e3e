package delegates

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
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

// listDataSource lists delegates.
type listDataSource struct {
	providerdata.DataSource
}

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource makes the data source harnessdelegate_delegates.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_delegates"
}

// listModel is the data source as Terraform has it.
type listModel struct {
	scopeattr.Model

	IncludeChildScopes types.Bool   `tfsdk:"include_child_scopes"`
	Name               types.String `tfsdk:"name"`
	NameRegex          types.String `tfsdk:"name_regex"`
	Tags               types.Set    `tfsdk:"tags"`
	Type               types.String `tfsdk:"type"`
	Connected          types.Bool   `tfsdk:"connected"`
	VersionStatus      types.String `tfsdk:"version_status"`
	AutoUpgrade        types.String `tfsdk:"auto_upgrade"`
	GroupDetails       types.Bool   `tfsdk:"group_details"`
	Delegates          types.List   `tfsdk:"delegates"`
	Unseen             []string     `tfsdk:"unseen"`
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the delegates of an account, an organization or a project, optionally with those below it: their versions, support dates, " +
			"and auto-upgrade status. All filters must match.",
		Attributes: scopeattr.DataSourceAttributes(map[string]schema.Attribute{
			"include_child_scopes": schema.BoolAttribute{
				MarkdownDescription: "Whether to include the delegates of the organizations and projects below the scope. Defaults to `false`.",
				Optional:            true,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Only delegates with exactly this name. With child scopes there may be several.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("name_regex"))},
			},
			"name_regex": schema.StringAttribute{
				MarkdownDescription: "Only delegates whose name matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)), anywhere in the name unless anchored by `^` and `$`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), regularExpression{}},
			},
			"tags": schema.SetAttribute{
				MarkdownDescription: "Only delegates with all of these delegate tags. Tags are case-sensitive. The name in lower case is also a tag.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "Only delegates of this type, such as `KUBERNETES`, `HELM_DELEGATE` or `DOCKER`.",
				Optional:            true,
				Validators:          []validator.String{constant("KUBERNETES")},
			},
			"connected": schema.BoolAttribute{
				MarkdownDescription: "Only connected (`true`) or disconnected (`false`) delegates.",
				Optional:            true,
			},
			"version_status": schema.StringAttribute{
				MarkdownDescription: "Only delegates with a replica in this status of the Manager: `ACTIVE`, `EXPIRING`, `EXPIRED` or `UNSUPPORTED`. " +
					"The Manager computes it independently of `support_status`. It takes one more request for each scope with matching delegates.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf("ACTIVE", "EXPIRING", "EXPIRED", "UNSUPPORTED")},
			},
			"auto_upgrade": schema.StringAttribute{
				MarkdownDescription: "Only delegates with this auto-upgrade status: `ON`, `OFF`, `DETECTING`, or another value of a newer Manager.",
				Optional:            true,
				Validators:          []validator.String{constant("ON")},
			},
			attrGroupDetails: detailsAttribute(),
			"delegates": schema.ListNestedAttribute{
				MarkdownDescription: "The delegates, sorted by organization, project and name, those of a scope before those below it.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: entryAttributes()},
			},
			"unseen": schema.ListAttribute{
				MarkdownDescription: "What the key lacks access to, and why, one entry per reason. Empty if the result is complete. There is also a warning.",
				Computed:            true,
				ElementType:         types.StringType,
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
	wanted, diags := result.filter(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client.ForgetDelegates(harness.MaxListAge)
	found, err := fleet.Read(ctx, client, fleet.Query{
		Scope:         scope,
		Below:         result.IncludeChildScopes.ValueBool(),
		Keep:          wanted.keeps,
		VersionStatus: result.VersionStatus.ValueString(),
		Details:       wantsDetails(result.GroupDetails),
	})
	if err != nil {
		resp.Diagnostics.Append(apidiag.Errors("Unable to List Delegates", scope, err)...)
		return
	}
	now := client.Now()
	entries := make([]entryModel, len(found.Members))
	for i, member := range found.Members {
		entries[i] = entryOf(member, now)
	}
	distinguish(entries)
	result.Delegates = listOf(entries)
	result.Unseen = append([]string{}, found.Unseen...)
	resp.Diagnostics.Append(unseenWarning(found.Unseen)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// filter is what the arguments ask for.
func (m *listModel) filter(ctx context.Context) (filter, diag.Diagnostics) {
	wanted := filter{
		name:        m.Name.ValueString(),
		kind:        m.Type.ValueString(),
		connected:   m.Connected.ValueBoolPointer(),
		autoUpgrade: m.AutoUpgrade.ValueString(),
	}
	var tags []string
	diags := m.Tags.ElementsAs(ctx, &tags, false)
	wanted.tags = delegate.NewTags(tags...)
	if pattern := m.NameRegex.ValueString(); pattern != "" {
		var err error
		if wanted.nameRegex, err = regexp.Compile(pattern); err != nil { // the validator has refused it already
			diags.AddAttributeError(path.Root("name_regex"), "Invalid Regular Expression", err.Error())
		}
	}
	return wanted, diags
}
