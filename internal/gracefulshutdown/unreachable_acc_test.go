package gracefulshutdown_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// What is wrong with the provider's settings fails the plan, and a cluster that
// doesn't answer is a warning that says what was not checked.
func TestAccGracefulShutdown_unreachable(t *testing.T) {
	const it = `
resource "harnessdelegate_graceful_shutdown" "it" {
  namespace                        = "a"
  name                             = "payments"
  termination_grace_period_seconds = 60
}
`
	w := acctest.NewWorkspace(t, acctest.NewManager(t), binary, it)
	outside := w.Env
	file := filepath.Join(t.TempDir(), "config")
	kubeconfig := "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\"}}]\n" +
		"contexts: [{name: a, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: s3cret}}]\n"
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		env      string
		code     int
		severity string
		want     string
	}{
		"no cluster": {"KUBE_CTX=", 1, "error", `Missing Provider Configuration: This needs a connection to a Kubernetes cluster, and nothing says to which. Set "host"`},
		"no file": {
			"KUBE_CONFIG_PATH=/nonexistent", 1, "error",
			"Invalid Kubernetes Configuration: In the provider configuration, kubernetes.config_path (from KUBE_CONFIG_PATH): There is no such file: /nonexistent.",
		},
		"no context": {
			"KUBE_CONFIG_PATH=" + file, 1, "error",
			"Invalid Kubernetes Configuration: In the provider configuration, kubernetes.config_path (from KUBE_CONFIG_PATH): " + file + " has no current-context. Set config_context to one of: a.",
		},
		"no PEM": {
			"KUBE_CLUSTER_CA_CERT_DATA=x", 1, "error",
			"Invalid Kubernetes Configuration: In the provider configuration, kubernetes.cluster_ca_certificate (from KUBE_CLUSTER_CA_CERT_DATA): There is no certificate in it",
		},
		"no answer": {
			"KUBE_HOST=https://127.0.0.1:1", 0, "warning",
			"Workload Not Checked: The plan could not read Deployment/payments in namespace a: the Kubernetes API server https://127.0.0.1:1 can't be reached: connection refused. " +
				"It did not check whether the workload exists, who else manages its grace period, and whether its pods are replaced. Apply needs this access. Check the address",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.Env = append(append([]string{}, outside...), "KUBERNETES_SERVICE_HOST=", tc.env)
			result := w.Terraform("plan", "-json")
			var got []string
			for _, d := range result.Diagnostics() {
				got = append(got, d.Severity+": "+d.Summary+": "+d.Detail)
			}
			if want := tc.severity + ": " + tc.want; result.ExitCode != tc.code || len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Errorf("the plan ended with %d and says\n%s\nwant\n%s", result.ExitCode, strings.Join(got, "\n"), want)
			}
		})
	}
}
