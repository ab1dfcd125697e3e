package tagoverride

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// ImportState implements resource.ResourceWithImportState. It looks whether the
// slot holds something, so that a wrong id is answered with what there is. Read
// then fills in what the Manager lists.
func (r *overrideResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	slot, err := delegate.ParseSlotID(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf("The import id %s. For example: %q.", err, "aBcDeFgHiJkLmNoPqRsTuV/default/payments/untagged"))
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
	now := client.Now()
	if _, exists := delegate.InSlot(overrides, slot, now); !exists {
		resp.Diagnostics.AddError(unableToImport, fmt.Sprintf("There is no override in %s. %s", slot, inventory(overrides, slot)))
		return
	}
	for name, value := range map[string]any{
		attrID: slot.ID(),
		// The Manager doesn't tell the term, and the other two are the
		// provider's own: the defaults, as a configuration without them has.
		attrValidForDays:         int64(delegate.DefaultValidForDays),
		attrValidTillNextRelease: false,
		attrOverwriteExisting:    false,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
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
