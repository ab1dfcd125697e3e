package simulator

import (
	"net/http"
	"slices"
	"time"
)

// groupList is the payload of the endpoints that list delegate groups. The counts are fields of newer Managers.
type groupList struct {
	Groups []groupItem `json:"delegateGroupDetails"`
	*groupCounts
}

// groupCounts are over all groups, whatever page is asked for.
type groupCounts struct {
	VersionStatus  map[string]int `json:"delegateVersionStatusAggregatedCount"`
	AutoUpgradeOff int            `json:"autoUpgradeOffCount"`
}

// groupsOfToken serves GET delegate-groups: those at the scope that registered with a token, or all.
// The token is looked up in the whole account. Without the permission to view them there are none.
func (s *Simulator) groupsOfToken(c *call) (reply, error) {
	key, at, err := s.guard(c)
	if err != nil {
		return reply{}, err
	}
	var broken constraints
	broken.needAccountIdentifier(c)
	if err := broken.err(); err != nil {
		return reply{}, err
	}
	token := c.query.Get("delegateTokenName")
	if token != "" && s.tokenIndex(at.account, token) < 0 {
		return reply{}, errorOf(http.StatusNotFound, codeEntityNotFound, "No such delegate token exists.")
	}
	views := s.views(viewable(key, at), delegateFilter{}, c.now)
	if token != "" {
		views = slices.DeleteFunc(views, func(v groupView) bool { return v.TokenName != token })
	}
	return ok(s.groupListOf(s.groupItems(views, at.account, c.now))), nil
}

// viewable picks those of some scopes that the key may view.
func viewable(key Key, scopes ...scope) func(scope) bool {
	visible := []scope{}
	for _, at := range scopes {
		if key.may(PermissionView, at) {
			visible = append(visible, at)
		}
	}
	return func(at scope) bool { return slices.Contains(visible, at) }
}

// listGroups serves GET and POST ng/v2, the list of the user interface. POST takes the filter of listDelegates.
// Saved filters and the order asked for have no effect here.
func (s *Simulator) listGroups(c *call) (reply, error) {
	key, at, err := s.guardGroups(c)
	if err != nil {
		return reply{}, err
	}
	var filter delegateFilter
	if c.method == http.MethodPost {
		if filter, err = readFilter(c); err != nil {
			return reply{}, err
		}
	}
	return s.pageOfGroups(c, at.account, viewable(key, at), filter)
}

// listGroupsUpwards serves GET ng/v2/up-the-hierarchy: the groups at the scope and at all above it.
func (s *Simulator) listGroupsUpwards(c *call) (reply, error) {
	key, at, err := s.guardGroups(c)
	if err != nil {
		return reply{}, err
	}
	return s.pageOfGroups(c, at.account, viewable(key, at.upwards()...), delegateFilter{})
}

// pageOfGroups lists the groups that a search leaves.
// That a search looks at name, identifier and description, whatever the case, is an assumption.
func (s *Simulator) pageOfGroups(c *call, accountID string, wanted func(scope) bool, filter delegateFilter) (reply, error) {
	missingSize := 0
	if s.behaviour.CGPages == CGPagesAlways {
		missingSize = defaultPageSize
	}
	index, size, err := s.pageAsked(c, missingSize)
	if err != nil {
		return reply{}, err
	}
	term := c.query.Get("searchTerm")
	views := slices.DeleteFunc(s.views(wanted, filter, c.now), func(v groupView) bool {
		status := s.autoUpgrade(v.Delegate, v.kept, v.version(), c.now)
		return (filter.AutoUpgrade != "" && filter.AutoUpgrade != status) || !mentions(term, v.Name, v.Identifier, v.Description)
	})
	items := s.groupItems(views, accountID, c.now)
	list := s.groupListOf(items)
	if size > 0 {
		list.Groups = pageOf(items, index, size).Content
	}
	return ok(list), nil
}

// groupItems shows groups of an account.
func (s *Simulator) groupItems(views []groupView, accountID string, now time.Time) []groupItem {
	active := s.activeTokens(accountID)
	items := []groupItem{}
	for _, v := range views {
		items = append(items, s.groupItem(v, active[v.TokenName], now))
	}
	return items
}

// groupListOf adds up what newer Managers count.
func (s *Simulator) groupListOf(items []groupItem) groupList {
	list := groupList{Groups: items}
	if s.groupFields() != GroupFieldsNewer {
		return list
	}
	list.groupCounts = &groupCounts{VersionStatus: map[string]int{}}
	for _, item := range items {
		for status, count := range item.Count {
			list.VersionStatus[status] += count
		}
		if item.AutoUpgrade == AutoUpgradeOff {
			list.AutoUpgradeOff++
		}
	}
	return list
}
