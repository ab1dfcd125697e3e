package harness_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestEveryRequestNamesTheClientAndItsKey(t *testing.T) {
	var got http.Header
	server := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		_, _ = io.WriteString(w, `{"resource":{"latestSupportedVersion":"24.04.82804"}}`)
	}))
	if _, err := newClient(t, server).LatestSupportedVersion(t.Context(), atAccount); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{"X-Api-Key": apiKey, "User-Agent": "test/1.0", "Accept": "application/json", "Content-Type": "", "Authorization": ""} {
		if got.Get(header) != want {
			t.Errorf("%s is %q, want %q", header, got.Get(header), want)
		}
	}
}

func TestEndpointWithAndWithoutGateway(t *testing.T) {
	for _, path := range []string{"", "/", "/gateway", "/gateway/"} {
		t.Run("path "+path, func(t *testing.T) {
			m := newManager(t)
			client := newClient(t, m.url+path)
			if _, err := client.Overrides(t.Context(), atAccount); err != nil {
				t.Fatal(err)
			}
			if got := m.Requests()[0].Gateway; got != strings.HasPrefix(path, "/gateway") {
				t.Errorf("the request went through the gateway: %t", got)
			}
			if want := m.url + strings.TrimSuffix(path, "/"); client.Endpoint() != want {
				t.Errorf("the endpoint is %s, want %s", client.Endpoint(), want)
			}
		})
	}
}

func TestScopesInQueries(t *testing.T) {
	for name, tc := range map[string]struct {
		scope delegate.Scope
		want  string
	}{
		"account":      {atAccount, "accountIdentifier=" + account},
		"organization": {atOrg, "accountIdentifier=" + account + "&orgIdentifier=default"},
		"project":      {atProject, "accountIdentifier=" + account + "&orgIdentifier=default&projectIdentifier=payments"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			var seen attempts
			client := m.client(t, seen.watch)
			if _, err := client.Overrides(t.Context(), tc.scope); err != nil {
				t.Fatal(err)
			}
			if _, err := client.LatestSupportedVersion(t.Context(), tc.scope); err != nil {
				t.Fatal(err)
			}
			for _, attempt := range seen.list() {
				if _, query, _ := strings.Cut(attempt.URL, "?"); query != tc.want {
					t.Errorf("%s: the query is %s, want %s", attempt.URL, query, tc.want)
				}
			}
		})
	}
}

// wantTexts is an error's text and what must be in it.
func wantTexts(tb testing.TB, err error, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			tb.Errorf("%q is missing in: %v", text, err)
		}
	}
}

// Faults that pass, each of which a read must survive.
func TestReadsSurviveFaultsThatPass(t *testing.T) {
	for name, tc := range map[string]struct {
		fault simulator.Fault
		// requests is how many arrive; 0 where the network decides.
		requests int
	}{
		"connection reset before":     {simulator.Fault{Kind: simulator.FaultResetBefore, Count: 1}, 0},
		"connection reset after":      {simulator.Fault{Kind: simulator.FaultResetAfter, Count: 1}, 0},
		"reply truncated":             {simulator.Fault{Kind: simulator.FaultTruncated, Count: 2}, 3},
		"reply truncated, in chunks":  {simulator.Fault{Kind: simulator.FaultTruncatedChunked, Count: 2}, 3},
		"reply empty":                 {simulator.Fault{Kind: simulator.FaultEmptyBody, Count: 2}, 3},
		"reply in pieces":             {simulator.Fault{Kind: simulator.FaultSlowBody, Delay: time.Microsecond}, 1},
		"reply padded with blanks":    {simulator.Fault{Kind: simulator.FaultOversizeBody, Size: 1 << 20}, 1},
		"too many requests":           {simulator.Fault{Status: 429, Form: simulator.BodyFormText, Count: 4}, 5},
		"request timeout":             {simulator.Fault{Status: 408, Count: 4}, 5},
		"a fault of the Manager":      {simulator.Fault{Status: 500, Count: harness.MaxInternalErrors - 1}, harness.MaxInternalErrors},
		"bad gateway, as a page":      {simulator.Fault{Status: 502, Form: simulator.BodyFormHTML, Count: 4}, 5},
		"maintenance":                 {simulator.Fault{Kind: simulator.FaultHTML, Status: 503, Count: 4}, 5},
		"gateway timeout, after work": {simulator.Fault{Status: 504, AfterEffect: true, Count: 4}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			put(t, m.Simulator, simulator.Override{Version: image})
			m.Inject(tc.fault)
			got, err := m.client(t).Overrides(t.Context(), atAccount)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Image != image {
				t.Errorf("got %v", got)
			}
			if tc.requests != 0 {
				wantCalls(t, m.Simulator, listCall, tc.requests)
			}
		})
	}
}

// Faults that stay, each of which must end in an error that says what it is.
func TestReadsTellFaultsThatStay(t *testing.T) {
	for name, tc := range map[string]struct {
		fault    simulator.Fault
		texts    []string
		check    func(testing.TB, error)
		requests int
	}{
		"connection reset": {
			simulator.Fault{Kind: simulator.FaultResetBefore}, []string{"GET request to http://127.0.0.1"}, isTransport, 0,
		},
		"reply truncated":            {simulator.Fault{Kind: simulator.FaultTruncated}, []string{"the reply broke off after "}, isTransport, 5},
		"reply truncated, in chunks": {simulator.Fault{Kind: simulator.FaultTruncatedChunked}, []string{"the reply broke off after "}, isTransport, 5},
		"reply empty":                {simulator.Fault{Kind: simulator.FaultEmptyBody}, []string{"can't be understood", "(empty)"}, isReply, 5},
		"reply too large": {
			simulator.Fault{Kind: simulator.FaultOversizeBody, Size: harness.MaxReply}, []string{"the reply is larger than 16 MiB"}, isTransport, 1,
		},
		"a page instead": {
			simulator.Fault{Kind: simulator.FaultHTML}, []string{"can't be understood", "it begins: We will be right back"}, isReply, 1,
		},
		"too many requests":      {simulator.Fault{Status: 429, Form: simulator.BodyFormText}, []string{"429 Too Many Requests"}, isAPI, 5},
		"a fault of the Manager": {simulator.Fault{Status: 500}, []string{"500 Internal Server Error: Oops, something went wrong", "[correlation id "}, isAPI, harness.MaxInternalErrors},
		"maintenance":            {simulator.Fault{Kind: simulator.FaultHTML, Status: 503}, []string{"503 Service Unavailable: We will be right back"}, isAPI, 5},
		"a key that expired":     {simulator.Fault{Kind: simulator.FaultExpiredKey}, []string{"401 Unauthorized: Token is not valid. (INVALID_TOKEN)"}, isAPI, 1},
		"an invalid request":     {simulator.Fault{Status: 400}, []string{"400 Bad Request: Invalid request"}, isAPI, 1},
		"a login page elsewhere": {simulator.Fault{Kind: simulator.FaultRedirect}, []string{"the server redirects; the API key is not sent on"}, isTransport, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.Inject(tc.fault)
			got, err := m.client(t).Overrides(t.Context(), atAccount)
			if err == nil {
				t.Fatalf("got %v, want an error", got)
			}
			tc.check(t, err)
			wantTexts(t, err, tc.texts...)
			if tc.requests != 0 {
				wantCalls(t, m.Simulator, listCall, tc.requests)
			}
		})
	}
}

func isTransport(tb testing.TB, err error) { tb.Helper(); wantError[*harness.TransportError](tb, err) }
func isReply(tb testing.TB, err error)     { tb.Helper(); wantError[*harness.ReplyError](tb, err) }
func isAPI(tb testing.TB, err error)       { tb.Helper(); wantError[*harness.APIError](tb, err) }

// The key must not show in what a run prints or logs, whatever goes wrong.
func TestTheKeyShowsNowhere(t *testing.T) {
	for _, kind := range []simulator.FaultKind{
		simulator.FaultStatus, simulator.FaultResetBefore, simulator.FaultResetAfter, simulator.FaultTruncated, simulator.FaultTruncatedChunked, simulator.FaultHTML,
		simulator.FaultEmptyBody, simulator.FaultExpiredKey, simulator.FaultRedirect, simulator.FaultOversizeBody,
	} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			t.Run(string(kind)+" of "+method, func(t *testing.T) {
				m := newManager(t)
				put(t, m.Simulator, simulator.Override{Version: "acme/delegate:before"})
				fault := simulator.Fault{Method: method, Kind: kind, Size: harness.MaxReply}
				if kind == simulator.FaultStatus {
					fault.Status = 503
				}
				m.Inject(fault)
				var seen attempts
				client := m.client(t, seen.watch, retries(1))
				_, listErr := client.Overrides(t.Context(), atAccount)
				_, setErr := client.SetOverride(t.Context(), delegate.Override{Scope: atAccount, Image: image}, 30, agree)
				deleteErr := client.DeleteOverride(t.Context(), delegate.Slot{Scope: atAccount}, agree)
				for _, err := range []error{listErr, setErr, deleteErr} {
					if err != nil && leaks(err.Error()) {
						t.Errorf("it is in the error: %v", err)
					}
				}
				if len(seen.list()) == 0 {
					t.Error("no attempt was told")
				}
				for _, attempt := range seen.list() {
					if leaks(attempt.URL) || attempt.Err != nil && leaks(attempt.Err.Error()) {
						t.Errorf("it is in the log: %+v", attempt)
					}
				}
				for _, request := range m.Requests() {
					if leaks(request.Path) || leaks(request.Query.Encode()) {
						t.Errorf("it is in the request: %+v", request)
					}
				}
			})
		}
	}
}

func TestAttemptsAreTold(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Kind: simulator.FaultTruncated, Count: 1})
	m.Inject(simulator.Fault{Status: 503, Count: 1})
	var seen attempts
	if _, err := m.client(t, seen.watch).Overrides(t.Context(), atAccount); err != nil {
		t.Fatal(err)
	}
	type line struct {
		Method, URL string
		Status      int
		Failed      bool
	}
	var got []line
	for _, attempt := range seen.list() {
		got = append(got, line{attempt.Method, strings.TrimPrefix(attempt.URL, m.url), attempt.Status, attempt.Err != nil})
	}
	const address = "/ng/api/delegate-setup/override-delegate-tag?accountIdentifier=" + account
	want := []line{{"GET", address, 0, true}, {"GET", address, 503, false}, {"GET", address, 200, false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// quietly keeps what a server says of broken handshakes out of the output.
func quietly(server *httptest.Server) { server.Config.ErrorLog = log.New(io.Discard, "", 0) }

func TestUntrustedCertificateIsTriedOnce(t *testing.T) {
	server := httptest.NewUnstartedServer(newSimulator())
	quietly(server)
	server.StartTLS()
	t.Cleanup(server.Close)
	var seen attempts
	_, err := newClient(t, server.URL, seen.watch).Overrides(t.Context(), atAccount)
	failure := asError[*harness.TransportError](t, err)
	if !failure.Certificate() || failure.Redirect() || failure.UnknownHost() {
		t.Errorf("it isn't told to be about the certificate: %v", err)
	}
	wantTexts(t, err, "certificate signed by unknown authority")
	if n := len(seen.list()); n != 1 {
		t.Errorf("%d attempts, want 1: another try meets the same certificate", n)
	}
}

func TestHTTPSToAServerOfPlainHTTPIsTriedOnce(t *testing.T) {
	m := newManager(t)
	var seen attempts
	_, err := newClient(t, "https"+strings.TrimPrefix(m.url, "http"), seen.watch).Overrides(t.Context(), atAccount)
	if failure := asError[*harness.TransportError](t, err); !failure.Certificate() {
		t.Errorf("it isn't told that the other side doesn't speak TLS: %v", err)
	}
	if n := len(seen.list()); n != 1 {
		t.Errorf("%d attempts, want 1", n)
	}
}

func TestARedirectionIsNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var visits atomic.Int32
			other := listen(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				visits.Add(1)
				t.Errorf("the other host was asked, with the key %q", r.Header.Get("X-Api-Key"))
			}))
			first := listen(t, http.RedirectHandler(other+"/ng/login?secret=1", status))
			var seen attempts
			client := newClient(t, first, seen.watch)
			_, err := client.Overrides(t.Context(), atAccount)
			failure := asError[*harness.TransportError](t, err)
			if !failure.Redirect() || failure.Certificate() {
				t.Errorf("it isn't told to be a redirection: %v", err)
			}
			wantTexts(t, err, "it points to "+other)
			if strings.Contains(err.Error(), "secret=1") {
				t.Errorf("path and query of the target are of no use and may hold a token: %v", err)
			}
			if visits.Load() != 0 || len(seen.list()) != 1 {
				t.Errorf("%d visits of the other host, %d attempts; want 0 and 1", visits.Load(), len(seen.list()))
			}
		})
	}
}

func TestRepliesUpToTheLimitAreRead(t *testing.T) {
	const start, end = `{"resource":{"versionOverrides":[`, `]}}`
	for name, tc := range map[string]struct {
		size int
		ok   bool
	}{"at the limit": {harness.MaxReply, true}, "above the limit": {harness.MaxReply + 1, false}} {
		t.Run(name, func(t *testing.T) {
			body := start + strings.Repeat(" ", tc.size-len(start)-len(end)) + end
			server := listen(t, answer(body))
			_, err := newClient(t, server).Overrides(t.Context(), atAccount)
			if (err == nil) != tc.ok {
				t.Errorf("a reply of %d bytes: %v", tc.size, err)
			}
		})
	}
}

func TestAnAbsentServerIsToldAfterAllAttempts(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	var seen attempts
	_, err := newClient(t, address, seen.watch, retries(2)).Overrides(t.Context(), atAccount)
	wantError[*harness.TransportError](t, err)
	wantTexts(t, err, "GET request to "+address, "connection refused")
	if strings.Count(err.Error(), address) != 1 {
		t.Errorf("the address stands there more than once: %v", err)
	}
	if n := len(seen.list()); n != 3 {
		t.Errorf("%d attempts, want 1 and 2 repetitions", n)
	}
}

func TestNoRepetitionsWhenTurnedOff(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Status: 503})
	_, err := m.client(t, retries(0)).Overrides(t.Context(), atAccount)
	wantError[*harness.APIError](t, err)
	wantCalls(t, m.Simulator, listCall, 1)
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	for name, tc := range map[string]struct {
		fault       simulator.Fault
		least, most time.Duration
	}{
		"without Retry-After":       {simulator.Fault{Status: 429, Form: simulator.BodyFormText, Count: 1}, 500 * time.Millisecond, time.Second},
		"with Retry-After":          {simulator.Fault{Status: 429, RetryAfter: 40 * time.Second, Count: 1}, 40 * time.Second, 41 * time.Second},
		"with Retry-After, a date":  {simulator.Fault{Status: 429, RetryAfter: 40 * time.Second, RetryAfterDate: true, Count: 1}, 39 * time.Second, 41 * time.Second},
		"maintenance that tells":    {simulator.Fault{Status: 503, RetryAfter: 40 * time.Second, Count: 1}, 40 * time.Second, 41 * time.Second},
		"again and again, it grows": {simulator.Fault{Status: 429, Form: simulator.BodyFormText, Count: 3}, 3500 * time.Millisecond, 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer untilAllIsQuiet()
				sim := newSimulator()
				sim.Inject(tc.fault)
				client := newBubbleClient(t, sim, waits(time.Second, 30*time.Second))
				begin := time.Now()
				if _, err := client.Overrides(t.Context(), atAccount); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(begin); waited < tc.least || waited > tc.most {
					t.Errorf("it waited %s, want between %s and %s", waited, tc.least, tc.most)
				}
			})
		})
	}
}

func TestOneAttemptIsBoundedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Delay: time.Hour})
		client := newBubbleClient(t, sim, retries(2), func(c *harness.Config) { c.RequestTimeout = 10 * time.Second })
		begin := time.Now()
		_, err := client.Overrides(t.Context(), atAccount)
		wantError[*harness.TransportError](t, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error doesn't tell that time ran out: %v", err)
		}
		if waited := time.Since(begin); waited < 30*time.Second || waited > 31*time.Second {
			t.Errorf("three attempts of 10s took %s", waited)
		}
	})
}

func TestCancellationEndsAWaitAtOnce(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"for the reply":          {Kind: simulator.FaultLatency, Delay: time.Hour},
		"before the repetition":  {Status: 503},
		"that the server set":    {Status: 429, RetryAfter: time.Hour},
		"after an empty success": {Kind: simulator.FaultEmptyBody},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer untilAllIsQuiet()
				sim := newSimulator()
				sim.Inject(fault)
				client := newBubbleClient(t, sim, waits(time.Hour, time.Hour), func(c *harness.Config) { c.RequestTimeout = 2 * time.Hour })
				ctx, cancel := context.WithCancel(t.Context())
				begin := time.Now()
				time.AfterFunc(time.Minute, cancel)
				_, err := client.Overrides(ctx, atAccount)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("want the cancellation, got: %v", err)
				}
				if waited := time.Since(begin); waited != time.Minute {
					t.Errorf("it returned after %s, want at once after the minute", waited)
				}
				sim.ClearFaults()
			})
		})
	}
}

func TestLatestSupportedVersion(t *testing.T) {
	m := newManager(t)
	put(t, m.Simulator, simulator.Override{Version: image})
	client := m.client(t)
	want := harness.SupportedVersion{Version: "24.04.82804", Minimal: "24.04.82804.minimal"}
	for range 3 {
		got, err := client.LatestSupportedVersion(t.Context(), atAccount)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("version (-want +got):\n%s", diff)
		}
	}
	wantCalls(t, m.Simulator, versionCall, 1)
}

func TestLatestSupportedVersionIsTakenInBothForms(t *testing.T) {
	for name, body := range map[string]string{
		"envelope": `{"metaData":{},"resource":{"latestSupportedVersion":"24.04.82804"},"responseMessages":[]}`,
		"bare":     `{"latestSupportedVersion":"24.04.82804"}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := newClient(t, listen(t, answer(body))).LatestSupportedVersion(t.Context(), atAccount)
			if err != nil || got.Version != "24.04.82804" || got.Minimal != "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestAVersionMustBeNamed(t *testing.T) {
	for name, body := range map[string]string{
		"empty payload": `{"resource":{}}`,
		"null":          `{"resource":null}`,
		"empty text":    `{"resource":{"latestSupportedVersion":""}}`,
		"another key":   `{"data":{"latestSupportedVersion":"24.04.82804"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := newClient(t, listen(t, answer(body))).LatestSupportedVersion(t.Context(), atAccount)
			if err == nil {
				t.Fatalf("got %+v, want an error", got)
			}
			wantError[*harness.ReplyError](t, err)
			wantTexts(t, err, "latest-supported-version")
		})
	}
}

func TestTheClockIsTheManagers(t *testing.T) {
	for name, at := range map[string]time.Time{"years ago": start, "in years": time.Date(2093, time.March, 1, 0, 0, 0, 0, time.UTC)} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.SetTime(at)
			client := m.client(t)
			if client.KnowsTime() {
				t.Error("it knows the Manager's time before it asked anything")
			}
			if _, err := client.Overrides(t.Context(), atAccount); err != nil {
				t.Fatal(err)
			}
			if !client.KnowsTime() {
				t.Error("it doesn't know the Manager's time after a reply")
			}
			if off := client.Now().Sub(m.Now()).Abs(); off > time.Minute {
				t.Errorf("it says %s, the Manager %s", client.Now(), m.Now())
			}
		})
	}
}

func TestTheClock(t *testing.T) {
	dated := func(date string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = []string{date}
			_, _ = io.WriteString(w, `{"versionOverrides":[]}`)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		local := time.Now()
		for name, tc := range map[string]struct {
			date  string
			want  time.Time
			known bool
		}{
			"a day ahead":                      {local.Add(24 * time.Hour).UTC().Format(http.TimeFormat), local.Add(24 * time.Hour), true},
			"a day behind":                     {local.Add(-24 * time.Hour).UTC().Format(http.TimeFormat), local.Add(-24 * time.Hour), true},
			"just within what a Date can tell": {local.Add(harness.ClockTolerance).UTC().Format(http.TimeFormat), local, true},
			"just beyond":                      {local.Add(harness.ClockTolerance + time.Second).UTC().Format(http.TimeFormat), local.Add(harness.ClockTolerance + time.Second), true},
			"missing":                          {"", local, false},
			"no date":                          {"yesterday", local, false},
		} {
			client := newBubbleClient(t, dated(tc.date))
			if !client.Now().Equal(local) {
				t.Errorf("%s: before the first reply it is %s, want the local time", name, client.Now())
			}
			if _, err := client.Overrides(t.Context(), atAccount); err != nil {
				t.Fatal(err)
			}
			if got := client.Now(); !got.Equal(tc.want) || client.KnowsTime() != tc.known {
				t.Errorf("%s: it is %s (known: %t), want %s (%t)", name, got, client.KnowsTime(), tc.want, tc.known)
			}
		}
	})
}

func TestTheClockComesFromRefusalsToo(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Kind: simulator.FaultExpiredKey})
	client := m.client(t)
	if _, err := client.Overrides(t.Context(), atAccount); err == nil {
		t.Fatal("want an error")
	}
	if off := client.Now().Sub(m.Now()).Abs(); !client.KnowsTime() || off > time.Minute {
		t.Errorf("it says %s, the Manager %s", client.Now(), m.Now())
	}
}

func TestTheClockKeepsWhatItKnowsWhenADateIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		sim.SetTime(start)
		client := newBubbleClient(t, sim)
		if _, err := client.Overrides(t.Context(), atAccount); err != nil {
			t.Fatal(err)
		}
		client.SetTransport(inMemory{answer(`{"versionOverrides":[]}`)}) // sends no Date
		if _, err := client.Overrides(t.Context(), atOrg); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if want := start.Add(time.Hour); !client.Now().Equal(want) {
			t.Errorf("it is %s, want %s", client.Now(), want)
		}
	})
}
