package container_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
	backend "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// token is what no text may show.
const token = "t0ken-that-nobody-may-see"

// settle is how long containers are watched here.
const settle = 60 * time.Millisecond

// bed is one test's place on the real engine.
type bed struct {
	*dockertest.Engine
	// name begins the names of everything that the test makes.
	name string
	// image is of the stand-in for the upgrader.
	image string
}

func newBed(t *testing.T) bed {
	t.Helper()
	e := dockertest.Need(t)
	if e.Socket() == "" {
		t.Skipf("SKIPPED: the engine at %s is not on this machine, and these tests mount its socket", e.Host)
	}
	b := bed{Engine: e, name: dockertest.UniqueName(t)}
	b.image = b.name + ":one"
	e.Image(t, b.image, program(t))
	// Cleanups run backwards: containers go before their image.
	e.Sweep(t, b.name)
	return b
}

var programs = sync.OnceValues(func() ([2]string, error) {
	upgrader, delegate, err := standin.Build(context.Background())
	return [2]string{upgrader, delegate}, err
})

// program is the stand-in for the upgrader, which ends at once if its settings
// are wrong, and delegateProgram that for a delegate.
func program(t *testing.T) string {
	t.Helper()
	return built(t)[0]
}

func delegateProgram(t *testing.T) string {
	t.Helper()
	return built(t)[1]
}

func built(t *testing.T) [2]string {
	t.Helper()
	paths, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// wanted is an upgrader with all defaults.
func (b bed) wanted() spec.Upgrader {
	return spec.Upgrader{
		DelegateName: b.name, AccountID: "aBcDeFgHiJkLmNoPqRsTuV", ManagerEndpoint: "https://app.harness.io",
		Token: token, Schedule: spec.DefaultSchedule, AutoUpgrade: true, Image: b.image,
		Docker: &spec.Docker{
			Name: b.name, SocketPath: b.Socket(), CPUs: spec.DefaultCPUs, Memory: spec.DefaultMemory,
			Restart: spec.DefaultRestart, ContainerStopTimeout: spec.DefaultStopTimeout, PullPolicy: spec.DefaultPullPolicy,
		},
	}
}

// platform is the code under test, at the engine itself.
func (b bed) platform() spec.Platform { return at(b.API, b.Host) }

// patient watches for as long as a program may take to fail on a busy machine,
// with a tenth of a core.
func (b bed) patient() spec.Platform {
	return backend.New(b.API, b.Host, nil, backend.WithSettleTime(30*time.Second), backend.WithRunTime(30*time.Second))
}

func at(engine *client.Client, host string) spec.Platform {
	return backend.New(engine, host, nil, backend.WithSettleTime(settle), backend.WithRunTime(settle),
		backend.WithStopTime(2*time.Second), backend.WithGraceTime(time.Second))
}

// through is the code under test, at the proxy.
func through(t *testing.T, p *dockertest.Proxy) spec.Platform {
	t.Helper()
	engine, err := client.New(client.WithHost(p.Host()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return at(engine, p.Host())
}

// apply makes it so, or ends the test.
func apply(t *testing.T, p spec.Platform, want spec.Upgrader, last []spec.Object) spec.Applied {
	t.Helper()
	applied, err := p.Apply(t.Context(), spec.Change{Want: want, Last: last})
	if err != nil {
		t.Fatalf("apply: %v\ndone: %v\nleft: %v", err, applied.Done, applied.Left)
	}
	return applied
}

// applyAfter is apply with a state.
func applyAfter(t *testing.T, p spec.Platform, want, had spec.Upgrader, last []spec.Object) spec.Applied {
	t.Helper()
	applied, err := p.Apply(t.Context(), spec.Change{Want: want, Prior: &had, Last: last})
	if err != nil {
		t.Fatalf("apply: %v\ndone: %v\nleft: %v", err, applied.Done, applied.Left)
	}
	return applied
}

func observe(t *testing.T, p spec.Platform, want spec.Upgrader) spec.Observed {
	t.Helper()
	seen, err := p.Observe(t.Context(), want, nil)
	if err != nil {
		t.Fatalf("observe: %v", err)
	}
	return seen
}

// alone ends the test unless exactly one container with the name runs, and there
// is no other whose name begins so. It returns its ID.
func (b bed) alone(t *testing.T, name string) string {
	t.Helper()
	names, err := b.Names(t.Context(), b.name)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(names, []string{name}) {
		t.Fatalf("containers are %v, want %s alone", names, name)
	}
	c, _ := b.Container(t, name)
	if !c.State.Running || c.State.Paused || c.State.Restarting {
		t.Fatalf("%s is %s, want it to run", name, c.State.Status)
	}
	return c.ID
}

// live inspects a container that must be there.
func (b bed) live(t *testing.T, name string) container.InspectResponse {
	t.Helper()
	c, found := b.Container(t, name)
	if !found {
		t.Fatalf("there is no container %s", name)
	}
	return c
}

// unchanged ends the test unless applying again does nothing and nothing differs.
func unchanged(t *testing.T, p spec.Platform, want spec.Upgrader, last []spec.Object) {
	t.Helper()
	seen := observe(t, p, want)
	if len(seen.Drift) > 0 {
		t.Fatalf("drift: %v", seen.Drift)
	}
	if diff := differences(want, seen.Upgrader); diff != "" {
		t.Fatalf("differs from what is wanted (-want +live):\n%s", diff)
	}
	if applied := apply(t, p, want, last); len(applied.Done) > 0 {
		t.Fatalf("applied again, it did %v", applied.Done)
	}
}

// silent ends the test if a text shows the token.
func silent(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(text, token) {
			t.Fatalf("the token is shown: %s", text)
		}
	}
}

// clear removes the test's containers when it ends, before an image that they
// were made of.
func (b bed) clear(t *testing.T) {
	t.Helper()
	if err := b.RemoveContainers(context.WithoutCancel(t.Context()), b.name); err != nil {
		t.Error(err)
	}
}
