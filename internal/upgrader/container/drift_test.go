package container_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// TestDrift_byHand does to a container what people do, and repairs it.
func TestDrift_byHand(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	tests := []struct {
		name string
		hand func(ctx context.Context, id string) error
		// drift is a part of what is said; empty where arguments tell.
		drift string
		// gone tells that there is nothing left to observe.
		gone bool
		// kept tells that the repair keeps the container.
		kept bool
	}{
		{"stop", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerStop(ctx, id, client.ContainerStopOptions{})
			return err
		}, "is not running (exited with code 0 at 20", false, true},
		{"kill", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerKill(ctx, id, client.ContainerKillOptions{})
			if err != nil {
				return err
			}
			ended := b.API.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: api.WaitConditionNotRunning})
			select {
			case err = <-ended.Error:
			case <-ended.Result:
			}
			return err
		}, "is not running (exited with code 137 at 20", false, true},
		{"pause", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerPause(ctx, id, client.ContainerPauseOptions{})
			return err
		}, "is paused", false, true},
		{"remove", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true})
			return err
		}, "", true, false},
		{"rename", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerRename(ctx, id, client.ContainerRenameOptions{NewName: b.name + "-by-hand"})
			return err
		}, "", false, true},
		{"disconnect", func(ctx context.Context, id string) error {
			_, err := b.API.NetworkDisconnect(ctx, "bridge", client.NetworkDisconnectOptions{Container: id})
			return err
		}, "is connected to no network", false, false},
		{"limits", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerUpdate(ctx, id, client.ContainerUpdateOptions{
				Resources:     &api.Resources{NanoCPUs: 5e8, Memory: 200 << 20, MemorySwap: 400 << 20},
				RestartPolicy: &api.RestartPolicy{Name: api.RestartPolicyAlways},
			})
			return err
		}, "", false, true},
		{"swap", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerUpdate(ctx, id, client.ContainerUpdateOptions{
				Resources: &api.Resources{Memory: 100 << 20, MemorySwap: 300 << 20},
			})
			return err
		}, "the limit of memory and swap together is 314572800 bytes", false, true},
		{"bytes", func(ctx context.Context, id string) error {
			_, err := b.API.ContainerUpdate(ctx, id, client.ContainerUpdateOptions{
				Resources: &api.Resources{Memory: 100<<20 + 4096, MemorySwap: 200 << 20},
			})
			return err
		}, "the limit of memory is 104861696 bytes", false, true},
	}
	applied := apply(t, p, b.wanted(), nil)
	for _, test := range tests {
		id := b.alone(t, b.name)
		if err := test.hand(t.Context(), id); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		seen, err := p.Observe(t.Context(), b.wanted(), applied.Objects)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if gone := len(seen.Objects) == 0; gone != test.gone {
			t.Errorf("%s: gone is %t, want %t", test.name, gone, test.gone)
		}
		if said := strings.Join(seen.Drift, "\n"); (said == "") != (test.drift == "") || !strings.Contains(said, test.drift) {
			t.Errorf("%s: drift is %q, want it to have %q", test.name, said, test.drift)
		}
		if test.drift == "" && !test.gone && differences(b.wanted(), seen.Upgrader) == "" {
			t.Errorf("%s: nothing is said", test.name)
		}
		applied = apply(t, p, b.wanted(), applied.Objects)
		if kept := b.alone(t, b.name) == id; kept != test.kept {
			t.Errorf("%s: kept is %t, want %t", test.name, kept, test.kept)
		}
		unchanged(t, p, b.wanted(), applied.Objects)
	}
}

// TestDrift_madeOtherwise looks at containers that somebody made in another way,
// and repairs them.
func TestDrift_madeOtherwise(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	without := func(name string) func(*client.ContainerCreateOptions) {
		return func(o *client.ContainerCreateOptions) {
			var kept []string
			for _, entry := range o.Config.Env {
				if !strings.HasPrefix(entry, name+"=") {
					kept = append(kept, entry)
				}
			}
			o.Config.Env = kept
		}
	}
	with := func(entry string) func(*client.ContainerCreateOptions) {
		return func(o *client.ContainerCreateOptions) { o.Config.Env = append(o.Config.Env, entry) }
	}
	tests := []struct {
		drift  string
		change func(*client.ContainerCreateOptions)
	}{
		{"the mount of /var/run/docker.sock is missing", func(o *client.ContainerCreateOptions) { o.HostConfig.Binds = nil }},
		{"the mount of /var/run/docker.sock is read-only", func(o *client.ContainerCreateOptions) { o.HostConfig.Binds[0] += ":ro" }},
		{"/var/run/docker.sock is a mount of type tmpfs", func(o *client.ContainerCreateOptions) {
			o.HostConfig.Binds, o.HostConfig.Mounts = nil, []mount.Mount{{Type: mount.TypeTmpfs, Target: "/var/run/docker.sock"}}
		}},
		{"/var/run/docker.sock is a mount of type tmpfs", func(o *client.ContainerCreateOptions) {
			o.HostConfig.Binds, o.HostConfig.Tmpfs = nil, map[string]string{"/var/run/docker.sock": ""}
		}},
		{"environment variable ACCOUNT_ID is missing", without("ACCOUNT_ID")},
		{"environment variable UPGRADER_TOKEN is missing", without("UPGRADER_TOKEN")},
		{`environment variable CONTAINER_STOP_TIMEOUT is "long", and must be a whole number`, with("CONTAINER_STOP_TIMEOUT=long")},
		{`environment variable DISABLE_AUTO_UPGRADE is "perhaps", and must be true or false`, with("DISABLE_AUTO_UPGRADE=perhaps")},
		{"environment variable PROXY_PASSWORD is not asked for", with("PROXY_PASSWORD=" + token)},
		{`environment variable PROXY_PORT is "many", and must be a whole number`, with("PROXY_PORT=many")},
		{"has another entrypoint than its image", func(o *client.ContainerCreateOptions) { o.Config.Entrypoint = []string{"/true"} }},
		{"has another command than its image", func(o *client.ContainerCreateOptions) { o.Config.Cmd = []string{token} }},
		{`runs as the user "4711" instead of its image's`, func(o *client.ContainerCreateOptions) { o.Config.User = "4711" }},
		{`runs in the folder "/tmp" instead of its image's`, func(o *client.ContainerCreateOptions) { o.Config.WorkingDir = "/tmp" }},
		{"runs privileged", func(o *client.ContainerCreateOptions) { o.HostConfig.Privileged = true }},
		{"is removed when it stops", func(o *client.ContainerCreateOptions) { o.HostConfig.AutoRemove = true }},
	}
	for _, test := range tests {
		want := b.wanted()
		options := documented(b)
		options.Name = b.name
		if test.drift != "is removed when it stops" {
			options.HostConfig.RestartPolicy.Name = "unless-stopped"
		}
		test.change(&options)
		created, err := b.API.ContainerCreate(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		// Some of these would end at once, and others would be removed then.
		seen := observe(t, p, want)
		if said := strings.Join(seen.Drift, "\n"); !strings.Contains(said, "Container/"+b.name+": "+test.drift) || !strings.Contains(said, "was never started") {
			t.Errorf("drift is %q, want it to have %q", said, test.drift)
		}
		silent(t, seen.Drift...)
		applied := apply(t, p, want, []spec.Object{{Kind: "Container", Name: b.name, ID: created.ID}})
		if b.alone(t, b.name) == created.ID {
			t.Errorf("%s: the container was not replaced", test.drift)
		}
		unchanged(t, p, want, applied.Objects)
		if err := b.RemoveContainers(t.Context(), b.name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestObserve_full reads what is set in a container and left out in the
// configuration, and an apply takes it away. A secret in it isn't shown.
func TestObserve_full(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	options := documented(b)
	options.Name, options.HostConfig.RestartPolicy.Name = b.name, "unless-stopped"
	options.Config.Env = append(options.Config.Env, "EXTRA=1", "ACCOUNT_SECRET="+token, "MIRROR=https://me:"+token+"@mirror.example.com", "PROXY_HOST=proxy", "PROXY_PORT=3128")
	options.Config.Env[4] = "SCHEDULE=*/30 * * * *"
	options.HostConfig.LogConfig.Type, options.HostConfig.LogConfig.Config = "local", map[string]string{"max-size": "5m"}
	id := b.Run(t, options)
	live := b.wanted()
	live.Docker.Env = map[string]string{"EXTRA": "1", "ACCOUNT_SECRET": secret.Redacted, "MIRROR": secret.Redacted}
	live.Docker.LogDriver, live.Docker.LogOpts = "local", options.HostConfig.LogConfig.Config
	live.Schedule = "*/30 * * * *"
	live.Proxy.Host, live.Proxy.Port = "proxy", new(int64(3128))
	seen := observe(t, p, b.wanted())
	if diff := differences(live, seen.Upgrader); diff != "" || len(seen.Drift) > 0 {
		t.Errorf("(-live +seen):\n%s\ndrift %v", diff, seen.Drift)
	}
	// What a state has of it is no difference, and no reason to make it anew.
	last := []spec.Object{{Kind: "Container", Name: b.name, ID: id}}
	unchanged(t, p, live, last)
	kept := live
	kept.Schedule = "0 0 * * *"
	applied := apply(t, p, kept, last)
	if env := b.live(t, b.name).Config.Env; !slices.Contains(env, "ACCOUNT_SECRET="+token) {
		t.Error("a replacement lost the value that stands for itself")
	}
	unchanged(t, p, kept, applied.Objects)
	applied = apply(t, p, b.wanted(), applied.Objects)
	unchanged(t, p, b.wanted(), applied.Objects)
	if c := b.live(t, b.name); len(c.Config.Env) != 7 || c.HostConfig.LogConfig.Type != "json-file" {
		t.Errorf("there is still more than was asked for: %d variables, the log driver %s", len(c.Config.Env), c.HostConfig.LogConfig.Type)
	}
}

// TestObserve_sameInOtherWords keeps a container that says what is wanted.
func TestObserve_sameInOtherWords(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	applied := apply(t, p, b.wanted(), nil)
	id := b.alone(t, b.name)
	for name, change := range map[string]func(*spec.Upgrader){
		"schedule": func(u *spec.Upgrader) { u.Schedule = "0 * * * *" },
		"manager":  func(u *spec.Upgrader) { u.ManagerEndpoint += "/" },
		"network":  func(u *spec.Upgrader) { u.Docker.NetworkMode = "bridge" },
		"driver":   func(u *spec.Upgrader) { u.Docker.LogDriver = "json-file" },
	} {
		want := b.wanted()
		change(&want)
		applied = apply(t, p, want, applied.Objects)
		if b.alone(t, b.name) != id {
			t.Fatalf("%s: the container was replaced", name)
		}
		unchanged(t, p, want, applied.Objects)
	}
	// The UI's manifest gives a pod the digits that a token encodes.
	want := b.wanted()
	want.Token = "MmY2YjA5ODhiNmZiMzM3MDA3M2MzZDA1MDViYWVlNTk="
	applied = apply(t, p, want, applied.Objects)
	id = b.alone(t, b.name)
	want.Token = "2f6b0988b6fb3370073c3d0505baee59"
	apply(t, p, want, applied.Objects)
	if b.alone(t, b.name) != id {
		t.Error("the container was replaced for the same token")
	}
}

// TestDrift_neverStarted starts what somebody else only made.
func TestDrift_neverStarted(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	options := documented(b)
	options.Name, options.HostConfig.RestartPolicy.Name = b.name, "unless-stopped"
	created, err := b.API.ContainerCreate(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, b.platform(), b.wanted(), []spec.Object{{Kind: "Container", Name: b.name, ID: created.ID}})
	if b.alone(t, b.name) != created.ID {
		t.Error("the container was replaced")
	}
}

// TestDrift_restarting has an upgrader that the engine starts again and again.
func TestDrift_restarting(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	options := documented(b)
	options.Name, options.HostConfig.RestartPolicy.Name = b.name, "unless-stopped"
	options.Config.Env = append(options.Config.Env, "SCHEDULE="+token)
	id := b.Run(t, options)
	want := b.wanted()
	want.Schedule = token
	var drift []string
	dockertest.Eventually(t, "the container restarts", func() bool {
		drift = observe(t, p, want).Drift
		return len(drift) > 0 && strings.Contains(drift[0], "is restarting, having exited with code 1")
	})
	silent(t, drift...)

	last := []spec.Object{{Kind: "Container", Name: b.name, ID: id}}
	// An apply may meet it in one of the moments in which it runs.
	var err error
	dockertest.Eventually(t, "an apply meets it while it doesn't run", func() bool {
		_, err = b.patient().Apply(t.Context(), spec.Change{Want: want, Last: last})
		return err != nil
	})
	for _, err := range []error{err, b.patient().RunOnce(t.Context(), want)} {
		if f := failure(t, err); !strings.Contains(f.Reason, "upgrader failed: SCHEDULE") {
			t.Error(f)
		}
	}
	// With a schedule that can be read, all is well.
	applied := apply(t, p, b.wanted(), last)
	b.alone(t, b.name)
	unchanged(t, p, b.wanted(), applied.Objects)
	if err := p.RunOnce(t.Context(), b.wanted()); err != nil {
		t.Error(err)
	}
}
