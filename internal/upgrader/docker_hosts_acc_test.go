package upgrader_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// sshSocket is where the stand-in for ssh connects to, and sshNotes the file for
// its arguments.
const (
	sshSocket = "TEST_SSH_SOCKET"
	sshNotes  = "TEST_SSH_NOTES"
)

// The test's own binary stands in for ssh: started under that name, it never
// comes to the tests.
func init() {
	if filepath.Base(os.Args[0]) == "ssh" {
		os.Exit(actAsSSH())
	}
}

// actAsSSH is ssh, and "docker system dial-stdio" at the other end.
func actAsSSH() int {
	if os.WriteFile(os.Getenv(sshNotes), []byte(strings.Join(os.Args[1:], " ")), 0o600) != nil {
		return 1
	}
	connection, err := net.Dial("unix", os.Getenv(sshSocket)) //nolint:noctx,gosec // it ends with the process; the test names the socket
	if err != nil {
		return 1
	}
	var input sync.WaitGroup
	input.Go(func() {
		_, _ = io.Copy(connection, os.Stdin)
		if half, ok := connection.(*net.UnixConn); ok {
			_ = half.CloseWrite()
		}
	})
	_, _ = io.Copy(os.Stdout, connection)
	return 0
}

// through checks that requests have come through a proxy since the last look.
func through(requests func() map[string]int) func() error {
	last := 0
	return func() error {
		now := requests()["POST /containers/create"]
		defer func() { last = now }()
		if now == last {
			return fmt.Errorf("no container was made that way")
		}
		return nil
	}
}

// A host over TLS, by the provider's block; another engine by the resource's own
// argument, with the provider's certificates; and from one to the other by a
// replacement, which removes the container where it was.
func TestAccDocker_host(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	secure, plain := d.Proxy(t), d.Proxy(t)
	host, certificates, err := secure.ListenTLS()
	mustDo(t, err)
	byTLS, bySocket := through(secure.Requests), through(plain.Requests)
	block := func(host string) string {
		return fmt.Sprintf("docker {\nhost = %q\ncert_path = %q\n}\n", host, certificates)
	}
	least := d.least()
	was := ""
	made := func(way func() error) resource.TestCheckFunc {
		return func(*terraform.State) error {
			id := d.alone()
			if id == was {
				return fmt.Errorf("the container is the same one")
			}
			was = id
			return way()
		}
	}
	d.upgraders(nil, resource.TestStep{
		Config:           d.manager.ConfigWith(block(host), least.block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check:            made(byTLS),
	}, resource.TestStep{
		Config:           d.manager.ConfigWith(block(host), least.with("docker.host", quoted(plain.Host())).block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate, inPlan("docker.host", text(plain.Host()))),
		Check:            made(bySocket),
	}, resource.TestStep{
		Config:           d.manager.ConfigWith(block(plain.Host()), least.with("docker.host", quoted(host)).block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
		Check:            made(byTLS),
	}, resource.TestStep{
		// Without the certificates there is no way to it.
		Config:      d.config(least.with("docker.host", quoted(host)).block("it")),
		ExpectError: saying("Unable to Read Upgrader", host, "TLS"),
	}, resource.TestStep{
		// Two engines in one configuration; that they are one here doesn't matter.
		Config: d.manager.ConfigWith(block(plain.Host()), least.with("docker.host", quoted(host)).block("it"),
			least.with("delegate_name", quoted(d.name+"-b")).block("other")),
		Check: func(*terraform.State) error {
			if err := d.holds(d.container(), d.name+"-b-upgrader"); err != nil {
				return err
			}
			return bySocket()
		},
	})
}

// An address that is known after apply only is no reason to ask another engine.
func TestAccDocker_hostToCome(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	proxy, never := d.Proxy(t), d.Proxy(t)
	later := fmt.Sprintf("resource \"terraform_data\" \"host\" {\n  input = %q\n}\n", proxy.Host())
	d.upgraders(nil, resource.TestStep{
		Config:           d.configAt(never.Host(), later, d.least().with("docker.host", "terraform_data.host.output").block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate, plancheck.ExpectUnknownValue(address, pathOf("docker.host"))),
		Check: func(*terraform.State) error {
			d.alone()
			if asked := never.Requests(); len(asked) > 0 {
				return fmt.Errorf("the provider's engine was asked %v", asked)
			}
			return nil
		},
	})
}

// The variables of the Docker CLI serve where the block is left out; ssh is the
// user's own.
func TestAccDocker_environment(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	for _, test := range []struct{ name, host string }{{"unix", ""}, {"ssh", "ssh://someone@docker.example.com:2222"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := &dock{Engine: d.Engine, t: t, manager: d.manager, name: d.name + "-" + test.name, image: d.image, events: d.events}
			proxy := d.Proxy(t)
			folder := t.TempDir()
			program, err := os.Executable()
			mustDo(t, err)
			mustDo(t, os.Symlink(program, filepath.Join(folder, "ssh")))
			notes := filepath.Join(folder, "notes")
			host := test.host
			if host == "" {
				host = proxy.Host()
			}
			w := d.workspace(d.least().block("it"), "DOCKER_HOST="+host, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"),
				sshSocket+"="+proxy.Socket(), sshNotes+"="+notes)
			w.Succeed("apply", "-auto-approve", "-no-color")
			d.alone()
			mustDo(t, through(proxy.Requests)())
			if plan := w.Terraform("plan", "-detailed-exitcode", "-no-color"); plan.ExitCode != 0 {
				t.Errorf("the plan is not empty:\n%s", plan.Output())
			}
			w.Succeed("destroy", "-auto-approve", "-no-color")
			mustDo(t, d.holds())
			said, _ := os.ReadFile(notes) // there is none without ssh
			if strings.Contains(string(said), "-l someone -p 2222") != (test.host != "") {
				t.Errorf("ssh was called with %q", said)
			}
		})
	}
}

// Images come from where the pull policy says, with the provider's credentials.
func TestAccDocker_pull(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	registry := d.Registry(t)
	registry.RequireAuth("jane", "pass-of-jane")
	upgraderPath, _ := programs(t)
	image := registry.Add(t, d.name, "1", upgraderPath)
	config := func(password string, given arguments) string {
		return d.manager.ConfigWith(fmt.Sprintf("docker {\nhost = %q\nregistry_auth {\naddress = %q\nusername = \"jane\"\npassword = %q\n}\n}\n",
			d.Host, registry.Address(), password), given.with("image", quoted(image)).block("it"))
	}
	least := d.least()
	runs := func(arguments string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if got := strings.Join(d.live(d.alone()).Args, " "); got != arguments {
				return fmt.Errorf("the image is that with the arguments %q, want %q", got, arguments)
			}
			return nil
		}
	}
	d.upgraders(nil, resource.TestStep{
		Config:      config("pass-of-joe", least),
		ExpectError: saying("Unable to Create Upgrader", image, "registry_auth"),
	}, resource.TestStep{
		Config:      config("pass-of-jane", least.with("docker.pull_policy", `"never"`)),
		ExpectError: saying("Unable to Create Upgrader", image, "pull_policy"),
	}, resource.TestStep{
		Config:           config("pass-of-jane", least),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check:            runs(""),
	}, resource.TestStep{
		PreConfig: func() { registry.Add(t, d.name, "1", upgraderPath, "ANOTHER=image") }, // under the same tag
		Config:    config("pass-of-jane", least.with("schedule", `"*/5 * * * *"`)),
		Check:     runs(""),
	}, resource.TestStep{
		Config: config("pass-of-jane", least.with("docker.pull_policy", `"always"`)),
		Check:  runs("ANOTHER=image"),
	})
}
