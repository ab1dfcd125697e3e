package upgrader_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// asUpgrader is a client with a token of the upgrader's own ServiceAccount.
func (p *place) asUpgrader() dynamic.Interface {
	p.t.Helper()
	token, err := p.Token(p.t.Context(), p.namespace, "payments-upgrader-cronjob-sa")
	if err != nil {
		p.t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(&rest.Config{Host: p.Host, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: p.CA}})
	if err != nil {
		p.t.Fatal(err)
	}
	return client
}

// calls are the requests that an upgrader makes, in a namespace.
func calls(t *testing.T, client dynamic.Interface, namespace string) map[string]error {
	t.Helper()
	deployments, cronJobs := client.Resource(resources["Deployment"]).Namespace(namespace), client.Resource(resources["CronJob"]).Namespace(namespace)
	image := `{"containers":[{"name":%q,"image":%q}]}`
	of := func(_ any, err error) error { return err }
	return map[string]error{
		"read the Deployment":  of(deployments.Get(t.Context(), delegate, metav1.GetOptions{})),
		"list the Deployments": of(deployments.List(t.Context(), metav1.ListOptions{})),
		"set its image": of(deployments.Patch(t.Context(), delegate, types.StrategicMergePatchType,
			fmt.Appendf(nil, `{"spec":{"template":{"spec":`+image+`}}}`, "delegate", ownImage), metav1.PatchOptions{})),
		"list the CronJobs": of(cronJobs.List(t.Context(), metav1.ListOptions{})),
		"set its own image": of(cronJobs.Patch(t.Context(), "payments-upgrader-job", types.StrategicMergePatchType,
			fmt.Appendf(nil, `{"spec":{"jobTemplate":{"spec":{"template":{"spec":`+image+`}}}}}`, "upgrader", "harness/upgrader:2"), metav1.PatchOptions{FieldManager: "kubectl-set"})),
	}
}

// The upgrader's ServiceAccount may do what an upgrader does, in its namespace
// and nowhere else, and nothing beyond what the documentation gives it.
func TestAccKubernetes_rights(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	elsewhere := &place{Cluster: p.Cluster, t: t, manager: p.manager, namespace: p.Namespace(t)}
	for _, at := range []*place{p, elsewhere} {
		at.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", token))
		at.create("somebody", at.delegateManifest(delegate, oldImage, 1))
	}
	t.Cleanup(p.AutoReady(t.Context(), p.namespace, "app="+delegate))
	p.upgraders([]string{"Secret/payments-account"}, resource.TestStep{
		Config: p.config(in(p.namespace).block("it")),
		Check: resource.ComposeAggregateTestCheckFunc(p.mayOnly(map[string][]string{
			"cronjobs": {"get", "list", "patch", "update", "watch"}, "deployments": {"create", "get", "list", "patch", "update", "watch"},
		}), func(*terraform.State) error {
			client := p.asUpgrader()
			for what, err := range calls(t, client, p.namespace) {
				if err != nil {
					t.Errorf("to %s: %v", what, err)
				}
			}
			for what, err := range calls(t, client, elsewhere.namespace) {
				if !apierrors.IsForbidden(err) {
					t.Errorf("to %s in another namespace: %v, want: forbidden", what, err)
				}
			}
			for _, kind := range []string{"Secret", "ConfigMap", "Pod", "Role", "ServiceAccount"} {
				if _, err := client.Resource(resources[kind]).Namespace(p.namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
					t.Errorf("to list objects of kind %s: %v, want: forbidden", kind, err)
				}
			}
			eventually(t, "the roll-out is over", func() bool {
				d := p.get("Deployment/payments").Object
				return field(d, "status.observedGeneration") == field(d, "metadata.generation") && field(d, "status.updatedReplicas") == int64(1) &&
					field(d, "status.readyReplicas") == int64(1) && field(d, "status.replicas") == int64(1)
			})
			return nil
		}),
		// The upgrader has changed its own image, as the real one does.
		ExpectNonEmptyPlan: true,
	})
}

// Fewer rights are fewer.
func TestAccKubernetes_fewerRights(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", token))
	p.create("somebody", p.delegateManifest(delegate, oldImage, 0))
	p.upgraders([]string{"Secret/payments-account"}, resource.TestStep{
		Config: p.config(in(p.namespace).with("kubernetes.rbac.cron_job_verbs", "[]").with("kubernetes.rbac.deployment_verbs", `["get", "patch"]`).block("it")),
		Check: resource.ComposeAggregateTestCheckFunc(p.mayOnly(map[string][]string{"deployments": {"get", "patch"}}), func(*terraform.State) error {
			for what, err := range calls(t, p.asUpgrader(), p.namespace) {
				allowed := what == "read the Deployment" || what == "set its image"
				if (err == nil) != allowed || err != nil && !apierrors.IsForbidden(err) {
					t.Errorf("to %s: %v", what, err)
				}
			}
			return nil
		}),
	})
}

// mayOnly asks the API server itself what the upgrader may do, beside what
// everybody may.
func (p *place) mayOnly(want map[string][]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		reviews := schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "selfsubjectrulesreviews"}
		review, err := p.asUpgrader().Resource(reviews).Create(p.t.Context(), &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": map[string]any{"namespace": p.namespace},
		}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		rules, _ := field(review.Object, "status.resourceRules").([]any)
		got := map[string][]string{}
		for _, rule := range rules {
			groups := fmt.Sprint(field(rule, "apiGroups"))
			if strings.Contains(groups, "authorization.k8s.io") || strings.Contains(groups, "authentication.k8s.io") {
				continue // to ask what one may do, and who one is
			}
			about, _ := field(rule, "resources").([]any)
			verbs, _ := field(rule, "verbs").([]any)
			for _, name := range about {
				for _, verb := range verbs {
					got[fmt.Sprint(name)] = append(got[fmt.Sprint(name)], fmt.Sprint(verb))
				}
			}
		}
		for name, verbs := range got {
			got[name] = slices.Compact(slices.Sorted(slices.Values(verbs)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("the upgrader may do something else (-want +got)\n%s", diff)
		}
		return nil
	}
}
