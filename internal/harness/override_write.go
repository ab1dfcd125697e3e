package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

const (
	// guardAge is how old a list may be that a guard judges by. Terraform plans
	// once more just before it applies, so that the list has often been read a
	// moment ago. A window between reading and writing there is in any case:
	// the API has no conditional writes.
	guardAge = time.Second
	// verifyReads is how often a write that was acknowledged is looked for
	// before it is held to be missing: a Manager may read from a replica.
	verifyReads = 3
	// verifyGrace is what is left for looking after a write whose context has
	// ended, so that it is known what became of it.
	verifyGrace = 10 * time.Second
	// termTolerance covers the difference of both clocks, and a change to or
	// from summer time within the term: Managers count calendar days.
	termTolerance = 2 * time.Hour
	// landedTolerance is how exactly the term of an override must fit a write
	// for it to be that write's.
	landedTolerance = 2 * time.Minute
)

// Guard looks at what takes the slot just before it is written or deleted (nil
// for nothing) and vetoes with an error.
type Guard func(current *delegate.Override) error

// SetOverride makes the slot of the override hold it, for validForDays days
// from now, and returns what the Manager then lists. Writes to one scope take
// turns.
//
// It makes sure before: the Manager must list the overrides of the scope, and
// the guard must agree with what is there. It makes sure afterwards: a write
// counts when the list shows it. A write whose answer was lost is repeated
// only if the list doesn't show it; repeating is safe, because the same
// override set twice is the same override.
//
// Errors are those of the guard and of reading the list, with nothing written;
// a *RejectedError, with nothing written; or a *UnverifiedError, with the
// override perhaps in place.
func (c *Client) SetOverride(ctx context.Context, want delegate.Override, validForDays int, guard Guard) (delegate.Override, error) {
	unlock, err := c.writing.lock(ctx, want.Scope)
	if err != nil {
		return delegate.Override{}, err
	}
	defer unlock()

	if _, err := c.guarded(ctx, want.Slot(), guard); err != nil {
		return delegate.Override{}, err
	}
	found, err := c.putUntilListed(ctx, want, validForDays)
	if err == nil && found.ValidTillNextRelease && !want.ValidTillNextRelease {
		// Some Managers never clear the flag of an entry; a new entry has none.
		if err = c.deleteUntilGone(ctx, found); err == nil {
			if found, err = c.putUntilListed(ctx, want, validForDays); err != nil {
				err = &UnverifiedError{Want: want, Removed: true, Err: err}
			}
		}
	}
	switch {
	case err != nil:
		return delegate.Override{}, err
	case found.ValidTillNextRelease != want.ValidTillNextRelease:
		return delegate.Override{}, &UnverifiedError{Want: want, Found: &found}
	default:
		c.written.Store(want.Slot(), struct{}{})
		return found, nil
	}
}

// Wrote tells whether this client has set the slot and not emptied it since.
func (c *Client) Wrote(slot delegate.Slot) bool {
	_, ok := c.written.Load(slot)
	return ok
}

// guarded puts what takes the slot now to the guard.
func (c *Client) guarded(ctx context.Context, slot delegate.Slot, guard Guard) (*delegate.Override, error) {
	c.overrides.forget(slot.Scope, guardAge)
	overrides, err := c.Overrides(ctx, slot.Scope)
	if err != nil {
		return nil, err
	}
	var current *delegate.Override
	if found, ok := delegate.InSlot(overrides, slot, c.Now()); ok {
		current = &found
	}
	return current, guard(current)
}

func (c *Client) putUntilListed(ctx context.Context, want delegate.Override, validForDays int) (delegate.Override, error) {
	for attempt := 0; ; attempt++ {
		putErr := c.putOverride(ctx, want, validForDays)
		if rejection := rejected(putErr); rejection != nil {
			return delegate.Override{}, rejection
		}
		found, err := c.lookFor(ctx, want, validForDays, putErr == nil)
		switch {
		case err != nil:
			return delegate.Override{}, &UnverifiedError{Want: want, Err: errors.Join(putErr, err)}
		case found != nil && found.SameTarget(want) &&
			(putErr == nil || found.ValidTillNextRelease == want.ValidTillNextRelease && c.fresh(*found, validForDays)):
			return *found, nil
		case putErr == nil:
			return delegate.Override{}, &UnverifiedError{Want: want, Found: found, Elsewhere: c.landedInAccount(ctx, want, validForDays)}
		case attempt >= c.retries || ctx.Err() != nil:
			return delegate.Override{}, &UnverifiedError{Want: want, Found: found, Err: putErr}
		}
		if err := sleep(ctx, c.backoff.exponential(attempt)); err != nil {
			return delegate.Override{}, &UnverifiedError{Want: want, Found: found, Err: errors.Join(putErr, err)}
		}
	}
}

// lookFor lists the scope until the slot holds what was wanted, or enough has
// been looked. Without an acknowledgement one look is enough.
func (c *Client) lookFor(ctx context.Context, want delegate.Override, validForDays int, acknowledged bool) (*delegate.Override, error) {
	ctx, cancel := afterEnd(ctx)
	defer cancel()
	var found *delegate.Override
	for look := range verifyReads {
		if look > 0 {
			if err := sleep(ctx, c.backoff.exponential(look-1)); err != nil {
				return nil, err
			}
		}
		overrides, err := c.freshOverrides(ctx, want.Scope)
		if err != nil {
			return nil, err
		}
		found = nil
		if current, ok := delegate.InSlot(overrides, want.Slot(), c.Now()); ok {
			found = &current
		}
		if !acknowledged || found != nil && found.SameTarget(want) && found.ValidTillNextRelease == want.ValidTillNextRelease && c.fresh(*found, validForDays) {
			break
		}
	}
	return found, nil
}

// fresh tells whether the end of an override fits a write of now.
func (c *Client) fresh(found delegate.Override, validForDays int) bool {
	if found.ValidTillNextRelease || found.ValidUntil.IsZero() {
		return true
	}
	due := c.Now().AddDate(0, 0, validForDays)
	return found.ValidUntil.Sub(due).Abs() < termTolerance
}

// landedInAccount finds out, for a write to a narrower slot that isn't to be
// seen there, whether the Manager has set it for the whole account instead. It
// only adds to an error, so its own failures are of no interest.
func (c *Client) landedInAccount(ctx context.Context, want delegate.Override, validForDays int) *delegate.Override {
	account := delegate.Scope{Account: want.Scope.Account}
	wide := delegate.Slot{Scope: account}
	if want.Slot() == wide {
		return nil
	}
	overrides, err := c.freshOverrides(ctx, account)
	if err != nil {
		return nil
	}
	found, ok := delegate.InSlot(overrides, wide, c.Now())
	// Only one that was set just now, and not by us, can be it.
	early := found.ValidUntil.Sub(c.Now().AddDate(0, 0, validForDays)).Abs()
	justSet := early <= landedTolerance || found.ValidUntil.IsZero() && found.ValidTillNextRelease && want.ValidTillNextRelease
	if !ok || found.Image != want.Image || c.Wrote(wide) || !justSet {
		return nil
	}
	return &found
}

// DeleteOverride empties the slot, if the guard agrees with what is there. An
// empty slot is success; the guard isn't asked then. Afterwards it makes sure
// that the entry is gone. Errors are as with SetOverride.
func (c *Client) DeleteOverride(ctx context.Context, slot delegate.Slot, guard Guard) error {
	unlock, err := c.writing.lock(ctx, slot.Scope)
	if err != nil {
		return err
	}
	defer unlock()
	current, err := c.guarded(ctx, slot, func(current *delegate.Override) error {
		if current == nil {
			return nil
		}
		return guard(current)
	})
	if err != nil || current == nil {
		return err
	}
	if err := c.deleteUntilGone(ctx, *current); err != nil {
		return err
	}
	c.written.Delete(slot)
	return nil
}

func (c *Client) deleteUntilGone(ctx context.Context, doomed delegate.Override) error {
	for attempt := 0; ; attempt++ {
		deleteErr := c.deleteOverride(ctx, doomed.Scope, doomed.Tags)
		remains, err := c.remains(ctx, doomed, deleteErr == nil)
		switch {
		case err != nil:
			return &UnverifiedError{Want: doomed, Err: errors.Join(deleteErr, err)}
		case !remains:
			// Also where the Manager refused: a repeated call finds nothing to
			// delete, and some Managers call that an error.
			return nil
		}
		if rejection := rejected(deleteErr); rejection != nil {
			return rejection
		}
		if deleteErr == nil || attempt >= c.retries || ctx.Err() != nil {
			return &UnverifiedError{Want: doomed, Found: &doomed, Err: deleteErr}
		}
		if err := sleep(ctx, c.backoff.exponential(attempt)); err != nil {
			return &UnverifiedError{Want: doomed, Err: errors.Join(deleteErr, err)}
		}
	}
}

// remains lists the scope until the entry is gone, or enough has been looked.
// Another override in the slot is somebody else's.
func (c *Client) remains(ctx context.Context, doomed delegate.Override, acknowledged bool) (bool, error) {
	ctx, cancel := afterEnd(ctx)
	defer cancel()
	for look := range verifyReads {
		if look > 0 {
			if err := sleep(ctx, c.backoff.exponential(look-1)); err != nil {
				return false, err
			}
		}
		overrides, err := c.freshOverrides(ctx, doomed.Scope)
		if err != nil {
			return false, err
		}
		current, ok := delegate.InSlot(overrides, doomed.Slot(), c.Now())
		if !ok || !current.SameTarget(doomed) {
			return false, nil
		}
		if !acknowledged {
			break
		}
	}
	return true, nil
}

// afterEnd gives a context for looking what became of a write: the write's
// own, or a short one where that has ended (Ctrl-C, a timeout).
func afterEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), verifyGrace)
}

// rejected tells the errors after which nothing can have changed: the Manager
// refused, or never got the request.
func rejected(err error) *RejectedError {
	var apiError *APIError
	if errors.As(err, &apiError) && apiError.rejected() {
		return &RejectedError{Err: err}
	}
	if err != nil && (neverSent(err) || !mayPass(err) && !errors.Is(err, errReplyTooLarge)) {
		return &RejectedError{Err: err}
	}
	return nil
}

// RejectedError tells that a write was refused or never arrived, so that
// nothing has changed.
type RejectedError struct{ Err error }

// Error implements error.
func (e *RejectedError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RejectedError) Unwrap() error { return e.Err }

// UnverifiedError tells that a write was sent, but that the Manager's list
// doesn't show its result, or couldn't be read.
type UnverifiedError struct {
	// Want is the override that was set or deleted.
	Want delegate.Override
	// Found is what the slot holds instead, as far as is known.
	Found *delegate.Override
	// Elsewhere is the override that the Manager seems to have set for the
	// whole account instead.
	Elsewhere *delegate.Override
	// Removed tells that the override was removed in between, to be set anew.
	Removed bool
	// Err is what went wrong; nil where the Manager acknowledged the write.
	Err error
}

// Error implements error.
func (e *UnverifiedError) Error() string {
	switch {
	case e.Elsewhere != nil:
		return fmt.Sprintf("the Manager acknowledged the write, but set it for the whole account: %s", e.Elsewhere)
	case e.Err != nil:
		return e.Err.Error()
	case e.Found != nil:
		return fmt.Sprintf("the Manager acknowledged the write, but %s holds %s", e.Want.Slot(), e.Found)
	default:
		return fmt.Sprintf("the Manager acknowledged the write, but %s holds nothing", e.Want.Slot())
	}
}

// Unwrap gives the cause.
func (e *UnverifiedError) Unwrap() error { return e.Err }
