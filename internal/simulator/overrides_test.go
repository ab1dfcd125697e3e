package simulator_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const day = 24 * time.Hour

func TestPutOverrideIsStrict(t *testing.T) {
	const unknownError = "Oops, something went wrong on our end. Please contact Harness Support."
	tests := map[string]struct {
		query  string
		status int
		code   string
		text   string
	}{
		"image missing":        {"", 400, "INVALID_REQUEST", "query param delegateTag: must not be empty"},
		"image empty":          {"delegateTag=", 400, "INVALID_REQUEST", "query param delegateTag: must not be empty"},
		"image blank":          {"delegateTag=%20", 200, "", ""},
		"image without a tag":  {"delegateTag=harness/delegate", 200, "", ""},
		"days below":           {"delegateTag=a&validForDays=-1", 400, "INVALID_REQUEST", "query param validForDays: must be between 0 and 180"},
		"days above":           {"delegateTag=a&validForDays=181", 400, "INVALID_REQUEST", "query param validForDays: must be between 0 and 180"},
		"days least":           {"delegateTag=a&validForDays=0", 200, "", ""},
		"days most":            {"delegateTag=a&validForDays=180", 200, "", ""},
		"days blank":           {"delegateTag=a&validForDays=", 200, "", ""},
		"days with a sign":     {"delegateTag=a&validForDays=%2B5", 200, "", ""},
		"days a word":          {"delegateTag=a&validForDays=abc", 500, "UNKNOWN_ERROR", unknownError},
		"days a fraction":      {"delegateTag=a&validForDays=1.5", 500, "UNKNOWN_ERROR", unknownError},
		"days beyond 32 bits":  {"delegateTag=a&validForDays=4294967297", 500, "UNKNOWN_ERROR", unknownError},
		"days with a space":    {"delegateTag=a&validForDays=5%20", 500, "UNKNOWN_ERROR", unknownError},
		"unknown organization": {"delegateTag=a&orgIdentifier=nope", 400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [nope] not found"},
		"unknown project": {
			"delegateTag=a&orgIdentifier=default&projectIdentifier=nope", 400, "RESOURCE_NOT_FOUND_EXCEPTION",
			"Project with identifier [nope] not found",
		},
		"project of another organization": {
			"delegateTag=a&orgIdentifier=default&projectIdentifier=build", 400, "RESOURCE_NOT_FOUND_EXCEPTION",
			"Project with identifier [build] not found",
		},
		"two violations": {
			"validForDays=200", 400, "INVALID_REQUEST",
			"query param delegateTag: must not be empty, query param validForDays: must be between 0 and 180",
		},
		"scope before constraints":  {"orgIdentifier=nope", 400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [nope] not found"},
		"types before constraints":  {"validForDays=abc", 500, "UNKNOWN_ERROR", unknownError},
		"unknown parameter":         {"delegateTag=a&colour=red", 200, "", ""},
		"query that cannot be read": {"delegateTag=%zz", 400, "INVALID_REQUEST", "HTTP 400 Bad Request"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			got := m.call("PUT", overridePath, test.query)
			if test.status == http.StatusOK {
				got.wantStatus(http.StatusOK)
				return
			}
			got.wantError(test.status, test.code, test.text)
			wantEqual(t, m.Overrides(account), []simulator.Override{})
		})
	}
}

func TestTagsAreASetOfRepeatedTexts(t *testing.T) {
	tests := map[string]struct {
		query string
		want  []string
	}{
		"none":                      {"", nil},
		"one":                       {"tags=a", []string{"a"}},
		"repeated key":              {"tags=b&tags=a", []string{"a", "b"}},
		"duplicates":                {"tags=a&tags=a", []string{"a"}},
		"a comma does not separate": {"tags=a,b", []string{"a,b"}},
		"one empty text":            {"tags=", []string{""}},
		"case is kept":              {"tags=A&tags=a", []string{"A", "a"}},
		"encoded":                   {"tags=a%26b&tags=c+d", []string{"a&b", "c d"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.put("delegateTag=a:1&" + test.query)
			wantEqual(t, m.rows("")[0].Tags, test.want)
		})
	}
}

func TestFlagIsTrueOnlyForTheWordTrue(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "TRUE": true, "false": false, "1": false, "yes": false, "": false} {
		t.Run("flag "+text, func(t *testing.T) {
			m := newManager(t)
			m.put("delegateTag=a:1&validTillNextRelease=" + text)
			wantEqual(t, m.rows("")[0].ValidTillNextRelease, want)
		})
	}
}

func TestScopeHoldsOneTaggedAndOneUntaggedOverride(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=plain:1")
	m.put("delegateTag=tagged:1&tags=t1")
	m.put("delegateTag=org:1&orgIdentifier=default")
	wantEqual(t, m.versions(""), []string{"plain:1", "tagged:1"})

	m.put("delegateTag=tagged:2&tags=t2&tags=t3")
	m.put("delegateTag=plain:2")
	wantEqual(t, m.versions(""), []string{"plain:2", "tagged:2"})
	wantEqual(t, m.rows("")[1].Tags, []string{"t2", "t3"})
	wantEqual(t, m.versions("orgIdentifier=default"), []string{"org:1"})
}

func TestProjectWithoutOrganizationWorksAtAccountScope(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=a:1&projectIdentifier=payments")
	wantEqual(t, m.versions(""), []string{"a:1"})
}

func TestDeleteNeedsAnExactMatch(t *testing.T) {
	const at = "orgIdentifier=default&"
	tests := map[string]struct {
		query string
		left  []string
	}{
		"untagged":                  {at, []string{"tagged:1"}},
		"tagged":                    {at + "tags=t2&tags=t1", []string{"plain:1"}},
		"fewer tags":                {at + "tags=t1", []string{"plain:1", "tagged:1"}},
		"more tags":                 {at + "tags=t1&tags=t2&tags=t3", []string{"plain:1", "tagged:1"}},
		"tags in a comma list":      {at + "tags=t1,t2", []string{"plain:1", "tagged:1"}},
		"empty tag is not untagged": {at + "tags=", []string{"plain:1", "tagged:1"}},
		"other case":                {at + "tags=T1&tags=t2", []string{"plain:1", "tagged:1"}},
		"other scope":               {"", []string{"plain:1", "tagged:1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.put(at + "delegateTag=plain:1")
			m.put(at + "delegateTag=tagged:1&tags=t1&tags=t2")
			deleted := m.call("DELETE", deletePath, test.query)
			deleted.wantStatus(200)
			wantEqual(t, deleted.body, "")
			wantEqual(t, m.versions(at), test.left)
		})
	}
}

func TestTermOfAnOverride(t *testing.T) {
	tests := map[string]struct {
		query string
		want  any
	}{
		"default":           {"", float64(start.AddDate(0, 0, 180).UnixMilli())},
		"30 days":           {"validForDays=30", float64(start.AddDate(0, 0, 30).UnixMilli())},
		"till next release": {"validTillNextRelease=true", nil},
		"both":              {"validTillNextRelease=true&validForDays=30", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.put("delegateTag=a:1&" + test.query)
			wantEqual(t, m.rows("")[0].ValidUntil, test.want)
		})
	}
}

func TestOverrideExpiresAtValidUntil(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=a:1&validForDays=30")
	m.Advance(30*day - time.Millisecond)
	wantEqual(t, m.versions(""), []string{"a:1"})
	m.Advance(time.Millisecond)
	wantEqual(t, m.versions(""), []string{})
	wantEqual(t, m.Overrides(account), []simulator.Override{})
}

func TestZeroDaysExpireAtOnce(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=a:1&validForDays=0")
	wantEqual(t, m.versions(""), []string{})
}

func TestEachPutRestartsTheTerm(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=a:1&validForDays=30")
	m.Advance(20 * day)
	m.put("delegateTag=a:1&validForDays=30")
	m.Advance(29 * day)
	wantEqual(t, m.versions(""), []string{"a:1"})
}

func TestReleaseEndsOverridesThatWaitForIt(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=kept:1")
	m.put("delegateTag=ended:1&tags=t&validTillNextRelease=true")
	m.Advance(1000 * day)
	m.put("delegateTag=kept:1")
	wantEqual(t, m.versions(""), []string{"kept:1", "ended:1"})
	wantEqual(t, m.Release(account, "24.05.83001"), true)
	wantEqual(t, m.versions(""), []string{"kept:1"})
	wantEqual(t, m.ImageFor(account, "", "", "", nil), "kept:1")
	m.RemoveOverride(account, "", "", false)
	wantEqual(t, m.ImageFor(account, "", "", "", nil), "harness/delegate:24.05.83001")
	wantEqual(t, m.Release("nope", "1"), false)
}

func TestLaterPutClearsTheFlag(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=a:1&validTillNextRelease=true")
	m.put("delegateTag=a:1&validForDays=1")
	wantEqual(t, m.rows("")[0].ValidTillNextRelease, false)
	m.put("delegateTag=a:1&validTillNextRelease=true")
	wantEqual(t, m.rows("")[0].ValidUntil, nil)
}

func TestPutOverrideBehindTheBack(t *testing.T) {
	m := newManager(t)
	until := start.Add(time.Hour + time.Nanosecond)
	if err := m.PutOverride(simulator.Override{AccountID: account, OrgID: "default", Tags: []string{"b", "a"}, Version: "x:1", ValidUntil: &until}); err != nil {
		t.Fatal(err)
	}
	if err := m.PutOverride(simulator.Override{AccountID: account, Version: "y:1"}); err != nil {
		t.Fatal(err)
	}
	term, hour := start.AddDate(0, 0, 180), start.Add(time.Hour)
	wantEqual(t, m.Overrides(account), []simulator.Override{
		{AccountID: account, Version: "y:1", ValidUntil: &term},
		{AccountID: account, OrgID: "default", Tags: []string{"a", "b"}, Version: "x:1", ValidUntil: &hour},
	})
	wantEqual(t, m.RemoveOverride(account, "default", "", false), false)
	wantEqual(t, m.RemoveOverride(account, "default", "", true), true)
	wantEqual(t, m.versions("orgIdentifier=default"), []string{})
}

func TestPutOverrideBehindTheBackRefusesNonsense(t *testing.T) {
	for name, o := range map[string]simulator.Override{
		"no version":                   {AccountID: account},
		"unknown account":              {AccountID: "nope", Version: "a:1"},
		"unknown organization":         {AccountID: account, OrgID: "nope", Version: "a:1"},
		"unknown project":              {AccountID: account, OrgID: "default", ProjectID: "nope", Version: "a:1"},
		"project without organization": {AccountID: account, ProjectID: "payments", Version: "a:1"},
	} {
		t.Run(name, func(t *testing.T) {
			if newManager(t).PutOverride(o) == nil {
				t.Error("it is accepted")
			}
		})
	}
}

func TestProjectMadeAnewHasAnotherUniqueIDAndNoOverrides(t *testing.T) {
	m := newManager(t)
	const at = "orgIdentifier=default&projectIdentifier=payments"
	id := func() string {
		var list struct {
			VersionOverrides []struct{ ParentUniqueID string }
		}
		m.call("GET", overridePath, at).resource(&list)
		return list.VersionOverrides[0].ParentUniqueID
	}
	m.put("delegateTag=a:1&" + at)
	before := id()
	m.AddAccount(testAccount())
	wantEqual(t, id(), before)

	m.AddAccount(simulator.Account{ID: account})
	m.AddAccount(testAccount())
	wantEqual(t, m.versions(at), []string{})
	m.put("delegateTag=a:1&" + at)
	if id() == before {
		t.Error("the unique ID did not change")
	}
}

// FuzzSlots compares the simulator with a map from scope and kind to image and tags. Each byte is one write or delete:
// two bits of scope, two of tags, one that tells a delete.
func FuzzSlots(f *testing.F) {
	f.Add([]byte{0b00000, 0b00100, 0b10000, 0b10100})
	f.Add([]byte{0b00101, 0b01001, 0b11101, 0b10101, 0b11001})
	f.Add([]byte{0b00110, 0b01110, 0b11110, 0b00010, 0b10010, 0b00011, 0b10111})
	f.Fuzz(func(t *testing.T, steps []byte) {
		m := newManager(t)
		scopes := []string{"", "orgIdentifier=default", "orgIdentifier=default&projectIdentifier=payments", "orgIdentifier=platform"}
		tagSets := [][]string{nil, {"t1"}, {"t2"}, {"t1", "t2"}}
		type slot struct {
			scope  string
			tagged bool
		}
		type content struct {
			image string
			tags  []string
		}
		model := map[slot]content{}
		for i, step := range steps[:min(len(steps), 40)] {
			at, tags := scopes[step&3], tagSets[step>>2&3]
			query := at
			for _, tag := range tags {
				query += "&tags=" + tag
			}
			s := slot{at, len(tags) > 0}
			if step&0b10000 == 0 {
				image := "i:" + strconv.Itoa(i)
				m.put(query + "&delegateTag=" + image)
				model[s] = content{image, tags}
				continue
			}
			m.call("DELETE", deletePath, query).wantStatus(http.StatusOK)
			if slices.Equal(model[s].tags, tags) {
				delete(model, s)
			}
		}
		listed := map[slot]content{}
		for _, at := range scopes {
			for _, r := range m.rows(at) {
				listed[slot{at, len(r.Tags) > 0}] = content{r.Version, r.Tags}
			}
		}
		if diff := cmp.Diff(model, listed, cmp.AllowUnexported(slot{}, content{})); diff != "" {
			t.Errorf("differs (-model +listed):\n%s", diff)
		}
	})
}
