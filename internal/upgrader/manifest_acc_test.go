package upgrader_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

const manifestAddress = "data.harnessdelegate_upgrader_manifest.it"

// manifest is a data block with the arguments.
func (a arguments) manifest() string {
	return fmt.Sprintf("data \"harnessdelegate_upgrader_manifest\" \"it\" {\n%s}\n", a.body("  ", ""))
}

// rendered gives what the data source has rendered.
func rendered(state *terraform.State, attribute string) string {
	return state.RootModule().Resources[manifestAddress].Primary.Attributes[attribute]
}

func manifestIs(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(manifestAddress, pathOf(attribute), check)
}

// The text has the very objects that the resource makes, so that one applied
// otherwise is taken over without a difference.
func TestAccManifest_kubernetes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := in(p.namespace).with("proxy.host", `"p"`).with("proxy.port", "1").with("proxy.user", `"u"`).with("kubernetes.timezone", `"Etc/UTC"`).
		with("kubernetes.labels", `{ team = "a" }`).with("kubernetes.env", `{ A = "#: yes" }`).
		with("kubernetes.security_context", `{ runAsNonRoot = true }`).with("kubernetes.node_selector", `{ disk = "ssd" }`)
	data := given.with("schedule", `"0 */1 * * *"`)
	var manifest string
	var made map[string]string
	p.upgraders(nil, resource.TestStep{
		Config: p.config(given.block("it"), data.manifest()),
		Check: func(state *terraform.State) error {
			manifest, made = rendered(state, "yaml"), p.contents()
			return nil
		},
	}, resource.TestStep{
		Config: p.config(data.manifest()),
		Check:  func(*terraform.State) error { return p.holds() },
	}, resource.TestStep{
		PreConfig: func() {
			p.create("argocd-controller", manifest)
			if diff := cmp.Diff(made, p.contents()); diff != "" {
				t.Errorf("what the manifest makes is something else (-resource +manifest)\n%s", diff)
			}
		},
		Config:            p.config(importing("kubernetes/"+p.namespace+"/payments-upgrader-job"), given.block("it")),
		ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, inPlan("drift", texts())),
		ConfigStateChecks: []statecheck.StateCheck{inState("drift", texts())},
		Check: func(*terraform.State) error {
			if diff := cmp.Diff(made, p.contents()); diff != "" {
				return fmt.Errorf("the adopted objects are something else (-resource +adopted)\n%s", diff)
			}
			return nil
		},
	})
}

// Without a token the objects refer to a Secret that somebody else makes; with
// one, it is among them, and nothing of it is shown.
func TestAccManifest_token(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	names := fmt.Sprintf("output \"names\" {\n  value = nonsensitive(keys(%s.objects))\n}\n", manifestAddress)
	without := in(p.namespace).with("token", "")
	all := objectsOf(delegate)
	withoutSecret := append(append([]string{}, all[:3]...), all[4:]...)
	sorted := func(list []string) knownvalue.Check {
		checks := []knownvalue.Check{}
		for _, name := range list {
			checks = append(checks, text(name))
		}
		return knownvalue.SetExact(checks)
	}
	refersTo := func(secret string, has bool) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			manifest := rendered(state, "yaml")
			if strings.Contains(manifest, "kind: Secret") != has || !strings.Contains(manifest, "name: "+secret) {
				return fmt.Errorf("the manifest is\n%s", manifest)
			}
			return nil
		}
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
		{
			// Nothing can be reached, and nobody signs in.
			Config:            offline(`account_id = "only"`, without.manifest(), names),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("names", sorted(withoutSecret))},
			Check: resource.ComposeTestCheckFunc(
				refersTo("payments-upgrader-token", false),
				func(state *terraform.State) error {
					if manifest := rendered(state, "yaml"); !strings.Contains(manifest, "only") {
						return fmt.Errorf("the account isn't in\n%s", manifest)
					}
					return nil
				},
			),
		},
		{
			Config: offline(`account_id = "only"`, without.with("kubernetes.existing_secret", `"theirs"`).manifest()),
			Check:  refersTo("theirs", false),
		},
		{
			Config: offline(`account_id = "only"`, in(p.namespace).manifest(), names),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("names", sorted(all)),
				statecheck.ExpectSensitiveValue(manifestAddress, pathOf("yaml")),
				statecheck.ExpectSensitiveValue(manifestAddress, pathOf("objects")),
				manifestIs("command", knownvalue.Null()), manifestIs("compose", knownvalue.Null()),
			},
			Check: refersTo("payments-upgrader-token", true),
		},
		{Config: offline(``, without.manifest()), ExpectError: saying("Missing Account", "HARNESS_ACCOUNT_ID")},
		{Config: offline(``, in(p.namespace).with("kubernetes.existing_secret", `"theirs"`).manifest()), ExpectError: saying("More Than One Token")},
		{Config: offline(``, without.with("kubernetes.namespace", "").manifest()), ExpectError: saying("kubernetes", "docker")},
		{Config: offline(``, without.with("docker.cpus", "1").manifest()), ExpectError: saying("kubernetes", "docker")},
		{Config: offline(``, without.with("schedule", `"0 25 * * *"`).manifest()), ExpectError: saying("hour")},
		{
			Config:      offline(`account_id = "only"`, without.with("delegate_name", quoted(strings.Repeat("d", 40))).manifest()),
			ExpectError: saying("Invalid Name", "53 characters"),
		},
		{Config: offline(``, arguments{"delegate_name": `"d"`, "docker.cpus": "1", "dry_run": "true"}.manifest()), ExpectError: saying("No Dry Run on Docker")},
		{Config: offline(``)}, // which can be destroyed
	}})
}

// The objects can be handed to other resources one by one.
func TestAccManifest_forEach(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorkspace(t, acctest.NewManager(t), binary, in("somewhere").with("token", "").manifest()+`
resource "terraform_data" "each" {
  for_each = nonsensitive(toset(keys(`+manifestAddress+`.objects)))
  input    = nonsensitive(`+manifestAddress+`.objects[each.key].metadata.namespace)
}
`)
	w.Succeed("apply", "-auto-approve", "-no-color")
	list := w.Succeed("state", "list").Stdout
	for _, object := range objectsOf(delegate) {
		if has := strings.Contains(list, fmt.Sprintf("terraform_data.each[%q]", object)); has == strings.HasPrefix(object, "Secret/") {
			t.Errorf("of %s there is %t:\n%s", object, has, list)
		}
	}
	if plan := w.Terraform("plan", "-detailed-exitcode", "-no-color"); plan.ExitCode != 0 {
		t.Errorf("the plan is not empty:\n%s", plan.Output())
	}
}

// offline is a configuration of a provider that can reach nothing.
func offline(arguments string, parts ...string) string {
	return fmt.Sprintf(`
provider "harnessdelegate" {
  endpoint = "https://harness.invalid/gateway"
  kubernetes { host = "https://kubernetes.invalid" }
  docker { host = "tcp://docker.invalid:1" }
  %s
}
`, arguments) + strings.Join(parts, "\n")
}

// The shell command runs as it is, and the resource takes over what it makes.
func TestAccManifest_docker(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	given := d.least().with("docker.labels", `{ team = "it's $HOME" }`).with("docker.env", `{ QUOTED = "a 'b' \"c\" $d" }`).
		with("schedule", `"*/5 * * * *"`).with("auto_upgrade", "false").with("docker.log_driver", `"json-file"`).with("docker.log_opts", `{ max-size = "3m" }`)
	var command, compose, id string
	d.upgraders(nil, resource.TestStep{
		Config: d.config(given.with("token", "").manifest()),
		ConfigStateChecks: []statecheck.StateCheck{
			manifestIs("yaml", knownvalue.Null()), manifestIs("objects", knownvalue.Null()), statecheck.ExpectSensitiveValue(manifestAddress, pathOf("command")),
		},
		Check: func(state *terraform.State) error {
			command, compose = rendered(state, "command"), rendered(state, "compose")
			return d.holds()
		},
	}, resource.TestStep{
		PreConfig: func() {
			d.composed(compose)
			if _, err := exec.LookPath("docker"); err != nil {
				t.Skipf("SKIPPED: the command can't be run without the Docker CLI: %v", err)
			}
			if output, err := d.shell(command, ""); err == nil || !strings.Contains(output, "UPGRADER_TOKEN") {
				t.Errorf("without a token, the command says %q", output)
			}
			if output, err := d.shell(command, token); err != nil {
				t.Fatalf("%v\n%s\n%s", err, output, command)
			}
			id = d.alone()
		},
		Config:            d.config(importing("docker/"+d.container()), given.block("it")),
		ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, inPlan("drift", texts())),
		ConfigStateChecks: []statecheck.StateCheck{inState("drift", texts())},
		Check: func(*terraform.State) error {
			if d.alone() != id {
				return fmt.Errorf("the container was made anew")
			}
			return nil
		},
	})
}

// shell runs a command as a person would.
func (d *dock) shell(command, secret string) (string, error) {
	run := exec.CommandContext(d.t.Context(), "sh", "-c", command)
	run.Env = append(os.Environ(), "DOCKER_HOST="+d.Host, "UPGRADER_TOKEN="+secret)
	output, err := run.CombinedOutput()
	return string(output), err
}

// composed checks a Compose file: by Compose itself where it is at hand.
func (d *dock) composed(compose string) {
	d.t.Helper()
	var file struct {
		Services map[string]struct {
			Environment map[string]string `json:"environment"`
			Image       string            `json:"image"`
			Name        string            `json:"container_name"`
		} `json:"services"`
	}
	mustDo(d.t, yaml.Unmarshal([]byte(compose), &file))
	found := map[string]string{}
	for _, service := range file.Services {
		maps.Copy(found, service.Environment)
		if service.Image != d.image || service.Name != d.container() {
			d.t.Errorf("the service is %+v", service)
		}
	}
	if len(file.Services) != 1 || found["QUOTED"] != `a 'b' "c" $$d` || !strings.HasPrefix(found["UPGRADER_TOKEN"], "${UPGRADER_TOKEN:") {
		d.t.Errorf("the file is\n%s", compose)
	}
	if exec.CommandContext(d.t.Context(), "docker", "compose", "version").Run() != nil {
		return
	}
	path := filepath.Join(d.t.TempDir(), "compose.yaml")
	mustDo(d.t, os.WriteFile(path, []byte(compose), 0o600))
	check := exec.CommandContext(d.t.Context(), "docker", "compose", "-f", path, "config", "--quiet")
	check.Env = append(os.Environ(), "UPGRADER_TOKEN=x")
	if output, err := check.CombinedOutput(); err != nil {
		d.t.Errorf("%v\n%s\n%s", err, output, compose)
	}
}
