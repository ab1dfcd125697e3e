package upgrader_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// No argument may be without a case, and none may be forgotten when it comes.
func TestDockerArguments_complete(t *testing.T) {
	missing := dockerAttributes(t)
	maps.DeleteFunc(missing, func(_ string, writable bool) bool { return !writable })
	for _, c := range append(dockerCommonCases(), dockerCases()...) {
		for _, path := range strings.Fields(c.paths) {
			delete(missing, path)
		}
	}
	for _, path := range dockerElsewhere {
		delete(missing, path)
	}
	if len(missing) > 0 {
		t.Errorf("no test changes %q", slices.Sorted(maps.Keys(missing)))
	}
}

// Each argument is set and then left out, alone: the plan is an update that shows
// it and nothing else, the container has it, and it is the same container where
// the engine can change it; else the new one runs before the old one goes.
func TestAccDocker_commonArguments(t *testing.T) {
	t.Parallel()
	changeEachOnDocker(t, dockerCommonCases())
}

func TestAccDocker_dockerArguments(t *testing.T) {
	t.Parallel()
	changeEachOnDocker(t, dockerCases())
}

// changeEachOnDocker has an upgrader for each case, and changes all at once.
func changeEachOnDocker(t *testing.T, cases []dockerArgument) {
	t.Helper()
	d := newDock(t)
	upgraderPath, _ := programs(t)
	d.addImage("two", upgraderPath)
	before := map[int]string{}
	check := func(set bool) resource.TestCheckFunc {
		return func(*terraform.State) error {
			var wrong []string
			for n, c := range cases {
				for _, err := range []error{d.liveIs(n, c, set), d.followed(n, c, set, before)} {
					if err != nil {
						wrong = append(wrong, fmt.Sprintf("%s: %s", c.paths, err))
					}
				}
			}
			if len(wrong) > 0 {
				return fmt.Errorf("%s", strings.Join(wrong, "\n"))
			}
			return nil
		}
	}
	var with, without []string
	var checks []plancheck.PlanCheck
	for n, c := range cases {
		with = append(with, d.caseArguments(n, c, true).block(caseName(n)))
		without = append(without, d.caseArguments(n, c, false).block(caseName(n)))
		checks = append(checks, onlyChanges{"harnessdelegate_upgrader." + caseName(n), strings.Fields(c.paths)})
	}
	empty := []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	d.upgraders(nil, resource.TestStep{
		Config:           d.config(with...),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: empty},
		Check:            check(true),
	}, resource.TestStep{
		Config:           d.config(without...),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: empty},
		Check:            check(false),
	})
}

// caseArguments are those of a case's upgrader.
func (d *dock) caseArguments(n int, c dockerArgument, set bool) arguments {
	name := d.name + "-" + caseName(n)
	given := d.least().with("delegate_name", quoted(name)).with("docker.name", quoted(name+"-upgrader"))
	more := []arguments{c.always}
	if set {
		more = append(more, c.set)
	}
	for _, some := range more {
		for path, expression := range some {
			given = given.with(path, expression)
		}
	}
	for path, expression := range given {
		if strings.HasPrefix(expression, "CASE") {
			given[path] = quoted(name + strings.TrimPrefix(expression, "CASE"))
		}
		given[path] = strings.ReplaceAll(given[path], "IMAGE", d.name)
	}
	return given
}

// containerOf is the name of a case's container.
func (d *dock) containerOf(n int, c dockerArgument, set bool) string {
	given := d.caseArguments(n, c, set)
	if name, ok := given["docker.name"]; ok {
		return strings.Trim(name, `"`)
	}
	return strings.Trim(given["delegate_name"], `"`) + "-upgrader"
}

// liveIs checks the field that a case is about.
func (d *dock) liveIs(n int, c dockerArgument, set bool) error {
	found, want := d.described(d.containerOf(n, c, set)), c.without
	if set {
		want = c.with
	}
	want = strings.NewReplacer("TOKEN", quoted(token), "MANAGER", quoted(d.manager.URL), "IMAGE", d.name, "SOCKET", quoted(d.Socket())).Replace(want)
	if c.live == "" {
		return nil
	}
	if got := asJSON(d.t, field(found, c.live)); got != want {
		return fmt.Errorf("%s is %s, want %s", c.live, got, want)
	}
	return nil
}

// followed checks what has become of a case's container since the last state.
func (d *dock) followed(n int, c dockerArgument, set bool, before map[int]string) error {
	id := d.live(d.containerOf(n, c, set)).ID
	last, known := before[n]
	before[n] = id
	switch {
	case !known:
		return nil
	case c.keeps && id != last:
		return fmt.Errorf("the container was made anew")
	case !c.keeps && id == last:
		return fmt.Errorf("the container is the same one")
	case id != last:
		return d.overlapped(last, id)
	default:
		return nil
	}
}

// What the upgrader on Docker doesn't have is refused before anything is made,
// and so is what can't be right.
func TestAccDocker_refused(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	refused := func(given arguments, phrases ...string) resource.TestStep {
		return resource.TestStep{Config: d.config(given.block("it")), PlanOnly: true, ExpectError: saying(phrases...)}
	}
	least := d.least()
	d.upgraders(
		nil,
		refused(least.with("dry_run", "true"), "No Dry Run on Docker", "auto_upgrade = false"),
		refused(least.with("schedule", `"@hourly"`), "Invalid Schedule", `"@hourly"`, "five fields"),
		refused(least.with("proxy.host", `"p"`).with("proxy.port", "1").with("proxy.proxy_manager", `"true"`), "No Such Setting on Docker"),
		refused(least.with("docker.env", `{ UPGRADER_TOKEN = "x" }`), "docker.env", "the argument token sets it"),
		refused(least.with("docker.env", `{ "A=B" = "x" }`), "Invalid Variable", "docker.env", "has no equals sign"),
		refused(least.with("docker.env", `{ "SCHEDULE=*/5 * * * *" = "" }`), "Invalid Variable", "docker.env", "has no equals sign"),
		refused(least.with("docker.labels", `{ "a b" = "x" }`), "Invalid Label", "docker.labels", "has a blank"),
		refused(least.with("docker.labels", `{ "io.github.harnessdelegate.upgrader" = "x" }`), "Invalid Label", "docker.labels", "this provider sets it"),
		// What the engine would refuse is known before anything is made.
		refused(least.with("docker.cpus", "100000"), "Unable to Create Upgrader", "docker.cpus is 100000, and the engine's host has"),
		refused(least.with("docker.log_driver", `"nonesuch"`), "Unable to Create Upgrader", `no log driver "nonesuch"`),
		refused(least.with("docker.host", `"docker.example.com"`), "docker.host", "an engine's address"),
		refused(least.with("docker.name", `"a b"`), "docker.name", "a container's name"),
		refused(least.with("docker.memory", "5"), "docker.memory"),
		refused(least.with("docker.cpus", "0"), "docker.cpus"),
		refused(least.with("docker.socket_path", `"docker.sock"`), "docker.socket_path", "absolute path"),
		refused(least.with("docker.restart", `"often"`), "docker.restart", "on-failure:COUNT"),
		refused(least.with("token", ""), "Missing Token", "token_wo_version"),
		refused(least.with("kubernetes.namespace", `"x"`), "kubernetes", "docker"),
	)
}
