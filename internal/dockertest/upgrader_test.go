package dockertest_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const account = "aBcDeFgHiJkLmNoPqRsTuV"

// ready is what the upgrader prints when it has nothing to do until the next round.
const ready = "next round at"

// scene is a Manager with one delegate in a project, images of it, and the image of an upgrader.
type scene struct {
	*dockertest.Engine
	t       *testing.T
	manager *simulator.Simulator
	url     string
	token   string
	// name is the delegate's, its container's, and the beginning of all other names.
	name string
	// socket is what the upgrader finds as the engine's.
	socket string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Engine: dockertest.Need(t), t: t, manager: simulator.New(), name: dockertest.UniqueName(t)}
	s.socket = s.Socket()
	if s.socket == "" {
		t.Skipf("SKIPPED: no Docker Engine with a socket to mount: it is at %s", s.Host)
	}
	s.manager.AddAccount(simulator.Account{
		ID: account, LatestVersion: "24.04.82804", Orgs: map[string][]string{"default": {"payments"}},
	})
	s.manager.AddDelegate(simulator.Delegate{
		AccountID: account, OrgID: "default", ProjectID: "payments", Name: s.name, Type: "DOCKER",
	})
	for _, token := range s.manager.DelegateTokens(account) {
		if token.ProjectID != "" {
			s.token = token.Value
		}
	}
	server := httptest.NewServer(s.manager)
	t.Cleanup(server.Close)
	s.url = server.URL

	upgrader, _ := programs(t)
	s.Image(t, s.name+"-upgrader:1", upgrader)
	for _, version := range []string{"1", "2"} {
		delegateImage(t, s.Engine, s.image(version), version)
	}
	s.Sweep(t, s.name)
	return s
}

// image is that of the delegate in a version.
func (s *scene) image(version string) string {
	return s.name + ":" + version
}

// override says what the delegate should run.
func (s *scene) override(image string) {
	s.t.Helper()
	err := s.manager.PutOverride(simulator.Override{AccountID: account, OrgID: "default", ProjectID: "payments", Version: image})
	if err != nil {
		s.t.Fatal(err)
	}
}

// upgrade starts the upgrader in a container, which reaches the Manager on the host, and waits until it is ready.
func (s *scene) upgrade(environment ...string) string {
	s.t.Helper()
	id := s.Run(s.t, client.ContainerCreateOptions{
		Name: s.name + "-upgrader",
		Config: &container.Config{Image: s.name + "-upgrader:1", Env: append([]string{
			"ACCOUNT_ID=" + account, "MANAGER_HOST_AND_PORT=" + s.url, "UPGRADER_WORKLOAD_NAME=" + s.name,
			"UPGRADER_TOKEN=" + s.token, "CONTAINER_STOP_TIMEOUT=10",
		}, environment...)},
		HostConfig: &container.HostConfig{NetworkMode: "host", Binds: []string{s.socket + ":/var/run/docker.sock"}},
	})
	waitForLog(s.t, s.Engine, id, ready)
	return id
}

// round asks for a round of the upgrader and waits for its end.
func (s *scene) round(upgrader string) string {
	s.t.Helper()
	rounds := strings.Count(s.Logs(s.t, upgrader), ready)
	s.Signal(s.t, upgrader, "SIGUSR1")
	s.wait(upgrader, rounds+1)
	log := s.Logs(s.t, upgrader)
	if strings.Contains(log, s.token) {
		s.t.Errorf("the upgrader printed the token:\n%s", log)
	}
	return log
}

// wait waits until the upgrader has been ready this often.
func (s *scene) wait(upgrader string, times int) {
	s.t.Helper()
	dockertest.Eventually(s.t, "the upgrader ends its round", func() bool {
		return strings.Count(s.Logs(s.t, upgrader), ready) >= times
	})
}

// wantDelegate checks that there is one container of the delegate, which runs the image.
func (s *scene) wantDelegate(image, log string) container.InspectResponse {
	s.t.Helper()
	names, err := s.Names(s.t.Context(), s.name)
	if err != nil {
		s.t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "-upgrader") })
	wantEqual(s.t, names, []string{s.name})
	inspected, there := s.Container(s.t, s.name)
	if !there || !inspected.State.Running || inspected.Config.Image != image {
		s.t.Fatalf("the delegate does not run %s, but: %+v\nLog of the upgrader:\n%s", image, inspected, log)
	}
	return inspected
}

func TestUpgraderReplacesTheContainerAfterAnOverride(t *testing.T) {
	s := newScene(t)
	options := named(s.name, s.image("1"))
	options.Config.Labels = map[string]string{"mine": "1"}
	options.HostConfig.Memory, options.HostConfig.MemorySwap, options.HostConfig.NanoCPUs = 64<<20, 64<<20, 250_000_000
	options.HostConfig.RestartPolicy = container.RestartPolicy{Name: container.RestartPolicyUnlessStopped}
	first := s.Run(t, options)
	s.override(s.image("1"))
	upgrader := s.upgrade("STANDIN_RUN_AT_START=true")
	waitForLog(t, s.Engine, upgrader, s.name+" is to stay")

	s.override(s.image("2"))
	log := s.round(upgrader)
	got := s.wantDelegate(s.image("2"), log)
	if got.ID == first {
		t.Error("the container is still the first one")
	}
	waitForLog(t, s.Engine, s.name, "delegate "+s.name+", version 2, is up")
	wantEqual(t, got.Config.Env, []string{"DELEGATE_NAME=" + s.name})
	wantEqual(t, got.Config.Labels, map[string]string{"mine": "1"})
	wantEqual(t, got.Config.Hostname, got.ID[:12])
	wantEqual(t, []int64{got.HostConfig.Memory, got.HostConfig.MemorySwap, got.HostConfig.NanoCPUs}, []int64{64 << 20, 64 << 20, 250_000_000})
	wantEqual(t, string(got.HostConfig.RestartPolicy.Name), "unless-stopped")
	wantEqual(t, s.manager.Delegates(account)[0].UpgraderLastUpdated.IsZero(), false)

	s.override(s.image("1"))
	s.wantDelegate(s.image("1"), s.round(upgrader))

	s.Signal(t, upgrader, "SIGTERM")
	dockertest.Eventually(t, "the upgrader ends", func() bool {
		inspected, there := s.Container(t, upgrader)
		return there && !inspected.State.Running && inspected.State.ExitCode == 0
	})
}

func TestUpgraderLeavesContainersOfOthersAlone(t *testing.T) {
	s := newScene(t)
	options := named(s.name+"-other", s.image("1"))
	s.Run(t, options)
	stopped := named(s.name, s.image("1"))
	if _, err := s.API.ContainerCreate(t.Context(), stopped); err != nil {
		t.Fatal(err)
	}
	s.override(s.image("2"))
	log := s.round(s.upgrade())
	if !strings.Contains(log, "containers of delegate "+s.name+": 0") {
		t.Errorf("the upgrader found containers:\n%s", log)
	}
	other, _ := s.Container(t, options.Name)
	wantEqual(t, other.Config.Image, s.image("1"))
}

func TestUpgraderOnlyLooksAfterHealthIfToldSo(t *testing.T) {
	s := newScene(t)
	s.Run(t, named(s.name, s.image("1")))
	s.override(s.image("2"))
	log := s.round(s.upgrade("DISABLE_AUTO_UPGRADE=true"))
	s.wantDelegate(s.image("1"), log)
	if !strings.Contains(log, s.name+" is running, of image "+s.image("1")) {
		t.Errorf("there is no word of health:\n%s", log)
	}
	wantEqual(t, s.manager.Delegates(account)[0].UpgraderLastUpdated.IsZero(), true)
}

func TestUpgraderPullsOnlyWithoutCredentials(t *testing.T) {
	s := newScene(t)
	registry := s.Registry(t)
	_, delegate := programs(t)
	image := registry.Add(t, "delegate", "3", delegate, "-version=3")
	s.Run(t, named(s.name, s.image("1")))
	s.override(image)
	upgrader := s.upgrade()

	registry.RequireAuth("me", "password")
	log := s.round(upgrader)
	s.wantDelegate(s.image("1"), log)
	if !strings.Contains(log, "not upgraded, "+image+" cannot be had without credentials") {
		t.Errorf("there is no reason in:\n%s", log)
	}

	registry.RequireAuth("", "")
	s.wantDelegate(image, s.round(upgrader))
	wantEqual(t, registry.Pulls("delegate", "3"), 1)
}

func TestUpgraderTakesBackWhatDoesNotStart(t *testing.T) {
	s := newScene(t)
	s.Run(t, named(s.name, s.image("1")))
	proxy := s.Proxy(t)
	s.socket = proxy.Socket()
	upgrader := s.upgrade()
	s.override(s.image("2"))
	proxy.Inject(dockertest.Fault{
		Kind: dockertest.FaultStatus, Method: http.MethodPost, Path: regexp.MustCompile(`^/containers/[^/]+/start$`),
	})
	log := s.round(upgrader)
	s.wantDelegate(s.image("1"), log)
	if !strings.Contains(log, "injected fault") {
		t.Errorf("the fault is not in the log:\n%s", log)
	}
}

func TestUpgraderEndsWhatItWasTornOutOf(t *testing.T) {
	create, stop := regexp.MustCompile(`^/containers/create$`), regexp.MustCompile(`^/containers/[^/]+/stop$`)
	for name, test := range map[string]struct {
		at   *regexp.Regexp
		says string
		// want is the version after the next round.
		want string
	}{
		"before the successor was made":  {create, "has no successor, it gets its name back", "1"},
		"before the old one was stopped": {stop, "has a successor, stopping it", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.Run(t, named(s.name, s.image("1")))
			s.override(s.image("2"))
			proxy := s.Proxy(t)
			s.socket = proxy.Socket()
			upgrader := s.upgrade()
			proxy.Inject(dockertest.Fault{
				Kind: dockertest.FaultRefuse, Method: http.MethodPost, Path: test.at, Times: 1,
				Before: func() { s.Signal(t, upgrader, "SIGKILL") },
			})
			s.Signal(t, upgrader, "SIGUSR1")
			dockertest.Eventually(t, "the upgrader is killed", func() bool {
				inspected, there := s.Container(t, upgrader)
				return there && !inspected.State.Running
			})
			if _, err := s.API.ContainerStart(t.Context(), upgrader, client.ContainerStartOptions{}); err != nil {
				t.Fatal(err)
			}
			s.wait(upgrader, 2) // Once before the end, once after it.
			log := s.round(upgrader)
			s.wantDelegate(s.image(test.want), log)
			if !strings.Contains(log, test.says) {
				t.Errorf("the log does not say %q:\n%s", test.says, log)
			}
			s.wantDelegate(s.image("2"), s.round(upgrader))
		})
	}
}

func TestUpgraderEndsPromptlyWhileItWaitsForTheOldContainer(t *testing.T) {
	s := newScene(t)
	busy := s.image("busy")
	delegateImage(t, s.Engine, busy, "busy", "-drain=1h")
	old := s.Run(t, named(s.name, busy))
	s.override(s.image("2"))
	upgrader := s.upgrade("CONTAINER_STOP_TIMEOUT=3600")
	s.Signal(t, upgrader, "SIGUSR1")
	waitForLog(t, s.Engine, old, "delegate ends after its tasks")
	waitForLog(t, s.Engine, upgrader, "stopping the old container within 1h0m0s")

	s.Signal(t, upgrader, "SIGTERM")
	waitForLog(t, s.Engine, upgrader, "told to stop")
	for _, name := range []string{s.name, s.name + "-old-" + old[:12]} {
		if inspected, there := s.Container(t, name); !there || !inspected.State.Running {
			t.Errorf("container %s does not run", name)
		}
	}
}

func TestUpgraderKillsAnOldContainerThatTakesTooLong(t *testing.T) {
	s := newScene(t)
	busy := s.image("busy")
	delegateImage(t, s.Engine, busy, "busy", "-drain=1h")
	s.Run(t, named(s.name, busy))
	s.override(s.image("2"))
	s.wantDelegate(s.image("2"), s.round(s.upgrade("CONTAINER_STOP_TIMEOUT=1")))
}

func TestUpgraderKeepsTheNetworks(t *testing.T) {
	s := newScene(t)
	networks := []string{s.name + "-a", s.name + "-b"}
	for _, name := range networks {
		if _, err := s.API.NetworkCreate(t.Context(), name, client.NetworkCreateOptions{Internal: true}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
			defer cancel()
			if err := s.RemoveContainers(ctx, s.name); err != nil {
				t.Error(err)
			}
			if _, err := s.API.NetworkRemove(ctx, name, client.NetworkRemoveOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	options := named(s.name, s.image("1"))
	options.HostConfig.NetworkMode = container.NetworkMode(networks[1])
	old := s.Run(t, options)
	_, err := s.API.NetworkConnect(t.Context(), networks[0], client.NetworkConnectOptions{
		Container: old, EndpointConfig: &network.EndpointSettings{Aliases: []string{"also"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.override(s.image("2"))
	got := s.wantDelegate(s.image("2"), s.round(s.upgrade()))
	wantEqual(t, string(got.HostConfig.NetworkMode), networks[1])
	wantEqual(t, slices.Sorted(maps.Keys(got.NetworkSettings.Networks)), networks)
	if aliases := got.NetworkSettings.Networks[networks[0]].Aliases; !slices.Contains(aliases, "also") || slices.Contains(aliases, old[:12]) {
		t.Errorf("the aliases are %v", aliases)
	}
}
