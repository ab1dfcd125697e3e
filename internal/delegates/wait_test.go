package delegates

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// answers plays what the Manager lists, look by look; the last is repeated.
func answers(looks *int, lists ...[]harness.ListedDelegate) func(context.Context) ([]harness.ListedDelegate, error) {
	return func(context.Context) ([]harness.ListedDelegate, error) {
		*looks++
		return lists[min(*looks, len(lists))-1], nil
	}
}

func waitOf(look func(context.Context) ([]harness.ListedDelegate, error)) wait {
	return wait{
		name: "d", wanted: condition{connected: true},
		pace: pace{first: time.Microsecond, longest: time.Microsecond},
		now:  func() time.Time { return start }, look: look,
	}
}

var (
	nobody    []harness.ListedDelegate
	starting  = []harness.ListedDelegate{{Name: "d", Type: "KUBERNETES", AutoUpgrade: "DETECTING"}}
	connected = []harness.ListedDelegate{{Name: "d", Connected: true}}
)

func TestWait_looksAtOnceAndUntilAllHolds(t *testing.T) {
	for _, tc := range []struct {
		lists [][]harness.ListedDelegate
		looks int
	}{
		{[][]harness.ListedDelegate{connected}, 1},
		{[][]harness.ListedDelegate{nobody, nobody, starting, connected}, 4},
	} {
		looks := 0
		got, err := waitOf(answers(&looks, tc.lists...)).until(t.Context())
		if err != nil || looks != tc.looks || !got.Connected {
			t.Errorf("%d looks found %v, %v; want %d looks", looks, got, err, tc.looks)
		}
	}
}

func TestWait_failsAtOnce(t *testing.T) {
	refused := &harness.APIError{Status: 403, Message: "no"}
	_, err := waitOf(func(context.Context) ([]harness.ListedDelegate, error) { return nil, refused }).until(t.Context())
	if !errors.Is(err, refused) {
		t.Errorf("got %v, want the Manager's refusal", err)
	}
	looks := 0
	_, err = waitOf(answers(&looks, append(starting, starting...))).until(t.Context())
	var several *severalError
	if !errors.As(err, &several) || looks != 1 {
		t.Errorf("after %d looks %v, want that there are several", looks, err)
	}
}

// A Manager that has answered is waited for, too, but not one that refuses.
func TestWait_outlastsFailures(t *testing.T) {
	away := &harness.APIError{Status: 503}
	for name, tc := range map[string]struct {
		failure error
		fatal   bool
	}{
		"unavailable":    {away, false},
		"a fault":        {&harness.APIError{Status: 500}, false},
		"rate limit":     {&harness.APIError{Status: 429}, false},
		"no connection":  {&harness.TransportError{Err: errors.New("connection refused")}, false},
		"a missing role": {&harness.APIError{Status: 403}, true},
		"an expired key": {&harness.APIError{Status: 401}, true},
		"unknown host":   {&harness.TransportError{Err: &net.DNSError{IsNotFound: true}}, true},
		"another server": {&harness.ReplyError{Err: errors.New("no JSON")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			looks := 0
			found, err := waitOf(func(context.Context) ([]harness.ListedDelegate, error) {
				switch looks++; looks {
				case 1:
					return nobody, nil
				case 2, 3:
					return nil, tc.failure
				default:
					return connected, nil
				}
			}).until(t.Context())
			if tc.fatal {
				if !errors.Is(err, tc.failure) || looks != 2 {
					t.Errorf("after %d looks: %v", looks, err)
				}
				return
			}
			if err != nil || !found.Connected || looks != 4 {
				t.Errorf("after %d looks: %v, %v", looks, found, err)
			}
		})
	}
	looks := 0
	if _, err := waitOf(func(context.Context) ([]harness.ListedDelegate, error) { looks++; return nil, away }).until(t.Context()); !errors.Is(err, away) || looks != 1 {
		t.Errorf("one that has never answered: after %d looks %v", looks, err)
	}
}

// outOfTime is a context whose end is that of its time.
type outOfTime struct{ context.Context }

// Err implements context.Context.
func (c outOfTime) Err() error {
	if c.Context.Err() == nil {
		return nil
	}
	return context.DeadlineExceeded
}

func TestWait_timeRunsOut(t *testing.T) {
	at := time.Date(2024, time.May, 15, 11, 59, 0, 0, time.UTC)
	seen := harness.ListedDelegate{
		Name: "d", Type: "KUBERNETES", AutoUpgrade: "DETECTING", LastHeartbeat: at,
		Replicas: []harness.Replica{
			{HostName: "d-0", Version: "24.03.82600", Connected: true, LastHeartbeat: at},
			{HostName: "d-1"},
		},
	}
	for name, tc := range map[string]struct {
		lists [][]harness.ListedDelegate
		// unanswered makes the last look end with the time, and failing those before
		// it fail.
		unanswered, failing bool
		want                string
	}{
		"never registered": {
			[][]harness.ListedDelegate{nobody},
			false, false,
			"the time ran out before the delegate was as \"wait_for\" asks.\n\nLast seen at 2024-05-15T12:00:00Z: no delegate of this name.",
		},
		"without replicas": {
			[][]harness.ListedDelegate{nobody, starting},
			false, false,
			"the time ran out before the delegate was as \"wait_for\" asks: it is not connected.\n\nLast seen at 2024-05-15T12:00:00Z:\n" +
				"  d: KUBERNETES, not connected, auto-upgrade status DETECTING, no heartbeat yet\n  - no replicas",
		},
		"with replicas, and a last look without an answer": {
			[][]harness.ListedDelegate{{seen}},
			true, false,
			"the time ran out before the delegate was as \"wait_for\" asks: it is not connected.\n\nLast seen at 2024-05-15T12:00:00Z:\n" +
				"  d: KUBERNETES, not connected, auto-upgrade status DETECTING, last heartbeat 2024-05-15T11:59:00Z\n" +
				"  - replica d-0: version 24.03.82600, connected, last heartbeat 2024-05-15T11:59:00Z\n" +
				"  - replica d-1: version none, not connected, no heartbeat yet\n\n" +
				"The Manager left the last look after that unanswered.",
		},
		"and a Manager that fails": {
			[][]harness.ListedDelegate{nobody},
			false, true,
			"the time ran out before the delegate was as \"wait_for\" asks.\n\nLast seen at 2024-05-15T12:00:00Z: no delegate of this name.\n\n" +
				"Since then the Manager could not be asked: POST /list: the Manager answered 503 Service Unavailable.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inner, end := context.WithCancel(t.Context())
			ctx := outOfTime{inner}
			looks := 0
			answer := answers(&looks, tc.lists...)
			w := waitOf(func(ctx context.Context) ([]harness.ListedDelegate, error) {
				found, err := answer(ctx)
				switch {
				case tc.failing && looks == 2:
					end()
					return nil, &harness.APIError{Method: "POST", Path: "/list", Status: 503}
				case tc.failing && looks == 1:
				case looks < len(tc.lists) || looks == len(tc.lists) && tc.unanswered:
				case tc.unanswered:
					end()
					return nil, ctx.Err()
				default:
					end()
				}
				return found, err
			})
			_, err := w.until(ctx)
			var notYet *notYetError
			if !errors.As(err, &notYet) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWait_nothingSeenInTime(t *testing.T) {
	inner, end := context.WithCancel(t.Context())
	ctx := outOfTime{inner}
	_, err := waitOf(func(ctx context.Context) ([]harness.ListedDelegate, error) {
		end()
		return nil, ctx.Err()
	}).until(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestWait_interrupted(t *testing.T) {
	for _, longest := range []time.Duration{time.Microsecond, time.Hour} {
		ctx, interrupt := context.WithCancel(t.Context())
		w := waitOf(func(context.Context) ([]harness.ListedDelegate, error) {
			interrupt()
			return starting, nil
		})
		w.pace = pace{first: longest, longest: longest}
		if _, err := w.until(ctx); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "time ran out") {
			t.Errorf("got %v", err)
		}
	}
}
