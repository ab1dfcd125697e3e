package upgrader_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// ephemeralToken reads a token of the delegate's project by its name.
func ephemeralToken(name string) string {
	return fmt.Sprintf("ephemeral \"harnessdelegate_token\" \"it\" {\n  name       = %q\n  org_id     = \"default\"\n  project_id = \"payments\"\n}\n", name)
}

// withEphemeral are the arguments of an upgrader that takes the token from there.
func withEphemeral(namespace, version string) arguments {
	return in(namespace).with("token", "").with("token_wo", "ephemeral.harnessdelegate_token.it.value").with("token_wo_version", version)
}

// The value that the Manager tells is the one that upgraders sign in with: from
// the ephemeral resource through the Secret to the image of the delegate.
func TestAccKubernetes_ephemeralTokenSignsIn(t *testing.T) {
	t.Parallel()
	p := newChain(t)
	config := ephemeralToken("payments") + override +
		withEphemeral(p.namespace, "1").with("verify", "true").with("depends_on", "[harnessdelegate_tag_override.it]").block("it")
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy:             func(*terraform.State) error { return p.holds("Secret/payments-account") },
		Steps: []resource.TestStep{{
			Config:           p.config(config),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			Check: resource.ComposeTestCheckFunc(p.liveTokenIs(token), func(*terraform.State) error {
				if image := p.delegateImage(); image != ownImage {
					return fmt.Errorf("the delegate's image is %v", image)
				}
				return nil
			}),
		}},
	})
}

// A token that is read by an ephemeral resource is in its Secret and in nothing
// else: no state, no plan, not even unpacked, no log, output or error, on the good
// path and on bad ones.
func TestAccKubernetes_ephemeralTokenStaysSecret(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	const next = "bmV4dC1jYW5hcnktbmV4dC1jYW5hcnktbmV4dC1jYW4="
	add := func(name, value string, revoked time.Time) {
		p.manager.AddDelegateToken(simulator.DelegateToken{
			AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: name, Value: value, RevokedAt: revoked,
		})
	}
	add("payments", token, time.Time{})
	add("payments-2", next, time.Time{})

	w := p.workspace(ephemeralToken("payments") + withEphemeral(p.namespace, "1").block("it"))
	w.needs(1, 11)
	log := filepath.Join(w.Dir, "trace.log")
	w.Env = append(w.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	fails := func(says string, args ...string) {
		t.Helper()
		if result := w.Terraform(append(args, "-no-color")...); result.ExitCode != 1 || !saying(says).MatchString(result.Output()) {
			t.Errorf("terraform %v ended with %d, want an error that says %q:\n%s", args, result.ExitCode, says, result.Output())
		}
	}
	holds := func(value string) {
		t.Helper()
		if got := p.fieldOf(delegate, "Secret", "data.UPGRADER_TOKEN"); got != inSecret(value) {
			t.Errorf("the Secret doesn't hold the token, but %v", got)
		}
	}

	w.Succeed("plan", "-out=saved.tfplan", "-no-color")
	w.Succeed("show", "-json", "saved.tfplan")
	w.unpack("saved.tfplan")
	lift := p.RefusingWebhook(t, p.namespace, "it says "+token, kubetest.Rule{Operation: "*", Version: "v1", Resource: "secrets"})
	fails("it says", "apply", "saved.tfplan")
	lift()
	w.Succeed("apply", "-auto-approve", "-no-color")
	holds(token)
	w.Succeed("show", "-json")
	for _, fault := range []simulator.Fault{
		{Kind: simulator.FaultTruncated},
		{Kind: simulator.FaultHTML},
		{Kind: simulator.FaultStatus, Status: 500},
		{Kind: simulator.FaultExpiredKey},
	} {
		p.manager.Inject(fault)
		fails("Unable to Read Delegate Token", "plan")
		p.manager.ClearFaults()
	}

	w.Configure(ephemeralToken("payments-2") + withEphemeral(p.namespace, "2").block("it"))
	w.Succeed("plan", "-out=rotation.tfplan", "-no-color")
	w.unpack("rotation.tfplan")
	w.Succeed("apply", "-no-color", "rotation.tfplan")
	holds(next)
	w.Succeed("plan", "-detailed-exitcode", "-no-color")

	add("payments-2", next, acctest.Start)
	fails("Delegate Token Revoked", "plan")
	// Terraform refreshes before it destroys, and reads the token for that.
	fails("Delegate Token Revoked", "destroy", "-auto-approve")
	w.Succeed("destroy", "-auto-approve", "-refresh=false", "-no-color")
	if err := p.holds(); err != nil {
		t.Error(err)
	}

	w.hasNot(token, next)
	if info, err := os.Stat(log); err != nil || info.Size() == 0 {
		t.Errorf("nothing was logged, so that nothing was proved: %v", err)
	}
}

// needs skips the test where Terraform is older.
func (w *recorded) needs(major, minor int) {
	w.t.Helper()
	var cli struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(w.Succeed("version", "-json").Stdout), &cli); err != nil {
		w.t.Fatal(err)
	}
	var m, n int
	if _, err := fmt.Sscanf(cli.Version, "%d.%d", &m, &n); err != nil {
		w.t.Fatalf("the version is %q: %v", cli.Version, err)
	}
	if m < major || m == major && n < minor {
		w.t.Skipf("SKIPPED: this needs Terraform %d.%d, and there is %s", major, minor, cli.Version)
	}
}

// unpack writes what a plan file holds beside it, where hasNot looks: in the plan
// itself it is compressed.
func (w *recorded) unpack(plan string) {
	w.t.Helper()
	archive, err := zip.OpenReader(filepath.Join(w.Dir, plan))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	found := map[string]bool{}
	for _, file := range archive.File {
		found[file.Name] = true
		content, err := file.Open()
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.Write(plan+"-"+strings.ReplaceAll(file.Name, "/", "-")+".unpacked", string(text)); err != nil {
			w.t.Fatal(err)
		}
	}
	if !found["tfplan"] || !found["tfstate"] {
		w.t.Errorf("%s holds only %v", plan, found)
	}
}
