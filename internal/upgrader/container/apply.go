package container

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Apply implements spec.Platform. However an earlier one was interrupted, exactly
// one container with the wanted name runs in the end, and none is left over.
func (p *platform) Apply(ctx context.Context, want spec.Upgrader, last []spec.Object) (spec.Applied, error) {
	t := p.task(want, last)
	err := t.apply(ctx)
	return t.applied(ctx, err), err
}

func (t *task) apply(ctx context.Context) error {
	if err := t.checkArguments(); err != nil {
		return err
	}
	s, err := t.survey(ctx)
	if err != nil {
		return err
	}
	if s.current != nil && !t.isOurs(s.current) {
		return t.nameTaken(s.current)
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

// checkArguments refuses what could not be told from our own settings later.
func (t *task) checkArguments() error {
	doing := t.doing("make", t.want.Docker.Name)
	for _, name := range slices.Sorted(maps.Keys(t.want.Docker.Env)) {
		if ReservedVariable(name) {
			return &spec.Failure{Doing: doing, Reason: name + " has an argument of its own", Advice: "Leave it out of `docker.env`.", Argument: argEnv}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.want.Docker.Labels)) {
		if ReservedLabel(name) {
			return &spec.Failure{Doing: doing, Reason: "the label " + name + " is this provider's", Advice: "Leave it out of `docker.labels`.", Argument: argLabels}
		}
	}
	return nil
}

// nameTaken refuses to touch what is somebody else's.
func (t *task) nameTaken(c *api.InspectResponse) error {
	advice := fmt.Sprintf("Choose another `docker.name`, or remove that container if nobody needs it: docker rm -f %s.", quote(c.Name))
	if _, isUpgrader := envMap(c.Config.Env)[envWorkload]; isUpgrader {
		advice = fmt.Sprintf("If it is the upgrader that this resource is to manage, import it: terraform import ADDRESS docker/%s, or a block import { to = ADDRESS, id = \"docker/%s\" }. Otherwise choose another `docker.name`.", c.Name, c.Name)
		if slices.ContainsFunc(t.last, func(o spec.Object) bool { return o.Name == c.Name }) {
			advice = "Somebody has replaced the container that this resource manages. Remove theirs, docker rm -f " + quote(c.Name) + ", and apply again; or keep it: terraform state rm ADDRESS, and then import it as docker/" + c.Name + "."
		}
	}
	owner := ""
	if delegate, made := c.Config.Labels[OwnerLabel]; made {
		owner = fmt.Sprintf(", which this provider made for the delegate %q", delegate)
	}
	return &spec.Failure{
		Doing:    t.doing("make", t.want.Docker.Name),
		Reason:   fmt.Sprintf("there is a container of that name already, of the image %s, created at %s%s", c.Config.Image, c.Created, owner),
		Advice:   advice,
		Argument: argName,
	}
}

// make makes an upgrader where there is none.
func (t *task) make(ctx context.Context) error {
	if err := t.needSecrets(); err != nil {
		return err
	}
	if err := t.ensureImage(ctx); err != nil {
		return err
	}
	return t.launch(ctx)
}

// needSecrets refuses to make a container without what only the user knows.
func (t *task) needSecrets() error {
	doing := t.doing("make", t.want.Docker.Name)
	switch {
	case t.want.Token == "":
		return &spec.Failure{Doing: doing, Reason: "the upgrader's token is not known", Advice: "Set `token` or `token_wo`.", Argument: argToken}
	case t.want.Proxy.HasPassword && t.want.Proxy.Password == "":
		return &spec.Failure{Doing: doing, Reason: "the proxy's password is not known", Advice: "Set `password` or `password_wo` of `proxy`.", Argument: argProxyPassword}
	default:
		return nil
	}
}

// launch creates and starts the wanted container, and waits until it has run for
// a while. If it fails, it leaves nothing behind.
func (t *task) launch(ctx context.Context) error {
	id, err := t.create(ctx, t.want)
	if err != nil {
		if ctx.Err() != nil || unanswered(err) {
			// The engine may have made it all the same.
			t.takeBack(ctx, t.want.Docker.Name)
		}
		return t.fail(t.doing("create", t.want.Docker.Name), err, t.hidden)
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
		return t.fail(t.doing("start", t.want.Docker.Name), err, t.hidden)
	}
	return nil
}

// launchExisting starts a container and waits until it has run for a while.
func (t *task) launchExisting(ctx context.Context, c *api.InspectResponse, isNew bool) error {
	doing := t.doing("start", c.Name)
	if status(c.State) != api.StateRunning {
		if err := t.start(ctx, c); err != nil {
			return t.fail(doing, err, t.hidden)
		}
		t.did("started %s", objectOf(c))
	}
	return t.steady(ctx, doing, c.ID, t.settle, isNew)
}

// retire stops and removes a container that is needed no more.
func (t *task) retire(ctx context.Context, c *api.InspectResponse) error {
	if err := t.remove(ctx, c.ID); err != nil {
		t.leave("%s is left over: the next apply removes it", objectOf(c))
		return t.fail(t.doing("remove", c.Name), err, t.hidden)
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
}
