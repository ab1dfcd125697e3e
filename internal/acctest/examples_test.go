package acctest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// These tests apply every example as a reader would: beside the provider block
// of examples/provider, with the rest of its settings in the environment. They
// look for the examples themselves, so that a new one is tested by being there.

const (
	examples     = "../../examples"
	providerFile = examples + "/provider/provider.tf"
)

// environment makes a Manager and points the environment to it. "source" in
// the examples names the provider's own namespace.
func environment(t *testing.T) *acctest.Manager {
	t.Helper()
	m := acctest.NewManager(t)
	for name, value := range map[string]string{
		"HARNESS_ENDPOINT":          m.URL,
		"HARNESS_ACCOUNT_ID":        acctest.Account,
		"HARNESS_PLATFORM_API_KEY":  acctest.APIKey,
		"TF_ACC_PROVIDER_NAMESPACE": "harnessdelegate",
	} {
		t.Setenv(name, value)
	}
	return m
}

// apply runs steps, in the end of which the Manager must hold only what is left.
func apply(t *testing.T, m *acctest.Manager, left []string, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   newerCLI(steps[0].Config),
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy:             m.Holds(left...),
		Steps:                    steps,
	})
}

func TestAccExamples_snippets(t *testing.T) {
	for _, file := range snippets(t) {
		t.Run(name(file), func(t *testing.T) {
			m := environment(t)
			if strings.Contains(read(t, file), `ephemeral "harnessdelegate_token"`) {
				m.AddDelegateToken(exampleToken)
			}
			// The step also fails if anything is left to do after it.
			if strings.HasPrefix(name(file), "data-sources/") {
				// What an empty list is asked for is never looked at.
				m.Put(t, simulator.Override{
					OrgID: "default", ProjectID: "payments", Tags: []string{"gpu"},
					Version: "registry.example.com/payments/delegate-gpu:24.04.82804", ValidTillNextRelease: true,
				})
				m.AddDelegate(simulator.Delegate{
					AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: "payments-delegate",
					Replicas: []simulator.Replica{{Image: "registry.example.com/payments/delegate:24.04.82804", Alive: true}},
				})
			}
			apply(t, m, m.Held(), resource.TestStep{Config: visit(t, m, besideProvider(t, file))})
		})
	}
}

func TestAccExamples_providerBlocks(t *testing.T) {
	for _, file := range glob(t, "provider/provider*.tf") {
		t.Run(name(file), func(t *testing.T) {
			m := environment(t)
			use := "data \"harnessdelegate_latest_supported_version\" \"any\" {}\n"
			apply(t, m, nil, resource.TestStep{Config: read(t, file) + use})
		})
	}
}

// The first configuration that a reader of the README meets, alone and with
// what the README adds to it.
func TestAccExamples_readme(t *testing.T) {
	found := regexp.MustCompile("(?s)\n```terraform\n(.*?)```\n").FindAllStringSubmatch(read(t, "../../README.md"), -1)
	if found == nil {
		t.Fatal("README.md shows no configuration")
	}
	configuration := ""
	for i, block := range found {
		configuration += block[1]
		t.Run(fmt.Sprintf("up to block %d", i+1), func(t *testing.T) {
			m := environment(t)
			apply(t, m, nil, resource.TestStep{
				Config: visit(t, m, configuration),
				Check:  m.Holds("default/payments registry.example.com/payments/delegate:24.04.82804"),
			})
		})
	}
}

// Each command of an import.sh must find the very object that the example with
// its address makes.
func TestAccExamples_importCommands(t *testing.T) {
	command := regexp.MustCompile(`(?m)^terraform import (\S+) (\S+)$`)
	for _, script := range glob(t, "resources/*/import.sh") {
		commands := command.FindAllStringSubmatch(read(t, script), -1)
		if len(commands) == 0 {
			t.Errorf("%s holds no command \"terraform import ADDRESS ID\"", script)
		}
		for _, match := range commands {
			address, id := match[1], match[2]
			t.Run(id, func(t *testing.T) {
				m := environment(t)
				// Names on the engine are others here, and so are those in the id.
				example, id, _ := strings.Cut(visit(t, m, besideProvider(t, declaring(t, filepath.Dir(script), address))+"\x00"+id), "\x00")
				apply(
					t, m, nil,
					resource.TestStep{Config: example},
					resource.TestStep{
						Config: example, ResourceName: address, ImportState: true, ImportStateId: id,
						// A token is never read back, nor are arguments that are in no object,
						// and what was there before a resource came can't be. The Secret that
						// holds the token counts as existing after an import.
						ImportStateVerify: true, ImportStateVerifyIgnore: []string{"token", "force_conflicts", "longest_task_seconds", "previous", "kubernetes.existing_secret", "objects"},
					},
				)
			})
		}
	}
}

// An import block takes over what is there, and writes nothing.
func TestAccExamples_importBlocks(t *testing.T) {
	block := regexp.MustCompile(`(?ms)^import \{\n.*?^\}\n`)
	target := regexp.MustCompile(`(?m)^\s*to\s*=\s*(\S+)$`)
	for _, file := range glob(t, "resources/harnessdelegate_tag_override/import-by-*.tf") {
		t.Run(name(file), func(t *testing.T) {
			m := environment(t)
			example := besideProvider(t, file)
			address := target.FindStringSubmatch(example)
			if address == nil {
				t.Fatalf("%s imports nothing", file)
			}
			var there []simulator.Override
			apply(t, m, nil, resource.TestStep{
				Config: block.ReplaceAllString(example, ""),
				Check: func(*terraform.State) error {
					there = m.Overrides(acctest.Account)
					return nil
				},
			})
			for _, override := range there {
				m.Put(t, override)
			}
			m.ResetCounters()
			apply(t, m, nil, resource.TestStep{
				Config: example,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address[1], plancheck.ResourceActionNoop)},
				},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrSet(address[1], "id"),
					m.Sent(acctest.SetPath, 0),
				),
			})
		})
	}
}

// Folders that hold a provider block are whole configurations. They are applied
// by the real CLI with the real binary, because terraform-plugin-testing knows
// neither modules nor for_each.
func TestAccExamples_folders(t *testing.T) {
	t.Parallel()
	binary, err := tfcli.Build(t.Context(), tfcli.Provider, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range roots(t) {
		t.Run(name(dir), func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			work := workspace(t, m, binary)
			work.Dir = filepath.Join(work.Dir, filepath.FromSlash(name(dir)))
			left, reached := equip(t, m, work, dir), chain(t, m, text(t, dir))
			initialize(t, work)
			noWarnings(t, terraformRun(t, work, 0, "apply", "-auto-approve", "-input=false", "-json"))
			if len(m.Held()) == 0 && name(dir) != reportExample {
				t.Error("the example sets no override")
			}
			reached()
			terraformRun(t, work, 0, "plan", "-detailed-exitcode", "-input=false")
			terraformRun(t, work, 0, "destroy", "-auto-approve", "-input=false")
			if held := m.Held(); len(held) > 0 {
				t.Errorf("after destroy the Manager holds %q", held)
			}
			if left() {
				t.Error("after destroy there is not what was there before")
			}
		})
	}
	t.Run("the module team-delegate-image guards", func(t *testing.T) {
		t.Parallel()
		teamDelegateImage(t, binary)
	})
	t.Run("the module fleet-report reports", func(t *testing.T) {
		t.Parallel()
		fleetReport(t, binary)
	})
	t.Run("the module fleet-report takes arguments", func(t *testing.T) {
		t.Parallel()
		fleetReportArguments(t, binary)
	})
	t.Run("the module fleet-report tells what it hasn't seen", func(t *testing.T) {
		t.Parallel()
		fleetReportUnseen(t, binary)
	})
}

// teamDelegateImage: the module refuses what would get delegates into trouble,
// before anything is written, and warns in time.
func teamDelegateImage(t *testing.T, binary string) {
	t.Helper()
	m := acctest.NewManager(t)
	m.Release(acctest.Account, "24.09.83900")
	work := workspace(t, m, binary)
	work.Dir = filepath.Join(work.Dir, "caller")
	if err := os.Mkdir(work.Dir, 0o750); err != nil {
		t.Fatal(err)
	}
	call := func(repository string, arguments ...string) {
		t.Helper()
		text := fmt.Sprintf("%s\nmodule \"team\" {\n  source     = %q\n  org_id     = \"default\"\n  repository = %q\n  %s\n}\n",
			read(t, providerFile), "../modules/team-delegate-image", repository, strings.Join(arguments, "\n  "))
		if err := work.Write("main.tf", text); err != nil {
			t.Fatal(err)
		}
	}
	says := func(result tfcli.Result, severity, text string) {
		t.Helper()
		for _, diagnostic := range result.Diagnostics() {
			if diagnostic.Severity == severity && strings.Contains(diagnostic.Detail, text) {
				return
			}
		}
		t.Errorf("no %s says %q:\n%s", severity, text, result.Output())
	}
	const repository = "registry.example.com/team/delegate"
	call(repository)
	terraformRun(t, work, 0, "init", "-input=false")

	for _, refused := range []struct{ repository, argument, why string }{
		{repository, `delegate_version = "24.10.84000"`, "is newer than 24.09.83900"},
		{repository, `delegate_version = "24.03.82600"`, "is past its end of support: it is 6 months behind"},
		{repository, `delegate_version = "latest"`, "has the form yy.mm.build"},
		{repository + ":24.04.82804", ``, "without a tag or digest"},
		{repository, `valid_for_days = 181`, "for 180 days at most"},
		{repository, `renew_before_days = 90`, "renew_before_days is 90 and valid_for_days is 90"},
		{repository, "renew_before_days = 200\n  valid_for_days = 30", "renew_before_days is 200 and valid_for_days is 30"},
		{repository, `renew_before_days = 0`, "less than valid_for_days"},
		{repository, `delegate_tags = ["linux, gpu"]`, "an element of its own"},
	} {
		call(refused.repository, refused.argument)
		says(terraformRun(t, work, 1, "plan", "-input=false", "-json"), "error", refused.why)
	}

	// The image to build from is one that Harness publishes.
	for version, base := range map[string]string{
		"24.08.83800-2": "24.08.83800", "24.08.83800": "24.08.83800", "24.08.83800.minimal-3": "24.08.83800.minimal", "24.08.83800.minimal-fips": "24.08.83800.minimal-fips",
	} {
		call(repository, fmt.Sprintf("delegate_version = %q\n}\noutput \"base\" {\n  value = module.team.base_image", version))
		if planned := terraformRun(t, work, 0, "plan", "-input=false", "-no-color"); !strings.Contains(planned.Output(), `base = "harness/delegate:`+base+`"`) {
			t.Errorf("%s has another base:\n%s", version, planned.Output())
		}
	}

	call(repository, `delegate_version = "24.04.82804"`)
	says(terraformRun(t, work, 0, "plan", "-input=false", "-json"), "warning", "is 5 months behind 24.09.83900")

	call(repository, `minimal = true`, `delegate_tags = ["linux"]`)
	noWarnings(t, terraformRun(t, work, 0, "apply", "-auto-approve", "-input=false", "-json"))
	if held, want := m.Held(), "default {linux} "+repository+":24.09.83900.minimal"; !slices.Equal(held, []string{want}) {
		t.Errorf("the Manager holds %q, want %q", held, want)
	}
}

// workspace is a copy of all examples, with a Manager in its environment.
func workspace(t *testing.T, m *acctest.Manager, binary string) *tfcli.Workspace {
	t.Helper()
	work, err := tfcli.New(t.TempDir(), tfcli.Source, binary)
	if err != nil {
		t.Fatal(err)
	}
	work.Env = append(
		work.Env,
		"HARNESS_ENDPOINT="+m.URL,
		"HARNESS_ACCOUNT_ID="+acctest.Account,
		"HARNESS_PLATFORM_API_KEY="+acctest.APIKey,
	)
	walk(t, func(dir string) {
		to := filepath.Join(work.Dir, filepath.FromSlash(name(dir)))
		if err := os.MkdirAll(to, 0o750); err != nil {
			t.Fatal(err)
		}
		for _, file := range configuration(t, dir) {
			if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), []byte(read(t, file)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	})
	return work
}

func terraformRun(t *testing.T, work *tfcli.Workspace, exitCode int, arguments ...string) tfcli.Result {
	t.Helper()
	result, err := work.Run(t.Context(), arguments...)
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != exitCode {
		t.Fatalf("terraform %s ended with %d, want %d:\n%s", strings.Join(arguments, " "), result.ExitCode, exitCode, result.Output())
	}
	return result
}

// initialize skips the test where the example asks for a newer Terraform.
func initialize(t *testing.T, work *tfcli.Workspace) {
	t.Helper()
	result, err := work.Run(t.Context(), "init", "-input=false")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(result.Output(), "Unsupported Terraform Core version") {
		t.Skipf("SKIPPED: the example needs a newer Terraform:\n%s", result.Output())
	}
	if result.ExitCode != 0 {
		t.Fatalf("terraform init ended with %d:\n%s", result.ExitCode, result.Output())
	}
}

// noWarnings lets the one pass that no example with a delegate can do without.
func noWarnings(t *testing.T, result tfcli.Result) {
	t.Helper()
	for _, diagnostic := range result.Diagnostics() {
		if strings.HasPrefix(diagnostic.Summary, "Delegates Get Another Image: ") {
			continue
		}
		t.Errorf("%s at %s: %s: %s", diagnostic.Severity, diagnostic.Address, diagnostic.Summary, diagnostic.Detail)
	}
}

// Every module is called by a configuration, and so applied.
func TestExamples_modulesAreCalled(t *testing.T) {
	t.Parallel()
	source := regexp.MustCompile(`(?m)^\s*source\s*=\s*"(\.\.?/[^"]*)"`)
	var called []string
	for _, dir := range roots(t) {
		for _, match := range source.FindAllStringSubmatch(text(t, dir), -1) {
			called = append(called, filepath.Join(dir, filepath.FromSlash(match[1])))
		}
	}
	for _, module := range glob(t, "modules/*") {
		if !slices.Contains(called, module) {
			t.Errorf("no example calls %s", module)
		}
	}
}

// snippets are the examples that the documentation shows.
func snippets(t *testing.T) []string {
	t.Helper()
	return append(glob(t, "resources/*/resource*.tf"), glob(t, "data-sources/*/data-source*.tf")...)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(examples, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("there is no examples/%s", pattern)
	}
	return found
}

// walk visits examples/ and every folder below it.
func walk(t *testing.T, visit func(dir string)) {
	t.Helper()
	err := filepath.WalkDir(examples, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return err
		case entry.Name() == ".terraform":
			return filepath.SkipDir
		default:
			visit(path)
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// roots are the folders, at whatever depth, that hold a provider block.
// examples/provider itself is part of other configurations, and those of guides
// are applied step by step by tests of their own.
func roots(t *testing.T) []string {
	t.Helper()
	var found []string
	walk(t, func(dir string) {
		if dir != filepath.Dir(filepath.FromSlash(providerFile)) && !strings.HasPrefix(name(dir), "guides/") &&
			strings.Contains(text(t, dir), "\nprovider \"harnessdelegate\"") {
			found = append(found, dir)
		}
	})
	if len(found) == 0 {
		t.Fatal("no folder below examples/ is a whole configuration")
	}
	return found
}

// configuration lists the files of a configuration.
func configuration(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// text is the configuration in a folder.
func text(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range configuration(t, dir) {
		all.WriteString("\n" + read(t, file))
	}
	return all.String()
}

// besideProvider is an example with the provider block and, where its folder has
// them, the variables that the page declares once for all of its examples.
func besideProvider(t *testing.T, file string) string {
	t.Helper()
	configuration := read(t, providerFile) + "\n" + read(t, file)
	variables := filepath.Join(filepath.Dir(file), "variables.tf")
	if strings.Contains(configuration, "var.delegate_token") && exists(variables) {
		configuration += "\n" + read(t, variables)
	}
	return configuration
}

// declaring is the example in a folder that declares an address such as
// harnessdelegate_x.name.
func declaring(t *testing.T, dir, address string) string {
	t.Helper()
	kind, label, _ := strings.Cut(address, ".")
	files, err := filepath.Glob(filepath.Join(dir, "resource*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(read(t, file), fmt.Sprintf("resource %q %q {", kind, label)) {
			return file
		}
	}
	t.Fatalf("no resource*.tf in %s declares %s", dir, address)
	return ""
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// name is the path of an example below examples/, without what files end in.
func name(path string) string {
	relative, err := filepath.Rel(examples, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(strings.TrimSuffix(relative, ".tf"))
}
