package delegates

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// pace is how often to look. The interval grows from the first to the longest by
// half each time: something that is nearly there is noticed soon, and what takes
// long costs few of the requests that the Manager allows in a minute.
type pace struct {
	first, longest time.Duration
}

var politePace = pace{first: time.Second, longest: 15 * time.Second}

func (p pace) after(interval time.Duration) time.Duration {
	return min(interval+interval/2, p.longest)
}

// wait is a delegate that is waited for.
type wait struct {
	name   string
	wanted condition
	pace   pace
	// look lists the delegates of the name as they are now.
	look func(context.Context) ([]harness.ListedDelegate, error)
	now  func() time.Time
}

// notYetError tells that the time ran out, and what was seen last.
type notYetError struct {
	// seen is nil where the Manager never listed the delegate.
	seen  *harness.ListedDelegate
	at    time.Time
	lacks []string
	// failure is why the looks after that saw nothing; nil if there were none.
	failure error
}

// Error implements error.
func (e *notYetError) Error() string {
	var text strings.Builder
	text.WriteString("the time ran out before the delegate was as \"wait_for\" asks")
	if len(e.lacks) > 0 {
		text.WriteString(": " + strings.Join(e.lacks, "; "))
	}
	fmt.Fprintf(&text, ".\n\nLast seen at %s", e.at.UTC().Format(time.RFC3339))
	if e.seen == nil {
		text.WriteString(": no delegate of this name.")
	} else {
		text.WriteString(":\n" + report(*e.seen))
	}
	switch {
	case e.failure == nil:
	case errors.Is(e.failure, context.DeadlineExceeded):
		text.WriteString("\n\nThe Manager left the last look after that unanswered.")
	default:
		fmt.Fprintf(&text, "\n\nSince then the Manager could not be asked: %s.", e.failure)
	}
	return text.String()
}

// report is a delegate and each of its replicas, one per line.
func report(d harness.ListedDelegate) string {
	lines := []string{fmt.Sprintf("  %s: %s, %s, auto-upgrade status %s, %s",
		d.Name, d.Type, connection(d.Connected), orNone(d.AutoUpgrade), heartbeat(d.LastHeartbeat))}
	for _, r := range d.Replicas {
		lines = append(lines, fmt.Sprintf("  - replica %s: version %s, %s, %s",
			r.HostName, orNone(r.Version), connection(r.Connected), heartbeat(r.LastHeartbeat)))
	}
	if len(d.Replicas) == 0 {
		lines = append(lines, "  - no replicas")
	}
	return strings.Join(lines, "\n")
}

func connection(connected bool) string {
	if connected {
		return "connected"
	}
	return "not connected"
}

func heartbeat(at time.Time) string {
	if at.IsZero() {
		return "no heartbeat yet"
	}
	return "last heartbeat " + at.UTC().Format(time.RFC3339)
}

// until looks, at once and then again and again, until the delegate is as wanted
// or the context ends. It fails at once with what waiting doesn't help: a refusal
// of the Manager, several delegates of the name, and a Manager that never answers.
// One that has answered before is given the time to do so again. When that runs
// out it fails with a *notYetError.
func (w wait) until(ctx context.Context) (harness.ListedDelegate, error) {
	var last *notYetError
	for interval := w.pace.first; ; interval = w.pace.after(interval) {
		found, err := w.look(ctx)
		switch {
		case err != nil && last != nil && (ctx.Err() != nil || mayPass(err)):
			if last.failure == nil || ctx.Err() == nil { // what ends with the time has no cause of its own
				last.failure = err
			}
		case err != nil:
			return harness.ListedDelegate{}, err
		case len(found) > 1:
			return harness.ListedDelegate{}, &severalError{found}
		default:
			last = w.compare(found)
			if last.seen != nil && len(last.lacks) == 0 {
				return *last.seen, nil
			}
		}
		tflog.Debug(ctx, "The delegate is not as awaited yet", map[string]any{
			"delegate": w.name, "registered": last.seen != nil, "lacks": last.lacks, "failure": fmt.Sprint(last.failure), "next_look_after": interval.String(),
		})
		if !sleep(ctx, interval) {
			return harness.ListedDelegate{}, ended(ctx, last)
		}
	}
}

// compare says what one look, which found one delegate or none, is short of.
func (w wait) compare(found []harness.ListedDelegate) *notYetError {
	last := &notYetError{at: w.now()}
	if len(found) == 1 {
		last.seen = &found[0]
		last.lacks = w.wanted.missing(found[0])
	}
	return last
}

// mayPass tells the failures that a later look may not meet: those on the
// Manager's side, and those of the way there.
func mayPass(err error) bool {
	var apiError *harness.APIError
	var transport *harness.TransportError
	switch {
	case errors.As(err, &apiError):
		return apiError.RateLimited() || apiError.Status == http.StatusRequestTimeout || apiError.Status >= http.StatusInternalServerError
	case errors.As(err, &transport):
		return !transport.Redirect() && !transport.UnknownHost() && !transport.Certificate()
	default:
		return false
	}
}

// ended is the error of a context that is over.
func ended(ctx context.Context, last *notYetError) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return last
}

// sleep tells whether the whole time went by before the context ended.
func sleep(ctx context.Context, interval time.Duration) bool {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil // both may have come
	}
}
