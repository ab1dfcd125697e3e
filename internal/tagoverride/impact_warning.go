package tagoverride

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
)

// impactSummary is one for all overrides, so that Terraform folds the warnings
// of a plan that changes many.
const impactSummary = "Delegates Get Another Image"

// warnOfWrite tells what a planned write does to delegates. A replacement is
// planned twice, first with the state and then as a creation: the first knows
// of both slots and speaks for the second.
func (r *overrideResource) warnOfWrite(ctx context.Context, plan resourceModel, state *resourceModel, replacing bool) diag.Diagnostics {
	if !plan.known() {
		return nil
	}
	want := plan.override()
	told := "told the impact on " + want.Slot().ID()
	if r.Data.Noted(told) {
		return nil
	}
	change := delegate.Change{Set: &want}
	if replacing && state != nil && !state.ended() {
		if slot, known := state.slot(); known {
			r.Data.Note(told, "")
			change.Removed = []delegate.Slot{slot}
		}
	}
	return r.warnOfImpact(ctx, change, path.Root(attrDelegateTag), "Apply sets "+quoted(want))
}

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
	detail := fmt.Sprintf("%s. By itself, that means: %s.\n\n%s", what, summaryOf(impact.Effects), listOf(impact.Effects)) + unseenText(impact)
	if at.Equal(path.Empty()) {
		warning.AddWarning(impactSummary, detail)
	} else {
		warning.AddAttributeWarning(at, impactSummary, detail)
	}
	return warning
}

func unseenText(impact fleet.Impact) string {
	if len(impact.Unseen) == 0 {
		return ""
	}
	text := "\n\nThere may be more. Not seen:"
	for _, unseen := range impact.Unseen {
		text += "\n  - " + unseen
	}
	return text
}

// quoted describes an override by its image and place.
func quoted(o delegate.Override) string {
	text := fmt.Sprintf("%q for %s", o.Image, o.Scope.Short())
	if len(o.Tags) > 0 {
		text += fmt.Sprintf(" and the tags %s", o.Tags)
	}
	return text
}
