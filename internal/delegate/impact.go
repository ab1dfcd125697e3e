package delegate

import (
	"slices"
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

// Change is what somebody means to do to overrides.
type Change struct {
	// Set is written to its slot, whatever that holds; nil writes nothing.
	Set *Override
	// Removed are slots that are emptied.
	Removed []Slot
}

// Scopes lists the scopes at which something changes.
func (c Change) Scopes() []Scope {
	var scopes []Scope
	if c.Set != nil {
		scopes = append(scopes, c.Set.Scope)
	}
	for _, slot := range c.Removed {
		if !slices.Contains(scopes, slot.Scope) {
			scopes = append(scopes, slot.Scope)
		}
	}
	return scopes
}

// Reaches tells whether a delegate at the scope may be concerned.
func (c Change) Reaches(scope Scope) bool {
	chain := scope.Chain()
	return slices.ContainsFunc(c.Scopes(), func(s Scope) bool { return slices.Contains(chain, s) })
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

// apply gives the overrides as they are after the change.
func (c Change) apply(overrides []Override) []Override {
	after := slices.DeleteFunc(slices.Clone(overrides), func(o Override) bool {
		return slices.Contains(c.Removed, o.Slot()) || c.Set != nil && c.Set.Slot() == o.Slot()
	})
	if c.Set != nil {
		after = append(after, *c.Set)
	}
	return after
}

// reason takes the words of the resolution that the changed slot takes part in.
func (c Change) reason(e Effect) string {
	switch {
	case e.Changes() && e.After.By == nil:
		return "no override applies any more, and the latest supported version does"
	case e.Changes() && (c.Set == nil || e.After.By.Slot() != c.Set.Slot()):
		return "the override that applied is gone, and the one for " + e.After.By.Scope.Short() + " applies"
	}
	if c.Set != nil {
		if step, found := stepOf(e.After, c.Set.Slot()); found && step.Outcome != OutOfReach {
			if !e.Changes() && step.Outcome == Applied {
				return "its upgrader is told this image already"
			}
			return step.Reason
		}
	}
	for _, slot := range c.Removed {
		if step, found := stepOf(e.Before, slot); found && step.Outcome != OutOfReach {
			if step.Outcome == Applied {
				return "without the override it is told the same image"
			}
			return step.Reason
		}
	}
	return "there is no override to remove"
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
