package upgrader_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// spoiledContainer is a change by hand, and how a plan shows it: in words, each
// by its beginning, or as arguments.
type spoiledContainer struct {
	name         string
	given        arguments
	spoil        func(d *dock, name string) error
	words, shows []string
	// keeps tells that the repair keeps the container that was spoiled.
	keeps bool
}

// copied spoils a container by making it anew with one change.
func copied(change func(*client.ContainerCreateOptions)) func(*dock, string) error {
	return func(d *dock, name string) error {
		d.t.Helper()
		d.again(name, change)
		return nil
	}
}

func updated(options client.ContainerUpdateOptions) func(*dock, string) error {
	return func(d *dock, name string) error {
		_, err := d.API.ContainerUpdate(d.t.Context(), name, options)
		return err
	}
}

// variable sets an environment variable, or takes it away if the value is empty.
func variable(name, value string) func(*client.ContainerCreateOptions) {
	return func(options *client.ContainerCreateOptions) {
		options.Config.Env = slices.DeleteFunc(options.Config.Env, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
		if value != "" {
			options.Config.Env = append(options.Config.Env, name+"="+value)
		}
	}
}

func spoiledContainers() []spoiledContainer {
	writeOnly := arguments{"token": "", "token_wo": quoted(token), "token_wo_version": "1"}
	return []spoiledContainer{
		{name: "stopped", keeps: true, words: []string{"is not running (exited with code 0"}, spoil: func(d *dock, name string) error {
			_, err := d.API.ContainerStop(d.t.Context(), name, client.ContainerStopOptions{})
			return err
		}},
		{name: "paused", keeps: true, words: []string{"is paused"}, spoil: func(d *dock, name string) error {
			_, err := d.API.ContainerPause(d.t.Context(), name, client.ContainerPauseOptions{})
			return err
		}},
		{name: "limits", keeps: true, shows: []string{"docker.cpus", "docker.memory"}, spoil: updated(client.ContainerUpdateOptions{
			Resources: &api.Resources{NanoCPUs: 500_000_000, Memory: 200 << 20, MemorySwap: 400 << 20},
		})},
		{name: "swap", keeps: true, words: []string{"the limit of memory and swap together is 314572800 bytes"}, spoil: updated(client.ContainerUpdateOptions{
			Resources: &api.Resources{Memory: 100 << 20, MemorySwap: 300 << 20},
		})},
		{name: "restart policy", keeps: true, shows: []string{"docker.restart"}, spoil: updated(client.ContainerUpdateOptions{
			RestartPolicy: &api.RestartPolicy{Name: api.RestartPolicyAlways},
		})},
		{name: "schedule", shows: []string{"schedule"}, spoil: copied(variable("SCHEDULE", "0 0 * * *"))},
		{name: "switch", shows: []string{"auto_upgrade"}, spoil: copied(variable("DISABLE_AUTO_UPGRADE", "true"))},
		{name: "stop time-out", shows: []string{"docker.container_stop_timeout"}, spoil: copied(variable("CONTAINER_STOP_TIMEOUT", "1"))},
		{name: "delegate", shows: []string{"delegate_name"}, spoil: copied(variable("UPGRADER_WORKLOAD_NAME", "another"))},
		{name: "more variables", shows: []string{"docker.env"}, spoil: copied(variable("THEIRS", "1"))},
		{
			name: "variable", given: arguments{"docker.env": `{ OURS = "1" }`}, shows: []string{"docker.env.OURS"},
			spoil: copied(variable("OURS", "2")),
		},
		{name: "label", given: arguments{"docker.labels": `{ ours = "1" }`}, shows: []string{"docker.labels.ours"}, spoil: copied(func(options *client.ContainerCreateOptions) {
			options.Config.Labels["ours"] = "2"
		})},
		{name: "log driver", shows: []string{"docker.log_driver", "docker.log_opts"}, spoil: copied(func(options *client.ContainerCreateOptions) {
			options.HostConfig.LogConfig = api.LogConfig{Type: "local", Config: map[string]string{"max-size": "5m"}}
		})},
		{name: "descriptor", shows: []string{"schedule"}, spoil: copied(variable("SCHEDULE", "@hourly"))},
		{name: "folder", words: []string{`runs in the folder "/tmp" instead of its image's`}, spoil: copied(func(options *client.ContainerCreateOptions) {
			options.Config.WorkingDir = "/tmp"
		})},
		{name: "mount", words: []string{"the mount of /var/run/docker.sock is missing"}, spoil: copied(func(options *client.ContainerCreateOptions) {
			options.HostConfig.Mounts = nil
		})},
		{name: "network", shows: []string{"docker.network_mode"}, spoil: copied(func(options *client.ContainerCreateOptions) {
			options.HostConfig.NetworkMode = "host"
		})},
		{name: "token in the state", words: []string{"environment variable UPGRADER_TOKEN is not the token that was written last"}, spoil: copied(variable("UPGRADER_TOKEN", "b3RoZXI="))},
		{
			name: "write-only token", given: writeOnly, words: []string{"environment variable UPGRADER_TOKEN is not the token that was written last"},
			spoil: copied(variable("UPGRADER_TOKEN", "b3RoZXI=")),
		},
		{
			name: "proxy password", given: arguments{
				"proxy.host": `"p"`, "proxy.port": "1", "proxy.user": `"u"`, "proxy.password_wo": `"first-one"`, "proxy.password_wo_version": "1",
			},
			words: []string{"environment variable PROXY_PASSWORD is not the password that was written last"}, spoil: copied(variable("PROXY_PASSWORD", "second-one")),
		},
	}
}

// Whatever somebody does to the container is seen, told in words or as an
// argument, and repaired.
func TestAccDocker_drift(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	cases := spoiledContainers()
	container := func(n int) string { return d.name + "-" + caseName(n) + "-upgrader" }
	var blocks []string
	var checks []plancheck.PlanCheck
	before, spoiled := map[int]map[string]string{}, map[int]string{}
	for n, c := range cases {
		given := d.least().with("delegate_name", quoted(d.name+"-"+caseName(n)))
		for path, expression := range c.given {
			given = given.with(path, expression)
		}
		blocks = append(blocks, given.block(caseName(n)))
		words := []string{}
		for _, text := range c.words {
			words = append(words, "Container/"+container(n)+": "+text)
		}
		checks = append(checks, driftedContainer{at: "harnessdelegate_upgrader." + caseName(n), title: c.name, words: words, shows: c.shows})
	}
	d.upgraders(nil, resource.TestStep{
		Config: d.config(blocks...),
		Check: func(*terraform.State) error {
			for n := range cases {
				before[n] = d.content(container(n))
			}
			return nil
		},
	}, resource.TestStep{
		PreConfig: func() {
			for n, c := range cases {
				if err := c.spoil(d, container(n)); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				spoiled[n] = d.live(container(n)).ID
			}
		},
		Config:           d.config(blocks...),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		Check: func(*terraform.State) error {
			var wrong []string
			for n, c := range cases {
				for field, value := range d.content(container(n)) {
					if before[n][field] != value {
						wrong = append(wrong, fmt.Sprintf("%s: %s is %s, and was %s", c.name, field, value, before[n][field]))
					}
				}
				if kept := d.live(container(n)).ID == spoiled[n]; kept != c.keeps {
					wrong = append(wrong, fmt.Sprintf("%s: kept is %t, want %t", c.name, kept, c.keeps))
				}
			}
			if len(wrong) > 0 {
				return fmt.Errorf("%s", strings.Join(wrong, "\n"))
			}
			return nil
		},
	})
}

// content is what a container is made of, without what tells it from another one.
func (d *dock) content(name string) map[string]string {
	d.t.Helper()
	c := d.live(name)
	return map[string]string{
		"environment": asJSON(d.t, environment(c)), "labels": asJSON(d.t, c.Config.Labels), "image": c.Config.Image, "state": string(c.State.Status),
		"mounts": asJSON(d.t, c.Mounts), "resources": asJSON(d.t, c.HostConfig.Resources), "restart": asJSON(d.t, c.HostConfig.RestartPolicy),
		"network": string(c.HostConfig.NetworkMode),
	}
}

// driftedContainer is drifted for Docker: the words are compared by their
// beginnings, since some end with a time.
type driftedContainer struct {
	at, title    string
	words, shows []string
}

// CheckPlan implements plancheck.PlanCheck.
func (c driftedContainer) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	at := slices.IndexFunc(req.Plan.ResourceChanges, func(change *tfjson.ResourceChange) bool { return change.Address == c.at })
	if at < 0 {
		resp.Error = fmt.Errorf("%s is not in the plan", c.at)
		return
	}
	change := req.Plan.ResourceChanges[at].Change
	before, _ := change.Before.(map[string]any)
	after, _ := change.After.(map[string]any)
	drift, _ := before["drift"].([]any)
	alike := slices.EqualFunc(drift, c.words, func(got any, want string) bool { return strings.HasPrefix(fmt.Sprint(got), want) })
	shown := slices.DeleteFunc(changes("", change.Before, change.After), func(path string) bool { return path == "drift" || path == "id" })
	switch {
	case !alike:
		resp.Error = fmt.Errorf("%s: the drift is %q, want %q", c.title, drift, c.words)
	case !change.Actions.Update() || fmt.Sprint(after["drift"]) != "[]":
		resp.Error = fmt.Errorf("%s: the plan is to %v, and leaves the drift %v", c.title, change.Actions, after["drift"])
	case !slices.Equal(shown, c.shows):
		resp.Error = fmt.Errorf("%s: the plan changes %q, want %q", c.title, shown, c.shows)
	}
}

// A container that is gone is made again.
func TestAccDocker_removed(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	config := d.config(d.least().block("it"))
	var before string
	d.upgraders(nil, resource.TestStep{
		Config: config,
		Check:  func(*terraform.State) error { before = d.alone(); return nil },
	}, resource.TestStep{
		PreConfig: func() {
			if err := d.RemoveContainers(t.Context(), d.container()); err != nil {
				t.Fatal(err)
			}
		},
		Config:           config,
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check: func(*terraform.State) error {
			if d.alone() == before {
				return fmt.Errorf("the container is the same one")
			}
			return nil
		},
	}, resource.TestStep{
		// In between plan and destroy, too.
		PreConfig: func() {
			if err := d.RemoveContainers(t.Context(), d.container()); err != nil {
				t.Fatal(err)
			}
		},
		Config:  config,
		Destroy: true,
	})
}

// A container that somebody made by hand under the name isn't ours: it is shown
// how it differs, and not touched.
func TestAccDocker_replacedByAStranger(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	config := d.config(d.least().block("it"))
	var theirs string
	d.upgraders([]string{d.container()}, resource.TestStep{Config: config}, resource.TestStep{
		PreConfig: func() {
			d.again(d.container(), func(options *client.ContainerCreateOptions) {
				options.Config.Labels = nil
				variable("SCHEDULE", "0 0 * * *")(options)
			})
			theirs = d.live(d.container()).ID
		},
		Config:      config,
		ExpectError: saying("Unable to Update Upgrader", "there is a container of that name already", "import"),
	})
	if d.alone() != theirs {
		t.Error("the container is another one")
	}
}
