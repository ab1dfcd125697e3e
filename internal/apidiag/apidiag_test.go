package apidiag_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

const summary = "Unable to Do It"

var scope = delegate.Scope{Account: "aBc", Org: "default", Project: "payments"}

// errorOf asks a server and gives the error that comes of it.
func errorOf(tb testing.TB, start func(http.Handler) *httptest.Server, handler http.Handler) error {
	tb.Helper()
	server := start(handler)
	tb.Cleanup(server.Close)
	endpoint, err := harness.ParseEndpoint(server.URL)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = harness.New(harness.Config{Endpoint: endpoint, APIKey: "pat.test"}).Overrides(tb.Context(), scope)
	if err == nil {
		tb.Fatal("want an error")
	}
	return err
}

func transport(err error) error {
	return &harness.TransportError{Method: "GET", Endpoint: "https://app.harness.io/gateway", Err: err}
}

func api(status int, code, message string) *harness.APIError {
	return &harness.APIError{Method: "GET", Path: "/some/path", Status: status, Code: code, Message: message, CorrelationID: "c-1"}
}

// listing is how a list of overrides fails at a Manager that doesn't know the call.
func listing() *harness.APIError {
	return &harness.APIError{
		Method: "GET", Path: "/ng/api/delegate-setup/override-delegate-tag", Status: 500, Code: "UNKNOWN_ERROR", Message: "Oops, something went wrong on our end.",
	}
}

// Every kind of error says what was wrong, in the Manager's own words where it
// has any, and what to do: with the names of the arguments and the variables.
func TestErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		err error
		// at is the attribute that the message belongs to, if any.
		at string
		// says is what the message must hold.
		says []string
		// not is what it must not hold.
		not []string
	}{
		"a key that isn't accepted": {
			err:  api(401, "INVALID_TOKEN", "Token is not valid."),
			says: []string{"401 Unauthorized: Token is not valid.", "c-1", `"platform_api_key"`, "HARNESS_PLATFORM_API_KEY", `account "aBc"`, `"endpoint"`},
			not:  []string{"payments"},
		},
		"a missing permission": {
			err: &harness.APIError{Method: "PUT", Path: "/some/path", Status: 403, Code: "NG_ACCESS_DENIED", Message: "Missing permission core_delegate_edit on delegate", Denied: []harness.DeniedPermission{
				{Permission: "core_delegate_edit", ResourceType: "DELEGATE", Scope: delegate.Scope{Account: "aBc", Org: "default"}},
			}},
			says: []string{`lacks the permission core_delegate_edit on delegate for organization "default" in account "aBc"`, "Grant its principal a role with it there, or above."},
			not:  []string{"payments"},
		},
		"two missing permissions, the Manager names no scope": {
			err: &harness.APIError{Status: 403, Denied: []harness.DeniedPermission{
				{Permission: "core_delegate_view", ResourceType: "DELEGATE"}, {Permission: "core_delegate_edit", ResourceType: "DELEGATE"},
			}},
			says: []string{"core_delegate_view on delegate for " + scope.String() + ", and core_delegate_edit on delegate for " + scope.String()},
		},
		"a missing permission without details": {
			err:  api(403, "", ""),
			says: []string{"lacks a permission on delegates for " + scope.String(), "core_delegate_view to read", "core_delegate_edit to change"},
		},
		"an unknown organization": {
			err:  api(400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [default] not found"),
			at:   "org_id",
			says: []string{"Organization with identifier [default] not found", `no organization "default" in account "aBc"`, `"org_id" takes the identifier, not the name`},
		},
		"an unknown project": {
			err:  api(404, "ENTITY_NOT_FOUND", "Project with identifier [payments] not found"),
			at:   "project_id",
			says: []string{`no project "payments" in organization "default"`, `"project_id" takes the identifier, not the name`},
		},
		"too many requests": {
			err:  api(429, "", ""),
			says: []string{"429 Too Many Requests", "-parallelism", `"max_retries"`, `"retry_wait_max"`},
		},
		"a refused value": {
			err: &harness.APIError{Status: 400, Code: "INVALID_REQUEST", Message: "query param validForDays: must be between 0 and 90", Fields: []harness.FieldError{
				{Field: "query param validForDays", Reason: "must be between 0 and 90"},
			}},
			at:   "valid_for_days",
			says: []string{`refuses the value of "valid_for_days": it must be between 0 and 90.`, "Older self-managed Managers have narrower limits."},
		},
		"a refused value under its bare name": {
			err:  &harness.APIError{Status: 400, Message: "no", Fields: []harness.FieldError{{Field: "putOverride.delegateTag", Reason: "must not be empty"}}},
			at:   "delegate_tag",
			says: []string{`"delegate_tag": it must not be empty`},
		},
		"a refused value that is none of ours": {
			err:  &harness.APIError{Status: 400, Code: "INVALID_REQUEST", Message: "routingId: must be set", Fields: []harness.FieldError{{Field: "query param routingId", Reason: "must be set"}}},
			says: []string{"routingId: must be set"},
		},
		"another refusal": {
			err:  api(409, "CONFLICT", "Somebody else is at it."),
			says: []string{"409 Conflict: Somebody else is at it. (CONFLICT)"},
			not:  []string{"Manager's side"},
		},
		"a fault of the Manager": {
			err:  api(500, "UNKNOWN_ERROR", "Oops, something went wrong on our end."),
			says: []string{"500 Internal Server Error: Oops", "on the Manager's side", "Apply again later.", "before 2024"},
		},
		"a Manager too old, or faulty": {
			err:  listing(),
			says: []string{"500 Internal Server Error: Oops", "Nothing was written.", "before 2024", "whole account", "Otherwise apply again later."},
		},
		"a list that fails after the write": {
			err:  &harness.UnverifiedError{Err: listing()},
			says: []string{"500 Internal Server Error: Oops", "on the Manager's side"},
			not:  []string{"Nothing was written."},
		},
		"a Manager too old": {
			err:  &harness.UnsupportedError{Endpoint: "https://harness.example.com", Err: api(405, "", "")},
			says: []string{"https://harness.example.com does not list tag overrides", "405", "whole account", "Nothing was written.", "Upgrade"},
		},
		"a page instead of a reply": {
			err:  &harness.ReplyError{Method: "GET", Path: "/some/path", Body: "Sign in", Err: errors.New("it is not JSON")},
			says: []string{"it is not JSON", "Sign in", `"endpoint"`, "HARNESS_ENDPOINT", "proxy"},
		},
		"an unknown host": {
			err:  transport(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "app.harness.example", IsNotFound: true}}),
			says: []string{"no such host", `"endpoint"`, "HARNESS_ENDPOINT", "DNS"},
		},
		"a refused connection": {
			err:  transport(&net.OpError{Op: "dial", Err: errors.New("connection refused")}),
			says: []string{"connection refused", "https://app.harness.io/gateway", `"endpoint"`, "HARNESS_ENDPOINT", "HTTPS_PROXY", "NO_PROXY"},
		},
		"a redirection": {
			err:  errorOf(t, httptest.NewServer, http.RedirectHandler("https://login.example.com/", http.StatusFound)),
			says: []string{"the server redirects", "https://login.example.com", "the address that the Manager itself answers at", `"endpoint"`, "HARNESS_ENDPOINT"},
			not:  []string{"certificate"},
		},
		"an untrusted certificate": {
			err:  errorOf(t, newTLSServer, http.NotFoundHandler()),
			says: []string{"certificate signed by unknown authority", `"endpoint"`, "HARNESS_ENDPOINT", "SSL_CERT_FILE"},
		},
		"no time left": {
			err:  transport(context.DeadlineExceeded),
			says: []string{"The time for it ran out.", `"timeouts"`, `"request_timeout"`},
			not:  []string{"HTTPS_PROXY"},
		},
		"an interruption": {err: transport(context.Canceled), says: []string{"It was interrupted."}, not: []string{"endpoint"}},
		"no time left, but the Manager answered": {
			err:  errors.Join(api(503, "", "Busy"), context.DeadlineExceeded),
			says: []string{"503 Service Unavailable: Busy", "on the Manager's side"},
			not:  []string{"ran out"},
		},
		"a write that was refused": {
			err:  &harness.RejectedError{Err: api(401, "INVALID_TOKEN", "Token is not valid.")},
			says: []string{`"platform_api_key"`},
		},
		"a write whose outcome isn't known": {
			err:  &harness.UnverifiedError{Err: api(502, "", "")},
			says: []string{"502 Bad Gateway", "on the Manager's side"},
		},
		"an error wrapped in another": {
			err:  fmt.Errorf("reading: %w", api(403, "", "")),
			says: []string{"core_delegate_view"},
		},
		"anything else": {err: errors.New("something odd"), says: []string{"Something odd."}},
	} {
		t.Run(name, func(t *testing.T) {
			got := apidiag.Errors(summary, scope, tc.err)
			if len(got) != 1 || got[0].Severity() != diag.SeverityError {
				t.Fatalf("want one error, got %v", got)
			}
			if got[0].Summary() != summary {
				t.Errorf("the summary is %q, want %q", got[0].Summary(), summary)
			}
			detail := got[0].Detail()
			for _, text := range tc.says {
				if !strings.Contains(detail, text) {
					t.Errorf("%q is missing in:\n%s", text, detail)
				}
			}
			for _, text := range tc.not {
				if strings.Contains(detail, text) {
					t.Errorf("%q is out of place in:\n%s", text, detail)
				}
			}
			at := ""
			if with, ok := got[0].(diag.DiagnosticWithPath); ok {
				at = with.Path().String()
			}
			if at != tc.at {
				t.Errorf("it stands at %q, want %q", at, tc.at)
			}
			if !strings.HasSuffix(detail, ".") || strings.Contains(detail, "..") || strings.ToUpper(detail[:1]) != detail[:1] {
				t.Errorf("these are no sentences:\n%s", detail)
			}
		})
	}
}

func newTLSServer(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = discard
	server.StartTLS()
	return server
}

func TestEveryRefusedValueStandsAtItsAttribute(t *testing.T) {
	refused := &harness.APIError{Status: 400, Message: "several", Fields: []harness.FieldError{
		{Field: "query param accountIdentifier", Reason: "must not be null"},
		{Field: "query param orgIdentifier", Reason: "r"},
		{Field: "query param projectIdentifier", Reason: "r"},
		{Field: "query param delegateTag", Reason: "r"},
		{Field: "query param tags", Reason: "r"},
		{Field: "query param validForDays", Reason: "r"},
		{Field: "query param validTillNextRelease", Reason: "r"},
		{Field: "query param routingId", Reason: "r"},
	}}
	got := apidiag.Errors(summary, scope, refused)
	for _, attribute := range []string{"account_id", "org_id", "project_id", "delegate_tag", "tags", "valid_for_days", "valid_till_next_release"} {
		found := false
		for _, d := range got {
			with, ok := d.(diag.DiagnosticWithPath)
			found = found || ok && with.Path().Equal(path.Root(attribute)) && strings.Contains(d.Detail(), fmt.Sprintf("the value of %q", attribute))
		}
		if !found {
			t.Errorf("nothing stands at %s: %v", attribute, got)
		}
	}
	if len(got) != len(refused.Fields) {
		t.Errorf("%d messages for %d refused values", len(got), len(refused.Fields))
	}
}

// discard takes what a server says of broken handshakes.
var discard = log.New(io.Discard, "", 0)
