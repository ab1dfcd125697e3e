package delegate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// now is the moment at which everything here is looked at.
var now = time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)

func TestNewTags(t *testing.T) {
	for name, tc := range map[string]struct {
		given []string
		want  delegate.Tags
		text  string
	}{
		"none":            {nil, nil, "none"},
		"one":             {[]string{"linux"}, delegate.Tags{"linux"}, "{linux}"},
		"sorted":          {[]string{"prod", "linux"}, delegate.Tags{"linux", "prod"}, "{linux, prod}"},
		"repeated":        {[]string{"prod", "linux", "prod"}, delegate.Tags{"linux", "prod"}, "{linux, prod}"},
		"case tells":      {[]string{"prod", "Prod"}, delegate.Tags{"Prod", "prod"}, "{Prod, prod}"},
		"a comma is text": {[]string{"linux,prod"}, delegate.Tags{"linux,prod"}, "{linux,prod}"},
	} {
		t.Run(name, func(t *testing.T) {
			given := slices.Clone(tc.given)
			got := delegate.NewTags(tc.given...)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("set (-want +got):\n%s", diff)
			}
			if got.String() != tc.text {
				t.Errorf("text is %s, want %s", got, tc.text)
			}
			if diff := cmp.Diff(given, tc.given); diff != "" {
				t.Errorf("the caller's slice was changed:\n%s", diff)
			}
		})
	}
}

func genTags() *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "A", "a,b"}), 0, 6)
}

func TestTagsAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		givenA, givenB := genTags().Draw(t, "a"), genTags().Draw(t, "b")
		a, b := delegate.NewTags(givenA...), delegate.NewTags(givenB...)
		if !slices.IsSorted(a) {
			t.Errorf("%s is not sorted", a)
		}
		if again := delegate.NewTags(a...); !again.Equal(a) {
			t.Errorf("a set made of the set %s is %s", a, again)
		}
		shuffled := rapid.Permutation(givenA).Draw(t, "shuffled")
		if other := delegate.NewTags(append(shuffled, givenA...)...); !other.Equal(a) {
			t.Errorf("order or repetition made %s of %s", other, a)
		}
		// Membership decides everything else.
		for _, tag := range []string{"a", "b", "c", "d", "A", "a,b"} {
			if slices.Contains(a, tag) != slices.Contains(givenA, tag) {
				t.Errorf("%q is in %s or in what it was made of, but not in both", tag, a)
			}
			if slices.Contains(a.Without(b), tag) != (slices.Contains(a, tag) && !slices.Contains(b, tag)) {
				t.Errorf("%s without %s is %s, wrong for %q", a, b, a.Without(b), tag)
			}
		}
		if a.Equal(b) != (len(a.Without(b)) == 0 && len(b.Without(a)) == 0) || a.Equal(b) != b.Equal(a) {
			t.Errorf("%s and %s: Equal says %t", a, b, a.Equal(b))
		}
		if len(a.Without(a)) != 0 || !a.Without(nil).Equal(a) {
			t.Errorf("%s: without itself %s, without none %s", a, a.Without(a), a.Without(nil))
		}
	})
}

func TestOverrideTakesItsSlot(t *testing.T) {
	tagged := delegate.Override{Scope: project, Tags: delegate.NewTags("linux")}
	if got, want := tagged.Slot(), (delegate.Slot{Scope: project, Tagged: true}); got != want {
		t.Errorf("with tags it takes %s, want %s", got, want)
	}
	untagged := delegate.Override{Scope: project}
	if got, want := untagged.Slot(), (delegate.Slot{Scope: project}); got != want {
		t.Errorf("without tags it takes %s, want %s", got, want)
	}
}

func TestOverrideExpiresAtItsEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		until time.Time
		want  bool
	}{
		"no end":                {time.Time{}, false},
		"a moment before":       {now.Add(time.Millisecond), false},
		"at its end":            {now, true},
		"a moment after":        {now.Add(-time.Millisecond), true},
		"at its end, elsewhere": {now.In(time.FixedZone("", 3600)), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (delegate.Override{ValidUntil: tc.until}).ExpiredAt(now); got != tc.want {
				t.Errorf("an override until %s is expired at %s: %t, want %t", tc.until, now, got, tc.want)
			}
		})
	}
}

func TestSameTarget(t *testing.T) {
	known := delegate.Override{Scope: project, Tags: delegate.NewTags("linux"), Image: "acme/delegate:1", ValidUntil: now}
	for name, tc := range map[string]struct {
		change func(*delegate.Override)
		want   bool
	}{
		"nothing":      {func(*delegate.Override) {}, true},
		"the term":     {func(o *delegate.Override) { o.ValidUntil = time.Time{} }, true},
		"the flag":     {func(o *delegate.Override) { o.ValidTillNextRelease = true }, true},
		"the image":    {func(o *delegate.Override) { o.Image = "acme/delegate:2" }, false},
		"the tags":     {func(o *delegate.Override) { o.Tags = delegate.NewTags("linux", "prod") }, false},
		"tags removed": {func(o *delegate.Override) { o.Tags = nil }, false},
		"the scope":    {func(o *delegate.Override) { o.Scope = org }, false},
	} {
		t.Run(name+" changed", func(t *testing.T) {
			other := known
			tc.change(&other)
			if got := known.SameTarget(other); got != tc.want {
				t.Errorf("%s and %s: %t, want %t", known, other, got, tc.want)
			}
		})
	}
}

func TestOverrideInWords(t *testing.T) {
	for _, tc := range []struct {
		override delegate.Override
		want     string
	}{
		{delegate.Override{Image: "acme/delegate:1"}, `image "acme/delegate:1", tags none`},
		{
			delegate.Override{Image: "acme/delegate:1", Tags: delegate.NewTags("linux", "prod"), ValidUntil: now.In(time.FixedZone("", 7200))},
			`image "acme/delegate:1", tags {linux, prod}, valid until 2024-05-15T12:00:00Z`,
		},
		{
			delegate.Override{Image: "acme/delegate:1", ValidTillNextRelease: true},
			`image "acme/delegate:1", tags none, valid till the next release`,
		},
	} {
		if got := tc.override.String(); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

func TestInSlot(t *testing.T) {
	live := delegate.Override{Scope: project, Image: "acme/delegate:live", ValidUntil: now.Add(time.Hour)}
	expired := delegate.Override{Scope: project, Image: "acme/delegate:expired", ValidUntil: now}
	tagged := delegate.Override{Scope: project, Image: "acme/delegate:tagged", Tags: delegate.NewTags("linux")}
	above := delegate.Override{Scope: org, Image: "acme/delegate:above"}
	slot := delegate.Slot{Scope: project}
	for name, tc := range map[string]struct {
		overrides []delegate.Override
		want      *delegate.Override
	}{
		"nothing there":                     {nil, nil},
		"the override":                      {[]delegate.Override{above, tagged, live}, &live},
		"another scope's doesn't count":     {[]delegate.Override{above}, nil},
		"the other slot's doesn't count":    {[]delegate.Override{tagged}, nil},
		"one that expired doesn't count":    {[]delegate.Override{expired}, nil},
		"one that expired doesn't hide one": {[]delegate.Override{expired, live}, &live},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := delegate.InSlot(tc.overrides, slot, now)
			if ok != (tc.want != nil) {
				t.Fatalf("found: %t (%s)", ok, got)
			}
			if ok {
				if diff := cmp.Diff(*tc.want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			}
		})
	}
}
