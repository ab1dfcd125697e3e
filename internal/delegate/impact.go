package delegate

import (
	"time"
)

// Direction says what another image means for a delegate.
type Direction string

// The directions.
const (
	// NoChange: the upgrader is told the same as before.
	NoChange Direction = "none"
	// Upgrade: the image's version is newer.
	Upgrade Direction = "upgrade"
	// Downgrade: the image's version is older. Upgraders don't compare versions
	// and set it all the same.
	Downgrade Direction = "downgrade"
	// SameVersion: another image of the same version.
	SameVersion Direction = "same_version"
	// UnknownDirection: one of both images tells no version.
	UnknownDirection Direction = "unknown"
)

// Change is an override that somebody means to set or to remove.
type Change struct {
	// Slot is the place that changes.
	Slot Slot
	// Want is what the slot is to hold; nil removes what it holds.
	Want *Override
}

// Effect is what a change does to one delegate.
type Effect struct {
	Delegate Delegate
	// Before and After are what its upgrader is told.
	Before, After Resolution
	Direction     Direction
	// Reason says why the image changes or doesn't.
	Reason string
}

// Changes tells whether the delegate's upgrader is told another image.
func (e Effect) Changes() bool { return e.Direction != NoChange }

// Impact says what a change of overrides does to delegates: what Resolve says
// before, and after. The overrides are those of all scopes that matter to the
// delegates; their number doesn't count, since a delegate is only compared with
// those that reach it.
func Impact(delegates []Delegate, overrides []Override, change Change, latest string, now time.Time) []Effect {
	before := map[Scope][]Override{}
	for _, o := range overrides {
		before[o.Scope] = append(before[o.Scope], o)
	}
	effects := make([]Effect, len(delegates))
	for i, d := range delegates {
		reaching := reachingFrom(before, d.Scope)
		effect := Effect{
			Delegate: d,
			Before:   Resolve(d, reaching, latest, now),
			After:    Resolve(d, change.apply(reaching), latest, now),
		}
		effect.Direction = direction(effect.Before.Image, effect.After.Image)
		effect.Reason = change.reason(effect)
		effects[i] = effect
	}
	return effects
}

func reachingFrom(byScope map[Scope][]Override, from Scope) []Override {
	var reaching []Override
	for _, scope := range from.Chain() {
		reaching = append(reaching, byScope[scope]...)
	}
	return reaching
}

// apply gives the overrides as they are after the change: a write replaces what
// the slot holds.
func (c Change) apply(overrides []Override) []Override {
	after := make([]Override, 0, len(overrides)+1)
	for _, o := range overrides {
		if o.Slot() != c.Slot {
			after = append(after, o)
		}
	}
	if c.Want != nil {
		after = append(after, *c.Want)
	}
	return after
}

// reason takes the words of the resolution that the changed slot takes part in.
func (c Change) reason(e Effect) string {
	step, found := stepOf(e.After, c.Slot)
	if c.Want == nil {
		step, found = stepOf(e.Before, c.Slot)
	}
	switch {
	case !found:
		return "the slot holds no override"
	case e.Changes() && c.Want == nil && e.After.By == nil:
		return "without it no override applies, and the latest supported version does"
	case e.Changes() && c.Want == nil:
		return "without it, the override for " + e.After.By.Scope.Short() + " applies"
	case e.Changes() && step.Outcome != Applied && e.After.By == nil:
		return "the override that it replaces applies no longer, and the latest supported version does: " + step.Reason
	case e.Changes() && step.Outcome != Applied:
		return "the override that it replaces applies no longer, and the one for " + e.After.By.Scope.Short() + " does: " + step.Reason
	case !e.Changes() && step.Outcome == Applied && c.Want == nil:
		return "without it the image is the same"
	case !e.Changes() && step.Outcome == Applied:
		return "its upgrader is told this image already"
	default:
		return step.Reason
	}
}

func stepOf(r Resolution, slot Slot) (Step, bool) {
	for _, step := range r.Trail {
		if step.Override.Slot() == slot {
			return step, true
		}
	}
	return Step{}, false
}

// direction compares what two images say about their versions.
func direction(before, after string) Direction {
	if before == after {
		return NoChange
	}
	from, known := ImageVersion(before)
	to, alsoKnown := ImageVersion(after)
	switch {
	case !known || !alsoKnown:
		return UnknownDirection
	case to.Compare(from) > 0:
		return Upgrade
	case to.Compare(from) < 0:
		return Downgrade
	default:
		return SameVersion
	}
}
