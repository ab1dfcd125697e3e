package functions

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// overrideArgument is the part of an entry of harnessdelegate_tag_overrides
// that tells what it does.
type overrideArgument struct {
	ID          types.String   `tfsdk:"id"`
	Tags        []types.String `tfsdk:"tags"`
	DelegateTag types.String   `tfsdk:"delegate_tag"`
	ValidUntil  types.String   `tfsdk:"valid_until"`
}

// delegateArgument is a delegate within its account.
type delegateArgument struct {
	OrgID     types.String   `tfsdk:"org_id"`
	ProjectID types.String   `tfsdk:"project_id"`
	Name      types.String   `tfsdk:"name"`
	Tags      []types.String `tfsdk:"tags"`
}

// overridesOf reads a list of overrides as one Manager could hold it for one
// account. The error names the element and its attribute.
func overridesOf(arguments []*overrideArgument) ([]delegate.Override, error) {
	overrides := make([]delegate.Override, 0, len(arguments))
	at := map[delegate.Slot]int{}
	for i, argument := range arguments {
		if argument == nil {
			return nil, fmt.Errorf("overrides[%d] is null", i)
		}
		override, err := argument.override()
		if err != nil {
			return nil, fmt.Errorf("overrides[%d]: %w", i, err)
		}
		slot := override.Slot()
		if first, taken := at[slot]; taken {
			return nil, fmt.Errorf("overrides[%d] and overrides[%d] both have the id %q, and a Manager holds one override for each", first, i, slot.ID())
		}
		at[slot] = i
		overrides = append(overrides, override)
		if one, other := overrides[0].Scope.Account, override.Scope.Account; one != other {
			return nil, fmt.Errorf("overrides[0] is of account %q and overrides[%d] of account %q; give those of the delegate's account only", one, i, other)
		}
	}
	return overrides, nil
}

// accountOf is the account of all overrides. Where there are none, its
// identifier decides nothing and shows nowhere.
func accountOf(overrides []delegate.Override) string {
	if len(overrides) == 0 {
		return "account"
	}
	return overrides[0].Scope.Account
}

func (a overrideArgument) override() (delegate.Override, error) {
	slot, err := delegate.ParseSlotID(a.ID.ValueString())
	if err != nil {
		return delegate.Override{}, fmt.Errorf("id: %w", err)
	}
	tags, err := tagsOf(a.Tags)
	if err != nil {
		return delegate.Override{}, err
	}
	if tagged := len(tags) > 0; tagged != slot.Tagged {
		return delegate.Override{}, fmt.Errorf("the id %q is that of an override that is %s, but its tags are %s", slot.ID(), slot.Kind(), tags)
	}
	if a.DelegateTag.ValueString() == "" {
		return delegate.Override{}, errors.New("delegate_tag, the image that delegates get, is null or empty")
	}
	override := delegate.Override{Scope: slot.Scope, Tags: tags, Image: a.DelegateTag.ValueString()}
	if !a.ValidUntil.IsNull() {
		override.ValidUntil, err = time.Parse(time.RFC3339, a.ValidUntil.ValueString())
		if err != nil {
			return delegate.Override{}, fmt.Errorf("valid_until, %q, is not a time such as 2024-04-30T12:00:00Z (RFC 3339)", a.ValidUntil.ValueString())
		}
	}
	return override, nil
}

func (a delegateArgument) in(account string) (delegate.Delegate, error) {
	scope := delegate.Scope{Account: account, Org: a.OrgID.ValueString(), Project: a.ProjectID.ValueString()}
	if err := scope.Validate(); err != nil {
		return delegate.Delegate{}, err
	}
	tags, err := tagsOf(a.Tags)
	return delegate.Delegate{Scope: scope, Name: a.Name.ValueString(), Tags: tags}, err
}

// tagsOf refuses what no Manager has a defined answer for.
func tagsOf(values []types.String) (delegate.Tags, error) {
	tags := make([]string, 0, len(values))
	for _, value := range values {
		if value.ValueString() == "" {
			return nil, errors.New("tags have an element that is null or empty")
		}
		tags = append(tags, value.ValueString())
	}
	return delegate.NewTags(tags...), nil
}
