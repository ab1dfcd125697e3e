package container

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
)

// lookForDrift says what no argument tells. Its words stay the same from one
// refresh to the next as long as nothing happens.
func (r *reading) lookForDrift() {
	r.lookAtState()
	for _, what := range hindrances(r.InspectResponse, r.image) {
		r.drifted(replacing, "%s", what)
	}
	r.lookAtMemory()
	if r.HostConfig.AutoRemove {
		r.drifted(replacing, "is removed when it stops")
	}
	if r.HostConfig.Privileged {
		r.drifted(replacing, "runs privileged")
	}
	r.lookAtNetworks()
}

// lookAtState says what keeps the upgrader from running.
func (r *reading) lookAtState() {
	state := r.State
	switch status(state) {
	case api.StateRunning:
		if state.Running && len(r.NetworkSettings.Networks) == 0 && hasNetwork(r.HostConfig.NetworkMode) {
			r.drifted(replacing, "is connected to no network")
		}
	case api.StatePaused:
		r.drifted(starting, "is paused")
	case api.StateRestarting:
		// The engine is at it already. If it doesn't succeed, then what to change
		// is told by the container's log, which only an apply reads.
		r.drifted(starting, "is restarting, having %s", ended(state, false))
	case api.StateCreated:
		r.drifted(starting, "was never started")
	case api.StateDead, api.StateRemoving:
		r.drifted(replacing, "is being removed")
	default:
		r.drifted(starting, "is not running (%s)", ended(state, true))
	}
}

// status is the state in one word. Old engines call a container that is both
// running and restarting by either.
func status(state *api.State) api.ContainerState {
	switch {
	case state.Dead:
		return api.StateDead
	case state.Restarting:
		return api.StateRestarting
	case state.Paused:
		return api.StatePaused
	case state.Running:
		return api.StateRunning
	default:
		return state.Status
	}
}

// ended says how the container's program has ended, and if wanted when.
func ended(state *api.State, when bool) string {
	text := fmt.Sprintf("exited with code %d", state.ExitCode)
	if when {
		text += " at " + state.FinishedAt
	}
	if state.OOMKilled {
		text += ", out of memory"
	}
	if state.Error != "" {
		text += ": " + state.Error
	}
	return text
}

// hindrances are what keeps a container that runs from doing what an upgrader
// does.
func hindrances(c *api.InspectResponse, image imageFacts) []string {
	var found []string
	add := func(is bool, format string, args ...any) {
		if is {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	if image.known {
		add(!slices.Equal(c.Config.Entrypoint, image.entrypoint), "has another entrypoint than its image")
		add(!slices.Equal(c.Config.Cmd, image.cmd), "has another command than its image")
		add(userOf(c.Config.User) != userOf(image.user), "runs as the user %q instead of its image's, %q", c.Config.User, image.user)
		add(path.Join("/", c.Config.WorkingDir) != path.Join("/", image.workingDir), "runs in the folder %q instead of its image's, %q", c.Config.WorkingDir, image.workingDir)
	}
	socket, mounted := socketMount(c)
	add(!mounted, "the mount of %s is missing", socketTarget)
	add(mounted && socket.Type != mount.TypeBind, "%s is a mount of type %s, not bind", socketTarget, socket.Type)
	add(mounted && socket.Type == mount.TypeBind && socket.ReadOnly, "the mount of %s is read-only", socketTarget)
	return found
}

// userOf is a user by one of its names: root has several.
func userOf(user string) string {
	if user == "" || user == "root" || user == "0:0" || user == "root:root" {
		return "0"
	}
	return user
}

// socketPath is what is mounted at the place of the socket. Anything but a bind
// is drift.
func (r *reading) socketPath() string {
	if socket, found := socketMount(r.InspectResponse); found && socket.Type == mount.TypeBind {
		return socket.Source
	}
	return r.want.Docker.SocketPath
}

// socketMount is the mount at the place of the socket. Where the engine repeats
// what it was asked for, that counts rather than what it made of it: on Docker
// Desktop, that is a path in its virtual machine.
func socketMount(c *api.InspectResponse) (mount.Mount, bool) {
	for _, bind := range c.HostConfig.Binds {
		if source, rest, _ := strings.Cut(bind, ":"); bindTarget(bind) == socketTarget && strings.HasPrefix(source, "/") && rest != "" {
			_, options, _ := strings.Cut(rest, ":")
			return mount.Mount{Type: mount.TypeBind, Source: source, ReadOnly: slices.Contains(strings.Split(options, ","), "ro")}, true
		}
	}
	for _, asked := range c.HostConfig.Mounts {
		if path.Clean(asked.Target) == socketTarget {
			return asked, true
		}
	}
	if _, there := c.HostConfig.Tmpfs[socketTarget]; there {
		return mount.Mount{Type: mount.TypeTmpfs}, true
	}
	for _, made := range c.Mounts {
		if made.Destination == socketTarget {
			return mount.Mount{Type: made.Type, Source: made.Source, ReadOnly: !made.RW}, true
		}
	}
	return mount.Mount{}, false
}

// lookAtMemory tells what is lost in megabytes, and the limit of swap.
func (r *reading) lookAtMemory() {
	host := r.HostConfig
	switch wanted := r.want.Docker.Memory * bytesPerMB; {
	case host.Memory/bytesPerMB != r.want.Docker.Memory:
	case host.Memory != wanted:
		r.drifted(updating, "the limit of memory is %d bytes", host.Memory)
	// Without swap accounting, the engine drops the limit, which shows as zero or
	// as minus one.
	case host.MemorySwap > 0 && host.MemorySwap != 2*wanted:
		r.drifted(updating, "the limit of memory and swap together is %d bytes", host.MemorySwap)
	}
}

// lookAtNetworks looks for networks besides the one that the container was made
// with. A replacement has no more than one from the start, on any engine.
func (r *reading) lookAtNetworks() {
	networks := r.NetworkSettings.Networks
	for _, name := range slices.Sorted(maps.Keys(networks)) {
		if !isNetwork(string(r.HostConfig.NetworkMode), name, networks[name]) && !isNetwork(r.want.Docker.NetworkMode, name, networks[name]) {
			r.drifted(replacing, "a connection to the network %s is not asked for", name)
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
