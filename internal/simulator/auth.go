package simulator

import (
	"cmp"
	"slices"
)

// Permissions that endpoints ask for, those without a resource in their name for delegates.
const (
	PermissionView             = "core_delegate_view"
	PermissionEdit             = "core_delegate_edit"
	PermissionDelete           = "core_delegate_delete"
	PermissionViewOrganization = "core_organization_view"
	PermissionViewProject      = "core_project_view"
)

// Grant gives permissions at a scope and everything below it.
type Grant struct {
	OrgID       string   `json:"orgId,omitempty"`
	ProjectID   string   `json:"projectId,omitempty"`
	Permissions []string `json:"permissions"`
}

// Key is an API key: a personal or service account token of one account.
type Key struct {
	Token     string `json:"token"`
	AccountID string `json:"accountId"`
	// Principal is the identifier that error messages name.
	Principal string `json:"principal,omitempty"`
	// PrincipalType is SERVICE_ACCOUNT, which is the default, or USER.
	PrincipalType string `json:"principalType,omitempty"`
	// Grants is what the key may do; nil (null or absent in JSON) is everything, an empty list nothing.
	Grants []Grant `json:"grants,omitzero"`
	// Expired makes the key invalid.
	Expired bool `json:"expired,omitempty"`
}

// may reports whether the key has a permission at a scope.
func (k Key) may(permission string, at scope) bool {
	if k.Grants == nil {
		return true
	}
	return slices.ContainsFunc(k.Grants, func(g Grant) bool {
		granted := scope{account: k.AccountID, org: g.OrgID, project: g.ProjectID}
		return granted.covers(at) && slices.Contains(g.Permissions, permission)
	})
}

// AddKey adds an API key or replaces the one with the same token.
func (s *Simulator) AddKey(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addKey(k)
}

func (s *Simulator) addKey(k Key) {
	k.PrincipalType = cmp.Or(k.PrincipalType, "SERVICE_ACCOUNT")
	s.keys[k.Token] = k
}

// ExpireKey makes a key invalid from now on and reports whether there is such a key.
func (s *Simulator) ExpireKey(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, found := s.keys[token]
	if !found {
		return false
	}
	k.Expired = true
	s.keys[token] = k
	return true
}

// authenticate finds the key of the request. A request without a key is refused before its account is looked at,
// because without the account a key cannot be looked up.
func (s *Simulator) authenticate(c *call) (Key, error) {
	token := c.header.Get("X-Api-Key")
	if token == "" {
		return Key{}, unauthorized(codeInvalidToken, messageInvalidToken)
	}
	accountID := c.accountID()
	if accountID == "" {
		return Key{}, invalidRequest(messageAccountMissing)
	}
	key, found := s.keys[token]
	if !found || key.Expired || key.AccountID != accountID || s.accounts[accountID] == nil {
		return Key{}, unauthorized(codeInvalidToken, messageInvalidToken)
	}
	return key, nil
}

// require refuses a key that lacks a permission at a scope.
func require(key Key, permission string, at scope) error {
	if !key.may(permission, at) {
		return accessDenied(key, at, permission)
	}
	return nil
}
