package acctest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// charted makes the site of upgraders on Kubernetes, with one that the official
// chart has made, and points a workspace to it.
func charted(t *testing.T, m *acctest.Manager, work *tfcli.Workspace) {
	t.Helper()
	for name, value := range kubernetesSite(t, m).env {
		work.Env = append(work.Env, name+"="+value)
	}
	fixture := read(t, filepath.Join("testdata", "import-by-string-id.yaml"))
	putFile(t, kubetest.Shared(t), "helm", strings.NewReplacer("THE_TOKEN", projectToken(t, m), "THE_MANAGER", m.URL).Replace(fixture))
}

// documented runs a container as the documented command does, but for its program.
func documented(t *testing.T, m *acctest.Manager, work *tfcli.Workspace) {
	t.Helper()
	engine, name := dockertest.Need(t), dockertest.UniqueName(t)
	upgrader, _, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	engine.Image(t, name+":1", upgrader)
	engine.Sweep(t, name)
	engine.Run(t, client.ContainerCreateOptions{Name: name, Config: &container.Config{Image: name + ":1", Env: []string{
		"ACCOUNT_ID=" + acctest.Account, "MANAGER_HOST_AND_PORT=" + m.URL, "UPGRADER_WORKLOAD_NAME=" + onDocker, "UPGRADER_TOKEN=" + projectToken(t, m),
	}}})
	work.Env = append(work.Env, "DOCKER_HOST="+engine.Host)
}

// Each query finds what is there. On Kubernetes, what Terraform generates of it
// imports without a change; on Docker it lacks the token.
func TestAccExamples_queriesOfUpgraders(t *testing.T) {
	acctest.Need(t, acctest.Query)
	for _, file := range glob(t, "list-resources/harnessdelegate_upgrader/list-resource*.tfquery.hcl") {
		t.Run(name(file), func(t *testing.T) {
			m := acctest.NewManager(t)
			work := beside(t, m, file)
			if strings.Contains(file, "docker") {
				documented(t, m, work)
				if found := terraformRun(t, work, 0, "query", "-no-color"); !strings.Contains(found.Stdout, "of the delegate "+onDocker) {
					t.Errorf("it doesn't find the upgrader:\n%s", found.Output())
				}
				return
			}
			charted(t, m, work)
			terraformRun(t, work, 0, "query", "-generate-config-out=generated.tf")
			if _, err := os.Stat(filepath.Join(work.Dir, "generated.tf")); err != nil {
				t.Fatalf("it finds nothing: %s", err)
			}
			plan := terraformRun(t, work, 0, "plan", "-no-color")
			if want := "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy."; !strings.Contains(plan.Stdout, want) {
				t.Errorf("the plan doesn't say %q:\n%s", want, plan.Output())
			}
		})
	}
}

// Each action runs the upgrader that it names: when the override changes, and by
// the command that the example tells.
func TestAccExamples_runs(t *testing.T) {
	acctest.Need(t, acctest.Actions)
	if err := kubetest.CanRunPods(); err != nil {
		t.Skipf("SKIPPED: no pod can be run here, and the examples want to see one succeed: %v", err)
	}
	upgrader, _, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	image := regexp.MustCompile(`(?m)^  delegate_tag = ".*"$`)
	command := regexp.MustCompile(`(?m)^#\s+terraform apply (-invoke=\S+)$`)
	for _, file := range glob(t, "actions/harnessdelegate_run_upgrader/action*.tf") {
		t.Run(name(file), func(t *testing.T) {
			m := acctest.NewManager(t)
			work, text := beside(t, m, file), read(t, file)
			arguments := []string{"apply", "-auto-approve", "-no-color"}
			if told := command.FindStringSubmatch(text); told != nil {
				charted(t, m, work)
				arguments = append(arguments, told[1])
			} else {
				for name, value := range kubernetesSite(t, m).env {
					work.Env = append(work.Env, name+"="+value)
				}
				terraformRun(t, work, 0, "apply", "-auto-approve")
			}
			stop := kubetest.Shared(t).RunJobs(t.Context(), exampleNamespace, kubetest.Program{Path: upgrader})
			defer func() {
				if err := stop(); err != nil {
					t.Error(err)
				}
			}()
			const another = `  delegate_tag = "registry.example.com/payments/delegate:24.04.82805"`
			if err := work.Write(filepath.Base(file), image.ReplaceAllString(text, another)); err != nil {
				t.Fatal(err)
			}
			ran := terraformRun(t, work, 0, arguments...)
			for _, part := range []string{"was created in namespace " + exampleNamespace, "has succeeded after"} {
				if !strings.Contains(ran.Stdout, part) {
					t.Errorf("it doesn't tell %q:\n%s", part, ran.Output())
				}
			}
			terraformRun(t, work, 0, "destroy", "-auto-approve")
		})
	}
}
