package harness

import (
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWhatIsRepeated(t *testing.T) {
	const whole, cut = `{"resource":{}}`, `{"resource":{`
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	reset := &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
	for name, tc := range map[string]struct {
		status        int
		body          string
		err           error
		reads, writes bool
	}{
		"a success":                    {200, whole, nil, false, false},
		"a success without content":    {204, "", nil, false, false},
		"an empty success":             {200, "", nil, true, false},
		"a blank success":              {200, " \r\n", nil, true, false},
		"a success that was cut short": {200, cut, nil, true, false},
		"a page":                       {200, "<html>", nil, false, false},
		"a text":                       {200, "OK", nil, false, false},
		"an invalid request":           {400, "", nil, false, false},
		"a wrong key":                  {401, "", nil, false, false},
		"a missing permission":         {403, "", nil, false, false},
		"an unknown path":              {404, "", nil, false, false},
		"a request that was too slow":  {408, "", nil, true, false},
		"a rate limit":                 {429, "", nil, true, true},
		"a fault of the Manager":       {500, "", nil, true, false},
		"not implemented":              {501, "", nil, false, false},
		"a bad gateway":                {502, "", nil, true, false},
		"maintenance":                  {503, "", nil, true, false},
		"a slow gateway":               {504, "", nil, true, false},
		"a refused connection":         {0, "", dial, true, true},
		"a lost connection":            {0, "", reset, true, false},
		"a redirection":                {0, "", errRedirect, false, false},
		"a reply that is too large":    {0, "", errReplyTooLarge, false, false},
		"another scheme":               {0, "", http.ErrSchemeMismatch, false, false},
		"an unknown host":              {0, "", &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, rule := range []struct {
				name string
				rule retryRule
				want bool
			}{{"a read", retryReads, tc.reads}, {"a write", retryUnsent, tc.writes}} {
				var reply *http.Response
				if tc.err == nil {
					reply = &http.Response{StatusCode: tc.status, Body: io.NopCloser(strings.NewReader(tc.body))}
				}
				got, err := checkRetry(withRetryRule(t.Context(), rule.rule), reply, tc.err)
				if got != rule.want || err != nil {
					t.Errorf("%s is repeated after it: %t (%v), want %t", rule.name, got, err, rule.want)
				}
			}
		})
	}
}

func TestNothingIsRepeatedWithoutARule(t *testing.T) {
	if again, err := checkRetry(t.Context(), &http.Response{StatusCode: http.StatusServiceUnavailable}, nil); again || err != nil {
		t.Errorf("repeated: %t (%v)", again, err)
	}
}

func TestABodyThatWasLookedAtIsStillThere(t *testing.T) {
	resp := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"resource":{}}`))}
	if cutShort(resp) {
		t.Fatal("it is whole")
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != `{"resource":{}}` {
		t.Errorf("the body is now %q (%v)", body, err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		header string
		want   time.Duration
		ok     bool
	}{
		"missing":            {"", 0, false},
		"seconds":            {"30", 30 * time.Second, true},
		"no time at all":     {"0", 0, true},
		"negative":           {"-5", 0, true},
		"a date":             {"Wed, 15 May 2024 12:00:30 GMT", 30 * time.Second, true},
		"a date, other form": {"Wednesday, 15-May-24 12:00:30 GMT", 30 * time.Second, true},
		"a date in the past": {"Wed, 15 May 2024 11:59:00 GMT", 0, true},
		"words":              {"soon", 0, false},
		"a fraction":         {"1.5", 0, false},
		"beyond all bounds":  {"99999999999999999999", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := retryAfter(tc.header, now)
			if got != tc.want || ok != tc.ok {
				t.Errorf("%q is %s (%t), want %s (%t)", tc.header, got, ok, tc.want, tc.ok)
			}
		})
	}
}

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(time.Minute)).Draw(t, "min"))
		b := backoff{min: least, max: least + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "above min"))}
		attempt := rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(0, math.MaxInt)).Draw(t, "attempt")

		// It doubles from one repetition to the next, up to its bound.
		full := b.min
		for range min(attempt, 16) {
			full = min(2*full, b.max)
		}
		if attempt >= 16 {
			full = b.max
		}
		got := b.wait(0, 0, attempt, nil)
		if got < full/2 || got > full || got > b.max {
			t.Errorf("the wait before repetition %d is %s, want between %s and %s", attempt+1, got, full/2, full)
		}
	})
}

func TestBackoffSpreads(t *testing.T) {
	b := backoff{min: time.Hour, max: time.Hour}
	first := b.exponential(0)
	for range 100 {
		if b.exponential(0) != first {
			return
		}
	}
	t.Errorf("a hundred waits are all %s, so that requests come back all at once", first)
}

func TestRetryAfterGoesBeforeBackoff(t *testing.T) {
	b := backoff{min: time.Second, max: 5 * time.Second}
	resp := &http.Response{Header: http.Header{"Retry-After": {"40"}}}
	for attempt := range 3 {
		if got := b.wait(0, 0, attempt, resp); got < 40*time.Second || got > 41*time.Second {
			t.Errorf("the wait is %s, want the server's 40s and up to 1s of chance", got)
		}
	}
	resp.Header.Set("Retry-After", "soon")
	if got := b.wait(0, 0, 0, resp); got > time.Second {
		t.Errorf("with a header that can't be read the wait is %s, want the first of the backoff", got)
	}
}

func TestJitterOfNothing(t *testing.T) {
	for _, most := range []time.Duration{0, -1} {
		if got := jitter(most); got != 0 {
			t.Errorf("jitter(%d) = %s", most, got)
		}
	}
}
