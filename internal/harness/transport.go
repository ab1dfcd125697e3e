package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

const (
	// maxReply bounds what is read of a reply, so that a server gone wrong
	// can't fill the memory.
	maxReply = 16 << 20
	// idleConnections is above any usual -parallelism of Terraform. The
	// library keeps GOMAXPROCS+1 per host, and opens and closes connections
	// all the time when more requests than that are under way.
	idleConnections = 64
)

var errReplyTooLarge = fmt.Errorf("the reply is larger than %d MiB", maxReply>>20)

// transport reads each reply whole before it hands it on, so that a body that
// breaks off is an error of the attempt, which can be repeated, and not a
// surprise afterwards.
type transport struct {
	next      http.RoundTripper
	clock     *serverClock
	onAttempt func(context.Context, Attempt)
}

func newTransport(clock *serverClock, onAttempt func(context.Context, Attempt)) http.RoundTripper {
	pooled := cleanhttp.DefaultPooledTransport()
	pooled.MaxIdleConns = idleConnections
	pooled.MaxIdleConnsPerHost = idleConnections
	return &transport{next: pooled, clock: clock, onAttempt: onAttempt}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	if err == nil {
		err = buffer(resp)
	}
	attempt := Attempt{Method: req.Method, URL: req.URL.String(), Err: err, Duration: time.Since(start)}
	if err == nil {
		attempt.Status = resp.StatusCode
		t.clock.observe(resp.Header)
	}
	if t.onAttempt != nil {
		t.onAttempt(req.Context(), attempt)
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// buffer replaces the body by one that is read already.
func buffer(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	closeErr := resp.Body.Close()
	switch {
	case err != nil:
		return fmt.Errorf("the reply broke off after %d bytes: %w", len(body), err)
	case len(body) > maxReply:
		return errReplyTooLarge
	case closeErr != nil:
		return fmt.Errorf("closing the reply: %w", closeErr)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

var errRedirect = errors.New("the server redirects; the API key is not sent on to another address")

// refuseRedirect keeps the key where it was meant to go: net/http would send
// the header X-Api-Key to any host that a redirect names. The API itself never
// redirects.
func refuseRedirect(req *http.Request, _ []*http.Request) error {
	return fmt.Errorf("%w (it points to %s://%s)", errRedirect, req.URL.Scheme, req.URL.Host)
}
