package cronjob

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }

// fixture is a namespace of a real cluster, and a platform that works in it.
type fixture struct {
	*testing.T
	cluster   *kubetest.Cluster
	namespace string
	platform  spec.Platform
}

var quick = WithPace(kubernetes.Pace{First: 10 * time.Millisecond, Most: 200 * time.Millisecond, Poll: 20 * time.Millisecond, Unreachable: time.Second})

func newFixture(t *testing.T) *fixture {
	t.Helper()
	cluster := kubetest.Shared(t)
	return &fixture{t, cluster, cluster.Namespace(t), newPlatform(cluster, cluster.Client)}
}

func newPlatform(cluster *kubetest.Cluster, client dynamic.Interface) spec.Platform {
	logs := func(ctx context.Context, namespace, pod, _ string, _ int) (string, error) {
		return cluster.Logs(ctx, namespace, pod)
	}
	return New(client, cluster.Host, logs, quick)
}

// as is a platform of a user with rights in the namespace.
func (f *fixture) as(user string, rules ...any) spec.Platform {
	f.Helper()
	kubeconfig, err := f.cluster.User(user)
	if err != nil {
		f.Fatal(err)
	}
	client, err := kubetest.NewClient(kubeconfig)
	if err != nil {
		f.Fatal(err)
	}
	f.grant(user, rules...)
	return newPlatform(f.cluster, client)
}

func (f *fixture) grant(user string, rules ...any) {
	f.Helper()
	f.write("rights", map[string]any{
		"apiVersion": rbacGroup + "/v1", "kind": kindRole, "metadata": map[string]any{"name": user}, "rules": rules,
	})
	f.write("rights", map[string]any{
		"apiVersion": rbacGroup + "/v1", "kind": kindRoleBinding, "metadata": map[string]any{"name": user},
		"subjects": []any{map[string]any{"kind": "User", "name": user, "apiGroup": rbacGroup}},
		"roleRef":  map[string]any{"kind": kindRole, "name": user, "apiGroup": rbacGroup},
	})
}

func rule(group string, verbs []any, resources ...any) map[string]any {
	return map[string]any{"apiGroups": []any{group}, "resources": resources, "verbs": verbs}
}

// in puts an upgrader into the fixture's namespace.
func (f *fixture) in(u spec.Upgrader) spec.Upgrader {
	u.Kubernetes.Namespace = f.namespace
	return u
}

func (f *fixture) objects(kind string) dynamic.ResourceInterface {
	return f.cluster.Client.Resource(kinds[kind].resource).Namespace(f.namespace)
}

// write creates or updates an object as another manager does that doesn't use
// server-side apply.
func (f *fixture) write(manager string, fields map[string]any) {
	f.Helper()
	object := &unstructured.Unstructured{Object: fields}
	_, err := f.objects(object.GetKind()).Create(f.Context(), object, metav1.CreateOptions{FieldManager: manager})
	if apierrors.IsAlreadyExists(err) {
		_, err = f.objects(object.GetKind()).Update(f.Context(), object, metav1.UpdateOptions{FieldManager: manager})
	}
	if err != nil {
		f.Fatalf("%s/%s: %v", object.GetKind(), object.GetName(), err)
	}
}

// writeFile writes the objects of a file in the place of NAMESPACE.
func (f *fixture) writeFile(manager, name string, replace ...string) {
	f.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		f.Fatal(err)
	}
	replaced := strings.NewReplacer(append(replace, "NAMESPACE", f.namespace)...).Replace(string(text))
	for _, document := range documentMark.Split(replaced, -1) {
		fields := map[string]any{}
		if err := yaml.Unmarshal([]byte(document), &fields); err != nil {
			f.Fatal(err)
		}
		f.write(manager, plain(fields))
	}
}

// patch changes an object as another manager.
func (f *fixture) patch(manager string, k key, kind types.PatchType, patch string) {
	f.Helper()
	if _, err := f.objects(k.kind).Patch(f.Context(), k.name, kind, []byte(patch), metav1.PatchOptions{FieldManager: manager}); err != nil {
		f.Fatalf("%s: %v", k, err)
	}
}

func (f *fixture) read(k key) *unstructured.Unstructured {
	f.Helper()
	found, err := f.objects(k.kind).Get(f.Context(), k.name, metav1.GetOptions{})
	if err != nil {
		f.Fatal(err)
	}
	return found
}

// identity is an object as the state remembers it.
func (f *fixture) identity(k key) spec.Object {
	f.Helper()
	return spec.Object{Kind: k.kind, Name: k.name, ID: string(f.read(k).GetUID())}
}

func (f *fixture) exists(k key) bool {
	f.Helper()
	_, err := f.objects(k.kind).Get(f.Context(), k.name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		f.Fatal(err)
	}
	return err == nil
}

func (f *fixture) apply(want spec.Upgrader, last []spec.Object) spec.Applied {
	f.Helper()
	applied, err := f.platform.Apply(f.Context(), spec.Change{Want: want, Last: last, Prior: prior(want, last)})
	if err != nil {
		f.Fatal(err)
	}
	return applied
}

func (f *fixture) observe(want spec.Upgrader) spec.Observed {
	f.Helper()
	seen, err := f.platform.Observe(f.Context(), want, nil)
	if err != nil {
		f.Fatal(err)
	}
	return seen
}

// prior is what a state would have that remembers objects.
func prior(want spec.Upgrader, last []spec.Object) *spec.Upgrader {
	if last == nil {
		return nil
	}
	return &want
}

// clean fails unless what is live is what is wanted.
func (f *fixture) clean(want spec.Upgrader) {
	f.Helper()
	seen := f.observe(want)
	if diff := cmp.Diff(want, seen.Upgrader, secretsShown); diff != "" {
		f.Errorf("arguments (-want +got):\n%s", diff)
	}
	if len(seen.Drift) > 0 {
		f.Errorf("drift: %q", seen.Drift)
	}
	if len(seen.Objects) != len(Objects(want)) {
		f.Errorf("objects: %v", seen.Objects)
	}
	if want.Kubernetes.ExistingSecret == "" && seen.Token != want.Token {
		f.Error("the live token is another one")
	}
}

// failed sees to it that an operation has failed, with a text of certain parts.
func (f *fixture) failed(err error, parts ...string) {
	f.Helper()
	_ = f.failure(err, parts...) // it has looked
}

// failure is the failure behind an error, whose text has to have some parts.
func (f *fixture) failure(err error, parts ...string) *spec.Failure {
	f.Helper()
	var failure *spec.Failure
	if !errors.As(err, &failure) {
		f.Fatalf("error %v", err)
	}
	for _, part := range parts {
		if !strings.Contains(failure.Error(), part) {
			f.Errorf("no %q in: %v", part, failure)
		}
	}
	return failure
}

func said(lines []string, part string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, part) })
}
