package fleet

import (
	"context"
	"errors"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// tree is the scopes at and below one, with their names.
type tree struct {
	at       delegate.Scope
	orgs     []harness.Organization
	projects []harness.Project
	err      error
}

// readTree looks up what is needed to find the places.
func readTree(ctx context.Context, client *harness.Client, at delegate.Scope, places []place) tree {
	t := tree{at: at}
	inOrg := func(p place) bool { return p.org != "" }
	inProject := func(p place) bool { return p.project != "" }
	var orgErr, projectErr error
	if at.Org == "" && slices.ContainsFunc(places, inOrg) {
		t.orgs, orgErr = client.Organizations(ctx, at.Account)
	}
	if slices.ContainsFunc(places, inProject) {
		t.projects, projectErr = client.Projects(ctx, at.Account, at.Org)
	}
	t.err = errors.Join(orgErr, projectErr)
	return t
}

// find gives the scopes that a place may be.
func (t tree) find(p place) []delegate.Scope {
	if t.at.Org == "" && p.org == "" || t.at.Org != "" && p.project == "" {
		return []delegate.Scope{t.at}
	}
	var scopes []delegate.Scope
	if p.project == "" {
		for _, o := range t.orgs {
			if o.Name == p.org {
				scopes = append(scopes, delegate.Scope{Account: t.at.Account, Org: o.Identifier})
			}
		}
		return scopes
	}
	for _, project := range t.projects {
		if project.Name == p.project && t.named(project.Org, p.org) {
			scopes = append(scopes, delegate.Scope{Account: t.at.Account, Org: project.Org, Project: project.Identifier})
		}
	}
	return scopes
}

// named tells whether an organization has the name.
func (t tree) named(org, name string) bool {
	return t.at.Org != "" && t.at.Org == org ||
		slices.Contains(t.orgs, harness.Organization{Identifier: org, Name: name})
}

// all lists every scope below.
func (t tree) all() []delegate.Scope {
	var scopes []delegate.Scope
	for _, o := range t.orgs {
		scopes = append(scopes, delegate.Scope{Account: t.at.Account, Org: o.Identifier})
	}
	for _, p := range t.projects {
		scopes = append(scopes, delegate.Scope{Account: t.at.Account, Org: p.Org, Project: p.Identifier})
	}
	return scopes
}

// problem says why a place was not found.
func (t tree) problem() string {
	if t.err != nil {
		return t.err.Error()
	}
	return "it is not among the organizations and projects that the API key may see (core_organization_view, core_project_view)"
}
