package harness

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// TokenRevoked is the status of a token with which nobody can sign in any more.
const TokenRevoked = "REVOKED"

// ErrNoSuchToken tells that an account has no delegate token of a name.
var ErrNoSuchToken = errors.New("there is no such delegate token")

// DelegateToken is the secret with which delegates and upgraders sign in.
type DelegateToken struct {
	Name string
	// Owner is the scope that the token belongs to, whatever scope it was asked
	// for at.
	Owner delegate.Scope
	// Status is ACTIVE, TokenRevoked, or what a newer Manager says.
	Status string
	// Value is as Harness shows it, base64 of 32 hexadecimal digits. It is empty
	// where the API key may see the token, but not edit delegates.
	Value     secret.Text
	CreatedAt time.Time
	// RevokeAfter is when the Manager revokes the token by itself, at most an hour
	// later; zero is never.
	RevokeAfter time.Time
}

// tokenRow is a delegate token on the wire.
type tokenRow struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	// Owner is "org" or "org/project", and empty for the account.
	Owner       string      `json:"ownerIdentifier"`
	Value       secret.Text `json:"value"`
	CreatedAt   wireTime    `json:"createdAt"`
	RevokeAfter wireTime    `json:"revokeAfter"`
}

// DelegateToken reads a delegate token by its name, which is unique within an
// account: the Manager uses the scope for the permissions only, and so finds
// tokens of other scopes, too, and revoked ones. No token of the name is
// ErrNoSuchToken. Nothing is remembered.
func (c *Client) DelegateToken(ctx context.Context, scope delegate.Scope, name string) (DelegateToken, error) {
	r := request{method: http.MethodGet, path: "/ng/api/delegate-token-ng", query: scopeQuery(scope), retry: retryReads}
	r.query.Set("name", name)
	body, err := c.do(ctx, r)
	if err != nil {
		return DelegateToken{}, err
	}
	rows, err := decode[[]tokenRow](r, body)
	if err != nil {
		return DelegateToken{}, withholdBody(err)
	}
	for _, row := range rows {
		if row.Name == name {
			return row.token(scope.Account), nil
		}
	}
	return DelegateToken{}, ErrNoSuchToken
}

func (row tokenRow) token(account string) DelegateToken {
	org, project, _ := strings.Cut(row.Owner, "/")
	return DelegateToken{
		Name:        row.Name,
		Owner:       delegate.Scope{Account: account, Org: org, Project: project},
		Status:      row.Status,
		Value:       row.Value,
		CreatedAt:   time.Time(row.CreatedAt),
		RevokeAfter: time.Time(row.RevokeAfter),
	}
}

// withholdBody takes the beginning of a reply out of an error where it may hold
// the token. What isn't JSON, such as a login page, doesn't.
func withholdBody(err error) error {
	var reply *ReplyError
	if errors.As(err, &reply) && strings.ContainsAny(reply.Body, "{[") {
		reply.Body = "(not shown, because it may hold the token)"
	}
	return err
}
