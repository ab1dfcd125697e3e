package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokenDetail is a delegate token as the API shows it.
type tokenDetail struct {
	AccountID       string     `json:"accountId"`
	Name            string     `json:"name"`
	CreatedBy       string     `json:"createdBy,omitempty"`
	CreatedByNgUser *principal `json:"createdByNgUser,omitempty"`
	CreatedAt       int64      `json:"createdAt"`
	Status          string     `json:"status"`
	Value           string     `json:"value,omitempty"`
	OwnerIdentifier string     `json:"ownerIdentifier,omitempty"`
	RevokeAfter     int64      `json:"revokeAfter"`
}

// principal is whoever made a token. Default tokens have none.
type principal struct {
	Type      string `json:"type"`
	Name      string `json:"name"`
	AccountID string `json:"accountId"`
}

func (t DelegateToken) detail(withValue bool) tokenDetail {
	detail := tokenDetail{
		AccountID:       t.AccountID,
		Name:            t.Name,
		CreatedBy:       t.CreatedBy,
		CreatedAt:       millis(t.CreatedAt),
		Status:          t.Status(),
		OwnerIdentifier: t.scope().owner(),
		RevokeAfter:     millis(t.RevokeAfter),
	}
	if t.CreatedBy != "" {
		detail.CreatedByNgUser = &principal{Type: t.CreatedByType, Name: t.CreatedBy, AccountID: t.AccountID}
	}
	if withValue {
		detail.Value = t.Value
	}
	return detail
}

// guardToken is the guard of the token endpoints, with the permission that each asks for.
func (s *Simulator) guardToken(c *call, permission string) (Key, scope, error) {
	key, at, err := s.guard(c)
	if err != nil {
		return Key{}, scope{}, err
	}
	var broken constraints
	broken.needAccountIdentifier(c)
	if c.method != http.MethodGet {
		broken.need(strings.TrimSpace(c.query.Get("tokenName")) != "", "tokenName", "must not be empty")
	}
	if err := broken.err(); err != nil {
		return Key{}, scope{}, err
	}
	return key, at, require(key, permission, at)
}

// listTokens serves GET delegate-token-ng. A name is looked up in the whole account, whatever the scope and status given.
func (s *Simulator) listTokens(c *call) (reply, error) {
	status := c.query.Get("status")
	key, at, err := s.guardToken(c, PermissionView)
	if err != nil {
		return reply{}, err
	}
	if !slices.Contains([]string{"", TokenActive, TokenRevoked}, status) {
		return reply{}, badParameter(s.behaviour.BadNumber)
	}
	withValue := key.may(PermissionEdit, at)
	details := []tokenDetail{}
	if name := c.query.Get("name"); name != "" {
		if i := s.tokenIndex(at.account, name); i >= 0 {
			details = append(details, s.tokens[i].detail(withValue))
		}
		return ok(details), nil
	}
	for _, t := range s.tokens {
		if t.scope() == at && (status == "" || status == t.Status()) {
			details = append(details, t.detail(withValue))
		}
	}
	return ok(details), nil
}

// createToken serves POST delegate-token-ng. A name stays taken until a month after the token was revoked.
func (s *Simulator) createToken(c *call) (reply, error) {
	key, at, err := s.guardToken(c, PermissionEdit)
	if err != nil {
		return reply{}, err
	}
	revokeAfter, err := c.moment("revokeAfter")
	if err != nil {
		return reply{}, badParameter(s.behaviour.BadNumber)
	}
	name := strings.TrimSpace(c.query.Get("tokenName"))
	if s.tokenIndex(at.account, name) >= 0 {
		return reply{}, invalidRequest("Token with given name %s already exists for given account.", name)
	}
	if !revokeAfter.IsZero() && revokeAfter.Before(c.now) {
		return reply{}, invalidRequest("Token revocation time can not be less than current time.")
	}
	s.addToken(DelegateToken{
		AccountID: at.account, OrgID: at.org, ProjectID: at.project, Name: name,
		CreatedBy: key.Principal, CreatedByType: key.PrincipalType, RevokeAfter: revokeAfter,
	})
	return ok(s.tokens[s.tokenIndex(at.account, name)].detail(true)), nil
}

// revokeToken serves PUT delegate-token-ng.
func (s *Simulator) revokeToken(c *call) (reply, error) {
	key, at, err := s.guardToken(c, PermissionDelete)
	if err != nil {
		return reply{}, err
	}
	i := s.tokenIndex(at.account, strings.TrimSpace(c.query.Get("tokenName")))
	if i < 0 {
		return reply{}, invalidRequest("Specified token does not exist.")
	}
	if s.tokens[i].Status() == TokenRevoked {
		return reply{}, invalidRequest("Specified token is already revoked.")
	}
	s.tokens[i].RevokedAt = c.now
	return ok(s.tokens[i].detail(key.may(PermissionEdit, at))), nil
}

// deleteToken serves DELETE delegate-token-ng, which newer servers have. The text of its second error is an assumption.
func (s *Simulator) deleteToken(c *call) (reply, error) {
	_, at, err := s.guardToken(c, PermissionDelete)
	if err != nil {
		return reply{}, err
	}
	i := s.tokenIndex(at.account, strings.TrimSpace(c.query.Get("tokenName")))
	if i < 0 {
		return reply{}, invalidRequest("Specified token does not exist.")
	}
	if s.tokens[i].Status() != TokenRevoked {
		return reply{}, invalidRequest("Only a revoked token can be deleted.")
	}
	s.tokens = slices.Delete(s.tokens, i, i+1)
	return empty(http.StatusNoContent), nil
}

// moment reads milliseconds since the epoch. A missing or blank value, and 0, is the zero time.
func (c *call) moment(name string) (time.Time, error) {
	text := strings.TrimSpace(c.query.Get(name))
	if text == "" || text == "0" {
		return time.Time{}, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMilli(ms).UTC(), nil
}
