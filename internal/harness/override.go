package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

const (
	overridePath       = "/ng/api/delegate-setup/override-delegate-tag"
	deleteOverridePath = "/ng/api/delegate-setup/delete-delegate-override"
)

// overrideRow is one entry of the Manager's list.
type overrideRow struct {
	Version              string   `json:"version"`
	Org                  string   `json:"orgIdentifier"`
	Project              string   `json:"projectIdentifier"`
	Tags                 []string `json:"tags"`
	ValidTillNextRelease bool     `json:"validTillNextRelease"`
	ValidUntil           wireTime `json:"validUntil"`
}

// Overrides lists what is set at exactly the scope given, expired entries that
// the Manager hasn't swept yet included. The list is asked for once per scope,
// until this client writes there.
func (c *Client) Overrides(ctx context.Context, scope delegate.Scope) ([]delegate.Override, error) {
	return c.overrides.get(ctx, scope, func(ctx context.Context) ([]delegate.Override, error) {
		return c.listOverrides(ctx, scope)
	})
}

// freshOverrides lists what is set now, whatever was read before.
func (c *Client) freshOverrides(ctx context.Context, scope delegate.Scope) ([]delegate.Override, error) {
	c.overrides.forget(scope, 0)
	return c.Overrides(ctx, scope)
}

func (c *Client) listOverrides(ctx context.Context, scope delegate.Scope) ([]delegate.Override, error) {
	r := request{method: http.MethodGet, path: overridePath, query: scopeQuery(scope), retry: retryReads}
	body, err := c.do(ctx, r)
	if err != nil {
		var apiError *APIError
		if errors.As(err, &apiError) && apiError.NoSuchEndpoint() {
			err = &UnsupportedError{Endpoint: c.Endpoint(), Err: err}
		}
		return nil, err
	}
	list, err := decode[struct {
		Rows []overrideRow `json:"versionOverrides"`
	}](r, body, "versionOverrides")
	if err != nil {
		return nil, err
	}
	var overrides []delegate.Override
	for _, row := range list.Rows {
		override := delegate.Override{
			Scope:                delegate.Scope{Account: scope.Account, Org: row.Org, Project: row.Project},
			Tags:                 delegate.NewTags(row.Tags...),
			Image:                row.Version,
			ValidTillNextRelease: row.ValidTillNextRelease,
			ValidUntil:           time.Time(row.ValidUntil),
		}
		// A Manager may list parent or child scopes along with the one asked
		// for; nothing documents which.
		if override.Scope == scope {
			overrides = append(overrides, override)
		}
	}
	return overrides, nil
}

// putOverride writes the slot once. What the reply says is not relied on.
func (c *Client) putOverride(ctx context.Context, override delegate.Override, validForDays int) error {
	query := scopeQuery(override.Scope)
	query.Set("delegateTag", override.Image)
	query.Set("validTillNextRelease", strconv.FormatBool(override.ValidTillNextRelease))
	query.Set("validForDays", strconv.Itoa(validForDays))
	// A set is sent by repeating its key. An empty one is left out: an empty
	// value would stand for one tag without a name.
	for _, tag := range override.Tags {
		query.Add("tags", tag)
	}
	return c.send(ctx, request{method: http.MethodPut, path: overridePath, query: query, retry: retryUnsent})
}

// deleteOverride removes the entry with exactly these tags, once.
func (c *Client) deleteOverride(ctx context.Context, scope delegate.Scope, tags delegate.Tags) error {
	query := scopeQuery(scope)
	for _, tag := range tags {
		query.Add("tags", tag)
	}
	return c.send(ctx, request{method: http.MethodDelete, path: deleteOverridePath, query: query, retry: retryUnsent})
}

// send makes a write. What the Manager says of it is not relied on, and it may
// say nothing; but a page is no acknowledgement: it comes from a proxy.
func (c *Client) send(ctx context.Context, r request) error {
	body, err := c.do(ctx, r)
	if err == nil && len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
		err = &ReplyError{Method: r.method, Path: r.path, Body: snippet(body), Err: errNotJSON}
	}
	return err
}

// UnsupportedError tells that the Manager doesn't list overrides. Such a one
// is from before scoped overrides: it ignores organization, project and tags
// and would set every override for the whole account.
type UnsupportedError struct {
	Endpoint string
	Err      error
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("the Manager at %s does not list tag overrides: %v", e.Endpoint, e.Err)
}

// Unwrap gives the cause.
func (e *UnsupportedError) Unwrap() error { return e.Err }
