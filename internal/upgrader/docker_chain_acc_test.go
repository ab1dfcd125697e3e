package upgrader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// An override reaches the delegate through the upgrader that is deployed beside
// it: its container is replaced by one of the overriding image. The old one has
// the configured time to finish its tasks. With auto_upgrade off, nothing of it
// happens.
func TestAccDocker_chain(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	upgraderPath, delegatePath := programs(t)
	projectToken := ""
	for _, found := range d.manager.DelegateTokens(acctest.Account) {
		if found.OrgID == "default" && found.ProjectID == "payments" {
			projectToken = found.Value
		}
	}
	d.manager.AddDelegate(simulator.Delegate{AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: d.name, Type: "DOCKER"})
	eager := d.addImage("eager", upgraderPath, "STANDIN_RUN_AT_START=true")
	// The first delegate is done soon, and the second one never.
	first := d.addImage("24.03.1", delegatePath, "-version=24.03.1", "-drain=100ms")
	second := d.addImage("24.03.2", delegatePath, "-version=24.03.2", "-drain=1h")
	third := d.addImage("24.03.3", delegatePath, "-version=24.03.3")
	old := d.Run(t, client.ContainerCreateOptions{Name: d.name, Config: &api.Config{
		Image: first, Env: []string{"DELEGATE_NAME=" + d.name, "DELEGATE_TOKEN=" + projectToken, "ACCOUNT_ID=" + acctest.Account, "MANAGER_HOST_AND_PORT=" + d.manager.URL},
	}})
	given := d.least().with("token", quoted(projectToken)).with("image", quoted(eager)).
		with("docker.network_mode", `"host"`).with("docker.container_stop_timeout", "30") // the Manager listens on this host alone
	config := func(given arguments, image string) string {
		return d.config(given.block("it"), fmt.Sprintf(`
resource "harnessdelegate_tag_override" "pin" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = %q
}
`, image))
	}
	// ended gives the exit code of a delegate's container that has gone.
	ended := func(id string) string {
		var code string
		dockertest.Eventually(t, "the engine tells how the delegate has ended", func() bool {
			_, details := d.happened()
			code = details[id+" die"]["exitCode"]
			return code != ""
		})
		return code
	}
	replaced := func(image, code string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			dockertest.Eventually(t, "the delegate's only container runs "+image, func() bool {
				c, found := d.Container(t, d.name)
				return found && c.State.Running && c.Config.Image == image && d.holds(d.name, d.container()) == nil
			})
			if got := ended(old); got != code {
				return fmt.Errorf("the old delegate ended with %q, want %q\n%s", got, code, d.Logs(t, d.container()))
			}
			old = d.live(d.name).ID
			return nil
		}
	}
	d.upgraders([]string{d.name}, resource.TestStep{
		// The override is set before the upgrader asks for the first time.
		Config:           config(given.with("depends_on", "[harnessdelegate_tag_override.pin]"), second),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check:            replaced(second, "0"),
	}, resource.TestStep{
		Config:           config(given.with("docker.container_stop_timeout", "1").with("depends_on", "[harnessdelegate_tag_override.pin]"), third),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		Check:            replaced(third, "137"),
	}, resource.TestStep{
		Config: config(given.with("auto_upgrade", "false").with("depends_on", "[harnessdelegate_tag_override.pin]"), first),
		Check: func(*terraform.State) error {
			dockertest.Eventually(t, "the upgrader has made a round", func() bool {
				return strings.Contains(d.Logs(t, d.container()), "round over, containers of delegate "+d.name+": 1")
			})
			log := d.Logs(t, d.container())
			if !strings.Contains(log, "automatic upgrade is off") || !strings.Contains(log, d.name+" is running, of image "+third) || strings.Contains(log, projectToken) {
				return fmt.Errorf("the upgrader printed\n%s", log)
			}
			if now := d.live(d.name); now.ID != old || !now.State.Running {
				return fmt.Errorf("the delegate was replaced")
			}
			return nil
		},
	})
	// Destroying the upgrader leaves the delegate alone.
	if now := d.live(d.name); now.ID != old || !now.State.Running {
		t.Error("the delegate is another one, or doesn't run")
	}
	if d.manager.Delegates(acctest.Account)[0].UpgraderLastUpdated.IsZero() {
		t.Error("the Manager has never been asked")
	}
}
