package upgrader_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// The token is in the container's environment, and nowhere else: not in state,
// plan, log, output or error, nor in what the engine tells of events and labels.
func TestAccDocker_tokenStaysSecret(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	proxy := d.Proxy(t)
	_, program := programs(t)
	const next, password = "bmV4dC1jYW5hcnktb2YtdGhlLXRva2Vu", "canary-of-the-proxy"
	variables := "variable \"token\" {\n  ephemeral = true\n}\nvariable \"password\" {\n  ephemeral = true\n}\n"
	given := d.least().with("token", "").with("token_wo", "var.token").with("token_wo_version", "1").with("proxy.host", `"p"`).with("proxy.port", "1").
		with("proxy.user", `"u"`).with("proxy.password_wo", "var.password").with("proxy.password_wo_version", "1")
	log := filepath.Join(t.TempDir(), "trace.log")
	w := d.workspace(variables+given.block("it"), "DOCKER_HOST="+proxy.Host(), "TF_LOG=TRACE", "TF_LOG_PATH="+log,
		"TF_VAR_token="+token, "TF_VAR_password="+password)
	var output strings.Builder
	run := func(fails bool, args ...string) {
		t.Helper()
		result := w.Terraform(args...)
		if (result.ExitCode != 0) != fails {
			t.Errorf("terraform %v ended with %d:\n%s", args, result.ExitCode, result.Output())
		}
		output.WriteString(result.Output())
	}
	run(false, "plan", "-out=saved.tfplan", "-no-color")
	run(false, "show", "-json", "saved.tfplan")
	run(false, "apply", "-no-color", "saved.tfplan")
	first := d.alone()
	if got := environment(d.live(first)); got["UPGRADER_TOKEN"] != token || got["PROXY_PASSWORD"] != password {
		t.Error("the container doesn't have the secrets")
	}

	// Another value without another version is kept back; with it, it is written.
	w.Env = append(w.Env, "TF_VAR_token="+next)
	run(false, "plan", "-no-color")
	if !strings.Contains(output.String(), "Write-Only Argument Changed Without Its Version") {
		t.Error("nobody was warned of a token that will not be written")
	}
	given = given.with("token_wo_version", "2")
	w.Configure(variables + given.block("it"))
	run(false, "apply", "-auto-approve", "-no-color")
	if got := environment(d.live(d.alone()))["UPGRADER_TOKEN"]; got != next {
		t.Error("the container doesn't have the next token")
	}

	// What others print and answer goes through the provider's hands, too.
	d.addImage("tells", program, "-no-such-flag="+next)
	w.Configure(variables + given.with("image", quoted(d.name+":tells")).block("it"))
	run(true, "apply", "-auto-approve", "-no-color")
	w.Configure(variables + given.with("schedule", `"*/5 * * * *"`).block("it"))
	for _, kind := range []dockertest.FaultKind{dockertest.FaultStatus, dockertest.FaultRefuse} {
		proxy.Inject(dockertest.Fault{Kind: kind, Path: regexp.MustCompile("/create$")})
		run(true, "apply", "-auto-approve", "-no-color")
		proxy.ClearFaults()
	}
	run(false, "show", "-json")

	labels := asJSON(t, d.live(d.alone()).Config.Labels)
	_, events := d.happened()
	run(false, "destroy", "-auto-approve", "-no-color")
	mustDo(t, d.holds())
	files := map[string]string{"the output": output.String(), "the labels": labels, "the events": asJSON(t, events)}
	for _, folder := range []string{w.Dir, filepath.Dir(log)} {
		mustDo(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			files[path] = string(content)
			return err
		}))
	}
	if len(events) == 0 || len(files[log]) == 0 || len(files[filepath.Join(w.Dir, "terraform.tfstate.backup")]) == 0 {
		t.Error("there is nothing to look at, so that nothing was proved")
	}
	for name, content := range files {
		for _, secret := range []string{token, next, password} {
			if strings.Contains(content, secret) {
				at := strings.Index(content, secret)
				t.Errorf("%s holds a secret: …%s", name, content[max(0, at-300):at])
			}
		}
	}
}
