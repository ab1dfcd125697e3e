package container

import (
	"maps"
	"slices"
	"strings"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
)

// compareLimits compares what the engine can change in place, and says where it
// can't.
func (m *comparison) compareLimits() {
	host, want, got := m.c.HostConfig, m.want.Docker, m.got.Docker

	live := cpusOf(host)
	if nanoCPUs(live) != nanoCPUs(want.CPUs) {
		got.CPUs = live
		// The engine takes zero for "don't change", and refuses a limit in one form
		// beside one in the other.
		m.differs(true, updating)
		m.differs(want.CPUs == 0 || host.NanoCPUs == 0 && host.CPUQuota > 0, replacing)
	}

	wanted := want.MemoryMB * bytesPerMB
	switch {
	case host.Memory/bytesPerMB != want.MemoryMB:
		got.MemoryMB = host.Memory / bytesPerMB
		m.differs(true, updating)
		m.differs(want.MemoryMB == 0, replacing)
	case host.Memory != wanted:
		m.drifted(updating, "the limit of memory is %d bytes", host.Memory)
	// Without swap accounting, the engine drops the limit, which shows as zero or
	// as minus one.
	case host.MemorySwap > 0 && host.MemorySwap != 2*wanted:
		m.drifted(updating, "the limit of memory and swap together is %d bytes", host.MemorySwap)
	}

	if restartText(host.RestartPolicy) != restartText(restartPolicy(want.RestartPolicy)) {
		got.RestartPolicy = restartText(host.RestartPolicy)
		m.differs(true, updating)
	}
	if host.AutoRemove {
		m.drifted(replacing, "is removed when it stops")
	}
	if host.Privileged {
		m.drifted(replacing, "runs privileged")
	}
}

// cpusOf is the limit in cores, in whichever form it was set.
func cpusOf(host *api.HostConfig) float64 {
	const usualPeriod = 100_000
	if host.NanoCPUs == 0 && host.CPUQuota > 0 {
		period := host.CPUPeriod
		if period == 0 {
			period = usualPeriod
		}
		return float64(host.CPUQuota) / float64(period)
	}
	return float64(host.NanoCPUs) / nanosPerCPU
}

func (m *comparison) compareNetwork() {
	live := string(m.c.HostConfig.NetworkMode)
	if live == m.want.Docker.Network || m.sameNetwork || isDefaultNetwork(live) && isDefaultNetwork(m.want.Docker.Network) {
		return
	}
	m.got.Docker.Network = networkArgument(live)
	m.differs(true, replacing)
}

// networkArgument is a network mode as the argument says it: the default is left
// out.
func networkArgument(mode string) string {
	if isDefaultNetwork(mode) {
		return ""
	}
	return mode
}

// compareMount looks for the socket. Where the engine repeats what it was asked
// for, that is compared rather than what it made of it: on Docker Desktop, that
// is a path in its virtual machine.
func (m *comparison) compareMount() {
	socket, found := socketMount(m.c)
	switch {
	case !found:
		m.drifted(replacing, "the mount of %s is missing", socketTarget)
		return
	case socket.Type != mount.TypeBind:
		m.drifted(replacing, "%s is a mount of type %s, not bind", socketTarget, socket.Type)
		return
	case socket.ReadOnly:
		m.drifted(replacing, "the mount of %s is read-only", socketTarget)
	}
	m.got.Docker.SocketPath = socket.Source
	m.differs(socket.Source != m.want.Docker.SocketPath, replacing)
}

// socketMount is the mount at the place of the socket.
func socketMount(c *api.InspectResponse) (mount.Mount, bool) {
	for _, bind := range c.HostConfig.Binds {
		source, rest, _ := strings.Cut(bind, ":")
		target, options, _ := strings.Cut(rest, ":")
		if target == socketTarget && strings.HasPrefix(source, "/") {
			readOnly := slices.Contains(strings.Split(options, ","), "ro")
			return mount.Mount{Type: mount.TypeBind, Source: source, Target: target, ReadOnly: readOnly}, true
		}
	}
	for _, asked := range c.HostConfig.Mounts {
		if asked.Target == socketTarget {
			return asked, true
		}
	}
	for _, made := range c.Mounts {
		if made.Destination == socketTarget {
			return mount.Mount{Type: made.Type, Source: made.Source, Target: made.Destination, ReadOnly: !made.RW}, true
		}
	}
	return mount.Mount{}, false
}

// compareLabels compares the user's labels. Those of the image, of this package
// and of the engine's own tools don't count.
func (m *comparison) compareLabels() {
	live := m.ownLabels()
	maps.Copy(live, m.composeLabels())
	m.got.Docker.Labels = kept(m.want.Docker.Labels, m.c.Config.Labels)
	m.differs(!maps.Equal(m.got.Docker.Labels, m.want.Docker.Labels), replacing)
	for _, name := range slices.Sorted(maps.Keys(live)) {
		if _, wanted := m.want.Docker.Labels[name]; !wanted {
			m.drifted(replacing, "label %s is not asked for", name)
		}
	}
}

// ownLabels are the container's without those that its image brings, and those of
// the engine's own tools.
func (m *comparison) ownLabels() map[string]string {
	own := map[string]string{}
	if !m.image.known {
		return own
	}
	for name, value := range m.c.Config.Labels {
		brought, fromImage := m.image.labels[name]
		if fromImage && brought == value || ReservedLabel(name) || strings.HasPrefix(name, "com.docker.") {
			continue
		}
		own[name] = value
	}
	return own
}

// composeLabels are those by which Compose knows a container that it has made.
// They aren't the user's to ask for, and yet a replacement takes the container
// away from Compose, which should not come as a surprise.
func (m *comparison) composeLabels() map[string]string {
	if _, ours := m.c.Config.Labels[OwnerLabel]; ours {
		return nil
	}
	labels := maps.Clone(m.c.Config.Labels)
	maps.DeleteFunc(labels, func(name, _ string) bool { return !strings.HasPrefix(name, "com.docker.compose.") })
	return labels
}

// compareLogging compares the log driver and the options that are asked for.
// Whether one was asked for once and isn't any more, our own label tells.
func (m *comparison) compareLogging() {
	live, want := m.c.HostConfig.LogConfig, m.want.Docker
	if want.LogDriver != "" {
		m.got.Docker.LogDriver = live.Type
		m.differs(live.Type != want.LogDriver, replacing)
	}
	m.got.Docker.LogOptions = kept(want.LogOptions, live.Config)
	m.differs(!maps.Equal(m.got.Docker.LogOptions, want.LogOptions), replacing)
	if _, ours := m.c.Config.Labels[OwnerLabel]; ours && m.c.Config.Labels[loggingLabel] != loggingDigest(want) {
		m.remedies[replacing] = true
	}
}
