package container

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Variables and labels of the delegate's containers.
const (
	envDelegateName    = "DELEGATE_NAME"
	envDelegateToken   = "DELEGATE_TOKEN"
	labelComposeFolder = "com.docker.compose.project"
	labelSwarmService  = "com.docker.swarm.service.id"
)

// Check implements spec.Platform.
func (p *platform) Check(ctx context.Context, want spec.Upgrader) ([]spec.Finding, error) {
	t := p.task(want, nil)
	running, err := p.running(ctx)
	if err != nil {
		return nil, p.fail("look at the containers of the engine at "+p.host, err, t.hidden)
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
		case env[envWorkload] == want.DelegateName && !isSpareOf(c, want.Docker.Name):
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

func isSpareOf(c *api.InspectResponse, name string) bool { return c.Name == spareName(name, c.ID) }

// atOnce is how many containers are read side by side.
const atOnce = 8

// running reads all containers that run. Only the full description of a container
// has its environment.
func (p *platform) running(ctx context.Context) ([]*api.InspectResponse, error) {
	list, err := p.list(ctx, false)
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
	// What has ended meanwhile doesn't run.
	return slices.DeleteFunc(containers, func(c *api.InspectResponse) bool { return c == nil }), nil
}

func noDelegate(want spec.Upgrader, others []string, host string) spec.Finding {
	detail := fmt.Sprintf("No container on the engine at %s runs with the environment variable %s=%s, so the upgrader would have nothing to upgrade.", host, envDelegateName, want.DelegateName)
	if len(others) > 0 {
		slices.Sort(others)
		detail += " Delegates that run there: " + strings.Join(slices.Compact(others), ", ") + "."
	}
	return spec.Finding{Summary: "Delegate Not Found", Detail: detail, Argument: argDelegate}
}

func secondUpgrader(c *api.InspectResponse, want spec.Upgrader) spec.Finding {
	return spec.Finding{
		Summary: "Another Upgrader for the Same Delegate",
		Detail: fmt.Sprintf("%s has %s=%s, too. There must be one upgrader for a delegate's name; two may both replace the same container. Remove one of them, unless this apply is about to rename it to %s.",
			objectOf(c), envWorkload, want.DelegateName, want.Docker.Name),
		Argument: argName,
	}
}
