package kubetest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

func TestCluster_isReady(t *testing.T) {
	c := kubetest.Shared(t)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(c.CA) {
		t.Fatal("CA is no certificate")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.Host+"/readyz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "ok" {
		t.Errorf("/readyz answered %s %q, %v", response.Status, body, err)
	}
}

// Users may do what RBAC grants to them or their groups, and the audit log
// tells who did what.
func TestCluster_users(t *testing.T) {
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers}]`)
	list := func(groups ...string) error {
		kubeconfig, err := c.User("jane", groups...)
		if err != nil {
			t.Fatal(err)
		}
		client, err := kubetest.NewClient(kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Resource(configMaps).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
		return err
	}
	begin := time.Now()
	if err := list(); !apierrors.IsForbidden(err) {
		t.Errorf("a stranger got %v, want: forbidden", err)
	}
	if err := list("others", "readers"); err != nil {
		t.Errorf("a member of the group got %v", err)
	}
	entries, err := c.Audit(begin)
	if err != nil {
		t.Fatal(err)
	}
	var codes []int
	for i := range entries {
		if e := &entries[i]; e.User == "jane" && e.Verb == "list" && e.Resource == "configmaps" && e.Namespace == namespace {
			codes = append(codes, e.Code)
		}
	}
	if len(codes) != 2 || codes[0] != http.StatusForbidden || codes[1] != http.StatusOK {
		t.Errorf("the audit log has answers %v, want 403, 200: %+v", codes, entries)
	}
}

func TestCluster_token(t *testing.T) {
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	token, err := c.Token(t.Context(), namespace, "default")
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(&rest.Config{Host: c.Host, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: c.CA}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Resource(pods).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
	if want := `User "system:serviceaccount:` + namespace + `:default" cannot list`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("listing got %v, want: %s", err, want)
	}
}

func TestCluster_auditOfAWrite(t *testing.T) {
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	begin := time.Now()
	apply(t, c, namespace, deployment)
	patch := []byte(`{"spec":{"replicas":0}}`)
	if _, err := c.Client.Resource(deployments).Namespace(namespace).Patch(t.Context(), "web", "application/merge-patch+json", patch, metav1.PatchOptions{FieldManager: "me", DryRun: []string{"All"}}); err != nil {
		t.Fatal(err)
	}
	entries, err := c.Audit(begin)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 {
		t.Fatalf("the audit log has %d entries, want 2: %+v", len(entries), entries)
	}
	if e := entries[1]; e.User != "admin" || e.Verb != "patch" || e.Group != "apps" || e.Name != "web" || e.FieldManager != "me" || !e.DryRun || string(e.Request) != string(patch) || e.UserAgent == "" {
		t.Errorf("the audit log has %+v", e)
	}
}

func TestCluster_namespaceLifecycle(t *testing.T) {
	c := kubetest.Shared(t)
	var namespace string
	t.Run("A test's own (namespace)!", func(t *testing.T) {
		namespace = c.Namespace(t)
		apply(t, c, namespace, deployment)
	})
	if want := "testcluster-namespacelifecycle-a-test-s"; len(namespace) < len(want) || namespace[:len(want)] != want {
		t.Errorf("the namespace is %s", namespace)
	}
	wait(t, "the namespace is deleted", func() bool {
		_, err := c.Client.Resource(namespaces).Get(t.Context(), namespace, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

func TestCluster_apiServerStopsAndHangs(t *testing.T) {
	c := start(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, `{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}`)
	read := func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		_, err := c.Client.Resource(configMaps).Namespace(namespace).Get(ctx, "kept", metav1.GetOptions{})
		return err
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(read(time.Minute))
	do(c.StopAPIServer())
	if err := read(time.Minute); err == nil {
		t.Error("a stopped server answers")
	}
	do(c.StartAPIServer())
	do(read(time.Minute))
	do(c.RestartAPIServer())
	do(read(time.Minute))
	do(c.PauseAPIServer())
	if err := read(300 * time.Millisecond); err == nil {
		t.Error("a paused server answers")
	}
	do(c.ResumeAPIServer())
	do(read(time.Minute))

	// The controllers, the scheduler and the node have survived it all.
	defer c.AutoReady(t.Context(), namespace, "")()
	apply(t, c, namespace, deployment)
	wait(t, "the Deployment is rolled out", func() bool {
		return get(t, c, deployments, namespace, "web", "status", "readyReplicas") == int64(2)
	})
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: example.com/web:1, resources: {requests: {cpu: 1, memory: 2Gi}}}]`
