package upgrader_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// liveTokenIs checks the managed Secret.
func (p *place) liveTokenIs(want string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := p.fieldOf(delegate, "Secret", "data.UPGRADER_TOKEN"); got != inSecret(want) {
			return fmt.Errorf("the Secret holds %v, want %s", got, inSecret(want))
		}
		return nil
	}
}

// The token moves between the three ways in which it can be given. A Secret of
// somebody else's is never written and never removed, whatever its name.
func TestAccKubernetes_tokenMoves(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("somebody", secretManifest("theirs", "UPGRADER_TOKEN", token))
	before := p.versions(p.listed("Secret/theirs"))
	base := in(p.namespace)
	writeOnly := base.with("token", "").with("token_wo", quoted(token)).with("token_wo_version", "1")
	existing := base.with("token", "").with("kubernetes.existing_secret", `"theirs"`)
	reads := func(name string, managed bool) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if got := p.fieldOf(delegate, "CronJob", "spec.jobTemplate.spec.template.spec.containers.0.envFrom.0.secretRef.name"); got != name {
				return fmt.Errorf("the upgrader reads the Secret %v", got)
			}
			if found := p.find("Secret/payments-upgrader-token"); (found != nil) != managed {
				return fmt.Errorf("the managed Secret is %v", found)
			}
			if after := p.versions(p.listed("Secret/theirs")); after["Secret/theirs"] != before["Secret/theirs"] {
				return fmt.Errorf("their Secret was touched")
			}
			return nil
		}
	}
	const own = "payments-upgrader-token"
	step := func(given arguments, check resource.TestCheckFunc) resource.TestStep {
		return resource.TestStep{Config: p.config(given.block("it")), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: check}
	}
	p.upgraders([]string{"Secret/theirs"},
		resource.TestStep{Config: p.config(base.block("it")), Check: reads(own, true)},
		step(writeOnly, reads(own, true)),
		step(existing, reads("theirs", false)),
		step(base, reads(own, true)),
		step(existing, reads("theirs", false)),
		step(writeOnly, resource.ComposeTestCheckFunc(reads(own, true), p.liveTokenIs(token))),
	)
}

// The Secret that was managed stays where it becomes the user's own.
func TestAccKubernetes_formerSecretStays(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	handedOver := in(p.namespace).with("token", "").with("kubernetes.existing_secret", `"payments-upgrader-token"`)
	p.upgraders([]string{"Secret/payments-upgrader-token"},
		resource.TestStep{Config: p.config(in(p.namespace).block("it"))},
		resource.TestStep{
			Config:           p.config(handedOver.block("it")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            p.liveTokenIs(token),
		},
		resource.TestStep{
			Config:           p.config(handedOver.with("dry_run", "true").block("it")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            p.liveTokenIs(token),
		})
	if p.find("Secret/payments-upgrader-token") == nil {
		t.Error("destroying has removed the user's Secret")
	}
}

// A write-only token is written when its version changes, and only then; that
// another value alone has no effect is said.
func TestAccKubernetes_tokenVersion(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := func(value, version string) string {
		return in(p.namespace).with("token", "").with("token_wo", quoted(value)).with("token_wo_version", version).block("it")
	}
	p.upgraders(nil,
		resource.TestStep{Config: p.config(given("Zmlyc3Q=", "1")), Check: p.liveTokenIs("Zmlyc3Q=")},
		resource.TestStep{
			Config:           p.config(given("c2Vjb25k", "1")),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			Check:            p.liveTokenIs("Zmlyc3Q="),
		},
		resource.TestStep{
			// Nor is it written along with something else.
			Config:           p.config(given("c2Vjb25k", "1") + "\n# no change"),
			PreConfig:        func() { p.edit("Role/payments-upgrader", "{rules: []}") },
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            p.liveTokenIs("Zmlyc3Q="),
		},
		resource.TestStep{
			Config:           p.config(given("c2Vjb25k", "2")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("token_wo", knownvalue.Null())),
			Check:            p.liveTokenIs("c2Vjb25k"),
		})
}

// What Terraform warns of when only the value changes.
func TestAccKubernetes_tokenVersionForgotten(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := in(p.namespace).with("token", "").with("token_wo", "var.token").with("token_wo_version", "1")
	w := p.workspace(given.block("it") + "\nvariable \"token\" {\n  ephemeral = true\n}\n")
	w.Env = append(w.Env, "TF_VAR_token="+token)
	w.Succeed("apply", "-auto-approve", "-no-color")
	w.Env = append(w.Env, "TF_VAR_token=b3RoZXItY2FuYXJ5")
	result := w.Terraform("plan", "-detailed-exitcode", "-no-color")
	if result.ExitCode != 0 || !saying("Warning: Write-Only Argument Changed Without Its Version", "token_wo_version is the same").MatchString(result.Output()) {
		t.Errorf("the plan says\n%s", result.Output())
	}
	w.hasNot(token, "b3RoZXItY2FuYXJ5")
	w.Succeed("destroy", "-auto-approve", "-no-color")
}

// workspace is a folder for the Terraform CLI and the provider as a program, in
// which all output is kept.
func (p *place) workspace(config string) *recorded {
	p.t.Helper()
	w := &recorded{Workspace: acctest.NewWorkspace(p.t, p.manager, binary, config), t: p.t}
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	w.Tee = &w.printed
	return w
}
