package container

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Labels of the containers that this package makes.
const (
	// OwnerLabel marks a container as made here. Its value is the delegate's
	// name.
	OwnerLabel = "io.github.harnessdelegate.upgrader"
	// loggingLabel tells which log driver and options were asked for. The engine
	// fills its own defaults in, so that afterwards they can't be told from what
	// was asked for. It is a digest because options may hold credentials.
	loggingLabel = OwnerLabel + ".logging"
)

// socketTarget is where the upgrader looks for the engine.
const socketTarget = "/var/run/docker.sock"

const (
	nanosPerCPU = 1e9
	bytesPerMB  = 1024 * 1024
)

// ReservedLabel tells whether a label is one that this package sets itself.
func ReservedLabel(name string) bool {
	return name == OwnerLabel || strings.HasPrefix(name, OwnerLabel+".")
}

// config is the part of a container that can't be changed once it exists.
func config(u spec.Upgrader) *api.Config {
	return &api.Config{Image: u.Image, Env: envList(u), Labels: labels(u)}
}

// labels are the user's and our own.
func labels(u spec.Upgrader) map[string]string {
	all := map[string]string{}
	for name, value := range u.Docker.Labels {
		if !ReservedLabel(name) {
			all[name] = value
		}
	}
	all[OwnerLabel] = u.DelegateName
	if digest := loggingDigest(u.Docker); digest != "" {
		all[loggingLabel] = digest
	}
	return all
}

// loggingDigest is of the log driver and its options; empty where none are set.
func loggingDigest(d *spec.Docker) string {
	if d.LogDriver == "" && len(d.LogOptions) == 0 {
		return ""
	}
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%q\n", d.LogDriver)
	for _, name := range slices.Sorted(maps.Keys(d.LogOptions)) {
		_, _ = fmt.Fprintf(sum, "%q=%q\n", name, d.LogOptions[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// hostConfig is how the engine's host runs the container.
//
// The socket is a mount of type bind rather than one of the Binds that
// `docker run -v` makes: if the path is wrong, the engine then refuses, where it
// would otherwise make an empty folder of that name.
func hostConfig(u spec.Upgrader) *api.HostConfig {
	return &api.HostConfig{
		Resources:     resources(u.Docker),
		RestartPolicy: restartPolicy(u.Docker.RestartPolicy),
		NetworkMode:   api.NetworkMode(u.Docker.Network),
		LogConfig:     api.LogConfig{Type: u.Docker.LogDriver, Config: maps.Clone(u.Docker.LogOptions)},
		Mounts:        []mount.Mount{{Type: mount.TypeBind, Source: u.Docker.SocketPath, Target: socketTarget}},
	}
}

// resources are the limits. Memory and swap together are twice the memory, which
// is what `docker run --memory` means and what the engine fills in where nothing
// is said: written out, it reads back as it was written, and a later change of
// the memory is never refused for being more than the old sum of both.
func resources(d *spec.Docker) api.Resources {
	memory := d.MemoryMB * bytesPerMB
	return api.Resources{NanoCPUs: nanoCPUs(d.CPUs), Memory: memory, MemorySwap: 2 * memory}
}

func nanoCPUs(cpus float64) int64 { return int64(math.Round(cpus * nanosPerCPU)) }

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
		return fmt.Sprintf("%s:%d", policy.Name, policy.MaximumRetryCount)
	default:
		return string(policy.Name)
	}
}
