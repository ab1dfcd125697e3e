package container_test

import (
	"os/exec"
	"strings"
	"testing"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	backend "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// documented is what the documentation's docker run command makes.
func documented(b bed) client.ContainerCreateOptions {
	return client.ContainerCreateOptions{
		Config: &api.Config{Image: b.image, Env: []string{
			"ACCOUNT_ID=aBcDeFgHiJkLmNoPqRsTuV", "MANAGER_HOST_AND_PORT=https://app.harness.io", "UPGRADER_WORKLOAD_NAME=" + b.name,
			"UPGRADER_TOKEN=" + token, "SCHEDULE=0 */1 * * *",
		}},
		HostConfig: &api.HostConfig{
			Resources:   api.Resources{NanoCPUs: 100_000_000, Memory: 100 << 20},
			Binds:       []string{b.Socket() + ":/var/run/docker.sock"},
			NetworkMode: "default",
		},
	}
}

// TestFind_documented imports what the documentation's command made, and goes on
// with it.
func TestFind_documented(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	options := documented(b)
	options.Name = b.name + "-modest-hopper"
	id := b.Run(t, options)
	p := b.platform()

	found, ok, err := p.Find(t.Context(), spec.Place{Name: options.Name})
	if err != nil || !ok {
		t.Fatalf("found is %t, error is %v", ok, err)
	}
	want := b.wanted()
	want.Docker.Name, want.Docker.Restart = options.Name, "no"
	if diff := differences(want, found); diff != "" {
		t.Errorf("import (-want +found):\n%s", diff)
	}
	unchanged(t, p, found, []spec.Object{{Kind: "Container", Name: options.Name, ID: id}})

	// What the engine can change keeps the container.
	changed := b.wanted()
	changed.Docker.CPUs, changed.Docker.Memory = 0.2, 150
	applied := apply(t, p, changed, []spec.Object{{Kind: "Container", Name: options.Name, ID: id}})
	if b.alone(t, b.name) != id {
		t.Error("the container was replaced")
	}
	unchanged(t, p, changed, applied.Objects)

	changed.Schedule = "*/30 * * * *"
	applied = apply(t, p, changed, applied.Objects)
	if b.alone(t, b.name) == id {
		t.Error("the container was not replaced")
	}
	unchanged(t, p, changed, applied.Objects)
}

// TestFind_unnamed finds a container whose name the engine has made up, by what it
// is, and gives it a name in place.
func TestFind_unnamed(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	id := b.Run(t, byHand(b))
	name := ""
	for one, err := range p.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if one.DelegateName == b.name {
			name = one.Name
		}
	}
	if c := b.live(t, id); name == "" || c.Name != "/"+name {
		t.Fatalf("listed under the name %q, and it is called %s", name, c.Name)
	}
	for _, place := range []string{name, id, id[:12]} {
		found, ok, err := p.Find(t.Context(), spec.Place{Name: place})
		if err != nil || !ok || found.Docker.Name != name || found.DelegateName != b.name {
			t.Errorf("at %s: found %t, %v", place, ok, err)
		}
	}
	want := b.wanted()
	applied := applyAfter(t, p, want, want, []spec.Object{{Kind: "Container", Name: name, ID: id}})
	if b.alone(t, b.name) != id {
		t.Error("the container was replaced")
	}
	unchanged(t, p, want, applied.Objects)
}

func TestFind_everything(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	want := b.wanted()
	want.AutoUpgrade = false
	want.Proxy = spec.Proxy{Scheme: "https", Host: "proxy", Port: new(int64(3128)), User: "u", Password: "p4ssw0rd", HasPassword: true}
	want.Docker.Env = map[string]string{"EXTRA": "1"}
	want.Docker.Labels = map[string]string{"team": "ops"}
	want.Docker.LogDriver, want.Docker.LogOpts = "local", map[string]string{"max-size": "5m"}
	want.Docker.NetworkMode, want.Docker.ContainerStopTimeout, want.Docker.Restart = "host", 60, "on-failure:2"
	apply(t, b.platform(), want, nil)
	found, ok, err := b.platform().Find(t.Context(), spec.Place{Name: b.name})
	if err != nil || !ok {
		t.Fatalf("found is %t, error is %v", ok, err)
	}
	if diff := differences(want, found); diff != "" {
		t.Errorf("import (-want +found):\n%s", diff)
	}
}

func TestFind_other(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	if _, ok, err := b.platform().Find(t.Context(), spec.Place{Name: b.name}); ok || err != nil {
		t.Errorf("found is %t, error is %v", ok, err)
	}
	options := documented(b)
	options.Name = b.name
	options.Config.Env = []string{"X=1"}
	if _, err := b.API.ContainerCreate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	_, _, err := b.platform().Find(t.Context(), spec.Place{Name: b.name})
	if f := failure(t, err); !strings.Contains(f.Reason, "UPGRADER_WORKLOAD_NAME") {
		t.Error(f)
	}
}

// TestCommand_runs lets a shell run the command, and imports what came of it.
func TestCommand_runs(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skipf("SKIPPED: no docker command to try the rendered one with: %v", err)
	}
	want := b.wanted()
	want.Docker.Env = map[string]string{"ODD": "it's $HOME `x` \"y\"\n#"}
	want.Docker.Labels = map[string]string{"a-label": "b c"}
	want.Docker.LogDriver, want.Docker.LogOpts = "local", map[string]string{"max-size": "5m"}
	want.Proxy = spec.Proxy{Host: "proxy", Port: new(int64(3128)), User: "u", Password: "p4ssw0rd", HasPassword: true}
	run := func(env ...string) ([]byte, error) {
		shell := exec.CommandContext(t.Context(), "sh", "-c", backend.Command(want))
		shell.Env = append([]string{"PATH=/usr/local/bin:/usr/bin:/bin", "DOCKER_HOST=" + b.Host}, env...)
		return shell.CombinedOutput()
	}
	if out, err := run("PROXY_PASSWORD=p4ssw0rd"); err == nil {
		t.Fatalf("without the token it runs all the same: %s", out)
	}
	if out, err := run("UPGRADER_TOKEN="+token, "PROXY_PASSWORD=p4ssw0rd"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found, ok, err := b.platform().Find(t.Context(), spec.Place{Name: b.name})
	if err != nil || !ok {
		t.Fatalf("found is %t, error is %v", ok, err)
	}
	if diff := differences(want, found); diff != "" {
		t.Errorf("import (-want +found):\n%s", diff)
	}
}
