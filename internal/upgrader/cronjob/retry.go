package cronjob

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// timedOut is that the time ended before a request succeeded. The last answer
// says more than the time-out does.
type timedOut struct {
	cause error
	last  error
}

func (e *timedOut) Error() string { return e.cause.Error() + "; last: " + e.last.Error() }

func (e *timedOut) Unwrap() []error { return []error{e.cause, e.last} }

// try repeats a request, which has to be safe to repeat, for as long as its
// failure looks like one that passes. A server that has never answered is given
// up early: its address is more likely wrong than its state.
func (p *platform) try(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	unreachable := time.NewTimer(p.pace.Unreachable)
	defer unreachable.Stop()
	var last error
	for wait := p.pace.First; ; wait = min(2*wait, p.pace.Most) {
		err := request(ctx)
		if _, answered := status(err); err == nil || answered {
			p.answered.Store(true)
		}
		if tooLate(err) {
			<-ctx.Done()
			err = context.Cause(ctx)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			if last == nil {
				last = err
			}
			return &timedOut{context.Cause(ctx), last}
		case !passing(err):
			return err
		}
		last = err
		select {
		case <-ctx.Done():
			return &timedOut{context.Cause(ctx), last}
		case <-unreachable.C:
			if !p.answered.Load() {
				return last
			}
		case <-time.After(jitter(wait)):
		}
	}
}

// tooLate tells that the client's own rate limiter has seen the end of the time
// coming, a moment before the context has.
func tooLate(err error) bool {
	return err != nil && strings.Contains(err.Error(), "would exceed context deadline")
}

// jitter spreads the repetitions of those who failed at the same time.
func jitter(wait time.Duration) time.Duration {
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // not a secret
}

// poll calls a function at a steady pace until it is done or fails.
func (p *platform) poll(ctx context.Context, done func(context.Context) (bool, error)) error {
	tick := time.NewTicker(p.pace.Poll)
	defer tick.Stop()
	for {
		if ok, err := done(ctx); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// status is the server's answer behind an error, if it answered.
func status(err error) (metav1.Status, bool) {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return metav1.Status{}, false
	}
	return answer.Status(), true
}

// passing tells a failure that may be over in a moment.
func passing(err error) bool {
	answer, answered := status(err)
	if !answered {
		return lostConnection(err)
	}
	switch {
	case answer.Code == http.StatusTooManyRequests, answer.Code >= http.StatusInternalServerError && answer.Code != http.StatusNotImplemented:
		return true // also a webhook that can't be called, and a change of etcd's leader
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		// Somebody else wrote at the same moment. Who owns a field doesn't pass, nor
		// does that an object has been replaced.
		return len(conflicts(err)) == 0 && !strings.Contains(answer.Message, "Precondition failed")
	case apierrors.IsForbidden(err):
		return strings.Contains(answer.Message, "status unknown for quota")
	default:
		return false
	}
}

// lostConnection tells that there was no answer because of the way to the server,
// or because it is not running at the moment. A certificate that doesn't fit is
// none of that.
func lostConnection(err error) bool {
	if isTLS(err) || strings.Contains(err.Error(), "getting credentials") {
		return false
	}
	var onTheWay *net.OpError
	var lookup *net.DNSError
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		utilnet.IsHTTP2ConnectionLost(err) || utilnet.IsTimeout(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &onTheWay) || errors.As(err, &lookup) ||
		strings.Contains(err.Error(), "GOAWAY")
}
