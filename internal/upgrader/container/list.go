package container

import (
	"context"
	"iter"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// List implements spec.Platform. An engine has no namespaces. Containers that
// have stopped count, too.
func (p *platform) List(ctx context.Context, _ string) iter.Seq2[spec.Listed, error] {
	doing := "list the containers of the engine at " + p.host
	return func(yield func(spec.Listed, error) bool) {
		all, err := p.list(ctx, true)
		if err != nil {
			yield(spec.Listed{}, p.fail(doing, err, secret.Mask{}))
			return
		}
		for _, one := range all {
			c, found, err := p.inspect(ctx, one.ID)
			if err != nil {
				yield(spec.Listed{}, p.fail(doing, err, secret.Mask{}))
				return
			}
			if !found { // removed since
				continue
			}
			env := envMap(c.Config.Env)
			if listed := (spec.Listed{Place: spec.Place{Name: c.Name}, DelegateName: env[envWorkload]}); documented(env) && !yield(listed, nil) {
				return
			}
		}
	}
}

// documented tells whether an environment is an upgrader's, as its documentation
// has it. The image says nothing: there are several, and mirrors of them.
func documented(env map[string]string) bool {
	for _, name := range []string{envWorkload, envAccount, envManager, envToken} {
		if env[name] == "" {
			return false
		}
	}
	return true
}
