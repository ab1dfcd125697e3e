package delegates

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// replicas makes connected replicas of the versions; one with a leading "-" is
// not connected.
func replicas(versions ...string) []harness.Replica {
	var made []harness.Replica
	for _, v := range versions {
		connected := v == "" || v[0] != '-'
		if !connected {
			v = v[1:]
		}
		made = append(made, harness.Replica{HostName: "host", Version: v, Connected: connected})
	}
	return made
}

func TestFilter(t *testing.T) {
	yes, no := true, false
	d := harness.ListedDelegate{
		Name: "Payments-Delegate", Type: "KUBERNETES", Connected: true, AutoUpgrade: "SYNCHRONIZING",
		Tags: delegate.NewTags("linux", "prod", "payments-delegate"),
	}
	for name, tc := range map[string]struct {
		filter filter
		keeps  bool
	}{
		"nothing asked":                 {filter{}, true},
		"the name":                      {filter{name: "Payments-Delegate"}, true},
		"the name in another case":      {filter{name: "payments-delegate"}, false},
		"a part of the name":            {filter{name: "Payments"}, false},
		"a pattern, anywhere":           {filter{nameRegex: regexp.MustCompile("ments-D")}, true},
		"an anchored pattern":           {filter{nameRegex: regexp.MustCompile("^ments")}, false},
		"some of the tags":              {filter{tags: delegate.NewTags("prod", "linux")}, true},
		"a tag too many":                {filter{tags: delegate.NewTags("prod", "gpu")}, false},
		"a tag in another case":         {filter{tags: delegate.NewTags("Prod")}, false},
		"the name as a tag":             {filter{tags: delegate.NewTags("payments-delegate")}, true},
		"the type":                      {filter{kind: "KUBERNETES"}, true},
		"another type":                  {filter{kind: "DOCKER"}, false},
		"connected":                     {filter{connected: &yes}, true},
		"not connected":                 {filter{connected: &no}, false},
		"a status that is not known":    {filter{autoUpgrade: "SYNCHRONIZING"}, true},
		"another status":                {filter{autoUpgrade: "ON"}, false},
		"all of them":                   {filter{name: d.Name, kind: d.Type, connected: &yes, autoUpgrade: d.AutoUpgrade, tags: d.Tags}, true},
		"all of them but one, the last": {filter{name: d.Name, kind: d.Type, connected: &yes, autoUpgrade: "OFF", tags: d.Tags}, false},
	} {
		if got := tc.filter.keeps(d); got != tc.keeps {
			t.Errorf("%s: %t, want %t", name, got, tc.keeps)
		}
	}
}

func TestOldestVersion(t *testing.T) {
	for _, tc := range []struct {
		versions []string
		want     string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"24.04.82804"}, "24.04.82804"},
		{[]string{"24.04.82804", "24.03.82600"}, "24.03.82600"},
		{[]string{"24.04.82804", "-24.03.82600"}, "24.04.82804"},
		{[]string{"-24.04.82804", "-24.03.82600"}, "24.03.82600"},
		// A late patch of an old month is newer than its month.
		{[]string{"24.03.82999", "24.04.82804"}, "24.04.82804"},
		{[]string{"24.04.82804.minimal", "24.04.82804"}, "24.04.82804"},
		{[]string{"24.04.82804", "1.0.76600"}, "1.0.76600"},
		{[]string{"1.0.76600", "24.04.82804"}, "1.0.76600"},
		{[]string{"24.04.82804", ""}, "24.04.82804"},
		{[]string{"tools-b", "tools-a"}, "tools-a"},
	} {
		if got := oldestVersion(replicas(tc.versions...)); got != tc.want {
			t.Errorf("of %q %q is the oldest, want %q", tc.versions, got, tc.want)
		}
	}
}

func TestCondition(t *testing.T) {
	version, err := delegate.ParseVersion("24.04.82804")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		wanted   condition
		delegate harness.ListedDelegate
		missing  []string
	}{
		"nothing": {condition{}, harness.ListedDelegate{}, nil},
		"connected": {
			condition{connected: true}, harness.ListedDelegate{Connected: true}, nil,
		},
		"not connected": {
			condition{connected: true}, harness.ListedDelegate{}, []string{"it is not connected"},
		},
		"enough replicas": {
			condition{minReplicas: 2}, harness.ListedDelegate{Replicas: replicas("a", "b", "c")}, nil,
		},
		"replicas that are gone": {
			condition{minReplicas: 2}, harness.ListedDelegate{Replicas: replicas("a", "-b")}, []string{"it has 1 connected replicas, not 2"},
		},
		"the version on all": {
			condition{version: &version}, harness.ListedDelegate{Replicas: replicas("24.04.82804", "24.04.82804.minimal", "-24.03.82600")}, nil,
		},
		"the version on some": {
			condition{version: &version},
			harness.ListedDelegate{Replicas: replicas("24.04.82804", "24.03.82600", "1.0.76600")},
			[]string{"another version than 24.04.82804 is run by 2 of its 3 connected replicas"},
		},
		"the same build of another month": {
			condition{version: &version},
			harness.ListedDelegate{Replicas: replicas("24.05.82804")},
			[]string{"another version than 24.04.82804 is run by 1 of its 1 connected replicas"},
		},
		"a newer version": {
			condition{version: &version},
			harness.ListedDelegate{Replicas: replicas("24.05.83001")},
			[]string{"another version than 24.04.82804 is run by 1 of its 1 connected replicas"},
		},
		"the version on none that is connected": {
			condition{version: &version},
			harness.ListedDelegate{Replicas: replicas("-24.04.82804")},
			[]string{"no replica is connected that could run version 24.04.82804"},
		},
		"the status": {
			condition{autoUpgrade: "ON"}, harness.ListedDelegate{AutoUpgrade: "ON", Replicas: replicas("a")}, nil,
		},
		"the status of nothing": {
			condition{autoUpgrade: "ON"},
			harness.ListedDelegate{AutoUpgrade: "ON", Legacy: true},
			[]string{"it has no replicas, so that its auto-upgrade status means nothing"},
		},
		"another status": {
			condition{autoUpgrade: "ON"},
			harness.ListedDelegate{AutoUpgrade: "DETECTING", Replicas: replicas("a")},
			[]string{"its auto-upgrade status is DETECTING, not ON"},
		},
		"no status": {
			condition{autoUpgrade: "ON"},
			harness.ListedDelegate{Replicas: replicas("a")},
			[]string{"its auto-upgrade status is none, not ON"},
		},
		"all at once": {
			condition{connected: true, minReplicas: 1, version: &version, autoUpgrade: "ON"},
			harness.ListedDelegate{AutoUpgrade: "OFF", Replicas: replicas("-24.04.82804")},
			[]string{"it is not connected", "it has 0 connected replicas, not 1", "no replica is connected that could run version 24.04.82804", "its auto-upgrade status is OFF, not ON"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.missing, tc.wanted.missing(tc.delegate)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIDs(t *testing.T) {
	member := func(scope delegate.Scope, placed bool, orgName, projectName string) fleet.Member {
		return fleet.Member{Scope: scope, Placed: placed, ListedDelegate: harness.ListedDelegate{Name: "d", OrgName: orgName, ProjectName: projectName}}
	}
	account := delegate.Scope{Account: "acc"}
	var entries []entryModel
	for _, m := range []fleet.Member{
		member(account, true, "", ""),
		member(delegate.Scope{Account: "acc", Org: "o"}, true, "Org", ""),
		member(delegate.Scope{Account: "acc", Org: "o", Project: "p"}, true, "Org", "Pro"),
		member(account, false, "Org", "Pro"),
		member(account, false, "Org", "Pro"),
		member(account, false, "Org", ""),
		member(account, false, "", ""),
	} {
		entries = append(entries, entryOf(m, start))
	}
	distinguish(entries)
	var got []string
	for _, e := range entries {
		got = append(got, e.ID.ValueString())
	}
	want := []string{"acc/d", "acc/o/d", "acc/o/p/d", "acc/(Org)/(Pro)/d", "acc/(Org)/(Pro)/d#2", "acc/(Org)/d", "acc/d#2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The support of what a delegate runs, around the thresholds of the policy.
func TestSupport(t *testing.T) {
	for _, tc := range []struct {
		version string
		at      string
		status  string
	}{
		{"24.04.82804", "2024-09-30T23:59:59Z", "supported"},
		{"24.04.82804", "2024-10-01T00:00:00Z", "end_of_support"},
		{"24.04.82804", "2024-11-30T23:59:59Z", "end_of_support"},
		{"24.04.82804", "2024-12-01T00:00:00Z", "end_of_life"},
		{"1.0.76600", "2024-05-15T12:00:00Z", ""},
		{"", "2024-05-15T12:00:00Z", ""},
	} {
		now, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		got := observe(fleet.Member{ListedDelegate: harness.ListedDelegate{Replicas: replicas(tc.version)}}, now)
		if got.SupportStatus.ValueString() != tc.status || got.SupportStatus.IsNull() != (tc.status == "") || got.EndOfLife.IsNull() != (tc.status == "") {
			t.Errorf("%s at %s is %s until %s, want %q", tc.version, tc.at, got.SupportStatus, got.EndOfLife, tc.status)
		}
	}
}

func TestResembles(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"payments-delegate", "Payments_Delegate", true},
		{"payments-delegate", "payments", true},
		{"payments-delegate", "paymentsdelegate", true},
		{"payments-delegate", "paymnets-delegate", true},
		{"payments-delegate", "search-delegate", false},
		{"abc", "xyz", false},
	} {
		if got := resembles(tc.a, tc.b); got != tc.want {
			t.Errorf("%q and %q: %t", tc.a, tc.b, got)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"ab", "", 2}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"ü", "u", 1}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q and %q are %d apart, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestPace(t *testing.T) {
	var got []time.Duration
	for interval := politePace.first; len(got) < 9; interval = politePace.after(interval) {
		got = append(got, interval.Truncate(time.Millisecond))
	}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	want := []time.Duration{ms(1000), ms(1500), ms(2250), ms(3375), ms(5062), ms(7593), ms(11390), ms(15000), ms(15000)}
	if !slices.Equal(got, want) {
		t.Errorf("the intervals are %v, want %v", got, want)
	}
}
