package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// example exists in the state only.
type example struct{}

func newExample() resource.Resource { return example{} }

type model struct {
	ID           types.String `tfsdk:"id"`
	Configurable types.String `tfsdk:"configurable_attribute"`
	Defaulted    types.String `tfsdk:"defaulted"`
}

// Metadata implements resource.Resource.
func (example) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName + "_example"
}

// Schema implements resource.Resource.
func (example) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                     schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"configurable_attribute": schema.StringAttribute{Optional: true},
		"defaulted":              schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("default")},
	}}
}

// Create implements resource.Resource.
func (example) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	plan.ID = types.StringValue("example-id")
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read implements resource.Resource. It reads the state and writes it back, as
// a provider does whose server says that nothing has changed.
func (example) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update implements resource.Resource.
func (example) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

// Delete implements resource.Resource. The framework takes it out of the state.
func (example) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
