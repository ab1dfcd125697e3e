package gracefulshutdown

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// lookTimeout bounds the look at the workload during a plan, which works without
// it.
const lookTimeout = 5 * time.Second

// ModifyPlan implements resource.ResourceWithModifyPlan. It settles the id, and
// tells what the change does to pods.
func (r *gracefulShutdownResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Data == nil { // validating
		return
	}
	var state *resourceModel
	if !req.State.Raw.IsNull() {
		state = &resourceModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if req.Plan.Raw.IsNull() {
		if state != nil && !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(r.destroyWarnings(ctx, *state, req.Private)...)
		}
		return
	}
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(attrID), plan.settledID())...)
	// A replacement is planned a second time, as a creation, and warned of then.
	if len(resp.RequiresReplace) > 0 || plan.Seconds.IsUnknown() {
		return
	}
	resp.Diagnostics.Append(tooShort(plan)...)
	if state == nil || !plan.Seconds.Equal(state.Seconds) {
		resp.Diagnostics.Append(r.changeWarnings(ctx, plan, state == nil)...)
	}
}

// tooShort warns of a grace period that the longest task doesn't fit into.
func tooShort(plan resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	grace, task := plan.Seconds.ValueInt64(), plan.LongestTask.ValueInt64()
	if plan.LongestTask.IsUnknown() || grace >= task {
		return diags
	}
	diags.AddAttributeWarning(path.Root(attrSeconds), "Grace Period Shorter Than the Longest Task", fmt.Sprintf(
		"termination_grace_period_seconds is %d and longest_task_seconds %d: an upgrade that comes early in such a task kills the delegate before the task is done, and the task is lost. "+
			"Set termination_grace_period_seconds to %d or more.", grace, task, task))
	return diags
}

// glance looks at a workload where enough is known and the cluster can be
// reached. A plan doesn't depend on it; apply says what is wrong.
func (r *gracefulShutdownResource) glance(ctx context.Context, p place) (found workload, exists, seen bool) {
	if len(r.Data.UnknownKubernetes()) > 0 {
		return workload{}, false, false
	}
	c, diags := clusterOf(r.Data)
	if diags.HasError() {
		return workload{}, false, false
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	found, exists, err := c.look(ctx, p)
	return found, exists, err == nil
}

func (r *gracefulShutdownResource) changeWarnings(ctx context.Context, plan resourceModel, creating bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if !plan.placed() {
		return diags
	}
	found, exists, seen := r.glance(ctx, plan.place())
	switch {
	case !seen:
		return diags
	case !exists:
		diags.AddAttributeWarning(path.Root(attrName), "Workload Not Found", fmt.Sprintf(
			"There is no %s. If this apply doesn't bring it before this resource is applied, that fails.", plan.place()))
		return diags
	case found.seconds == plan.Seconds.ValueInt64():
		return diags
	}
	// What is ours already belongs to another resource, and apply refuses it.
	if managers := found.inTheWay(); len(managers) > 0 && !plan.ForceConflicts.ValueBool() && (!creating || !found.ours()) {
		diags.AddAttributeWarning(path.Root(attrForceConflicts), "Grace Period Has Another Owner", ownerWarning(found, managers))
	}
	if text := rollWarning(found, plan.Seconds.ValueInt64()); text != "" {
		diags.AddAttributeWarning(path.Root(attrSeconds), podsReplaced, text)
	}
	return diags
}

func (r *gracefulShutdownResource) destroyWarnings(ctx context.Context, state resourceModel, private privateReader) diag.Diagnostics {
	var diags diag.Diagnostics
	found, exists, seen := r.glance(ctx, state.place())
	if !seen || !exists {
		return diags
	}
	end := endOf(found, knowsPrevious(ctx, private, &diags), state.Previous.ValueInt64Pointer())
	if text := rollWarning(found, end.after(found)); text != "" {
		diags.AddWarning(podsReplaced, text)
	}
	return diags
}
