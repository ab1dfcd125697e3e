package gracefulshutdown

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Create implements resource.Resource. It never makes a workload: to apply one
// field of what isn't there would.
func (r *gracefulShutdownResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	c, diags := clusterOf(r.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p := plan.place()
	defer r.Data.Lock(lockKey(p))()
	found, exists, err := c.look(ctx, p)
	switch {
	case err != nil:
		resp.Diagnostics.Append(c.explain(unableToSet, "read", p, err))
		return
	case !exists:
		resp.Diagnostics.Append(missing(p))
		return
	case found.ours():
		resp.Diagnostics.Append(alreadyOurs(p))
		return
	}
	plan.ID = types.StringValue(p.id())
	plan.Previous = types.Int64PointerValue(found.previous())
	err = c.apply(ctx, p, plan.Seconds.ValueInt64Pointer(), plan.ForceConflicts.ValueBool())
	if err != nil {
		resp.Diagnostics.Append(c.explain(unableToSet, "write", p, err))
	}
	if err == nil || unanswered(err) { // it may be set, and destroying gives it back then
		rememberPrevious(ctx, resp.Private, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		resp.Diagnostics.Append(identify(ctx, resp.Identity, p)...)
	}
	if err == nil && plan.WaitForRollout.ValueBool() {
		resp.Diagnostics.Append(c.awaitRollout(ctx, p)...)
	}
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
	c, diags := clusterOf(r.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p := plan.place()
	defer r.Data.Lock(lockKey(p))()
	_, exists, err := c.look(ctx, p)
	switch {
	case err != nil:
		resp.Diagnostics.Append(c.explain(unableToSet, "read", p, err))
		return
	case !exists:
		resp.Diagnostics.Append(missing(p))
		return
	}
	if err := c.apply(ctx, p, plan.Seconds.ValueInt64Pointer(), plan.ForceConflicts.ValueBool()); err != nil {
		resp.Diagnostics.Append(c.explain(unableToSet, "write", p, err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, p)...)
	if plan.WaitForRollout.ValueBool() {
		resp.Diagnostics.Append(c.awaitRollout(ctx, p)...)
	}
}

// Delete implements resource.Resource. It gives back what was found at creation,
// unless somebody else has changed it or owns it, too.
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
	if err != nil {
		resp.Diagnostics.Append(c.explain(unableToGiveBack, "read", p, err))
		return
	}
	if !exists {
		return
	}
	r.giveBack(ctx, c, found, state, req.Private, &resp.Diagnostics)
}

func (r *gracefulShutdownResource) giveBack(ctx context.Context, c *cluster, found workload, state resourceModel, private privateReader, diags *diag.Diagnostics) {
	end := endOf(found, knowsPrevious(ctx, private, diags), state.Previous.ValueInt64Pointer())
	if end.left != "" {
		diags.AddWarning("Grace Period Left as It Is", end.left)
	}
	var err error
	if end.write {
		err = c.apply(ctx, found.place, end.seconds, false)
	}
	if err == nil && end.release {
		err = c.release(ctx, found.place)
	}
	if err != nil {
		diags.Append(c.explain(unableToGiveBack, "write", found.place, err))
	}
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
