package delegate_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// Each worked example once more: its last write is the change that somebody
// means to make, and then the one that is taken back.
func TestImpactWorkedExamples(t *testing.T) {
	for _, tc := range workedExamples {
		if len(tc.writes) == 0 {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			earlier, last := tc.writes[:len(tc.writes)-1], tc.writes[len(tc.writes)-1]
			was := delegate.Resolve(tc.delegate, written(earlier...), latest, now).Image

			effect := impactOn(tc.delegate, written(earlier...), delegate.Change{Set: &last})
			if effect.Before.Image != was || effect.After.Image != tc.want {
				t.Errorf("setting it: %q to %q, want %q to %q", effect.Before.Image, effect.After.Image, was, tc.want)
			}
			if effect.Changes() != (was != tc.want) {
				t.Errorf("setting it changes: %t", effect.Changes())
			}

			if slices.ContainsFunc(earlier, func(o delegate.Override) bool { return o.Slot() == last.Slot() }) {
				return // what it replaced doesn't come back
			}
			effect = impactOn(tc.delegate, written(tc.writes...), delegate.Change{Removed: []delegate.Slot{last.Slot()}})
			if effect.Before.Image != tc.want || effect.After.Image != was {
				t.Errorf("removing it: %q to %q, want %q to %q", effect.Before.Image, effect.After.Image, tc.want, was)
			}
		})
	}
}

func impactOn(d delegate.Delegate, overrides []delegate.Override, change delegate.Change) delegate.Effect {
	return delegate.Impact([]delegate.Delegate{d}, overrides, change, latest, now)[0]
}

func TestImpactDirectionAndReason(t *testing.T) {
	const older, newer, mine = "harness/delegate:23.10.81000", "harness/delegate:24.05.84200", "registry.example.com/delegate:24.04.82804"
	inP1 := delegate.Delegate{Scope: p1, Name: "d1", Tags: delegate.NewTags("t1")}
	setting := func(o delegate.Override) delegate.Change { return delegate.Change{Set: &o} }
	removing := func(slots ...delegate.Slot) delegate.Change { return delegate.Change{Removed: slots} }
	for name, tc := range map[string]struct {
		overrides []delegate.Override
		change    delegate.Change
		direction delegate.Direction
		reason    string
	}{
		"a newer version":               {nil, setting(set(p1, newer)), delegate.Upgrade, "no override with tags matches, and it is the nearest one without (at the delegate's own scope)"},
		"an older version":              {nil, setting(set(a, older)), delegate.Downgrade, "no override with tags matches, and it is the nearest one without (inherited from the account)"},
		"the same version, rebuilt":     {nil, setting(set(o1, mine, "t1")), delegate.SameVersion, `the delegate carries its tags {t1}, and it is the nearest such override (inherited from organization "O1")`},
		"an image without a version":    {nil, setting(set(p1, "registry.example.com/delegate:stable")), delegate.UnknownDirection, "no override with tags matches, and it is the nearest one without (at the delegate's own scope)"},
		"told already":                  {[]delegate.Override{set(a, mine)}, setting(set(p1, mine)), delegate.NoChange, "its upgrader is told this image already"},
		"tags that it lacks":            {nil, setting(set(p1, mine, "t9")), delegate.NoChange, "the delegate lacks the override's tags {t9}"},
		"outranked":                     {[]delegate.Override{set(p1, mine)}, setting(set(a, newer)), delegate.NoChange, `the override for project "O1/P1" is nearer to the delegate`},
		"other tags take the slot":      {[]delegate.Override{set(p1, mine, "t1")}, setting(set(p1, newer, "t9")), delegate.SameVersion, "no override applies any more, and the latest supported version does"},
		"other tags, another inherited": {[]delegate.Override{set(p1, mine, "t1"), set(a, newer)}, setting(set(p1, newer, "t9")), delegate.Upgrade, "the override that applied is gone, and the one for the account applies"},
		"removed":                       {[]delegate.Override{set(p1, newer)}, removing(set(p1, newer).Slot()), delegate.Downgrade, "no override applies any more, and the latest supported version does"},
		"removed, another inherited":    {[]delegate.Override{set(p1, older), set(o1, newer)}, removing(set(p1, older).Slot()), delegate.Upgrade, `the override that applied is gone, and the one for organization "O1" applies`},
		"removed, the same inherited":   {[]delegate.Override{set(p1, newer), set(o1, newer)}, removing(set(p1, newer).Slot()), delegate.NoChange, "without the override it is told the same image"},
		"removed, never applied":        {[]delegate.Override{set(p1, newer, "t9")}, removing(set(p1, newer, "t9").Slot()), delegate.NoChange, "the delegate lacks the override's tags {t9}"},
		"nothing to remove":             {nil, removing(set(p1, newer).Slot()), delegate.NoChange, "there is no override to remove"},
		"moved up, from tags to none": {
			[]delegate.Override{set(p1, mine, "t1")},
			delegate.Change{Set: ptr(set(o1, mine)), Removed: []delegate.Slot{set(p1, mine, "t1").Slot()}},
			delegate.NoChange, "its upgrader is told this image already",
		},
		"moved away": {
			[]delegate.Override{set(p1, newer)},
			delegate.Change{Set: ptr(set(p2, newer)), Removed: []delegate.Slot{set(p1, newer).Slot()}},
			delegate.Downgrade, "no override applies any more, and the latest supported version does",
		},
	} {
		t.Run(name, func(t *testing.T) {
			effect := impactOn(inP1, tc.overrides, tc.change)
			if effect.Direction != tc.direction || effect.Reason != tc.reason {
				t.Errorf("%s, %q; want %s, %q", effect.Direction, effect.Reason, tc.direction, tc.reason)
			}
		})
	}
}

func ptr[T any](value T) *T { return &value }

func TestChangeReaches(t *testing.T) {
	moved := delegate.Change{Set: ptr(set(p2, "x")), Removed: []delegate.Slot{set(o1, "x").Slot(), set(o1, "x", "t").Slot()}}
	if want := []delegate.Scope{p2, o1}; !cmp.Equal(moved.Scopes(), want) {
		t.Errorf("it is about %v", moved.Scopes())
	}
	for scope, want := range map[delegate.Scope]bool{a: false, o1: true, p1: true, o2: false, p2: true} {
		if moved.Reaches(scope) != want {
			t.Errorf("reaches %s: %t", scope, !want)
		}
	}
}

// However the overrides lie about, a delegate's effect is what Resolve says of
// all of them before and after the change.
func TestImpactIsResolutionBeforeAndAfter(t *testing.T) {
	scopes := rapid.SampledFrom([]delegate.Scope{a, o1, o2, p1, p2})
	tags := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"t1", "t2", "d1"}), rapid.ID[string])
	override := rapid.Custom(func(t *rapid.T) delegate.Override {
		return set(scopes.Draw(t, "scope"), rapid.SampledFrom([]string{"x:1", "y:1", latest}).Draw(t, "image"), tags.Draw(t, "tags")...)
	})
	rapid.Check(t, func(t *rapid.T) {
		overrides := written(rapid.SliceOf(override).Draw(t, "overrides")...)
		var change delegate.Change
		if rapid.Bool().Draw(t, "sets") {
			change.Set = ptr(override.Draw(t, "set"))
		} else {
			change.Removed = []delegate.Slot{override.Draw(t, "removed").Slot()}
		}
		d := delegate.Delegate{Scope: scopes.Draw(t, "where"), Name: "D1", Tags: delegate.NewTags(tags.Draw(t, "carries")...)}
		after := slices.DeleteFunc(slices.Clone(overrides), func(o delegate.Override) bool {
			return slices.Contains(change.Removed, o.Slot()) || change.Set != nil && o.Slot() == change.Set.Slot()
		})
		if change.Set != nil {
			after = append(after, *change.Set)
		}
		effect := impactOn(d, overrides, change)
		if want := delegate.Resolve(d, overrides, latest, now).Image; effect.Before.Image != want {
			t.Errorf("before: %q, want %q", effect.Before.Image, want)
		}
		if want := delegate.Resolve(d, after, latest, now).Image; effect.After.Image != want {
			t.Errorf("after: %q, want %q", effect.After.Image, want)
		}
		if effect.Changes() && !change.Reaches(d.Scope) {
			t.Errorf("it changes what it doesn't reach: %+v", effect)
		}
	})
}
