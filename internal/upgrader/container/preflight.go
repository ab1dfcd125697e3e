package container

import (
	"context"
	"fmt"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Preflight implements spec.Platform. What somebody else may still make before
// the apply, another resource of the same configuration for instance, is no more
// than a finding: a network, a container whose network is shared, an image.
func (p *platform) Preflight(ctx context.Context, of spec.Change) ([]spec.Finding, error) {
	t := p.task(of)
	_, missing, err := t.foresee(ctx)
	if err != nil {
		return nil, err
	}
	var findings []spec.Finding
	for _, m := range missing {
		findings = append(findings, spec.Finding{
			Summary: "Missing on the Engine", Argument: m.Argument,
			Detail: fmt.Sprintf("The apply will fail unless this changes before: %s. %s", m.Reason, m.Advice),
		})
	}
	return findings, nil
}

// foresee finds out what the engine would refuse, before anything is written. It
// tells apart what is only missing so far.
func (t *task) foresee(ctx context.Context) (s survey, missing []*spec.Failure, err error) {
	if err := t.checkArguments(); err != nil {
		return s, nil, err
	}
	if s, err = t.survey(ctx); err != nil {
		return s, nil, err
	}
	if s.current != nil && !t.isOurs(s.current) {
		return s, nil, t.nameTaken(s.current)
	}
	info, err := t.info(ctx)
	if err != nil {
		return s, nil, t.fail(t.doing("check", t.want.Docker.Name), err)
	}
	if cpus := float64(info.NCPU); cpus > 0 && t.want.Docker.CPUs > cpus {
		return s, nil, t.refused("docker.cpus", fmt.Sprintf("docker.cpus is %g, and the engine's host has %g", t.want.Docker.CPUs, cpus), "Set `docker.cpus` to what the engine's host has, or less.")
	}
	if old := s.first(); old != nil {
		t.inherit(old)
		r, err := t.read(ctx, old)
		if err != nil || !r.needs[replacing] {
			return s, nil, err
		}
	}
	if err := t.needSecrets(); err != nil {
		return s, nil, err
	}
	if err := t.needLogDriver(ctx, info.Plugins.Log); err != nil {
		return s, nil, err
	}
	for _, need := range []func(context.Context) (*spec.Failure, error){t.needNetwork, t.needImage} {
		lack, err := need(ctx)
		if err != nil {
			return s, nil, t.fail(t.doing("check", t.want.Docker.Name), err)
		}
		if lack != nil {
			missing = append(missing, lack)
		}
	}
	return s, missing, nil
}

// refused is a failure that is foreseen.
func (t *task) refused(argument, reason, advice string) *spec.Failure {
	return &spec.Failure{Doing: t.doing("make", t.want.Docker.Name), Reason: reason, Advice: advice, Argument: strings.Split(argument, ".")}
}

// checkArguments refuses what could not be told from our own settings later.
func (t *task) checkArguments() error {
	for _, name := range sortedNames(t.want.Docker.Env) {
		if f, reserved := fieldOf(name); reserved {
			return t.refused("docker.env", name+" has an argument of its own, "+strings.Join(f.argument, "."), "Leave it out of `docker.env`.")
		}
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return t.refused("docker.env", fmt.Sprintf("%q is no name of a variable", name), "Check the names in `docker.env`.")
		}
	}
	for _, name := range sortedNames(t.want.Docker.Labels) {
		if ReservedLabel(name) {
			return t.refused("docker.labels", "the label "+name+" is this provider's", "Leave it out of `docker.labels`.")
		}
	}
	return nil
}

// nameTaken refuses to touch what is somebody else's.
func (t *task) nameTaken(c *api.InspectResponse) error {
	advice := fmt.Sprintf("Choose another `docker.name`, or remove that container if nobody needs it: docker rm -f %s.", quote(c.Name))
	if isUpgrader(c) {
		advice = fmt.Sprintf("If it is the upgrader that this resource is to manage, import it: terraform import ADDRESS docker/%s, or a block import { to = ADDRESS, id = \"docker/%s\" }. Otherwise choose another `docker.name`.", c.Name, c.Name)
		if slices.ContainsFunc(t.last, func(o spec.Object) bool { return o.Name == c.Name }) {
			advice = "Somebody has replaced the container that this resource manages. Remove theirs, docker rm -f " + quote(c.Name) + ", and apply again; or keep it: terraform state rm ADDRESS, and then import it as docker/" + c.Name + "."
		}
	}
	owner := ""
	if delegate, made := c.Config.Labels[OwnerLabel]; made {
		owner = fmt.Sprintf(", which this provider made for the delegate %q", delegate)
	}
	return t.refused("docker.name", fmt.Sprintf("there is a container of that name already, of the image %s, created at %s%s", c.Config.Image, c.Created, owner), advice)
}

// needSecrets refuses to make a container without what only the user knows.
func (t *task) needSecrets() error {
	switch u := t.want; {
	case u.Token == "":
		return t.refused("token", "the upgrader's token is not known", "Set `token` or `token_wo`.")
	case u.Proxy.HasPassword && u.Proxy.Password == "":
		return t.refused("proxy.password", "the proxy's password is not known", "Set `password` or `password_wo` of `proxy`.")
	case isRedacted(u.Docker.Env):
		return t.refused("docker.env", "it has the value "+secret.Redacted+", which stands for one that an import has hidden", "Write the value itself.")
	case isRedacted(u.Docker.LogOpts):
		return t.refused("docker.log_opts", "it has the value "+secret.Redacted+", which stands for one that an import has hidden", "Write the value itself.")
	default:
		return nil
	}
}

func isRedacted(texts map[string]string) bool {
	for _, value := range texts {
		if value == secret.Redacted {
			return true
		}
	}
	return false
}

// needLogDriver refuses a driver that the engine doesn't have: neither its own
// nor a plugin.
func (t *task) needLogDriver(ctx context.Context, known []string) error {
	driver := t.want.Docker.LogDriver
	if driver == "" || driver == "none" || slices.Contains(known, driver) {
		return nil
	}
	plugins, err := ask(ctx, func() (client.PluginListResult, error) { return t.engine.PluginList(ctx, client.PluginListOptions{}) })
	if err != nil {
		return t.fail(t.doing("check", t.want.Docker.Name), err)
	}
	for _, plugin := range plugins.Items {
		if plugin.Enabled && (plugin.Name == driver || plugin.Name == driver+":latest") {
			return nil
		}
	}
	return t.refused("docker.log_driver", fmt.Sprintf("the engine has no log driver %q. It has %s", driver, strings.Join(known, ", ")), "Choose one of those, or install its plugin.")
}

// needNetwork looks for the network, or for the container whose network is shared.
func (t *task) needNetwork(ctx context.Context) (*spec.Failure, error) {
	mode := t.want.Docker.NetworkMode
	other, shares := strings.CutPrefix(mode, containerNetwork)
	found, err, what := true, error(nil), "network "+mode
	switch {
	case shares:
		_, found, err = t.inspect(ctx, other)
		what = "container " + other
	case isNetworkName(mode):
		_, found, err = t.network(ctx, mode)
	}
	if err != nil || found {
		return nil, err
	}
	return t.refused("docker.network_mode", "there is no "+what+" on the engine at "+t.host, "Make it first, or check `docker.network_mode`."), nil
}

// needImage looks for an image that may not be pulled.
func (t *task) needImage(ctx context.Context) (*spec.Failure, error) {
	var err error
	if t.want.Docker.PullPolicy == spec.PullNever {
		_, err = ask(ctx, func() (client.ImageInspectResult, error) { return t.engine.ImageInspect(ctx, t.want.Image) })
	}
	if !cerrdefs.IsNotFound(err) {
		return nil, err
	}
	return t.refused("docker.pull_policy", "the engine doesn't have the image "+t.want.Image+", and `docker.pull_policy` is never",
		"Bring it there by `docker load` or `docker pull`, or let it be pulled: `docker.pull_policy = \"missing\"`."), nil
}
