package cronjob

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// small is an upgrader with the defaults of the resource.
func small(change ...func(*spec.Upgrader)) spec.Upgrader {
	u := spec.Upgrader{
		DelegateName:    "web",
		AccountID:       "aBcDeFgHiJkLmNoPqRsTuV",
		ManagerEndpoint: "https://app.harness.io",
		Token:           "0123456789abcdef0123456789abcdef",
		Schedule:        spec.DefaultSchedule,
		AutoUpgrade:     true,
		Image:           spec.DefaultKubernetesImage,
		Kubernetes: &spec.Kubernetes{
			Namespace:               "harness-delegate-ng",
			Names:                   spec.DefaultNames("web"),
			DelegateContainer:       spec.DefaultDelegateContainer,
			ConcurrencyPolicy:       spec.DefaultConcurrencyPolicy,
			StartingDeadlineSeconds: new(int64(spec.DefaultStartingDeadlineSeconds)),
			ImagePullPolicy:         spec.DefaultImagePullPolicy,
			PodSecurityContext:      spec.DefaultPodSecurityContext(),
			RBAC:                    spec.RBAC{}.Complete(),
		},
	}
	for _, f := range change {
		f(&u)
	}
	return u
}

// large has every argument set.
func large(change ...func(*spec.Upgrader)) spec.Upgrader {
	u := small()
	u.AutoUpgrade, u.DryRun = false, true
	u.Proxy = spec.Proxy{Scheme: "http", Host: "proxy.example.com", Port: new(int64(3128)), Manager: "true"}
	k := u.Kubernetes
	k.RegistryMirror = "us.gcr.io/mirror"
	k.Timezone = "Europe/Berlin"
	k.SuccessfulJobsHistoryLimit, k.FailedJobsHistoryLimit = new(int64(2)), new(int64(4))
	k.ActiveDeadlineSeconds, k.BackoffLimit, k.TTLSecondsAfterFinished = new(int64(600)), new(int64(0)), new(int64(3600))
	k.Labels = map[string]string{"team": "build"}
	k.Annotations = map[string]string{"example.com/contact": "build@example.com"}
	k.PodLabels = map[string]string{"role": "upgrader"}
	k.PodAnnotations = map[string]string{"sidecar.istio.io/inject": "false"}
	k.ServiceAccountAnnotations = map[string]string{"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}
	k.ImagePullSecrets = []string{"registry"}
	k.Env = map[string]string{"LOG_LEVEL": "debug", "EMPTY": "", "NO_PROXY": ".svc"}
	k.NodeSelector = map[string]string{"kubernetes.io/os": "linux"}
	k.Tolerations = []spec.Toleration{
		{Key: "dedicated", Operator: "Equal", Value: "build", Effect: "NoSchedule"},
		{Key: "spot", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: new(int64(30))},
	}
	k.PriorityClassName = "system-cluster-critical"
	k.Resources = spec.Resources{
		Requests: map[string]string{"cpu": "0.1", "memory": "64Mi"}, Limits: map[string]string{"memory": "0.125Gi"},
	}
	k.Affinity = map[string]any{"nodeAffinity": map[string]any{
		"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{"nodeSelectorTerms": []any{
			map[string]any{"matchExpressions": []any{map[string]any{"key": "pool", "operator": "In", "values": []any{"a", "b"}}}},
		}},
	}}
	k.SecurityContext = map[string]any{
		"runAsNonRoot": true, "allowPrivilegeEscalation": false, "capabilities": map[string]any{"drop": []any{"ALL"}},
	}
	k.PodSecurityContext = map[string]any{"fsGroup": int64(1001), "runAsUser": int64(1001)}
	k.RBAC.CronJobVerbs, k.RBAC.DeploymentVerbs = []string{"get"}, []string{"get", "patch"}
	k.MTLSSecret, k.CustomCASecret = "web-client-certificate", "company-ca"
	for _, f := range change {
		f(&u)
	}
	return u
}

func withExistingSecret(u *spec.Upgrader) {
	u.Token, u.Kubernetes.ExistingSecret = "", "delegate-token"
}

func withProxyCredentials(u *spec.Upgrader) {
	u.Proxy = spec.Proxy{Scheme: "http", Host: "proxy.example.com", Port: new(int64(3128)), User: "harness", Password: `p: "x" #1`, HasPassword: true}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
