package delegate

import (
	"errors"
	"fmt"
	"strings"
)

// Level is the kind of a scope.
type Level string

// The levels of Harness's hierarchy.
const (
	LevelAccount Level = "account"
	LevelOrg     Level = "organization"
	LevelProject Level = "project"
)

// Scope is where a delegate or an override lives: an account, an organization
// of it, or a project of that. It is comparable and serves as a map key.
type Scope struct {
	Account string
	Org     string
	Project string
}

// Validate tells whether the scope can exist: it has an account, a project
// comes with its organization, and no identifier holds what would make an id
// ambiguous.
func (s Scope) Validate() error {
	switch {
	case s.Account == "":
		return errors.New("the account identifier is empty")
	case s.Project != "" && s.Org == "":
		return fmt.Errorf("project %q is given without its organization", s.Project)
	}
	for _, identifier := range []string{s.Account, s.Org, s.Project} {
		if strings.ContainsFunc(identifier, notInIdentifier) {
			return fmt.Errorf("%q is not a Harness identifier: those have no slashes, blanks or control characters", identifier)
		}
	}
	return nil
}

// notInIdentifier is wider than Harness's own rule (letters, digits, _ and $),
// so that this package never refuses what a Manager accepts.
func notInIdentifier(r rune) bool { return r == '/' || r <= ' ' || r == 0x7f }

// Level is the kind of the scope.
func (s Scope) Level() Level {
	switch {
	case s.Project != "":
		return LevelProject
	case s.Org != "":
		return LevelOrg
	default:
		return LevelAccount
	}
}

// Chain lists the scope itself and then its parents up to the account, which
// is the order in which the Manager looks for overrides.
func (s Scope) Chain() []Scope {
	chain := []Scope{s}
	if s.Project != "" {
		chain = append(chain, Scope{Account: s.Account, Org: s.Org})
	}
	if s.Org != "" {
		chain = append(chain, Scope{Account: s.Account})
	}
	return chain
}

// String names the scope for people: `project "payments" of organization
// "default" in account "aBc"`.
func (s Scope) String() string {
	switch s.Level() {
	case LevelProject:
		return fmt.Sprintf("project %q of organization %q in account %q", s.Project, s.Org, s.Account)
	case LevelOrg:
		return fmt.Sprintf("organization %q in account %q", s.Org, s.Account)
	default:
		return fmt.Sprintf("account %q", s.Account)
	}
}

// Short names the scope within its account: "the account", `organization
// "default"`, `project "default/payments"`.
func (s Scope) Short() string {
	switch s.Level() {
	case LevelProject:
		return fmt.Sprintf("project %q", s.Org+"/"+s.Project)
	case LevelOrg:
		return fmt.Sprintf("organization %q", s.Org)
	default:
		return "the account"
	}
}
