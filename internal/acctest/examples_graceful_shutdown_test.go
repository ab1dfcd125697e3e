package acctest_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// The import block takes over a grace period as the chart sets it, and writes
// nothing.
func TestAccExamples_importGracePeriods(t *testing.T) {
	m := environment(t)
	example := visit(t, m, besideProvider(t, examples+"/resources/harnessdelegate_graceful_shutdown/import-by-string-id.tf"))
	deployments := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	_, err := kubetest.Shared(t).Client.Resource(deployments).Namespace(exampleNamespace).Patch(t.Context(), onKubernetes, types.MergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":600}}}}`), metav1.PatchOptions{FieldManager: "helm"})
	if err != nil {
		t.Fatal(err)
	}
	const address = "harnessdelegate_graceful_shutdown.payments"
	apply(t, m, nil, resource.TestStep{
		Config: example,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)},
		},
		Check: resource.TestCheckResourceAttr(address, "previous", "600"),
	})
}
