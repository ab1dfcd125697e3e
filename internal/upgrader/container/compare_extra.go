package container

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/network"
)

// Whoever made a container by hand may have given it more than an upgrader has
// arguments for. A replacement drops that, and so it is told beforehand.

// compareExtraMounts looks for mounts besides the socket's. It goes by what was
// asked for: what the engine makes of it besides are the anonymous volumes of the
// image, which the next container gets again.
func (m *comparison) compareExtraMounts() {
	host, targets := m.c.HostConfig, map[string]bool{}
	for _, bind := range host.Binds {
		// The target alone asks for an anonymous volume.
		source, rest, isPair := strings.Cut(bind, ":")
		target, _, _ := strings.Cut(rest, ":")
		if !isPair {
			target = source
		}
		targets[path.Clean(target)] = true
	}
	for _, asked := range host.Mounts {
		targets[path.Clean(asked.Target)] = true
	}
	for target := range host.Tmpfs {
		targets[path.Clean(target)] = true
	}
	for target := range m.c.Config.Volumes {
		if _, fromImage := m.image.volumes[target]; !fromImage && m.image.known {
			targets[path.Clean(target)] = true
		}
	}
	delete(targets, socketTarget)
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		m.drifted(replacing, "a mount at %s is not asked for", target)
	}
	for _, from := range host.VolumesFrom {
		m.drifted(replacing, "the volumes of the container %s are not asked for", from)
	}
}

// compareExtraNetworks looks for networks besides the one that the container was
// made with, which has an argument.
func (m *comparison) compareExtraNetworks() {
	networks := m.c.NetworkSettings.Networks
	for _, name := range slices.Sorted(maps.Keys(networks)) {
		if !isNetwork(string(m.c.HostConfig.NetworkMode), name, networks[name]) && !isNetwork(m.want.Docker.Network, name, networks[name]) {
			m.drifted(replacing, "a connection to the network %s is not asked for", name)
		}
	}
}

// isNetwork tells whether a network mode, which may be an ID or the beginning of
// one, is the network of that name.
func isNetwork(mode, name string, endpoint *network.EndpointSettings) bool {
	if mode == name || isDefaultNetwork(mode) && isDefaultNetwork(name) {
		return true
	}
	return isNetworkName(mode) && endpoint != nil && strings.HasPrefix(endpoint.NetworkID, mode)
}
