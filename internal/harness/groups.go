package harness

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

const groupsPath = "/api/setup/delegates/ng/v2"

// Group is what only the Manager's other list of delegates tells of one, the
// list that its user interface shows.
type Group struct {
	Identifier string
	Name       string
	// UpgraderAsked is when an upgrader last asked for the delegate's image; zero
	// is never, or not told.
	UpgraderAsked time.Time
}

// Groups lists the delegates at exactly the scope given. The list is remembered
// until ForgetDelegates or ForgetGroups. No API description covers this list: a
// Manager may refuse it to an API key, so callers have to do without.
func (c *Client) Groups(ctx context.Context, scope delegate.Scope) ([]Group, error) {
	return c.groups.get(ctx, scope, func(ctx context.Context) ([]Group, error) {
		var all []Group
		for index := range maxPages {
			page, err := c.listGroups(ctx, scope, index)
			if err != nil {
				return nil, err
			}
			// The list tells no count, and a Manager that knows no pages gives all
			// of it each time.
			if len(page) > 0 && slices.Contains(all, page[0]) {
				break
			}
			all = append(all, page...)
			if len(page) != pageSize {
				break
			}
		}
		return all, nil
	})
}

func (c *Client) listGroups(ctx context.Context, scope delegate.Scope, index int) ([]Group, error) {
	// This part of the API has other names for a scope.
	query := url.Values{"accountId": {scope.Account}, "pageIndex": {strconv.Itoa(index)}, "pageSize": {strconv.Itoa(pageSize)}}
	if scope.Org != "" {
		query.Set("orgId", scope.Org)
	}
	if scope.Project != "" {
		query.Set("projectId", scope.Project)
	}
	r := request{method: http.MethodGet, path: groupsPath, query: query, retry: retryReads}
	body, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	list, err := decode[struct {
		Details []struct {
			Identifier    string   `json:"delegateGroupIdentifier"`
			Name          string   `json:"groupName"`
			UpgraderAsked wireTime `json:"upgraderLastUpdated"`
		} `json:"delegateGroupDetails"`
	}](r, body, "delegateGroupDetails")
	if err != nil {
		return nil, err
	}
	groups := make([]Group, len(list.Details))
	for i, d := range list.Details {
		groups[i] = Group{Identifier: d.Identifier, Name: d.Name, UpgraderAsked: time.Time(d.UpgraderAsked)}
	}
	return groups, nil
}

// ForgetGroups drops the list of one scope.
func (c *Client) ForgetGroups(scope delegate.Scope) { c.groups.forget(scope, 0) }
