package container

import (
	"maps"
	"strings"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Labels of the containers that this package makes.
const (
	// OwnerLabel marks a container as made here. Its value is the delegate's
	// name.
	OwnerLabel = "io.github.harnessdelegate.upgrader"
	// loggingLabel names the options of the log driver that were asked for. The
	// engine adds those of its own configuration, and afterwards they can't be told
	// from each other.
	loggingLabel = OwnerLabel + ".logging"
)

// ReservedLabel tells whether a label is one that this package sets itself.
func ReservedLabel(name string) bool {
	return name == OwnerLabel || strings.HasPrefix(name, OwnerLabel+".")
}

// objectKind is the kind of the objects that upgraders on Docker consist of.
const objectKind = "Container"

// Object is the one object of an upgrader on Docker, as far as it is known
// before it exists.
func Object(u spec.Upgrader) spec.Object { return spec.Object{Kind: objectKind, Name: u.Docker.Name} }

// objectOf is a container as the specification's object.
func objectOf(c *api.InspectResponse) spec.Object {
	return spec.Object{Kind: objectKind, Name: c.Name, ID: c.ID}
}

// request is the container that is wanted. Where it replaces another one, it has
// what others have set on that one and no argument is about.
func request(u spec.Upgrader, old *reading) client.ContainerCreateOptions {
	o := client.ContainerCreateOptions{Config: &api.Config{Labels: map[string]string{}}, HostConfig: &api.HostConfig{}}
	if old != nil {
		o.Config, o.HostConfig = old.othersConfig(), old.othersHostConfig()
	}
	for _, f := range fields {
		f.write(u, &o)
	}
	o.Config.Labels[OwnerLabel] = u.DelegateName
	return o
}

// othersConfig is what others have set on a container, without what its image
// brings.
func (r *reading) othersConfig() *api.Config {
	c := r.Config
	config := &api.Config{
		Labels: r.othersLabels(), Domainname: c.Domainname, StopTimeout: c.StopTimeout,
		Tty: c.Tty, OpenStdin: c.OpenStdin, Volumes: maps.Clone(c.Volumes),
	}
	if c.StopSignal != r.image.stopSignal {
		config.StopSignal = c.StopSignal
	}
	maps.DeleteFunc(config.Volumes, func(target string, _ struct{}) bool {
		_, fromImage := r.image.volumes[target]
		return fromImage
	})
	// A container without a network of its own has the host name of another one.
	wanted := api.NetworkMode(r.want.Docker.NetworkMode)
	if hasNetwork(r.HostConfig.NetworkMode) && hasNetwork(wanted) && c.Hostname != r.ID[:min(shortID, len(r.ID))] {
		config.Hostname = c.Hostname
	}
	return config
}

// othersHostConfig leaves out what is drift.
func (r *reading) othersHostConfig() *api.HostConfig {
	host := *r.HostConfig
	host.AutoRemove, host.ContainerIDFile = false, ""
	if host.Privileged {
		host.Privileged, host.SecurityOpt, host.MaskedPaths, host.ReadonlyPaths = false, nil, nil, nil
	}
	host.LogConfig = api.LogConfig{}
	if driver := r.want.Docker.LogDriver; r.HostConfig.LogConfig.Type == r.usualDriver && (driver == "" || driver == r.usualDriver) {
		host.LogConfig.Config = without(r.HostConfig.LogConfig.Config, r.logOptions())
	}
	return &host
}

// othersLabels are the labels that nobody has configured here.
func (r *reading) othersLabels() map[string]string {
	labels := without(r.Config.Labels, r.ownLabels())
	maps.DeleteFunc(labels, func(name, value string) bool { return ReservedLabel(name) || brought(r.image.labels, name, value) })
	return labels
}

// without leaves out the names of others.
func without(texts, others map[string]string) map[string]string {
	rest := maps.Clone(texts)
	maps.DeleteFunc(rest, func(name, _ string) bool { _, found := others[name]; return found })
	return rest
}

// hasNetwork tells whether a container with this mode is connected to a network
// of its own.
func hasNetwork(mode api.NetworkMode) bool {
	return !mode.IsNone() && !mode.IsHost() && !mode.IsContainer()
}
