package functions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
)

// entry is an override as a configuration has it.
type entry struct {
	ID          *string  `tfsdk:"id"`
	Tags        []string `tfsdk:"tags"`
	DelegateTag *string  `tfsdk:"delegate_tag"`
	ValidUntil  *string  `tfsdk:"valid_until"`
}

// subject is a delegate as a configuration has it.
type subject struct {
	OrgID     *string  `tfsdk:"org_id"`
	ProjectID *string  `tfsdk:"project_id"`
	Name      *string  `tfsdk:"name"`
	Tags      []string `tfsdk:"tags"`
}

const (
	now        = "2024-05-15T12:00:00Z"
	later      = "2024-11-11T12:00:00Z"
	latest     = "24.04.82804"
	latestFull = "harness/delegate:24.04.82804"
)

// set is an override in a slot of account A that is valid for long.
func set(slot, image string, tags ...string) entry {
	id, until := "A/"+slot, later
	return entry{ID: &id, Tags: tags, DelegateTag: &image, ValidUntil: &until}
}

func (e entry) until(end string) entry {
	e.ValidUntil = &end
	return e
}

func (e entry) endless() entry {
	e.ValidUntil = nil
	return e
}

// Where a delegate lives.
func inAccount(name string, tags ...string) subject {
	return subject{Name: &name, Tags: tags}
}

func in(org, project, name string, tags ...string) subject {
	s := inAccount(name, tags...)
	s.OrgID = &org
	if project != "" {
		s.ProjectID = &project
	}
	return s
}

// The worked examples of the documented resolution. Example 20 (an empty tag)
// is refused, and 21 (a token of another scope) has no defined answer.
func TestResolveImage_documentedCases(t *testing.T) {
	for _, tc := range []struct {
		name      string
		overrides []entry
		delegate  subject
		want      string
	}{
		{"1 nothing set", nil, in("O1", "P1", "d1", "t1"), latestFull},
		{"2 same scope", []entry{set("untagged", "a1")}, inAccount("d1"), "a1"},
		{"3 inherited", []entry{set("untagged", "a1")}, in("O1", "P1", "d1"), "a1"},
		{"4 nearest without tags", []entry{set("untagged", "a1"), set("O1/P1/untagged", "p1")}, in("O1", "P1", "d1"), "p1"},
		{"5 what is below doesn't count", []entry{set("untagged", "a1"), set("O1/untagged", "o1"), set("O1/P1/untagged", "p1")}, in("O1", "", "d1"), "o1"},
		{"6 never upwards", []entry{set("O1/untagged", "o1")}, inAccount("d1"), latestFull},
		{"7 other branch", []entry{set("O1/untagged", "o1")}, in("O2", "P2", "d1"), latestFull},
		{"8 subset of the tags, inherited", []entry{set("tagged", "a2", "t1")}, in("O1", "P1", "d1", "t1", "t2"), "a2"},
		{"9 not a subset", []entry{set("tagged", "a2", "t1", "t2", "t3")}, inAccount("d1", "t1", "t2"), latestFull},
		{"10 tags first, over all scopes", []entry{set("tagged", "a2", "t1"), set("O1/P1/untagged", "p1")}, in("O1", "P1", "d1", "t1"), "a2"},
		{"11 no tags match", []entry{set("tagged", "a2", "t1"), set("O1/P1/untagged", "p1")}, in("O1", "P1", "d1", "t9"), "p1"},
		{
			"12 the search goes on upwards",
			[]entry{set("O1/P1/tagged", "p2", "t9"), set("O1/tagged", "o2", "t1"), set("O1/P1/untagged", "p1")},
			in("O1", "P1", "d1", "t1"),
			"o2",
		},
		{"13 then those without tags", []entry{set("O1/P1/tagged", "p2", "t9"), set("O1/P1/untagged", "p1")}, in("O1", "P1", "d1", "t1"), "p1"},
		{"14 nearest, not most specific", []entry{set("O1/P1/tagged", "p2", "t1"), set("O1/tagged", "o2", "t1", "t2")}, in("O1", "P1", "d1", "t1", "t2"), "p2"},
		{"15 the name is a tag", []entry{set("O1/P1/tagged", "p3", "d1"), set("O1/P1/untagged", "p1")}, in("O1", "P1", "D1"), "p3"},
		{"16 the slot was overwritten", []entry{set("O1/P1/tagged", "p4", "t2")}, in("O1", "P1", "d1", "t1"), latestFull},
		{"17 expired", []entry{set("O1/P1/tagged", "p2", "t1").until(now), set("O1/untagged", "o1")}, in("O1", "P1", "d1", "t1"), "o1"},
		{"18 capitals count", []entry{set("O1/P1/tagged", "p2", "T1")}, in("O1", "P1", "d1", "t1"), latestFull},
		{"19 a lower version", []entry{set("untagged", "harness/delegate:23.10.81000")}, inAccount("d1"), "harness/delegate:23.10.81000"},
		// The same rules from other sides.
		{"an end in another zone, not yet there", []entry{set("untagged", "a1").until("2024-05-15T14:00:01+02:00")}, inAccount("d1"), "a1"},
		{"an end in another zone, come", []entry{set("untagged", "a1").until("2024-05-15T14:00:00+02:00")}, inAccount("d1"), latestFull},
		{"no end", []entry{set("untagged", "a1").endless()}, inAccount("d1"), "a1"},
		{"a delegate without name and tags", []entry{set("tagged", "a2", "t1"), set("untagged", "a1")}, subject{}, "a1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failure := call(t, functions.NewResolveImage(), tc.overrides, tc.delegate, latest, now)
			if failure != nil {
				t.Fatal(failure)
			}
			answer, ok := got.(map[string]any)
			if !ok || answer["image"] != tc.want {
				t.Errorf("got %v, want the image %s", got, tc.want)
			}
			source := "override"
			if tc.want == latestFull {
				source = "latest"
			}
			if answer["source"] != source {
				t.Errorf("the source is %v, want %s", answer["source"], source)
			}
		})
	}
}

func TestResolveImage_wholeAnswer(t *testing.T) {
	const image = "registry.example.com/team/delegate:24.03.82600"
	overrides := []entry{set("untagged", "a:1").endless(), set("tagged", image, "t1"), set("O2/untagged", "o:2")}
	got, failure := call(t, functions.NewResolveImage(), overrides, in("O1", "P1", "d1", "t1"), latest, now)
	if failure != nil {
		t.Fatal(failure)
	}
	want := map[string]any{
		"image": image, "version": "24.03.82600", "source": "override", "override_id": "A/tagged", "valid_until": later,
		"trail": []any{
			map[string]any{
				"id": "A/tagged", "tags": []any{"t1"}, "delegate_tag": image, "valid_until": later, "outcome": "applied",
				"reason": "the delegate carries its tags {t1}, and it is the nearest such override (inherited from the account)",
			},
			map[string]any{
				"id": "A/untagged", "tags": nil, "delegate_tag": "a:1", "valid_until": nil, "outcome": "outranked",
				"reason": "an override with tags goes first at any scope, and the one for the account matches",
			},
			map[string]any{
				"id": "A/O2/untagged", "tags": nil, "delegate_tag": "o:2", "valid_until": later, "outcome": "out_of_reach",
				"reason": `it is set for organization "O2" in account "A", which does not hold the delegate`,
			},
		},
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResolveImage_latest(t *testing.T) {
	for given, want := range map[string][2]any{
		latest:                        {latestFull, latest},
		"24.04.82804.minimal":         {latestFull + ".minimal", "24.04.82804.minimal"},
		latestFull:                    {latestFull, latest},
		"registry.example.com/smp:1":  {"registry.example.com/smp:1", nil},
		"harness/delegate:latest":     {"harness/delegate:latest", nil},
		"harness/delegate@" + digest:  {"harness/delegate@" + digest, nil},
		"registry.example.com/a/b:24": {"registry.example.com/a/b:24", nil},
	} {
		got, failure := call(t, functions.NewResolveImage(), []entry{}, subject{}, given, now)
		if failure != nil {
			t.Fatalf("%q: %s", given, failure)
		}
		answer := map[string]any{
			"image": want[0], "version": want[1], "source": "latest", "override_id": nil, "valid_until": nil, "trail": []any{},
		}
		if diff := cmp.Diff(any(answer), got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", given, diff)
		}
	}
}

func TestResolveImage_refuses(t *testing.T) {
	text := func(s string) *string { return &s }
	const slots = "the form is ACCOUNT/KIND, ACCOUNT/ORG/KIND or ACCOUNT/ORG/PROJECT/KIND, where KIND is tagged or untagged"
	nobody := subject{}
	entries := func(overrides ...entry) []any { return []any{overrides, nobody, latest, now} }
	none := []entry{}
	refuses(t, functions.NewResolveImage(), []refusal{
		{"null", []any{[]*entry{nil}, nobody, latest, now}, 0, "overrides[0] is null"},
		{"no id", entries(set("untagged", "a1"), entry{DelegateTag: text("a1")}), 0, `overrides[1]: id: "" has 1 parts; ` + slots},
		{"an id of another kind", entries(set("org", "a1")), 0, `overrides[0]: id: "A/org" ends in "org"; ` + slots},
		{"tags in an untagged slot", entries(set("untagged", "a1", "t1")), 0, `overrides[0]: the id "A/untagged" is that of an override that is untagged, but its tags are {t1}`},
		{"no tags in a tagged slot", entries(set("O1/tagged", "a1")), 0, `overrides[0]: the id "A/O1/tagged" is that of an override that is tagged, but its tags are none`},
		{"20 an empty tag", entries(set("tagged", "a1", "")), 0, "overrides[0]: tags have an element that is null or empty"},
		{"no image", entries(set("untagged", "")), 0, "overrides[0]: delegate_tag, the image that delegates get, is null or empty"},
		{"an end that isn't", entries(set("untagged", "a1").until("soon")), 0, `overrides[0]: valid_until, "soon", is not a time such as 2024-04-30T12:00:00Z (RFC 3339)`},
		{"a slot twice", entries(set("untagged", "a1"), set("O1/untagged", "o1"), set("untagged", "a2")), 0, `overrides[0] and overrides[2] both have the id "A/untagged", and a Manager holds one override for each`},
		{"two accounts", entries(set("untagged", "a1"), entry{ID: text("B/untagged"), DelegateTag: text("b1")}), 0, `overrides[0] is of account "A" and overrides[1] of account "B"; give those of the delegate's account only`},
		{"a project on its own", []any{none, subject{ProjectID: text("P1")}, latest, now}, 1, `project "P1" is given without its organization`},
		{"an organization that can't be", []any{none, in("a b", "", "d1"), latest, now}, 1, `"a b" is not a Harness identifier: those have no slashes, blanks or control characters`},
		{"a delegate's empty tag", []any{none, inAccount("d1", ""), latest, now}, 1, "tags have an element that is null or empty"},
		{"no latest", []any{none, nobody, "latest", now}, 2, `"latest" is not ` + formOf},
		{"a latest image that isn't", []any{none, nobody, "harness/Delegate:1", now}, 2, `"harness/Delegate:1" is not an image reference: invalid reference format: repository name (harness/Delegate) must be lowercase`},
		{"no time", []any{none, nobody, latest, "now"}, 3, `"now" is not a time such as 2024-04-30T12:00:00Z (RFC 3339), which is what plantimestamp() gives`},
	})
}
