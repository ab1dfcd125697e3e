package tagoverride

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// resourceModel is the resource as Terraform has it.
type resourceModel struct {
	scopeattr.Model

	ID                   types.String      `tfsdk:"id"`
	Tags                 types.Set         `tfsdk:"tags"`
	DelegateTag          types.String      `tfsdk:"delegate_tag"`
	ValidForDays         wholenumber.Value `tfsdk:"valid_for_days"`
	ValidTillNextRelease types.Bool        `tfsdk:"valid_till_next_release"`
	RenewBeforeDays      wholenumber.Value `tfsdk:"renew_before_days"`
	RecreateAfterExpiry  types.Bool        `tfsdk:"recreate_after_expiry"`
	OverwriteExisting    types.Bool        `tfsdk:"overwrite_existing"`
	ValidUntil           timetypes.RFC3339 `tfsdk:"valid_until"`
	Status               types.String      `tfsdk:"status"`
	Timeouts             timeouts.Value    `tfsdk:"timeouts"`
}

// override is the domain's view. It is for where all values are known.
func (m *resourceModel) override() delegate.Override {
	return delegate.Override{
		Scope:                m.Known(),
		Tags:                 tagsOf(m.Tags),
		Image:                m.DelegateTag.ValueString(),
		ValidTillNextRelease: m.ValidTillNextRelease.ValueBool(),
		ValidUntil:           m.validUntil(),
	}
}

// describe is the override in words, as far as it is known.
func (m *resourceModel) describe() string {
	if m.known() {
		return m.override().String()
	}
	if m.DelegateTag.IsUnknown() {
		return "an image that isn't known yet"
	}
	return fmt.Sprintf("image %q", m.DelegateTag.ValueString())
}

// observe takes over what the Manager lists. A set of tags that is empty stays
// as the user wrote it: null or empty.
func (m *resourceModel) observe(found delegate.Override, now time.Time) {
	m.Model = scopeattr.FromScope(found.Scope)
	m.ID = types.StringValue(found.Slot().ID())
	if !tagsOf(m.Tags).Equal(found.Tags) {
		m.Tags = setOf(found.Tags)
	}
	m.DelegateTag = types.StringValue(found.Image)
	m.ValidTillNextRelease = types.BoolValue(found.ValidTillNextRelease)
	m.ValidUntil = timevalue.Of(found.ValidUntil)
	m.Status = types.StringValue(m.statusAt(now))
}

// statusAt tells the status of an override that exists.
func (m *resourceModel) statusAt(now time.Time) string {
	if m.renewalDue(now) {
		return statusExpiring
	}
	return statusActive
}

// renewalDue tells whether the end is within renew_before_days.
func (m *resourceModel) renewalDue(now time.Time) bool {
	end := m.validUntil()
	if end.IsZero() || m.RenewBeforeDays.IsNull() || m.RenewBeforeDays.IsUnknown() {
		return false
	}
	return !now.Before(end.AddDate(0, 0, -int(m.RenewBeforeDays.ValueInt64())))
}

// ended tells whether the state records an override that has ended.
func (m *resourceModel) ended() bool {
	status := m.Status.ValueString()
	return status == statusExpired || status == statusSuperseded
}

// recreates applies the default of recreate_after_expiry.
func (m *resourceModel) recreates() bool {
	if m.RecreateAfterExpiry.IsNull() || m.RecreateAfterExpiry.IsUnknown() {
		return !m.ValidTillNextRelease.ValueBool()
	}
	return m.RecreateAfterExpiry.ValueBool()
}

// validUntil is zero where none is known.
func (m *resourceModel) validUntil() time.Time {
	if m.ValidUntil.IsNull() || m.ValidUntil.IsUnknown() {
		return time.Time{}
	}
	end, diags := m.ValidUntil.ValueRFC3339Time()
	if diags.HasError() {
		return time.Time{}
	}
	return end
}

// tagsOf reads a set whose elements are known; null is the empty set.
func tagsOf(set types.Set) delegate.Tags {
	var tags []string
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok {
			tags = append(tags, text.ValueString())
		}
	}
	return delegate.NewTags(tags...)
}

// setOf writes the empty set as null.
func setOf(tags delegate.Tags) types.Set {
	if len(tags) == 0 {
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(tags))
	for i, tag := range tags {
		elements[i] = types.StringValue(tag)
	}
	return types.SetValueMust(types.StringType, elements)
}

// tagsKnown tells whether the set and all of its elements are known.
func tagsKnown(set types.Set) bool {
	return !set.IsUnknown() && !slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown)
}

// known tells whether every value that a write depends on is known.
func (m *resourceModel) known() bool {
	return m.IsKnown() && tagsKnown(m.Tags) && !m.DelegateTag.IsUnknown() &&
		!m.ValidForDays.IsUnknown() && !m.ValidTillNextRelease.IsUnknown()
}

// slot gives the slot of a model, if enough is known to tell.
func (m *resourceModel) slot() (delegate.Slot, bool) {
	if !m.IsKnown() || m.Tags.IsUnknown() {
		return delegate.Slot{}, false
	}
	// An element that isn't known yet still makes the set one with tags.
	return delegate.Slot{Scope: m.Known(), Tagged: len(m.Tags.Elements()) > 0}, true
}

// id is the slot's id, unknown where the slot is.
func (m *resourceModel) id() types.String {
	slot, known := m.slot()
	if !known {
		return types.StringUnknown()
	}
	return types.StringValue(slot.ID())
}
