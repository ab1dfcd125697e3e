package tagoverride_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const resolved = "data.harnessdelegate_resolved_image.of"

const latestImage = "harness/delegate:" + acctest.Latest

// The overrides of the documented cases: at the account (A), an organization
// (O) or a project (P) of it, with tags or without.
func atAccount(image string, tags ...string) simulator.Override {
	return simulator.Override{Version: image, Tags: tags}
}

func atOrg(image string, tags ...string) simulator.Override {
	return simulator.Override{OrgID: "default", Version: image, Tags: tags}
}

func atProject(image string, tags ...string) simulator.Override {
	return simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: tags}
}

// Where the delegate lives.
type place struct{ org, project string }

var (
	inAccount  = place{}
	inOrg      = place{org: "default"}
	inProject  = place{org: "default", project: "payments"}
	inOtherOrg = place{org: "platform", project: "build"}
)

// Every documented case, through Terraform, and the same answer from the
// Manager's own rules, which share no code with the provider's.
func TestAccResolvedImage_documentedCases(t *testing.T) {
	ended := acctest.Start.Add(-days)
	expired := atProject("p2:1", "t1")
	expired.ValidUntil = &ended
	for _, test := range []struct {
		name      string
		overrides []simulator.Override
		where     place
		delegate  string
		tags      []string
		want      string
	}{
		{"1 nothing set", nil, inProject, "d1", []string{"t1"}, latestImage},
		{"2 same scope", []simulator.Override{atAccount("a1:1")}, inAccount, "d1", nil, "a1:1"},
		{"3 inherited", []simulator.Override{atAccount("a1:1")}, inProject, "d1", nil, "a1:1"},
		{"4 nearest without tags", []simulator.Override{atAccount("a1:1"), atProject("p1:1")}, inProject, "d1", nil, "p1:1"},
		{"5 what is below doesn't count", []simulator.Override{atAccount("a1:1"), atOrg("o1:1"), atProject("p1:1")}, inOrg, "d1", nil, "o1:1"},
		{"6 never upwards", []simulator.Override{atOrg("o1:1")}, inAccount, "d1", nil, latestImage},
		{"7 other branch", []simulator.Override{atOrg("o1:1")}, inOtherOrg, "d1", nil, latestImage},
		{"8 subset of the tags, inherited", []simulator.Override{atAccount("a2:1", "t1")}, inProject, "d1", []string{"t1", "t2"}, "a2:1"},
		{"9 not a subset", []simulator.Override{atAccount("a2:1", "t1", "t2", "t3")}, inAccount, "d1", []string{"t1", "t2"}, latestImage},
		{"10 tags first, over all scopes", []simulator.Override{atAccount("a2:1", "t1"), atProject("p1:1")}, inProject, "d1", []string{"t1"}, "a2:1"},
		{"11 no tags match", []simulator.Override{atAccount("a2:1", "t1"), atProject("p1:1")}, inProject, "d1", []string{"t9"}, "p1:1"},
		{"12 the search goes on upwards", []simulator.Override{atProject("p2:1", "t9"), atOrg("o2:1", "t1"), atProject("p1:1")}, inProject, "d1", []string{"t1"}, "o2:1"},
		{"13 then those without tags", []simulator.Override{atProject("p2:1", "t9"), atProject("p1:1")}, inProject, "d1", []string{"t1"}, "p1:1"},
		{"14 nearest, not most specific", []simulator.Override{atProject("p2:1", "t1"), atOrg("o2:1", "t1", "t2")}, inProject, "d1", []string{"t1", "t2"}, "p2:1"},
		{"15 the name is a tag", []simulator.Override{atProject("p3:1", "d1"), atProject("p1:1")}, inProject, "D1", nil, "p3:1"},
		{"16 the slot is overwritten", []simulator.Override{atProject("p2:1", "t1"), atProject("p4:1", "t2")}, inProject, "d1", []string{"t1"}, latestImage},
		{"17 expired", []simulator.Override{expired, atOrg("o1:1")}, inProject, "d1", []string{"t1"}, "o1:1"},
		{"18 capitals count", []simulator.Override{atProject("p2:1", "T1")}, inProject, "d1", []string{"t1"}, latestImage},
		{"19 a lower version", []simulator.Override{atAccount("harness/delegate:23.10.81000")}, inAccount, "d1", nil, "harness/delegate:23.10.81000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := acctest.NewManager(t)
			for _, o := range test.overrides {
				m.Put(t, o)
			}
			if got := m.ImageFor(acctest.Account, test.where.org, test.where.project, test.delegate, test.tags); got != test.want {
				t.Errorf("the Manager resolves to %q, want %q", got, test.want)
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config:            m.Config(lookUp(test.where, test.delegate, test.tags)),
					ConfigStateChecks: []statecheck.StateCheck{found("image", text(test.want))},
				}},
			})
		})
	}
}

func lookUp(where place, name string, tags []string) string {
	quoted := func(value string) string {
		if value == "" {
			return "null"
		}
		return fmt.Sprintf("%q", value)
	}
	return fmt.Sprintf("data \"harnessdelegate_resolved_image\" \"of\" {\n  org_id = %s\n  project_id = %s\n  delegate_name = %s\n  tags = %s\n}\n",
		quoted(where.org), quoted(where.project), quoted(name), hclList(tags))
}

func found(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(resolved, tfjsonpath.New(attribute), value)
}

// The whole answer, with the trail in the order of the search.
func TestAccResolvedImage_trail(t *testing.T) {
	m := acctest.NewManager(t)
	m.Put(t, atAccount("a:1"))
	m.Put(t, atAccount(imageA, "t1"))
	m.Put(t, atProject("p:1", "t9"))
	m.Put(t, atProject("p:2"))
	m.Put(t, atOrg("o:1"))
	id := func(rest string) string { return acctest.Account + "/" + rest }
	const outranked = "an override with tags goes first at any scope, and the one for the account matches"
	entry := func(slot, image, outcome, reason string) knownvalue.Check {
		return knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"id": text(id(slot)), "delegate_tag": text(image), "outcome": text(outcome), "reason": text(reason),
		})
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: m.Config(lookUp(inProject, "d1", []string{"t1"})),
			ConfigStateChecks: []statecheck.StateCheck{
				found("image", text(imageA)),
				found("version", text("24.04.82804")),
				found("source", text("override")),
				found("override_id", text(id("tagged"))),
				found("valid_until", endsAfter(acctest.Start, 180)),
				found("trail", knownvalue.ListExact([]knownvalue.Check{
					entry("default/payments/tagged", "p:1", "tags_not_matched", "the delegate lacks the override's tags {t9}"),
					entry("tagged", imageA, "applied", "the delegate carries its tags {t1}, and it is the nearest such override (inherited from the account)"),
					entry("default/payments/untagged", "p:2", "outranked", outranked),
					entry("default/untagged", "o:1", "outranked", outranked),
					entry("untagged", "a:1", "outranked", outranked),
				})),
			},
		}},
	})
}

// Without any override the answer is the latest version, and the rest is null.
func TestAccResolvedImage_latest(t *testing.T) {
	m := acctest.NewManager(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: m.Config(lookUp(inAccount, "", nil)),
			ConfigStateChecks: []statecheck.StateCheck{
				found("image", text(latestImage)),
				found("source", text("latest")),
				found("override_id", knownvalue.Null()),
				found("valid_until", knownvalue.Null()),
				found("trail", knownvalue.ListSizeExact(0)),
			},
		}},
	})
}

// A key that can't see the parents can't know the answer.
func TestAccResolvedImage_parentsOutOfSight(t *testing.T) {
	m := acctest.NewManager(t)
	m.AddKey(simulator.Key{
		Token: "pat.project", AccountID: acctest.Account,
		Grants: []simulator.Grant{{OrgID: "default", ProjectID: "payments", Permissions: []string{simulator.PermissionView}}},
	})
	refused(t, fmt.Sprintf("provider \"harnessdelegate\" {\n  endpoint = %q\n  account_id = %q\n  platform_api_key = \"pat.project\"\n}\n", m.URL, acctest.Account)+
		lookUp(inProject, "d1", nil), `core_delegate_view on delegate for account "`+acctest.Account+`"`)
}

func TestAccTagOverrides_list(t *testing.T) {
	m := acctest.NewManager(t)
	m.Put(t, atOrg("o:1"))
	m.Put(t, atOrg("o:2", "b", "a"))
	m.Put(t, atProject("p:1"))
	m.Put(t, atAccount("a:1"))
	list := func(name, arguments string) string {
		return fmt.Sprintf("data \"harnessdelegate_tag_overrides\" %q {\n  org_id = \"default\"\n  %s\n}\n", name, arguments)
	}
	entry := func(kind, image string, tags knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"id": text(acctest.Account + "/default/" + kind), "delegate_tag": text(image), "tags": tags,
			"valid_till_next_release": knownvalue.Bool(false), "valid_until": endsAfter(acctest.Start, 180),
		})
	}
	holds := func(name string, entries ...knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.harnessdelegate_tag_overrides."+name, tfjsonpath.New("overrides"), knownvalue.ListExact(entries))
	}
	plain, tagged := entry("untagged", "o:1", knownvalue.Null()), entry("tagged", "o:2", tags("a", "b"))
	for _, reach := range []simulator.GetReach{"exact", "parents", "children"} {
		t.Run(string(reach), func(t *testing.T) {
			behaviour := m.Behaviour()
			behaviour.GetReach = reach
			m.SetBehaviour(behaviour)
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config: m.Config(list("all", ""), list("given", `tags = ["a", "b"]`), list("none", "tags = []"), list("other", `tags = ["a"]`)),
					ConfigStateChecks: []statecheck.StateCheck{
						holds("all", plain, tagged), holds("given", tagged), holds("none", plain), holds("other"),
					},
				}},
			})
		})
	}
}
