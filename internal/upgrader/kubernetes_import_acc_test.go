package upgrader_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// An upgrader that others have made is taken over: the same objects go on, with
// their Jobs, and say the same. It is left out of the configuration that only
// what differs from the defaults is in.
func TestAccKubernetes_adoptChart(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("helm", p.chartManifest())
	p.adopted(in(p.namespace).with("image", `"us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest"`).
		with("kubernetes.custom_ca_secret", `"company-ca"`).with("kubernetes.force_conflicts", "true"), objectsOf(delegate))
}

func TestAccKubernetes_adoptManifest(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-client-side-apply", p.documentedManifest())
	p.adopted(in(p.namespace).with("kubernetes.role_name", `"upgrader-cronjob"`).with("kubernetes.service_account_name", `"upgrader-cronjob-sa"`).
		with("kubernetes.role_binding_name", `"kubernetes-delegate-upgrader-cronjob"`), []string{
		"ServiceAccount/upgrader-cronjob-sa", "Role/upgrader-cronjob", "RoleBinding/kubernetes-delegate-upgrader-cronjob",
		"Secret/payments-upgrader-token", "ConfigMap/payments-upgrader-config", "CronJob/payments-upgrader-job",
	})
}

// adopted imports what is there by a block, applies, and destroys it.
func (p *place) adopted(given arguments, ids []string) {
	t := p.t
	job, err := p.Trigger(t.Context(), p.namespace, "payments-upgrader-job")
	if err != nil {
		t.Fatal(err)
	}
	identities := func() map[string]string {
		found := map[string]string{}
		for _, id := range append(slices.Clone(ids), "Job/"+job) {
			found[id] = string(p.get(id).GetUID())
		}
		return found
	}
	before, contents := identities(), p.contents()
	block := fmt.Sprintf("import {\n  to = %s\n  id = \"kubernetes/%s/payments-upgrader-job\"\n}\n", address, p.namespace)
	p.upgraders(nil, resource.TestStep{
		Config:           p.config(block, given.block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("objects", texts(ids...))),
		Check: func(*terraform.State) error {
			if diff := cmp.Diff(before, identities()); diff != "" {
				return fmt.Errorf("others than before (-before +after)\n%s", diff)
			}
			after := p.contents()
			for id := range after { // said, so that nobody's default turns it off
				after[id] = strings.Replace(after[id], `"automountServiceAccountToken":true,`, "", 1)
			}
			for id := range contents {
				// What differs is the pods' file modes, and their group.
				if kindOf(id) != "CronJob" && contents[id] != after[id] {
					return fmt.Errorf("%s was\n%s\nand is\n%s", id, contents[id], after[id])
				}
			}
			if maps.Equal(contents, after) {
				return fmt.Errorf("nothing has been put right in the CronJob")
			}
			return nil
		},
	})
}

// What Helm manages stays Helm's where it says something else.
func TestAccKubernetes_adoptChartInConflict(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("helm", p.chartManifest())
	block := fmt.Sprintf("import {\n  to = %s\n  id = \"kubernetes/%s/payments-upgrader-job\"\n}\n", address, p.namespace)
	given := in(p.namespace).with("kubernetes.custom_ca_secret", `"company-ca"`).with("schedule", `"*/30 * * * *"`)
	uid := p.get("CronJob/payments-upgrader-job").GetUID()
	p.upgraders(nil,
		failing(p.config(given.block("it")), "Error:", "already", "import {", "kubernetes/"+p.namespace+"/payments-upgrader-job"),
		failing(p.config(block, given.block("it")), "Unable to Update Upgrader", `"helm" manages`, "spec.schedule", "force_conflicts = true"),
		resource.TestStep{
			Config: p.config(block, given.with("kubernetes.force_conflicts", "true").block("it")),
			Check: func(*terraform.State) error {
				if found := p.get("CronJob/payments-upgrader-job"); found.GetUID() != uid || field(found.Object, "spec.schedule") != "*/30 * * * *" {
					return fmt.Errorf("the CronJob is %v", found.Object)
				}
				return nil
			},
		})
}

// The configuration that Terraform writes for an import is a valid one, and
// applying it changes nothing but what the chart has wrong.
func TestAccKubernetes_importGeneratesConfig(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("helm", p.chartManifest())
	uid := p.get("CronJob/payments-upgrader-job").GetUID()
	block := fmt.Sprintf("import {\n  to = %s\n  id = \"kubernetes/%s/payments-upgrader-job\"\n}\n", address, p.namespace)
	w := acctest.NewWorkspace(t, p.manager, binary, block)
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+p.Kubeconfig)
	// The token stays in the chart's Secret, so that the configuration is complete
	// without it.
	first := w.Terraform("plan", "-generate-config-out=generated.tf", "-no-color")
	content, err := os.ReadFile(filepath.Join(w.Dir, "generated.tf"))
	if err != nil {
		t.Fatalf("%v\n%s", err, first.Output())
	}
	generated := string(content)
	if strings.Contains(generated+first.Output(), token) {
		t.Errorf("the token is shown:\n%s%s", generated, first.Output())
	}
	var completed []string
	for line := range strings.Lines(generated) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "force_conflicts" { // of the one value that the chart has wrong
			line = "force_conflicts = true\n"
		}
		completed = append(completed, line)
	}
	if err := w.Write("generated.tf", strings.Join(completed, "")); err != nil {
		t.Fatal(err)
	}
	w.Succeed("apply", "-auto-approve", "-no-color")
	if again := w.Terraform("plan", "-detailed-exitcode", "-no-color"); again.ExitCode != 0 {
		t.Errorf("the plan after it is not empty:\n%s", again.Output())
	}
	found := p.get("CronJob/payments-upgrader-job")
	if found.GetUID() != uid || field(found.Object, "spec.jobTemplate.spec.template.spec.volumes.1.secret.defaultMode") != int64(0o440) {
		t.Errorf("the CronJob is %v", found.Object)
	}
	w.Succeed("destroy", "-auto-approve", "-no-color")
	if err := p.holds("Secret/payments-upgrader-token"); err != nil {
		t.Error(err)
	}
}

// What `terraform import` takes over is what was created, but for what no object
// tells; and ids that name nothing are refused.
func TestAccKubernetes_import(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	config := p.config(in(p.namespace).with("kubernetes.labels", "{}").with("kubernetes.env", `{ A = "1" }`).block("it"))
	refused := func(id string, phrases ...string) resource.TestStep {
		return resource.TestStep{Config: config, ResourceName: address, ImportState: true, ImportStateId: id, ExpectError: saying(phrases...)}
	}
	p.upgraders(nil, resource.TestStep{Config: config},
		resource.TestStep{
			Config: config, ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"token", "kubernetes.labels", "kubernetes.existing_secret", "objects"},
		},
		refused("kubernetes/"+p.namespace, "Invalid Import Id", "neither kubernetes/NAMESPACE/CRONJOB nor docker/CONTAINER"),
		refused("kubernetes//x", "Invalid Import Id", "empty part"),
		refused("nomad/a/b", "Invalid Import Id"),
		refused("kubernetes/"+p.namespace+"/nothing", "Unable to Import Upgrader", "There is no upgrader at"),
	)
}
