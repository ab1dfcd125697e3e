package gracefulshutdown_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/gracefulshutdown"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

const (
	address  = "harnessdelegate_graceful_shutdown.it"
	delegate = "payments"
	// unset stands for a workload whose manifest leaves the grace period out.
	unset = 0
)

// place is a namespace of a real control plane, and a Manager that nobody asks.
type place struct {
	*kubetest.Cluster

	t         *testing.T
	manager   *acctest.Manager
	namespace string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	c := kubetest.Shared(t)
	return &place{Cluster: c, t: t, manager: acctest.NewManager(t), namespace: c.Namespace(t)}
}

func (p *place) of(kind string) dynamic.ResourceInterface {
	group := map[string]string{
		"Deployment": "apps", "StatefulSet": "apps", "ReplicaSet": "apps",
		"Role": "rbac.authorization.k8s.io", "RoleBinding": "rbac.authorization.k8s.io",
	}[kind]
	return p.Client.Resource(schema.GroupVersionResource{Group: group, Version: "v1", Resource: strings.ToLower(kind) + "s"}).Namespace(p.namespace)
}

// config is a configuration of the place, with the rights of an administrator.
func (p *place) config(parts ...string) string { return p.configAs(p.Kubeconfig, parts...) }

func (p *place) configAs(kubeconfig string, parts ...string) string {
	return p.manager.ConfigWith(fmt.Sprintf("kubernetes { config_path = %q }", kubeconfig), parts...)
}

// block is the resource with a grace period, and more arguments.
func (p *place) block(seconds int64, arguments ...string) string {
	return fmt.Sprintf("resource \"harnessdelegate_graceful_shutdown\" \"it\" {\n  namespace = %q\n  name = %q\n  termination_grace_period_seconds = %d\n  %s\n}\n",
		p.namespace, delegate, seconds, strings.Join(arguments, "\n  "))
}

// workload is a delegate's manifest.
func workload(kind string, seconds int64, replicas int) *unstructured.Unstructured {
	own := map[string]string{"StatefulSet": "  serviceName: payments\n"}[kind]
	grace := ""
	if seconds != unset {
		grace = fmt.Sprintf("      terminationGracePeriodSeconds: %d\n", seconds)
	}
	return decoded(fmt.Sprintf(`
apiVersion: apps/v1
kind: %[1]s
metadata: {name: payments}
spec:
  replicas: %[2]d
%[3]s  selector: {matchLabels: {app: payments}}
  template:
    metadata: {labels: {app: payments}}
    spec:
%[4]s      containers:
      - {name: delegate, image: "harness/delegate:24.03.82600"}
`, kind, replicas, own, grace))
}

func decoded(text string) *unstructured.Unstructured {
	var u unstructured.Unstructured
	if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
		panic(err)
	}
	return &u
}

// create makes an object as another field manager, without server-side apply:
// kubectl create, or Helm 3.
func (p *place) create(manager string, u *unstructured.Unstructured) {
	p.t.Helper()
	if _, err := p.of(u.GetKind()).Create(p.t.Context(), u, metav1.CreateOptions{FieldManager: manager}); err != nil {
		p.t.Fatal(err)
	}
}

// apply is server-side apply as another field manager, which forces conflicts.
func (p *place) apply(manager string, u *unstructured.Unstructured) {
	p.t.Helper()
	if err := p.tryApply(manager, u, true); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) tryApply(manager string, u *unstructured.Unstructured, force bool) error {
	_, err := p.of(u.GetKind()).Apply(p.t.Context(), u.GetName(), u.DeepCopy(), metav1.ApplyOptions{FieldManager: manager, Force: force})
	return err
}

// set changes the field of the Deployment as another field manager, without
// server-side apply.
func (p *place) set(manager string, seconds int64) {
	p.t.Helper()
	p.patch(manager, fmt.Sprintf(`{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":%d}}}}`, seconds))
}

// setImage is kubectl set image, with which the upgrader upgrades the delegate.
func (p *place) setImage(tag string) {
	p.t.Helper()
	p.patch("kubectl-set", fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"delegate","image":"harness/delegate:%s"}]}}}}`, tag))
}

func (p *place) patch(manager, patch string) {
	p.t.Helper()
	if _, err := p.of("Deployment").Patch(p.t.Context(), delegate, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: manager}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) get(kind string) *unstructured.Unstructured {
	p.t.Helper()
	found, err := p.of(kind).Get(p.t.Context(), delegate, metav1.GetOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

func (p *place) remove() {
	p.t.Helper()
	if err := p.of("Deployment").Delete(p.t.Context(), delegate, metav1.DeleteOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// grace checks the live grace period, and its owners: "helm (Apply)", "we (Apply)".
func (p *place) grace(kind string, want int64, owners ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		live := p.get(kind)
		if got, _, _ := unstructured.NestedInt64(live.Object, "spec", "template", "spec", "terminationGracePeriodSeconds"); got != want {
			return fmt.Errorf("the grace period is %d, want %d", got, want)
		}
		var got []string
		for _, owner := range kubernetes.Owners(live, "f:spec", "f:template", "f:spec", "f:terminationGracePeriodSeconds") {
			got = append(got, strings.Replace(owner.String(), gracefulshutdown.FieldManager, "we", 1))
		}
		slices.Sort(got)
		if slices.Sort(owners); !slices.Equal(got, owners) {
			return fmt.Errorf("the field is owned by %q, want %q", got, owners)
		}
		return nil
	}
}

// run runs steps through the real Terraform CLI, and checks the live workload
// after destroying.
func (p *place) run(after resource.TestCheckFunc, steps ...resource.TestStep) {
	p.t.Helper()
	resource.UnitTest(p.t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy:             after,
		Steps:                    steps,
	})
}

// planned checks what the plan does, and that applying it leaves nothing to do.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func inState(name string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), value)
}

func previous(seconds int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{inState("previous", knownvalue.Int64Exact(seconds))}
}

// saying matches output that holds each of the phrases, in their order, wherever
// Terraform breaks the lines.
func saying(phrases ...string) *regexp.Regexp {
	var patterns []string
	for _, phrase := range phrases {
		var words []string
		for _, word := range strings.Fields(phrase) {
			words = append(words, regexp.QuoteMeta(word))
		}
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(strings.Join(patterns, `[\s\S]*`))
}

// eventually waits for what the cluster does by itself.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}
