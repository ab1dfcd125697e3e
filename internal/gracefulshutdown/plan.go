package gracefulshutdown

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

const podsReplaced = "Pods Will Be Replaced"

// lookTimeout limits the request for the workload during a plan, which doesn't
// depend on it.
const lookTimeout = 5 * time.Second

// ModifyPlan implements resource.ResourceWithModifyPlan. It sets the ID, and warns
// of what the change does to pods and to other managers of the field.
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
			resp.Diagnostics.Append(r.destroyWarnings(ctx, *state)...)
		}
		return
	}
	resp.Diagnostics.Append(r.configured()...)
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(attrID), plan.settledID())...)
	// Terraform plans a replacement a second time, as a creation, with the warnings.
	if len(resp.RequiresReplace) > 0 || plan.Seconds.IsUnknown() {
		return
	}
	resp.Diagnostics.Append(tooShort(plan)...)
	if state == nil || !plan.Seconds.Equal(state.Seconds) {
		resp.Diagnostics.Append(r.changeWarnings(ctx, plan, state == nil)...)
	}
}

// tooShort warns of a grace period that is shorter than the longest task.
func tooShort(plan resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	grace, task := plan.Seconds.ValueInt64(), plan.LongestTask.ValueInt64()
	if plan.LongestTask.IsUnknown() || grace >= task {
		return diags
	}
	diags.AddAttributeWarning(path.Root(attrSeconds), "Grace Period Shorter Than the Longest Task", fmt.Sprintf(
		"termination_grace_period_seconds is %d and longest_task_seconds is %d: an upgrade early in such a task kills the delegate before the task is done, and the task is lost. "+
			"Set termination_grace_period_seconds to %d or more.", grace, task, task))
	return diags
}

// configured says what is wrong with the provider's settings for Kubernetes, which
// would fail the apply.
func (r *gracefulShutdownResource) configured() diag.Diagnostics {
	if len(r.Data.UnknownKubernetes()) > 0 {
		return nil
	}
	_, diags := r.Data.Kubernetes()
	return diags
}

// glance reads a workload if the cluster is known and answers. If it doesn't answer,
// a warning says what was not checked.
func (r *gracefulShutdownResource) glance(ctx context.Context, p place) (found workload, exists, seen bool, diags diag.Diagnostics) {
	if len(r.Data.UnknownKubernetes()) > 0 {
		return workload{}, false, false, nil
	}
	c, diags := clusterOf(r.Data)
	if diags.HasError() {
		return workload{}, false, false, diags
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	found, exists, err := c.look(ctx, p)
	if err != nil {
		diags.Append(c.notChecked(p, err))
	}
	return found, exists, err == nil, diags
}

func (r *gracefulShutdownResource) changeWarnings(ctx context.Context, plan resourceModel, creating bool) diag.Diagnostics {
	if !plan.placed() {
		return nil
	}
	found, exists, seen, diags := r.glance(ctx, plan.place())
	switch {
	case !seen:
		return diags
	case !exists:
		diags.AddAttributeWarning(path.Root(attrName), "Workload Not Found", fmt.Sprintf(
			"There is no %s. Apply will fail unless something creates it first. If the same configuration does, add depends_on.", plan.place()))
		return diags
	case found.seconds == plan.Seconds.ValueInt64():
		return diags
	}
	// Apply refuses a creation if another resource of this kind owns the field.
	if found.declared() && (!creating || !found.ours()) {
		diags.AddAttributeWarning(path.Root(attrForceConflicts), "Grace Period Has Another Manager", ownerWarning(found, plan.ForceConflicts.ValueBool()))
	}
	if text := rollWarning(found, plan.Seconds.ValueInt64()); text != "" {
		diags.AddAttributeWarning(path.Root(attrSeconds), podsReplaced, text)
	}
	return diags
}

func (r *gracefulShutdownResource) destroyWarnings(ctx context.Context, state resourceModel) diag.Diagnostics {
	found, exists, seen, diags := r.glance(ctx, state.place())
	if !seen || !exists {
		return diags
	}
	end := endOf(found, state.Seconds.ValueInt64(), state.Previous.ValueInt64Pointer())
	if text := rollWarning(found, end.after(found)); text != "" {
		diags.AddWarning(podsReplaced, text)
	}
	return diags
}
