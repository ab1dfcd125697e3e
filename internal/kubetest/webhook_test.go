package kubetest_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

func TestRefusingWebhook(t *testing.T) {
	c := kubetest.Shared(t)
	namespace, other := c.Namespace(t), c.Namespace(t)
	var cronJob unstructured.Unstructured
	if err := yaml.Unmarshal([]byte(`
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  timeZone: Europe/Berlin
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: example.com/main:1}]}}}}`), &cronJob.Object); err != nil {
		t.Fatal(err)
	}
	create := func(namespace string) error {
		_, err := c.Client.Resource(cronJobs).Namespace(namespace).Create(t.Context(), &cronJob, metav1.CreateOptions{})
		return err
	}
	lift := c.RefusingWebhook(t, namespace, "no nightly work", kubetest.Rule{Operation: "CREATE", Group: "batch", Version: "v1", Resource: "cronjobs"})
	if err := create(namespace); err == nil || !strings.Contains(err.Error(), "no nightly work") {
		t.Errorf("creating a CronJob: %v", err)
	}
	if err := create(other); err != nil {
		t.Errorf("in another namespace: %v", err)
	}
	apply(t, c, namespace, `{apiVersion: v1, kind: ConfigMap, metadata: {name: allowed}}`)
	lift()
	if err := create(namespace); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
