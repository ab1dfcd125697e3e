package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The client's rate limiter may see the end of the time before the context does.
// What went wrong is then still what did before.
func TestRequests_Try_rateLimiterAtTheEnd(t *testing.T) {
	r := NewRequests(Pace{First: time.Millisecond, Most: time.Millisecond, Unreachable: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	attempts := 0
	err := r.Try(ctx, func(context.Context) error {
		if attempts++; attempts == 1 {
			return fmt.Errorf("dialling: %w", syscall.ECONNREFUSED)
		}
		return fmt.Errorf("client rate limiter Wait returned an error: rate: Wait(n=1) would exceed context deadline")
	})
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the error is %v", err)
	}
}

func answered(code int32, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message}}
}

// An internal error of the server that stays the same isn't repeated for the whole
// time, and its explanation doesn't call it an outage. What passes is repeated.
func TestRequests_Try_answersThatStay(t *testing.T) {
	t.Parallel()
	const internal = metav1.StatusReasonInternalError
	for name, tc := range map[string]struct {
		answer func(attempt int) error
		// attempts is how often it is tried; zero means until the time is over.
		attempts int
		advice   string
	}{
		"typed patch":       {always(answered(500, internal, "failed to create typed patch object (ns/x; batch/v1, Kind=CronJob): .spec.x: expected numeric, got string")), 3, "repeating won't help"},
		"cannot unmarshal":  {always(answered(500, internal, "json: cannot unmarshal string into Go struct field")), 3, "repeating won't help"},
		"managed fields":    {always(answered(500, internal, "failed to create manager for existing fields: failed to convert new object")), 3, "repeating won't help"},
		"conversion":        {always(answered(500, internal, "converting (v1.CronJob) to (v1beta1.CronJob): unknown conversion")), 3, "repeating won't help"},
		"changing answers":  {func(n int) error { return answered(500, internal, fmt.Sprint("internal error ", n)) }, 0, ""},
		"over soon":         {func(n int) error { return map[bool]error{true: answered(500, internal, "busy")}[n < 3] }, 3, ""},
		"etcd":              {always(answered(500, internal, "Internal error occurred: etcdserver: leader changed")), 0, "Apply again when the cluster is well"},
		"etcd, too slow":    {always(answered(500, internal, "etcdserver: request timed out")), 0, "Apply again when the cluster is well"},
		"a webhook":         {always(answered(500, internal, `Internal error occurred: failed calling webhook "x": connect: connection refused`)), 0, "Apply again when the cluster is well"},
		"unavailable":       {always(answered(503, metav1.StatusReasonServiceUnavailable, "the server is starting")), 0, "Apply again when the cluster is well"},
		"server timeout":    {always(answered(504, metav1.StatusReasonTimeout, "request did not complete")), 0, "Apply again when the cluster is well"},
		"too many requests": {always(answered(429, metav1.StatusReasonTooManyRequests, "slow down")), 0, "Apply again when the cluster is well"},
		"a proxy's 500":     {always(answered(500, metav1.StatusReasonUnknown, "bad gateway")), 0, "Apply again when the cluster is well"},
		"forbidden":         {always(answered(403, metav1.StatusReasonForbidden, "no")), 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := NewRequests(Pace{First: time.Millisecond, Most: time.Millisecond, Unreachable: time.Minute})
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			attempts := 0
			err := r.Try(ctx, func(context.Context) error {
				attempts++
				return tc.answer(attempts)
			})
			if tc.attempts != 0 && attempts != tc.attempts || tc.attempts == 0 && (attempts < 5 || !errors.Is(err, context.DeadlineExceeded)) {
				t.Errorf("tried %d times, want %d: %v", attempts, tc.attempts, err)
			}
			if tc.advice == "" {
				return
			}
			if e := Explain(err, Request{}); !strings.Contains(e.Advice, tc.advice) {
				t.Errorf("the advice is %q, want %q", e.Advice, tc.advice)
			}
		})
	}
}

func always(err error) func(int) error { return func(int) error { return err } }
