package container

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// task is one operation on one upgrader.
type task struct {
	*platform
	want spec.Upgrader
	// prior is the upgrader as the state has it, if there is one.
	prior *spec.Upgrader
	last  []spec.Object
	// keep are of another upgrader by now, and so no concern of this operation.
	keep []spec.Object
	// hidden are the secrets that no text of this operation shows.
	hidden secret.Mask
	// done and left tell what was done, and what was not.
	done, left []string
}

func (p *platform) task(of spec.Change) *task {
	return &task{platform: p, want: of.Want, prior: of.Prior, last: of.Last, hidden: hide(secret.Mask{}, of.Want)}
}

// hide masks the secrets of an upgrader, too.
func hide(mask secret.Mask, u spec.Upgrader) secret.Mask {
	mask = mask.With(u.Token, u.Proxy.Password)
	for _, texts := range []map[string]string{u.Docker.Env, u.Docker.LogOpts} {
		for name, value := range texts {
			if looksSecret(name, value) {
				mask = mask.With(secret.Text(value))
			}
		}
	}
	return mask
}

// hideLive masks the secrets of a container, too.
func (t *task) hideLive(c *api.InspectResponse) {
	token, password, _, _ := secrets(c)
	t.hidden = hide(t.hidden, spec.Upgrader{
		Token: token, Proxy: spec.Proxy{Password: password},
		Docker: &spec.Docker{Env: envMap(c.Config.Env), LogOpts: c.HostConfig.LogConfig.Config},
	})
}

// fail says in a user's words why something could not be done.
func (t *task) fail(doing string, err error) error { return t.platform.fail(doing, err, t.hidden) }

// doing names an action on a container of the engine.
func (t *task) doing(verb, name string) string {
	return fmt.Sprintf("%s Container/%s on the engine at %s", verb, name, t.host)
}

func (t *task) did(format string, args ...any) { t.done = append(t.done, fmt.Sprintf(format, args...)) }

func (t *task) leave(format string, args ...any) {
	t.left = append(t.left, fmt.Sprintf(format, args...))
}

// why is the reason of an error for what is left.
func (t *task) why(err error) string { return t.hidden.Hide(reason(err)) }

// goBackTime bounds what is done after a failure or a cancellation to put things
// right again.
const goBackTime = 30 * time.Second

// detached is a context for putting things right after ctx has ended.
func (p *platform) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), goBackTime+p.stop)
}

// survey is the containers that concern an upgrader.
type survey struct {
	// current has the wanted name; nil if none has.
	current *api.InspectResponse
	// spares are left over from interrupted replacements, the best one first.
	spares []*api.InspectResponse
	// others are of the last apply and have another name.
	others []*api.InspectResponse
}

const (
	spareInfix = "-replaced-"
	shortID    = 12
)

// spareName is the name of a container that is being replaced. That it holds the
// container's own ID tells it from a name that somebody has made up.
func spareName(name, id string) string { return name + spareInfix + id[:min(shortID, len(id))] }

// survey looks for the containers that concern the upgrader.
func (t *task) survey(ctx context.Context) (survey, error) {
	doing := t.doing("look for", t.want.Docker.Name)
	list, err := t.list(ctx, true)
	if err != nil {
		return survey{}, t.fail(doing, err)
	}
	var s survey
	for _, item := range list {
		if holds(t.keep, item.ID) {
			continue
		}
		name := nameOf(item)
		base, isSpare := strings.CutSuffix(name, spareInfix+item.ID[:min(shortID, len(item.ID))])
		ofLast := t.isOfLast(item.ID)
		isSpare = isSpare && (base == t.want.Docker.Name || ofLast)
		if name != t.want.Docker.Name && !isSpare && !ofLast {
			continue
		}
		c, found, err := t.inspect(ctx, item.ID)
		switch {
		case err != nil:
			return survey{}, t.fail(doing, err)
		case !found || status(c.State) == api.StateRemoving:
			continue // gone, or about to be
		case name == t.want.Docker.Name:
			s.current = c
		case isSpare:
			s.spares = append(s.spares, c)
		default:
			s.others = append(s.others, c)
		}
		t.hideLive(c)
	}
	// One that runs is better than one that doesn't, and a new one better than an
	// old one.
	slices.SortFunc(s.spares, func(a, b *api.InspectResponse) int {
		if a.State.Running != b.State.Running {
			if a.State.Running {
				return -1
			}
			return 1
		}
		return strings.Compare(b.Created, a.Created)
	})
	return s, nil
}

// first is the container that an apply starts from, if there is one.
func (s survey) first() *api.InspectResponse {
	for _, c := range slices.Concat([]*api.InspectResponse{s.current}, s.spares, s.others) {
		if c != nil {
			return c
		}
	}
	return nil
}

// nameOf is the container's own name. Links give it others, which have a second
// slash.
func nameOf(item api.Summary) string {
	for _, name := range item.Names {
		if name = strings.TrimPrefix(name, "/"); !strings.Contains(name, "/") {
			return name
		}
	}
	return ""
}

func (t *task) isOfLast(id string) bool { return holds(t.last, id) }

// holds tells whether a container is among the objects.
func holds(objects []spec.Object, id string) bool {
	return slices.ContainsFunc(objects, func(o spec.Object) bool { return o.Kind == objectKind && o.ID == id })
}

// isOurs tells whether a container with the wanted name may be changed: it is of
// the last apply, or was made here for the same delegate.
func (t *task) isOurs(c *api.InspectResponse) bool {
	return t.isOfLast(c.ID) || c.Config.Labels[OwnerLabel] == t.want.DelegateName
}

// objects are those of a survey.
func (s survey) objects() []spec.Object {
	var list []spec.Object
	if s.current != nil {
		list = append(list, objectOf(s.current))
	}
	for _, c := range slices.Concat(s.spares, s.others) {
		list = append(list, objectOf(c))
	}
	return list
}
