package tagoverride

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
)

func TestWarnings(t *testing.T) {
	const repository = "registry.example.com/harness/delegate:"
	latest, err := delegate.ParseVersion("24.04.82804")
	if err != nil {
		t.Fatal(err)
	}
	account := delegate.Scope{Account: "acc"}
	usual := func(image string) circumstances {
		return circumstances{
			want:    delegate.Override{Scope: account, Image: image},
			days:    90,
			now:     time.Date(2024, time.May, 15, 0, 0, 0, 0, time.UTC),
			latest:  &latest,
			present: &delegate.Resolution{Image: "harness/delegate:24.04.82804"},
		}
	}
	with := func(image string, change func(*circumstances)) circumstances {
		c := usual(image)
		change(&c)
		return c
	}
	theirs := &delegate.Override{Scope: account, Image: repository + "24.04.82804"}
	for name, test := range map[string]struct {
		given circumstances
		want  []string
	}{
		"nothing to say":              {usual(repository + "24.04.82804"), nil},
		"nothing could be looked up":  {with(repository+"24.04.82804", func(c *circumstances) { c.latest, c.present = nil, nil }), nil},
		"bare tag":                    {usual("24.04.82804"), []string{"Image Without Repository"}},
		"bare latest":                 {usual("latest"), []string{"Image Without Repository"}},
		"latest":                      {usual(repository + "latest"), []string{"Image Not Pinned"}},
		"no tag":                      {usual("registry.example.com:5000/harness/delegate"), []string{"Image Not Pinned"}},
		"digest":                      {usual("harness/delegate@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), []string{"Version Not Visible"}},
		"tag and digest":              {usual(repository + "24.04.82804@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), nil},
		"a tag that tells no version": {usual(repository + "stable"), nil},
		"the moment of end of support": {
			with(repository+"24.04.82804", func(c *circumstances) { c.now = latest.EndOfSupport() }),
			[]string{"Delegate Version Past End of Support"},
		},
		"just before it": {
			with(repository+"24.04.82804", func(c *circumstances) { c.now, c.days = latest.EndOfSupport().Add(-time.Second), 1 }), nil,
		},
		"the moment of end of life": {
			with(repository+"24.04.82804", func(c *circumstances) { c.now = latest.EndOfLife() }),
			[]string{"Delegate Version Past End of Life"},
		},
		"outlives its image": {
			with(repository+"24.04.82804", func(c *circumstances) { c.now, c.days = latest.EndOfSupport().AddDate(0, 0, -1), 90 }),
			[]string{"Override Outlives Its Image"},
		},
		"a release ends it before": {
			with(repository+"24.04.82804", func(c *circumstances) {
				c.now, c.days, c.want.ValidTillNextRelease = latest.EndOfSupport().AddDate(0, 0, -1), 90, true
			}), nil,
		},
		"newer than released": {usual(repository + "24.05.83001"), []string{"Newer Than the Latest Supported Version"}},
		"lower than the latest": {
			usual(repository + "24.03.82600"), []string{"Delegates Will Be Downgraded"},
		},
		"lower than the slot has, not than the latest": {
			with(repository+"24.04.82900", func(c *circumstances) {
				c.latest = nil
				c.present = &delegate.Resolution{Image: repository + "24.05.83001"}
			}),
			[]string{"Delegates Will Be Downgraded"},
		},
		"same version from elsewhere": {usual("other.example.com/delegate:24.04.82804"), nil},
		"tags that can't match": {
			with(repository+"24.04.82804", func(c *circumstances) { c.want.Tags = delegate.NewTags("a,b", " c", "d\n", "e f", "G") }),
			[]string{"Unlikely Delegate Tag", "Unlikely Delegate Tag", "Unlikely Delegate Tag"},
		},
		"slot is taken": {
			with(repository+"24.04.82804", func(c *circumstances) { c.creating, c.inSlot = true, theirs }), []string{"Slot Is Taken"},
		},
		"slot will be overwritten": {
			with(repository+"24.04.82804", func(c *circumstances) { c.creating, c.overwrite, c.inSlot = true, true, theirs }),
			[]string{"Existing Override Will Be Replaced"},
		},
		"an update of our own slot": {with(repository+"24.04.82804", func(c *circumstances) { c.inSlot = theirs }), nil},
		"lower than the latest, but there is no delegate": {
			with(repository+"24.03.82600", func(c *circumstances) { c.impact = &fleet.Impact{} }), nil,
		},
		"lower than the latest, but delegates keep their image": {
			with(repository+"24.03.82600", func(c *circumstances) {
				c.impact = &fleet.Impact{Effects: []fleet.Effect{effectOf("kept", latestImage, latestImage, delegate.NoChange)}}
			}), nil,
		},
		"lower than what a delegate gets": {
			with(repository+"24.03.82600", func(c *circumstances) {
				c.impact = &fleet.Impact{Effects: []fleet.Effect{
					effectOf("up", "harness/delegate:24.02.82303", repository+"24.03.82600", delegate.Upgrade),
					effectOf("down", latestImage, repository+"24.03.82600", delegate.Downgrade),
				}}
			}), []string{"Delegates Will Be Downgraded"},
		},
		"lower than the latest, and not all delegates could be seen": {
			with(repository+"24.03.82600", func(c *circumstances) { c.impact = &fleet.Impact{Unseen: []string{"a project"}} }),
			[]string{"Delegates Will Be Downgraded"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range test.given.warnings() {
				if len(d.Detail()) < 40 {
					t.Errorf("%q says too little: %q", d.Summary(), d.Detail())
				}
				got = append(got, d.Summary())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The warning names the delegate, and how many others there are.
func TestWarnings_downgrade(t *testing.T) {
	const older = "registry.example.com/harness/delegate:24.03.82600"
	c := circumstances{
		want: delegate.Override{Scope: delegate.Scope{Account: "acc"}, Image: older},
		impact: &fleet.Impact{Effects: []fleet.Effect{
			effectOf("one", latestImage, older, delegate.Downgrade), effectOf("two", latestImage, older, delegate.Downgrade), effectOf("three", latestImage, older, delegate.Downgrade),
		}},
	}
	const want = `Upgraders of default/three and of 2 other delegates are told "harness/delegate:24.04.82804" now, and will be told "` + older +
		`". The upgrader doesn't compare versions: it sets the lower one.`
	var got []string
	for _, d := range c.warnings() {
		if d.Summary() == "Delegates Will Be Downgraded" {
			got = append(got, d.Detail())
		}
	}
	if diff := cmp.Diff([]string{want}, got); diff != "" {
		t.Error(diff)
	}
}

const latestImage = "harness/delegate:24.04.82804"

func effectOf(name, before, after string, direction delegate.Direction) fleet.Effect {
	return fleet.Effect{Effect: delegate.Effect{
		Delegate: delegate.Delegate{Name: name, Scope: delegate.Scope{Account: "acc", Org: "default"}},
		Before:   delegate.Resolution{Image: before}, After: delegate.Resolution{Image: after}, Direction: direction,
	}}
}

// Terraform shows one of several warnings with equal summaries.
func TestSummaryFor(t *testing.T) {
	account := delegate.Scope{Account: "acc"}
	project := delegate.Scope{Account: "acc", Org: "default", Project: "payments"}
	for _, tc := range []struct {
		of   delegate.Override
		nth  int
		want string
	}{
		{delegate.Override{Scope: account}, 1, "Delegates Get Another Image: Account"},
		{delegate.Override{Scope: project}, 10, `Delegates Get Another Image: Project "default/payments"`},
		{delegate.Override{Scope: project, Tags: delegate.NewTags("gpu")}, 2, `Delegates Get Another Image: Project "default/payments", Tags {gpu}`},
		{delegate.Override{Scope: project}, 11, "Delegates Get Another Image: More Than 10 Overrides"},
		{delegate.Override{Scope: account}, 200, "Delegates Get Another Image: More Than 10 Overrides"},
	} {
		if got := summaryFor(tc.of, tc.nth); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// A Manager may give less than it was asked for; the user must not believe in
// the rest.
func TestEndsEarly(t *testing.T) {
	due := time.Date(2024, time.November, 11, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		found delegate.Override
		want  int
	}{
		"as asked":               {delegate.Override{ValidUntil: due}, 0},
		"by another summer time": {delegate.Override{ValidUntil: due.Add(-time.Hour)}, 0},
		"longer":                 {delegate.Override{ValidUntil: due.AddDate(0, 0, 30)}, 0},
		"no end":                 {delegate.Override{}, 0},
		"a release ends it":      {delegate.Override{ValidUntil: due.AddDate(0, 0, -90), ValidTillNextRelease: true}, 0},
		"half the term":          {delegate.Override{ValidUntil: due.AddDate(0, 0, -90)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := endsEarly(test.found, due); len(got) != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
