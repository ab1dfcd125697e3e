package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"
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
