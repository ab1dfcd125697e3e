package simulator_test

import (
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// place is where overrides and delegates are, in short.
type place struct{ org, project string }

var (
	atA = place{}
	atO = place{"default", ""}
	atP = place{"default", "payments"}
	atX = place{"platform", "build"}
)

func (p place) query() string {
	switch {
	case p.project != "":
		return "orgIdentifier=" + p.org + "&projectIdentifier=" + p.project
	case p.org != "":
		return "orgIdentifier=" + p.org
	}
	return ""
}

func (p place) token() string {
	switch {
	case p.project != "":
		return "default_token_" + p.org + "/" + p.project
	case p.org != "":
		return "default_token_" + p.org
	}
	return "default_token"
}

// entry is one write of an override.
type entry struct {
	at    place
	image string
	tags  []string
}

func (m *manager) putEntry(e entry, days string) {
	m.t.Helper()
	query := e.at.query() + "&delegateTag=" + e.image + "&validForDays=" + days
	for _, tag := range e.tags {
		query += "&tags=" + tag
	}
	m.put(query)
}

func TestResolution(t *testing.T) {
	tagged := func(at place, image string, tags ...string) entry { return entry{at, image, tags} }
	plain := func(at place, image string) entry { return entry{at: at, image: image} }
	const L = latestImage
	tests := map[string]struct {
		expired []entry
		present []entry
		at      place
		tags    []string
		want    string
	}{
		"01 nothing gives the latest":                  {at: atP, want: L},
		"02 same scope":                                {present: []entry{plain(atA, "a1")}, at: atA, want: "a1"},
		"03 inherited":                                 {present: []entry{plain(atA, "a1")}, at: atP, want: "a1"},
		"04 nearest untagged":                          {present: []entry{plain(atA, "a1"), plain(atP, "p1")}, at: atP, want: "p1"},
		"05 the project entry is below":                {present: []entry{plain(atA, "a1"), plain(atO, "o1"), plain(atP, "p1")}, at: atO, want: "o1"},
		"06 never upwards":                             {present: []entry{plain(atO, "o1")}, at: atA, want: L},
		"07 never sideways":                            {present: []entry{plain(atO, "o1")}, at: atX, want: L},
		"08 subset, inherited":                         {present: []entry{tagged(atA, "a2", "t1")}, at: atP, tags: []string{"t1", "t2"}, want: "a2"},
		"09 not a subset":                              {present: []entry{tagged(atA, "a2", "t1", "t2", "t3")}, at: atA, tags: []string{"t1", "t2"}, want: L},
		"10 a tagged account entry beats the project":  {present: []entry{tagged(atA, "a2", "t1"), plain(atP, "p1")}, at: atP, tags: []string{"t1"}, want: "a2"},
		"11 no tagged match, then untagged":            {present: []entry{tagged(atA, "a2", "t1"), plain(atP, "p1")}, at: atP, tags: []string{"t9"}, want: "p1"},
		"12 a failing tagged entry is skipped":         {present: []entry{tagged(atP, "p2", "t9"), tagged(atO, "o2", "t1"), plain(atP, "p1")}, at: atP, tags: []string{"t1"}, want: "o2"},
		"13 a failing tagged entry, then untagged":     {present: []entry{tagged(atP, "p2", "t9"), plain(atP, "p1")}, at: atP, tags: []string{"t1"}, want: "p1"},
		"14 nearest, not most specific":                {present: []entry{tagged(atP, "p2", "t1"), tagged(atO, "o2", "t1", "t2")}, at: atP, tags: []string{"t1", "t2"}, want: "p2"},
		"15 the name is a tag":                         {present: []entry{tagged(atP, "p3", "d1"), plain(atP, "p1")}, at: atP, want: "p3"},
		"16 a second tag set replaces the first":       {present: []entry{tagged(atP, "p2", "t1"), tagged(atP, "p4", "t2")}, at: atP, tags: []string{"t1"}, want: L},
		"17 expired entries are gone":                  {expired: []entry{tagged(atP, "p2", "t1")}, present: []entry{plain(atO, "o1")}, at: atP, tags: []string{"t1"}, want: "o1"},
		"18 case matters":                              {present: []entry{tagged(atP, "p2", "T1")}, at: atP, tags: []string{"t1"}, want: L},
		"19 a lower version is applied":                {present: []entry{plain(atA, "harness/delegate:23.10.81000")}, at: atA, want: "harness/delegate:23.10.81000"},
		"20 an empty tag matches no delegate":          {present: []entry{tagged(atA, "a2", "")}, at: atA, tags: []string{"t1"}, want: L},
		"21 all tags of the override and more are own": {present: []entry{tagged(atO, "o2", "t2", "t1")}, at: atO, tags: []string{"t3", "t1", "t2"}, want: "o2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			for _, e := range test.expired {
				m.putEntry(e, "1")
			}
			m.Advance(2 * day)
			for _, e := range test.present {
				m.putEntry(e, "180")
			}
			m.AddDelegate(simulator.Delegate{
				AccountID: account, OrgID: test.at.org, ProjectID: test.at.project, Name: "d1", Tags: test.tags,
			})
			wantEqual(t, m.imageOf(test.at.token(), "d1"), test.want)
			wantEqual(t, m.ImageFor(account, test.at.org, test.at.project, "d1", test.tags), test.want)
		})
	}
}

func TestUpgraderWithTheTokenOfAnotherScopeMissesTheOverride(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: "d1"})
	m.putEntry(entry{at: atP, image: "p1"}, "180")
	wantEqual(t, m.imageOf(atP.token(), "d1"), "p1")
	wantEqual(t, m.imageOf(atX.token(), "d1"), latestImage)
}

func TestNameCountsInLowerCase(t *testing.T) {
	m := newManager(t)
	m.putEntry(entry{at: atA, image: "a2", tags: []string{"payments"}}, "180")
	wantEqual(t, m.ImageFor(account, "", "", "Payments", nil), "a2")
	m.putEntry(entry{at: atA, image: "a3", tags: []string{"Payments"}}, "180")
	wantEqual(t, m.ImageFor(account, "", "", "Payments", nil), latestImage)
}

func TestImageForAnUnknownAccountIsEmpty(t *testing.T) {
	wantEqual(t, newManager(t).ImageFor("nope", "", "", "d1", nil), "")
}

func TestExpiryMovesTheImageAtTheMoment(t *testing.T) {
	m := newManager(t)
	m.putEntry(entry{at: atO, image: "o1"}, "10")
	m.Advance(10*day - time.Millisecond)
	wantEqual(t, m.ImageFor(account, "default", "payments", "d1", nil), "o1")
	m.Advance(time.Millisecond)
	wantEqual(t, m.ImageFor(account, "default", "payments", "d1", nil), latestImage)
}

func TestAccountWithoutARingImageIsAnInternalError(t *testing.T) {
	m := newManager(t)
	m.Release(account, "")
	m.call("GET", latestPath, "").wantStatus(500)
	m.check("default_token", "accountId="+account+"&currentDelegateImageTag=x&delegateGroupName=d1").wantStatus(500)
}
