package container_test

import (
	"context"
	"slices"
	"testing"

	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// TestDrift_renamed shows the name that somebody has given to the container, and
// gives it the wanted one back.
func TestDrift_renamed(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	applied := apply(t, p, b.wanted(), nil)
	id, byHand := b.alone(t, b.name), b.name+"-by-hand"
	if _, err := b.API.ContainerRename(t.Context(), id, client.ContainerRenameOptions{NewName: byHand}); err != nil {
		t.Fatal(err)
	}
	want := b.wanted()
	want.Schedule = "0 0 * * *"
	seen, err := p.Observe(t.Context(), want, applied.Objects)
	if err != nil {
		t.Fatal(err)
	}
	live := b.wanted()
	live.Docker.Name = byHand
	if diff := differences(live, seen.Upgrader); diff != "" || want.Docker.Name != b.name {
		t.Errorf("arguments (-live +seen):\n%s", diff)
	}
	if len(seen.Drift) > 0 || !slices.Equal(seen.Objects, []spec.Object{{Kind: "Container", Name: byHand, ID: id}}) ||
		string(seen.Token) != token || seen.TokenField != "Container/"+byHand+": environment variable UPGRADER_TOKEN" {
		t.Errorf("seen are %v, drift %v, the token in %s", seen.Objects, seen.Drift, seen.TokenField)
	}
	// Without the last objects, it is nobody's.
	if seen := observe(t, p, want); len(seen.Objects) > 0 {
		t.Errorf("seen are %v", seen.Objects)
	}
	applied = apply(t, p, b.wanted(), applied.Objects)
	if b.alone(t, b.name) != id {
		t.Error("the container is another one")
	}
	unchanged(t, p, b.wanted(), applied.Objects)
}

// TestDrift_leftOver tells of a container of the last apply beside the wanted one.
func TestDrift_leftOver(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	other := b.wanted()
	other.Docker.Name = b.name + "-other"
	last := slices.Concat(apply(t, p, other, nil).Objects, apply(t, p, b.wanted(), nil).Objects)
	seen, err := p.Observe(t.Context(), b.wanted(), last)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen.Drift, []string{"Container/" + other.Docker.Name + " is left over"}) || len(seen.Objects) != 2 || differences(b.wanted(), seen.Upgrader) != "" {
		t.Errorf("%v, %v", seen.Drift, seen.Objects)
	}
	applied := apply(t, p, b.wanted(), last)
	b.alone(t, b.name)
	unchanged(t, p, b.wanted(), applied.Objects)
}

// TestDrift_extra keeps what others have set and no argument is about, but for
// networks beside the first, of which is told beforehand.
func TestDrift_extra(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	network := b.name + "-net"
	if _, err := b.API.NetworkCreate(t.Context(), network, client.NetworkCreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := b.RemoveContainers(ctx, b.name); err != nil {
			t.Error(err)
		}
		if _, err := b.API.NetworkRemove(ctx, network, client.NetworkRemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
	options := documented(b)
	options.Name, options.HostConfig.RestartPolicy.Name = b.name, "unless-stopped"
	options.HostConfig.Binds = append(options.HostConfig.Binds, "/tmp:/extra/bind:ro")
	options.HostConfig.Mounts = []mount.Mount{{Type: mount.TypeTmpfs, Target: "/extra/mount"}}
	options.HostConfig.Tmpfs = map[string]string{"/extra/tmpfs": ""}
	options.Config.Volumes = map[string]struct{}{"/extra/volume": {}}
	options.Config.Labels = map[string]string{"com.docker.compose.project": "p", "com.docker.desktop.x": "y", "team": "ops"}
	options.Config.Hostname, options.HostConfig.ExtraHosts = "theirs", []string{"app.harness.io:127.0.0.1"}
	id := b.Run(t, options)
	if _, err := b.API.NetworkConnect(t.Context(), network, client.NetworkConnectOptions{Container: id}); err != nil {
		t.Fatal(err)
	}
	want := []string{"Container/" + b.name + ": a connection to the network " + network + " is not asked for"}
	if seen := observe(t, p, b.wanted()); !slices.Equal(seen.Drift, want) {
		t.Errorf("drift is %q, want %q", seen.Drift, want)
	}
	found, ok, err := p.Find(t.Context(), spec.Place{Name: b.name})
	if err != nil || !ok || len(found.Docker.Labels) != 1 {
		t.Errorf("imported labels are %v (%t, %v)", found.Docker.Labels, ok, err)
	}
	// A network that is wanted is none too many.
	joined := b.wanted()
	joined.Docker.NetworkMode = network
	if seen := observe(t, p, joined); len(seen.Drift) > 0 {
		t.Errorf("drift is %q, want none", seen.Drift)
	}
	applied := apply(t, p, b.wanted(), []spec.Object{{Kind: "Container", Name: b.name, ID: id}})
	unchanged(t, p, b.wanted(), applied.Objects)
	c := b.live(t, b.name)
	if c.ID == id {
		t.Error("the container was not replaced")
	}
	var mounts []string
	for _, m := range c.Mounts {
		mounts = append(mounts, m.Destination)
	}
	for _, target := range []string{"/extra/bind", "/extra/mount", "/extra/volume", "/var/run/docker.sock"} {
		if !slices.Contains(mounts, target) {
			t.Errorf("the mount at %s is gone: %v", target, mounts)
		}
	}
	if len(mounts) != 4 || len(c.HostConfig.Tmpfs) != 1 || c.Config.Hostname != "theirs" || len(c.HostConfig.ExtraHosts) != 1 ||
		c.Config.Labels["com.docker.compose.project"] != "p" || c.Config.Labels["team"] != "ops" {
		t.Errorf("mounts %v, tmpfs %v, host name %s, hosts %v, labels %v", mounts, c.HostConfig.Tmpfs, c.Config.Hostname, c.HostConfig.ExtraHosts, c.Config.Labels)
	}
	// A label that was imported and is left out goes.
	had := b.wanted()
	had.Docker.Labels = map[string]string{"team": "ops"}
	if _, err := p.Apply(t.Context(), spec.Change{Want: b.wanted(), Prior: &had, Last: applied.Objects}); err != nil {
		t.Fatal(err)
	}
	if labels := b.live(t, b.name).Config.Labels; labels["team"] != "" || labels["com.docker.compose.project"] != "p" {
		t.Errorf("labels are %v", labels)
	}
}
