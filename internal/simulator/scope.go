package simulator

import "strings"

// scope is a place in the Harness hierarchy: an account, an organization of it, or a project of that organization.
// An empty org means the account itself, an empty project the organization itself.
type scope struct {
	account, org, project string
}

// upwards lists the scope itself and everything above it, nearest first.
func (s scope) upwards() []scope {
	chain := []scope{s}
	if s.project != "" {
		chain = append(chain, scope{account: s.account, org: s.org})
	}
	if s.org != "" {
		chain = append(chain, scope{account: s.account})
	}
	return chain
}

// covers reports whether the other scope is this one or lies below it.
func (s scope) covers(other scope) bool {
	return s.account == other.account &&
		(s.org == "" || s.org == other.org) &&
		(s.project == "" || s.project == other.project)
}

// owner writes the scope below the account the way delegate tokens name their owner: "org", "org/project" or nothing.
func (s scope) owner() string {
	return strings.Trim(s.org+"/"+s.project, "/")
}
