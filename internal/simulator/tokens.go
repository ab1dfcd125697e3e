package simulator

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// States of a delegate token.
const (
	TokenActive  = "ACTIVE"
	TokenRevoked = "REVOKED"
)

// revokedTokenKept is how long a revoked token stays in the database, and its name taken.
const revokedTokenKept = 30 * 24 * time.Hour

// DelegateToken is the secret that delegates and upgraders prove themselves with.
type DelegateToken struct {
	AccountID string `json:"accountId"`
	OrgID     string `json:"orgId,omitempty"`
	ProjectID string `json:"projectId,omitempty"`
	Name      string `json:"name"`
	// Value is base64 of a secret of 32 hexadecimal digits. Empty makes a random one.
	Value string `json:"value,omitempty"`
	// CreatedBy is the principal that made the token; default tokens have none.
	CreatedBy string `json:"createdBy,omitempty"`
	// CreatedByType is the type of that principal, SERVICE_ACCOUNT or USER.
	CreatedByType string `json:"createdByType,omitempty"`
	// CreatedAt is the time of adding if not set.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// RevokeAfter revokes the token automatically; zero is never.
	RevokeAfter time.Time `json:"revokeAfter,omitzero"`
	// RevokedAt is when the token was revoked; zero means that it is active.
	RevokedAt time.Time `json:"revokedAt,omitzero"`
}

func (t DelegateToken) scope() scope {
	return scope{account: t.AccountID, org: t.OrgID, project: t.ProjectID}
}

// Status is TokenActive or TokenRevoked.
func (t DelegateToken) Status() string {
	if t.RevokedAt.IsZero() {
		return TokenActive
	}
	return TokenRevoked
}

// Validate refuses tokens that could not be used.
func (t DelegateToken) Validate() error {
	switch {
	case t.AccountID == "":
		return fmt.Errorf("delegate token %q has no account", t.Name)
	case t.Name == "":
		return fmt.Errorf("delegate token of account %s has no name", t.AccountID)
	case t.OrgID == "" && t.ProjectID != "":
		return fmt.Errorf("delegate token %s has a project but no organization", t.Name)
	}
	return nil
}

// AddDelegateToken adds a delegate token or replaces the one of the account with the same name.
func (s *Simulator) AddDelegateToken(t DelegateToken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addToken(t)
}

func (s *Simulator) addToken(t DelegateToken) {
	t.Value = cmp.Or(t.Value, newTokenValue())
	if t.CreatedAt.IsZero() {
		t.CreatedAt = s.clock.now()
	}
	if i := s.tokenIndex(t.AccountID, t.Name); i >= 0 {
		s.tokens[i] = &t
		return
	}
	s.tokens = append(s.tokens, &t)
}

// DelegateTokens returns the delegate tokens of an account by name, revoked ones included.
func (s *Simulator) DelegateTokens(accountID string) []DelegateToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweepTokens(s.clock.now())
	found := []DelegateToken{}
	for _, t := range s.tokens {
		if t.AccountID == accountID {
			found = append(found, *t)
		}
	}
	slices.SortFunc(found, func(a, b DelegateToken) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// tokenIndex finds a token by its name, which is unique within an account.
func (s *Simulator) tokenIndex(accountID, name string) int {
	return slices.IndexFunc(s.tokens, func(t *DelegateToken) bool { return t.AccountID == accountID && t.Name == name })
}

// activeTokens names the tokens of an account that are not revoked.
func (s *Simulator) activeTokens(accountID string) map[string]bool {
	active := map[string]bool{}
	for _, t := range s.tokens {
		if t.AccountID == accountID && t.Status() == TokenActive {
			active[t.Name] = true
		}
	}
	return active
}

// addDefaultTokens makes the token that the Manager keeps ready for every scope, where it is missing.
func (s *Simulator) addDefaultTokens(a *accountState) {
	for _, at := range a.scopes() {
		name := defaultTokenName(at)
		if s.tokenIndex(a.ID, name) < 0 {
			s.addToken(DelegateToken{AccountID: a.ID, OrgID: at.org, ProjectID: at.project, Name: name})
		}
	}
}

// defaultTokenName is the name of the default token of a scope.
func defaultTokenName(at scope) string {
	if owner := at.owner(); owner != "" {
		return "default_token_" + owner
	}
	return "default_token"
}

// sweepTokens revokes tokens whose time has come and removes those revoked long ago.
func (s *Simulator) sweepTokens(now time.Time) {
	for _, t := range s.tokens {
		due := t.RevokeAfter.Add(s.behaviour.RevocationLag)
		if t.RevokedAt.IsZero() && !t.RevokeAfter.IsZero() && !now.Before(due) {
			t.RevokedAt = due
		}
	}
	s.tokens = slices.DeleteFunc(s.tokens, func(t *DelegateToken) bool {
		return !t.RevokedAt.IsZero() && !now.Before(t.RevokedAt.Add(revokedTokenKept))
	})
}

// newTokenValue makes a secret in the form of the Manager: base64 of 32 hexadecimal digits.
func newTokenValue() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // It never fails, as its documentation states.
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(b)))
}
