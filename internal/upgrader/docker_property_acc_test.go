package upgrader_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// propertyRounds is how many containers of others are imported. propertySeed makes
// them the same ones each time.
const (
	propertyRounds = 16
	propertySeed   = 8
)

// theirSecret is a secret that others have put where no secret belongs.
const theirSecret = "s3cret-of-somebody-else"

// Whoever made a container, and whatever the configuration says: each change that
// the plan shows is in the container after the apply, nothing else has changed,
// the next plan is empty, and no secret is in plan, state or output.
func TestAccDocker_anyContainer(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	w := d.wire(d.Host)
	random := rand.New(rand.NewPCG(propertySeed, propertySeed)) //nolint:gosec // a repeatable choice is wanted
	for round := range propertyRounds {
		r := propertyRound{dock: d, wire: w, random: random, what: fmt.Sprintf("round %d of seed %d", round, propertySeed)}
		r.name = fmt.Sprintf("%s-%d", d.name, round)
		r.run()
	}
}

// propertyRound is one container, and what becomes of it.
type propertyRound struct {
	*dock

	wire       *acctest.Wire
	random     *rand.Rand
	what, name string
}

func (r *propertyRound) run() {
	t := r.t
	r.make()
	before := r.described(r.name)
	var said []acctest.Said
	hear := func(what string, diags []acctest.Said) {
		t.Helper()
		quiet(t, r.what+": "+what, diags)
		said = append(said, diags...)
	}
	imported, diags := r.wire.ImportByID(upgraderType, "docker/"+r.name)
	hear("import", diags)
	state, diags := r.wire.Read(upgraderType, imported)
	hear("read", diags)
	config := r.configuration()
	planned, replaces, diags := r.wire.Plan(upgraderType, state, config)
	hear("plan", diags)
	if replaces {
		t.Fatalf("%s: the plan replaces the resource", r.what)
	}
	applied, diags := r.wire.Apply(upgraderType, state, planned, config)
	hear("apply", diags)
	refreshed, diags := r.wire.Read(upgraderType, applied)
	hear("refresh", diags)
	again, _, diags := r.wire.Plan(upgraderType, refreshed, config)
	hear("plan again", diags)
	if diff := cmp.Diff(refreshed.State, again.State); diff != "" {
		t.Errorf("%s: the next plan is not empty (-state +plan):\n%s", r.what, diff)
	}
	if diff := cmp.Diff(planned.State, refreshed.State); diff != "" {
		t.Errorf("%s: the apply did not what was planned (-plan +state):\n%s", r.what, diff)
	}
	if shown := fmt.Sprint(imported, state, planned, applied, refreshed, said); strings.Contains(shown, theirSecret) {
		t.Errorf("%s: a secret is shown: %s", r.what, shown)
	}
	name := strings.TrimPrefix(fmt.Sprint(refreshed.State["id"]), "docker/")
	if diff := cmp.Diff(others(before), others(r.described(name))); diff != "" {
		t.Errorf("%s: what no plan shows has changed (-before +after):\n%s", r.what, diff)
	}
	changed := !reflect.DeepEqual(state.State["docker"], planned.State["docker"])
	if kept := r.live(name).ID == fmt.Sprint(before["Id"]); kept && changed && !r.inPlace(state.State, planned.State) {
		t.Errorf("%s: the container is the same one, although the plan changes it", r.what)
	}
	_, diags = r.wire.Apply(upgraderType, refreshed, acctest.Object{}, nil)
	hear("destroy", diags)
}

// inPlace tells whether the plan changes no more of the block than the engine can
// change.
func (r *propertyRound) inPlace(state, plan acctest.Block) bool {
	before, _ := state["docker"].(acctest.Block)
	after, _ := plan["docker"].(acctest.Block)
	before, after = maps.Clone(before), maps.Clone(after)
	for _, name := range []string{"name", "cpus", "memory", "restart", "pull_policy"} {
		delete(before, name)
		delete(after, name)
	}
	return reflect.DeepEqual(before, after)
}

// sometimes does something in half of the cases.
func (r *propertyRound) sometimes(do func()) {
	if r.random.IntN(2) == 0 {
		do()
	}
}

// make makes the container of others.
func (r *propertyRound) make() {
	host := &api.HostConfig{
		Resources: api.Resources{NanoCPUs: 100_000_000, Memory: 100 << 20}, Binds: []string{r.Socket() + ":/var/run/docker.sock"},
	}
	config := &api.Config{Image: r.image, Labels: map[string]string{}, Env: []string{
		"ACCOUNT_ID=" + acctest.Account, "MANAGER_HOST_AND_PORT=" + r.manager.URL, "UPGRADER_WORKLOAD_NAME=" + r.name, "UPGRADER_TOKEN=" + token,
	}}
	env := func(entries ...string) func() { return func() { config.Env = append(config.Env, entries...) } }
	for _, do := range []func(){
		env("SCHEDULE=*/30 * * * *"), env("SCHEDULE=0 * * * *"), env("CONTAINER_STOP_TIMEOUT=60"), env("DISABLE_AUTO_UPGRADE=true"),
		env("PROXY_HOST=proxy.example.com", "PROXY_PORT=3128"), env("PROXY_SCHEME=https", "PROXY_USER=jane"), env("PROXY_PASSWORD=" + theirSecret),
		env("ACCOUNT_SECRET=" + theirSecret), env("EXTRA=1"), env("MIRROR=https://me:" + theirSecret + "@mirror.example.com"),
		func() { host.NanoCPUs, host.CPUQuota, host.CPUPeriod = 0, 20_000, 100_000 },
		func() { host.Memory, host.MemoryReservation = 64<<20, 32<<20 },
		func() { host.RestartPolicy = api.RestartPolicy{Name: "on-failure", MaximumRetryCount: 3} },
		func() { host.NetworkMode = "host" },
		func() { host.LogConfig = api.LogConfig{Type: "local", Config: map[string]string{"max-size": "5m"}} },
		func() {
			host.LogConfig = api.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "7m", "tag": "x"}}
		},
		func() { config.Labels["team"] = "ops" },
		func() { config.Labels["com.docker.compose.project"] = "p" },
		func() { host.Mounts = []mount.Mount{{Type: mount.TypeTmpfs, Target: "/scratch"}} },
		func() { host.ExtraHosts = []string{"a.example.com:127.0.0.1"} },
		func() { host.CapDrop = []string{"NET_RAW"} },
		func() { host.ReadonlyRootfs = true },
		func() { config.User = "0" },
		func() { seconds := 30; config.StopTimeout, config.StopSignal = &seconds, "SIGINT" },
		func() { host.Binds[0] += ":ro" },
	} {
		r.sometimes(do)
	}
	r.Run(r.t, client.ContainerCreateOptions{Name: r.name, Config: config, HostConfig: host})
}

// configuration is what the resource says.
func (r *propertyRound) configuration() acctest.Block {
	docker := acctest.Block{"socket_path": r.Socket()}
	config := acctest.Block{"delegate_name": r.name, "image": r.image, "token": token, "docker": docker}
	set := func(block acctest.Block, name string, value any) func() { return func() { block[name] = value } }
	for _, do := range []func(){
		set(config, "schedule", "*/30 * * * *"), set(config, "auto_upgrade", false),
		set(config, "proxy", acctest.Block{"host": "proxy.example.com", "port": int64(3128)}),
		set(docker, "name", r.name), set(docker, "cpus", 0.2), set(docker, "memory", int64(80)), set(docker, "restart", "on-failure:3"),
		set(docker, "container_stop_timeout", int64(60)), set(docker, "network_mode", "host"),
		set(docker, "labels", acctest.Block{"team": "dev", "more": "1"}), set(docker, "env", acctest.Block{"EXTRA": "1", "OTHER": "2"}),
		set(docker, "log_driver", "local"), set(docker, "log_opts", acctest.Block{"max-size": "5m"}),
	} {
		r.sometimes(do)
	}
	return config
}

// others is what no argument is about of a container, and the engine doesn't make
// up for each.
func others(described map[string]any) map[string]any {
	host, _ := described["HostConfig"].(map[string]any)
	config, _ := described["Config"].(map[string]any)
	labels, _ := described["labels"].(map[string]any)
	result := map[string]any{"compose": labels["com.docker.compose.project"]}
	for _, name := range []string{
		"MemoryReservation", "ExtraHosts", "CapAdd", "CapDrop", "ReadonlyRootfs", "Dns", "SecurityOpt", "ShmSize", "PidsLimit", "Ulimits", "Devices", "IpcMode", "PidMode", "Tmpfs",
	} {
		result[name] = host[name]
	}
	for _, name := range []string{"StopTimeout", "StopSignal", "Entrypoint", "Cmd"} {
		result[name] = config[name]
	}
	mounts, _ := described["Mounts"].([]any)
	for _, one := range mounts {
		if m, _ := one.(map[string]any); m["Destination"] != "/var/run/docker.sock" {
			result[fmt.Sprint("mount at ", m["Destination"])] = m["Type"]
		}
	}
	return result
}
