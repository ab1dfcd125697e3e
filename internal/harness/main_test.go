package harness_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestMain(m *testing.M) {
	// Each read leaves the timer of its attempt running until request_timeout;
	// the option goes when retry.go's cutShort closes the body that it replaces.
	goleak.VerifyTestMain(m)
}

// What every Manager of these tests starts with.
const (
	account = "aBcDeFgHiJkLmNoPqRsTuV"
	// apiKey is a canary: nothing that leaves the client may hold it.
	apiKey = "pat.canary-5f1e77c0"
	image  = "registry.example.com/acme/delegate:24.04.82804"

	listCall    = "GET /ng/api/delegate-setup/override-delegate-tag"
	putCall     = "PUT /ng/api/delegate-setup/override-delegate-tag"
	deleteCall  = "DELETE /ng/api/delegate-setup/delete-delegate-override"
	versionCall = "GET /ng/api/delegate-setup/latest-supported-version"
)

// start is the Manager's time when a test begins, years from the machine's.
var start = time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)

var (
	atAccount = delegate.Scope{Account: account}
	atOrg     = delegate.Scope{Account: account, Org: "default"}
	atProject = delegate.Scope{Account: account, Org: "default", Project: "payments"}
)

// newSimulator makes a Manager with one account, two projects in two
// organizations, and one API key that may do everything.
func newSimulator() *simulator.Simulator {
	sim := simulator.New()
	sim.AddAccount(simulator.Account{
		ID:            account,
		LatestVersion: "24.04.82804",
		Orgs:          map[string][]string{"default": {"payments"}, "platform": {"build"}},
	})
	sim.AddKey(simulator.Key{Token: apiKey, AccountID: account})
	return sim
}

// manager is a simulated Manager that listens.
type manager struct {
	*simulator.Simulator

	url string
}

func newManager(tb testing.TB) manager {
	tb.Helper()
	sim := newSimulator()
	sim.SetTime(start)
	server := httptest.NewServer(sim)
	tb.Cleanup(server.Close)
	return manager{sim, server.URL}
}

// client makes a client that waits next to nothing between attempts, changed
// as the options say.
func (m manager) client(tb testing.TB, options ...func(*harness.Config)) *harness.Client {
	tb.Helper()
	return newClient(tb, m.url, options...)
}

func newClient(tb testing.TB, address string, options ...func(*harness.Config)) *harness.Client {
	tb.Helper()
	endpoint, err := harness.ParseEndpoint(address)
	if err != nil {
		tb.Fatal(err)
	}
	config := harness.Config{
		Endpoint:     endpoint,
		APIKey:       apiKey,
		UserAgent:    "test/1.0",
		MaxRetries:   4,
		RetryWaitMin: time.Millisecond,
		RetryWaitMax: 5 * time.Millisecond,
	}
	for _, option := range options {
		option(&config)
	}
	return harness.New(config)
}

func retries(n int) func(*harness.Config) {
	return func(c *harness.Config) { c.MaxRetries = n }
}

func waits(least, most time.Duration) func(*harness.Config) {
	return func(c *harness.Config) { c.RetryWaitMin, c.RetryWaitMax = least, most }
}

// attempts keeps what a client tells of its requests.
type attempts struct {
	mu  sync.Mutex
	all []harness.Attempt
}

func (a *attempts) watch(c *harness.Config) {
	c.OnAttempt = func(_ context.Context, attempt harness.Attempt) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.all = append(a.all, attempt)
	}
}

func (a *attempts) list() []harness.Attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.all)
}

// wantCalls checks how many requests of a kind have arrived.
func wantCalls(tb testing.TB, sim *simulator.Simulator, call string, want int) {
	tb.Helper()
	if got := sim.Counters()[call]; got != want {
		tb.Errorf("%d requests %s, want %d", got, call, want)
	}
}

// put sets an override as somebody else would.
func put(tb testing.TB, sim *simulator.Simulator, override simulator.Override) {
	tb.Helper()
	override.AccountID = account
	if err := sim.PutOverride(override); err != nil {
		tb.Fatal(err)
	}
}

// asError finds the error of the kind in a chain, or ends the test.
func asError[E error](tb testing.TB, err error) E {
	tb.Helper()
	var found E
	if !errors.As(err, &found) {
		tb.Fatalf("want an error of type %T, got %T: %v", found, err, err)
	}
	return found
}

// wantError ends the test if no error of the kind is in the chain.
func wantError[E error](tb testing.TB, err error) {
	tb.Helper()
	_ = asError[E](tb, err)
}

// agree is the guard that has nothing against anything.
func agree(*delegate.Override) error { return nil }

// inMemory serves requests without a network, so that a bubble of
// testing/synctest may hold both sides and its clock runs by itself.
type inMemory struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	served := req.Clone(req.Context())
	served.Body = http.NoBody
	recorder := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.ServeHTTP(recorder, served)
	}()
	select {
	case <-done:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	resp := recorder.Result()
	resp.Request = req
	return resp, nil
}

// newBubbleClient makes a client of a Manager within a bubble.
func newBubbleClient(tb testing.TB, handler http.Handler, options ...func(*harness.Config)) *harness.Client {
	tb.Helper()
	client := newClient(tb, "http://manager.test", options...)
	client.SetTransport(inMemory{handler})
	return client
}

// untilAllIsQuiet ends a test in a bubble of testing/synctest: it lets a day
// pass there, so that reads end which nobody waits for any more.
func untilAllIsQuiet() { time.Sleep(24 * time.Hour) }

// gate holds requests up until it is opened, and counts those that came.
type gate struct {
	http.Handler
	// holds tells the requests that are held up; nil for all.
	holds   func(*http.Request) bool
	open    chan struct{}
	arrived atomic.Int32
}

func newGate(handler http.Handler, holds func(*http.Request) bool) *gate {
	return &gate{Handler: handler, holds: holds, open: make(chan struct{})}
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.holds == nil || g.holds(r) {
		g.arrived.Add(1)
		<-g.open
	}
	g.Handler.ServeHTTP(w, r)
}

func isPut(r *http.Request) bool { return r.Method == http.MethodPut }

// answer is a server that always gives the same answer, with success.
func answer(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	})
}

func listen(tb testing.TB, handler http.Handler) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}

func queryOf(tb testing.TB, address string) url.Values {
	tb.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return parsed.Query()
}
