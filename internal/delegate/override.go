package delegate

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The term of an override in days, as the Manager accepts it. Zero is accepted
// too but ends at once, so it is of no use.
const (
	MinValidForDays     = 1
	MaxValidForDays     = 180
	DefaultValidForDays = 180
)

// Tags is a set of delegate tags, sorted and without repeats. The zero value
// is the empty set.
type Tags []string

// NewTags makes a set of the given tags.
func NewTags(tags ...string) Tags {
	if len(tags) == 0 {
		return nil
	}
	set := slices.Clone(tags)
	slices.Sort(set)
	return slices.Compact(set)
}

// Equal tells whether both sets hold the same tags.
func (t Tags) Equal(u Tags) bool { return slices.Equal(t, u) }

// Without lists the tags of t that u lacks.
func (t Tags) Without(u Tags) Tags {
	return slices.DeleteFunc(slices.Clone(t), func(tag string) bool {
		return slices.Contains(u, tag)
	})
}

// String shows the set for people: `{linux, prod}`, or "none".
func (t Tags) String() string {
	if len(t) == 0 {
		return "none"
	}
	return "{" + strings.Join(t, ", ") + "}"
}

// Override is what one slot of the Manager holds: the image that the delegates
// it reaches shall run.
type Override struct {
	Scope Scope
	// Tags restricts the override to delegates that carry all of them; an
	// override with none is for every delegate at the scope and below.
	Tags Tags
	// Image is the text that upgraders are told, as it was given. The Manager
	// calls it "delegate tag".
	Image string
	// ValidTillNextRelease ends the override when Harness releases a new
	// delegate to the account.
	ValidTillNextRelease bool
	// ValidUntil is when the override ends by itself; zero where the Manager
	// names no time.
	ValidUntil time.Time
}

// Slot is the place that the override takes.
func (o Override) Slot() Slot { return Slot{Scope: o.Scope, Tagged: len(o.Tags) > 0} }

// ExpiredAt tells whether the override has ended by itself at the time given.
func (o Override) ExpiredAt(now time.Time) bool {
	return !o.ValidUntil.IsZero() && !now.Before(o.ValidUntil)
}

// SameTarget tells whether both name the same image for the same delegates.
// Flags and terms may differ.
func (o Override) SameTarget(p Override) bool {
	return o.Scope == p.Scope && o.Image == p.Image && o.Tags.Equal(p.Tags)
}

// String describes the override for people: image, tags and end.
func (o Override) String() string {
	text := fmt.Sprintf("image %q, tags %s", o.Image, o.Tags)
	if !o.ValidUntil.IsZero() {
		text += ", valid until " + o.ValidUntil.UTC().Format(time.RFC3339)
	}
	if o.ValidTillNextRelease {
		text += ", valid till the next release"
	}
	return text
}

// InSlot finds the override that takes the slot at the time given. One that
// has expired takes no slot, even while the Manager still lists it.
func InSlot(overrides []Override, slot Slot, now time.Time) (Override, bool) {
	for _, o := range overrides {
		if o.Slot() == slot && !o.ExpiredAt(now) {
			return o, true
		}
	}
	return Override{}, false
}
