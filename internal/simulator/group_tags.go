package simulator

import (
	"net/http"
	"slices"
)

// taggedGroup is a delegate group as the endpoints about its custom tags show it.
type taggedGroup struct {
	AccountIdentifier string   `json:"accountIdentifier"`
	OrgIdentifier     string   `json:"orgIdentifier,omitempty"`
	ProjectIdentifier string   `json:"projectIdentifier,omitempty"`
	Name              string   `json:"name"`
	Identifier        string   `json:"identifier"`
	Tags              []string `json:"tags"`
}

func taggedGroupOf(d *Delegate) taggedGroup {
	return taggedGroup{
		AccountIdentifier: d.AccountID,
		OrgIdentifier:     d.OrgID,
		ProjectIdentifier: d.ProjectID,
		Name:              d.Name,
		Identifier:        d.Identifier,
		Tags:              append([]string{}, d.Tags...),
	}
}

// tagsBody is the request body of these endpoints.
type tagsBody struct {
	Tags []string `json:"tags"`
}

// groupTags serves delegate-group-tags/{groupIdentifier}: GET shows the custom tags of a group, POST adds to them,
// PUT replaces and DELETE removes them all. That DELETE replies with an envelope around nothing is an assumption.
func (s *Simulator) groupTags(c *call) (reply, error) {
	at, err := s.guardPermission(c, tagPermission(c.method))
	if err != nil {
		return reply{}, err
	}
	group, err := s.groupAt(at, c.identifier)
	if err != nil {
		return reply{}, err
	}
	var asked tagsBody
	if c.method == http.MethodPost || c.method == http.MethodPut {
		if err := c.readJSON(&asked); err != nil {
			return reply{}, err
		}
	}
	switch c.method {
	case http.MethodPost:
		group.Tags = newSet(append(slices.Clone(group.Tags), asked.Tags...))
	case http.MethodPut:
		group.Tags = newSet(asked.Tags)
	case http.MethodDelete:
		group.Tags = nil
		return ok(nil), nil
	}
	return ok(taggedGroupOf(group)), nil
}

// tagPermission is what each method asks for.
func tagPermission(method string) string {
	switch method {
	case http.MethodGet:
		return PermissionView
	case http.MethodDelete:
		return PermissionDelete
	default:
		return PermissionEdit
	}
}

// groupsWithTags serves POST delegate-group-tags/delegate-groups: the groups at the scope that have all the tags,
// their names counted.
func (s *Simulator) groupsWithTags(c *call) (reply, error) {
	at, err := s.guardPermission(c, PermissionView)
	if err != nil {
		return reply{}, err
	}
	var asked tagsBody
	if err := c.readJSON(&asked); err != nil {
		return reply{}, err
	}
	groups := []taggedGroup{}
	for _, d := range s.delegates {
		if d.scope() == at && !d.Deleted && d.hasTags(asked.Tags) {
			groups = append(groups, taggedGroupOf(d))
		}
	}
	return ok(groups), nil
}
