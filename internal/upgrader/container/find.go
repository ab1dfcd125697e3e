package container

import (
	"context"
	"fmt"
	"strings"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Find implements spec.Platform.
func (p *platform) Find(ctx context.Context, place spec.Place) (spec.Upgrader, bool, error) {
	doing := fmt.Sprintf("read Container/%s on the engine at %s", place.Name, p.host)
	c, found, err := p.inspect(ctx, place.Name)
	if err != nil || !found {
		return spec.Upgrader{}, false, p.fail(doing, err, secret.Mask{})
	}
	if _, isUpgrader := envMap(c.Config.Env)[envWorkload]; !isUpgrader {
		return spec.Upgrader{}, false, &spec.Failure{
			Doing:  doing,
			Reason: fmt.Sprintf("it is no upgrader, for its environment has no %s (its image is %s)", envWorkload, c.Config.Image),
			Advice: "Name the upgrader's container. `docker ps --filter ancestor=" + spec.DefaultDockerImage + "` lists those that run the official image.",
		}
	}
	image, err := p.imageOf(ctx, c)
	if err != nil {
		return spec.Upgrader{}, false, p.fail(doing, err, secret.Mask{})
	}
	info, err := read(ctx, func() (client.SystemInfoResult, error) { return p.engine.Info(ctx, client.InfoOptions{}) })
	if err != nil {
		return spec.Upgrader{}, false, p.fail(doing, err, secret.Mask{})
	}
	return parse(c, image, info.Info.LoggingDriver), true, nil
}

// parse reads all of an upgrader's arguments from its container. It is the
// comparison with an upgrader that wants nothing in particular.
func parse(c *api.InspectResponse, image imageFacts, usualDriver string) spec.Upgrader {
	token, password, _, passwordField := secrets(c)
	env := envMap(c.Config.Env)
	m := compare(spec.Upgrader{
		Schedule:    spec.DefaultSchedule,
		AutoUpgrade: true,
		Token:       token,
		Proxy: spec.Proxy{
			Scheme: env[envProxyScheme], Host: env[envProxyHost], Port: env[envProxyPort], User: env[envProxyUser],
			Password: password, HasPassword: passwordField != "",
		},
		Docker: &spec.Docker{
			SocketPath: spec.DefaultSocketPath, StopTimeout: spec.DefaultStopTimeout, PullPolicy: spec.DefaultPullPolicy,
			RestartPolicy: restartText(c.HostConfig.RestartPolicy),
		},
	}, c, image, false)
	u := m.got
	u.ManagerEndpoint = strings.TrimSuffix(u.ManagerEndpoint, "/")
	u.Docker.Name = c.Name
	u.Docker.Labels = nonEmpty(m.ownLabels())
	extra := m.ownVariables()
	for name := range extra {
		if ReservedVariable(name) {
			delete(extra, name)
		}
	}
	u.Docker.Env = nonEmpty(extra)
	// The engine gives its usual driver the options of its own configuration, and
	// doesn't tell which ones these are.
	if logging := c.HostConfig.LogConfig; logging.Type != usualDriver {
		u.Docker.LogDriver, u.Docker.LogOptions = logging.Type, nonEmpty(logging.Config)
	}
	return u
}

// nonEmpty is nil for an empty map: an argument that isn't set.
func nonEmpty(values map[string]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	return values
}
