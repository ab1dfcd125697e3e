package tagoverride

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
)

// Terraform shows one of several warnings with equal summaries. So that no list of
// delegates is lost, each override has a summary of its own, up to a number that
// can still be read.
const (
	impactSummary   = "Delegates Get Another Image"
	impactSummaries = 10
)

// warnOfWrite tells what a planned write does to delegates.
func (r *overrideResource) warnOfWrite(ctx context.Context, plan resourceModel) (*fleet.Impact, diag.Diagnostics) {
	if !plan.known() {
		return nil, nil
	}
	want := plan.override()
	if r.run().told.Has(want.Slot()) {
		return nil, nil
	}
	return r.warnOfImpact(ctx, want, delegate.Change{Set: &want}, path.Root(attrDelegateTag), "Apply sets "+quoted(want))
}

// warnOfMove tells what it does to delegates that an override is replaced by one in
// another slot. It remembers that, so that nothing is looked up for the creation that
// the same replacement is planned as once more.
func (r *overrideResource) warnOfMove(ctx context.Context, plan, state resourceModel) (*fleet.Impact, diag.Diagnostics) {
	slot, known := state.slot()
	if !plan.known() || !known || state.ended() {
		return r.warnOfWrite(ctx, plan)
	}
	want := plan.override()
	r.run().told.Set(want.Slot(), true)
	change := delegate.Change{Set: &want, Removed: []delegate.Slot{slot}}
	return r.warnOfImpact(ctx, want, change, path.Root(attrDelegateTag), "Apply sets "+quoted(want)+", and removes "+quoted(state.override()))
}

// warnOfDestruction tells what the end of an override does to delegates.
func (r *overrideResource) warnOfDestruction(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var state resourceModel
	diags := req.State.Get(ctx, &state)
	slot, known := state.slot()
	if diags.HasError() || !known || state.ended() {
		return diags
	}
	_, diags = r.warnOfImpact(ctx, state.override(), delegate.Change{Removed: []delegate.Slot{slot}}, path.Empty(), "Apply removes "+quoted(state.override()))
	return diags
}

// warnOfImpact looks the delegates up within the run's budget. It never makes a
// plan fail, and says nothing where nothing changes or can be seen.
func (r *overrideResource) warnOfImpact(
	ctx context.Context, of delegate.Override, change delegate.Change, at path.Path, what string,
) (*fleet.Impact, diag.Diagnostics) {
	budget := r.Data.ImpactBudget()
	if budget == nil || r.run().unreachable.Load() {
		return nil, nil
	}
	client, diags := r.Data.Client()
	if diags.HasError() {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	impact, err := budget.ReadImpact(ctx, client, change)
	if err != nil {
		r.lookupFailed(ctx, err)
		return nil, nil
	}
	if len(changing(impact.Effects)) == 0 {
		return &impact, nil
	}
	summary := summaryFor(of, int(r.run().impacts.Add(1)))
	var warning diag.Diagnostics
	detail := fmt.Sprintf("%s. By itself, that means: %s.\n\n%s", what, summaryOf(impact.Effects), listOf(impact.Effects))
	if len(impact.Unseen) > 0 {
		detail += "\n\nThere may be more. Not seen:\n" + unseenText(impact)
	}
	if at.Equal(path.Empty()) {
		warning.AddWarning(summary, detail)
	} else {
		warning.AddAttributeWarning(at, summary, detail)
	}
	return &impact, warning
}

// summaryFor is the summary of the nth warning of a run.
func summaryFor(o delegate.Override, nth int) string {
	at := capital(strings.TrimPrefix(o.Scope.Short(), "the "))
	switch {
	case nth > impactSummaries:
		return impactSummary + ": More Than " + strconv.Itoa(impactSummaries) + " Overrides"
	case len(o.Tags) > 0:
		return fmt.Sprintf("%s: %s, Tags %s", impactSummary, at, o.Tags)
	default:
		return fmt.Sprintf("%s: %s", impactSummary, at)
	}
}

// quoted describes an override by its image and place.
func quoted(o delegate.Override) string {
	text := fmt.Sprintf("%q for %s", o.Image, o.Scope.Short())
	if len(o.Tags) > 0 {
		text += fmt.Sprintf(" and the tags %s", o.Tags)
	}
	return text
}
