package container

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// TestDrift_words has what a real engine doesn't do at command.
func TestDrift_words(t *testing.T) {
	t.Parallel()
	const c = "Container/docker-delegate-upgrader: "
	tests := []struct {
		name   string
		change func(*api.InspectResponse)
		drift  string
		needs  change
	}{
		{"exited", func(*api.InspectResponse) {}, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
		{"out of memory", func(r *api.InspectResponse) { r.State.OOMKilled, r.State.ExitCode = true, 137 }, c + "is not running (exited with code 137 at 2026-01-02T03:04:05Z, out of memory)", starting},
		{"error", func(r *api.InspectResponse) { r.State.Error, r.State.ExitCode = "no such file", 127 }, c + "is not running (exited with code 127 at 2026-01-02T03:04:05Z: no such file)", starting},
		{"created", func(r *api.InspectResponse) { r.State = &api.State{Status: api.StateCreated} }, c + "was never started", starting},
		{"paused", func(r *api.InspectResponse) { r.State = &api.State{Running: true, Paused: true} }, c + "is paused", starting},
		{"restarting", func(r *api.InspectResponse) { r.State = &api.State{Running: true, Restarting: true, ExitCode: 1} }, c + "is restarting, having exited with code 1", starting},
		{"dead", func(r *api.InspectResponse) { r.State = &api.State{Dead: true} }, c + "is being removed", replacing},
		{"running", func(r *api.InspectResponse) {
			r.State = &api.State{Status: api.StateRunning, Running: true}
			r.HostConfig.NetworkMode = "host"
		}, "", replacing}, // for the network, which an argument tells
		{"swap left to the engine", func(r *api.InspectResponse) { r.HostConfig.MemorySwap = -1 }, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
		{"new engines' word for the default network", func(r *api.InspectResponse) { r.HostConfig.NetworkMode = "bridge" }, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
		{"another form of the limit", func(r *api.InspectResponse) {
			r.HostConfig.NanoCPUs, r.HostConfig.CPUQuota = 0, 10_000
		}, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
		{"Compose's labels", func(r *api.InspectResponse) { r.Config.Labels["com.docker.compose.project"] = "x" }, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
		{"the image's volumes", func(r *api.InspectResponse) { r.Config.Volumes = map[string]struct{}{"/data": {}} }, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
		{"the socket, and the default network by another word", func(r *api.InspectResponse) {
			r.HostConfig.Binds = []string{"/var/run/docker.sock:/var/run/docker.sock:rw"}
			r.NetworkSettings.Networks = map[string]*network.EndpointSettings{"bridge": {}}
		}, c + "is not running (exited with code 0 at 2026-01-02T03:04:05Z)", starting},
	}
	for _, test := range tests {
		response := made(plainUpgrader())
		test.change(response)
		r := readAs(plainUpgrader(), response)
		if drift := strings.Join(r.drift, "\n"); drift != test.drift {
			t.Errorf("%s: drift is %q, want %q", test.name, drift, test.drift)
		}
		if !r.needs[test.needs] || len(r.needs) != 1 {
			t.Errorf("%s: changes are %v, want %v", test.name, r.needs, test.needs)
		}
	}
}

func TestSameSchedule(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"0 */1 * * *", "0 * * * *", true},
		{"0 * * * *", "@hourly", false},
		{"@hourly", "@hourly", true},
		{"0 * * * *", "1 * * * *", false},
		{"never", "never", true},
	} {
		if same := SameSchedule(test.a, test.b); same != test.same {
			t.Errorf("SameSchedule(%q, %q) = %t", test.a, test.b, same)
		}
	}
}

func TestSameImage(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"harness/upgrader", "harness/upgrader:latest", true},
		{"docker.io/harness/upgrader:1", "harness/upgrader:1", true},
		{"harness/upgrader:1", "harness/upgrader:2", false},
		{"harness/upgrader:1" + digest, "harness/upgrader:1", false},
		{"harness/upgrader" + digest, "harness/upgrader" + digest, true},
		{"x.io/harness/upgrader:1", "harness/upgrader:1", false},
		{"sha256:1", "sha256:1", true},
		{"24.04.82804", "latest", false},
	} {
		if same := sameImage(test.a, test.b); same != test.same {
			t.Errorf("sameImage(%q, %q) = %t", test.a, test.b, same)
		}
	}
}

// TestFail_masks has an engine that repeats what it was given.
func TestFail_masks(t *testing.T) {
	t.Parallel()
	p := &platform{host: "unix:///x"}
	cause := fmt.Errorf("bad variable UPGRADER_TOKEN=longer-secret, also secret: %w", context.DeadlineExceeded)
	err := p.fail("create it", cause, secret.NewMask("secret", "longer-secret", ""))
	var f *spec.Failure
	if !errors.As(err, &f) || strings.Contains(err.Error(), "secret") || strings.Contains(f.Err.Error(), "secret") {
		t.Errorf("%v, caused by %v", err, f.Err)
	}
	if p.fail("x", nil, secret.Mask{}) != nil {
		t.Error("no error is one")
	}
	if again := p.fail("do something else", err, secret.Mask{}); again.Error() != err.Error() {
		t.Errorf("a failure was wrapped: %v", again)
	}
}

// TestFail_shortSecrets leaves words whole that a short secret is a part of, and
// our own words in any case.
func TestFail_shortSecrets(t *testing.T) {
	t.Parallel()
	p := &platform{host: "unix:///x"}
	err := p.fail("start Container/upgrader", errors.New("the container has UPGRADER_TOKEN=sesame and a=e"), secret.NewMask("a", "e", "start", "upgrader", "sesame"))
	const want = "Could not start Container/upgrader: the container has UPGRADER_TOKEN=*** and a=e."
	if err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Error response from daemon: No such image: x:y":                                "No such image: x:y",
		"Cannot connect to the Docker daemon at tcp://x. Is the docker daemon running?": "Cannot connect to the Docker daemon at tcp://x",
		"Is the path right?\n": "Is the path right",
		"It is on fire!.. ":    "It is on fire",
		"unauthorized: ":       "unauthorized",
	} {
		if got := reason(errors.New(text)); got != want {
			t.Errorf("reason of %q is %q, want %q", text, got, want)
		}
	}
}

func TestAdvise_answers(t *testing.T) {
	t.Parallel()
	for text, argument := range map[string]string{
		"No such image: x:y":                                                       "image",
		"No command specified":                                                     "image",
		"exec: \"/x\": executable file not found in $PATH":                         "image",
		"network x not found":                                                      "docker.network_mode",
		"failed to set up container networking: network y not found":               "docker.network_mode",
		"the network is on fire":                                                   "",
		"Minimum memory limit can not be less than memory reservation limit":       "docker.memory",
		"logger: no log driver named 'x' is registered":                            "docker.log_driver",
		"Conflict. The container name \"/x\" is already in use by container \"y\"": "docker.name",
		"something else":                                                           "",
	} {
		f := &spec.Failure{Reason: text}
		adviseOnAnswer(f, errors.New(text))
		if got := strings.Join(f.Argument, "."); got != argument {
			t.Errorf("%q is about %q, want %q", text, got, argument)
		}
	}
}

func TestAdvisePull(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		"toomanyrequests: You have reached your pull rate limit":                            "no more pulls",
		"pull access denied for x, repository does not exist or may require 'docker login'": "registry_auth",
		"Get \"https://x/v2/\": unauthorized: authentication required":                      "registry_auth",
		"manifest for x:y not found: manifest unknown: manifest unknown":                    "doesn't have it",
		"Get \"https://x/v2/\": dial tcp: lookup x on 127.0.0.53:53: no such host":          "can't reach",
		"Get \"https://x/v2/\": net/http: TLS handshake timeout":                            "can't reach",
		"Get \"https://x/v2/\": tls: failed to verify certificate: x509: unknown authority": "can't reach",
		"no matching manifest for linux/arm64/v8 in the manifest list entries":              "doesn't have it",
		"write /var/lib/docker/tmp/GetImageBlob1: no space left on device":                  "",
	} {
		f := &spec.Failure{Reason: text}
		advisePull(f)
		if !strings.Contains(f.Advice, words) || (f.Advice == "") != (words == "") {
			t.Errorf("%q: advice is %q, want it to have %q", text, f.Advice, words)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	if got := strings.Map(printable, "a\x1b[2Jb\r\n\tc\x00"); got != "a[2Jb\n\tc" {
		t.Errorf("%q", got)
	}
}
