package container

import (
	"context"
	"fmt"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Observe implements spec.Platform. A container that somebody has renamed is
// shown under the name that it has, as any other argument that differs is.
func (p *platform) Observe(ctx context.Context, want spec.Upgrader, last []spec.Object) (spec.Observed, error) {
	t := p.task(want, last)
	s, err := t.survey(ctx)
	if err != nil {
		return spec.Observed{}, err
	}
	seen := spec.Observed{Upgrader: want}
	if s.current == nil && len(s.spares) == 0 && len(s.others) > 0 {
		// It is the one that an apply would give its name back.
		s.current, s.others = s.others[0], s.others[1:]
	}
	if s.current != nil {
		m, err := t.compare(ctx, s.current)
		if err != nil {
			return spec.Observed{}, err
		}
		seen.Upgrader, seen.Drift = m.got, m.drift
		seen.Upgrader.Docker.Name = s.current.Name
		seen.Objects = append(seen.Objects, objectOf(s.current))
		seen.Made = s.current.Config.Labels[OwnerLabel] == want.DelegateName
		seen.Token, seen.ProxyPassword, seen.TokenField, seen.ProxyPasswordField = secrets(s.current)
	} else if len(s.spares) > 0 {
		seen.Drift = append(seen.Drift, Object(want).String()+": is missing")
	}
	for _, spare := range s.spares {
		seen.Objects = append(seen.Objects, objectOf(spare))
		seen.Drift = append(seen.Drift, objectOf(spare).String()+": left over from an interrupted replacement")
	}
	for _, other := range s.others {
		seen.Objects = append(seen.Objects, objectOf(other))
		seen.Drift = append(seen.Drift, objectOf(other).String()+" is left over")
	}
	return seen, nil
}

// compare reads what else it takes to compare a container with what is wanted.
func (t *task) compare(ctx context.Context, c *api.InspectResponse) (*comparison, error) {
	doing := t.doing("compare", c.Name)
	image, err := t.imageOf(ctx, c)
	if err != nil {
		return nil, t.fail(doing, err, t.hidden)
	}
	same, err := t.sameNetwork(ctx, t.want.Docker.Network, c)
	if err != nil {
		return nil, t.fail(doing, err, t.hidden)
	}
	return compare(t.want, c, image, same), nil
}

// secrets are those that a container's environment holds, and where.
func secrets(c *api.InspectResponse) (token, password secret.Text, tokenField, passwordField string) {
	env := envMap(c.Config.Env)
	field := func(name string) (secret.Text, string) {
		value, set := env[name]
		if !set {
			return "", ""
		}
		return secret.Text(value), fmt.Sprintf("%s: environment variable %s", objectOf(c), name)
	}
	token, tokenField = field(envToken)
	password, passwordField = field(envProxyPassword)
	return token, password, tokenField, passwordField
}
