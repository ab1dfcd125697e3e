package cronjob

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func (f *fixture) find(name string) spec.Upgrader {
	f.Helper()
	found, ok, err := f.platform.Find(f.Context(), spec.Place{Namespace: f.namespace, Name: name})
	if err != nil || !ok {
		f.Fatalf("found %v, %v", ok, err)
	}
	return found
}

// taken is what was found, with the token's Secret as one of its objects, as a
// configuration that brings a token of its own has it.
func (f *fixture) taken(name string) spec.Upgrader {
	f.Helper()
	found := f.find(name)
	if found.Kubernetes.ExistingSecret != found.Kubernetes.Secret {
		f.Fatalf("the token's Secret, which others have made, is %q, want it left to them: %q", found.Kubernetes.Secret, found.Kubernetes.ExistingSecret)
	}
	found.Kubernetes.ExistingSecret = ""
	return found
}

// What the official chart made is imported with all that it has set, and adopted
// with the one value that is a fault of the chart's.
func TestCluster_adoptChart(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.writeFile("helm", "chart.yaml")
	want := f.in(small(func(u *spec.Upgrader) {
		u.Image = "us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest"
		u.Proxy = spec.Proxy{Scheme: "http", Host: "proxy.example.com", Port: new(int64(3128))}
		k := u.Kubernetes
		k.RegistryMirror, k.MTLSSecret, k.CustomCASecret = "us.gcr.io/mirror", "web-client-certificate", "company-ca"
		k.ImagePullSecrets = []string{"registry"}
		k.Resources.Requests = map[string]string{"cpu": "100m"}
		k.Tolerations = []spec.Toleration{{Key: "dedicated", Operator: "Equal", Value: "build", Effect: "NoSchedule"}}
	}))
	found := f.taken("web-upgrader-job")
	if diff := cmp.Diff(want, found, secretsShown); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}

	seen := f.observe(want)
	for _, line := range seen.Drift {
		if !strings.Contains(line, "defaultMode is 4") {
			t.Errorf("drift %q", line)
		}
	}
	uid, config := f.read(theCronJob).GetUID(), textAt(f.read(theConfig).Object, "data", configKey)
	_, err := f.platform.Apply(t.Context(), spec.Change{Want: want, Last: seen.Objects})
	f.failed(err, `"helm" manages spec.jobTemplate.spec.template.spec.volumes[name="client-certificate"].secret.defaultMode, `+
		`spec.jobTemplate.spec.template.spec.volumes[name="custom-certs"].secret.defaultMode`)
	want.Kubernetes.ForceConflicts = true
	applied := f.apply(want, seen.Objects)
	f.clean(want)
	if f.read(theCronJob).GetUID() != uid || textAt(f.read(theConfig).Object, "data", configKey) != config {
		t.Error("the CronJob was made anew, or config.yaml rewritten")
	}
	// The chart owned config.yaml as a ConfigMap; credentials move it elsewhere.
	want.Proxy.User, want.Proxy.Password, want.Proxy.HasPassword = "harness", "p", true
	applied = f.apply(want, applied.Objects)
	f.clean(want)
	if f.exists(theConfig) {
		t.Error("the chart's ConfigMap is left over")
	}
	if _, err := f.platform.Delete(t.Context(), want, applied.Objects, nil); err != nil || f.exists(theCronJob) || f.exists(theAccount) {
		t.Errorf("still there, %v", err)
	}
}

// What the documented manifest made, its faults repaired, is adopted without a
// single conflict.
func TestCluster_adoptManifest(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.writeFile("kubectl-client-side-apply", "manifest.yaml", "DELEGATE", "web")
	want := f.in(small(func(u *spec.Upgrader) {
		u.Kubernetes.PodSecurityContext = map[string]any{}
		u.Kubernetes.ServiceAccount, u.Kubernetes.Role = "upgrader-cronjob-sa", "upgrader-cronjob"
		u.Kubernetes.RoleBinding = "kubernetes-delegate-upgrader-cronjob"
	}))
	found := f.taken("web-upgrader-job")
	if diff := cmp.Diff(want, found, secretsShown); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	want.Kubernetes.PodSecurityContext = spec.DefaultPodSecurityContext()
	uid := f.read(theCronJob).GetUID()
	f.apply(want, f.observe(want).Objects)
	f.clean(want)
	if f.read(theCronJob).GetUID() != uid {
		t.Error("the CronJob was made anew")
	}
}

func TestCluster_findNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if _, ok, err := f.platform.Find(t.Context(), spec.Place{Namespace: f.namespace, Name: "x"}); ok || err != nil {
		t.Errorf("found %v, %v", ok, err)
	}
}

// Without a right to list bindings, the usual names are assumed; with several
// bindings, the one that lets an upgrader work is taken.
func TestCluster_findRole(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.writeFile("helm", "manifest.yaml", "DELEGATE", "web")
	f.write("x", map[string]any{
		"apiVersion": rbacGroup + "/v1", "kind": kindRoleBinding, "metadata": map[string]any{"name": "a-first"},
		"subjects": []any{map[string]any{"kind": kindServiceAccount, "name": "upgrader-cronjob-sa", "namespace": f.namespace}},
		"roleRef":  map[string]any{"kind": kindRole, "name": "missing", "apiGroup": rbacGroup},
	})
	if names := f.find("web-upgrader-job").Kubernetes.Names; names.Role != "upgrader-cronjob" || names.RoleBinding != "kubernetes-delegate-upgrader-cronjob" {
		t.Errorf("names %+v", names)
	}
	f.platform = f.as("reader-"+f.namespace, rule("", []any{"get"}, "secrets", "configmaps", "serviceaccounts"), rule("batch", []any{"get"}, "cronjobs"),
		rule(rbacGroup, []any{"get"}, "roles", "rolebindings"))
	names := f.find("web-upgrader-job").Kubernetes.Names
	want := spec.Names{
		CronJob: "web-upgrader-job", ServiceAccount: "upgrader-cronjob-sa", Secret: "web-upgrader-token", ConfigMap: "web-upgrader-config",
		Role: "web-upgrader", RoleBinding: "web-upgrader-cronjob",
	}
	if names != want {
		t.Errorf("names %+v", names)
	}
}

// Somebody else's objects are refused before anything is written.
func TestCluster_foreign(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	f.write("helm", map[string]any{"apiVersion": "v1", "kind": kindConfigMap, "metadata": map[string]any{"name": theConfig.name}, "data": map[string]any{"a": "b"}})
	applied, err := f.platform.Apply(t.Context(), spec.Change{Want: want})
	f.failed(err, "ConfigMap/web-upgrader-config", `"helm" created it`, "It belongs to no upgrader")
	if len(applied.Objects) > 0 || f.exists(theAccount) || f.exists(theCronJob) {
		t.Errorf("something was written: %+v", applied)
	}
	f.writeFile("helm", "chart.yaml")
	_, err = f.platform.Apply(t.Context(), spec.Change{Want: want})
	f.failed(err, `id = "kubernetes/`+f.namespace+`/web-upgrader-job"`)
	if ours(f.read(theConfig)) {
		t.Error("it was written all the same")
	}

	// A destroy with nothing remembered doesn't touch them, either.
	gone, err := f.platform.Delete(t.Context(), want, nil, nil)
	if err != nil || len(gone.Done)+len(gone.Left) > 0 || !f.exists(theCronJob) {
		t.Errorf("deleted %+v, %v", gone, err)
	}
}

// After a provider was killed nothing is remembered, but what it made says so.
func TestCluster_killed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	f.apply(want, nil)
	if applied := f.apply(want, nil); len(applied.Objects) != 6 {
		t.Errorf("applied %+v", applied)
	}
	if gone, err := f.platform.Delete(t.Context(), want, nil, nil); err != nil || len(gone.Done) != 6 {
		t.Errorf("deleted %+v, %v", gone, err)
	}
}

// Of two upgraders that share a ServiceAccount and a Role, as those of the
// documented manifest do, the first to go leaves them to the other.
func TestCluster_shared(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.writeFile("kubectl-client-side-apply", "manifest.yaml", "DELEGATE", "web")
	f.writeFile("kubectl-client-side-apply", "manifest.yaml", "DELEGATE", "api")
	web, api := f.taken("web-upgrader-job"), f.taken("api-upgrader-job")
	gone, err := f.platform.Delete(t.Context(), web, f.observe(web).Objects, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(gone.Left, []string{
		"ServiceAccount/upgrader-cronjob-sa left: CronJob/api-upgrader-job uses it",
		"Role/upgrader-cronjob left: RoleBinding/kubernetes-delegate-upgrader-cronjob refers to it",
		"RoleBinding/kubernetes-delegate-upgrader-cronjob left: it gives ServiceAccount/upgrader-cronjob-sa its rights, and CronJob/api-upgrader-job uses it",
	}) || f.exists(theCronJob) || f.exists(theSecret) || f.exists(theConfig) {
		t.Errorf("left %q", gone.Left)
	}
	if seen := f.observe(api); len(seen.Drift) > 0 || len(seen.Objects) != 6 {
		t.Errorf("the other one suffered: %q", seen.Drift)
	}
	if gone, err = f.platform.Delete(t.Context(), api, f.observe(api).Objects, nil); err != nil || len(gone.Left) > 0 || len(gone.Done) != 6 {
		t.Errorf("deleted %+v, %v", gone, err)
	}
}

// An object that somebody has replaced is theirs.
func TestCluster_deleteReplaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small(withExistingSecret))
	f.write("vault", map[string]any{"apiVersion": "v1", "kind": kindSecret, "metadata": map[string]any{"name": "delegate-token"}, "data": map[string]any{tokenKey: "eA=="}})
	applied := f.apply(want, nil)
	if err := f.objects(kindConfigMap).Delete(t.Context(), theConfig.name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.write("operator", map[string]any{"apiVersion": "v1", "kind": kindConfigMap, "metadata": map[string]any{"name": theConfig.name}, "data": map[string]any{"a": "b"}})
	gone, err := f.platform.Delete(t.Context(), want, applied.Objects, nil)
	if err != nil || !said(gone.Left, `ConfigMap/web-upgrader-config left: it has been replaced by one that "operator" made`) {
		t.Errorf("deleted %+v, %v", gone, err)
	}
	if !f.exists(theConfig) || !f.exists(key{kindSecret, "delegate-token"}) || f.exists(theCronJob) {
		t.Error("too much is gone, or too little")
	}
}
