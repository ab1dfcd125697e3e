package delegate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

var (
	acct    = delegate.Scope{Account: "aBc"}
	org     = delegate.Scope{Account: "aBc", Org: "default"}
	project = delegate.Scope{Account: "aBc", Org: "default", Project: "payments"}
)

func TestScope(t *testing.T) {
	for name, tc := range map[string]struct {
		scope delegate.Scope
		level delegate.Level
		chain []delegate.Scope
		text  string
		short string
	}{
		"account":      {acct, delegate.LevelAccount, []delegate.Scope{acct}, `account "aBc"`, "the account"},
		"organization": {org, delegate.LevelOrg, []delegate.Scope{org, acct}, `organization "default" in account "aBc"`, `organization "default"`},
		"project": {
			project, delegate.LevelProject,
			[]delegate.Scope{project, org, acct},
			`project "payments" of organization "default" in account "aBc"`, `project "default/payments"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tc.scope.Validate(); err != nil {
				t.Errorf("it doesn't validate: %v", err)
			}
			if got := tc.scope.Level(); got != tc.level {
				t.Errorf("level is %q, want %q", got, tc.level)
			}
			if diff := cmp.Diff(tc.chain, tc.scope.Chain()); diff != "" {
				t.Errorf("chain (-want +got):\n%s", diff)
			}
			if got := tc.scope.String(); got != tc.text {
				t.Errorf("text is %s, want %s", got, tc.text)
			}
			if got := tc.scope.Short(); got != tc.short {
				t.Errorf("within its account it is %s, want %s", got, tc.short)
			}
		})
	}
}

func TestScopeThatCannotExist(t *testing.T) {
	for name, tc := range map[string]struct {
		scope delegate.Scope
		want  string
	}{
		"no account":            {delegate.Scope{}, "the account identifier is empty"},
		"organization alone":    {delegate.Scope{Org: "default"}, "the account identifier is empty"},
		"project without org":   {delegate.Scope{Account: "aBc", Project: "payments"}, `project "payments" is given without its organization`},
		"slash in the account":  {delegate.Scope{Account: "a/b"}, `"a/b" is not a Harness identifier: those have no slashes, blanks or control characters`},
		"slash in the org":      {delegate.Scope{Account: "aBc", Org: "a/b"}, `"a/b" is not a Harness identifier: those have no slashes, blanks or control characters`},
		"blank in the project":  {delegate.Scope{Account: "aBc", Org: "o", Project: "my project"}, `"my project" is not a Harness identifier: those have no slashes, blanks or control characters`},
		"newline at the end":    {delegate.Scope{Account: "aBc\n"}, `"aBc\n" is not a Harness identifier: those have no slashes, blanks or control characters`},
		"delete in the account": {delegate.Scope{Account: "a\x7fb"}, `"a\x7fb" is not a Harness identifier: those have no slashes, blanks or control characters`},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.scope.Validate()
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestSlotID(t *testing.T) {
	for _, tc := range []struct {
		slot     delegate.Slot
		id, text string
	}{
		{delegate.Slot{Scope: acct}, "aBc/untagged", `the untagged slot of account "aBc"`},
		{delegate.Slot{Scope: acct, Tagged: true}, "aBc/tagged", `the tagged slot of account "aBc"`},
		{delegate.Slot{Scope: org}, "aBc/default/untagged", `the untagged slot of organization "default" in account "aBc"`},
		{
			delegate.Slot{Scope: project, Tagged: true},
			"aBc/default/payments/tagged",
			`the tagged slot of project "payments" of organization "default" in account "aBc"`,
		},
		// Identifiers that look like a kind are still told by their place.
		{
			delegate.Slot{Scope: delegate.Scope{Account: "tagged", Org: "untagged", Project: "tagged"}},
			"tagged/untagged/tagged/untagged",
			`the untagged slot of project "tagged" of organization "untagged" in account "tagged"`,
		},
		{
			delegate.Slot{Scope: delegate.Scope{Account: "aBc", Org: "tagged"}, Tagged: true},
			"aBc/tagged/tagged",
			`the tagged slot of organization "tagged" in account "aBc"`,
		},
	} {
		t.Run(tc.id, func(t *testing.T) {
			if got := tc.slot.ID(); got != tc.id {
				t.Errorf("id is %q, want %q", got, tc.id)
			}
			if got := tc.slot.String(); got != tc.text {
				t.Errorf("text is %s, want %s", got, tc.text)
			}
			got, err := delegate.ParseSlotID(tc.id)
			if err != nil {
				t.Fatal(err)
			}
			if got != tc.slot {
				t.Errorf("it reads as %+v, want %+v", got, tc.slot)
			}
		})
	}
}

func TestParseSlotIDRefuses(t *testing.T) {
	const forms = "; the form is ACCOUNT/KIND, ACCOUNT/ORG/KIND or ACCOUNT/ORG/PROJECT/KIND, where KIND is tagged or untagged"
	for name, tc := range map[string]struct{ id, want string }{
		"empty":                     {"", `"" has 1 parts`},
		"account alone":             {"aBc", `"aBc" has 1 parts`},
		"kind alone":                {"tagged", `"tagged" has 1 parts`},
		"too many parts":            {"aBc/default/payments/x/tagged", `"aBc/default/payments/x/tagged" has 5 parts`},
		"no kind":                   {"aBc/default/payments", `"aBc/default/payments" ends in "payments"`},
		"unknown kind":              {"aBc/both", `"aBc/both" ends in "both"`},
		"kind in upper case":        {"aBc/TAGGED", `"aBc/TAGGED" ends in "TAGGED"`},
		"slash at the end":          {"aBc/tagged/", `"aBc/tagged/" ends in ""`},
		"slash at the beginning":    {"/aBc/tagged", `"/aBc/tagged" has an empty part`},
		"empty organization":        {"aBc//payments/tagged", `"aBc//payments/tagged" has an empty part`},
		"empty account":             {"/tagged", `"/tagged" has an empty part`},
		"blank in the organization": {"aBc/my org/tagged", `"aBc/my org/tagged": "my org" is not a Harness identifier: those have no slashes, blanks or control characters`},
		"blank before the kind":     {"aBc/ tagged", `"aBc/ tagged" ends in " tagged"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := delegate.ParseSlotID(tc.id)
			if err == nil {
				t.Fatalf("it reads as %+v, want an error", got)
			}
			if err.Error() != tc.want+forms {
				t.Errorf("got  %v\nwant %s", err, tc.want+forms)
			}
		})
	}
}

// genIdentifier draws Harness identifiers; some look like the kind of a slot.
func genIdentifier() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[A-Za-z_][0-9A-Za-z_$]{0,20}`),
		rapid.SampledFrom([]string{"tagged", "untagged"}),
	)
}

func genScope() *rapid.Generator[delegate.Scope] {
	return rapid.Custom(func(t *rapid.T) delegate.Scope {
		scope := delegate.Scope{Account: genIdentifier().Draw(t, "account")}
		depth := rapid.IntRange(0, 2).Draw(t, "depth")
		if depth > 0 {
			scope.Org = genIdentifier().Draw(t, "org")
		}
		if depth > 1 {
			scope.Project = genIdentifier().Draw(t, "project")
		}
		return scope
	})
}

func genSlot() *rapid.Generator[delegate.Slot] {
	return rapid.Custom(func(t *rapid.T) delegate.Slot {
		return delegate.Slot{Scope: genScope().Draw(t, "scope"), Tagged: rapid.Bool().Draw(t, "tagged")}
	})
}

func TestSlotIDsRoundTripAndAreUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genSlot().Draw(t, "a"), genSlot().Draw(t, "b")
		got, err := delegate.ParseSlotID(a.ID())
		if err != nil {
			t.Fatal(err)
		}
		if got != a {
			t.Errorf("%+v comes back as %+v", a, got)
		}
		if (a.ID() == b.ID()) != (a == b) {
			t.Errorf("%+v and %+v have the ids %q and %q", a, b, a.ID(), b.ID())
		}
	})
}

func TestScopeChainLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scope := genScope().Draw(t, "scope")
		chain := scope.Chain()
		if chain[0] != scope {
			t.Errorf("the chain of %s begins at %s", scope, chain[0])
		}
		if top := chain[len(chain)-1]; top != (delegate.Scope{Account: scope.Account}) {
			t.Errorf("the chain of %s ends at %s", scope, top)
		}
		for i, at := range chain {
			if diff := cmp.Diff(chain[i:], at.Chain()); diff != "" {
				t.Errorf("the chain of a parent is not the rest of the chain:\n%s", diff)
			}
		}
	})
}

func FuzzParseSlotID(f *testing.F) {
	for _, seed := range []string{"aBc/untagged", "aBc/default/payments/tagged", "tagged/tagged", "aBc//tagged", "a b/tagged", "/", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		slot, err := delegate.ParseSlotID(id)
		if err != nil {
			if !strings.HasSuffix(err.Error(), delegate.SlotIDForms) {
				t.Errorf("the error doesn't name the accepted forms: %v", err)
			}
			return
		}
		if slot.ID() != id {
			t.Errorf("%q reads as %+v, whose id is %q", id, slot, slot.ID())
		}
		if err := slot.Scope.Validate(); err != nil {
			t.Errorf("%q reads as a scope that can't exist: %v", id, err)
		}
	})
}
