package tagoverride

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// ValidateConfig implements resource.ResourceWithValidateConfig: the rules
// between attributes.
func (r *overrideResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	// One attribute first: Terraform asks twice per plan, and most often there
	// is nothing to check.
	var before wholenumber.Value
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(attrRenewBeforeDays), &before)...)
	if resp.Diagnostics.HasError() || before.IsNull() || before.IsUnknown() {
		return
	}
	var config resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.ValidTillNextRelease.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root(attrRenewBeforeDays), "Conflicting Arguments",
			"renew_before_days keeps an override alive, valid_till_next_release lets it go, and with the latter the Manager may name no end to renew before. Remove one of them.")
	}
	if config.ValidForDays.IsUnknown() {
		return
	}
	term := int64(delegate.DefaultValidForDays)
	if !config.ValidForDays.IsNull() {
		term = config.ValidForDays.ValueInt64()
	}
	if before.ValueInt64() >= delegate.MaxValidForDays || term < delegate.MinValidForDays || term > delegate.MaxValidForDays {
		return // out of range, which their own validators say
	}
	if before.ValueInt64() >= term {
		resp.Diagnostics.AddAttributeError(path.Root(attrRenewBeforeDays), "Renewal At Every Plan", fmt.Sprintf(
			"renew_before_days is %d and valid_for_days is %d, so that every plan would renew the override. Set renew_before_days to less than %d, or valid_for_days to more than %d.",
			before.ValueInt64(), term, term, before.ValueInt64()))
	}
}

// imageReference refuses texts that no container runtime could pull.
type imageReference struct{}

// Description implements validator.String.
func (imageReference) Description(context.Context) string {
	return "must be an image reference, such as registry.example.com/harness/delegate:24.04.82804"
}

// MarkdownDescription implements validator.String.
func (v imageReference) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v imageReference) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := delegate.ParseImage(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Image Reference", fmt.Sprintf(
			"%s %s: %s. The upgrader would set this text on the delegate's container, which could then pull no image.",
			req.Path, v.Description(ctx), err))
	}
}
