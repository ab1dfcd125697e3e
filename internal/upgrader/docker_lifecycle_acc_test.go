package upgrader_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// runDelegate starts a container of the delegate.
func (d *dock) runDelegate(name, image string) {
	d.t.Helper()
	d.Run(d.t, client.ContainerCreateOptions{Name: name, Config: &api.Config{
		Image: image, Env: []string{"DELEGATE_NAME=" + d.name, "DELEGATE_TOKEN=" + token},
	}})
}

// The container is the documented one; nothing of it is left in the end, and
// nobody else's containers are touched.
func TestAccDocker_lifecycle(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	_, program := programs(t)
	others := []string{d.name + "-delegate", d.name + "-upgrader-of-others", d.name + "-upgrader-replaced-by-hand"}
	before := map[string]string{}
	for _, name := range others {
		d.runDelegate(name, d.addImage("of-"+name, program))
		before[name] = asJSON(t, d.live(name))
	}
	untouched := func(*terraform.State) error {
		for _, name := range others {
			if diff := cmp.Diff(before[name], asJSON(t, d.live(name))); diff != "" {
				return fmt.Errorf("%s has changed (-before +after)\n%s", name, diff)
			}
		}
		return nil
	}

	checks := []statecheck.StateCheck{}
	foreseen := []plancheck.PlanCheck{}
	defaults := d.defaults()
	for path := range dockerAttributes(t) { // each of the others is left unset
		if _, ok := defaults[path]; !ok && !isBelow(path, defaults) {
			defaults[path] = knownvalue.Null()
		}
	}
	for path, value := range defaults {
		checks, foreseen = append(checks, inState(path, value)), append(foreseen, inPlan(path, value))
	}
	config := d.config(d.least().block("it"))
	d.upgraders(others, resource.TestStep{
		Config:            config,
		ConfigPlanChecks:  planned(plancheck.ResourceActionCreate, foreseen...),
		ConfigStateChecks: checks,
		Check:             resource.ComposeAggregateTestCheckFunc(untouched, func(*terraform.State) error { return d.isAsDocumented() }),
	}, resource.TestStep{
		Config:           config,
		ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
		Check:            untouched,
	})
	if err := untouched(nil); err != nil {
		t.Error(err)
	}
}

// defaults are the arguments of an upgrader with the fewest of them.
func (d *dock) defaults() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": text("docker/" + d.container()), "delegate_name": text(d.name),
		"account_id": text("aBcDeFgHiJkLmNoPqRsTuV"), "manager_endpoint": text(d.manager.URL), "token": text(token),
		"schedule": text("0 */1 * * *"), "auto_upgrade": knownvalue.Bool(true), "dry_run": knownvalue.Bool(false), "verify": knownvalue.Bool(false),
		"image": text(d.image), "proxy": knownvalue.Null(), "timeouts": knownvalue.Null(), "kubernetes": knownvalue.Null(),
		"drift": texts(), "objects": texts("Container/" + d.container()),
		"docker.name": text(d.container()), "docker.socket_path": text(d.Socket()),
		"docker.cpus": knownvalue.Float64Exact(0.1), "docker.memory": knownvalue.Int64Exact(100),
		"docker.restart": text("unless-stopped"), "docker.container_stop_timeout": knownvalue.Int64Exact(3600), "docker.pull_policy": text("missing"),
	}
}

// isAsDocumented compares the container with the documentation's docker run.
func (d *dock) isAsDocumented() error {
	c := d.live(d.container())
	got := []any{
		strings.TrimPrefix(c.Name, "/"), c.Config.Image, environment(c), c.Config.Labels, c.State.Status,
		c.HostConfig.NanoCPUs, c.HostConfig.Memory, string(c.HostConfig.RestartPolicy.Name), c.HostConfig.Privileged,
	}
	variables := map[string]string{
		"ACCOUNT_ID": "aBcDeFgHiJkLmNoPqRsTuV", "MANAGER_HOST_AND_PORT": d.manager.URL, "UPGRADER_WORKLOAD_NAME": d.name,
		"UPGRADER_TOKEN": token, "SCHEDULE": "0 */1 * * *", "CONTAINER_STOP_TIMEOUT": "3600", "DISABLE_AUTO_UPGRADE": "false",
	}
	if path, set := environment(c)["PATH"]; set { // some engines give it to every container
		variables["PATH"] = path
	}
	want := []any{
		d.container(), d.image, variables,
		map[string]string{"io.github.harnessdelegate.upgrader": d.name},
		api.StateRunning,
		int64(100_000_000), int64(100 << 20), "unless-stopped", false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the container is not the documented one (-want +got)\n%s", diff)
	}
	if len(c.Mounts) != 1 || c.Mounts[0].Source != d.Socket() || c.Mounts[0].Destination != "/var/run/docker.sock" || !c.Mounts[0].RW {
		return fmt.Errorf("the mounts are %+v", c.Mounts)
	}
	return nil
}

// With verify, apply sees to it that the upgrader stays up. One that doesn't is
// an error, and the next plan shows that it is tried again.
func TestAccDocker_verify(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	proxy := d.Proxy(t)
	given := d.least().with("verify", "true")
	var before string
	d.upgraders(nil, resource.TestStep{
		Config:           d.configAt(proxy.Host(), d.least().block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check:            func(*terraform.State) error { before = d.alone(); return nil },
	}, resource.TestStep{
		PreConfig: func() {
			// Whoever looks by the name makes sure that it stays up.
			proxy.Inject(dockertest.Fault{
				Kind: dockertest.FaultNone, Method: "GET", Path: regexp.MustCompile("/containers/" + d.container() + "/json$"), Times: 1,
				Before: func() { _, _ = d.API.ContainerStop(t.Context(), d.container(), client.ContainerStopOptions{}) },
			})
		},
		Config:      d.configAt(proxy.Host(), given.with("docker.cpus", "0.2").block("it")),
		ExpectError: saying("Upgrader Does Not Work", "see that the upgrader stays up", "exited with code 0", "told to stop"),
	}, resource.TestStep{
		Config: d.configAt(proxy.Host(), given.with("docker.cpus", "0.2").block("it")),
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{driftedContainer{at: address, title: "verify", words: []string{
				"Container/" + d.container() + ": is not running", "the run that was to verify the last apply has failed",
			}}},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		},
		Check: func(*terraform.State) error {
			if d.alone() != before {
				return fmt.Errorf("the container was made anew")
			}
			return nil
		},
	})
}

// The plan of a new upgrader doesn't warn of a missing delegate, which the same
// apply may create. Apply warns, and so does every later plan.
func TestAccDocker_withoutDelegate(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	w := d.workspace(d.least().block("it"), "DOCKER_HOST="+d.Host)
	for _, step := range []struct {
		name      string
		arguments []string
		warnings  int
	}{
		{"the first plan", []string{"plan", "-json"}, 0},
		{"apply", []string{"apply", "-auto-approve", "-json"}, 1},
		{"the next plan", []string{"plan", "-json"}, 1},
	} {
		diags := w.Succeed(step.arguments...).Diagnostics()
		if len(diags) != step.warnings {
			t.Errorf("%s says %+v", step.name, diags)
		}
		for _, said := range diags {
			if said.Summary != "Delegate Not Found" {
				t.Errorf("%s says %+v", step.name, said)
			}
		}
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
}
