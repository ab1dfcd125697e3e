package container_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestApply_create(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	want := b.wanted()
	if seen := observe(t, b.platform(), want); len(seen.Objects)+len(seen.Drift) > 0 {
		t.Fatalf("before: %+v", seen)
	}
	applied := apply(t, b.platform(), want, nil)
	id := b.alone(t, b.name)
	if len(applied.Objects) != 1 || applied.Objects[0] != (spec.Object{Kind: "Container", Name: b.name, ID: id}) {
		t.Errorf("objects are %v", applied.Objects)
	}
	unchanged(t, b.platform(), want, applied.Objects)

	seen := observe(t, b.platform(), want)
	if string(seen.Token) != token || seen.TokenField != "Container/"+b.name+": environment variable UPGRADER_TOKEN" {
		t.Errorf("token's field is %q, and the token is right: %t", seen.TokenField, string(seen.Token) == token)
	}
	// What an engine of any age fills in must not come back as a difference.
	host := b.live(t, b.name).HostConfig
	if host.NanoCPUs != 100_000_000 || host.Memory != 100<<20 || host.MemorySwap != 200<<20 {
		t.Errorf("limits are %d, %d, %d", host.NanoCPUs, host.Memory, host.MemorySwap)
	}
	// Nobody else's ID, and the label alone, are enough to go on.
	if again := apply(t, b.platform(), want, nil); len(again.Done) > 0 {
		t.Errorf("without the last objects, it did %v", again.Done)
	}
}

// TestApply_change changes one argument after the other, and each one back.
func TestApply_change(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	other := b.name + ":two"
	b.Image(t, other, program(t))
	network := b.name + "-net"
	if _, err := b.API.NetworkCreate(t.Context(), network, client.NetworkCreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Containers are swept after this; the network has to wait for them.
		ctx := context.WithoutCancel(t.Context())
		if err := b.RemoveContainers(ctx, b.name); err != nil {
			t.Error(err)
		}
		if _, err := b.API.NetworkRemove(ctx, network, client.NetworkRemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
	steps := []struct {
		name    string
		inPlace bool
		change  func(*spec.Upgrader)
	}{
		{"cpus", true, func(u *spec.Upgrader) { u.Docker.CPUs = 0.25 }},
		{"memory up", true, func(u *spec.Upgrader) { u.Docker.Memory = 512 }},
		{"memory down", true, func(u *spec.Upgrader) { u.Docker.Memory = 64 }},
		{"restart policy", true, func(u *spec.Upgrader) { u.Docker.Restart = "on-failure:3" }},
		{"no restart policy", true, func(u *spec.Upgrader) { u.Docker.Restart = "no" }},
		{"name", true, func(u *spec.Upgrader) { u.Docker.Name = b.name + "-renamed" }},
		{"pull policy", true, func(u *spec.Upgrader) { u.Docker.PullPolicy = spec.PullNever }},
		{"schedule", false, func(u *spec.Upgrader) { u.Schedule = "*/15 * * * *" }},
		{"auto upgrade", false, func(u *spec.Upgrader) { u.AutoUpgrade = false }},
		{"token", false, func(u *spec.Upgrader) { u.Token = "another" }},
		{"account", false, func(u *spec.Upgrader) { u.AccountID = "other" }},
		{"manager", false, func(u *spec.Upgrader) { u.ManagerEndpoint = "https://gratis.harness.io" }},
		{"image", false, func(u *spec.Upgrader) { u.Image = other }},
		{"stop time-out", false, func(u *spec.Upgrader) { u.Docker.ContainerStopTimeout = 2700 }},
		{"env", false, func(u *spec.Upgrader) { u.Docker.Env = map[string]string{"A": "1", "B": "x=$y"} }},
		{"labels", false, func(u *spec.Upgrader) { u.Docker.Labels = map[string]string{"team": "ops"} }},
		{"log driver", false, func(u *spec.Upgrader) { u.Docker.LogDriver = "local" }},
		{"log options", false, func(u *spec.Upgrader) {
			u.Docker.LogDriver, u.Docker.LogOpts = "json-file", map[string]string{"max-size": "1m"}
		}},
		{"network", false, func(u *spec.Upgrader) { u.Docker.NetworkMode = network }},
		{"host network", false, func(u *spec.Upgrader) { u.Docker.NetworkMode = "host" }},
		{"proxy", false, func(u *spec.Upgrader) {
			u.Proxy = spec.Proxy{Scheme: "http", Host: "proxy", Port: new(int64(3128)), User: "u", Password: "proxy-secret", HasPassword: true}
		}},
		{"memory without limit", false, func(u *spec.Upgrader) { u.Docker.Memory = 0 }},
	}
	p := b.platform()
	applied := apply(t, p, b.wanted(), nil)
	for _, step := range steps {
		changed := b.wanted()
		step.change(&changed)
		before := b.alone(t, b.name)
		applied = apply(t, p, changed, applied.Objects)
		between := b.alone(t, changed.Docker.Name)
		if (before == between) != step.inPlace {
			t.Errorf("%s: changed in place is %t, want %t", step.name, before == between, step.inPlace)
		}
		unchanged(t, p, changed, applied.Objects)
		applied = applyAfter(t, p, b.wanted(), changed, applied.Objects)
		after := b.alone(t, b.name)
		// A limit that wasn't there can be given in place, but not taken away.
		if (between == after) != step.inPlace && step.name != "memory without limit" {
			t.Errorf("%s: changed back in place is %t, want %t", step.name, between == after, step.inPlace)
		}
		unchanged(t, p, b.wanted(), applied.Objects)
	}
}

// TestApply_refused shows that the engine's refusal reaches the user.
func TestApply_refused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	missing := b.name + "-nowhere"
	tests := []struct {
		name     string
		argument string
		words    string
		change   func(*spec.Upgrader)
	}{
		{"cpus", "docker.cpus", "cpus", func(u *spec.Upgrader) { u.Docker.CPUs = 100_000 }},
		{"memory", "docker.memory", "limit", func(u *spec.Upgrader) { u.Docker.Memory = 1 }},
		{"network", "docker.network_mode", missing, func(u *spec.Upgrader) { u.Docker.NetworkMode = missing }},
		{"size", "docker.log_opts", "10 megs", func(u *spec.Upgrader) { u.Docker.LogOpts = map[string]string{"max-size": "10 megs"} }},
		{"log driver", "docker.log_driver", "json-file", func(u *spec.Upgrader) { u.Docker.LogDriver = "nonesuch" }},
		{"name of a variable", "docker.env", "SCHEDULE=", func(u *spec.Upgrader) { u.Docker.Env = map[string]string{"SCHEDULE=*/5 * * * *": ""} }},
		{"shared network", "docker.network_mode", missing, func(u *spec.Upgrader) { u.Docker.NetworkMode = "container:" + missing }},
		{"hidden value", "docker.env", "hidden", func(u *spec.Upgrader) { u.Docker.Env = map[string]string{"A_TOKEN": secret.Redacted} }},
		{"log options", "docker.log_opts", "nonesuch", func(u *spec.Upgrader) { u.Docker.LogOpts = map[string]string{"nonesuch": "1"} }},
		{"socket", "docker.socket_path", "/no/such", func(u *spec.Upgrader) { u.Docker.SocketPath = "/no/such.sock" }},
		{"restart policy", "docker.restart", "sometimes", func(u *spec.Upgrader) { u.Docker.Restart = "sometimes" }},
		{"name", "docker.name", "Invalid container name", func(u *spec.Upgrader) { u.Docker.Name = "+" }},
		{"image's name", "image", "invalid reference", func(u *spec.Upgrader) { u.Image = "No/Such" }},
		{"no image", "docker.pull_policy", "never", func(u *spec.Upgrader) { u.Image, u.Docker.PullPolicy = missing, spec.PullNever }},
		{"reserved variable", "docker.env", "SCHEDULE", func(u *spec.Upgrader) { u.Docker.Env = map[string]string{"SCHEDULE": "x"} }},
		{"reserved label", "docker.labels", "io.github", func(u *spec.Upgrader) {
			u.Docker.Labels = map[string]string{"io.github.harnessdelegate.upgrader": "x"}
		}},
		{"no token", "token", "not known", func(u *spec.Upgrader) { u.Token = "" }},
		{"no proxy password", "proxy.password", "not known", func(u *spec.Upgrader) { u.Proxy.HasPassword = true }},
	}
	for _, test := range tests {
		want := b.wanted()
		test.change(&want)
		applied, err := b.platform().Apply(t.Context(), spec.Change{Want: want})
		f := failure(t, err)
		if strings.Join(f.Argument, ".") != test.argument || !strings.Contains(f.Reason, test.words) || f.Advice == "" {
			t.Errorf("%s: %v\nargument is %v, want %s", test.name, f, f.Argument, test.argument)
		}
		if len(applied.Objects)+len(applied.Left) > 0 {
			t.Errorf("%s: what is left is %v, %v", test.name, applied.Objects, applied.Left)
		}
		if names, _ := b.Names(t.Context(), b.name); len(names) > 0 {
			t.Fatalf("%s: left %v", test.name, names)
		}
	}
}

func TestApply_nameTaken(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	id := b.Run(t, client.ContainerCreateOptions{Name: b.name, Config: byHand(b).Config})
	proxy := b.Proxy(t)
	applied, err := through(t, proxy).Apply(t.Context(), spec.Change{Want: b.wanted()})
	f := failure(t, err)
	if strings.Join(f.Argument, ".") != "docker.name" || !strings.Contains(f.Reason, b.image) || !strings.Contains(f.Advice, "docker/"+b.name) {
		t.Error(f)
	}
	if len(applied.Objects) > 0 {
		t.Errorf("objects of others are taken for ours: %v", applied.Objects)
	}
	for request := range maps.Keys(proxy.Requests()) {
		if !strings.HasPrefix(request, "GET") && !strings.HasPrefix(request, "HEAD") {
			t.Errorf("it has sent %s", request)
		}
	}
	if b.alone(t, b.name) != id {
		t.Error("the container is another one")
	}
	// One that is ours for another delegate isn't ours for this one.
	if _, err := b.API.ContainerRemove(t.Context(), id, client.ContainerRemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	other := b.wanted()
	other.DelegateName = "another"
	apply(t, b.platform(), other, nil)
	_, err = b.platform().Apply(t.Context(), spec.Change{Want: b.wanted()})
	if f := failure(t, err); !strings.Contains(f.Reason, `"another"`) {
		t.Error(f)
	}
}

// TestApply_badReplacement replaces a good upgrader by one that can't run.
func TestApply_badReplacement(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	applied := apply(t, p, b.wanted(), nil)
	id := b.alone(t, b.name)
	started := b.live(t, b.name).State.StartedAt

	bad := b.wanted()
	// The stand-in complains about a schedule that it can't read, and repeats it.
	bad.Schedule = token
	after, err := b.patient().Apply(t.Context(), spec.Change{Want: bad, Last: applied.Objects})
	f := failure(t, err)
	// The engine may have started it again by the time of the look.
	ended := strings.Contains(f.Reason, "exited with code 1") || strings.Contains(f.Reason, "has ended, and was started again")
	if !ended || !strings.Contains(f.Reason, "upgrader failed: SCHEDULE") || !strings.Contains(f.Reason, secret.Redacted) {
		t.Error(f)
	}
	if b.alone(t, b.name) != id || b.live(t, b.name).State.StartedAt != started {
		t.Error("the old upgrader has not just gone on running")
	}
	if len(after.Objects) != 1 || after.Objects[0].ID != id || len(after.Left) > 0 {
		t.Errorf("objects are %v, left %v", after.Objects, after.Left)
	}
	unchanged(t, p, b.wanted(), after.Objects)

	for name, change := range map[string]func(*spec.Upgrader){
		"socket":  func(u *spec.Upgrader) { u.Docker.SocketPath = "/no/such.sock" },
		"image":   func(u *spec.Upgrader) { u.Image, u.Docker.PullPolicy = "no/such:image", spec.PullNever },
		"network": func(u *spec.Upgrader) { u.Docker.NetworkMode = b.name + "-nowhere" },
	} {
		bad := b.wanted()
		change(&bad)
		if after, err = b.patient().Apply(t.Context(), spec.Change{Want: bad, Last: applied.Objects}); err == nil {
			t.Fatalf("%s: no failure", name)
		}
		if b.alone(t, b.name) != id || b.live(t, b.name).State.StartedAt != started || len(after.Left) > 0 {
			t.Errorf("%s: the old upgrader has not just gone on running; left %v", name, after.Left)
		}
	}
}

// TestApply_unknownToken replaces a container whose token the resource doesn't know.
func TestApply_unknownToken(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	applied := apply(t, p, b.wanted(), nil)
	want := b.wanted()
	want.Token, want.Schedule = "", "0 0 * * *"
	apply(t, p, want, applied.Objects)
	b.alone(t, b.name)
	if seen := observe(t, p, want); string(seen.Token) != token || seen.Upgrader.Token != "" || seen.Upgrader.Schedule != "0 0 * * *" {
		t.Errorf("token kept: %t; schedule is %s", string(seen.Token) == token, seen.Upgrader.Schedule)
	}
}

// byHand is a container as the documentation's command makes it: without a name,
// a restart policy, or a label of ours.
func byHand(b bed) client.ContainerCreateOptions {
	options := documented(b)
	return client.ContainerCreateOptions{Config: options.Config, HostConfig: options.HostConfig}
}
