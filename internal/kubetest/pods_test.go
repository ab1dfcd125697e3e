package kubetest_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

func TestPods_rollout(t *testing.T) {
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	stop := c.AutoReady(t.Context(), namespace, "app=web")
	defer stop()
	apply(t, c, namespace, deployment)
	ready := func(image string) func() bool {
		return func() bool {
			list, err := c.Client.Resource(pods).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
			if err != nil || len(list.Items) != 2 {
				return false
			}
			for i := range list.Items {
				if containerImage(t, list.Items[i].Object) != image {
					return false
				}
			}
			return get(t, c, deployments, namespace, "web", "status", "readyReplicas") == int64(2)
		}
	}
	wait(t, "the Deployment is rolled out", ready("example.com/web:1"))
	patch := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"example.com/web:2"}]}}}}`)
	if _, err := c.Client.Resource(deployments).Namespace(namespace).Patch(t.Context(), "web", "application/strategic-merge-patch+json", patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	wait(t, "the new image is rolled out, and the old pods are gone", ready("example.com/web:2"))
}

// containerImage is the image of a pod's only container.
func containerImage(t *testing.T, pod map[string]any) string {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(pod, "spec", "containers")
	if err != nil || len(containers) != 1 {
		t.Fatalf("%d containers, %v", len(containers), err)
	}
	container, ok := containers[0].(map[string]any)
	if !ok {
		t.Fatalf("a container is %v", containers[0])
	}
	return fmt.Sprint(container["image"])
}

func TestPods_reported(t *testing.T) {
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	for name, test := range map[string]struct {
		report func(name string) error
		phase  string
		job    string
	}{
		"good": {func(pod string) error { return c.FinishPod(t.Context(), namespace, pod, 0) }, "Succeeded", "succeeded"},
		"bad":  {func(pod string) error { return c.FinishPod(t.Context(), namespace, pod, 2) }, "Failed", "failed"},
		"stuck": {func(pod string) error {
			return c.Stuck(t.Context(), namespace, pod, "ImagePullBackOff", "no such image")
		}, "Pending", "active"},
	} {
		t.Run(name, func(t *testing.T) {
			apply(t, c, namespace, `
apiVersion: batch/v1
kind: Job
metadata: {name: `+name+`}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: example.com/main:1}]`)
			pod := podOf(t, c, namespace, name)
			if err := test.report(pod); err != nil {
				t.Fatal(err)
			}
			if phase := get(t, c, pods, namespace, pod, "status", "phase"); phase != test.phase {
				t.Errorf("the pod is %v, want %s", phase, test.phase)
			}
			wait(t, "the Job counts 1 "+test.job, func() bool {
				return get(t, c, jobs, namespace, name, "status", test.job) == int64(1)
			})
		})
	}
}

// podOf waits for the pod of a Job.
func podOf(t *testing.T, c *kubetest.Cluster, namespace, job string) (name string) {
	t.Helper()
	wait(t, "the Job has a pod", func() bool {
		list, err := c.Client.Resource(pods).Namespace(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "job-name=" + job})
		if err != nil || len(list.Items) == 0 {
			return false
		}
		name = list.Items[0].GetName()
		return true
	})
	return name
}
