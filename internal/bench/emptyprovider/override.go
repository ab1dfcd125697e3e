package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// override has the attributes of a tag override and exists in the state only.
type override struct{}

func newOverride() resource.Resource { return override{} }

type model struct {
	ID                   types.String `tfsdk:"id"`
	AccountID            types.String `tfsdk:"account_id"`
	OrgID                types.String `tfsdk:"org_id"`
	ProjectID            types.String `tfsdk:"project_id"`
	Tags                 types.Set    `tfsdk:"tags"`
	DelegateTag          types.String `tfsdk:"delegate_tag"`
	ValidForDays         types.Int64  `tfsdk:"valid_for_days"`
	ValidTillNextRelease types.Bool   `tfsdk:"valid_till_next_release"`
	RenewBeforeDays      types.Int64  `tfsdk:"renew_before_days"`
	RecreateAfterExpiry  types.Bool   `tfsdk:"recreate_after_expiry"`
	OverwriteExisting    types.Bool   `tfsdk:"overwrite_existing"`
	ValidUntil           types.String `tfsdk:"valid_until"`
	Status               types.String `tfsdk:"status"`
}

// Metadata implements resource.Resource.
func (override) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName + "_tag_override"
}

// Schema implements resource.Resource.
func (override) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                      computed(),
		"account_id":              computed(),
		"org_id":                  schema.StringAttribute{Optional: true},
		"project_id":              schema.StringAttribute{Optional: true},
		"tags":                    schema.SetAttribute{Optional: true, ElementType: types.StringType},
		"delegate_tag":            schema.StringAttribute{Required: true},
		"valid_for_days":          schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(180)},
		"valid_till_next_release": schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false)},
		"renew_before_days":       schema.Int64Attribute{Optional: true},
		"recreate_after_expiry":   schema.BoolAttribute{Optional: true},
		"overwrite_existing":      schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false)},
		"valid_until":             computed(),
		"status":                  computed(),
	}}
}

func computed() schema.StringAttribute {
	return schema.StringAttribute{
		Computed:      true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// Create implements resource.Resource. It makes up what a server would have
// told.
func (override) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.AccountID = types.StringValue("aBcDeFgHiJkLmNoPqRsTuV")
	plan.ID = types.StringValue(plan.AccountID.ValueString() + "/" + plan.OrgID.ValueString() + "/" + plan.ProjectID.ValueString())
	plan.ValidUntil = types.StringValue("2024-08-13T12:00:00Z")
	plan.Status = types.StringValue("active")
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read implements resource.Resource. It reads the state and writes it back, as
// a provider does whose server says that nothing has changed.
func (override) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update implements resource.Resource.
func (override) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

// Delete implements resource.Resource. The framework takes it out of the state.
func (override) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
