package kubernetes

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestOwners(t *testing.T) {
	t.Parallel()
	entry := func(manager string, operation metav1.ManagedFieldsOperationType, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: operation, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetManagedFields([]metav1.ManagedFieldsEntry{
		entry("helm", metav1.ManagedFieldsOperationApply, `{"f:spec":{"f:replicas":{}}}`),
		entry("helm", metav1.ManagedFieldsOperationUpdate, `{"f:spec":{"f:replicas":{},"f:paused":{}}}`),
		entry("kubectl-set", metav1.ManagedFieldsOperationUpdate, `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"delegate\"}":{"f:image":{}}}}}}}`),
		entry("other", metav1.ManagedFieldsOperationUpdate, `{"f:spec":{"f:paused":{}}}`),
	})
	for name, tc := range map[string]struct {
		path []string
		want []Owner
	}{
		"two operations":    {[]string{"f:spec", "f:replicas"}, []Owner{{"helm", true}, {"helm", false}}},
		"two managers":      {[]string{"f:spec", "f:paused"}, []Owner{{"helm", false}, {"other", false}}},
		"none":              {[]string{"f:spec", "f:strategy"}, nil},
		"image":             {ContainerField("delegate", "image"), []Owner{{"kubectl-set", false}}},
		"another container": {ContainerField("sidecar", "image"), nil},
	} {
		if diff := cmp.Diff(tc.want, Owners(object, tc.path...)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		owner Owner
		text  string
		helm  bool
	}{
		{Owner{"helm", true}, "helm (Apply)", true},
		{Owner{"terraform-provider-helm_v3.0.2", false}, "terraform-provider-helm_v3.0.2 (Update)", true},
		{Owner{"kubectl-set", false}, "kubectl-set (Update)", false},
	} {
		if tc.owner.String() != tc.text || tc.owner.IsHelm() != tc.helm {
			t.Errorf("%q, Helm: %v; want %q, %v", tc.owner, tc.owner.IsHelm(), tc.text, tc.helm)
		}
	}
}

func TestHelmRelease(t *testing.T) {
	t.Parallel()
	object := &unstructured.Unstructured{Object: map[string]any{}}
	if got := HelmRelease(object); got != "" {
		t.Errorf("got %q, want none", got)
	}
	object.SetAnnotations(map[string]string{"meta.helm.sh/release-name": "prod"})
	if got := HelmRelease(object); got != "prod" {
		t.Errorf("got %q, want prod", got)
	}
}

func TestByHand(t *testing.T) {
	t.Parallel()
	for manager, want := range map[string]bool{
		"kubectl-edit": true, "kubectl-set": true, "before-first-apply": true,
		"kubectl-client-side-apply": false, "kubectl": false, "helm": false, "argocd-controller": false,
	} {
		if got := ByHand(manager); got != want {
			t.Errorf("%s: %v, want %v", manager, got, want)
		}
	}
}
