package simulator

import (
	"slices"
	"time"
)

// guardGroups is the guard of the endpoints of the user interface, where scopes have other names.
func (s *Simulator) guardGroups(c *call) (Key, scope, error) {
	key, err := s.authenticate(c)
	if err != nil {
		return Key{}, scope{}, err
	}
	if s.behaviour.CGAPIKey == CGAPIKeyRefused {
		return Key{}, scope{}, unauthorized(codeInvalidToken, messageInvalidToken)
	}
	var broken constraints
	broken.need(c.query.Get("accountId") != "", "accountId", "must not be empty")
	if err := broken.err(); err != nil {
		return Key{}, scope{}, err
	}
	at := scope{account: key.AccountID, org: c.query.Get("orgId"), project: c.query.Get("projectId")}
	if at.org == "" {
		at.project = ""
	}
	if s.behaviour.CGUnknownScope == CGUnknownScopeRefused {
		return key, at, s.checkScope(at)
	}
	return key, at, nil
}

// getGroup serves GET ng/v2/{identifier}.
func (s *Simulator) getGroup(c *call) (reply, error) {
	group, err := s.guardGroup(c, PermissionView)
	if err != nil {
		return reply{}, err
	}
	return s.oneGroup(group, c.now), nil
}

// replaceGroupTags serves PUT ng/v2/{identifier}. It takes a group in the form of GET, and of that only the tags.
func (s *Simulator) replaceGroupTags(c *call) (reply, error) {
	group, err := s.guardGroup(c, PermissionEdit)
	if err != nil {
		return reply{}, err
	}
	var asked struct {
		CustomSelectors []string `json:"groupCustomSelectors"`
	}
	if err := c.readJSON(&asked); err != nil {
		return reply{}, err
	}
	group.Tags = newSet(asked.CustomSelectors)
	return s.oneGroup(group, c.now), nil
}

// guardGroup finds the group that the path names, for a key that may do so.
func (s *Simulator) guardGroup(c *call, permission string) (*Delegate, error) {
	key, at, err := s.guardGroups(c)
	if err != nil {
		return nil, err
	}
	if err := require(key, permission, at); err != nil {
		return nil, err
	}
	return s.groupAt(at, c.identifier)
}

// groupAt finds the delegate group with an identifier at exactly one scope.
func (s *Simulator) groupAt(at scope, identifier string) (*Delegate, error) {
	i := slices.IndexFunc(s.delegates, func(d *Delegate) bool {
		return d.Identifier == identifier && !d.Deleted && d.scope() == at
	})
	if i < 0 {
		return nil, unknownGroup(s.behaviour.UnknownGroup, identifier)
	}
	return s.delegates[i], nil
}

// oneGroup shows a group with all its replicas.
func (s *Simulator) oneGroup(group *Delegate, now time.Time) reply {
	v, _ := s.view(group, delegateFilter{}, now)
	return ok(s.groupItem(v, s.activeTokens(group.AccountID)[group.TokenName], now))
}
