package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

var someRequest = request{method: http.MethodPut, path: "/ng/api/delegate-setup/override-delegate-tag"}

func apiErrorOf(status int, body string) *APIError {
	return newAPIError(someRequest, &http.Response{StatusCode: status}, []byte(body))
}

func TestNewAPIErrorReadsBothShapes(t *testing.T) {
	const page = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>"
	for name, tc := range map[string]struct {
		status int
		body   string
		want   APIError
		text   string
	}{
		"status ERROR": {
			status: 401,
			body: `{"status":"ERROR","code":"INVALID_TOKEN","message":"Token is not valid.","correlationId":"c-1","detailedMessage":null,
				"responseMessages":[{"code":"INVALID_TOKEN","level":"ERROR","message":"Token is not valid.","exception":null,"failureTypes":[]}],"metadata":null}`,
			want: APIError{Code: "INVALID_TOKEN", Message: "Token is not valid.", CorrelationID: "c-1"},
			text: "401 Unauthorized: Token is not valid. (INVALID_TOKEN) [correlation id c-1]",
		},
		"status FAILURE with fields": {
			status: 400,
			body: `{"status":"FAILURE","code":"INVALID_REQUEST","message":"query param validForDays: must be between 0 and 180","correlationId":"c-2",
				"errors":[{"fieldId":"query param validForDays","error":"must be between 0 and 180"}]}`,
			want: APIError{
				Code: "INVALID_REQUEST", Message: "query param validForDays: must be between 0 and 180", CorrelationID: "c-2",
				Fields: []FieldError{{Field: "query param validForDays", Reason: "must be between 0 and 180"}},
			},
			text: "400 Bad Request: query param validForDays: must be between 0 and 180 (INVALID_REQUEST) [correlation id c-2]",
		},
		"status FAILURE without fields": {
			status: 400,
			body:   `{"status":"FAILURE","code":"RESOURCE_NOT_FOUND_EXCEPTION","message":"Project with identifier [nope] not found","correlationId":"c-3","errors":null}`,
			want:   APIError{Code: "RESOURCE_NOT_FOUND_EXCEPTION", Message: "Project with identifier [nope] not found", CorrelationID: "c-3"},
			text:   "400 Bad Request: Project with identifier [nope] not found (RESOURCE_NOT_FOUND_EXCEPTION) [correlation id c-3]",
		},
		"a missing permission": {
			status: 403,
			body: `{"status":"ERROR","code":"NG_ACCESS_DENIED","message":"Missing permission core_delegate_edit on delegate","correlationId":"c-4","responseMessages":[],
				"failedPermissionChecks":[{"resourceScope":{"accountIdentifier":"aBc","orgIdentifier":"default","projectIdentifier":null},
				"resourceType":"DELEGATE","resourceIdentifier":null,"permission":"core_delegate_edit"}]}`,
			want: APIError{
				Code: "NG_ACCESS_DENIED", Message: "Missing permission core_delegate_edit on delegate", CorrelationID: "c-4",
				Denied: []DeniedPermission{{Permission: "core_delegate_edit", ResourceType: "DELEGATE", Scope: delegate.Scope{Account: "aBc", Org: "default"}}},
			},
			text: "403 Forbidden: Missing permission core_delegate_edit on delegate (NG_ACCESS_DENIED) [correlation id c-4]",
		},
		"words in the list alone": {
			status: 500,
			body:   `{"responseMessages":[{"code":"UNKNOWN_ERROR","message":"Oops."}]}`,
			want:   APIError{Code: "UNKNOWN_ERROR", Message: "Oops."},
			text:   "500 Internal Server Error: Oops. (UNKNOWN_ERROR)",
		},
		"a code alone": {
			status: 400, body: `{"code":"INVALID_REQUEST"}`,
			want: APIError{Code: "INVALID_REQUEST"},
			text: "400 Bad Request (INVALID_REQUEST)",
		},
		"a page":       {502, page, APIError{Body: "502 Bad Gateway 502 Bad Gateway"}, "502 Bad Gateway: 502 Bad Gateway 502 Bad Gateway"},
		"plain text":   {429, "Too many requests.\n", APIError{Body: "Too many requests."}, "429 Too Many Requests: Too many requests."},
		"empty":        {503, "", APIError{}, "503 Service Unavailable"},
		"cut short":    {500, `{"status":"ERROR","code":"UNK`, APIError{Body: `{"status":"ERROR","code":"UNK`}, `500 Internal Server Error: {"status":"ERROR","code":"UNK`},
		"foreign JSON": {503, `{"fault":"upstream"}`, APIError{Body: `{"fault":"upstream"}`}, `503 Service Unavailable: {"fault":"upstream"}`},
		"other types":  {503, `{"code":503,"message":"no"}`, APIError{Body: `{"code":503,"message":"no"}`}, `503 Service Unavailable: {"code":503,"message":"no"}`},
		"a JSON text":  {500, `"no"`, APIError{Body: `"no"`}, `500 Internal Server Error: "no"`},
		"null":         {500, `null`, APIError{Body: `null`}, `500 Internal Server Error: null`},
	} {
		t.Run(name, func(t *testing.T) {
			got := apiErrorOf(tc.status, tc.body)
			tc.want.Method, tc.want.Path, tc.want.Status = someRequest.method, someRequest.path, tc.status
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if want := "PUT /ng/api/delegate-setup/override-delegate-tag: the Manager answered " + tc.text; got.Error() != want {
				t.Errorf("it says %s\nwant    %s", got, want)
			}
		})
	}
}

func TestWhatAnAPIErrorMeans(t *testing.T) {
	type meaning struct{ Unauthorized, Forbidden, RateLimited, UnknownOrg, UnknownProject, NoSuchEndpoint, Rejected bool }
	const (
		noOrg     = `{"code":"RESOURCE_NOT_FOUND_EXCEPTION","message":"Organization with identifier [x] not found"}`
		noProject = `{"code":"RESOURCE_NOT_FOUND_EXCEPTION","message":"Project with identifier [x] not found"}`
		noPath    = `{"code":"RESOURCE_NOT_FOUND_EXCEPTION","message":"HTTP 404 Not Found"}`
	)
	for name, tc := range map[string]struct {
		status int
		body   string
		want   meaning
	}{
		"a wrong key":                   {401, `{"code":"INVALID_TOKEN","message":"Token is not valid."}`, meaning{Unauthorized: true, Rejected: true}},
		"a missing permission":          {403, `{"code":"NG_ACCESS_DENIED","message":"no"}`, meaning{Forbidden: true, Rejected: true}},
		"a missing permission, as 400":  {400, `{"code":"NG_ACCESS_DENIED","message":"no"}`, meaning{Forbidden: true, Rejected: true}},
		"a firewall":                    {403, "<h1>Forbidden</h1>", meaning{Forbidden: true, Rejected: true}},
		"too many requests":             {429, "", meaning{RateLimited: true, Rejected: true}},
		"an unknown organization":       {400, noOrg, meaning{UnknownOrg: true, Rejected: true}},
		"an unknown organization, 404":  {404, noOrg, meaning{UnknownOrg: true, Rejected: true}},
		"an unknown project":            {400, noProject, meaning{UnknownProject: true, Rejected: true}},
		"an unknown project, 404":       {404, noProject, meaning{UnknownProject: true, Rejected: true}},
		"an unknown project, otherwise": {404, `{"code":"ENTITY_NOT_FOUND","message":"Project with identifier [x] not found"}`, meaning{UnknownProject: true, Rejected: true}},
		"only the words":                {400, `{"code":"INVALID_REQUEST","message":"Project with identifier [x] is odd"}`, meaning{Rejected: true}},
		"an unknown path":               {404, "", meaning{NoSuchEndpoint: true, Rejected: true}},
		"an unknown path, as 400":       {400, noPath, meaning{NoSuchEndpoint: true, Rejected: true}},
		"an unknown method":             {405, "", meaning{NoSuchEndpoint: true, Rejected: true}},
		"not implemented":               {501, "", meaning{NoSuchEndpoint: true}},
		"an invalid request":            {400, `{"code":"INVALID_REQUEST","message":"no"}`, meaning{Rejected: true}},
		"a request that took too long":  {408, "", meaning{}},
		"a fault of the Manager":        {500, `{"code":"UNKNOWN_ERROR","message":"Oops"}`, meaning{}},
		"a gateway":                     {502, "", meaning{}},
		"a redirection without target":  {302, "", meaning{}},
	} {
		t.Run(name, func(t *testing.T) {
			e := apiErrorOf(tc.status, tc.body)
			got := meaning{e.Unauthorized(), e.Forbidden(), e.RateLimited(), e.UnknownOrg(), e.UnknownProject(), e.NoSuchEndpoint(), e.rejected()}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s means (-want +got):\n%s", e, diff)
			}
		})
	}
}

func TestWhatATransportErrorMeans(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	type meaning struct{ Certificate, Redirect, UnknownHost, MayPass, NeverSent bool }
	for name, tc := range map[string]struct {
		err  error
		want meaning
	}{
		"refused":             {dial(errors.New("connection refused")), meaning{MayPass: true, NeverSent: true}},
		"no such host":        {dial(&net.DNSError{Err: "no such host", IsNotFound: true}), meaning{UnknownHost: true}},
		"name server is away": {dial(&net.DNSError{Err: "server misbehaving", IsTemporary: true}), meaning{MayPass: true, NeverSent: true}},
		"reset":               {&net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}, meaning{MayPass: true}},
		"too late":            {context.DeadlineExceeded, meaning{MayPass: true}},
		"unknown authority":   {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, meaning{Certificate: true}},
		"another host's":      {x509.HostnameError{Host: "app.harness.io", Certificate: &x509.Certificate{}}, meaning{Certificate: true}},
		"expired":             {x509.CertificateInvalidError{Reason: x509.Expired}, meaning{Certificate: true}},
		"no TLS at all":       {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, meaning{Certificate: true}},
		"a redirection":       {fmt.Errorf("%w (it points elsewhere)", errRedirect), meaning{Redirect: true}},
		"a reply too large":   {errReplyTooLarge, meaning{}},
	} {
		t.Run(name, func(t *testing.T) {
			e := &TransportError{Method: "GET", Endpoint: "https://app.harness.io", Err: tc.err}
			got := meaning{e.Certificate(), e.Redirect(), e.UnknownHost(), mayPass(e), neverSent(e)}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("it means (-want +got):\n%s", diff)
			}
			if want := "GET request to https://app.harness.io: " + tc.err.Error(); e.Error() != want {
				t.Errorf("it says %s\nwant    %s", e, want)
			}
			if !errors.Is(e, tc.err) {
				t.Error("the cause isn't in its chain")
			}
		})
	}
}

func TestDecodeTakesBothEnvelopes(t *testing.T) {
	type payload struct {
		Name string `json:"name"`
	}
	r := request{method: http.MethodGet, path: "/some/path"}
	for name, tc := range map[string]struct {
		body, want string
	}{
		"in the envelope":                {`{"metaData":{},"resource":{"name":"x"},"responseMessages":[]}`, "x"},
		"bare":                           {`{"name":"x"}`, "x"},
		"the envelope goes first":        {`{"resource":{"name":"x"},"name":"y"}`, "x"},
		"with what nobody knows":         {`{"resource":{"name":"x","new":[1]},"more":{}}`, "x"},
		"nothing in it, so left out":     {`{"metaData":{},"resource":{}}`, ""},
		"blanks and lines around":        {"\n {\"name\":\n\"x\"} \n", "x"},
		"bare, with the payload as null": {`{"name":null}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode[payload](r, []byte(tc.body), "name")
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != tc.want {
				t.Errorf("got %q, want %q", got.Name, tc.want)
			}
		})
	}
	for name, tc := range map[string]struct{ body, want string }{
		"empty":             {"", `GET /some/path: the reply can't be understood: it is not JSON; it begins: (empty)`},
		"a page":            {"<html><body>Log in</body></html>", `GET /some/path: the reply can't be understood: it is not JSON; it begins: Log in`},
		"cut short":         {`{"resource":{"na`, `GET /some/path: the reply can't be understood: it is not JSON; it begins: {"resource":{"na`},
		"another object":    {`{"data":{"name":"x"}}`, `GET /some/path: the reply can't be understood: there is neither a "resource" nor a "name" in it; it begins: {"data":{"name":"x"}}`},
		"null":              {`null`, `GET /some/path: the reply can't be understood: there is neither a "resource" nor a "name" in it; it begins: null`},
		"a list":            {`[]`, `GET /some/path: the reply can't be understood: json: cannot unmarshal array into Go value of type map[string]json.RawMessage; it begins: []`},
		"another payload":   {`{"resource":"x"}`, `GET /some/path: the reply can't be understood: json: cannot unmarshal string into Go value of type harness.payload; it begins: {"resource":"x"}`},
		"two after another": {`{"name":"x"}{"name":"y"}`, `GET /some/path: the reply can't be understood: it is not JSON; it begins: {"name":"x"}{"name":"y"}`},
	} {
		t.Run("not "+name, func(t *testing.T) {
			got, err := decode[payload](r, []byte(tc.body), "name")
			var reply *ReplyError
			if !errors.As(err, &reply) {
				t.Fatalf("got %+v, %v; want a ReplyError", got, err)
			}
			if err.Error() != tc.want {
				t.Errorf("it says %s\nwant    %s", err, tc.want)
			}
		})
	}
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("é", 300)
	for name, tc := range map[string]struct{ body, want string }{
		"text":                  {"  Service\r\n\tUnavailable ", "Service Unavailable"},
		"a page":                {"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Please&nbsp;log in</p></body></html>", "Sign in Please&nbsp;log in"},
		"a tag that never ends": {"Sorry <a href=", "Sorry"},
		"control characters":    {"a\x00b\x1b[31mc", "a b [31mc"},
		"not UTF-8":             {"caf\xe9", "caf?"},
		"long":                  {long, strings.Repeat("é", 200) + "…"},
		"empty":                 {"", ""},
		"markup alone":          {"<html></html>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := snippet([]byte(tc.body)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// isSnippet holds what a message may show of a body: one line, not long.
func isSnippet(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= 201 && !strings.ContainsFunc(text, unicode.IsControl)
}

func FuzzSnippet(f *testing.F) {
	for _, seed := range []string{"", "text", "<html><body>Log in</body></html>", "a < b", "caf\xe9", "\x1b[31m", strings.Repeat("é", 300)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got := snippet(body)
		if !isSnippet(got) {
			t.Errorf("%q is not fit for a message", got)
		}
		if again := snippet([]byte(got)); again != got {
			t.Errorf("a snippet of %q is %q", got, again)
		}
		if !bytes.Equal(before, body) {
			t.Error("the body was changed")
		}
	})
}

func FuzzNewAPIError(f *testing.F) {
	for _, seed := range []string{
		"", "null", "<h1>502</h1>", `{"code":"X","message":"m","errors":[{"fieldId":"a","error":"b"}]}`,
		`{"code":"NG_ACCESS_DENIED","failedPermissionChecks":[{"resourceScope":null}]}`, `{"responseMessages":[{}]}`, `{"code":1}`,
	} {
		f.Add(400, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := newAPIError(someRequest, &http.Response{StatusCode: status}, body)
		if e.Status != status || !strings.Contains(e.Error(), fmt.Sprint(status)) {
			t.Errorf("status %d is lost in %s", status, e)
		}
		if e.Body != "" && (e.Code != "" || e.Message != "") {
			t.Errorf("it is the Manager's own reply and isn't: %+v", e)
		}
		if !isSnippet(e.Body) {
			t.Errorf("%q is not fit for a message", e.Body)
		}
		if e.UnknownOrg() && e.NoSuchEndpoint() && status == http.StatusNotFound {
			t.Errorf("an unknown organization is no missing endpoint: %s", e)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", `{"resource":{"versionOverrides":[{"version":"a:1","tags":["x"],"validUntil":1735689600000}]}}`,
		`{"versionOverrides":[{"version":"a:1","tags":null,"validUntil":"2025-01-01T00:00:00Z"}]}`, `{"resource":null}`, `{"resource":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	type list struct {
		Rows []overrideRow `json:"versionOverrides"`
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		bare, err := decode[list](someRequest, body, "versionOverrides")
		var reply *ReplyError
		if err != nil && !errors.As(err, &reply) {
			t.Fatalf("want a ReplyError, got %T: %v", err, err)
		}
		if err != nil && (!isSnippet(reply.Body) || !json.Valid(body) && len(bare.Rows) > 0) {
			t.Errorf("%q is not fit for a message, or rows came of it: %+v", reply.Body, bare)
		}
		// What is read bare is read the same in the envelope.
		if err == nil && !hasResource(body) {
			enveloped, err := decode[list](someRequest, fmt.Appendf(nil, `{"resource":%s}`, body), "versionOverrides")
			if err != nil {
				t.Fatalf("bare it is read, in the envelope not: %v", err)
			}
			if diff := cmp.Diff(bare, enveloped, cmp.Comparer(func(a, b wireTime) bool { return a == b })); diff != "" {
				t.Errorf("bare and in the envelope differ:\n%s", diff)
			}
		}
	})
}

func hasResource(body []byte) bool {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(body, &object)
	_, has := object["resource"]
	return has
}
