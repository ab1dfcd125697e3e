package harness

import (
	"context"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// RenewOverride starts the term of the override in a slot again, for
// validForDays days from now, and returns what the Manager listed before and
// lists afterwards. Image, tags and flag are written as they are at that moment;
// the guard looks at them before, and vetoes where there is nothing to renew.
//
// It is as careful as SetOverride, and its errors are the same. But renewing
// takes no slot: Wrote doesn't tell of it.
func (c *Client) RenewOverride(
	ctx context.Context, slot delegate.Slot, validForDays int, guard Guard,
) (before, after delegate.Override, err error) {
	unlock, err := c.writing.lock(ctx, slot.Scope)
	if err != nil {
		return delegate.Override{}, delegate.Override{}, err
	}
	defer unlock()

	current, err := c.guarded(ctx, slot, guard)
	if err != nil {
		return delegate.Override{}, delegate.Override{}, err
	}
	after, err = c.putUntilListed(ctx, *current, validForDays)
	return *current, after, err
}
