package container

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Variables and labels of the delegate's containers.
const (
	envDelegateName    = "DELEGATE_NAME"
	envDelegateToken   = "DELEGATE_TOKEN"
	labelComposeFolder = "com.docker.compose.project"
	labelSwarmService  = "com.docker.swarm.service.id"
)

// Paths of arguments.
var (
	argDelegate = []string{"delegate_name"}
	argToken    = []string{"token"}
	argName     = []string{"docker", "name"}
)

// Check implements spec.Platform.
func (p *platform) Check(ctx context.Context, want spec.Upgrader) ([]spec.Finding, error) {
	t := p.task(spec.Change{Want: want})
	running, err := p.containers(ctx, false)
	if err != nil {
		return nil, t.fail("look at the containers of the engine at "+p.host, err)
	}
	var findings []spec.Finding
	var delegates []*api.InspectResponse
	var names []string
	live := want
	for _, c := range running {
		env := envMap(c.Config.Env)
		switch {
		case env[envDelegateName] == want.DelegateName:
			delegates = append(delegates, c)
		case env[envDelegateName] != "":
			names = append(names, env[envDelegateName])
		case env[envWorkload] == want.DelegateName && c.Name == want.Docker.Name:
			if live.Token == "" {
				live.Token, _, _, _ = secrets(c)
			}
		case env[envWorkload] == want.DelegateName && c.Name != spareName(want.Docker.Name, c.ID):
			findings = append(findings, secondUpgrader(c, want))
		}
	}
	if len(delegates) == 0 {
		findings = append(findings, noDelegate(want, names, p.host))
	}
	for _, c := range delegates {
		findings = append(findings, checkDelegate(live, c)...)
	}
	return findings, nil
}

// atOnce is how many containers are read side by side.
const atOnce = 8

// containers reads all containers, or those that run. Only the full description
// of a container has its environment.
func (p *platform) containers(ctx context.Context, all bool) ([]*api.InspectResponse, error) {
	list, err := p.list(ctx, all)
	if err != nil {
		return nil, err
	}
	containers := make([]*api.InspectResponse, len(list))
	errs := make([]error, len(list))
	var group sync.WaitGroup
	tickets := make(chan struct{}, atOnce)
	for i, item := range list {
		tickets <- struct{}{}
		group.Go(func() {
			defer func() { <-tickets }()
			c, found, err := p.inspect(ctx, item.ID)
			if found {
				containers[i] = c
			}
			errs[i] = err
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	// What was removed meanwhile is no container any more.
	return slices.DeleteFunc(containers, func(c *api.InspectResponse) bool { return c == nil }), nil
}

func noDelegate(want spec.Upgrader, others []string, host string) spec.Finding {
	detail := fmt.Sprintf("No container on the engine at %s runs with the environment variable %s=%s, so the upgrader would have nothing to upgrade.", host, envDelegateName, want.DelegateName)
	if len(others) > 0 {
		slices.Sort(others)
		detail += " Delegates that run there: " + strings.Join(slices.Compact(others), ", ") + "."
	}
	return spec.Finding{Summary: "Delegate Not Found", Detail: detail, Argument: argDelegate, Pending: true}
}

// missingDelegate tells after an upgrader was created that there is nothing for it
// to upgrade. The plan doesn't tell: the same apply might have created the delegate.
func (p *platform) missingDelegate(ctx context.Context, want spec.Upgrader) []spec.Finding {
	findings, _ := p.Check(ctx, want) // it was created, whatever the engine answers now
	return slices.DeleteFunc(findings, func(f spec.Finding) bool { return !f.Pending })
}

func secondUpgrader(c *api.InspectResponse, want spec.Upgrader) spec.Finding {
	return spec.Finding{
		Summary: "Another Upgrader for the Same Delegate",
		Detail: fmt.Sprintf("%s has %s=%s, too. There must be one upgrader for a delegate's name; two may both replace the same container. Remove one of them, unless this apply is about to rename it to %s.",
			objectOf(c), envWorkload, want.DelegateName, want.Docker.Name),
		Argument: argName,
	}
}

// checkDelegate says what keeps an upgrader from upgrading a container of its
// delegate.
func checkDelegate(want spec.Upgrader, c *api.InspectResponse) []spec.Finding {
	var findings []spec.Finding
	add := func(argument []string, summary, format string, args ...any) {
		findings = append(findings, spec.Finding{Summary: summary, Detail: objectOf(c).String() + " " + fmt.Sprintf(format, args...), Argument: argument})
	}
	env := envMap(c.Config.Env)
	if token := secret.Text(env[envDelegateToken]); want.Token != "" && token != "" && !secret.SameToken(token, want.Token) {
		add(argToken, "Delegate and Upgrader Have Different Tokens",
			"has another %s than the upgrader. Overrides of an organization or a project reach a delegate only if the upgrader signs in with the delegate's token, because the token tells Harness where the delegate belongs.", envDelegateToken)
	}
	if account := env[envAccount]; account != "" && account != want.AccountID {
		add([]string{"account_id"}, "Delegate and Upgrader Have Different Accounts",
			"has %s=%s, and the upgrader %s: it would be told the image of another account.", envAccount, account, want.AccountID)
	}
	if manager := env[envManager]; manager != "" && !sameAddress(manager, want.ManagerEndpoint) {
		add([]string{"manager_endpoint"}, "Delegate and Upgrader Have Different Managers",
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

// checkImage says what an upgrader makes of the delegate's image.
func checkImage(c *api.InspectResponse, add func(argument []string, summary, format string, args ...any)) {
	image, err := delegate.ParseImage(c.Config.Image)
	switch {
	case err != nil, image.Form == delegate.ImageBareTag:
		// It was started by an image's ID, which tells nothing.
	case image.IsPublished():
	case !image.InPublicRegistry():
		add(argDelegate, "Delegate Image of a Private Registry",
			"runs the image %s. The upgrader doesn't upgrade delegates whose image is pulled from a private registry; it only checks their health. Run the delegate from the image %s of Docker Hub, or set `auto_upgrade = false`.", c.Config.Image, delegate.DefaultRepository)
	default:
		add(argDelegate, "Custom Delegate Image",
			"runs the custom image %s. An upgrade replaces it by the image that Harness tells, which is %s unless a tag override names another, and what was added to the image is lost. Set a tag override, or `auto_upgrade = false`.", c.Config.Image, delegate.DefaultRepository)
	}
}
