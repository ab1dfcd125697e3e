package fleet

import (
	"context"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// tree is the scopes below one, and which of them have a name.
type tree struct {
	at    delegate.Scope
	below []delegate.Scope
	named map[place][]delegate.Scope
	// problems are why something could not be looked up.
	problems []string
}

// readTree looks up what is needed to find the places.
func readTree(ctx context.Context, client *harness.Client, at delegate.Scope, places []place) tree {
	t := tree{at: at, named: map[place][]delegate.Scope{}}
	inOrg := func(p place) bool { return p.org != "" }
	inProject := func(p place) bool { return p.project != "" }
	var orgs []harness.Organization
	var projects []harness.Project
	var orgErr, projectErr error
	if at.Org == "" && slices.ContainsFunc(places, inOrg) {
		orgs, orgErr = client.Organizations(ctx, at.Account)
	}
	if slices.ContainsFunc(places, inProject) {
		projects, projectErr = client.Projects(ctx, at.Account, at.Org)
	}
	for _, err := range []error{orgErr, projectErr} {
		if err != nil {
			t.problems = append(t.problems, reason(err))
		}
	}
	names := map[string]string{}
	for _, o := range orgs {
		names[o.Identifier] = o.Name
		t.add(place{org: o.Name}, delegate.Scope{Account: at.Account, Org: o.Identifier})
	}
	for _, p := range projects {
		t.add(place{names[p.Org], p.Name}, delegate.Scope{Account: at.Account, Org: p.Org, Project: p.Identifier})
	}
	return t
}

func (t *tree) add(p place, scope delegate.Scope) {
	t.below = append(t.below, scope)
	t.named[p] = append(t.named[p], scope)
}

// find gives the scopes that a place may be.
func (t *tree) find(p place) []delegate.Scope {
	if t.at.Org != "" {
		p.org = "" // no other is looked at, and its name wasn't looked up
	}
	if p == (place{}) {
		return []delegate.Scope{t.at}
	}
	return t.named[p]
}

// problem says why a place was not found.
func (t *tree) problem() string {
	if len(t.problems) > 0 {
		return strings.Join(t.problems, "; ")
	}
	return "not among the organizations and projects that the API key may see (core_organization_view, core_project_view)"
}
