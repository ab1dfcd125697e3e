package cronjob

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

var (
	all        = []any{"get", "list", "create", "patch", "delete"}
	toBegin    = []any{rule("", all, "serviceaccounts", "configmaps"), rule("batch", all, "cronjobs"), rule(rbacGroup, []any{"*"}, "roles", "rolebindings")}
	toGrant    = []any{rule("batch", []any{"*"}, "cronjobs"), rule("apps", []any{"*"}, "deployments", "cronjobs"), rule("extensions", []any{"*"}, "deployments", "cronjobs")}
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
)

// One object is forbidden: nothing is written, and the next apply goes on.
func TestCluster_forbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want, user := f.in(small()), "limited-"+f.namespace
	rules := slices.Concat(toBegin, toGrant)
	f.platform = f.as(user, append(slices.Clone(rules), rule("", []any{"get"}, "secrets"))...)
	applied, err := f.platform.Apply(t.Context(), spec.Change{Want: want})
	f.failed(err, "Could not write Secret/web-upgrader-token in namespace "+f.namespace,
		`the user "`+user+`" may not create secrets in namespace `+f.namespace, "Nothing was written", "kubectl auth can-i create secrets --namespace "+f.namespace)
	if len(applied.Objects)+len(applied.Done) > 0 || len(applied.Left) != 6 || f.exists(theAccount) || f.exists(theConfig) {
		t.Errorf("applied %+v", applied)
	}
	f.grant(user, append(slices.Clone(rules), rule("", all, "secrets"))...)
	eventually(t, func() bool {
		_, err = f.platform.Apply(t.Context(), spec.Change{Want: want, Last: applied.Objects})
		return err == nil
	})
	f.clean(want)
}

// Kubernetes lets nobody give rights that they lack: the message says so.
func TestCluster_escalation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	user := "unprivileged-" + f.namespace
	platform := f.as(user, append(slices.Clone(toBegin[:2]), rule("", all, "secrets"), rule(rbacGroup, all, "roles", "rolebindings"))...)
	_, err := platform.Apply(t.Context(), spec.Change{Want: f.in(small())})
	f.failed(err, "write Role/web-upgrader", "attempting to grant RBAC permissions", "nobody give rights that they don't have")
	_, err = f.as("nobody-"+f.namespace).Observe(t.Context(), f.in(small()), nil)
	f.failed(err, "Could not read ", "may not get ")
}

func TestCluster_namespace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	want.Kubernetes.Namespace = "missing-" + f.namespace
	applied, err := f.platform.Apply(t.Context(), spec.Change{Want: want})
	failure := f.failure(err, "there is no namespace missing-"+f.namespace)
	if !slices.Equal(failure.Argument, []string{"kubernetes", "namespace"}) || len(applied.Objects) > 0 {
		t.Errorf("argument %v, applied %+v", failure.Argument, applied)
	}
	if gone, err := f.platform.Delete(t.Context(), want, []spec.Object{{Kind: kindCronJob, Name: "x", ID: "y"}}, nil); err != nil || len(gone.Objects) > 0 {
		t.Errorf("deleted %+v, %v", gone, err)
	}

	// A finalizer keeps the namespace in its last state.
	f.write("x", map[string]any{"apiVersion": "v1", "kind": kindConfigMap, "metadata": map[string]any{"name": "holder", "finalizers": []any{"example.com/hold"}}})
	t.Cleanup(func() {
		patch := []byte(`{"metadata":{"finalizers":null}}`)
		_, err := f.objects(kindConfigMap).Patch(context.WithoutCancel(t.Context()), "holder", "application/merge-patch+json", patch, metav1.PatchOptions{})
		if err != nil {
			t.Error(err)
		}
	})
	if err := f.cluster.Client.Resource(namespaces).Delete(t.Context(), f.namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = f.platform.Apply(t.Context(), spec.Change{Want: f.in(small())})
	f.failed(err, "the namespace "+f.namespace+" is being deleted")
}

func TestCluster_webhook(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	lift := f.cluster.RefusingWebhook(t, f.namespace, "images must come from registry.example.com",
		kubetest.Rule{Operation: "CREATE", Group: "batch", Version: "v1", Resource: "cronjobs"})
	applied, err := f.platform.Apply(t.Context(), spec.Change{Want: want})
	f.failed(err, "write CronJob/web-upgrader-job", `the admission webhook "refusing.kubetest.test" refused it: images must come from registry.example.com`)
	if len(applied.Objects)+len(applied.Done) > 0 || len(applied.Left) != 6 || f.exists(theAccount) {
		t.Errorf("applied %+v", applied)
	}
	lift()
	f.apply(want, applied.Objects)
	f.clean(want)
}

// What the API server finds invalid is told with the argument that it is about.
func TestCluster_invalid(t *testing.T) {
	t.Parallel()
	for argument, change := range map[string]func(*spec.Upgrader){
		"schedule":      func(u *spec.Upgrader) { u.Schedule = "every hour" },
		"image":         func(u *spec.Upgrader) { u.Image = "" },
		"timezone":      func(u *spec.Upgrader) { u.Kubernetes.Timezone = "Mars/Base" },
		"node_selector": func(u *spec.Upgrader) { u.Kubernetes.NodeSelector = map[string]string{"a b": "c"} },
		"limits":        func(u *spec.Upgrader) { u.Kubernetes.Resources.Limits = map[string]string{"cpu": "-1"} },
		"toleration":    func(u *spec.Upgrader) { u.Kubernetes.Tolerations = []spec.Toleration{{Key: "a", Operator: "Maybe"}} },
		"env":           func(u *spec.Upgrader) { u.Kubernetes.Env = map[string]string{"a=b": "c"} },
		"labels":        func(u *spec.Upgrader) { u.Kubernetes.Labels = map[string]string{"a": "b c"} },
		"affinity": func(u *spec.Upgrader) {
			u.Kubernetes.Affinity = map[string]any{"nodeAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{"nodeSelectorTerms": []any{}}}}
		},
	} {
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			_, err := f.platform.Apply(t.Context(), spec.Change{Want: f.in(small(change))})
			failure := f.failure(err, "finds it invalid")
			if len(failure.Argument) == 0 || failure.Argument[len(failure.Argument)-1] != argument {
				t.Errorf("argument %v: %v", failure.Argument, failure)
			}
		})
	}
}

// The token is in no message, whoever would put it there.
func TestCluster_tokenHidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	token := string(want.Token)
	f.cluster.RefusingWebhook(t, f.namespace, "no "+token+" and "+base64.StdEncoding.EncodeToString([]byte(token)), kubetest.Rule{Operation: "CREATE", Version: "v1", Resource: "secrets"})
	_, err := f.platform.Apply(t.Context(), spec.Change{Want: want})
	failure := f.failure(err, "refused it: no *** and ***")
	for cause := error(failure); cause != nil; cause = errors.Unwrap(cause) {
		if strings.Contains(cause.Error(), token) {
			t.Error("the token is in the error")
		}
	}
}

func eventually(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("still not")
		}
	}
}
