package upgrader_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	framework "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader"
)

// dock is a test's place on the machine's Docker Engine, and a Manager.
type dock struct {
	*dockertest.Engine

	t       *testing.T
	manager *acctest.Manager
	// name begins the names of all that the test makes; the delegate has it, too.
	name string
	// image is of the stand-in for the upgrader.
	image  string
	events *eventLog
}

// eventLog is what the engine has told since the test began. The engine itself
// remembers only the last few events, of all containers.
type eventLog struct {
	mutex sync.Mutex
	seen  []events.Message
	ended error
}

// follow keeps the log until the test ends.
func follow(t *testing.T, e *dockertest.Engine) *eventLog {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	log := &eventLog{}
	stream := e.API.Events(ctx, client.EventsListOptions{
		Since: strconv.FormatInt(time.Now().Unix(), 10), Filters: client.Filters{}.Add("type", string(events.ContainerEventType)),
	})
	go func() {
		for {
			select {
			case event, open := <-stream.Messages:
				if !open {
					return
				}
				log.mutex.Lock()
				log.seen = append(log.seen, event)
				log.mutex.Unlock()
			case err := <-stream.Err:
				log.mutex.Lock()
				log.ended = err // what is missing then fails the test that looks for it
				log.mutex.Unlock()
				return
			}
		}
	}()
	return log
}

var standins = sync.OnceValues(func() ([2]string, error) {
	upgraderPath, delegatePath, err := standin.Build(context.Background())
	return [2]string{upgraderPath, delegatePath}, err
})

// programs are the stand-ins for the upgrader and for a delegate.
func programs(t *testing.T) (upgraderPath, delegatePath string) {
	t.Helper()
	paths, err := standins()
	if err != nil {
		t.Fatal(err)
	}
	return paths[0], paths[1]
}

func newDock(t *testing.T) *dock {
	t.Helper()
	e := dockertest.Need(t)
	if e.Socket() == "" {
		t.Skipf("SKIPPED: the engine at %s is not on this machine, and these tests mount its socket", e.Host)
	}
	d := &dock{Engine: e, t: t, manager: acctest.NewManager(t), name: dockertest.UniqueName(t), events: follow(t, e)}
	upgraderPath, _ := programs(t)
	d.image = d.addImage("one", upgraderPath)
	// Cleanups run backwards: containers go before their images.
	e.Sweep(t, d.name)
	return d
}

// addImage makes an image of one program, and gives its name.
func (d *dock) addImage(tag, program string, arguments ...string) string {
	d.t.Helper()
	d.Image(d.t, d.name+":"+tag, program, arguments...)
	return d.name + ":" + tag
}

// config is a configuration for the engine.
func (d *dock) config(parts ...string) string { return d.configAt(d.Host, parts...) }

// configAt is config for another address, such as a proxy's.
func (d *dock) configAt(host string, parts ...string) string {
	return d.manager.ConfigWith(fmt.Sprintf("docker { host = %q }", host), parts...)
}

// least are the fewest arguments of an upgrader here. Its container is called
// like the delegate, with -upgrader at the end.
func (d *dock) least() arguments {
	return arguments{
		"delegate_name": quoted(d.name), "token": quoted(token), "image": quoted(d.image), "docker.socket_path": quoted(d.Socket()),
	}
}

// container is the name of the upgrader's container in most tests.
func (d *dock) container() string { return d.name + "-upgrader" }

// upgraders runs steps through the real Terraform CLI. In the end no containers
// may be left but what the test says.
func (d *dock) upgraders(left []string, steps ...resource.TestStep) {
	d.t.Helper()
	resource.UnitTest(d.t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy:             func(*terraform.State) error { return d.holds(left...) },
		Steps:                    steps,
	})
}

// holds checks which containers there are of the test's.
func (d *dock) holds(want ...string) error {
	got, err := d.Names(context.WithoutCancel(d.t.Context()), d.name)
	if err != nil {
		return err
	}
	slices.Sort(got)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		return fmt.Errorf("the engine has the containers %q, want %q", got, want)
	}
	return nil
}

// live inspects a container that must be there.
func (d *dock) live(name string) api.InspectResponse {
	d.t.Helper()
	found, ok := d.Container(d.t, name)
	if !ok {
		d.t.Fatalf("there is no container %s", name)
	}
	return found
}

// alone checks that the upgrader's container is the only one of the test's, and
// that it runs. It gives its ID.
func (d *dock) alone() string {
	d.t.Helper()
	if err := d.holds(d.container()); err != nil {
		d.t.Fatal(err)
	}
	c := d.live(d.container())
	if !c.State.Running || c.State.Paused || c.State.Restarting {
		d.t.Fatalf("%s is %s, want it to run", d.container(), c.State.Status)
	}
	return c.ID
}

// environment is a container's, by names.
func environment(c api.InspectResponse) map[string]string {
	found := map[string]string{}
	for _, entry := range c.Config.Env {
		name, value, _ := strings.Cut(entry, "=")
		found[name] = value
	}
	return found
}

// described is a container as the engine describes it, with its environment as
// an object under "env", and its labels under "labels".
func (d *dock) described(name string) map[string]any {
	d.t.Helper()
	c := d.live(name)
	var fields map[string]any
	if err := json.Unmarshal([]byte(asJSON(d.t, c)), &fields); err != nil {
		d.t.Fatal(err)
	}
	for key, values := range map[string]map[string]string{"env": environment(c), "labels": c.Config.Labels} {
		plain := map[string]any{}
		for name, value := range values {
			plain[name] = value
		}
		fields[key] = plain
	}
	return fields
}

// again makes a container anew as a person does who copies it, but for what
// change does to it.
func (d *dock) again(name string, change func(*client.ContainerCreateOptions)) {
	d.t.Helper()
	old := d.live(name)
	options := client.ContainerCreateOptions{Name: name, Config: old.Config, HostConfig: old.HostConfig}
	options.Config.Hostname = ""
	change(&options)
	if err := d.RemoveContainers(d.t.Context(), name); err != nil {
		d.t.Fatal(err)
	}
	d.Run(d.t, options)
}

// happened are the moments at which a container has started, died and so on, by
// "ID ACTION", and the details of the last such event.
func (d *dock) happened() (moments map[string]int64, details map[string]map[string]string) {
	d.t.Helper()
	moments, details = map[string]int64{}, map[string]map[string]string{}
	d.events.mutex.Lock()
	defer d.events.mutex.Unlock()
	for _, event := range d.events.seen {
		if strings.HasPrefix(event.Actor.Attributes["name"], d.name) {
			key := event.Actor.ID + " " + string(event.Action)
			moments[key], details[key] = event.TimeNano, event.Actor.Attributes
		}
	}
	return moments, details
}

// overlapped checks that a new container ran before the old one went.
func (d *dock) overlapped(before, after string) error {
	var started, ended int64
	dockertest.Eventually(d.t, "the engine tells of both containers", func() bool {
		moments, _ := d.happened()
		started, ended = moments[after+" start"], moments[before+" die"]
		return started != 0 && ended != 0
	})
	if started >= ended {
		return fmt.Errorf("the new container started at %d, and the old one ended at %d", started, ended)
	}
	return nil
}

// dockerAttributes are all that an upgrader on Docker can be given, as
// attributes are for Kubernetes.
func dockerAttributes(t *testing.T) map[string]bool {
	t.Helper()
	var response framework.SchemaResponse
	upgrader.NewResource().Schema(t.Context(), framework.SchemaRequest{}, &response)
	all := leaves("", response.Schema.Attributes)
	maps.DeleteFunc(all, func(path string, _ bool) bool { return strings.HasPrefix(path, "kubernetes") })
	return all
}
