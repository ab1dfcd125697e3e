package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// advise says what to do next, and which argument is at fault.
func (p *platform) advise(f *spec.Failure, err error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f.Reason = "the time was up before the engine at " + p.host + " had done it"
		f.Advice = "Apply again: what was done is kept, and the rest follows. If the engine is slow, raise `timeouts`."
	case errors.Is(err, context.Canceled):
		f.Reason = "it was cancelled"
		f.Advice = "Apply again: what was done is kept, and the rest follows."
	case strings.Contains(f.Reason, "supported API version"):
		f.Advice = fmt.Sprintf("The engine at %s must speak API version %s or later, which Docker Engine 19.03 was the first to do. Upgrade the engine, and unset DOCKER_API_VERSION if it is set.", p.host, client.MinAPIVersion)
	case isPermission(err):
		f.Advice = "The user that runs Terraform must have the right to use the engine's socket at " + p.host + ": add it to the group `docker` and sign in again, or run Terraform as a user that has the right."
	case isMissingSocket(err):
		f.Advice = "There is no socket at " + p.host + ": start the engine, or set `host` in the provider's `docker` block or DOCKER_HOST to where the engine listens."
	case isTLS(err):
		f.Advice = "The engine at " + p.host + " and this provider don't agree about TLS: check `ca_material`, `cert_material`, `key_material` or `cert_path` in the provider's `docker` block."
	case client.IsErrConnectionFailed(err) && strings.HasPrefix(p.host, "ssh:"):
		f.Advice = "The engine at " + p.host + " can't be reached: check that `ssh` to that host works without a question asked, and that `docker version` works there."
	case client.IsErrConnectionFailed(err):
		f.Advice = "The engine at " + p.host + " can't be reached: check that it runs and that the address is right."
	default:
		adviseOnAnswer(f, err)
	}
}

// answers are what the engine says about arguments that it can't use. It has no
// codes for them, so that they are known by their words.
var answers = []struct {
	words    string
	argument []string
	advice   string
}{
	{"no such image", argImage, "Check `image`, and that `docker.pull_policy` lets the engine pull it."},
	{"no command specified", argImage, "The image names no program to run; check `image`."},
	{"executable file not found", argImage, "The image's program can't be run; check `image`."},
	{"exec format error", argImage, "The image is for another kind of processor than the engine's host."},
	{"invalid reference format", argImage, "Check how `image` is written."},
	{"bind source path does not exist", argSocket, "Set `docker.socket_path` to where the engine's host has the engine's socket."},
	{"mount denied", argSocket, "Set `docker.socket_path` to where the engine's host has the engine's socket."},
	{"invalid mount", argSocket, "Set `docker.socket_path` to an absolute path on the engine's host."},
	{"logging plugin", argLogDriver, "`docker info` lists the log drivers that the engine has."},
	{"no log driver named", argLogDriver, "`docker info` lists the log drivers that the engine has."},
	{"log opt", argLogOptions, "Check `docker.log_options` against the options of the log driver."},
	{"range of cpus", argCPUs, "Set `docker.cpus` to what the engine's host has, or less."},
	{"minimum memory limit", argMemory, "Raise `docker.memory_mb`."},
	{"invalid restart policy", argRestartPolicy, "Set `docker.restart_policy` to no, on-failure, always or unless-stopped."},
	{"maximum retry count", argRestartPolicy, "Only on-failure can have a number of retries."},
	{"is already in use by container", argName, "Choose another `docker.name`, or remove that container."},
	{"invalid container name", argName, "A container's name has two or more letters, digits, dots, dashes and underscores, and begins with a letter or digit."},
	{"invalid environment variable", argEnv, "Check the names in `docker.env`."},
	{"network", argNetwork, "Make the network first, or check `docker.network`."},
}

// adviseOnAnswer is about what the engine has answered.
func adviseOnAnswer(f *spec.Failure, err error) {
	text := strings.ToLower(f.Reason)
	for _, answer := range answers {
		// The word network alone is in many an answer.
		if strings.Contains(text, answer.words) && (answer.words != "network" || strings.Contains(text, "not found") || strings.Contains(text, "no such")) {
			f.Argument, f.Advice = answer.argument, answer.advice
			return
		}
	}
	switch {
	case cerrdefs.IsConflict(err):
		f.Advice = "Something else is changing the container at the same time. Apply again."
	case cerrdefs.IsInternal(err), cerrdefs.IsUnavailable(err):
		f.Advice = "The engine's own log says more. Apply again once it is well."
	}
}
