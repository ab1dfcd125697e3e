package upgrader_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// What can't be made is an error that says why and what to do, and nothing is
// left of the attempt.
func TestAccDocker_cannotBeMade(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	proxy := d.Proxy(t)
	stranger := d.name + "-stranger"
	_, program := programs(t)
	d.addImage("ends", program, "-no-such-flag") // it ends at once, and says why
	d.runDelegate(stranger, d.addImage("delegate", program))
	foreign := d.name + "-foreign"
	c := d.live(d.Run(t, client.ContainerCreateOptions{Name: foreign, Config: &api.Config{
		Image: d.image, Env: []string{"UPGRADER_WORKLOAD_NAME=x", "ACCOUNT_ID=x", "MANAGER_HOST_AND_PORT=http://x", "UPGRADER_TOKEN=" + token},
	}}))
	config := d.configAt(proxy.Host(), d.least().block("it"))
	fails := func(given arguments, phrases ...string) resource.TestStep {
		return resource.TestStep{Config: d.configAt(proxy.Host(), given.block("it")), ExpectError: saying(append([]string{"Unable to Create Upgrader"}, phrases...)...)}
	}
	least := d.least()
	down := fails(least, "Could not look for Container/"+d.container(), proxy.Host(), "start the engine")
	down.PreConfig = func() { mustDo(t, proxy.Stop()) }
	bare := fails(least.with("image", quoted(d.name+":none")).with("docker.pull_policy", `"never"`), "pull_policy")
	bare.PreConfig = func() { mustDo(t, proxy.Start()) }
	d.upgraders(
		[]string{stranger, foreign},
		down,
		bare,
		fails(least.with("image", `"registry.invalid/upgrader:1"`), "registry.invalid/upgrader:1", "The engine can't reach the registry"),
		fails(least.with("image", quoted(d.name+":ends")), "Could not start Container/"+d.container(), "flag provided but not defined", "Check the image", "Done:", "removed Container/"+d.container()+" again"),
		fails(least.with("docker.name", quoted(foreign)), "there is a container of that name already", "import", "docker/"+foreign),
		fails(least.with("docker.name", quoted(stranger)), "there is a container of that name already", "Choose another `docker.name`"),
		fails(least.with("docker.socket_path", `"/no/such.sock"`), "/no/such.sock", "docker.socket_path"),
		fails(least.with("docker.network_mode", quoted(d.name+"-net")), d.name+"-net"),
		resource.TestStep{
			Config: config,
			Check: func(*terraform.State) error {
				if now := d.live(foreign); now.ID != c.ID || now.State.StartedAt != c.State.StartedAt {
					return fmt.Errorf("the container of others was touched")
				}
				return d.holds(d.container(), foreign, stranger)
			},
		},
	)
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What can't be changed leaves the old container running as before, and the next
// apply goes on.
func TestAccDocker_cannotBeReplaced(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	proxy := d.Proxy(t)
	_, program := programs(t)
	d.addImage("ends", program, "-no-such-flag")
	var before api.InspectResponse
	asBefore := func() {
		if d.alone() != before.ID || d.live(d.container()).State.StartedAt != before.State.StartedAt {
			t.Error("the old container is not running as before")
		}
	}
	config := func(given arguments) string { return d.configAt(proxy.Host(), given.block("it")) }
	least := d.least()
	d.upgraders(nil, resource.TestStep{
		Config: config(least),
		Check:  func(*terraform.State) error { before = d.live(d.alone()); return nil },
	}, resource.TestStep{
		Config:      config(least.with("image", quoted(d.name+":ends"))),
		ExpectError: saying("Unable to Update Upgrader", "flag provided but not defined", "gave Container/"+d.container(), "its name back"),
	}, resource.TestStep{
		PreConfig:   asBefore,
		Config:      config(least.with("image", quoted(d.name+":none")).with("docker.pull_policy", `"never"`)),
		ExpectError: saying("Unable to Update Upgrader", d.name+":none"),
	}, resource.TestStep{
		PreConfig: func() {
			asBefore()
			proxy.Inject(dockertest.Fault{Kind: dockertest.FaultStatus, Method: "POST", Path: regexp.MustCompile("/containers/create$")})
		},
		Config:      config(least.with("schedule", `"*/5 * * * *"`)),
		ExpectError: saying("Unable to Update Upgrader", "injected fault"),
	}, resource.TestStep{
		PreConfig: func() {
			asBefore()
			proxy.ClearFaults()
			proxy.Inject(dockertest.Fault{Kind: dockertest.FaultRefuse, Method: "POST", Path: regexp.MustCompile("/start$"), Before: func() { _ = proxy.Stop() }})
		},
		Config:      config(least.with("schedule", `"*/5 * * * *"`)),
		ExpectError: saying("Unable to Update Upgrader", "Not done:"),
	}, resource.TestStep{
		PreConfig: func() {
			proxy.ClearFaults()
			mustDo(t, proxy.Start())
		},
		Config:           config(least.with("schedule", `"*/5 * * * *"`)),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		Check:            func(*terraform.State) error { d.alone(); return nil },
	}, resource.TestStep{
		PreConfig:   func() { mustDo(t, proxy.Stop()) },
		Config:      config(least),
		ExpectError: saying("Unable to Read Upgrader", proxy.Host(), "start the engine"),
	}, resource.TestStep{
		PreConfig: func() { mustDo(t, proxy.Start()) },
		Config:    config(least),
	})
}

// A host that never answers is given up within the time-out.
func TestAccDocker_hostOutOfReach(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	proxy := d.Proxy(t)
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultHang})
	server, err := proxy.ListenTCP()
	mustDo(t, err)
	least := d.least()
	d.upgraders(nil, resource.TestStep{
		Config:      d.configAt("tcp://127.0.0.1:1", least.block("it")),
		ExpectError: saying("Unable to Create Upgrader", "tcp://127.0.0.1:1", "can't be reached"),
	}, resource.TestStep{
		Config:      d.configAt(server, least.with("timeouts.create", `"1s"`).block("it")),
		ExpectError: saying("Unable to Create Upgrader", "the time was up", server, "timeouts"),
	})
}

// writes are the requests that change something about containers.
var writes = regexp.MustCompile(`^/containers/(create|[^/]+/(start|stop|rename|update)|[0-9a-f]{64})$`)

// killedAfter is a fault that kills the provider once some writes were answered:
// before its next request of any kind gets through.
func killedAfter(t *testing.T, proxy *dockertest.Proxy, count int, folder string) {
	t.Helper()
	kill := dockertest.Fault{Kind: dockertest.FaultRefuse, Times: 1, Before: func() { killProvider(t, folder) }}
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultNone, Path: writes, Skip: count - 1, Times: 1, Before: func() { proxy.Inject(kill) }})
}

// killProvider ends the provider that Terraform has started in a folder, as a
// crash or the kernel would.
func killProvider(t *testing.T, folder string) {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(processes) == 0 {
		t.Errorf("looking for the provider: %v", err)
	}
	for _, process := range processes {
		place, _ := os.Readlink(process + "/cwd")
		line, _ := os.ReadFile(process + "/cmdline")
		if place != folder || !strings.Contains(strings.Split(string(line), "\x00")[0], "terraform-provider-harnessdelegate") {
			continue
		}
		var id int
		if _, err := fmt.Sscanf(filepath.Base(process), "%d", &id); err == nil {
			_ = syscall.Kill(id, syscall.SIGKILL)
		}
	}
}

// However often the provider is killed, the next apply goes on from there, until
// exactly one container has the name, and none is left over.
func TestAccDocker_killed(t *testing.T) {
	t.Parallel()
	dockertest.Need(t)
	if _, err := os.Stat("/proc/self/cwd"); err != nil {
		t.Skipf("SKIPPED: the provider's process can't be found without /proc: %v", err)
	}
	for _, test := range []struct {
		name   string
		exists bool
		writes int
	}{{"create", false, 2}, {"replace", true, 5}} {
		for count := 1; count <= test.writes; count++ {
			t.Run(fmt.Sprintf("%s after %d writes", test.name, count), func(t *testing.T) {
				t.Parallel()
				killedAndRepaired(t, test.exists, count)
			})
		}
	}
}

func killedAndRepaired(t *testing.T, exists bool, count int) {
	t.Helper()
	d := newDock(t)
	proxy := d.Proxy(t)
	given := d.least()
	w := d.workspace(given.block("it"), "DOCKER_HOST="+proxy.Host())
	if exists {
		w.Succeed("apply", "-auto-approve", "-no-color")
		w.Configure(given.with("schedule", `"*/5 * * * *"`).block("it"))
	}
	folder, err := filepath.EvalSymlinks(w.Dir)
	mustDo(t, err)
	killedAfter(t, proxy, count, folder)
	// Terraform says the one or the other, as it notices.
	ended := regexp.MustCompile(`Plugin did not respond|request was cancelled`)
	if killed := w.Terraform("apply", "-auto-approve", "-no-color"); killed.ExitCode == 0 || !ended.MatchString(killed.Output()) {
		t.Errorf("the provider was not killed:\n%s", killed.Output())
	}
	proxy.ClearFaults()
	w.Succeed("apply", "-auto-approve", "-no-color")
	d.alone()
	schedule := "0 */1 * * *"
	if exists {
		schedule = "*/5 * * * *"
	}
	if live := environment(d.live(d.container()))["SCHEDULE"]; live != schedule {
		t.Errorf("the schedule is %q", live)
	}
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
	mustDo(t, d.holds())
}

// workspace runs the provider's binary, with settings in the environment.
func (d *dock) workspace(config string, environment ...string) *acctest.Workspace {
	d.t.Helper()
	w := acctest.NewWorkspace(d.t, d.manager, binary, config)
	w.Env = append(w.Env, environment...)
	return w
}
