package container

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"strings"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Find implements spec.Platform. The place may also be a container's ID, or the
// beginning of one: most public commands leave the name to the engine.
func (p *platform) Find(ctx context.Context, place spec.Place) (spec.Upgrader, bool, error) {
	c, found, err := p.upgraderAt(ctx, place)
	if err != nil || !found {
		return spec.Upgrader{}, false, err
	}
	t := p.task(spec.Change{Want: wantedOf(c)})
	t.hideLive(c)
	r, err := t.read(ctx, c)
	if err != nil {
		return spec.Upgrader{}, false, err
	}
	return r.imported(), true, nil
}

// imported is the upgrader that an import takes over.
func (r *reading) imported() spec.Upgrader {
	u := r.shown()
	u.ManagerEndpoint = strings.TrimSuffix(u.ManagerEndpoint, "/")
	u.Docker.Labels = maps.Clone(u.Docker.Labels)
	maps.DeleteFunc(u.Docker.Labels, func(name, value string) bool { return brought(r.image.labels, name, value) })
	return u
}

// wantedOf is an upgrader that wants nothing in particular of a container but what
// can't be read without a wish.
func wantedOf(c *api.InspectResponse) spec.Upgrader {
	u := spec.Upgrader{Docker: &spec.Docker{PullPolicy: spec.DefaultPullPolicy, SocketPath: spec.DefaultSocketPath, Labels: labelsByHand(c)}}
	u.Token, u.Proxy.Password, _, _ = secrets(c)
	_, u.Proxy.HasPassword = envMap(c.Config.Env)[envProxyPassword]
	return u
}

// labelsByHand are a container's labels without this provider's and without those
// of the engine's own tools, such as Compose.
func labelsByHand(c *api.InspectResponse) map[string]string {
	labels := maps.Clone(c.Config.Labels)
	maps.DeleteFunc(labels, func(name, _ string) bool { return ReservedLabel(name) || strings.HasPrefix(name, "com.docker.") })
	return labels
}

// upgraderAt reads the container of an upgrader.
func (p *platform) upgraderAt(ctx context.Context, place spec.Place) (*api.InspectResponse, bool, error) {
	doing := fmt.Sprintf("read Container/%s on the engine at %s", place.Name, p.host)
	c, found, err := p.inspect(ctx, place.Name)
	switch {
	case err != nil || !found:
		return nil, false, p.fail(doing, err, secret.Mask{})
	case !isUpgrader(c):
		return nil, false, &spec.Failure{
			Doing:  doing,
			Reason: fmt.Sprintf("it is no upgrader, for its environment has no %s (its image is %s)", envWorkload, c.Config.Image),
			Advice: "Name the upgrader's container: the id is docker/CONTAINER, with its name or its ID. A list block of harnessdelegate_upgrader finds the upgraders of an engine, and `docker ps --filter ancestor=" +
				spec.DefaultDockerImage + "` those that run the documented image.",
		}
	default:
		return c, true, nil
	}
}

// isUpgrader tells whether a container is an upgrader, by the one variable that
// nothing else has. The image says nothing: there are several, and mirrors of
// them; nor does the name, which the engine makes up for most of them.
func isUpgrader(c *api.InspectResponse) bool { return envMap(c.Config.Env)[envWorkload] != "" }

// List implements spec.Platform. An engine has no namespaces. Containers that
// have stopped count, too; those that an interrupted replacement has left don't.
func (p *platform) List(ctx context.Context, _ string) iter.Seq2[spec.Listed, error] {
	return func(yield func(spec.Listed, error) bool) {
		all, err := p.containers(ctx, true)
		if err != nil {
			yield(spec.Listed{}, p.fail("list the containers of the engine at "+p.host, err, secret.Mask{}))
			return
		}
		for _, c := range all {
			isSpare := strings.HasSuffix(c.Name, spareName("", c.ID))
			listed := spec.Listed{Place: spec.Place{Name: c.Name}, DelegateName: envMap(c.Config.Env)[envWorkload]}
			if isUpgrader(c) && !isSpare && !yield(listed, nil) {
				return
			}
		}
	}
}
