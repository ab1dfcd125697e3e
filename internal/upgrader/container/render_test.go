package container

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	api "github.com/moby/moby/api/types/container"
	"go.yaml.in/yaml/v2"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

var update = flag.Bool("update", false, "write the golden files")

// plainUpgrader has all defaults.
func plainUpgrader() spec.Upgrader {
	return spec.Upgrader{
		DelegateName: "docker-delegate", AccountID: "aBcDeFgHiJkLmNoPqRsTuV", ManagerEndpoint: "https://app.harness.io",
		Token: "t0ken", Schedule: spec.DefaultSchedule, AutoUpgrade: true, Image: spec.DefaultDockerImage,
		Docker: &spec.Docker{
			Name: "docker-delegate-upgrader", SocketPath: spec.DefaultSocketPath, CPUs: spec.DefaultCPUs, Memory: spec.DefaultMemory,
			Restart: spec.DefaultRestart, ContainerStopTimeout: spec.DefaultStopTimeout, PullPolicy: spec.DefaultPullPolicy,
		},
	}
}

// fullUpgrader has everything, and what is hard to quote.
func fullUpgrader() spec.Upgrader {
	u := plainUpgrader()
	u.AutoUpgrade = false
	u.Proxy = spec.Proxy{Scheme: "http", Host: "proxy.corp", Port: new(int64(3128)), User: "me", Password: "pr0xy", HasPassword: true}
	u.Docker.SocketPath = "/run/user/1000/a, \"b\".sock"
	u.Docker.Restart, u.Docker.ContainerStopTimeout, u.Docker.PullPolicy = "no", 2700, spec.PullAlways
	u.Docker.NetworkMode = "corp net"
	u.Docker.Labels = map[string]string{"team": "it's ours", "cost": "$5"}
	u.Docker.Env = map[string]string{"B": "yes", "A": "line\nbreak $HOME `x`"}
	u.Docker.LogDriver, u.Docker.LogOpts = "json-file", map[string]string{"max-size": "10m", "max-file": "3"}
	return u
}

func TestRender_golden(t *testing.T) {
	t.Parallel()
	shared := plainUpgrader()
	shared.Docker.NetworkMode, shared.Token = "host", ""
	for file, text := range map[string]string{
		"plain.sh": Command(plainUpgrader()), "plain.yaml": Compose(plainUpgrader()),
		"full.sh": Command(fullUpgrader()), "full.yaml": Compose(fullUpgrader()),
		"host.yaml": Compose(shared),
	} {
		path := filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(golden), text); diff != "" {
			t.Errorf("%s (-golden +got):\n%s", file, diff)
		}
		if strings.Contains(text, "t0ken") || strings.Contains(text, "pr0xy") {
			t.Errorf("%s shows a secret", file)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "''", "a": "a", "a=b:c/d.e_f-g@h,i+1%": "a=b:c/d.e_f-g@h,i+1%", "a b": "'a b'", "it's": `'it'\''s'`,
		"$x": "'$x'", "*": "'*'", "~": "'~'", "a\nb": "'a\nb'", "é": "'é'", "!": "'!'", "#": "'#'",
	} {
		if got := quote(text); got != want {
			t.Errorf("quote(%q) = %s, want %s", text, got, want)
		}
	}
}

// TestCompose_values reads the file back as Compose does: as YAML, and then with
// its dollar signs.
func TestCompose_values(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		u := anyUpgrader(t)
		var file struct {
			Services map[string]struct {
				Image       string            `yaml:"image"`
				Environment map[string]string `yaml:"environment"`
				Labels      map[string]string `yaml:"labels"`
				Restart     string            `yaml:"restart"`
				CPUs        float64           `yaml:"cpus"`
				MemLimit    string            `yaml:"mem_limit"`
			}
		}
		if err := yaml.Unmarshal([]byte(Compose(u)), &file); err != nil {
			t.Fatal(err)
		}
		service := file.Services[serviceName]
		for _, v := range environment(u) {
			got, there := service.Environment[v.name]
			want := escape(v.value)
			if v.isSecret {
				want = "${" + v.name + ":?is not set}"
			}
			if !there || got != want {
				t.Fatalf("%s is %q, want %q", v.name, got, want)
			}
		}
		for name, value := range u.Docker.Labels {
			if service.Labels[name] != escape(value) {
				t.Fatalf("label %s is %q, want %q", name, service.Labels[name], escape(value))
			}
		}
		if service.CPUs != u.Docker.CPUs || service.MemLimit != memoryText(u.Docker.Memory) || service.Restart != u.Docker.Restart {
			t.Fatalf("service is %+v", service)
		}
	})
}

// made is a container as the engine shows it after it was made for an upgrader.
func made(u spec.Upgrader) *api.InspectResponse {
	wanted := request(u, nil)
	host, container := wanted.HostConfig, wanted.Config
	if host.LogConfig.Type == "" {
		host.LogConfig.Type = "json-file"
	}
	if host.LogConfig.Type == "json-file" { // as the engine's own configuration has it
		host.LogConfig.Config = maps.Clone(host.LogConfig.Config)
		if host.LogConfig.Config == nil {
			host.LogConfig.Config = map[string]string{}
		}
		host.LogConfig.Config["X_ENGINE"] = "1"
	}
	if host.NetworkMode == "" {
		host.NetworkMode = "default"
	}
	container.Env = append(container.Env, "PATH=/usr/bin", "FROM_IMAGE=1")
	container.Labels["from-image"] = "1"
	container.Entrypoint, container.User = []string{"/upgrader"}, "1001"
	return complete(api.InspectResponse{
		ID: "0123456789abcdef", Name: "/" + u.Docker.Name, Image: "sha256:1", Config: container, HostConfig: host,
		State: &api.State{Status: api.StateExited, FinishedAt: "2026-01-02T03:04:05Z"},
	})
}

// imageOfMade is what the image of such a container brings.
func imageOfMade() imageFacts {
	return imageFacts{
		known: true, env: map[string]string{"PATH": "/usr/bin", "FROM_IMAGE": "1"}, labels: map[string]string{"from-image": "1"},
		volumes: map[string]struct{}{"/data": {}}, entrypoint: []string{"/upgrader"}, user: "1001",
	}
}

// readAs reads such a container.
func readAs(want spec.Upgrader, c *api.InspectResponse) *reading {
	mode := string(c.HostConfig.NetworkMode)
	r := &reading{
		InspectResponse: c, want: want, image: imageOfMade(), usualDriver: "json-file",
		sameNetwork: mode == want.Docker.NetworkMode || isDefaultNetwork(mode) && isDefaultNetwork(want.Docker.NetworkMode),
	}
	r.compare()
	return r
}

// TestRender_roundTrip reads every upgrader back as it was written, by a refresh
// and by an import.
func TestRender_roundTrip(t *testing.T) {
	t.Parallel()
	same := cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b secret.Text) bool { return string(a) == string(b) })}
	rapid.Check(t, func(t *rapid.T) {
		u := anyUpgrader(t)
		c := made(u)
		r := readAs(u, c)
		if diff := cmp.Diff(u, r.got, same); diff != "" {
			t.Fatalf("refresh (-want +got):\n%s", diff)
		}
		if len(r.drift) != 1 || r.needs[updating] || r.needs[replacing] {
			t.Fatalf("drift is %v, changes are %v", r.drift, r.needs)
		}
		imported := readAs(wantedOf(c), c).imported()
		wanted := u
		docker := *u.Docker
		wanted.Docker = &docker
		docker.PullPolicy = spec.DefaultPullPolicy
		if docker.LogDriver == "json-file" {
			docker.LogDriver = ""
		}
		if isDefaultNetwork(docker.NetworkMode) {
			docker.NetworkMode = ""
		}
		if diff := cmp.Diff(wanted, imported, same); diff != "" {
			t.Fatalf("import (-want +got):\n%s", diff)
		}
	})
}

// anyUpgrader draws an upgrader whose arguments are all valid.
func anyUpgrader(t *rapid.T) spec.Upgrader {
	u := plainUpgrader()
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab $\"'\\:#-{}[]%&*!|>@`,?0\n=~é")))
	values := rapid.MapOfN(rapid.StringMatching(`X_[A-Z]{1,5}`), text, 0, 4)
	u.Schedule = rapid.SampledFrom([]string{spec.DefaultSchedule, "0 0 * * *", "*/5 * * * *"}).Draw(t, "schedule")
	u.AutoUpgrade = rapid.Bool().Draw(t, "auto upgrade")
	u.Token = secret.Text("t" + text.Draw(t, "token"))
	if rapid.Bool().Draw(t, "with proxy") {
		u.Proxy = spec.Proxy{Scheme: "http", Host: "h" + text.Draw(t, "proxy host"), Port: new(int64(1)), User: text.Draw(t, "proxy user")}
		u.Proxy.HasPassword = rapid.Bool().Draw(t, "with password")
		if u.Proxy.HasPassword {
			u.Proxy.Password = secret.Text("p" + text.Draw(t, "password"))
		}
	}
	u.Docker.CPUs = float64(rapid.Int64Range(0, 400).Draw(t, "hundredths of cores")) / 100
	u.Docker.Memory = rapid.Int64Range(0, 4000).Draw(t, "memory")
	u.Docker.Restart = rapid.SampledFrom([]string{"no", "always", "unless-stopped", "on-failure", "on-failure:3"}).Draw(t, "restart")
	u.Docker.ContainerStopTimeout = rapid.Int64Range(0, 10_000).Draw(t, "stop time-out")
	u.Docker.NetworkMode = rapid.SampledFrom([]string{"", "bridge", "host", "none", "mine", "container:other"}).Draw(t, "network")
	u.Docker.Labels, u.Docker.Env = values.Draw(t, "labels"), values.Draw(t, "env")
	u.Docker.LogDriver = rapid.SampledFrom([]string{"", "local", "json-file"}).Draw(t, "log driver")
	u.Docker.LogOpts = values.Draw(t, "log options")
	return u
}
