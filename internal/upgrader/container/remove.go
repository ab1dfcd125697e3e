package container

import (
	"context"
	"errors"
	"slices"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Delete implements spec.Platform. The delegate's containers are none of it.
func (p *platform) Delete(ctx context.Context, have spec.Upgrader, last, keep []spec.Object) (spec.Applied, error) {
	t := p.task(spec.Change{Want: have, Last: last})
	t.keep = keep
	err := t.delete(ctx)
	return t.applied(ctx, err), err
}

func (t *task) delete(ctx context.Context) error {
	s, err := t.survey(ctx)
	if err != nil {
		return err
	}
	var doomed []*api.InspectResponse
	if s.current != nil {
		if t.isOurs(s.current) {
			doomed = append(doomed, s.current)
		} else {
			t.leave("%s was left, for it is another container by now: of the image %s, created at %s",
				objectOf(s.current), s.current.Config.Image, s.current.Created)
		}
	}
	var failures []error
	for _, c := range slices.Concat(doomed, s.spares, s.others) {
		if err := t.remove(ctx, c.ID); err != nil {
			t.leave("%s is still there", objectOf(c))
			failures = append(failures, t.fail(t.doing("remove", c.Name), err))
			continue
		}
		t.did("removed %s", objectOf(c))
	}
	if len(failures) == 0 {
		return nil
	}
	// One reason is enough: they are all about the same engine.
	var failure *spec.Failure
	_ = errors.As(failures[0], &failure)
	return failure
}
