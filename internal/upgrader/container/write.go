package container

import (
	"context"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Every write here may be repeated: where an answer is lost, the container tells
// what became of the request.

// create makes the container and returns its ID.
func (p *platform) create(ctx context.Context, u spec.Upgrader, old *reading) (string, error) {
	var id string
	wanted := request(u, old)
	err := repeat(ctx, func() error {
		return p.unhurried(ctx, func(ctx context.Context) error {
			result, err := p.engine.ContainerCreate(ctx, wanted)
			id = result.ID
			return err
		})
	}, func() bool {
		// The name was free just now, and only this provider sets the label.
		c, found, err := p.inspect(ctx, u.Docker.Name)
		if err != nil || !found || c.Config.Labels[OwnerLabel] != u.DelegateName {
			return false
		}
		id = c.ID
		return true
	})
	return id, err
}

// settled makes the question whether a container has become what it should.
func (p *platform) settled(ctx context.Context, id string, good func(*api.InspectResponse) bool) func() bool {
	return func() bool {
		c, found, err := p.inspect(ctx, id)
		return err == nil && found && good(c)
	}
}

// start starts a container that doesn't run, or lets a paused one go on.
func (p *platform) start(ctx context.Context, c *api.InspectResponse) error {
	before := c.State.StartedAt
	if c.State.Paused {
		return repeat(ctx, func() error {
			_, err := p.engine.ContainerUnpause(ctx, c.ID, client.ContainerUnpauseOptions{})
			return err
		}, p.settled(ctx, c.ID, func(now *api.InspectResponse) bool { return !now.State.Paused }))
	}
	return repeat(ctx, func() error {
		return p.unhurried(ctx, func(ctx context.Context) error {
			_, err := p.engine.ContainerStart(ctx, c.ID, client.ContainerStartOptions{})
			return err
		})
	}, p.settled(ctx, c.ID, func(now *api.InspectResponse) bool {
		// It may have started and ended already.
		return now.State.Running || now.State.StartedAt != before
	}))
}

func (p *platform) rename(ctx context.Context, id, name string) error {
	return repeat(ctx, func() error {
		return p.unhurried(ctx, func(ctx context.Context) error {
			_, err := p.engine.ContainerRename(ctx, id, client.ContainerRenameOptions{NewName: name})
			return err
		})
	}, p.settled(ctx, id, func(now *api.InspectResponse) bool { return now.Name == name }))
}

// update changes what the engine can change. What is zero it leaves as it is.
func (p *platform) update(ctx context.Context, id string, u spec.Upgrader) error {
	wanted := request(u, nil).HostConfig
	return repeat(ctx, func() error {
		_, err := p.engine.ContainerUpdate(ctx, id, client.ContainerUpdateOptions{Resources: &wanted.Resources, RestartPolicy: &wanted.RestartPolicy})
		return err
	}, nil)
}

// halt stops a container, with a time-out after which the engine kills it.
func (p *platform) halt(ctx context.Context, id string) error {
	seconds := int(p.stop / time.Second)
	return repeat(ctx, func() error {
		_, err := p.engine.ContainerStop(ctx, id, client.ContainerStopOptions{Timeout: &seconds})
		return err
	}, p.settled(ctx, id, func(now *api.InspectResponse) bool { return !now.State.Running }))
}

// remove stops a container and removes it, with the anonymous volumes that its
// image may ask for: they hold nothing of anybody else, and every replacement
// would leave one behind. It returns once the container is gone.
func (p *platform) remove(ctx context.Context, id string) error {
	err := p.halt(ctx, id)
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	if err != nil && (ctx.Err() != nil || unanswered(err)) {
		return err
	}
	// What couldn't be stopped is removed by force.
	err = repeat(ctx, func() error {
		_, err := p.engine.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		return err
	}, nil)
	if err != nil && !cerrdefs.IsNotFound(err) && !cerrdefs.IsConflict(err) {
		return err
	}
	return p.waitGone(ctx, id, err)
}

// waitGone waits for a removal that the engine, or somebody else, has begun. If
// it doesn't end, reason tells why the last try failed, if it did.
func (p *platform) waitGone(ctx context.Context, id string, reason error) error {
	pause := firstPause
	for range 10 {
		_, found, err := p.inspect(ctx, id)
		if err != nil || !found {
			return err
		}
		if !wait(ctx, pause) {
			return ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
	if reason == nil {
		reason = errStillThere
	}
	return reason
}
