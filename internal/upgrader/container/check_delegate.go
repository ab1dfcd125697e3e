package container

import (
	"fmt"
	"strings"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// dockerHub is the registry that upgraders pull delegates from.
const dockerHub = "docker.io"

// checkDelegate says what keeps an upgrader from upgrading a container of its
// delegate.
func checkDelegate(want spec.Upgrader, c *api.InspectResponse) []spec.Finding {
	var findings []spec.Finding
	add := func(argument []string, summary, format string, args ...any) {
		findings = append(findings, spec.Finding{Summary: summary, Detail: objectOf(c).String() + " " + fmt.Sprintf(format, args...), Argument: argument})
	}
	env := envMap(c.Config.Env)
	if token := env[envDelegateToken]; want.Token != "" && token != "" && token != string(want.Token) {
		add(argToken, "Delegate and Upgrader Have Different Tokens",
			"has another %s than the upgrader. Overrides of an organization or a project reach a delegate only if the upgrader signs in with the delegate's token, because the token tells Harness where the delegate belongs.", envDelegateToken)
	}
	if account := env[envAccount]; account != "" && account != want.AccountID {
		add(argAccount, "Delegate and Upgrader Have Different Accounts",
			"has %s=%s, and the upgrader %s: it would be told the image of another account.", envAccount, account, want.AccountID)
	}
	if manager := env[envManager]; manager != "" && trimmed(manager) != trimmed(want.ManagerEndpoint) {
		add(argManager, "Delegate and Upgrader Have Different Managers",
			"has %s=%s, and the upgrader %s.", envManager, manager, want.ManagerEndpoint)
	}
	if want.AutoUpgrade {
		checkImage(c, add)
	}
	if project, composed := c.Config.Labels[labelComposeFolder]; composed {
		add(argDelegate, "Delegate Started by Compose",
			"was started by Docker Compose (project %s). Harness doesn't support the upgrade of such delegates. Start the delegate with docker run.", project)
	}
	if _, swarm := c.Config.Labels[labelSwarmService]; swarm {
		add(argDelegate, "Delegate Started by Swarm",
			"is a task of a Swarm service. Harness doesn't support the upgrade of such delegates, and Swarm would undo it. Start the delegate with docker run.")
	}
	return findings
}

func trimmed(address string) string { return strings.TrimSuffix(address, "/") }

// checkImage says what an upgrader makes of the delegate's image.
func checkImage(c *api.InspectResponse, add func(argument []string, summary, format string, args ...any)) {
	image, err := delegate.ParseImage(c.Config.Image)
	switch {
	case err != nil, image.Form == delegate.ImageBareTag:
		// It was started by an image's ID, which tells nothing.
	case image.Registry != dockerHub:
		add(argDelegate, "Delegate Image of a Private Registry",
			"runs the image %s. The upgrader doesn't upgrade delegates whose image is pulled from a private registry; it only checks their health. Run the delegate from the image %s of Docker Hub, or set `auto_upgrade = false`.", c.Config.Image, delegate.DefaultRepository)
	case image.Repository != delegate.DefaultRepository:
		add(argDelegate, "Custom Delegate Image",
			"runs the custom image %s. An upgrade replaces it by the image that Harness tells, which is %s unless a tag override names another, and what was added to the image is lost. Set a tag override, or `auto_upgrade = false`.", c.Config.Image, delegate.DefaultRepository)
	}
}
