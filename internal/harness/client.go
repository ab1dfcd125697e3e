package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// Defaults of Config. The waits add up to about 90 seconds, so that a client
// outlasts the Manager's rate limit, which counts by the minute.
const (
	DefaultRequestTimeout = 30 * time.Second
	DefaultMaxRetries     = 7
	DefaultRetryWaitMin   = 1 * time.Second
	DefaultRetryWaitMax   = 30 * time.Second
)

// Config is what a Client is made of. Zero values mean the defaults, except
// that MaxRetries has none: zero means a single attempt.
type Config struct {
	// Endpoint is the Manager's address, as ParseEndpoint returns it.
	Endpoint *url.URL
	// APIKey is a personal access token or a service account token.
	APIKey secret.Text
	// UserAgent names the program to the Manager.
	UserAgent string
	// RequestTimeout bounds one attempt, its reply's body included.
	RequestTimeout time.Duration
	// MaxRetries is how often a request is repeated after the first attempt.
	MaxRetries int
	// RetryWaitMin and RetryWaitMax bound the wait before a repetition. A
	// Retry-After of the server goes first.
	RetryWaitMin time.Duration
	RetryWaitMax time.Duration
	// OnAttempt, if set, is told of each attempt; it must not block.
	OnAttempt func(context.Context, Attempt)
}

// Attempt is one HTTP request as it went. It holds no header, hence no key.
type Attempt struct {
	Method string
	URL    string
	// Status is 0 where no reply came; Err says why.
	Status   int
	Err      error
	Duration time.Duration
}

// Client talks to one Manager under one API key. It is safe for concurrent
// use, and meant to live as long as one run of Terraform: what it read stays
// known until it writes there.
type Client struct {
	endpoint  *url.URL
	apiKey    secret.Text
	userAgent string
	timeout   time.Duration
	retries   int
	backoff   backoff
	http      *retryablehttp.Client
	clock     *serverClock

	overrides memo[delegate.Scope, []delegate.Override]
	versions  memo[delegate.Scope, SupportedVersion]
	delegates memo[DelegateQuery, []ListedDelegate]
	groups    memo[delegate.Scope, []Group]
	orgs      memo[string, []Organization]
	projects  memo[projectQuery, []Project]
	writing   keyedLock[delegate.Scope]
	written   sync.Map // delegate.Slot -> struct{}
}

// New makes a client. It connects to nothing.
func New(config Config) *Client {
	config.RequestTimeout = orDefault(config.RequestTimeout, DefaultRequestTimeout)
	config.RetryWaitMin = orDefault(config.RetryWaitMin, DefaultRetryWaitMin)
	config.RetryWaitMax = max(orDefault(config.RetryWaitMax, DefaultRetryWaitMax), config.RetryWaitMin)
	client := &Client{
		endpoint:  config.Endpoint,
		apiKey:    config.APIKey,
		userAgent: config.UserAgent,
		timeout:   config.RequestTimeout,
		retries:   config.MaxRetries,
		backoff:   backoff{min: config.RetryWaitMin, max: config.RetryWaitMax},
		clock:     &serverClock{},
	}
	client.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     newTransport(client.clock, config.OnAttempt),
			Timeout:       config.RequestTimeout,
			CheckRedirect: refuseRedirect,
		},
		RetryMax:     config.MaxRetries,
		RetryWaitMin: config.RetryWaitMin,
		RetryWaitMax: config.RetryWaitMax,
		CheckRetry:   checkRetry,
		Backoff:      client.backoff.wait,
		// Hand back the last reply instead of an error that says only how
		// often it was tried.
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return client
}

// Format implements fmt.Formatter: fmt would show the key, since it doesn't
// call the methods of unexported fields.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "client of %s", c.endpoint) }

// Endpoint is the Manager's address.
func (c *Client) Endpoint() string { return c.endpoint.String() }

// Now is the time by the Manager's clock, as far as its replies have told it:
// terms and ends of overrides are the Manager's to judge. Before the first
// reply it is the local time.
func (c *Client) Now() time.Time { return c.clock.now() }

// KnowsTime tells whether a reply has told the Manager's time.
func (c *Client) KnowsTime() bool { return c.clock.known.Load() }

func orDefault(value, fallback time.Duration) time.Duration {
	if value <= 0 {
		return fallback
	}
	return value
}

// request is one call of the API.
type request struct {
	method string
	path   string
	query  url.Values
	// body is sent as JSON; nil where the endpoint takes none.
	body  []byte
	retry retryRule
}

// do sends the request and returns the body of a 2xx reply. Every other reply
// is an *APIError; no reply at all is a *TransportError.
func (c *Client) do(ctx context.Context, r request) ([]byte, error) {
	target := c.endpoint.JoinPath(r.path)
	target.RawQuery = encodeQuery(r.query)
	var sent any // a nil []byte would be sent as an empty body
	if r.body != nil {
		sent = r.body
	}
	req, err := retryablehttp.NewRequestWithContext(withRetryRule(ctx, r.retry), r.method, target.String(), sent)
	if err != nil {
		return nil, fmt.Errorf("preparing %s %s: %w", r.method, r.path, err)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("X-Api-Key", string(c.apiKey))

	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &TransportError{Method: r.method, Endpoint: c.Endpoint(), Err: withoutURL(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	// The transport has read the body already, so this can't fail halfway.
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, &TransportError{Method: r.method, Endpoint: c.Endpoint(), Err: err}
	}
	// Whoever echoes requests must not get the key into an error by that.
	if c.apiKey != "" {
		body = bytes.ReplaceAll(body, []byte(c.apiKey), []byte(secret.Redacted))
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, newAPIError(r, resp, body)
	}
	return body, nil
}

// encodeQuery writes blanks as %20: Managers and the proxies before them do
// not agree on "+".
func encodeQuery(query url.Values) string {
	return string(bytes.ReplaceAll([]byte(query.Encode()), []byte("+"), []byte("%20")))
}

// withoutURL drops the method and address that net/http puts before an error;
// TransportError has them.
func withoutURL(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

// scopeQuery names the scope as all endpoints of the NextGen API do.
func scopeQuery(scope delegate.Scope) url.Values {
	query := url.Values{"accountIdentifier": {scope.Account}}
	if scope.Org != "" {
		query.Set("orgIdentifier", scope.Org)
	}
	if scope.Project != "" {
		query.Set("projectIdentifier", scope.Project)
	}
	return query
}

var errNotJSON = errors.New("it is not JSON")

// decode reads the payload of a reply, which stands in an envelope
// ({"metaData":…,"resource":…}) by the servers' code and bare by parts of the
// API description. Payloads have one of the given keys at their top; one
// without keys is a list.
func decode[T any](r request, body []byte, keys ...string) (T, error) {
	var payload T
	var envelope map[string]json.RawMessage
	if !json.Valid(body) {
		return payload, &ReplyError{Method: r.method, Path: r.path, Body: snippet(body), Err: errNotJSON}
	}
	bareList := len(keys) == 0 && bytes.HasPrefix(bytes.TrimSpace(body), []byte("["))
	if err := json.Unmarshal(body, &envelope); err != nil && !bareList {
		return payload, &ReplyError{Method: r.method, Path: r.path, Body: snippet(body), Err: err}
	}
	raw, enveloped := envelope["resource"]
	if !enveloped {
		if !bareList && !hasAny(envelope, keys) {
			return payload, &ReplyError{
				Method: r.method, Path: r.path, Body: snippet(body),
				Err: fmt.Errorf("there is neither a \"resource\" nor %s in it", describe(keys)),
			}
		}
		raw = body
	}
	if bytes.Equal(raw, []byte("null")) {
		return payload, &ReplyError{Method: r.method, Path: r.path, Body: snippet(body), Err: errors.New("its \"resource\" is null")}
	}
	if err := json.Unmarshal(raw, &payload); err != nil {
		return payload, &ReplyError{Method: r.method, Path: r.path, Body: snippet(body), Err: err}
	}
	return payload, nil
}

// describe names what the payload should have been.
func describe(keys []string) string {
	if len(keys) == 0 {
		return "a list"
	}
	return fmt.Sprintf("a %q", keys[0])
}

func hasAny(object map[string]json.RawMessage, keys []string) bool {
	for _, key := range keys {
		if _, ok := object[key]; ok {
			return true
		}
	}
	return false
}
