package simulator

import (
	"maps"
	"slices"
)

// builtInOrg is the organization that every account has from the start.
const builtInOrg = "default"

// organizationItem is one organization of the list.
type organizationItem struct {
	Organization   organization `json:"organization"`
	CreatedAt      int64        `json:"createdAt"`
	LastModifiedAt int64        `json:"lastModifiedAt"`
	HarnessManaged bool         `json:"harnessManaged"`
}

type organization struct {
	Identifier  string            `json:"identifier"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Tags        map[string]string `json:"tags"`
}

// projectItem is one project of the list.
type projectItem struct {
	Project        project `json:"project"`
	CreatedAt      int64   `json:"createdAt"`
	LastModifiedAt int64   `json:"lastModifiedAt"`
	IsFavorite     bool    `json:"isFavorite"`
}

type project struct {
	OrgIdentifier string            `json:"orgIdentifier"`
	Identifier    string            `json:"identifier"`
	Name          string            `json:"name"`
	Color         string            `json:"color"`
	Modules       []string          `json:"modules"`
	Description   string            `json:"description"`
	Tags          map[string]string `json:"tags"`
}

// listOrganizations serves GET organizations.
func (s *Simulator) listOrganizations(c *call) (reply, error) {
	key, at, err := s.guardAccount(c)
	if err != nil {
		return reply{}, err
	}
	index, size, err := s.guardScopeList(c, key, PermissionViewOrganization, at)
	if err != nil {
		return reply{}, err
	}
	account := s.accounts[at.account]
	items := []organizationItem{}
	for _, org := range slices.Sorted(maps.Keys(account.Orgs)) {
		here := scope{account: at.account, org: org}
		if key.may(PermissionViewOrganization, here) && c.asksFor(org, account.displayName(here)) {
			items = append(items, account.organizationItem(here))
		}
	}
	return success(pageOf(items, index, size)), nil
}

// listProjects serves GET projects: those of one organization, or of all.
func (s *Simulator) listProjects(c *call) (reply, error) {
	key, at, err := s.guard(c)
	if err != nil {
		return reply{}, err
	}
	at.project = ""
	index, size, err := s.guardScopeList(c, key, PermissionViewProject, at)
	if err != nil {
		return reply{}, err
	}
	account := s.accounts[at.account]
	items := []projectItem{}
	for _, here := range account.scopes() {
		if here.project == "" || !at.covers(here) {
			continue
		}
		if key.may(PermissionViewProject, here) && c.asksFor(here.project, account.displayName(here)) {
			items = append(items, account.projectItem(here))
		}
	}
	return success(pageOf(items, index, size)), nil
}

// guardScopeList checks the parameters of both lists, and the permission if lists are not just shorter without it.
// In which order lists are is not documented; here organizations are by identifier and projects as the account has them.
func (s *Simulator) guardScopeList(c *call, key Key, permission string, at scope) (index, size int, err error) {
	var broken constraints
	broken.needAccountIdentifier(c)
	if err := broken.err(); err != nil {
		return 0, 0, err
	}
	if s.behaviour.ScopeListDenied == ScopeListDenied403 {
		if err := require(key, permission, at); err != nil {
			return 0, 0, err
		}
	}
	return s.pageAsked(c, defaultPageSize)
}

// asksFor reports whether an organization or project is among those that the request is about.
// That a search looks at identifier and name, whatever the case, is an assumption.
func (c *call) asksFor(identifier, name string) bool {
	if c.query.Has("identifiers") && !slices.Contains(c.query["identifiers"], identifier) {
		return false
	}
	return mentions(c.query.Get("searchTerm"), identifier, name)
}

func (a *accountState) organizationItem(at scope) organizationItem {
	created := millis(a.createdAt[at])
	return organizationItem{
		Organization:   organization{Identifier: at.org, Name: a.displayName(at), Tags: map[string]string{}},
		CreatedAt:      created,
		LastModifiedAt: created,
		HarnessManaged: at.org == builtInOrg,
	}
}

func (a *accountState) projectItem(at scope) projectItem {
	created := millis(a.createdAt[at])
	return projectItem{
		Project: project{
			OrgIdentifier: at.org, Identifier: at.project, Name: a.displayName(at),
			Color: "#0063F7", Modules: []string{}, Tags: map[string]string{},
		},
		CreatedAt:      created,
		LastModifiedAt: created,
	}
}
