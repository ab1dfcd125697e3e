package tagoverride

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// ModifyPlan implements resource.ResourceWithModifyPlan. It settles what a plan
// shows: the account by the provider's, the slot, whether the override will be
// written (then valid_until is not known yet, and only then), and warnings.
func (r *overrideResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Data == nil { // validating
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.warnOfDestruction(ctx, req)...)
		return
	}
	if slot, holds, nothing := r.nothingToDo(req); nothing {
		resp.Diagnostics.Append(r.claimSlot(ctx, slot, holds, resp.Private)...)
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

	resp.Diagnostics.Append(r.planAccount(config, &plan, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = plan.id()
	if state == nil {
		planWrite(&plan)
	} else {
		resp.RequiresReplace.Append(replacedBy(plan, *state)...)
		planChange(&plan, *state)
	}

	// Single attributes, because setting the whole plan could turn a value
	// that the user left out into one that the framework refuses.
	for name, value := range map[string]any{
		scopeattr.AccountID: plan.AccountID,
		attrID:              plan.ID,
		attrValidUntil:      plan.ValidUntil,
		attrStatus:          plan.Status,
	} {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), value)...)
	}
	if slot, known := plan.slot(); known && !plan.ended() {
		resp.Diagnostics.Append(r.claimSlot(ctx, slot, plan.describe(), resp.Private)...)
	}
	if !writes(plan) || resp.Diagnostics.HasError() {
		return
	}
	// A replacement is planned a second time, as a creation, and Terraform drops
	// the warnings of that: what there is to say is said now.
	var impact *fleet.Impact
	var warnings diag.Diagnostics
	before := state
	if state != nil && replaces(plan, *state) {
		before = nil
		impact, warnings = r.warnOfMove(ctx, plan, *state)
	} else {
		impact, warnings = r.warnOfWrite(ctx, plan)
	}
	resp.Diagnostics.Append(warnings...)
	resp.Diagnostics.Append(r.warnings(ctx, plan, before, impact)...)
}

// nothingToDo recognizes the most frequent plan by its raw values, since reading
// them into models is what costs most in a plan of many overrides: nothing
// differs, no renewal is due, and the account is the provider's. It also gives the
// slot and the image that it holds.
func (r *overrideResource) nothingToDo(req resource.ModifyPlanRequest) (slot delegate.Slot, image string, nothing bool) {
	if !req.Plan.Raw.Equal(req.State.Raw) {
		return slot, "", false
	}
	var values map[string]tftypes.Value
	if req.State.Raw.As(&values) != nil {
		return slot, "", false
	}
	text := func(name string) (text string) {
		_ = values[name].As(&text) // null is the empty string
		return text
	}
	slot, err := delegate.ParseSlotID(text(attrID))
	of, diags := r.Data.Account(types.StringNull())
	return slot, fmt.Sprintf("image %q", text(attrDelegateTag)),
		err == nil && !diags.HasError() && text(attrStatus) == statusActive && text(scopeattr.AccountID) == of.ValueString()
}

// planAccount sets the account that the configuration leaves to the provider.
// One that isn't known yet is taken to stay what it is: asking for replacement
// because of it would be a guess.
func (r *overrideResource) planAccount(config resourceModel, plan, state *resourceModel) diag.Diagnostics {
	if !config.AccountID.IsNull() {
		return nil
	}
	account, diags := r.Data.Account(types.StringNull())
	if account.IsUnknown() && state != nil {
		account = state.AccountID
	}
	plan.AccountID = account
	return diags
}

// replacedBy names the attributes that ask for another slot than the state's.
// The scope's own attributes ask for themselves; the account may also change
// with the provider's.
func replacedBy(plan, state resourceModel) path.Paths {
	var paths path.Paths
	if !plan.AccountID.IsUnknown() && !plan.AccountID.Equal(state.AccountID) {
		paths = append(paths, path.Root(scopeattr.AccountID))
	}
	if !plan.Tags.IsUnknown() && (len(plan.Tags.Elements()) > 0) != (len(state.Tags.Elements()) > 0) {
		paths = append(paths, path.Root(attrTags))
	}
	return paths
}

// replaces tells whether the plan asks for another slot than the state's, be it by
// replacedBy or by the attributes that ask for themselves.
func replaces(plan, state resourceModel) bool {
	return len(replacedBy(plan, state)) > 0 || !plan.OrgID.Equal(state.OrgID) || !plan.ProjectID.Equal(state.ProjectID)
}

// planChange decides between a write and a change of the state alone. It never
// asks the clock: a plan and its apply must come to the same, however much time
// passes between them.
func planChange(plan *resourceModel, state resourceModel) {
	switch {
	case state.ended() && (!plan.known() || plan.RecreateAfterExpiry.IsUnknown()):
		// Whether it is wanted again depends on what isn't known yet.
		planWrite(plan)
		plan.Status = types.StringUnknown()
	case mustWrite(*plan, state), mayBecomeDue(*plan, state):
		planWrite(plan)
	case state.ended():
		plan.ValidUntil, plan.Status = state.ValidUntil, state.Status
	default:
		// What made it "expiring" may have been taken away.
		plan.ValidUntil, plan.Status = state.ValidUntil, types.StringValue(statusActive)
	}
}

// mustWrite tells whether the override has to be written for what the plan and
// the state say.
func mustWrite(plan, state resourceModel) bool {
	// For the Manager, no set of tags and an empty one are the same.
	sameTags := tagsKnown(plan.Tags) && tagsOf(plan.Tags).Equal(tagsOf(state.Tags))
	changed := !sameTags ||
		!plan.AccountID.Equal(state.AccountID) || !plan.OrgID.Equal(state.OrgID) || !plan.ProjectID.Equal(state.ProjectID) ||
		!plan.DelegateTag.Equal(state.DelegateTag) ||
		!plan.ValidForDays.Equal(state.ValidForDays) ||
		!plan.ValidTillNextRelease.Equal(state.ValidTillNextRelease)
	due := plan.RenewBeforeDays.Equal(state.RenewBeforeDays) && state.Status.ValueString() == statusExpiring
	return changed || due || state.ended() && plan.recreates()
}

// mayBecomeDue tells whether the plan changes when to renew so that it may be due
// at once. Update looks at the clock then.
func mayBecomeDue(plan, state resourceModel) bool {
	if state.ended() || state.validUntil().IsZero() || plan.RenewBeforeDays.IsNull() || plan.RenewBeforeDays.Equal(state.RenewBeforeDays) {
		return false
	}
	return plan.RenewBeforeDays.IsUnknown() || state.Status.ValueString() == statusExpiring ||
		plan.RenewBeforeDays.ValueInt64() > state.RenewBeforeDays.ValueInt64()
}

// dueNow tells whether the renewal that the plan asks for is due, by the
// Manager's clock. A run that has read nothing yet has to ask for it.
func (r *overrideResource) dueNow(ctx context.Context, client *harness.Client, plan, state resourceModel) bool {
	if !client.KnowsTime() {
		if _, err := client.Overrides(ctx, state.Known()); err != nil {
			tflog.Debug(ctx, "The Manager's time is not known", map[string]any{"error": err.Error()})
		}
	}
	due := resourceModel{ValidUntil: state.ValidUntil, RenewBeforeDays: plan.RenewBeforeDays}
	return due.renewalDue(client.Now())
}

// planWrite marks the plan as one that writes the override.
func planWrite(plan *resourceModel) {
	plan.ValidUntil = timetypes.NewRFC3339Unknown()
	plan.Status = types.StringValue(statusActive)
}

// writes tells whether the plan may write the override; an update that doesn't
// changes only what the state keeps.
func writes(plan resourceModel) bool { return plan.ValidUntil.IsUnknown() }
