package tagoverride

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// ImportState implements resource.ResourceWithImportState. It looks whether the
// slot holds something, so that a wrong id or identity is answered with what
// there is. Read then follows up.
func (r *overrideResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	slot, diags := r.wantedSlot(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Data.Client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	overrides, err := client.Overrides(ctx, slot.Scope)
	if err != nil {
		resp.Diagnostics.Append(apidiag.Errors(unableToImport, slot.Scope, err)...)
		return
	}
	found, exists := delegate.InSlot(overrides, slot, client.Now())
	if !exists {
		resp.Diagnostics.AddError(unableToImport, fmt.Sprintf("There is no override in %s. %s", slot, inventory(overrides, slot)))
		return
	}
	imported, diags := asImported(ctx, found, client.Now(), resp.State)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &imported)...)
	// Whole, where parts were left out.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityOf(slot))...)
}

// wantedSlot reads the id or the identity that an import names, whichever it is.
func (r *overrideResource) wantedSlot(ctx context.Context, req resource.ImportStateRequest) (delegate.Slot, diag.Diagnostics) {
	var diags diag.Diagnostics
	if req.Identity.Raw.IsFullyNull() {
		slot, err := delegate.ParseSlotID(req.ID)
		if err != nil {
			diags.AddError("Invalid Import Id", fmt.Sprintf("The import id %s. For example: %q.", err, "aBcDeFgHiJkLmNoPqRsTuV/default/payments/untagged"))
		}
		return slot, diags
	}
	var identity identityModel
	diags.Append(req.Identity.Get(ctx, &identity)...)
	account, accountDiags := r.Data.Account(identity.AccountID)
	diags.Append(accountDiags...)
	if diags.HasError() {
		return delegate.Slot{}, diags
	}
	identity.AccountID = account
	slot, err := identity.slot()
	if err != nil {
		diags.AddError("Invalid Import Identity", fmt.Sprintf("The identity names no slot: %s.", err))
	}
	return slot, diags
}

// blank is where an object's attributes are read and none is set yet.
type blank interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}

// asImported is an override that was there before Terraform, as the resource
// has it. What the Manager doesn't tell (the term) and what is the provider's
// own are the defaults, as a configuration without them has.
func asImported(ctx context.Context, found delegate.Override, now time.Time, nothing blank) (resourceModel, diag.Diagnostics) {
	model := resourceModel{
		Tags:              types.SetNull(types.StringType),
		ValidForDays:      wholenumber.Of(delegate.DefaultValidForDays),
		OverwriteExisting: types.BoolValue(false),
	}
	// Null, but of a type that only the schema knows.
	diags := nothing.GetAttribute(ctx, path.Root(attrTimeouts), &model.Timeouts)
	model.observe(found, now)
	return model, diags
}

// inventory says what the scope holds instead.
func inventory(overrides []delegate.Override, slot delegate.Slot) string {
	var held []string
	for _, o := range overrides {
		if o.Slot() == slot {
			return fmt.Sprintf("The last one ended at %s.", o.ValidUntil.UTC().Format(time.RFC3339))
		}
		held = append(held, fmt.Sprintf("%q: %s", o.Slot().ID(), o))
	}
	if len(held) == 0 {
		return "Nothing is set at this scope."
	}
	return fmt.Sprintf("What is set at this scope: %s.", strings.Join(held, "; "))
}
