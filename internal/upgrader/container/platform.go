package container

import (
	"time"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Auth gives the value of the X-Registry-Auth header for pulling an image, or
// nothing where no credentials are known.
type Auth func(image string) (string, error)

// Option changes how long the platform waits for things.
type Option func(*platform)

// WithSettleTime sets how long a container that was just started has to run
// before it counts as good.
func WithSettleTime(d time.Duration) Option { return func(p *platform) { p.settle = d } }

// WithRunTime sets how long RunOnce watches the upgrader.
func WithRunTime(d time.Duration) Option { return func(p *platform) { p.watch = d } }

// WithStopTime sets how long the upgrader may take to stop before the engine
// kills it.
func WithStopTime(d time.Duration) Option { return func(p *platform) { p.stop = d } }

// WithGraceTime sets how much longer the answer to a write is waited for once the
// context has ended.
func WithGraceTime(d time.Duration) Option { return func(p *platform) { p.grace = d } }

type platform struct {
	engine *client.Client
	host   string
	auth   Auth

	settle, watch, stop, grace time.Duration
}

// Defaults of the options.
const (
	defaultSettleTime = 2 * time.Second
	defaultRunTime    = 10 * time.Second
	defaultStopTime   = 10 * time.Second
	defaultGraceTime  = 5 * time.Second
)

// New gives the platform that runs upgraders on one engine. The host is the
// engine's address as messages name it. Auth may be nil.
func New(engine *client.Client, host string, auth Auth, options ...Option) spec.Platform {
	p := &platform{
		engine: engine, host: host, auth: auth,
		settle: defaultSettleTime, watch: defaultRunTime, stop: defaultStopTime, grace: defaultGraceTime,
	}
	for _, option := range options {
		option(p)
	}
	return p
}
