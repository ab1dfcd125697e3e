package kubetest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// inpod builds the program of testdata/inpod.
func inpod(t *testing.T) kubetest.Program {
	t.Helper()
	if err := kubetest.CanRunPods(); err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "inpod")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./testdata/inpod").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return kubetest.Program{Path: path, Args: []string{"settings"}, Env: []string{"GREETING=of the image", "PASSWORD=of the image"}}
}

// manifest has what a program finds, and a pod template for it.
const manifest = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: worker}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: worker}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: worker}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: worker}
subjects: [{kind: ServiceAccount, name: worker}]
---
apiVersion: v1
kind: Secret
metadata: {name: passwords}
stringData: {PASSWORD: s3cret}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {config.yaml: ok, broken.yaml: broken}`

// podSpec is for a container that reads a key of the ConfigMap.
func podSpec(key, stay string) string {
	return fmt.Sprintf(`{
  serviceAccountName: worker, restartPolicy: Never,
  securityContext: {runAsUser: 1234, fsGroup: 1234},
  containers: [{
    name: main, image: "example.com/main:1", command: [/main, "--as=$(GREETING)"], args: [last],
    env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}, {name: GREETING, value: "hello $(NAME)"}, {name: STAY, value: %q}],
    envFrom: [{secretRef: {name: passwords}}],
    volumeMounts: [{name: config, mountPath: /etc/inpod}]}],
  volumes: [{name: config, configMap: {name: settings, defaultMode: 256, items: [{key: %s, path: config.yaml}]}}]}`, stay, key)
}

func TestRunPod(t *testing.T) {
	program := inpod(t)
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, manifest)
	apply(t, c, namespace, `{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: `+podSpec("config.yaml", "")+`}`)
	begin := time.Now()
	result, err := c.RunPod(t.Context(), namespace, "one", program)
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 || result.Message != "that was all" {
		t.Errorf("the pod ended with %+v", result)
	}
	var found map[string]any
	if err := json.Unmarshal([]byte(result.Output), &found); err != nil {
		t.Fatalf("%v: %s", err, result.Output)
	}
	for name, want := range map[string]any{
		"Args": "[settings --as=hello " + namespace + " last]", "Config": "ok", "Mode": "-r--r-----", "Greeting": "hello " + namespace,
		"Password": "s3cret", "Namespace": namespace, "UID": "1234", "PID": "1", "ReadOnly": "true", "Status": "200",
	} {
		if fmt.Sprint(found[name]) != want {
			t.Errorf("%s is %v, want %v", name, found[name], want)
		}
	}

	entries, err := c.Audit(begin)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].User != "system:serviceaccount:"+namespace+":worker" || entries[0].Pod != "one" || entries[0].Name != "settings" || entries[0].UserAgent != "inpod" {
		t.Errorf("the audit log has %+v", entries)
	}
	if logs, err := c.Logs(t.Context(), namespace, "one"); err != nil || logs != result.Output {
		t.Errorf("the log is %q, %v; printed was %q", logs, err, result.Output)
	}
	if phase := get(t, c, pods, namespace, "one", "status", "phase"); phase != "Succeeded" {
		t.Errorf("the pod is %v", phase)
	}
	if _, err := c.RunPod(t.Context(), namespace, "one", program); err == nil {
		t.Error("a pod ran twice")
	}
}

// A deleted pod's program is asked to end, and the pod goes when it has.
func TestRunPod_deleted(t *testing.T) {
	program := inpod(t)
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, manifest)
	apply(t, c, namespace, `{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: `+podSpec("config.yaml", "yes")+`}`)
	ended := make(chan kubetest.PodResult)
	go func() {
		result, err := c.RunPod(t.Context(), namespace, "one", program)
		if err != nil {
			t.Error(err)
		}
		ended <- result
	}()
	wait(t, "the program has begun", func() bool {
		logs, err := c.Logs(t.Context(), namespace, "one")
		return err == nil && strings.HasSuffix(logs, "\n")
	})
	followed := follow(t, c, namespace, "one")
	if err := c.Client.Resource(pods).Namespace(namespace).Delete(t.Context(), "one", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	result := <-ended
	if !strings.HasSuffix(result.Output, "told to end\n") {
		t.Errorf("the pod ended with %+v", result)
	}
	if log := <-followed; log != result.Output {
		t.Errorf("the followed log is %q, want %q", log, result.Output)
	}
	wait(t, "the pod is gone", func() bool {
		_, err := c.Client.Resource(pods).Namespace(namespace).Get(t.Context(), "one", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// follow reads the log of a pod until it ends.
func follow(t *testing.T, c *kubetest.Cluster, namespace, pod string) <-chan string {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.Host+"/api/v1/namespaces/"+namespace+"/pods/"+pod+"/log?follow=true", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() {
		defer close(text)
		response, err := client.Do(request)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = response.Body.Close() }()
		content, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
		}
		text <- string(content)
	}()
	return text
}

func TestRunPod_missingConfiguration(t *testing.T) {
	program := inpod(t)
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, manifest)
	apply(t, c, namespace, `{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: `+podSpec("absent", "")+`}`)
	if _, err := c.RunPod(t.Context(), namespace, "one", program); err == nil || !strings.Contains(err.Error(), "configmaps settings has no key absent") {
		t.Errorf("the error is %v", err)
	}
	if phase := get(t, c, pods, namespace, "one", "status", "phase"); phase != "Pending" {
		t.Errorf("the pod is %v", phase)
	}
}

// The Job controller makes pods, programs run in them, and the Jobs end.
func TestRunJobs(t *testing.T) {
	program := inpod(t)
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, manifest)
	stop := c.RunJobs(t.Context(), namespace, program)
	for name, key := range map[string]string{"good": "config.yaml", "bad": "broken.yaml"} {
		apply(t, c, namespace, `{apiVersion: batch/v1, kind: Job, metadata: {name: `+name+`}, spec: {backoffLimit: 0, template: {spec: `+podSpec(key, "")+`}}}`)
	}
	wait(t, "one Job has succeeded", func() bool {
		return get(t, c, jobs, namespace, "good", "status", "succeeded") == int64(1)
	})
	wait(t, "the other Job has failed", func() bool {
		return get(t, c, jobs, namespace, "bad", "status", "failed") == int64(1)
	})
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A CronJob's Job is what the CronJob says, and belongs to it.
func TestRunJobs_triggered(t *testing.T) {
	program := inpod(t)
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, manifest)
	apply(t, c, namespace, `{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}, spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: `+podSpec("config.yaml", "")+`}}}}}`)
	defer c.RunJobs(t.Context(), namespace, program)() //nolint:errcheck // the Job's end tells
	job, err := c.Trigger(t.Context(), namespace, "nightly")
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the Job has succeeded", func() bool {
		return get(t, c, jobs, namespace, job, "status", "succeeded") == int64(1)
	})
}

// Stopping ends what runs.
func TestRunJobs_stopped(t *testing.T) {
	program := inpod(t)
	c := kubetest.Shared(t)
	namespace := c.Namespace(t)
	apply(t, c, namespace, manifest)
	stop := c.RunJobs(t.Context(), namespace, program)
	apply(t, c, namespace, `{apiVersion: batch/v1, kind: Job, metadata: {name: long}, spec: {backoffLimit: 0, template: {spec: `+podSpec("config.yaml", "yes")+`}}}`)
	pod := podOf(t, c, namespace, "long")
	wait(t, "the pod is running", func() bool {
		return get(t, c, pods, namespace, pod, "status", "phase") == "Running"
	})
	if err := stop(); err != nil {
		t.Error(err)
	}
	if phase := get(t, c, pods, namespace, pod, "status", "phase"); phase != "Failed" {
		t.Errorf("the pod is %v", phase)
	}
}
