package tagoverride

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// Read implements resource.Resource. It tells apart why an override is not
// there any more.
func (r *overrideResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	slot, err := delegate.ParseSlotID(state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root(attrID), unableToRead, fmt.Sprintf("The state's id is damaged: %s.", err))
		return
	}
	// Before all else: whatever becomes of the object, it has an identity.
	resp.Diagnostics.Append(identify(ctx, resp.Identity, slot)...)
	if unknown := r.Data.Unknown(); len(unknown) > 0 {
		resp.Diagnostics.AddWarning("Refresh Skipped", fmt.Sprintf(
			"The provider's %s depends on something that is not applied yet, so the state of tag overrides is taken as it is.", strings.Join(unknown, " and ")))
		return
	}
	ctx, cancel := within(ctx, state.Timeouts.Read, &resp.Diagnostics)
	defer cancel()
	client, diags := r.Data.Client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	overrides, err := client.Overrides(ctx, slot.Scope)
	switch {
	case err != nil && scopeGone(err):
		resp.Diagnostics.AddWarning("Scope of a Tag Override Is Gone", fmt.Sprintf(
			"There is no %s any more, nor the override in it. (%s)", slot.Scope, err))
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(apidiag.Errors(unableToRead, slot.Scope, err)...)
		return
	}
	found, exists := delegate.InSlot(overrides, slot, client.Now())
	switch {
	case exists && found.SameTarget(state.override()):
		resp.Diagnostics.Append(r.refresh(ctx, client, state, found, resp)...)
		return
	case state.ended():
		// It was told before. What somebody else may have set since is theirs.
		return
	}
	how := r.ending(ctx, client, state, req.Private, &resp.Diagnostics)
	switch {
	case exists && how.status == "":
		// Somebody changed it, and apply is to change it back. Had it ended
		// before, it would be another override, and somebody else's.
		resp.Diagnostics.Append(r.refresh(ctx, client, state, found, resp)...)
		return
	case how.status == "" || state.recreates():
		resp.State.RemoveResource(ctx)
	default:
		state.Status = types.StringValue(how.status)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
	resp.Diagnostics.AddWarning(how.summary, how.detail)
}

// refresh takes over what the Manager lists.
func (r *overrideResource) refresh(
	ctx context.Context, client *harness.Client, state resourceModel, found delegate.Override, resp *resource.ReadResponse,
) diag.Diagnostics {
	r.run().managed.Set(found.Slot(), true)
	before := state
	state.observe(found, client.Now())
	diags := rememberRelease(ctx, client, found, resp.Private)
	if !reflect.DeepEqual(state, before) { // setting costs much more than comparing
		diags.Append(resp.State.Set(ctx, &state)...)
	}
	return diags
}

// ending is how an override came to be gone.
type ending struct {
	// status is empty where it was deleted.
	status  string
	summary string
	detail  string
}

// ending judges by what the state knows: when the override was to end, and
// which version was released when it was set.
func (r *overrideResource) ending(
	ctx context.Context, client *harness.Client, state resourceModel, private privateState, diags *diag.Diagnostics,
) ending {
	known := state.override()
	reached := "The delegates it reached follow other overrides now, or the latest supported version."
	if known.ExpiredAt(client.Now()) {
		next := "It is planned again."
		if !state.recreates() {
			next = "It stays in the state as expired; set recreate_after_expiry = true to have it planned again."
		}
		return ending{
			status:  statusExpired,
			summary: "Tag Override Expired",
			detail:  fmt.Sprintf("Time ran out for the override in %s: %s.\n\n%s %s", known.Slot(), known, reached, next),
		}
	}
	deleted := ending{
		summary: "Tag Override Deleted Elsewhere",
		detail:  fmt.Sprintf("Somebody removed the override in %s: %s.\n\n%s It is planned again.", known.Slot(), known, reached),
	}
	if !known.ValidTillNextRelease {
		return deleted
	}
	before, keyDiags := rememberedRelease(ctx, private)
	diags.Append(keyDiags...)
	released, err := client.LatestSupportedVersion(ctx, delegate.Scope{Account: known.Scope.Account})
	next := "As valid_till_next_release asks, it is let go."
	if state.recreates() {
		next = "As recreate_after_expiry asks, it is planned again."
	}
	switch {
	case err != nil || before == "":
		// Bringing back what may have been let go on purpose is the worse error.
		return ending{
			status:  statusSuperseded,
			summary: "Tag Override Ended",
			detail: fmt.Sprintf("The override in %s is gone, by a delegate release or by somebody's hand; which it was can't be told: %s.\n\n%s %s",
				known.Slot(), known, reached, next),
		}
	case released.Version != before:
		return ending{
			status:  statusSuperseded,
			summary: "Tag Override Ended by a Release",
			detail: fmt.Sprintf("Harness released delegate %s, which ended the override in %s, set under %s: %s.\n\n%s %s",
				released.Version, known.Slot(), before, known, reached, next),
		}
	default:
		return deleted
	}
}

// privateState is what the framework gives for data beside the state.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// releaseKey holds the latest supported version at the time an override with
// valid_till_next_release was set.
const releaseKey = "released_version"

// rememberRelease records the version under which an override that ends with
// the next release was first seen. It stays recorded while the override lives:
// a Manager may take some time between a release and the removal.
func rememberRelease(ctx context.Context, client *harness.Client, found delegate.Override, private privateState) diag.Diagnostics {
	before, diags := rememberedRelease(ctx, private)
	switch {
	case diags.HasError():
		return diags
	case !found.ValidTillNextRelease && before != "":
		return private.SetKey(ctx, releaseKey, nil)
	case !found.ValidTillNextRelease || before != "":
		return diags
	}
	released, err := client.LatestSupportedVersion(ctx, delegate.Scope{Account: found.Scope.Account})
	if err != nil {
		// Not worth failing a write that succeeded; the end of the override
		// can then not be explained.
		return diags
	}
	value, err := json.Marshal(released.Version)
	if err == nil {
		diags.Append(private.SetKey(ctx, releaseKey, value)...)
	}
	return diags
}

func rememberedRelease(ctx context.Context, private privateState) (string, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, releaseKey)
	var version string
	if len(value) > 0 {
		if err := json.Unmarshal(value, &version); err != nil {
			diags.AddWarning("Damaged Private State", fmt.Sprintf("The version recorded when the override was set can't be read: %s.", err))
		}
	}
	return version, diags
}
