package tagoverride

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

const unableToRenew = "Unable to Renew Tag Override"

// renewAction starts the term of an override again.
type renewAction struct {
	providerdata.Action
}

var _ action.ActionWithConfigure = (*renewAction)(nil)

// NewRenewAction makes the action harnessdelegate_renew_override.
func NewRenewAction() action.Action { return &renewAction{} }

// Metadata implements action.Action.
func (a *renewAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_renew_override"
}

// renewModel is the action's configuration.
type renewModel struct {
	scopeattr.Model

	Tags         types.Set         `tfsdk:"tags"`
	ValidForDays wholenumber.Value `tfsdk:"valid_for_days"`
}

// days is the term that is asked for.
func (m *renewModel) days() int {
	if m.ValidForDays.IsNull() {
		return delegate.DefaultValidForDays
	}
	return int(m.ValidForDays.ValueInt64())
}

// Schema implements action.Action.
func (a *renewAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Renews a tag override, whether Terraform manages it or not. " +
			"Image and tags are not changed.",
		Attributes: scopeattr.ActionAttributes(map[string]schema.Attribute{
			attrTags: schema.SetAttribute{
				MarkdownDescription: "The exact delegate tags of the override. Without tags, or with an empty set, the override without tags is renewed.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			attrValidForDays: schema.Int64Attribute{
				CustomType: wholenumber.Type{},
				MarkdownDescription: fmt.Sprintf("Days from now until the override ends: %d to %d. Defaults to `%d`. "+
					"The Manager doesn't return the previous term. Set it here if it was different.",
					delegate.MinValidForDays, delegate.MaxValidForDays, delegate.DefaultValidForDays),
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(delegate.MinValidForDays, delegate.MaxValidForDays)},
			},
		}),
	}
}

// Invoke implements action.Action.
func (a *renewAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config renewModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := config.Connect(a.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted := delegate.Override{Scope: scope, Tags: tagsOf(config.Tags)}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	before, after, err := client.RenewOverride(ctx, wanted.Slot(), config.days(), func(current *delegate.Override) error {
		if err := renewable(wanted, current); err != nil {
			return err
		}
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(
			"%s holds %s. Starting a term of %d days", capital(wanted.Slot().String()), current, config.days())})
		return nil
	})
	if err != nil {
		resp.Diagnostics.Append(explain(unableToRenew, wanted, err)...)
		return
	}
	resp.Diagnostics.Append(renewed(client, before, after, config.days())...)
	if !resp.Diagnostics.HasError() {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Renewed: valid until %s, was %s", end(after), end(before))})
	}
}

// renewable vetoes where there is nothing to renew.
func renewable(wanted delegate.Override, current *delegate.Override) error {
	switch {
	case current == nil:
		return &refusal{summary: unableToRenew, detail: fmt.Sprintf(
			"There is no override in %s: none was set, or it has ended. Nothing was written. Set it anew, with the resource harnessdelegate_tag_override or in Harness.",
			wanted.Slot())}
	case !current.Tags.Equal(wanted.Tags):
		return &refusal{summary: unableToRenew, at: path.Root(attrTags), detail: fmt.Sprintf(
			"%s holds an override with other tags than %s: %s. Nothing was written. Name its tags if that is the one to renew.",
			capital(wanted.Slot().String()), wanted.Tags, current)}
	case current.ValidTillNextRelease:
		return &refusal{summary: unableToRenew, detail: fmt.Sprintf(
			"The override in %s ends with the next delegate release, whatever its term: %s. Nothing was written. Set it without valid_till_next_release to have a term that can be renewed.",
			wanted.Slot(), current)}
	default:
		return nil
	}
}

// renewed judges the outcome of a write that the Manager has acknowledged.
func renewed(client *harness.Client, before, after delegate.Override, days int) diag.Diagnostics {
	due := client.Now().AddDate(0, 0, days)
	var diags diag.Diagnostics
	switch {
	case !after.ValidUntil.IsZero() && after.ValidUntil.Equal(before.ValidUntil) && due.Sub(after.ValidUntil) > 24*time.Hour:
		diags.AddError("Tag Override Not Renewed", fmt.Sprintf(
			"The Manager has accepted the write, but the override in %s still ends at %s. "+
				"If its list only lags behind, the next plan or query shows the new end. "+
				"Otherwise this Manager doesn't renew an override that is set again: remove it, and set it anew.", after.Slot(), end(after)))
	case after.ValidUntil.Before(before.ValidUntil) && before.ValidUntil.Sub(after.ValidUntil) > 24*time.Hour:
		diags.AddAttributeWarning(path.Root(attrValidForDays), "Override Ends Earlier Than Before", fmt.Sprintf(
			"The override in %s was valid until %s. A term of %d days from now ends at %s.", after.Slot(), end(before), days, end(after)))
	}
	if !diags.HasError() {
		diags.Append(endsEarly(after, due)...)
	}
	return diags
}

// end is when an override ends, for people.
func end(o delegate.Override) string {
	if o.ValidUntil.IsZero() {
		return "a time that the Manager doesn't name"
	}
	return o.ValidUntil.UTC().Format(time.RFC3339)
}
