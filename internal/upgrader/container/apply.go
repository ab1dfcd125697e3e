package container

import (
	"context"
	"maps"
	"slices"
	"time"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Apply implements spec.Platform. However an earlier one was interrupted, exactly
// one container with the wanted name runs in the end, and none is left over.
func (p *platform) Apply(ctx context.Context, of spec.Change) (spec.Applied, error) {
	if err := p.accept(ctx, of); err != nil {
		return spec.Applied{}, err
	}
	t := p.task(of)
	err := t.apply(ctx)
	applied := t.applied(ctx, err)
	if err == nil && of.Prior == nil {
		applied.Findings = p.missingDelegate(ctx, of.Want)
	}
	return applied, err
}

// accept asks the caller about an upgrader that is there although one is to be
// created.
func (p *platform) accept(ctx context.Context, of spec.Change) error {
	if of.Prior != nil || len(of.Last) > 0 || of.Accept == nil {
		return nil
	}
	seen, err := p.Observe(ctx, of.Want, nil)
	if err != nil || !seen.Made {
		return err
	}
	if failure := of.Accept(seen); failure != nil {
		return failure
	}
	return nil
}

func (t *task) apply(ctx context.Context) error {
	s, missing, err := t.foresee(ctx)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return missing[0]
	}
	s, err = t.recover(ctx, s)
	if err != nil {
		return err
	}
	if s.current == nil {
		err = t.make(ctx)
	} else {
		err = t.change(ctx, s)
	}
	if err != nil {
		return err
	}
	// What is wanted runs, and so nothing else is needed any more.
	for _, c := range slices.Concat(s.spares, s.others) {
		if err := t.retire(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// make makes an upgrader where there is none.
func (t *task) make(ctx context.Context) error {
	if err := t.ensureImage(ctx); err != nil {
		return err
	}
	return t.launch(ctx, nil)
}

// launch creates and starts the wanted container, in place of an old one if there
// is one, and waits until it has run for a while. If it fails, it leaves nothing
// behind.
func (t *task) launch(ctx context.Context, old *reading) error {
	id, err := t.create(ctx, t.want, old)
	if err != nil {
		if ctx.Err() != nil || unanswered(err) {
			// The engine may have made it all the same.
			t.takeBack(ctx, t.want.Docker.Name)
		}
		return t.fail(t.doing("create", t.want.Docker.Name), err)
	}
	t.did("created %s", Object(t.want))
	c, found, err := t.inspect(ctx, id)
	if err == nil && !found {
		err = errGone
	}
	if err == nil {
		err = t.launchExisting(ctx, c, true)
	}
	if err != nil {
		t.takeBack(ctx, id)
		return t.fail(t.doing("start", t.want.Docker.Name), err)
	}
	return nil
}

// launchExisting starts a container and waits until it has run for a while.
func (t *task) launchExisting(ctx context.Context, c *api.InspectResponse, isNew bool) error {
	doing := t.doing("start", c.Name)
	if status(c.State) != api.StateRunning {
		if err := t.start(ctx, c); err != nil {
			return t.fail(doing, err)
		}
		t.did("started %s", objectOf(c))
	}
	return t.staysUp(ctx, doing, c.ID, t.settle, isNew)
}

// retire stops and removes a container that is needed no more.
func (t *task) retire(ctx context.Context, c *api.InspectResponse) error {
	if err := t.remove(ctx, c.ID); err != nil {
		t.leave("%s is left over: the next apply removes it", objectOf(c))
		return t.fail(t.doing("remove", c.Name), err)
	}
	t.did("removed %s", objectOf(c))
	return nil
}

// lookTime bounds the look at what exists after a failure.
const lookTime = 10 * time.Second

// applied tells what exists now. The containers of the survey now are those that
// concern the upgrader, if they are ours.
func (t *task) applied(ctx context.Context, failure error) spec.Applied {
	result := spec.Applied{Done: t.done, Left: t.left}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
	defer cancel()
	s, err := t.survey(ctx)
	if err != nil {
		result.Objects = slices.DeleteFunc(slices.Clone(t.last), func(o spec.Object) bool { return holds(t.keep, o.ID) })
		if failure == nil {
			result.Left = append(result.Left, err.Error())
		}
		return result
	}
	if s.current != nil && !t.isOurs(s.current) {
		s.current = nil
	}
	result.Objects = s.objects()
	return result
}

// inherit takes over from a container what the resource doesn't know of its
// upgrader.
func (t *task) inherit(c *api.InspectResponse) {
	token, password, _, passwordField := secrets(c)
	adopt := func(want *secret.Text, have secret.Text) {
		if *want == "" {
			*want = have
		}
	}
	adopt(&t.want.Token, token)
	if t.want.Proxy.HasPassword && passwordField != "" {
		adopt(&t.want.Proxy.Password, password)
	}
	block := *t.want.Docker
	block.Env, block.LogOpts = unredacted(block.Env, envMap(c.Config.Env)), unredacted(block.LogOpts, c.HostConfig.LogConfig.Config)
	t.want.Docker = &block
}

// unredacted has the live values for those that an import has hidden.
func unredacted(want, live map[string]string) map[string]string {
	result := maps.Clone(want)
	for name, value := range want {
		if has, found := live[name]; found && value == secret.Redacted {
			result[name] = has
		}
	}
	return result
}
