package upgrader_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// The status of a container that runs, has ended, and is gone.
func TestAccStatus_docker(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	yes, no, none, known := knownvalue.Bool(true), knownvalue.Bool(false), knownvalue.Null(), knownvalue.NotNull()
	made, status := d.least().with("schedule", seldom).block("it"), ofIt().status()
	alone := arguments{"id": quoted("docker/" + d.container()), "docker_host": quoted(d.Host)}.status()
	d.upgraders(nil, resource.TestStep{
		Config: d.config(made, status),
		ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"id": text("docker/" + d.container()), "delegate_name": text(d.name), "image": text(d.image), "schedule": text("0 0 29 2 *"), "timezone": none,
			"suspended": no, "next_run": knownvalue.StringRegexp(saying("-02-29T00:00:00Z")), "last_run": none, "last_success": none, "last_failure": none,
			"running": yes, "healthy": yes, "problem": none,
			"container.state": text("running"), "container.started_at": known, "container.restarts": knownvalue.Int64Exact(0),
		}),
	}, resource.TestStep{
		// The configuration doesn't have the upgrader any more, for Terraform would start it again.
		PreConfig: func() {
			old := d.live(d.container())
			d.Run(t, client.ContainerCreateOptions{Name: d.name + "-copy", Config: old.Config, HostConfig: old.HostConfig})
			d.Signal(t, d.name+"-copy", "SIGKILL")
			dockertest.Eventually(t, "it has ended", func() bool { return !d.live(d.name + "-copy").State.Running })
		},
		Config: d.config(arguments{"id": quoted("docker/" + d.name + "-copy")}.status()),
		ConfigStateChecks: statusIs(map[string]knownvalue.Check{
			"suspended": no, "next_run": none, "running": no, "container.state": text("exited"),
			"last_failure.reason": text("Error"), "last_failure.exit_code": knownvalue.Int64Exact(137), "last_failure.time": known,
			"last_failure.message": text("Container/" + d.name + "-copy exited with code 137."),
			"healthy":              no, "problem": knownvalue.StringRegexp(saying("Container/" + d.name + "-copy is not running: it exited with code 137 at " + time.Now().UTC().Format("2006"))),
		}),
	}, resource.TestStep{
		PreConfig: func() {
			if err := d.RemoveContainers(t.Context(), d.name); err != nil {
				t.Fatal(err)
			}
		},
		Config:      d.config(alone),
		ExpectError: saying("No Such Upgrader", `There is no upgrader at "docker/`+d.container()+`"`),
	})
}
