package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// retryRule says after which failures a request is repeated as it stands.
type retryRule int

const (
	// retryReads: after every failure that may pass, since a read changes
	// nothing.
	retryReads retryRule = iota
	// retryUnsent: only where the Manager has certainly not acted. What else
	// may pass is for the caller, who looks what became of the write first.
	retryUnsent
)

// maxInternalErrors is how often a plain 500 is met before it is believed. It
// is what a Manager answers to any fault of its own, and those seldom pass; an
// old one answers so to every call it doesn't know.
const maxInternalErrors = 3

// maxRetryAfter is what is believed of a Retry-After, so that an odd one can't
// make a run hang for hours.
const maxRetryAfter = 5 * time.Minute

// retryState goes along with one request through all of its attempts.
type retryState struct {
	rule           retryRule
	internalErrors int
}

type retryStateKey struct{}

func withRetryRule(ctx context.Context, rule retryRule) context.Context {
	return context.WithValue(ctx, retryStateKey{}, &retryState{rule: rule})
}

// checkRetry implements retryablehttp.CheckRetry by the rule of the request.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	state, ok := ctx.Value(retryStateKey{}).(*retryState)
	if !ok {
		return false, nil
	}
	switch {
	case err != nil && state.rule == retryUnsent:
		return neverSent(err), nil
	case err != nil:
		return mayPass(err), nil
	case state.rule == retryUnsent:
		return resp.StatusCode == http.StatusTooManyRequests, nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true, nil
	case http.StatusInternalServerError:
		state.internalErrors++
		return state.internalErrors < maxInternalErrors, nil
	case http.StatusOK:
		return cutShort(resp), nil
	default:
		return false, nil
	}
}

// cutShort tells a reply that is whole by HTTP's count but ends in the middle
// of its JSON, or before it: some proxies do that to a reply that broke off
// behind them. What begins otherwise, such as a page, is not going to change.
func cutShort(resp *http.Response) bool {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // ends the timer of the attempt
	resp.Body = io.NopCloser(bytes.NewReader(body))
	text := bytes.TrimSpace(body)
	return err == nil && (len(text) == 0 || (text[0] == '{' || text[0] == '[') && !json.Valid(text))
}

// mayPass tells the errors that another attempt may not get: all but those
// that say that the address or the certificate is wrong.
func mayPass(err error) bool {
	var (
		unknownAuthority x509.UnknownAuthorityError
		hostname         x509.HostnameError
		invalid          x509.CertificateInvalidError
		certificate      *tls.CertificateVerificationError
		record           tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, errRedirect), errors.Is(err, errReplyTooLarge), isUnknownHost(err):
		return false
	case errors.As(err, &unknownAuthority), errors.As(err, &hostname), errors.As(err, &invalid),
		errors.As(err, &certificate), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return false
	default:
		return true
	}
}

func isUnknownHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// neverSent tells the errors before any byte of the request left.
func neverSent(err error) bool {
	var operation *net.OpError
	return mayPass(err) && errors.As(err, &operation) && operation.Op == "dial"
}

// backoff is exponential between its bounds, with jitter, so that the many
// requests of one run don't come back all at once.
type backoff struct{ min, max time.Duration }

// wait implements retryablehttp.Backoff.
func (b backoff) wait(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		// A date is by the clock that the reply's own Date shows.
		now, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		if after, ok := retryAfter(resp.Header.Get("Retry-After"), now); ok {
			after = min(after, maxRetryAfter)
			// The server has said when; jitter only spreads the rest.
			return after + jitter(b.min)
		}
	}
	return b.exponential(attempt)
}

// exponential is the wait before repetition attempt+1: three quarters of
// it fixed, the rest chance.
func (b backoff) exponential(attempt int) time.Duration {
	wait := b.max
	if attempt < 16 { // beyond, the shift overflows and the bound holds anyway
		wait = min(b.max, b.min<<attempt)
	}
	return wait - wait/4 + jitter(wait/4)
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // chance, not secrecy
}

// retryAfter reads both forms of the header: seconds and a date.
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	if header == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second), true
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now)), true
	}
	return 0, false
}

// sleep waits unless the context ends first.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
