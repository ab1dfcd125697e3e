package harness

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

const (
	organizationsPath = "/ng/api/organizations"
	projectsPath      = "/ng/api/projects"
)

// The size of a page that is asked for, and how many are read at most: a Manager
// that always promises one more must not be followed for ever.
const (
	pageSize = 100
	maxPages = 1000
)

// Organization is an organization's identifier and its name. Names need not be
// unique.
type Organization struct {
	Identifier string `json:"identifier"`
	Name       string `json:"name"`
}

// Project is a project's identifier, that of its organization, and its name.
// Names need not be unique.
type Project struct {
	Org        string `json:"orgIdentifier"`
	Identifier string `json:"identifier"`
	Name       string `json:"name"`
}

type projectQuery struct{ account, org string }

// Organizations lists the organizations of an account that the API key may see.
// The list is remembered until ForgetDelegates.
func (c *Client) Organizations(ctx context.Context, account string) ([]Organization, error) {
	return c.orgs.get(ctx, account, func(ctx context.Context) ([]Organization, error) {
		entries, err := readPages[struct {
			Organization Organization `json:"organization"`
		}](ctx, c, organizationsPath, scopeQuery(delegate.Scope{Account: account}))
		organizations := make([]Organization, len(entries))
		for i, entry := range entries {
			organizations[i] = entry.Organization
		}
		return organizations, err
	})
}

// Projects lists the projects of an organization, or of the whole account where
// none is named, that the API key may see. The list is remembered until
// ForgetDelegates.
func (c *Client) Projects(ctx context.Context, account, org string) ([]Project, error) {
	return c.projects.get(ctx, projectQuery{account, org}, func(ctx context.Context) ([]Project, error) {
		entries, err := readPages[struct {
			Project Project `json:"project"`
		}](ctx, c, projectsPath, scopeQuery(delegate.Scope{Account: account, Org: org}))
		projects := make([]Project, len(entries))
		for i, entry := range entries {
			projects[i] = entry.Project
		}
		return projects, err
	})
}

// page is a reply of the endpoints that list in pages, which have an envelope of
// their own.
type page[T any] struct {
	Data *struct {
		TotalPages int `json:"totalPages"`
		Content    []T `json:"content"`
	} `json:"data"`
}

// readPages reads a list to its end. A server may give shorter pages than asked
// for, so that only its own count of pages tells the end.
func readPages[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	var all []T
	query.Set("pageSize", strconv.Itoa(pageSize))
	for index := range maxPages {
		query.Set("pageIndex", strconv.Itoa(index))
		r := request{method: http.MethodGet, path: path, query: query, retry: retryReads}
		body, err := c.do(ctx, r)
		if err != nil {
			return nil, err
		}
		var reply page[T]
		err = json.Unmarshal(body, &reply)
		if err == nil && reply.Data == nil {
			err = errors.New("there is no \"data\" in it")
		}
		if err != nil {
			return nil, &ReplyError{Method: r.method, Path: r.path, Body: snippet(body), Err: err}
		}
		all = append(all, reply.Data.Content...)
		if index+1 >= reply.Data.TotalPages || len(reply.Data.Content) == 0 {
			break
		}
	}
	return all, nil
}
