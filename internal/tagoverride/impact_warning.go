package tagoverride

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// impactSummary is one for all overrides, so that Terraform folds the warnings
// of a plan that changes many.
const impactSummary = "Delegates Get Another Image"

// warnOfWrite tells what a planned write does to delegates.
func (r *overrideResource) warnOfWrite(ctx context.Context, plan resourceModel) diag.Diagnostics {
	if !plan.known() {
		return nil
	}
	want := plan.override()
	if r.Data.Noted(toldKey(want)) {
		return nil
	}
	return r.warnOfImpact(ctx, delegate.Change{Set: &want}, path.Root(attrDelegateTag), "Apply sets "+quoted(want))
}

// warnOfMove tells what it does to delegates that an override is replaced by one in
// another slot. It notes that, so that nothing is looked up for the creation that
// the same replacement is planned as once more.
func (r *overrideResource) warnOfMove(ctx context.Context, plan, state resourceModel) diag.Diagnostics {
	slot, known := state.slot()
	if !plan.known() || !known || state.ended() {
		return r.warnOfWrite(ctx, plan)
	}
	want := plan.override()
	r.Data.Note(toldKey(want), "")
	change := delegate.Change{Set: &want, Removed: []delegate.Slot{slot}}
	return r.warnOfImpact(ctx, change, path.Root(attrDelegateTag), "Apply sets "+quoted(want)+", and removes "+quoted(state.override()))
}

// toldKey is the key under which it is noted that the impact of an override was
// told.
func toldKey(o delegate.Override) string { return "told the impact on " + o.Slot().ID() }

// warnOfDestruction tells what the end of an override does to delegates.
func (r *overrideResource) warnOfDestruction(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var state resourceModel
	diags := req.State.Get(ctx, &state)
	slot, known := state.slot()
	if diags.HasError() || !known || state.ended() {
		return diags
	}
	return r.warnOfImpact(ctx, delegate.Change{Removed: []delegate.Slot{slot}}, path.Empty(), "Apply removes "+quoted(state.override()))
}

// warnOfImpact looks the delegates up within the run's budget. It never makes a
// plan fail, and says nothing where nothing changes or can be seen.
func (r *overrideResource) warnOfImpact(ctx context.Context, change delegate.Change, at path.Path, what string) diag.Diagnostics {
	budget := r.Data.ImpactBudget()
	if budget == nil || r.Data.Noted(lookupFailed) {
		return nil
	}
	client, diags := r.Data.Client()
	if diags.HasError() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	impact, err := budget.ReadImpact(ctx, client, change)
	if err != nil {
		r.lookupFailed(ctx, err)
		return nil
	}
	if len(changing(impact.Effects)) == 0 {
		return nil
	}
	var warning diag.Diagnostics
	detail := fmt.Sprintf("%s. By itself, that means: %s.\n\n%s", what, summaryOf(impact.Effects), listOf(impact.Effects))
	if len(impact.Unseen) > 0 {
		detail += "\n\nThere may be more. Not seen:\n" + unseenText(impact)
	}
	if at.Equal(path.Empty()) {
		warning.AddWarning(impactSummary, detail)
	} else {
		warning.AddAttributeWarning(at, impactSummary, detail)
	}
	return warning
}

// quoted describes an override by its image and place.
func quoted(o delegate.Override) string {
	text := fmt.Sprintf("%q for %s", o.Image, o.Scope.Short())
	if len(o.Tags) > 0 {
		text += fmt.Sprintf(" and the tags %s", o.Tags)
	}
	return text
}
