package container

import (
	"context"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	api "github.com/moby/moby/api/types/container"
)

// recover goes on from where an earlier apply was interrupted, until a container
// has the wanted name, or there is none that could get it. What remains in the
// survey besides is to be removed once the current one is known to be good.
func (t *task) recover(ctx context.Context, s survey) (survey, error) {
	if s.current != nil && len(s.spares) > 0 && !s.current.State.Running {
		r, err := t.read(ctx, s.current)
		if err != nil {
			return s, err
		}
		if r.needs[replacing] {
			// A new container that never came up, and that isn't wanted any more. The
			// one that it was to replace is the better one to start from.
			if err := t.retire(ctx, s.current); err != nil {
				return s, err
			}
			s.current = nil
		}
	}
	if s.current != nil {
		return s, nil
	}
	switch {
	case len(s.spares) > 0:
		s.current, s.spares = s.spares[0], s.spares[1:]
	case len(s.others) > 0:
		s.current, s.others = s.others[0], s.others[1:]
	default:
		return s, nil
	}
	t.inherit(s.current)
	return s, t.giveName(ctx, s.current, t.want.Docker.Name)
}

// giveName renames a container.
func (t *task) giveName(ctx context.Context, c *api.InspectResponse, name string) error {
	was := objectOf(c)
	err := t.rename(ctx, c.ID, name)
	if err != nil && ctx.Err() == nil && !unanswered(err) && !cerrdefs.IsConflict(err) && t.isEnding(ctx, c.ID) {
		// Engines can't rename what they are just restarting, because it has no
		// network then. A container that ends again and again is no loss if it stops.
		if err = t.halt(ctx, c.ID); err == nil {
			err = t.rename(ctx, c.ID, name)
		}
	}
	if err != nil {
		return t.fail(t.doing("rename", was.Name)+" to "+name, err)
	}
	c.Name = name
	t.did("renamed %s to %s", was, name)
	return nil
}

// isEnding tells whether a container has ended since it was started, or is about
// to be started again.
func (t *task) isEnding(ctx context.Context, id string) bool {
	c, found, err := t.inspect(ctx, id)
	return err == nil && found && (c.RestartCount > 0 || status(c.State) != api.StateRunning)
}

// change makes what is wanted of the current container, in the least way that
// does it.
func (t *task) change(ctx context.Context, s survey) error {
	r, err := t.read(ctx, s.current)
	if err != nil {
		return err
	}
	switch {
	case r.needs[replacing]:
		return t.replace(ctx, r)
	case r.needs[updating]:
		if err := t.update(ctx, s.current.ID, t.want); err != nil {
			return t.fail(t.doing("change the limits or the restart policy of", s.current.Name), err)
		}
		t.did("changed the limits or the restart policy of %s", objectOf(s.current))
	}
	if !r.needs[starting] && len(s.spares) == 0 {
		return nil
	}
	// With a spare at hand, the current container is one whose start nobody has
	// seen the end of.
	err = t.launchExisting(ctx, s.current, len(s.spares) > 0)
	if err != nil && len(s.spares) > 0 {
		t.fallBack(ctx, s.current, s.spares[0])
	}
	return err
}

// replace makes a new container while the old one still runs.
func (t *task) replace(ctx context.Context, r *reading) error {
	old := r.InspectResponse
	if err := t.ensureImage(ctx); err != nil {
		return err
	}
	if err := t.giveName(ctx, old, spareName(t.want.Docker.Name, old.ID)); err != nil {
		// The answer may be what was lost.
		t.giveBack(ctx, old)
		return err
	}
	if err := t.launch(ctx, r); err != nil {
		t.giveBack(ctx, old)
		return err
	}
	return t.retire(ctx, old)
}

// fallBack puts an old container back into the place of a new one.
func (t *task) fallBack(ctx context.Context, bad, good *api.InspectResponse) {
	ctx, cancel := t.detached(ctx)
	defer cancel()
	if err := t.remove(ctx, bad.ID); err != nil {
		t.leave("%s could not be removed: %s", objectOf(bad), t.why(err))
		return
	}
	t.did("removed %s again", objectOf(bad))
	good.State.Running = true // as it did before it was to be replaced
	t.giveBack(ctx, good)
}

// takeBack removes a container that was just made here.
func (t *task) takeBack(ctx context.Context, ref string) {
	ctx, cancel := t.detached(ctx)
	defer cancel()
	c, found, err := t.inspect(ctx, ref)
	if err == nil && (!found || c.Config.Labels[OwnerLabel] != t.want.DelegateName) {
		return
	}
	if err == nil {
		err = t.remove(ctx, c.ID)
	}
	if err != nil {
		t.leave("%s could not be removed: %s", Object(t.want), t.why(err))
		return
	}
	t.did("removed %s again", Object(t.want))
}

// giveBack gives the old container its name back, and starts it if it ran before
// and doesn't any more.
func (t *task) giveBack(ctx context.Context, old *api.InspectResponse) {
	ctx, cancel := t.detached(ctx)
	defer cancel()
	now, found, err := t.inspect(ctx, old.ID)
	if err == nil && !found {
		return
	}
	if err == nil && now.Name != t.want.Docker.Name {
		if err = t.retakeName(ctx, old.ID); err == nil {
			t.did("gave %s its name back", objectOf(now))
		}
	}
	if err == nil && old.State.Running && !now.State.Running {
		err = t.start(ctx, now)
	}
	if err != nil {
		t.leave("%s could not be put back, and the next apply tries again: %s", objectOf(old), t.why(err))
	}
}

// retakeName gives the old container the wanted name. An engine whose answer
// nobody waited for may still be at making the new one: the name is taken then
// before there is a container to remove. Once the old one has the name, such a
// late creation fails.
func (t *task) retakeName(ctx context.Context, id string) error {
	pause := firstPause
	for {
		err := t.rename(ctx, id, t.want.Docker.Name)
		if !cerrdefs.IsConflict(err) || pause > time.Second {
			return err
		}
		t.takeBack(ctx, t.want.Docker.Name)
		if !wait(ctx, pause) {
			return err
		}
		pause *= 2
	}
}
