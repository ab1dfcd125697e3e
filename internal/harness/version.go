package harness

import (
	"context"
	"errors"
	"net/http"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// SupportedVersion is the delegate version that Harness has released to an
// account, and its variant without client tools.
type SupportedVersion struct {
	Version string `json:"latestSupportedVersion"`
	Minimal string `json:"latestSupportedMinimalVersion"`
}

// LatestSupportedVersion asks which delegate version is released to the scope.
// Overrides for custom images don't change the answer. It is asked once per
// scope in the life of the client.
func (c *Client) LatestSupportedVersion(ctx context.Context, scope delegate.Scope) (SupportedVersion, error) {
	return c.versions.get(ctx, scope, func(ctx context.Context) (SupportedVersion, error) {
		r := request{
			method: http.MethodGet,
			path:   "/ng/api/delegate-setup/latest-supported-version",
			query:  scopeQuery(scope),
			retry:  retryReads,
		}
		body, err := c.do(ctx, r)
		if err != nil {
			return SupportedVersion{}, err
		}
		version, err := decode[SupportedVersion](r, body, "latestSupportedVersion")
		if err != nil {
			return SupportedVersion{}, err
		}
		if version.Version == "" {
			return SupportedVersion{}, &ReplyError{
				Method: r.method, Path: r.path, Body: snippet(body),
				Err: errors.New("it names no latestSupportedVersion"),
			}
		}
		return version, nil
	})
}
