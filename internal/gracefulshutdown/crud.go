package gracefulshutdown

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Create implements resource.Resource.
func (r *gracefulShutdownResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(r.set(ctx, plan, true, &resp.State, resp.Identity)...)
}

// Update implements resource.Resource.
func (r *gracefulShutdownResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(r.set(ctx, plan, false, &resp.State, resp.Identity)...)
}

// set sets the grace period. It never creates a workload. The value that a
// creation finds is the one that destroying gives back, whoever owns it: of a
// value that an earlier destroy gave back, nobody is the owner.
func (r *gracefulShutdownResource) set(
	ctx context.Context, plan resourceModel, creating bool, state *tfsdk.State, identity *tfsdk.ResourceIdentity,
) diag.Diagnostics {
	c, diags := clusterOf(r.Data)
	if diags.HasError() {
		return diags
	}
	p := plan.place()
	defer r.Data.Lock(lockKey(p))()
	found, exists, err := c.look(ctx, p)
	switch {
	case err != nil:
		return append(diags, c.explain(unableToSet, "read", found, err))
	case !exists:
		return append(diags, missing(p))
	case creating && found.ours():
		return append(diags, alreadyOurs(p))
	case creating:
		plan.ID, plan.Previous = types.StringValue(p.id()), types.Int64Value(found.seconds)
	}
	err = c.apply(ctx, p, plan.Seconds.ValueInt64(), plan.ForceConflicts.ValueBool())
	if err != nil {
		diags.Append(c.explain(unableToSet, "write", found, err))
	}
	// A creation without an answer may have set it, and destroying gives it back.
	if err == nil || creating && unanswered(err) {
		diags.Append(state.Set(ctx, &plan)...)
		diags.Append(identify(ctx, identity, p)...)
	}
	if err == nil && plan.WaitForRollout.ValueBool() {
		diags.Append(c.awaitRollout(ctx, p)...)
	}
	return diags
}

// Delete implements resource.Resource. It gives back the previous value, unless
// another manager has changed the field or owns it, too.
func (r *gracefulShutdownResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	c, diags := clusterOf(r.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p := state.place()
	defer r.Data.Lock(lockKey(p))()
	found, exists, err := c.look(ctx, p)
	switch {
	case err != nil:
		resp.Diagnostics.Append(c.explain(unableToGiveBack, "read", found, err))
	case exists:
		end := endOf(found, state.Seconds.ValueInt64(), state.Previous.ValueInt64Pointer())
		resp.Diagnostics.Append(c.giveBack(ctx, found, end)...)
	}
}

func (c *cluster) giveBack(ctx context.Context, found workload, end ending) diag.Diagnostics {
	var diags diag.Diagnostics
	if end.left != "" {
		diags.AddWarning("Grace Period Not Given Back", end.left)
	}
	var err error
	if end.restore != nil {
		err = c.apply(ctx, found.place, *end.restore, false)
	}
	if err == nil && end.release {
		err = c.release(ctx, found.place)
	}
	if err != nil {
		diags.Append(c.explain(unableToGiveBack, "write", found, err))
	}
	return diags
}

func lockKey(p place) string { return "graceful shutdown of " + p.id() }

// within bounds the context by a configured timeout.
func within(
	ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, timeoutDiags := configured(ctx, defaultTimeout)
	diags.Append(timeoutDiags...)
	return context.WithTimeout(ctx, limit)
}
