package tagoverride

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// The summaries of this resource's errors.
const (
	unableToCreate = "Unable to Create Tag Override"
	unableToRead   = "Unable to Read Tag Override"
	unableToUpdate = "Unable to Update Tag Override"
	unableToDelete = "Unable to Delete Tag Override"
	unableToImport = "Unable to Import Tag Override"
	twoResources   = "Two Resources for One Slot"
)

// refusal is a guard's veto: a complete message for the user.
type refusal struct {
	summary string
	detail  string
	at      path.Path
}

// Error implements error.
func (r *refusal) Error() string { return r.summary }

// Create implements resource.Resource.
func (r *overrideResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := within(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	client, diags := r.Data.Client()
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.resolveAccount(&plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	want := plan.override()
	resp.Diagnostics.Append(identify(ctx, resp.Identity, want.Slot())...)
	guard := func(current *delegate.Override) error {
		return occupied(client, want, current, plan.OverwriteExisting.ValueBool())
	}
	mayExist := r.write(ctx, client, &plan, guard, unableToCreate, resp.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() && !mayExist {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Update implements resource.Resource. On an error the state stays what it
// was; the next refresh reads what has become of the override.
func (r *overrideResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.override().Slot())...)
	if !writes(plan) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	client, diags := r.Data.Client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if mayBecomeDue(plan, state) && !mustWrite(plan, state) && !r.dueNow(ctx, client, plan, state) {
		plan.ValidUntil = state.ValidUntil
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	known := state.override()
	guard := func(current *delegate.Override) error {
		if state.ended() { // so what is there is not what the state knows
			return takenSince(occupied(client, plan.override(), current, plan.OverwriteExisting.ValueBool()))
		}
		if current == nil || current.SameTarget(known) || plan.OverwriteExisting.ValueBool() {
			return nil
		}
		return &refusal{
			summary: unableToUpdate,
			detail: fmt.Sprintf("Somebody else changed %s since the plan was made. The plan knew %s; now it holds %s. Nothing was written. "+
				"Make a new plan, which shows the difference.", known.Slot(), known, current),
		}
	}
	r.write(ctx, client, &plan, guard, unableToUpdate, resp.Private, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete implements resource.Resource.
func (r *overrideResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.ended() { // what may be in the slot by now is somebody else's
		return
	}
	ctx, cancel := within(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	client, diags := r.Data.Client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	known := state.override()
	if client.Wrote(known.Slot()) {
		// A new object took the slot earlier in this run (create before
		// destroy): what is there now is that object's.
		return
	}
	err := client.DeleteOverride(ctx, known.Slot(), func(current *delegate.Override) error {
		if current.SameTarget(known) {
			return nil
		}
		return &refusal{
			summary: unableToDelete,
			detail: fmt.Sprintf("Somebody else changed %s since the plan was made. The plan showed the removal of %s; now it holds %s. Nothing was deleted. "+
				"Make a new plan, or run \"terraform state rm\" to leave the override to whoever set it.", known.Slot(), known, current),
		}
	})
	if err != nil && !scopeGone(err) {
		resp.Diagnostics.Append(explain(unableToDelete, known, err)...)
	}
}

// write sets the override and fills the model with what the Manager then
// lists. After an error it tells whether the override may exist nevertheless,
// as far as is known; the model is then fit to be kept.
func (r *overrideResource) write(
	ctx context.Context, client *harness.Client, plan *resourceModel, guard harness.Guard,
	summary string, private privateState, diags *diag.Diagnostics,
) (mayExist bool) {
	want := plan.override()
	found, err := client.SetOverride(ctx, want, int(plan.ValidForDays.ValueInt64()), guard)
	if err != nil {
		diags.Append(explain(summary, want, err)...)
		plan.ID = types.StringValue(want.Slot().ID())
		plan.ValidUntil = timetypes.NewRFC3339Null()
		var unverified *harness.UnverifiedError
		// What somebody else put there in the meantime is not ours to keep.
		return errors.As(err, &unverified) && (unverified.Found == nil || unverified.Found.SameTarget(want))
	}
	plan.observe(found, client.Now())
	// Right after the write no renewal is due, whatever the numbers say.
	plan.Status = types.StringValue(statusActive)
	// The release under which it is set now is another one than before.
	diags.Append(private.SetKey(ctx, releaseKey, nil)...)
	diags.Append(rememberRelease(ctx, client, found, private)...)
	diags.Append(endsEarly(found, client.Now().AddDate(0, 0, int(plan.ValidForDays.ValueInt64())))...)
	return true
}

// endsEarly warns of a Manager that gives a shorter term than it was asked for,
// or doesn't renew an override that is set again.
func endsEarly(found delegate.Override, due time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	if found.ValidUntil.IsZero() || found.ValidTillNextRelease || due.Sub(found.ValidUntil) < 24*time.Hour {
		return diags
	}
	diags.AddAttributeWarning(path.Root(attrValidForDays), "Override Ends Earlier Than Asked", fmt.Sprintf(
		"The Manager has set the override in %s, but ends it at %s instead of about %s. Lower valid_for_days to what the Manager allows. If its list only lags behind, the next plan shows the new end.",
		found.Slot(), found.ValidUntil.UTC().Format(time.RFC3339), day(due)))
	return diags
}

// occupied vetoes the creation into a slot that holds something.
func occupied(client *harness.Client, want delegate.Override, current *delegate.Override, overwrite bool) error {
	switch {
	case current == nil:
		return nil
	case client.Wrote(want.Slot()):
		return &refusal{
			summary: twoResources,
			detail: fmt.Sprintf("Another resource of this configuration has just set %s: %s. A scope holds one override with tags and one without, "+
				"so that these two resources would overwrite each other at every apply. Keep one of them.", want.Slot(), current),
		}
	case overwrite:
		return nil
	default:
		detail := fmt.Sprintf("There is an override in %s that this resource doesn't manage: %s. Nothing was written.\n\n%s\n\n"+
			"Or set overwrite_existing = true to replace it.", want.Slot(), current, importHint(want.Slot()))
		if current.SameTarget(want) {
			detail += "\n\nIf it is this resource's own, because the resource is tainted or was to be replaced with create_before_destroy: " +
				"run \"terraform untaint\" on it, or leave create_before_destroy out, which helps only from one slot to another."
		}
		return &refusal{summary: "Tag Override Already Exists", detail: detail, at: path.Root(attrTags)}
	}
}

// takenSince completes the veto for a resource whose override has ended: its
// address is still in use.
func takenSince(err error) error {
	var veto *refusal
	if errors.As(err, &veto) {
		veto.detail += "\n\nThe override that this resource set there has ended. Run \"terraform state rm\" on the resource before you import what is there now."
	}
	return err
}

// importHint shows both ways to import what is in a slot. Terraform tells a provider
// neither the names nor the modules of its resources.
func importHint(slot delegate.Slot) string {
	return fmt.Sprintf("To manage it, import it with a block:\n\n"+
		"  import {\n    to = <ADDRESS>\n    id = %q\n  }\n\n"+
		"or with a command:\n\n  terraform import '<ADDRESS>' %s\n\n"+
		"<ADDRESS> is the resource's address, which Terraform shows with this error, such as module.team.harnessdelegate_tag_override.this. "+
		"The import block goes into the root module.", slot.ID(), slot.ID())
}

// explain turns an error of a write into diagnostics.
func explain(summary string, want delegate.Override, err error) diag.Diagnostics {
	var (
		diags      diag.Diagnostics
		veto       *refusal
		unverified *harness.UnverifiedError
	)
	switch {
	case errors.As(err, &veto):
		if len(veto.at.Steps()) > 0 {
			diags.AddAttributeError(veto.at, veto.summary, veto.detail)
		} else {
			diags.AddError(veto.summary, veto.detail)
		}
	case errors.As(err, &unverified) && unverified.Elsewhere != nil:
		diags.AddError(summary, fmt.Sprintf(
			"The Manager seems to have ignored the scope or the tags and set the override for the whole account: %s now holds %s. "+
				"There it reaches every delegate of the account. If nobody else has just set it, remove it with the API's delete-delegate-override call, or import %q and destroy it; "+
				"then upgrade the Manager before using overrides narrower than the account.",
			unverified.Elsewhere.Slot(), unverified.Elsewhere, unverified.Elsewhere.Slot().ID()))
	case errors.As(err, &unverified) && unverified.Removed:
		diags.Append(apidiag.Errors(summary, want.Scope, err)...)
		diags.AddWarning("Override Removed", fmt.Sprintf(
			"This Manager never clears validTillNextRelease of an override, so the one in %s was removed to be set anew. That it was removed is certain, that it was set again is not: the slot may be empty. Apply again.", want.Slot()))
	case errors.As(err, &unverified) && unverified.Err == nil:
		diags.AddError(summary, capital(fmt.Sprintf(
			"%s. Either somebody else wrote at the same time, or the Manager did not do what it said. Make a new plan, which shows how things stand.",
			unverified)))
	case errors.As(err, &unverified):
		diags.Append(apidiag.Errors(summary, want.Scope, err)...)
		diags.AddWarning("Outcome of the Write Not Known", fmt.Sprintf(
			"The write to %s was sent, but what became of it could not be made sure of. Make a new plan when the Manager can be reached again: it finds out, and apply puts things right.", want.Slot()))
	default:
		diags.Append(apidiag.Errors(summary, want.Scope, err)...)
	}
	return diags
}

// resolveAccount sets the account of a plan in which it wasn't known.
func (r *overrideResource) resolveAccount(plan *resourceModel) diag.Diagnostics {
	if !plan.AccountID.IsUnknown() {
		return nil
	}
	account, diags := r.Data.Account(types.StringNull())
	plan.AccountID = account
	return diags
}

// scopeGone tells that the organization or project doesn't exist any more, and
// with it no override of it.
func scopeGone(err error) bool {
	var apiError *harness.APIError
	return errors.As(err, &apiError) && (apiError.UnknownOrg() || apiError.UnknownProject())
}

// within bounds the context by a configured timeout.
func within(
	ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, timeoutDiags := configured(ctx, defaultTimeout)
	diags.Append(timeoutDiags...)
	return context.WithTimeout(ctx, limit)
}
