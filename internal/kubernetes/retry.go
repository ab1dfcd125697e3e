package kubernetes

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"
)

// Pace is how fast failures are repeated and states are looked at again.
type Pace struct {
	// First is the wait before the first repetition; it doubles up to Most.
	First, Most time.Duration
	// Poll is the wait between two looks at something that has to change.
	Poll time.Duration
	// Unreachable is how long a server that has never answered is tried.
	Unreachable time.Duration
}

// DefaultPace suits clusters in the field.
func DefaultPace() Pace {
	return Pace{
		First: 200 * time.Millisecond, Most: 5 * time.Second,
		Poll: 500 * time.Millisecond, Unreachable: 30 * time.Second,
	}
}

// Requests repeats requests to one server. It is safe for concurrent use.
type Requests struct {
	pace Pace
	// answered tells that the server has answered at least once.
	answered atomic.Bool
}

// NewRequests makes one of a pace.
func NewRequests(pace Pace) *Requests { return &Requests{pace: pace} }

// timedOut is that the time ended before a request succeeded. The last answer
// says more than the time-out does.
type timedOut struct {
	cause error
	last  error
}

func (e *timedOut) Error() string { return e.cause.Error() + "; last: " + e.last.Error() }

func (e *timedOut) Unwrap() []error { return []error{e.cause, e.last} }

// sameAnswers is how often an internal error of the server is taken for one that
// passes.
const sameAnswers = 3

// repetitions counts the internal errors of one request that say the same.
type repetitions struct {
	text  string
	count int
}

// over tells that a failure isn't worth another try.
func (r *repetitions) over(err error) bool {
	answer, answered := Answer(err)
	if !answered || !internalError(answer) {
		r.count = 0
		return !passing(err)
	}
	if answer.Message != r.text {
		r.text, r.count = answer.Message, 0
	}
	r.count++
	return r.count >= sameAnswers
}

// Try repeats a request, which has to be safe to repeat, for as long as its
// failure looks like one that passes. An internal error of the server is tried a few
// times only, if it stays the same. A server that has never answered is given
// up early: its address is more likely wrong than its state.
func (r *Requests) Try(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	unreachable := time.NewTimer(r.pace.Unreachable)
	defer unreachable.Stop()
	var last error
	var same repetitions
	for wait := r.pace.First; ; wait = min(2*wait, r.pace.Most) {
		err := request(ctx)
		if _, answered := Answer(err); err == nil || answered {
			r.answered.Store(true)
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
		case same.over(err):
			return err
		}
		last = err
		select {
		case <-ctx.Done():
			return &timedOut{context.Cause(ctx), last}
		case <-unreachable.C:
			if !r.answered.Load() {
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

// Poll calls a function at a steady pace until it is done or fails.
func (r *Requests) Poll(ctx context.Context, done func(context.Context) (bool, error)) error {
	tick := time.NewTicker(r.pace.Poll)
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
