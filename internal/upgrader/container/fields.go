package container

import (
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Environment variables of the upgrader, from its documentation.
const (
	envAccount       = "ACCOUNT_ID"
	envManager       = "MANAGER_HOST_AND_PORT"
	envWorkload      = "UPGRADER_WORKLOAD_NAME"
	envToken         = "UPGRADER_TOKEN"
	envSchedule      = "SCHEDULE"
	envDisable       = "DISABLE_AUTO_UPGRADE"
	envProxyPassword = "PROXY_PASSWORD"
)

// socketTarget is where the upgrader looks for the engine.
const socketTarget = "/var/run/docker.sock"

// fields are the arguments of an upgrader on Docker, one row for each, in the
// order in which the documentation has the variables. The rows are all that this
// package knows of a single argument.
var fields = []field{
	variable("account_id", envAccount, func(u *spec.Upgrader) *string { return &u.AccountID }, form[string]{required: true}),
	variable("manager_endpoint", envManager, func(u *spec.Upgrader) *string { return &u.ManagerEndpoint }, form[string]{required: true, same: sameAddress}),
	variable("delegate_name", envWorkload, func(u *spec.Upgrader) *string { return &u.DelegateName }, form[string]{required: true}),
	secretVariable("token", envToken, func(u *spec.Upgrader) *secret.Text { return &u.Token }, always, secret.SameToken),
	variable("schedule", envSchedule, func(u *spec.Upgrader) *string { return &u.Schedule }, form[string]{absent: spec.DefaultSchedule, same: SameSchedule}),
	variable("docker.container_stop_timeout", "CONTAINER_STOP_TIMEOUT", func(u *spec.Upgrader) *int64 { return &u.Docker.ContainerStopTimeout },
		form[int64]{absent: spec.DefaultStopTimeout, text: wholeText, parse: wholeNumber, is: "a whole number"}),
	variable("auto_upgrade", envDisable, func(u *spec.Upgrader) *bool { return &u.AutoUpgrade },
		form[bool]{absent: true, text: func(on bool) string { return strconv.FormatBool(!on) }, parse: upgradesUnless, is: "true or false"}),
	variable("proxy.scheme", "PROXY_SCHEME", func(u *spec.Upgrader) *string { return &u.Proxy.Scheme }, form[string]{}),
	variable("proxy.host", "PROXY_HOST", func(u *spec.Upgrader) *string { return &u.Proxy.Host }, form[string]{}),
	variable("proxy.port", "PROXY_PORT", func(u *spec.Upgrader) **int64 { return &u.Proxy.Port },
		form[*int64]{text: portText, parse: portNumber, same: samePort, is: "a whole number"}),
	variable("proxy.user", "PROXY_USER", func(u *spec.Upgrader) *string { return &u.Proxy.User }, form[string]{}),
	secretVariable("proxy.password", envProxyPassword, func(u *spec.Upgrader) *secret.Text { return &u.Proxy.Password }, hasPassword,
		func(a, b secret.Text) bool { return a == b }),

	row("docker.env", func(u *spec.Upgrader) *map[string]string { return &u.Docker.Env }, place[map[string]string]{
		write: func(env map[string]string, into *client.ContainerCreateOptions) {
			for _, name := range sortedNames(env) {
				into.Config.Env = append(into.Config.Env, name+"="+env[name])
			}
		},
		read: (*reading).ownVariables, same: sameTexts,
		refusals: []refusal{{"invalid environment variable", "Check the names in `docker.env`."}},
	}),
	row("image", func(u *spec.Upgrader) *string { return &u.Image }, place[string]{
		key:   "image",
		write: func(image string, into *client.ContainerCreateOptions) { into.Config.Image = image },
		read:  func(r *reading) string { return r.Config.Image }, same: sameImage,
		refusals: []refusal{
			{"no such image", "Check `image`, and that `docker.pull_policy` lets the engine pull it."},
			{"no command specified", "The image names no program to run; check `image`."},
			{"executable file not found", "The image's program can't be run; check `image`."},
			{"exec format error", "The image is for another kind of processor than the engine's host."},
			{"invalid reference format", "Check how `image` is written."},
		},
	}),
	row("docker.name", func(u *spec.Upgrader) *string { return &u.Docker.Name }, place[string]{
		flag: "--name", key: "container_name", change: renaming,
		write: func(name string, into *client.ContainerCreateOptions) { into.Name = name },
		read:  func(r *reading) string { return r.Name },
		refusals: []refusal{
			{"is already in use by container", "Choose another `docker.name`, or remove that container."},
			{"invalid container name", "A container's name has two or more letters, digits, dots, dashes and underscores, and begins with a letter or digit."},
		},
	}),
	row("docker.pull_policy", func(u *spec.Upgrader) *string { return &u.Docker.PullPolicy }, place[string]{
		flag: "--pull", key: "pull_policy", change: renaming, // it is about the next container alone
		write: func(string, *client.ContainerCreateOptions) {},
		read:  func(r *reading) string { return r.want.Docker.PullPolicy },
	}),
	row("docker.restart", func(u *spec.Upgrader) *string { return &u.Docker.Restart }, place[string]{
		flag: "--restart", key: "restart", change: updating,
		write: func(text string, into *client.ContainerCreateOptions) {
			into.HostConfig.RestartPolicy = restartPolicy(text)
		},
		read: func(r *reading) string { return restartText(r.HostConfig.RestartPolicy) },
		refusals: []refusal{
			{"invalid restart policy", "Set `docker.restart` to no, on-failure, always or unless-stopped."},
			{"maximum retry count", "Only on-failure can have a number of retries."},
		},
	}),
	row("docker.cpus", func(u *spec.Upgrader) *float64 { return &u.Docker.CPUs }, place[float64]{
		flag: "--cpus", key: "cpus", change: updating,
		write: func(cpus float64, into *client.ContainerCreateOptions) {
			into.HostConfig.NanoCPUs, into.HostConfig.CPUQuota, into.HostConfig.CPUPeriod = nanoCPUs(cpus), 0, 0
		},
		read: func(r *reading) float64 { return cpusOf(r.HostConfig) },
		same: func(want, live float64) bool { return nanoCPUs(want) == nanoCPUs(live) },
		// The engine takes zero for "don't change", and refuses a limit in one form
		// beside one in the other.
		anew: func(want float64, r *reading) bool {
			return want == 0 || r.HostConfig.NanoCPUs == 0 && r.HostConfig.CPUQuota > 0
		},
		refusals: []refusal{{"range of cpus", "Set `docker.cpus` to what the engine's host has, or less."}},
	}),
	row("docker.memory", func(u *spec.Upgrader) *int64 { return &u.Docker.Memory }, place[int64]{
		flag: "--memory", key: "mem_limit", change: updating, show: memoryText,
		// Memory and swap together are twice the memory, which is what `docker run
		// --memory` means and what the engine fills in where nothing is said: written
		// out, it reads back as it was written, and a later change of the memory is
		// never refused for being more than the old sum of both.
		write: func(megabytes int64, into *client.ContainerCreateOptions) {
			into.HostConfig.Memory, into.HostConfig.MemorySwap = megabytes*bytesPerMB, 2*megabytes*bytesPerMB
		},
		read:     func(r *reading) int64 { return r.HostConfig.Memory / bytesPerMB },
		anew:     func(want int64, _ *reading) bool { return want == 0 },
		refusals: []refusal{{"minimum memory limit|memory limit should be", "Raise `docker.memory`."}},
	}),
	row("docker.network_mode", func(u *spec.Upgrader) *string { return &u.Docker.NetworkMode }, place[string]{
		flag: "--network", key: "network_mode",
		write: func(mode string, into *client.ContainerCreateOptions) {
			into.HostConfig.NetworkMode = api.NetworkMode(mode)
		},
		read:     (*reading).networkMode,
		refusals: []refusal{{"network.*not found|no such network|could not find.*network|join network|no such container", "Make the network first, or check `docker.network_mode`."}},
	}),
	row("docker.socket_path", func(u *spec.Upgrader) *string { return &u.Docker.SocketPath }, place[string]{
		write: mountSocket, read: (*reading).socketPath,
		refusals: []refusal{
			{"bind source path does not exist|mount denied", "Set `docker.socket_path` to where the engine's host has the engine's socket."},
			{"invalid mount", "Set `docker.socket_path` to an absolute path on the engine's host."},
		},
	}),
	row("docker.log_driver", func(u *spec.Upgrader) *string { return &u.Docker.LogDriver }, place[string]{
		flag: "--log-driver", key: "logging.driver",
		write:    func(driver string, into *client.ContainerCreateOptions) { into.HostConfig.LogConfig.Type = driver },
		read:     (*reading).logDriver,
		refusals: []refusal{{"logging plugin|no log driver named", "`docker info` lists the log drivers that the engine has."}},
	}),
	row("docker.log_opts", func(u *spec.Upgrader) *map[string]string { return &u.Docker.LogOpts }, place[map[string]string]{
		flag: "--log-opt", key: "logging.options", same: sameTexts, read: (*reading).logOptions,
		write: func(options map[string]string, into *client.ContainerCreateOptions) {
			if len(options) > 0 {
				into.HostConfig.LogConfig.Config = merged(into.HostConfig.LogConfig.Config, options)
				into.Config.Labels[loggingLabel] = strings.Join(sortedNames(options), ",")
			}
		},
		refusals: []refusal{{"log.?opt|logging driver|invalid size", "Check `docker.log_opts` against the options of the log driver."}},
	}),
	row("docker.labels", func(u *spec.Upgrader) *map[string]string { return &u.Docker.Labels }, place[map[string]string]{
		flag: "--label", key: "labels", same: sameTexts, read: (*reading).ownLabels,
		write: func(labels map[string]string, into *client.ContainerCreateOptions) {
			into.Config.Labels = merged(into.Config.Labels, labels)
		},
	}),
}

func always(spec.Upgrader) bool { return true }

func hasPassword(u spec.Upgrader) bool { return u.Proxy.HasPassword || u.Proxy.Password != "" }

func sameAddress(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

func wholeText(n int64) string { return strconv.FormatInt(n, 10) }

func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func upgradesUnless(disabled string) (bool, bool) {
	off, err := strconv.ParseBool(strings.ToLower(disabled))
	return !off, err == nil
}

func portText(port *int64) string {
	if port == nil {
		return ""
	}
	return wholeText(*port)
}

func portNumber(text string) (*int64, bool) {
	n, whole := wholeNumber(text)
	return &n, whole
}

func samePort(a, b *int64) bool { return portText(a) == portText(b) }

// SameSchedule tells whether two schedules are one to an upgrader on Docker, which
// knows no descriptors: @hourly isn't "0 * * * *".
func SameSchedule(a, b string) bool {
	return a == b || strings.HasPrefix(a, "@") == strings.HasPrefix(b, "@") && delegate.SameSchedule(a, b)
}

// sameImage tells whether two names are of the same image: "app" is
// docker.io/library/app:latest. That a name means another image by now is no
// difference.
func sameImage(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := delegate.ParseImage(a)
	y, errY := delegate.ParseImage(b)
	if errX != nil || errY != nil || x.Form == delegate.ImageBareTag || y.Form == delegate.ImageBareTag {
		return false
	}
	tag := func(i delegate.Image) string {
		if i.Form == delegate.ImageUntagged {
			return "latest"
		}
		return i.Tag
	}
	return x.Registry == y.Registry && x.Repository == y.Repository && tag(x) == tag(y) && x.Digest == y.Digest
}

// restartPolicy reads what --restart takes: a name, and for on-failure also how
// many times.
func restartPolicy(text string) api.RestartPolicy {
	name, count, _ := strings.Cut(text, ":")
	policy := api.RestartPolicy{Name: api.RestartPolicyMode(name)}
	if n, err := strconv.Atoi(count); err == nil {
		policy.MaximumRetryCount = n
	}
	return policy
}

// restartText is the reverse. Old engines leave the name empty for "no".
func restartText(policy api.RestartPolicy) string {
	switch {
	case policy.IsNone():
		return string(api.RestartPolicyDisabled)
	case policy.IsOnFailure() && policy.MaximumRetryCount > 0:
		return string(policy.Name) + ":" + strconv.Itoa(policy.MaximumRetryCount)
	default:
		return string(policy.Name)
	}
}

const (
	nanosPerCPU = 1e9
	bytesPerMB  = 1024 * 1024
)

func nanoCPUs(cpus float64) int64 { return int64(math.Round(cpus * nanosPerCPU)) }

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

func memoryText(megabytes int64) any {
	if megabytes == 0 {
		return ""
	}
	return wholeText(megabytes) + "m"
}

// mountSocket mounts the engine's socket: as a mount of type bind rather than one
// of the Binds that `docker run -v` makes, so that the engine refuses a wrong
// path, where it would otherwise make an empty folder of that name.
func mountSocket(source string, into *client.ContainerCreateOptions) {
	host := into.HostConfig
	host.Binds = slices.DeleteFunc(slices.Clone(host.Binds), func(bind string) bool { return bindTarget(bind) == socketTarget })
	host.Mounts = slices.DeleteFunc(slices.Clone(host.Mounts), func(m mount.Mount) bool { return path.Clean(m.Target) == socketTarget })
	host.Tmpfs = maps.Clone(host.Tmpfs)
	delete(host.Tmpfs, socketTarget)
	delete(into.Config.Volumes, socketTarget)
	host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeBind, Source: source, Target: socketTarget})
}

// bindTarget is where a bind ends up. A bind without a source is an anonymous
// volume.
func bindTarget(bind string) string {
	parts := strings.SplitN(bind, ":", 3)
	return path.Clean(parts[min(1, len(parts)-1)])
}
