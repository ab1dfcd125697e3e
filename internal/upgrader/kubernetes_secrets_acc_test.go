package upgrader_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// recorded is a workspace that keeps all that Terraform prints.
type recorded struct {
	*acctest.Workspace

	t       *testing.T
	printed buffer
}

// buffer is safe for the two outputs of a process.
type buffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(p)
}

// hasNot checks that some secrets are neither in what was printed nor in a file
// of the workspace, but for the configuration: as they are, or encoded as in a
// Secret or in a plan.
func (w *recorded) hasNot(secrets ...string) {
	w.t.Helper()
	for _, secret := range secrets {
		for _, form := range []string{secret, inSecret(secret), inSecret(inSecret(secret))} {
			if strings.Contains(w.printed.String(), form) {
				w.t.Errorf("a secret was printed, as %q", form)
			}
			err := filepath.WalkDir(w.Dir, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || !entry.Type().IsRegular() || filepath.Ext(path) == ".tf" || strings.Contains(path, "terraform-provider-") {
					return err
				}
				content, err := os.ReadFile(path)
				if strings.Contains(string(content), form) {
					w.t.Errorf("%s holds a secret, as %q", path, form)
				}
				return err
			})
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// A write-only token, and a proxy's password, are in nothing but their Secrets:
// no state, plan, log, output or argument of a process; no event, annotation or
// managed field; no request but the Secret's. Neither on the good path nor on bad
// ones.
func TestAccKubernetes_secretsStaySecret(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	const password = "c4nary-p4ssw0rd-7d1e"
	begin := time.Now()
	given := in(p.namespace).with("token", "").with("token_wo", "var.token").with("token_wo_version", "1").
		with("proxy.host", `"proxy.example.com"`).with("proxy.port", "3128").with("proxy.user", `"jane"`).
		with("proxy.password_wo", "var.password").with("proxy.password_wo_version", "1")
	const variables = "\nvariable \"token\" {\n  ephemeral = true\n}\nvariable \"password\" {\n  ephemeral = true\n}\n"
	p.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", "another token of the delegate"))
	p.create("somebody", p.delegateManifest(delegate, oldImage, 0))

	w := p.workspace(given.block("it") + variables)
	log := filepath.Join(w.Dir, "trace.log")
	w.Env = append(w.Env, "TF_VAR_token="+token, "TF_VAR_password="+password, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	arguments := watchArguments(t)
	run := func(args ...string) { w.Terraform(append(args, "-no-color")...) }
	run("validate")
	run("plan", "-out=saved.tfplan")
	run("show", "-json", "saved.tfplan")
	lift := p.RefusingWebhook(t, p.namespace, "it says "+token+" and "+password, kubetest.Rule{Operation: "*", Version: "v1", Resource: "secrets"})
	run("apply", "saved.tfplan")
	lift()
	run("apply", "-auto-approve")
	run("show", "-json")
	p.edit("Secret/payments-upgrader-token", "{stringData: {UPGRADER_TOKEN: b3RoZXI=}}")
	run("plan", "-out=drift.tfplan")
	run("show", "-json", "drift.tfplan")
	p.edit("Secret/payments-upgrader-config", `{stringData: {config.yaml: "mode: [unreadable"}}`)
	run("plan", "-json")
	w.Succeed("apply", "-auto-approve", "-no-color")
	if got := p.fieldOf(delegate, "Secret", "data.UPGRADER_TOKEN"); got != inSecret(token) {
		t.Errorf("the Secret holds %v", got)
	}

	objects, err := p.all(append([]string{"Event", "Job", "Pod"}, own...)...)
	if err != nil {
		t.Fatal(err)
	}
	objects = append(objects, p.listed("Deployment/payments")...)
	for _, o := range objects {
		if o.GetKind() == "Secret" {
			delete(o.Object, "data")
		}
		holdsNone(t, o.GetKind()+"/"+o.GetName(), asJSON(t, o.Object), token, password)
	}
	run("destroy", "-auto-approve")
	seen := arguments()

	w.hasNot(token, password)
	if info, err := os.Stat(log); err != nil || info.Size() == 0 {
		t.Errorf("nothing was logged, so that nothing was proved: %v", err)
	}
	entries, err := p.Audit(begin)
	if err != nil {
		t.Fatal(err)
	}
	writes := 0
	for i := range entries {
		if e := &entries[i]; e.Namespace == p.namespace && strings.HasPrefix(e.UserAgent, "terraform-provider") {
			writes++
			holdsNone(t, e.Verb+" "+e.URI, e.URI+string(e.Request)+string(e.Response), token, password)
		}
	}
	if writes == 0 {
		t.Error("the audit log has none of the provider's requests")
	}
	if len(seen) == 0 && runtime.GOOS == "linux" { // elsewhere there is no /proc to look at
		t.Error("the provider's process was never seen")
	}
	for line := range seen {
		holdsNone(t, "the arguments of a process", line, token, password)
	}
}

// holdsNone checks that a text holds none of some secrets, in any form.
func holdsNone(t *testing.T, what, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) || strings.Contains(text, inSecret(secret)) {
			t.Errorf("%s holds a secret:\n%s", what, text)
		}
	}
}

// listed are objects by their names.
func (p *place) listed(ids ...string) []unstructured.Unstructured {
	p.t.Helper()
	var found []unstructured.Unstructured
	for _, id := range ids {
		found = append(found, *p.get(id))
	}
	return found
}

// watchArguments collects the command lines of all processes of Terraform and
// the provider that it sees, until the function it returns is called.
func watchArguments(t *testing.T) func() map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(20 * time.Millisecond)
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
