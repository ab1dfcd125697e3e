package upgrader_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// documented starts the container of the documentation's docker run.
func (d *dock) documented(name string, more ...string) string {
	d.t.Helper()
	return d.Run(d.t, client.ContainerCreateOptions{
		Name: name,
		Config: &api.Config{Image: d.image, Env: append([]string{
			"ACCOUNT_ID=" + acctest.Account, "MANAGER_HOST_AND_PORT=" + d.manager.URL, "UPGRADER_WORKLOAD_NAME=" + d.name, "UPGRADER_TOKEN=" + token,
		}, more...)},
		HostConfig: &api.HostConfig{
			Resources: api.Resources{NanoCPUs: 100_000_000, Memory: 100 << 20},
			Binds:     []string{d.Socket() + ":/var/run/docker.sock"},
		},
	})
}

func importing(id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}

// What docker run made is taken over with all that differs from the defaults;
// nothing is made anew for what a container can change, or has already.
func TestAccDocker_import(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	name := d.name + "-modest-hopper"
	id := d.documented(name, "SCHEDULE=*/30 * * * *", "PROXY_SCHEME=http", "PROXY_HOST=proxy.example.com", "PROXY_PORT=3128", "EXTRA=1")
	given := d.least().with("docker.name", quoted(name)).with("schedule", `"*/30 * * * *"`).with("docker.restart", `"no"`).
		with("docker.env", `{ EXTRA = "1" }`).with("proxy.host", `"proxy.example.com"`).with("proxy.port", "3128")
	same := func(*terraform.State) error {
		if now := d.live(name); now.ID != id || !now.State.Running {
			return fmt.Errorf("the container was made anew")
		}
		return nil
	}
	steps := []resource.TestStep{}
	for _, bad := range []struct{ id, says string }{
		{"docker/", "has an empty part"},
		{"docker/a/b", "is neither kubernetes/NAMESPACE/CRONJOB nor docker/CONTAINER"},
		{name, "is neither kubernetes/NAMESPACE/CRONJOB nor docker/CONTAINER"},
		{"docker/" + d.name + "-nobody", "There is no upgrader at"},
	} {
		steps = append(steps, resource.TestStep{Config: d.config(importing(bad.id), given.block("it")), ExpectError: saying(bad.says)})
	}
	_, program := programs(t)
	other := d.name + "-delegate"
	d.runDelegate(other, d.addImage("delegate", program))
	steps = append(steps, resource.TestStep{
		Config:      d.config(importing("docker/"+other), given.block("it")),
		ExpectError: saying("it is no upgrader", "UPGRADER_WORKLOAD_NAME"),
	}, resource.TestStep{
		Config: d.config(importing("docker/"+name), given.block("it")),
		// The token isn't read, and comes into the state by an update that does nothing else.
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, onlyChanges{address, []string{"token"}}),
		Check:            same,
	}, resource.TestStep{
		Config: d.config(given.with("docker.restart", "").with("docker.cpus", "0.2").with("docker.name", "").block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("docker.restart", text("unless-stopped")),
			inPlan("docker.cpus", knownvalue.Float64Exact(0.2))),
		Check: func(*terraform.State) error {
			if d.live(d.container()).ID != id {
				return fmt.Errorf("the container was made anew")
			}
			return d.holds(d.container(), other)
		},
	}, resource.TestStep{
		Config:           d.config(given.with("docker.env", "").with("docker.name", "").block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		Check: func(*terraform.State) error {
			if d.live(d.container()).ID == id {
				return fmt.Errorf("the container still has the variable")
			}
			return d.holds(d.container(), other)
		},
	})
	d.upgraders([]string{other}, steps...)
}

// Terraform writes the configuration of an import, but for the token; with that,
// nothing is made anew.
func TestAccDocker_generatedConfig(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	id := d.documented(d.container(), "SCHEDULE=*/30 * * * *")
	w := d.workspace(importing("docker/"+d.container()), "DOCKER_HOST="+d.Host)
	w.Terraform("plan", "-generate-config-out=generated.tf", "-no-color") // it fails for want of a token
	path := filepath.Join(w.Dir, "generated.tf")
	generated, err := os.ReadFile(path)
	mustDo(t, err)
	complete := ""
	for line := range strings.Lines(string(generated)) {
		if name := strings.Fields(line); len(name) > 1 && name[0] == "token" && name[1] == "=" {
			line = "  token = " + quoted(token) + "\n"
		}
		complete += line
	}
	mustDo(t, os.WriteFile(path, []byte(complete), 0o600))
	applied := w.Terraform("apply", "-auto-approve", "-no-color")
	if applied.ExitCode != 0 || !strings.Contains(applied.Output(), "1 imported, 0 added") || !strings.Contains(applied.Output(), "0 destroyed") {
		t.Errorf("%s\n%s", applied.Output(), generated)
	}
	if d.alone() != id {
		t.Error("the container was made anew")
	}
	if plan := w.Terraform("plan", "-detailed-exitcode", "-no-color"); plan.ExitCode != 0 {
		t.Errorf("the plan is not empty:\n%s", plan.Output())
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
	mustDo(t, d.holds())
}
