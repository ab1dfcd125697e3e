package simulator

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Account is a Harness account with its organizations and projects.
type Account struct {
	ID string `json:"id"`
	// LatestVersion is the delegate version of the account's release ring, such as 24.04.82804. Empty means that the ring has
	// no image, which the Manager answers with status 500.
	LatestVersion string `json:"latestVersion"`
	// UpgraderImage is the image that upgraders are told to run; harness/upgrader:latest if empty.
	UpgraderImage string `json:"upgraderImage,omitempty"`
	// Orgs maps each organization to its projects.
	Orgs map[string][]string `json:"orgs,omitempty"`
	// Names gives display names to organizations ("org") and projects ("org/project"). Others show their identifier.
	Names map[string]string `json:"names,omitempty"`
}

// Validate refuses an account that no request could name.
func (a Account) Validate() error {
	if a.ID == "" {
		return fmt.Errorf("account has no id")
	}
	for org, projects := range a.Orgs {
		if org == "" || slices.Contains(projects, "") {
			return fmt.Errorf("account %s has an organization or project without an identifier", a.ID)
		}
	}
	return nil
}

// accountState is an account with what the Manager adds to it.
type accountState struct {
	Account
	// uniqueIDs holds the internal identifier of each organization and project. It changes when one is made anew.
	uniqueIDs map[scope]string
	// createdAt is when each organization and project was added.
	createdAt map[scope]time.Time
	// stale holds earlier views of the overrides that GET still shows, oldest first.
	stale []staleView
}

// scopes lists the account with all its organizations and projects.
func (a *accountState) scopes() []scope {
	all := []scope{{account: a.ID}}
	for _, org := range slices.Sorted(maps.Keys(a.Orgs)) {
		all = append(all, scope{account: a.ID, org: org})
		for _, project := range a.Orgs[org] {
			all = append(all, scope{account: a.ID, org: org, project: project})
		}
	}
	return all
}

// displayName returns the name of an organization or project as the user interface shows it.
func (a *accountState) displayName(at scope) string {
	if name, found := a.Names[at.owner()]; found {
		return name
	}
	if at.project != "" {
		return at.project
	}
	return at.org
}

// AddAccount adds an account with its default delegate tokens. An account with the same ID is replaced: what belongs to
// organizations and projects that are no longer there is deleted with them, everything else is kept.
func (s *Simulator) AddAccount(a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addAccount(a)
}

func (s *Simulator) addAccount(a Account) {
	a.Orgs = maps.Clone(a.Orgs)
	a.Names = maps.Clone(a.Names)
	added := &accountState{Account: a, uniqueIDs: map[scope]string{{account: a.ID}: a.ID}, createdAt: map[scope]time.Time{}}
	before := s.accounts[a.ID]
	s.accounts[a.ID] = added
	for _, at := range added.scopes()[1:] {
		added.uniqueIDs[at], added.createdAt[at] = newUniqueID(), s.clock.now()
		if before != nil && before.uniqueIDs[at] != "" {
			added.uniqueIDs[at], added.createdAt[at] = before.uniqueIDs[at], before.createdAt[at]
		}
	}
	s.deleteOrphans(added)
	s.addDefaultTokens(added)
}

// checkKnown refuses a scope that no account has.
func (s *Simulator) checkKnown(at scope) error {
	account := s.accounts[at.account]
	if account == nil {
		return fmt.Errorf("account %q is not known", at.account)
	}
	if account.uniqueIDs[at] == "" {
		return fmt.Errorf("organization or project %q of account %s is not known", at.owner(), at.account)
	}
	return nil
}

// deleteOrphans removes what belongs to scopes that the account no longer has.
func (s *Simulator) deleteOrphans(a *accountState) {
	orphan := func(at scope) bool { return at.account == a.ID && a.uniqueIDs[at] == "" }
	s.overrides = slices.DeleteFunc(s.overrides, func(o *Override) bool { return orphan(o.scope()) })
	s.tokens = slices.DeleteFunc(s.tokens, func(t *DelegateToken) bool { return orphan(t.scope()) })
	s.delegates = slices.DeleteFunc(s.delegates, func(d *Delegate) bool { return orphan(d.scope()) })
}

// Release publishes a new delegate version to an account. It ends the overrides that are valid until the next release.
// It reports whether there is such an account.
func (s *Simulator) Release(accountID, version string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.accounts[accountID]
	if account == nil {
		return false
	}
	account.LatestVersion = version
	s.overrides = slices.DeleteFunc(s.overrides, func(o *Override) bool {
		return o.AccountID == accountID && o.ValidTillNextRelease
	})
	return true
}

// newUniqueID makes an internal identifier: 22 letters, digits, - and _, as the Manager does.
func newUniqueID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // It never fails, as its documentation states.
	return base64.RawURLEncoding.EncodeToString(b)
}
