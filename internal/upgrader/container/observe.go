package container

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Observe implements spec.Platform. A container that somebody has renamed is
// shown under the name that it has, as any other argument that differs is.
func (p *platform) Observe(ctx context.Context, want spec.Upgrader, last []spec.Object) (spec.Observed, error) {
	t := p.task(spec.Change{Want: want, Last: last})
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
		r, err := t.read(ctx, s.current)
		if err != nil {
			return spec.Observed{}, err
		}
		seen.Upgrader, seen.Drift = r.shown(), r.drift
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

// reading is a container, read as an upgrader.
type reading struct {
	*api.InspectResponse

	want spec.Upgrader
	// had is what was configured last.
	had spec.Docker
	// env are the container's variables, and extra those of them that no argument
	// of its own sets.
	env, extra map[string]string
	image      imageFacts
	// usualDriver is the engine's log driver where none is asked for.
	usualDriver string
	// sameNetwork tells that the wanted network is the container's.
	sameNetwork bool
	hidden      secret.Mask

	// got is the upgrader: every argument as the container has it.
	got spec.Upgrader
	// drift says in words what no argument tells.
	drift []string
	// needs are the changes that make the container what is wanted.
	needs map[change]bool
}

// read reads a container, and what else of the engine says what it means.
func (t *task) read(ctx context.Context, c *api.InspectResponse) (*reading, error) {
	doing := t.doing("read", c.Name)
	image, err := t.imageOf(ctx, c)
	if err != nil {
		return nil, t.fail(doing, err)
	}
	info, err := t.info(ctx)
	if err != nil {
		return nil, t.fail(doing, err)
	}
	same, err := t.sameNetwork(ctx, t.want.Docker.NetworkMode, string(c.HostConfig.NetworkMode))
	if err != nil {
		return nil, t.fail(doing, err)
	}
	r := &reading{InspectResponse: c, want: t.want, image: image, usualDriver: info.LoggingDriver, sameNetwork: same, hidden: t.hidden}
	if t.prior != nil && t.prior.Docker != nil {
		r.had = *t.prior.Docker
	}
	r.compare()
	return r, nil
}

// compare goes through all arguments, and then looks for what none of them tells.
func (r *reading) compare() {
	r.env, r.extra, r.needs = envMap(r.Config.Env), map[string]string{}, map[change]bool{}
	for name, value := range r.env {
		if _, reserved := fieldOf(name); !reserved {
			r.extra[name] = value
		}
	}
	block := *r.want.Docker
	r.got = r.want
	r.got.Docker = &block
	for _, f := range fields {
		f.read(r)
	}
	r.lookForDrift()
}

func (r *reading) drifted(needed change, format string, args ...any) {
	r.needs[needed] = true
	r.drift = append(r.drift, r.hidden.Hide(fmt.Sprintf("%s: %s", objectOf(r.InspectResponse), fmt.Sprintf(format, args...))))
}

// shown is the upgrader without what others have put into plain maps and looks
// like a secret.
func (r *reading) shown() spec.Upgrader {
	u, block := r.got, *r.got.Docker
	block.Env, block.LogOpts = redacted(block.Env, r.want.Docker.Env), redacted(block.LogOpts, r.want.Docker.LogOpts)
	u.Docker = &block
	return u
}

// redacted keeps the values that look like secrets out of a map, unless they are
// those that the user has written there.
func redacted(live, want map[string]string) map[string]string {
	shown := maps.Clone(live)
	for name, value := range live {
		if value != want[name] && looksSecret(name, value) {
			shown[name] = secret.Redacted
		}
	}
	return shown
}

var (
	secretNames = regexp.MustCompile(`(?i)token|secret|passw|passphrase|(api|access|private)[-_]?key`)
	userInfo    = regexp.MustCompile(`://[^/@\s]+:[^/@\s]+@`)
)

// looksSecret tells whether a variable or option holds a secret, by its name, or
// because it is an address with a password.
func looksSecret(name, value string) bool {
	return value != "" && (secretNames.MatchString(name) || userInfo.MatchString(value))
}

// envMap reads what the engine gives. Where a name is there twice, the last one
// counts; a name without a value takes the image's variable away.
func envMap(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		if name, value, set := strings.Cut(entry, "="); set {
			env[name] = value
		} else {
			delete(env, name)
		}
	}
	return env
}

// brought tells whether a variable or label is as the image has it.
func brought(image map[string]string, name, value string) bool {
	fromImage, has := image[name]
	return has && fromImage == value
}

// ownVariables are the variables that no argument of its own sets, without what
// the image brings. If the image is gone, they can't be told apart, and only
// those count that are wanted.
func (r *reading) ownVariables() map[string]string {
	own := map[string]string{}
	for name, value := range r.extra {
		_, wanted := r.want.Docker.Env[name]
		if wanted || r.image.known && !brought(r.image.env, name, value) && !isRuntimeVariable(name) {
			own[name] = value
		}
	}
	return own
}

// isRuntimeVariable tells whether an engine sets a variable itself.
func isRuntimeVariable(name string) bool {
	return name == "PATH" || name == "HOME" || name == "HOSTNAME" || name == "TERM"
}

// ownLabels are the labels that are configured, or were so last. All others are
// somebody else's: the image's, Compose's.
func (r *reading) ownLabels() map[string]string {
	own := maps.Clone(r.Config.Labels)
	maps.DeleteFunc(own, func(name, value string) bool {
		_, wanted := r.want.Docker.Labels[name]
		_, had := r.had.Labels[name]
		return !wanted && (!had || brought(r.image.labels, name, value))
	})
	return own
}

// logDriver is null where it is the engine's usual one, unless that is wanted.
func (r *reading) logDriver() string {
	driver := r.HostConfig.LogConfig.Type
	if driver == r.usualDriver && r.want.Docker.LogDriver == "" {
		return ""
	}
	return driver
}

// logOptions are all options, but for the usual driver: the engine adds those of
// its own configuration, and doesn't tell which. Then they are those that are
// configured or were so last, and those that our own label names.
func (r *reading) logOptions() map[string]string {
	options := maps.Clone(r.HostConfig.LogConfig.Config)
	if r.HostConfig.LogConfig.Type == r.usualDriver {
		asked := strings.Split(r.Config.Labels[loggingLabel], ",")
		maps.DeleteFunc(options, func(name, _ string) bool {
			_, wanted := r.want.Docker.LogOpts[name]
			_, had := r.had.LogOpts[name]
			return !wanted && !had && !slices.Contains(asked, name)
		})
	}
	return options
}

// containerNetwork begins the network mode that shares another container's
// network.
const containerNetwork = "container:"

// isDefaultNetwork tells whether a network mode is the engine's default bridge,
// which engines call by different names: asked for nothing, old ones answer
// "default" and new ones "bridge".
func isDefaultNetwork(mode string) bool {
	return mode == "" || mode == "default" || mode == "bridge"
}

// isNetworkName tells whether a network mode is the name or ID of a network that
// somebody made.
func isNetworkName(mode string) bool {
	return !isDefaultNetwork(mode) && mode != "host" && mode != "none" && !strings.HasPrefix(mode, containerNetwork)
}

// networkMode is null for the default.
func (r *reading) networkMode() string {
	mode := string(r.HostConfig.NetworkMode)
	switch {
	case r.sameNetwork:
		return r.want.Docker.NetworkMode
	case isDefaultNetwork(mode):
		return ""
	default:
		return mode
	}
}

// sameNetwork tells whether a container's network mode is the wanted one in
// another spelling: a network has a name and an ID, and so has a container.
func (p *platform) sameNetwork(ctx context.Context, want, live string) (bool, error) {
	wanted, sharesWanted := strings.CutPrefix(want, containerNetwork)
	shared, sharesLive := strings.CutPrefix(live, containerNetwork)
	switch {
	case live == want, isDefaultNetwork(live) && isDefaultNetwork(want):
		return true, nil
	case sharesWanted && sharesLive:
		other, found, err := p.inspect(ctx, wanted)
		return found && (other.Name == shared || other.ID == shared), err
	case isNetworkName(want) && isNetworkName(live):
		network, found, err := p.network(ctx, want)
		return found && (network.Network.Name == live || network.Network.ID == live), err
	default:
		return false, nil
	}
}

// network looks a network up, and reports false if there is none.
func (p *platform) network(ctx context.Context, ref string) (client.NetworkInspectResult, bool, error) {
	result, err := ask(ctx, func() (client.NetworkInspectResult, error) {
		return p.engine.NetworkInspect(ctx, ref, client.NetworkInspectOptions{})
	})
	if cerrdefs.IsNotFound(err) {
		return result, false, nil
	}
	return result, err == nil, err
}
