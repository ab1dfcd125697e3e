package upgrader_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// place is a namespace of a real control plane, and a Manager.
type place struct {
	*kubetest.Cluster

	t         *testing.T
	manager   *acctest.Manager
	namespace string
}

// newPlace makes one on the control plane that the tests share.
func newPlace(t *testing.T) *place {
	t.Helper()
	return placeIn(t, kubetest.Shared(t))
}

func placeIn(t *testing.T, c *kubetest.Cluster) *place {
	t.Helper()
	return &place{Cluster: c, t: t, manager: acctest.NewManager(t), namespace: c.Namespace(t)}
}

// config is a configuration for the place, with the rights of an administrator.
func (p *place) config(parts ...string) string { return p.configAs(p.Kubeconfig, parts...) }

// configAs is config with the rights of a kubeconfig's user.
func (p *place) configAs(kubeconfig string, parts ...string) string {
	return p.manager.ConfigWith(fmt.Sprintf("kubernetes { config_path = %q }", kubeconfig), parts...)
}

// resources are where the kinds are served that the tests deal with.
var resources = map[string]schema.GroupVersionResource{
	"ServiceAccount": {Version: "v1", Resource: "serviceaccounts"},
	"Role":           {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	"RoleBinding":    {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	"Secret":         {Version: "v1", Resource: "secrets"},
	"ConfigMap":      {Version: "v1", Resource: "configmaps"},
	"CronJob":        {Group: "batch", Version: "v1", Resource: "cronjobs"},
	"Job":            {Group: "batch", Version: "v1", Resource: "jobs"},
	"Deployment":     {Group: "apps", Version: "v1", Resource: "deployments"},
	"Pod":            {Version: "v1", Resource: "pods"},
	"Event":          {Version: "v1", Resource: "events"},
	"Namespace":      {Version: "v1", Resource: "namespaces"},
}

// own are the kinds that an upgrader consists of, in the order in which the
// argument objects lists them.
var own = []string{"ServiceAccount", "Role", "RoleBinding", "Secret", "ConfigMap", "CronJob"}

// objectsOf are the names of an upgrader's objects, as "KIND/NAME".
func objectsOf(name string) []string {
	return []string{
		"ServiceAccount/" + name + "-upgrader-cronjob-sa", "Role/" + name + "-upgrader", "RoleBinding/" + name + "-upgrader-cronjob",
		"Secret/" + name + "-upgrader-token", "ConfigMap/" + name + "-upgrader-config", "CronJob/" + name + "-upgrader-job",
	}
}

func (p *place) of(kind string) dynamic.ResourceInterface {
	if kind == "Namespace" {
		return p.Client.Resource(resources[kind])
	}
	return p.Client.Resource(resources[kind]).Namespace(p.namespace)
}

// find reads an object named as "KIND/NAME"; it is nil if there is none.
func (p *place) find(id string) *unstructured.Unstructured {
	p.t.Helper()
	kind, name, _ := strings.Cut(id, "/")
	found, err := p.of(kind).Get(p.t.Context(), name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		p.t.Fatal(err)
	}
	if err != nil {
		return nil
	}
	return found
}

// get is find for objects that must exist.
func (p *place) get(id string) *unstructured.Unstructured {
	p.t.Helper()
	found := p.find(id)
	if found == nil {
		p.t.Fatalf("there is no %s", id)
	}
	return found
}

// all lists the objects of an upgrader's kinds, without those that are in every
// namespace.
func (p *place) all(kinds ...string) ([]unstructured.Unstructured, error) {
	var found []unstructured.Unstructured
	for _, kind := range kinds {
		list, err := p.of(kind).List(p.t.Context(), metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		for _, item := range list.Items {
			if name := item.GetName(); name != "default" && name != "kube-root-ca.crt" {
				found = append(found, item)
			}
		}
	}
	return found, nil
}

// holds checks which objects of an upgrader's kinds are in the namespace.
func (p *place) holds(want ...string) error {
	found, err := p.all(own...)
	if err != nil {
		return err
	}
	got := []string{}
	for _, item := range found {
		got = append(got, item.GetKind()+"/"+item.GetName())
	}
	slices.Sort(got)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		return fmt.Errorf("the namespace holds %q, want %q", got, want)
	}
	return nil
}

// field reads a field by its path: names and numbers with dots between them.
// Below data["config.yaml"] it goes on within the file.
func field(value any, path string) any {
	for path != "" {
		var name string
		if rest, ok := strings.CutPrefix(path, "config.yaml"); ok {
			name, path = "config.yaml", strings.TrimPrefix(rest, ".")
		} else {
			name, path, _ = strings.Cut(path, ".")
		}
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			at, err := strconv.Atoi(name)
			if err != nil || at >= len(v) {
				return nil
			}
			value = v[at]
		default:
			return nil
		}
		if file, ok := value.(string); ok && name == "config.yaml" {
			if decoded, err := base64.StdEncoding.DecodeString(file); err == nil {
				file = string(decoded) // it lies in a Secret
			}
			var content map[string]any
			if yaml.Unmarshal([]byte(file), &content) != nil {
				return nil
			}
			value = content
		}
	}
	return value
}

// create makes the objects of a manifest as another field manager would.
func (p *place) create(manager, manifest string) {
	p.t.Helper()
	for _, document := range strings.Split(manifest, "\n---\n") {
		var made unstructured.Unstructured
		if err := yaml.Unmarshal([]byte(document), &made.Object); err != nil {
			p.t.Fatalf("%v\n%s", err, document)
		}
		if _, err := p.of(made.GetKind()).Create(p.t.Context(), &made, metav1.CreateOptions{FieldManager: manager}); err != nil {
			p.t.Fatalf("%s/%s: %v", made.GetKind(), made.GetName(), err)
		}
	}
}

// edit changes an object as a person with kubectl does, by a merge patch in YAML.
func (p *place) edit(id, patch string) {
	p.t.Helper()
	p.patch("kubectl-edit", id, types.MergePatchType, patch)
}

// patch changes an object as another field manager would.
func (p *place) patch(manager, id string, form types.PatchType, patch string) {
	p.t.Helper()
	kind, name, _ := strings.Cut(id, "/")
	body, err := yaml.YAMLToJSON([]byte(patch))
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.of(kind).Patch(p.t.Context(), name, form, body, metav1.PatchOptions{FieldManager: manager}); err != nil {
		p.t.Fatalf("changing %s: %v", id, err)
	}
}

func (p *place) remove(ids ...string) {
	p.t.Helper()
	for _, id := range ids {
		kind, name, _ := strings.Cut(id, "/")
		if err := p.of(kind).Delete(p.t.Context(), name, metav1.DeleteOptions{}); err != nil {
			p.t.Fatalf("deleting %s: %v", id, err)
		}
	}
}

// versions are the resource versions and UIDs of objects: what changes when
// somebody writes them.
func (p *place) versions(objects []unstructured.Unstructured) map[string]string {
	found := map[string]string{}
	for _, o := range objects {
		found[o.GetKind()+"/"+o.GetName()] = string(o.GetUID()) + " " + o.GetResourceVersion()
	}
	return found
}

// delegateManifest is a delegate's Deployment with no replicas, and the Secret
// with its token.
func (p *place) delegateManifest(name, image string, replicas int) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, labels: {app: delegate}}
spec:
  replicas: %[3]d
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      containers:
      - name: delegate
        image: %[2]s
        env:
        - {name: ACCOUNT_ID, value: %[4]s}
        - {name: DELEGATE_NAME, value: %[1]s}
        - {name: MANAGER_HOST_AND_PORT, value: %[5]q}
        - name: DELEGATE_TOKEN
          valueFrom: {secretKeyRef: {name: %[1]s-account, key: DELEGATE_TOKEN}}`,
		name, image, replicas, acctest.Account, p.manager.URL)
}

func secretManifest(name, key, value string) string {
	encoded, _ := json.Marshal(map[string]string{key: value})
	return fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: %s}, stringData: %s}", name, encoded)
}
