package tagoverride_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// The API key appears in no state, plan, log, output or process argument: not
// on the good path, and not on the bad ones. It is given by the environment,
// as it should be, and so is in the environment of the processes.
func TestAccTagOverride_keyStaysSecret(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.SetBehaviour(simulator.Behaviour{Latency: 20 * time.Millisecond})
	config := override("pin", inPayments, image(imageA)) + "data \"harnessdelegate_latest_supported_version\" \"it\" {}\n"
	w := acctest.NewWorkspace(t, m, binary, config)
	log := filepath.Join(w.Dir, "trace.log")
	w.Env = append(w.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)

	arguments := watchArguments(t)
	var outputs []tfcli.Result
	all := func(args ...string) { outputs = append(outputs, w.Terraform(args...)) }
	all("validate")
	all("plan", "-out=saved.tfplan", "-no-color")
	all("show", "-json", "saved.tfplan")
	all("apply", "-no-color", "saved.tfplan")
	all("show", "-json")
	for _, fault := range []simulator.Fault{
		{Kind: simulator.FaultExpiredKey},
		{Kind: simulator.FaultHTML},
		{Kind: simulator.FaultRedirect},
		{Kind: simulator.FaultResetBefore},
		{Kind: simulator.FaultStatus, Status: 500},
		{Kind: simulator.FaultTruncated},
	} {
		m.Inject(fault)
		all("plan", "-no-color")
		m.ClearFaults()
	}
	all("destroy", "-auto-approve", "-no-color")
	seen := arguments()

	for _, result := range outputs {
		if strings.Contains(result.Output(), acctest.APIKey) {
			t.Errorf("terraform %v prints the key", result.Args)
		}
	}
	if len(seen) == 0 && runtime.GOOS == "linux" { // elsewhere there is no /proc to look at
		t.Error("the provider's process was never seen")
	}
	for line := range seen {
		if strings.Contains(line, acctest.APIKey) {
			t.Errorf("the key is an argument of %q", line)
		}
	}
	logged := 0
	err := filepath.WalkDir(w.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if path == log {
			logged = len(content)
		}
		if strings.Contains(string(content), acctest.APIKey) {
			t.Errorf("%s holds the key", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if logged == 0 {
		t.Error("nothing was logged, so that nothing was proved")
	}
}

// watchArguments collects the command lines of all processes of Terraform and
// the provider that it sees, until the function it returns is called.
func watchArguments(t *testing.T) func() map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
			lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, path := range lines {
				// A process may end before it is read.
				if line, err := os.ReadFile(path); err == nil && strings.Contains(string(line), "terraform") {
					seen[strings.ReplaceAll(string(line), "\x00", " ")] = true
				}
			}
		}
	})
	return func() map[string]bool {
		close(stop)
		done.Wait()
		return seen
	}
}

// A key in the provider block is in the plan file, because Terraform keeps the
// configuration there; everything else stays free of it.
func TestAccTagOverride_keyInTheProviderBlock(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := acctest.NewWorkspace(t, m, binary, "")
	config := "terraform {\n  required_providers {\n    harnessdelegate = { source = \"harnessdelegate/harnessdelegate\" }\n  }\n}\n" +
		m.Config(override("pin", image(imageA)))
	if err := w.Write("main.tf", config); err != nil {
		t.Fatal(err)
	}
	w.Env = append(w.Env, "HARNESS_PLATFORM_API_KEY=")
	for _, args := range [][]string{{"plan", "-no-color"}, {"apply", "-auto-approve", "-json"}, {"show", "-json"}, {"providers", "schema", "-json"}, {"destroy", "-auto-approve"}} {
		if result := w.Succeed(args...); strings.Contains(result.Output(), acctest.APIKey) {
			t.Errorf("terraform %v prints the key", args)
		}
		state, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
		if err == nil && strings.Contains(string(state), acctest.APIKey) {
			t.Error("the state holds the key")
		}
	}
}
