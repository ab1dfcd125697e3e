package container_test

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// TestPreflight foresees what an apply would be refused, and writes nothing.
func TestPreflight(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	proxy := b.Proxy(t)
	p := through(t, proxy)
	missing := b.name + "-nowhere"
	for _, test := range []struct {
		name, argument, words string
		// later tells that somebody else may still make what is missing.
		later  bool
		change func(*spec.Upgrader)
	}{
		{"all well", "", "", false, func(*spec.Upgrader) {}},
		{"cpus", "docker.cpus", "the engine's host has", false, func(u *spec.Upgrader) { u.Docker.CPUs = 100_000 }},
		{"log driver", "docker.log_driver", "no log driver", false, func(u *spec.Upgrader) { u.Docker.LogDriver = "nonesuch" }},
		{"no logs", "", "", false, func(u *spec.Upgrader) { u.Docker.LogDriver = "none" }},
		{"token", "token", "not known", false, func(u *spec.Upgrader) { u.Token = "" }},
		{"variable", "docker.env", "no name of a variable", false, func(u *spec.Upgrader) { u.Docker.Env = map[string]string{"A=B": "1"} }},
		{"network", "docker.network_mode", missing, true, func(u *spec.Upgrader) { u.Docker.NetworkMode = missing }},
		{"network of another", "docker.network_mode", missing, true, func(u *spec.Upgrader) { u.Docker.NetworkMode = "container:" + missing }},
		{"image", "docker.pull_policy", missing, true, func(u *spec.Upgrader) { u.Image, u.Docker.PullPolicy = missing, spec.PullNever }},
		{"image to be pulled", "", "", false, func(u *spec.Upgrader) { u.Image = missing }},
	} {
		want := b.wanted()
		test.change(&want)
		findings, err := p.Preflight(t.Context(), spec.Change{Want: want})
		argument, text := "", ""
		switch {
		case test.later && err == nil && len(findings) == 1:
			argument, text = strings.Join(findings[0].Argument, "."), findings[0].Detail
		case !test.later && err != nil:
			f := failure(t, err)
			argument, text = strings.Join(f.Argument, "."), f.Reason
		case err != nil || len(findings) > 0:
			t.Errorf("%s: %v, %v", test.name, findings, err)
		}
		if argument != test.argument || !strings.Contains(text, test.words) {
			t.Errorf("%s: %s is at fault: %s", test.name, argument, text)
		}
	}
	// A change in place needs neither a network nor a log driver.
	applied := apply(t, b.platform(), b.wanted(), nil)
	want := b.wanted()
	want.Docker.Memory = 64
	if findings, err := p.Preflight(t.Context(), spec.Change{Want: want, Last: applied.Objects}); err != nil || len(findings) > 0 {
		t.Errorf("%v, %v", findings, err)
	}
	if err := b.RemoveContainers(t.Context(), b.name); err != nil {
		t.Fatal(err)
	}
	options := byHand(b)
	b.Run(t, client.ContainerCreateOptions{Name: b.name, Config: options.Config, HostConfig: options.HostConfig})
	_, err := p.Preflight(t.Context(), spec.Change{Want: b.wanted()})
	if f := failure(t, err); strings.Join(f.Argument, ".") != "docker.name" || !strings.Contains(f.Advice, "import") {
		t.Error(f)
	}
	for request := range proxy.Requests() {
		if !strings.HasPrefix(request, "GET") && !strings.HasPrefix(request, "HEAD") {
			t.Errorf("it has sent %s", request)
		}
	}
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultRefuse})
	_, err = p.Preflight(t.Context(), spec.Change{Want: b.wanted()})
	if f := failure(t, err); !f.Unanswered {
		t.Errorf("it is taken for an answer: %v", f)
	}
}
