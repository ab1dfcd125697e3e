package upgrader_test

import (
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// What is wrong with the provider's settings for a platform fails the plan, and a
// platform that doesn't answer is a warning that says what was not checked.
func TestAccUpgrader_unreachable(t *testing.T) {
	onCluster := arguments{"delegate_name": quoted(delegate), "token": quoted(token), "kubernetes.namespace": quoted("a")}.block("it")
	onEngine := arguments{"delegate_name": quoted(delegate), "token": quoted(token), "docker.name": quoted("upgrader-of-nobody")}.block("it")
	const (
		wrongCluster = "error: Invalid Kubernetes Configuration: In the provider configuration, kubernetes."
		wrongEngine  = "error: Invalid Docker Configuration: In the provider configuration, docker."
		unchecked    = "The plan did not check the delegate, nor whether the change would be accepted. Apply needs this access."
	)
	w := acctest.NewWorkspace(t, acctest.NewManager(t), binary, onCluster)
	outside := w.Env
	for name, tc := range map[string]struct {
		config, env string
		code        int
		want        []string
	}{
		"no cluster": {onCluster, "KUBE_CTX=", 1, []string{"error: Missing Provider Configuration: This needs a connection to a Kubernetes cluster", "KUBE_CONFIG_PATH"}},
		"no kubeconfig": {
			onCluster, "KUBE_CONFIG_PATH=/nonexistent", 1,
			[]string{wrongCluster + "config_path (from KUBE_CONFIG_PATH): There is no such file: /nonexistent."},
		},
		"no answer of a cluster": {onCluster, "KUBE_HOST=https://127.0.0.1:1", 0, []string{"warning: Upgrader Not Checked: ", "https://127.0.0.1:1 can't be reached", unchecked}},
		"no certificates": {
			onEngine, "DOCKER_CERT_PATH=/nonexistent", 1,
			[]string{wrongEngine + "cert_path (from DOCKER_CERT_PATH): There is neither ca.pem nor cert.pem nor key.pem in /nonexistent."},
		},
		"no context":             {onEngine, "DOCKER_CONTEXT=absent", 1, []string{wrongEngine + "context (from DOCKER_CONTEXT): There is no context \"absent\""}},
		"no answer of an engine": {onEngine, "DOCKER_HOST=unix:///nonexistent.sock", 0, []string{"warning: Upgrader Not Checked: ", "unix:///nonexistent.sock", unchecked}},
	} {
		t.Run(name, func(t *testing.T) {
			w.Configure(tc.config)
			w.Env = append(append([]string{}, outside...), "KUBERNETES_SERVICE_HOST=", tc.env)
			result := w.Terraform("plan", "-json")
			var got []string
			for _, d := range result.Diagnostics() {
				got = append(got, d.Severity+": "+d.Summary+": "+d.Detail)
			}
			if result.ExitCode != tc.code || len(got) != 1 {
				t.Fatalf("the plan ended with %d and says\n%s", result.ExitCode, strings.Join(got, "\n"))
			}
			for _, want := range tc.want {
				if !strings.Contains(got[0], want) {
					t.Errorf("it says\n%s\nwant\n%s", got[0], want)
				}
			}
		})
	}
}
