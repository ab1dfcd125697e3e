package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// putThroughFault sends a PUT that a fault will hit and returns what came back, as far as it came.
func (m *manager) putThroughFault(f simulator.Fault) (status int, header http.Header, body string, err error) {
	m.t.Helper()
	m.Inject(f)
	response, err := m.try("PUT", overridePath+"?accountIdentifier="+account+"&delegateTag=a:1", "", http.Header{"X-Api-Key": {key}})
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, string(read), err
}

func TestFaults(t *testing.T) {
	const reply = `{"metaData":{},"resource":"a:1","responseMessages":[]}` + "\n"
	tests := map[string]struct {
		fault   simulator.Fault
		status  int
		err     error
		body    string // Part of the body.
		headers map[string]string
		effect  bool
	}{
		"latency":                 {fault: simulator.Fault{Kind: simulator.FaultLatency, Delay: time.Millisecond}, status: 200, body: reply, effect: true},
		"429 as configured":       {fault: simulator.Fault{Status: 429}, status: 429, body: "Too many requests", headers: map[string]string{"Retry-After": ""}},
		"429 JSON without header": {fault: simulator.Fault{Status: 429, Form: simulator.BodyFormJSON}, status: 429, body: `"code":"TOO_MANY_REQUESTS"`, headers: map[string]string{"Retry-After": ""}},
		"429 with seconds":        {fault: simulator.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond}, status: 429, headers: map[string]string{"Retry-After": "2"}},
		"429 with a date":         {fault: simulator.Fault{Status: 429, RetryAfter: time.Minute, RetryAfterDate: true}, status: 429, headers: map[string]string{"Retry-After": "Wed, 01 Jan 2025 00:01:00 GMT"}},
		"500 JSON":                {fault: simulator.Fault{Status: 500}, status: 500, body: `"message":"Oops, something went wrong`},
		"502 HTML":                {fault: simulator.Fault{Status: 502, Form: simulator.BodyFormHTML}, status: 502, body: "<h1>502 Bad Gateway</h1>", headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		"503 text":                {fault: simulator.Fault{Status: 503, Form: simulator.BodyFormText, RetryAfter: time.Second}, status: 503, body: "503 Service Unavailable", headers: map[string]string{"Retry-After": "1"}},
		"504 after the effect":    {fault: simulator.Fault{Status: 504, AfterEffect: true}, status: 504, effect: true},
		"409 of one's own":        {fault: simulator.Fault{Status: 409, Body: "mine"}, status: 409, body: "mine"},
		"401":                     {fault: simulator.Fault{Status: 401}, status: 401, body: "INVALID_TOKEN"},
		"reset before":            {fault: simulator.Fault{Kind: simulator.FaultResetBefore}, err: syscall.ECONNRESET},
		"reset after":             {fault: simulator.Fault{Kind: simulator.FaultResetAfter}, err: syscall.ECONNRESET, effect: true},
		"truncated":               {fault: simulator.Fault{Kind: simulator.FaultTruncated}, status: 200, err: io.ErrUnexpectedEOF, body: reply[:10], effect: true},
		"truncated chunked":       {fault: simulator.Fault{Kind: simulator.FaultTruncatedChunked}, status: 200, err: io.ErrUnexpectedEOF, body: reply[:10], effect: true},
		"HTML with 200":           {fault: simulator.Fault{Kind: simulator.FaultHTML}, status: 200, body: "<html>"},
		"HTML with 503":           {fault: simulator.Fault{Kind: simulator.FaultHTML, Status: 503}, status: 503, body: "<html>"},
		"empty body":              {fault: simulator.Fault{Kind: simulator.FaultEmptyBody}, status: 200, headers: map[string]string{"Content-Length": "0"}, effect: true},
		"slow body":               {fault: simulator.Fault{Kind: simulator.FaultSlowBody, Delay: time.Millisecond}, status: 200, body: reply, effect: true},
		"expired key":             {fault: simulator.Fault{Kind: simulator.FaultExpiredKey}, status: 401, body: "Token is not valid."},
		"redirect":                {fault: simulator.Fault{Kind: simulator.FaultRedirect}, status: 302, headers: map[string]string{"Location": "/auth/#/signin"}},
		"oversize body":           {fault: simulator.Fault{Kind: simulator.FaultOversizeBody, Size: 1 << 20}, status: 200, body: strings.TrimSpace(reply), effect: true},
		"a status that cannot be": {fault: simulator.Fault{Status: 42}, status: 500},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			status, header, body, err := m.putThroughFault(test.fault)
			if !errors.Is(err, test.err) || (test.err == nil && err != nil) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			wantEqual(t, status, test.status)
			if !strings.Contains(body, test.body) {
				t.Errorf("body %q lacks %q", body, test.body)
			}
			if status != 0 {
				wantEqual(t, header.Get("Date"), "Wed, 01 Jan 2025 00:00:00 GMT")
			}
			for name, value := range test.headers {
				wantEqual(t, header.Get(name), value)
			}
			wantEqual(t, len(m.Overrides(account)) == 1, test.effect)
			logged := m.Requests()[0]
			wantEqual(t, logged.Status, test.status)
			wantEqual(t, logged.Fault == "", false)
		})
	}
}

func TestOversizeBodyStaysJSON(t *testing.T) {
	m := newManager(t)
	_, _, body, err := m.putThroughFault(simulator.Fault{Kind: simulator.FaultOversizeBody})
	if err != nil || len(body) < 32<<20 || !json.Valid([]byte(body)) {
		t.Errorf("%d bytes, error %v", len(body), err)
	}
}

func TestTruncatedReplyWithoutABodyIsStillCut(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Kind: simulator.FaultTruncated})
	response, err := m.try("DELETE", deletePath+"?accountIdentifier="+account, "", http.Header{"X-Api-Key": {key}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error is %v", err)
	}
}

func TestFaultMatching(t *testing.T) {
	tests := map[string]struct {
		fault simulator.Fault
		want  []int // Statuses of GET latest, GET overrides, GET latest, GET latest.
	}{
		"any":              {simulator.Fault{Status: 503}, []int{503, 503, 503, 503}},
		"once":             {simulator.Fault{Status: 503, Count: 1}, []int{503, 200, 200, 200}},
		"twice":            {simulator.Fault{Status: 503, Count: 2}, []int{503, 503, 200, 200}},
		"after one":        {simulator.Fault{Status: 503, Skip: 1, Count: 1}, []int{200, 503, 200, 200}},
		"by path":          {simulator.Fault{Status: 503, Path: "/override-delegate-tag"}, []int{200, 503, 200, 200}},
		"by path and skip": {simulator.Fault{Status: 503, Path: "latest-supported-version", Skip: 1, Count: 1}, []int{200, 200, 503, 200}},
		"by method":        {simulator.Fault{Status: 503, Method: "get", Count: 3}, []int{503, 503, 503, 200}},
		"other method":     {simulator.Fault{Status: 503, Method: "PUT"}, []int{200, 200, 200, 200}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.Inject(test.fault)
			got := []int{}
			for _, path := range []string{latestPath, overridePath, "/gateway" + latestPath, latestPath} {
				got = append(got, m.call("GET", path, "").status)
			}
			wantEqual(t, got, test.want)
			m.ClearFaults()
			m.call("GET", latestPath, "").wantStatus(200)
		})
	}
}

func TestFaultsApplyInOrder(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Status: 500, Count: 1})
	m.Inject(simulator.Fault{Status: 503, Count: 1})
	wantEqual(t, len(m.Faults()), 2)
	m.call("GET", latestPath, "").wantStatus(500)
	m.call("GET", latestPath, "").wantStatus(503)
	m.call("GET", latestPath, "").wantStatus(200)
	wantEqual(t, len(m.Faults()), 0)
}

func TestClientThatGivesUp(t *testing.T) {
	tests := map[string]struct {
		fault  simulator.Fault
		effect bool
	}{
		"before the effect": {simulator.Fault{Delay: time.Minute}, false},
		"after the effect":  {simulator.Fault{Delay: time.Minute, AfterEffect: true}, true},
		"in a slow body":    {simulator.Fault{Kind: simulator.FaultSlowBody, Delay: time.Minute}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.Inject(test.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, "PUT", m.url+overridePath+"?delegateTag=a&accountIdentifier="+account, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Api-Key", key)
			response, err := m.client.Do(request)
			if err == nil {
				_, err = io.ReadAll(response.Body)
				_ = response.Body.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v", err)
			}
			wantEqual(t, len(m.Overrides(account)) == 1, test.effect)
		})
	}
}

func TestResetOverTLS(t *testing.T) {
	sim := simulator.New()
	server := httptest.NewTLSServer(sim)
	defer server.Close()
	sim.Inject(simulator.Fault{Kind: simulator.FaultResetBefore})
	request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("error is %v", err)
	}
}

func TestResetWithoutAConnectionSaysSo(t *testing.T) {
	sim := simulator.New()
	sim.Inject(simulator.Fault{Kind: simulator.FaultResetBefore})
	recorder := httptest.NewRecorder()
	sim.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
	wantEqual(t, recorder.Code, 500)
}

func TestFaultValidate(t *testing.T) {
	for name, f := range map[string]simulator.Fault{
		"unknown kind":           {Kind: "explosion"},
		"unknown form":           {Status: 500, Form: "yaml"},
		"status without status":  {Kind: simulator.FaultStatus},
		"status out of range":    {Status: 99},
		"latency without delay":  {},
		"negative count":         {Status: 500, Count: -1},
		"negative delay":         {Status: 500, Delay: -1},
		"HTML with wrong status": {Kind: simulator.FaultHTML, Status: 700},
	} {
		if f.Validate() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for line := range strings.Lines(simulator.FaultHelp()) {
		f := simulator.Fault{Kind: simulator.FaultKind(strings.TrimSpace(line)), Status: 503, Delay: time.Second}
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestRateLimiter(t *testing.T) {
	m := newManager(t)
	m.AddKey(simulator.Key{Token: "pat.second", AccountID: account})
	m.patch(`{"rateLimitRequests":2,"rateLimitWindow":"10s","rateLimitForm":"json"}`)
	second := func() int {
		return m.send("GET", latestPath+"?accountIdentifier="+account, "", http.Header{"X-Api-Key": {"pat.second"}}).status
	}
	m.call("GET", latestPath, "").wantStatus(200)
	m.Advance(4 * time.Second)
	m.call("GET", latestPath, "").wantStatus(200)
	limited := m.call("GET", latestPath, "")
	limited.wantError(429, "TOO_MANY_REQUESTS", "Too many requests received. Please try again later.")
	wantEqual(t, limited.header.Get("Retry-After"), "6")
	wantEqual(t, second(), 200)

	m.Advance(6 * time.Second)
	m.call("GET", latestPath, "").wantStatus(200)
	m.call("GET", latestPath, "").wantStatus(429)
	wantEqual(t, m.Counters()["GET "+latestPath], 6)
}

func TestCountersAndLog(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Status: 503, Count: 1})
	m.call("GET", "/gateway"+overridePath, "tags=a&tags=b")
	m.call("GET", overridePath, "")
	m.call("PUT", overridePath, "")
	m.send("GET", "/_admin/healthz", "", nil)
	wantEqual(t, m.Counters(), map[string]int{"total": 3, "GET " + overridePath: 2, "PUT " + overridePath: 1})

	first := m.Requests()[0]
	first.UserAgent = ""
	wantEqual(t, first, simulator.Request{
		Time: start, Method: "GET", Path: overridePath, Gateway: true, Status: 503, Fault: simulator.FaultStatus,
		Query: map[string][]string{"accountIdentifier": {account}, "tags": {"a", "b"}},
	})
	document, err := json.Marshal(m.Requests())
	if err != nil || strings.Contains(string(document), key) {
		t.Errorf("the log has the key: %s (%v)", document, err)
	}
	m.ResetCounters()
	wantEqual(t, m.Counters(), map[string]int{})
	wantEqual(t, len(m.Requests()), 0)
}

func TestLogIsBounded(t *testing.T) {
	sim := simulator.New()
	for range 11_000 {
		sim.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
	}
	if n := len(sim.Requests()); n > 10_000 || n < 9_000 {
		t.Errorf("the log has %d entries", n)
	}
	wantEqual(t, sim.Counters()[simulator.CounterTotal], 11_000)
}
