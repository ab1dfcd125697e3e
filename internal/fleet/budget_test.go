package fleet_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	latestCall    = "GET /ng/api/delegate-setup/latest-supported-version"
	overridesCall = "GET /ng/api/delegate-setup/override-delegate-tag"
)

// setAt sets an image at a scope that no delegate has yet.
func setAt(scope delegate.Scope) delegate.Change {
	return delegate.Change{Set: &delegate.Override{Scope: scope, Image: "registry.example.com/delegate:24.03.82600"}}
}

// concerned are the delegates that are seen to get another image, and what was
// not seen.
func concerned(tb testing.TB, budget *fleet.Budget, client *harness.Client, change delegate.Change) (names, unseen []string) {
	tb.Helper()
	impact, err := budget.ReadImpact(tb.Context(), client, change)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range impact.Effects {
		if e.Changes() {
			names = append(names, e.Member.Name)
		}
	}
	return names, impact.Unseen
}

func TestBudget_costsOnceForAll(t *testing.T) {
	m := newManager(t)
	client, budget := clientOf(t, m.url), fleet.NewBudget(100)
	for _, tc := range []struct {
		scope delegate.Scope
		want  string
	}{{atOrg, "o p q s"}, {atProject, "p q"}, {atAccount, "a o p q s p"}, {atProject, "p q"}} {
		if names, unseen := concerned(t, budget, client, setAt(tc.scope)); strings.Join(names, " ") != tc.want || len(unseen) > 0 {
			t.Errorf("at %s: %q, unseen %q", tc.scope.Short(), names, unseen)
		}
	}
	m.wantRequests(t, map[string]int{latestCall: 1, listCall: 1, orgsCall: 1, projectsCall: 1, overridesCall: 6})
}

// What is beyond the budget is told, and what was looked at before is free.
func TestBudget_ends(t *testing.T) {
	m := newManager(t)
	client, budget := clientOf(t, m.url), fleet.NewBudget(3)
	for range 2 {
		if names, unseen := concerned(t, budget, client, setAt(atProject)); strings.Join(names, " ") != "p q" || len(unseen) > 0 {
			t.Errorf("within: %q, unseen %q", names, unseen)
		}
		names, unseen := concerned(t, budget, client, setAt(delegate.Scope{Account: account, Org: "default", Project: "search"}))
		if len(names) > 0 || len(unseen) != 1 || !strings.Contains(unseen[0], `project "default/search": not looked at`) {
			t.Errorf("beyond: %q, unseen %q", names, unseen)
		}
	}
	m.wantRequests(t, map[string]int{latestCall: 1, listCall: 1, orgsCall: 1, projectsCall: 1, overridesCall: 3})
}

// A Manager that names no scopes is asked for the delegates of each, as far as
// that goes.
func TestBudget_endsWithoutNames(t *testing.T) {
	m := newManager(t, func(b *simulator.Behaviour) { b.DelegateScopeNames = simulator.DelegateScopeNamesAbsent })
	names, unseen := concerned(t, fleet.NewBudget(2), clientOf(t, m.url), setAt(atAccount))
	if len(names) > 0 || len(unseen) == 0 || !strings.Contains(unseen[0], "the delegates of") || !strings.Contains(unseen[0], "not looked at") {
		t.Errorf("%q, unseen %q", names, unseen)
	}
	if asked := m.Counters()[listCall]; asked != 4 { // all, the account's own, and two of five scopes
		t.Errorf("%d lists of delegates", asked)
	}
}

// Nothing that has failed is asked for again, however many changes there are.
func TestBudget_failsOnce(t *testing.T) {
	m := newManager(t)
	m.AddKey(simulator.Key{Token: apiKey, AccountID: account, Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}, OrgID: "default"}}})
	client, budget := clientOf(t, m.url), fleet.NewBudget(100)
	for range 3 {
		var refused *harness.APIError
		if _, err := budget.ReadImpact(t.Context(), client, setAt(atProject)); !errors.As(err, &refused) || !refused.Forbidden() {
			t.Errorf("got %v", err)
		}
	}
	m.wantRequests(t, map[string]int{latestCall: 1})
}

func TestBudget_aScopeFailsOnce(t *testing.T) {
	m := newManager(t).refusing(t)
	client, budget := clientOf(t, m.url), fleet.NewBudget(100)
	for range 3 {
		names, unseen := concerned(t, budget, client, setAt(atOrg))
		if strings.Join(names, " ") != "o s" || len(unseen) != 1 || !strings.Contains(unseen[0], `the overrides of project "default/payments": GET`) {
			t.Errorf("%q, unseen %q", names, unseen)
		}
	}
	m.wantRequests(t, map[string]int{latestCall: 1, listCall: 1, orgsCall: 1, projectsCall: 1, overridesCall: 3})
}
