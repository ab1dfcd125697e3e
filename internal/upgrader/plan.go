package upgrader

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// ModifyPlan implements resource.ResourceWithModifyPlan. It settles what a plan
// shows: arguments that follow from others, the id and the objects, and the
// drift emptied, which makes a plan that repairs of one that would do nothing.
func (r *upgraderResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Data == nil || req.Plan.Raw.IsNull() { // validating, or destroying
		return
	}
	var config, plan resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var state *resourceModel
	if !req.State.Raw.IsNull() {
		state = &resourceModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.settleAll(ctx, config, r, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// Single attributes, because setting the whole plan could turn a value
	// that the user left out into one that the framework refuses.
	for name, value := range map[string]any{
		scopeattr.AccountID: plan.AccountID,
		attrManagerEndpoint: plan.ManagerEndpoint,
		attrImage:           plan.Image,
		attrID:              plan.ID,
		attrObjects:         plan.Objects,
		attrDrift:           plan.Drift,
	} {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), value)...)
	}
	resp.Diagnostics.Append(settleBlocks(ctx, resp, plan)...)
	if state != nil {
		resp.RequiresReplace.Append(otherPlatform(plan, *state)...)
	}
	// A replacement is planned a second time, as a creation, and warned of then.
	if len(resp.RequiresReplace) == 0 && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.warnings(ctx, config, plan, state, req.Private)...)
	}
}

// settleAll settles every attribute of the resource.
func (m *resourceModel) settleAll(ctx context.Context, config resourceModel, r *upgraderResource, diags *diag.Diagnostics) {
	m.settle(ctx, config.commonModel, r.Data, diags)
	checkNames(m.upgrader(ctx, diags), diags)
	m.ID = m.settledID(ctx, diags)
	m.Objects = m.settledObjects(ctx, diags)
	m.Drift = types.ListValueMust(types.StringType, nil)
}

// settleBlocks sets the names within the blocks.
func settleBlocks(ctx context.Context, resp *resource.ModifyPlanResponse, plan resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if block := decode[kubernetesModel](ctx, plan.Kubernetes, &diags); block != nil {
		diags.Append(resp.Plan.SetAttribute(ctx, inKubernetes(attrNames), block.Names)...)
	}
	if block := decode[dockerModel](ctx, plan.Docker, &diags); block != nil {
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root(attrDocker).AtName(attrName), block.Name)...)
	}
	return diags
}

// otherPlatform gives the blocks that force a replacement: an upgrader can't
// move from one platform to the other.
func otherPlatform(plan, state resourceModel) path.Paths {
	var paths path.Paths
	if !plan.Kubernetes.IsUnknown() && plan.Kubernetes.IsNull() != state.Kubernetes.IsNull() {
		paths.Append(path.Root(attrKubernetes))
	}
	if !plan.Docker.IsUnknown() && plan.Docker.IsNull() != state.Docker.IsNull() {
		paths.Append(path.Root(attrDocker))
	}
	return paths
}
