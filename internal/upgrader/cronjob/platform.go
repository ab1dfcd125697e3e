package cronjob

import (
	"context"
	"sync/atomic"
	"time"

	"k8s.io/client-go/dynamic"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// LogReader gives the last lines that a container wrote. The dynamic client
// can't: logs aren't objects.
type LogReader func(ctx context.Context, namespace, pod, container string, tailLines int) (string, error)

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

// Option changes a platform.
type Option func(*platform)

// WithPace sets another pace.
func WithPace(pace Pace) Option { return func(p *platform) { p.pace = pace } }

// New makes a platform of a client. Host is the server's address, for messages.
func New(client dynamic.Interface, host string, logs LogReader, options ...Option) spec.Platform {
	p := &platform{client: client, host: host, logs: logs, pace: DefaultPace()}
	for _, option := range options {
		option(p)
	}
	return p
}

type platform struct {
	client dynamic.Interface
	host   string
	logs   LogReader
	pace   Pace
	// answered tells that the server has answered at least once.
	answered atomic.Bool
}
