package container

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
)

// attempts is how often the engine is asked before it counts as out of reach,
// and firstPause what is waited before the second time; the pause then doubles.
const (
	attempts   = 4
	firstPause = 100 * time.Millisecond
)

// repeat calls the engine until it answers. Once an answer was lost, settled may
// say that there is nothing left to do; nil says that it is safe to ask again.
func repeat(ctx context.Context, call func() error, settled func() bool) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := call()
		if err == nil || ctx.Err() != nil {
			return err
		}
		// A refusal after a lost answer may be because the first request did it.
		lost := unanswered(err)
		if (lost || attempt > 1) && settled != nil && settled() {
			return nil
		}
		if !lost || attempt == attempts || !wait(ctx, pause) {
			return err
		}
		pause *= 2
	}
}

// unhurried calls the engine and waits for its answer a while longer than ctx
// allows: a request whose answer nobody waits for may still be carried out at any
// time, and then nobody could put things right behind it.
func (p *platform) unhurried(ctx context.Context, call func(context.Context) error) error {
	patient, give := context.WithCancel(context.WithoutCancel(ctx))
	defer give()
	stop := context.AfterFunc(ctx, func() {
		if wait(patient, p.grace) {
			give()
		}
	})
	defer stop()
	err := call(patient)
	if ctx.Err() != nil && err != nil && (errors.Is(err, context.Canceled) || unanswered(err)) {
		return ctx.Err()
	}
	return err
}

// ask asks the engine something that changes nothing. Errors of the engine
// itself may pass, too.
func ask[T any](ctx context.Context, call func() (T, error)) (T, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		answer, err := call()
		if err == nil || ctx.Err() != nil || attempt == attempts {
			return answer, err
		}
		if !unanswered(err) && !cerrdefs.IsInternal(err) || !wait(ctx, pause) {
			return answer, err
		}
		pause *= 2
	}
}

// wait returns false if the context ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// unanswered tells that nobody knows whether the engine has acted, and that
// asking again may help.
func unanswered(err error) bool {
	switch {
	case isPermission(err), isMissingSocket(err), isTLS(err):
		return false
	case client.IsErrConnectionFailed(err), cerrdefs.IsUnavailable(err), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return true
	default:
		return false
	}
}

// inspect reads a container by name or ID, and reports false if there is none.
func (p *platform) inspect(ctx context.Context, ref string) (*api.InspectResponse, bool, error) {
	result, err := ask(ctx, func() (client.ContainerInspectResult, error) {
		return p.engine.ContainerInspect(ctx, ref, client.ContainerInspectOptions{})
	})
	switch {
	case cerrdefs.IsNotFound(err):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	default:
		return complete(result.Container), true, nil
	}
}

// complete fills in what an engine may leave out, so that nobody has to ask.
func complete(c api.InspectResponse) *api.InspectResponse {
	if c.State == nil {
		c.State = &api.State{}
	}
	if c.HostConfig == nil {
		c.HostConfig = &api.HostConfig{}
	}
	if c.Config == nil {
		c.Config = &api.Config{}
	}
	if c.NetworkSettings == nil {
		c.NetworkSettings = &api.NetworkSettings{}
	}
	c.Name = strings.TrimPrefix(c.Name, "/")
	return &c
}

// list gives the containers, all or the running ones.
func (p *platform) list(ctx context.Context, all bool) ([]api.Summary, error) {
	result, err := ask(ctx, func() (client.ContainerListResult, error) {
		return p.engine.ContainerList(ctx, client.ContainerListOptions{All: all})
	})
	return result.Items, err
}

// info is what the engine says of itself.
func (p *platform) info(ctx context.Context) (system.Info, error) {
	result, err := ask(ctx, func() (client.SystemInfoResult, error) { return p.engine.Info(ctx, client.InfoOptions{}) })
	return result.Info, err
}

// imageFacts are what a container has from its image rather than from whoever
// made it.
type imageFacts struct {
	// known is false if the image is gone.
	known       bool
	env, labels map[string]string
	// volumes are the places at which it asks for anonymous volumes.
	volumes                      map[string]struct{}
	entrypoint, cmd              []string
	user, workingDir, stopSignal string
}

// imageOf reads the very image that a container was made of.
func (p *platform) imageOf(ctx context.Context, c *api.InspectResponse) (imageFacts, error) {
	result, err := ask(ctx, func() (client.ImageInspectResult, error) {
		return p.engine.ImageInspect(ctx, c.Image)
	})
	switch {
	case cerrdefs.IsNotFound(err):
		return imageFacts{}, nil
	case err != nil:
		return imageFacts{}, err
	case result.Config == nil:
		return imageFacts{known: true}, nil
	}
	i := result.Config
	return imageFacts{
		known: true, env: envMap(i.Env), labels: i.Labels, volumes: i.Volumes,
		entrypoint: i.Entrypoint, cmd: i.Cmd, user: i.User, workingDir: i.WorkingDir, stopSignal: i.StopSignal,
	}, nil
}
