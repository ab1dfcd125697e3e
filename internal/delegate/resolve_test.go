package delegate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// The scopes of the worked examples: account A, its organizations O1 and O2,
// and a project in each.
var (
	a  = delegate.Scope{Account: "A"}
	o1 = delegate.Scope{Account: "A", Org: "O1"}
	o2 = delegate.Scope{Account: "A", Org: "O2"}
	p1 = delegate.Scope{Account: "A", Org: "O1", Project: "P1"}
	p2 = delegate.Scope{Account: "A", Org: "O2", Project: "P2"}
)

const latest = "harness/delegate:24.04.82804"

// set is an override for the examples: where, which image, for which tags.
func set(scope delegate.Scope, image string, tags ...string) delegate.Override {
	return delegate.Override{Scope: scope, Image: image, Tags: delegate.NewTags(tags...), ValidUntil: now.AddDate(0, 0, 180)}
}

func expired(o delegate.Override) delegate.Override {
	o.ValidUntil = now.AddDate(0, 0, -1)
	return o
}

// written is what the Manager holds after writes in the given order: one
// override per slot, the last.
func written(writes ...delegate.Override) []delegate.Override {
	slots := map[delegate.Slot]delegate.Override{}
	for _, o := range writes {
		slots[o.Slot()] = o
	}
	return slices.Collect(maps.Values(slots))
}

// The worked examples of the documented resolution. Examples 20 (an empty tag)
// and 21 (tokens of another scope) have no defined answer.
var workedExamples = []struct {
	name     string
	writes   []delegate.Override
	delegate delegate.Delegate
	want     string
}{
	{"1 no override: the latest", nil, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, latest},
	{"2 at the same scope", []delegate.Override{set(a, "a1")}, delegate.Delegate{Scope: a}, "a1"},
	{"3 inherited from the account", []delegate.Override{set(a, "a1")}, delegate.Delegate{Scope: p1}, "a1"},
	{"4 the nearest without tags", []delegate.Override{set(a, "a1"), set(p1, "p1")}, delegate.Delegate{Scope: p1}, "p1"},
	{"5 a project below doesn't count", []delegate.Override{set(a, "a1"), set(o1, "o1"), set(p1, "p1")}, delegate.Delegate{Scope: o1}, "o1"},
	{"6 never upwards", []delegate.Override{set(o1, "o1")}, delegate.Delegate{Scope: a}, latest},
	{"7 never into another branch", []delegate.Override{set(o1, "o1")}, delegate.Delegate{Scope: p2}, latest},
	{"8 tags are a subset, inherited", []delegate.Override{set(a, "a2", "t1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1", "t2")}, "a2"},
	{"9 tags are no subset", []delegate.Override{set(a, "a2", "t1", "t2", "t3")}, delegate.Delegate{Scope: a, Tags: delegate.NewTags("t1", "t2")}, latest},
	{"10 with tags goes first at any scope", []delegate.Override{set(a, "a2", "t1"), set(p1, "p1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, "a2"},
	{"11 no match with tags, so without", []delegate.Override{set(a, "a2", "t1"), set(p1, "p1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t9")}, "p1"},
	{
		"12 one that fails is skipped, the search goes up",
		[]delegate.Override{set(p1, "p2", "t9"), set(o1, "o2", "t1"), set(p1, "p1")},
		delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")},
		"o2",
	},
	{"13 one that fails, none above", []delegate.Override{set(p1, "p2", "t9"), set(p1, "p1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, "p1"},
	{
		"14 the nearest, not the most specific",
		[]delegate.Override{set(p1, "p2", "t1"), set(o1, "o2", "t1", "t2")},
		delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1", "t2")},
		"p2",
	},
	{"15 the name is a tag", []delegate.Override{set(p1, "p3", "d1"), set(p1, "p1")}, delegate.Delegate{Scope: p1, Name: "D1"}, "p3"},
	{"16 the second set of tags takes the slot", []delegate.Override{set(p1, "p2", "t1"), set(p1, "p4", "t2")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, latest},
	{"17 one that expired is gone", []delegate.Override{expired(set(p1, "p2", "t1")), set(o1, "o1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, "o1"},
	{"18 case tells", []delegate.Override{set(p1, "p2", "T1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, latest},
	{"19 an older version is applied as well", []delegate.Override{set(a, "harness/delegate:23.10.81000")}, delegate.Delegate{Scope: a}, "harness/delegate:23.10.81000"},
	// The same rules from other sides.
	{"a name in upper case is not a tag", []delegate.Override{set(p1, "p3", "D1")}, delegate.Delegate{Scope: p1, Name: "D1"}, latest},
	{"name and tags count together", []delegate.Override{set(p1, "p3", "d1", "t1")}, delegate.Delegate{Scope: p1, Name: "d1", Tags: delegate.NewTags("t1")}, "p3"},
	{"another organization's with tags", []delegate.Override{set(o2, "o2", "t1")}, delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, latest},
	{"another account's", []delegate.Override{set(delegate.Scope{Account: "B"}, "b1")}, delegate.Delegate{Scope: p1}, latest},
	{"one without an end", []delegate.Override{{Scope: a, Image: "a1", ValidTillNextRelease: true}}, delegate.Delegate{Scope: a}, "a1"},
}

func TestResolveWorkedExamples(t *testing.T) {
	for _, tc := range workedExamples {
		t.Run(tc.name, func(t *testing.T) {
			got := delegate.Resolve(tc.delegate, written(tc.writes...), latest, now)
			if got.Image != tc.want {
				t.Errorf("the image is %q, want %q; trail: %+v", got.Image, tc.want, got.Trail)
			}
			if byOverride := tc.want != latest; (got.By != nil) != byOverride {
				t.Errorf("an override decided: %t, want %t", got.By != nil, byOverride)
			}
		})
	}
}

func TestResolveExplainsEveryOverride(t *testing.T) {
	winner := set(a, "a2", "t1")
	overrides := []delegate.Override{
		set(o2, "elsewhere"), set(a, "a1"), expired(set(o1, "o2", "t1")), set(p1, "p1"), winner, set(p1, "p2", "t1", "t8", "t9"),
	}
	got := delegate.Resolve(delegate.Delegate{Scope: p1, Name: "D1", Tags: delegate.NewTags("t1")}, overrides, latest, now)

	type line struct {
		Image   string
		Outcome delegate.Outcome
		Reason  string
	}
	var trail []line
	for _, step := range got.Trail {
		trail = append(trail, line{step.Override.Image, step.Outcome, step.Reason})
	}
	want := []line{
		{"p2", delegate.TagsNotMatched, "the delegate lacks the override's tags {t8, t9}"},
		{"o2", delegate.Expired, "it ended at 2024-05-14T12:00:00Z"},
		{"a2", delegate.Applied, `the delegate carries its tags {t1}, and it is the nearest such override (inherited from the account)`},
		{"p1", delegate.Outranked, `an override with tags goes first at any scope, and the one for the account matches`},
		{"a1", delegate.Outranked, `an override with tags goes first at any scope, and the one for the account matches`},
		{"elsewhere", delegate.OutOfReach, `it is set for organization "O2" in account "A", which does not hold the delegate`},
	}
	if diff := cmp.Diff(want, trail); diff != "" {
		t.Errorf("trail (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&winner, got.By); diff != "" {
		t.Errorf("decided by (-want +got):\n%s", diff)
	}
}

func TestResolveExplainsTheNearest(t *testing.T) {
	for name, tc := range map[string]struct {
		overrides []delegate.Override
		want      []string
	}{
		"without tags": {
			[]delegate.Override{set(a, "a1"), set(p1, "p1")},
			[]string{
				"no override with tags matches, and it is the nearest one without (at the delegate's own scope)",
				`the override for project "O1/P1" is nearer to the delegate`,
			},
		},
		"with tags": {
			[]delegate.Override{set(a, "a1", "t1"), set(o1, "o1", "t1")},
			[]string{
				`the delegate carries its tags {t1}, and it is the nearest such override (inherited from organization "O1")`,
				`the override for organization "O1" is nearer to the delegate`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var reasons []string
			for _, step := range delegate.Resolve(delegate.Delegate{Scope: p1, Tags: delegate.NewTags("t1")}, tc.overrides, latest, now).Trail {
				reasons = append(reasons, step.Reason)
			}
			if diff := cmp.Diff(tc.want, reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveLeavesItsArgumentsAlone(t *testing.T) {
	overrides := []delegate.Override{set(o2, "elsewhere"), set(a, "a1"), set(p1, "p1")}
	room := [8]string{"t1"}
	tags := delegate.Tags(room[:1]) // with room behind it to write into by mistake
	before := slices.Clone(overrides)
	delegate.Resolve(delegate.Delegate{Scope: p1, Name: "d1", Tags: tags}, overrides, latest, now)
	if diff := cmp.Diff(before, overrides); diff != "" {
		t.Errorf("the overrides were changed:\n%s", diff)
	}
	if room != [8]string{"t1"} {
		t.Errorf("the caller's tags were written to: %q", room)
	}
}

// imageByTheRules states the documented rules as one comparison: of all
// overrides that could apply, the one with the highest strength does.
//
//  1. The delegate's name, in lower case, is one of its tags.
//  2. An override with tags needs a delegate that carries all of them.
//  3. Any override with tags is stronger than any without.
//  4. Among those, the deeper its scope the stronger.
//  5. It must be set for the delegate's scope or for one that holds it.
//  6. It must not have ended.
//  7. With nothing left, the image is the latest one.
func imageByTheRules(d delegate.Delegate, overrides []delegate.Override, latest string, now time.Time) (image string, byOverride bool) {
	carried := map[string]bool{}
	if d.Name != "" {
		carried[strings.ToLower(d.Name)] = true // rule 1
	}
	for _, tag := range d.Tags {
		carried[tag] = true
	}
	holds := func(outer, inner string) bool { return outer == "" || outer == inner }
	image, strongest := latest, -1 // rule 7
	for _, o := range overrides {
		strength := 0
		for _, tag := range o.Tags {
			strength = 10 // rule 3
			if !carried[tag] {
				strength = -100 // rule 2
				break
			}
		}
		for _, part := range []string{o.Scope.Org, o.Scope.Project} {
			if part != "" {
				strength++ // rule 4
			}
		}
		if o.Scope.Account != d.Scope.Account || !holds(o.Scope.Org, d.Scope.Org) || !holds(o.Scope.Project, d.Scope.Project) {
			strength = -100 // rule 5
		}
		if !o.ValidUntil.IsZero() && !o.ValidUntil.After(now) {
			strength = -100 // rule 6
		}
		if strength > strongest {
			image, strongest = o.Image, strength
		}
	}
	return image, strongest >= 0
}

// genCase draws a delegate and what the Manager holds, from so few names that
// they meet often.
func genCase() *rapid.Generator[resolveCase] {
	scope := rapid.Custom(func(t *rapid.T) delegate.Scope {
		return rapid.SampledFrom([]delegate.Scope{
			a, o1, o2, p1, p2,
			{Account: "A", Org: "O1", Project: "P2"},
			{Account: "A", Org: "O2", Project: "P1"}, // same names, other branch
			{Account: "B"},
			{Account: "B", Org: "O1"},
		}).Draw(t, "scope")
	})
	tags := rapid.SliceOfN(rapid.SampledFrom([]string{"t1", "t2", "T1", "d1", "D1"}), 0, 3)
	override := rapid.Custom(func(t *rapid.T) delegate.Override {
		o := delegate.Override{
			Scope:                scope.Draw(t, "at"),
			Tags:                 delegate.NewTags(tags.Draw(t, "tags")...),
			ValidTillNextRelease: rapid.Bool().Draw(t, "till next release"),
		}
		o.Image = "image of " + o.Slot().ID()
		o.ValidUntil = rapid.SampledFrom([]time.Time{
			{}, now.Add(-time.Hour), now, now.Add(time.Nanosecond), now.AddDate(0, 0, 180),
		}).Draw(t, "until")
		return o
	})
	return rapid.Custom(func(t *rapid.T) resolveCase {
		return resolveCase{
			delegate: delegate.Delegate{
				Scope: scope.Draw(t, "of the delegate"),
				Name:  rapid.SampledFrom([]string{"", "d1", "D1"}).Draw(t, "name"),
				Tags:  delegate.NewTags(tags.Draw(t, "tags of the delegate")...),
			},
			overrides: rapid.SliceOfNDistinct(override, 0, 12, delegate.Override.Slot).Draw(t, "overrides"),
		}
	})
}

type resolveCase struct {
	delegate  delegate.Delegate
	overrides []delegate.Override
}

func TestResolveFollowsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tc := genCase().Draw(t, "case")
		image, byOverride := imageByTheRules(tc.delegate, tc.overrides, latest, now)
		got := delegate.Resolve(tc.delegate, tc.overrides, latest, now)
		if got.Image != image || (got.By != nil) != byOverride {
			t.Errorf("got %q by %v, the rules say %q by an override: %t", got.Image, got.By, image, byOverride)
		}
	})
}

func TestResolveTrailIsComplete(t *testing.T) {
	bySlot := cmpopts.SortSlices(func(a, b delegate.Override) bool { return a.Slot().ID() < b.Slot().ID() })
	rapid.Check(t, func(t *rapid.T) {
		tc := genCase().Draw(t, "case")
		got := delegate.Resolve(tc.delegate, tc.overrides, latest, now)

		var seen []delegate.Override
		var applied []delegate.Override
		outOfReach := false
		for _, step := range got.Trail {
			seen = append(seen, step.Override)
			if step.Reason == "" {
				t.Errorf("no reason for %s", step.Override)
			}
			if step.Outcome == delegate.Applied {
				applied = append(applied, step.Override)
			}
			if step.Outcome == delegate.Outranked && len(applied) == 0 {
				t.Errorf("%s is outranked by nothing before it", step.Override)
			}
			if outOfReach && step.Outcome != delegate.OutOfReach {
				t.Errorf("%s comes after one out of reach", step.Override)
			}
			outOfReach = step.Outcome == delegate.OutOfReach
		}
		if diff := cmp.Diff(tc.overrides, seen, bySlot, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("not every override stands in the trail once (-given +seen):\n%s", diff)
		}
		switch {
		case got.By == nil && (len(applied) > 0 || got.Image != latest):
			t.Errorf("nothing decided, but the image is %q and these applied: %v", got.Image, applied)
		case got.By != nil && (len(applied) != 1 || !applied[0].SameTarget(*got.By) || got.Image != got.By.Image):
			t.Errorf("%s decided, but the image is %q and these applied: %v", got.By, got.Image, applied)
		}
	})
}

func TestResolveDoesNotDependOnTheOrderGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tc := genCase().Draw(t, "case")
		shuffled := rapid.Permutation(tc.overrides).Draw(t, "shuffled")
		one := delegate.Resolve(tc.delegate, tc.overrides, latest, now)
		other := delegate.Resolve(tc.delegate, shuffled, latest, now)
		if diff := cmp.Diff(one, other); diff != "" {
			t.Errorf("another order, another resolution:\n%s", diff)
		}
	})
}

func TestEffectiveTags(t *testing.T) {
	for name, tc := range map[string]struct {
		delegate delegate.Delegate
		want     delegate.Tags
	}{
		"neither":         {delegate.Delegate{}, nil},
		"name alone":      {delegate.Delegate{Name: "Payments-Delegate"}, delegate.Tags{"payments-delegate"}},
		"tags alone":      {delegate.Delegate{Tags: delegate.Tags{"Linux"}}, delegate.Tags{"Linux"}},
		"both":            {delegate.Delegate{Name: "d1", Tags: delegate.Tags{"linux"}}, delegate.Tags{"d1", "linux"}},
		"the name twice":  {delegate.Delegate{Name: "D1", Tags: delegate.Tags{"d1"}}, delegate.Tags{"d1"}},
		"unsorted, twice": {delegate.Delegate{Tags: delegate.Tags{"b", "a", "b"}}, delegate.Tags{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.delegate.EffectiveTags()); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
}
