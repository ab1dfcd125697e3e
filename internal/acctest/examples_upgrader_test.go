package acctest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// The examples of upgraders are applied to a real Kubernetes API server and to
// the real Docker Engine. Where one of them can't be had, they are skipped, and
// the reason is printed.

func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }

// The names that the examples have.
const (
	exampleNamespace = "harness-delegate-ng"
	onKubernetes     = "payments-delegate"
	onDocker         = "docker-delegate"

	defaultDockerImage = "us-west1-docker.pkg.dev/gar-setup/docker/upgrader:latest"
	proxyPassword      = "canary-of-the-proxy"
)

// site is where upgraders of examples run.
type site struct {
	// text turns an example into what is applied there.
	text func(string) string
	env  map[string]string
	// left are the objects there that no example has made.
	left func() []string
}

// sites makes what the examples need. A site isn't made where no example needs
// it.
func sites(t *testing.T, m *acctest.Manager, configuration string) []site {
	t.Helper()
	var found []site
	for _, block := range resourceBlocks(configuration, "harnessdelegate_upgrader") {
		switch {
		case regexp.MustCompile(`(?m)^  kubernetes \{`).MatchString(block):
			found = append(found, kubernetesSite(t, m))
		case regexp.MustCompile(`(?m)^  docker \{`).MatchString(block):
			found = append(found, dockerSite(t, m))
		default:
			t.Errorf("an upgrader of this example has neither kubernetes nor docker:\n%s", block)
		}
	}
	if len(found) == 0 && len(resourceBlocks(configuration, "harnessdelegate_graceful_shutdown")) > 0 {
		found = append(found, kubernetesSite(t, m))
		older := deployment(projectToken(t, m), m.URL)
		older.SetKind("StatefulSet")
		put(t, kubetest.Shared(t), "test", older)
	}
	return found
}

func resourceBlocks(configuration, kind string) []string {
	return regexp.MustCompile(`(?ms)^resource "`+kind+`" .*?^\}$`).FindAllString(configuration, -1)
}

// visit makes the sites of a configuration, points the environment to them, and
// returns the configuration for them. When the test ends, nothing must be left
// there that wasn't there before.
func visit(t *testing.T, m *acctest.Manager, configuration string) string {
	t.Helper()
	for _, s := range sites(t, m, configuration) {
		configuration = s.text(configuration)
		for name, value := range s.env {
			t.Setenv(name, value)
		}
		before := s.left()
		t.Cleanup(func() {
			if after := s.left(); !slices.Equal(before, after) {
				t.Errorf("before the example there were %q, and after it %q", before, after)
			}
		})
	}
	return configuration
}

// cleanup is a context that lasts beyond the end of a test.
func cleanup(t *testing.T) context.Context {
	t.Helper()
	return context.WithoutCancel(t.Context())
}

// newerCLI skips examples that older versions of Terraform don't understand.
func newerCLI(configuration string) []tfversion.TerraformVersionCheck {
	switch {
	case strings.Contains(configuration, "\n  identity = {"):
		return []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)}
	case strings.Contains(configuration, "_wo "):
		return []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)}
	default:
		return nil
	}
}

func projectToken(t *testing.T, m *acctest.Manager) string {
	t.Helper()
	for _, token := range m.DelegateTokens(acctest.Account) {
		if token.OrgID == "default" && token.ProjectID == "payments" {
			return token.Value
		}
	}
	t.Fatal("the project has no delegate token")
	return ""
}

// kubernetesSite is the namespace of the examples, with a delegate's Deployment
// and the Secrets that examples refer to.
func kubernetesSite(t *testing.T, m *acctest.Manager) site {
	t.Helper()
	cluster := kubetest.Shared(t)
	token := projectToken(t, m)
	m.AddDelegate(simulator.Delegate{AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: onKubernetes})

	_, err := cluster.Client.Resource(namespaces).Create(t.Context(), object("v1", "Namespace", exampleNamespace, nil), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	put(t, cluster, "test", deployment(token, m.URL))
	put(t, cluster, "test", object("v1", "Secret", onKubernetes+"-token", map[string]any{"stringData": map[string]any{"UPGRADER_TOKEN": token}}))
	put(t, cluster, "test", object("v1", "Secret", "example-com-ca", map[string]any{"stringData": map[string]any{"ca.crt": string(cluster.CA)}}))
	return site{
		text: func(configuration string) string { return configuration },
		env: map[string]string{
			"KUBE_CONFIG_PATH": cluster.Kubeconfig, "TF_VAR_delegate_token": token, "TF_VAR_proxy_password": proxyPassword,
		},
		left: func() []string { return objects(t, cluster) },
	}
}

// deployment is the delegate's, of which no pod runs.
func deployment(token, manager string) *unstructured.Unstructured {
	env := []any{}
	for _, variable := range [][2]string{
		{"DELEGATE_NAME", onKubernetes}, {"DELEGATE_TOKEN", token}, {"ACCOUNT_ID", acctest.Account}, {"MANAGER_HOST_AND_PORT", manager},
	} {
		env = append(env, map[string]any{"name": variable[0], "value": variable[1]})
	}
	labels := map[string]any{"harness.io/name": onKubernetes}
	return object("apps/v1", "Deployment", onKubernetes, map[string]any{"spec": map[string]any{
		"replicas": int64(0),
		"selector": map[string]any{"matchLabels": labels},
		"template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "delegate", "image": "harness/delegate:24.03.82600", "env": env}}},
		},
	}})
}

func object(version, kind, name string, fields map[string]any) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": name}}}
	for field, value := range fields {
		u.Object[field] = value
	}
	return u
}

var namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}

// resourceOf guesses an object's resource by its kind, which works for those
// here.
func resourceOf(u *unstructured.Unstructured) schema.GroupVersionResource {
	kind := u.GroupVersionKind()
	return kind.GroupVersion().WithResource(strings.ToLower(kind.Kind) + "s")
}

// put makes an object in the namespace of the examples, and removes it when the
// test ends.
func put(t *testing.T, cluster *kubetest.Cluster, manager string, u *unstructured.Unstructured) {
	t.Helper()
	place := cluster.Client.Resource(resourceOf(u)).Namespace(exampleNamespace)
	if _, err := place.Create(t.Context(), u, metav1.CreateOptions{FieldManager: manager}); err != nil {
		t.Fatalf("making %s %s: %v", u.GetKind(), u.GetName(), err)
	}
	t.Cleanup(func() {
		if err := place.Delete(cleanup(t), u.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
}

func putFile(t *testing.T, cluster *kubetest.Cluster, manager, text string) {
	t.Helper()
	for _, document := range strings.Split(text, "\n---\n") {
		var u unstructured.Unstructured
		if err := yaml.Unmarshal([]byte(document), &u.Object); err != nil {
			t.Fatal(err)
		}
		put(t, cluster, manager, &u)
	}
}

// restricted is the kubeconfig of the user terraform, who has the rights that a
// file gives, and no others.
func restricted(t *testing.T, file string) (kubeconfig string) {
	t.Helper()
	cluster := kubetest.Shared(t)
	putFile(t, cluster, "test", read(t, file))
	kubeconfig, err := cluster.User("terraform")
	if err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// objects lists what the namespace of the examples has of the kinds that an
// upgrader consists of, and of what it starts.
func objects(t *testing.T, cluster *kubetest.Cluster) []string {
	t.Helper()
	found := []string{}
	for _, resources := range []schema.GroupVersionResource{
		{Version: "v1", Resource: "serviceaccounts"},
		{Version: "v1", Resource: "secrets"},
		{Version: "v1", Resource: "configmaps"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
		{Group: "batch", Version: "v1", Resource: "cronjobs"},
		{Group: "apps", Version: "v1", Resource: "deployments"},
	} {
		list, err := cluster.Client.Resource(resources).Namespace(exampleNamespace).List(cleanup(t), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range list.Items {
			// The control plane makes these in each namespace, in its own time.
			if name := item.GetName(); name != "default" && name != "kube-root-ca.crt" {
				found = append(found, item.GetKind()+"/"+name)
			}
		}
	}
	return found
}

// dockerSite is the engine, with a delegate's container and the image of an
// upgrader. Names on it are unique, because other tests use it, too.
func dockerSite(t *testing.T, m *acctest.Manager) site {
	t.Helper()
	engine := dockertest.Need(t)
	token, name := projectToken(t, m), dockertest.UniqueName(t)
	m.AddDelegate(simulator.Delegate{AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: name, Type: "DOCKER"})
	upgrader, delegate, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Other tests, and other runs of this one, may have the image at the moment.
	dockertest.Eventually(t, "nobody else has the image "+defaultDockerImage, func() bool {
		_, err := engine.API.ImageInspect(t.Context(), defaultDockerImage)
		return err != nil
	})
	engine.Image(t, defaultDockerImage, upgrader)
	delegateImage := "harness/delegate:" + name
	engine.Image(t, delegateImage, delegate)
	engine.Sweep(t, name)
	engine.Run(t, client.ContainerCreateOptions{Name: name, Config: &container.Config{
		Image: delegateImage,
		Env:   []string{"DELEGATE_NAME=" + name, "DELEGATE_TOKEN=" + token, "ACCOUNT_ID=" + acctest.Account, "MANAGER_HOST_AND_PORT=" + m.URL},
	}})
	return site{
		text: func(configuration string) string { return strings.ReplaceAll(configuration, onDocker, name) },
		env:  map[string]string{"DOCKER_HOST": engine.Host, "TF_VAR_delegate_token": token, "TF_VAR_delegate_name": name},
		left: func() []string {
			names, err := engine.Names(cleanup(t), name)
			if err != nil {
				t.Fatal(err)
			}
			return names
		},
	}
}

// What others have made is taken over: nothing is made anew, and afterwards
// nothing is left to do.
func TestAccExamples_importUpgraders(t *testing.T) {
	for _, file := range glob(t, "resources/harnessdelegate_upgrader/import-by-*.tf") {
		t.Run(name(file), func(t *testing.T) {
			m := environment(t)
			example := visit(t, m, besideProvider(t, file))
			cluster := kubetest.Shared(t)
			manager := "helm"
			if strings.Contains(file, "manifest") {
				manager = "kubectl-client-side-apply"
			}
			fixture := filepath.Join("testdata", filepath.Base(strings.TrimSuffix(file, ".tf"))+".yaml")
			putFile(t, cluster, manager, strings.NewReplacer("THE_TOKEN", projectToken(t, m), "THE_MANAGER", m.URL).Replace(read(t, fixture)))
			before := identities(t, cluster)
			const address = "harnessdelegate_upgrader.payments"
			apply(t, m, m.Held(), resource.TestStep{
				Config: example,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
				},
				Check: func(*terraform.State) error {
					if after := identities(t, cluster); !slices.Equal(before, after) {
						return fmt.Errorf("there were %q, and now there are %q", before, after)
					}
					return nil
				},
			})
		})
	}
}

// identities tell objects from others of the same name.
func identities(t *testing.T, cluster *kubetest.Cluster) []string {
	t.Helper()
	found := []string{}
	for _, resources := range []schema.GroupVersionResource{
		{Group: "batch", Version: "v1", Resource: "cronjobs"},
		{Version: "v1", Resource: "secrets"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	} {
		list, err := cluster.Client.Resource(resources).Namespace(exampleNamespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range list.Items {
			found = append(found, item.GetName()+" "+string(item.GetUID()))
		}
	}
	return found
}

// chain runs the upgrader's pods of a folder, and returns a function that checks
// that the override of the folder has reached the delegate.
func chain(t *testing.T, m *acctest.Manager, configuration string) (reached func()) {
	t.Helper()
	if !regexp.MustCompile(`(?m)^  verify +=\s*true`).MatchString(configuration) {
		return func() {}
	}
	if err := kubetest.CanRunPods(); err != nil {
		t.Skipf("SKIPPED: no pod can be run here, and the example wants to see one succeed: %v", err)
	}
	cluster := kubetest.Shared(t)
	upgrader, _, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop := cluster.RunJobs(t.Context(), exampleNamespace, kubetest.Program{Path: upgrader})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return func() {
		t.Helper()
		deployments := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
		u, err := cluster.Client.Resource(deployments).Namespace(exampleNamespace).Get(t.Context(), onKubernetes, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		containers, _, _ := unstructured.NestedSlice(u.Object, "spec", "template", "spec", "containers")
		image, _, _ := unstructured.NestedString(containers[0].(map[string]any), "image") //nolint:forcetypeassert // it is one
		if want := m.Overrides(acctest.Account)[0].Version; image != want {
			t.Errorf("the delegate is to run %s, and not %s as the override says", image, want)
		}
	}
}

// equip points a workspace to the sites of the configuration in a folder.
func equip(t *testing.T, m *acctest.Manager, work *tfcli.Workspace, dir string) (left func() bool) {
	t.Helper()
	before, found := [][]string{}, sites(t, m, text(t, dir))
	for _, s := range found {
		for name, value := range s.env {
			work.Env = append(work.Env, name+"="+value)
		}
	}
	if role := filepath.Join(dir, "role.yaml"); exists(role) {
		work.Env = append(work.Env, "KUBE_CONFIG_PATH="+restricted(t, role))
	}
	for _, s := range found {
		before = append(before, s.left())
	}
	return func() bool {
		for i, s := range found {
			if !slices.Equal(before[i], s.left()) {
				return true
			}
		}
		return false
	}
}
