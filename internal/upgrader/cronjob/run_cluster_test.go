package cronjob

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// playing lets each pod of the namespace do what a program does.
func (f *fixture) playing(script string) {
	f.Helper()
	if err := kubetest.CanRunPods(); err != nil {
		f.Skip(err)
	}
	stop := f.cluster.RunJobs(f.Context(), f.namespace, kubetest.Program{Path: "/bin/sh", Args: []string{"-c", script}})
	f.Cleanup(func() {
		if err := stop(); err != nil {
			f.Error(err)
		}
	})
}

func (f *fixture) jobs() []string {
	f.Helper()
	found, err := f.objects(kindJob).List(f.Context(), metav1.ListOptions{})
	if err != nil {
		f.Fatal(err)
	}
	var names []string
	for _, j := range found.Items {
		names = append(names, j.GetName())
	}
	return names
}

// A run has the configuration and the token where the upgrader looks for them;
// when it has succeeded, nothing is left of it. A suspended CronJob runs, too.
func TestCluster_runOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small(withProxyCredentials, func(u *spec.Upgrader) { u.AutoUpgrade = false }))
	f.apply(want, nil)
	f.playing(`test "$UPGRADER_TOKEN" = ` + string(want.Token) + ` && grep -q "^workloadName: web$" /etc/config/config.yaml && grep -q "^proxyUser: harness$" /etc/config/config.yaml`)
	if err := f.platform.RunOnce(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if left := f.jobs(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	f.clean(want)
}

// A run that fails says why: the exit code, and the last lines without the token.
func TestCluster_runFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	f.apply(want, nil)
	f.playing(`echo "refused: $UPGRADER_TOKEN"; exit 3`)
	blind := f.in(small(func(u *spec.Upgrader) { u.Token = "" }))
	err := f.platform.RunOnce(t.Context(), blind)
	f.failed(err, "Could not run CronJob/web-upgrader-job in namespace "+f.namespace, "the run failed", "exit code 3", "The last lines of its log:\n  refused: ***", "is kept")
	if strings.Contains(err.Error(), string(want.Token)) {
		t.Error("the token is in the message")
	}
	kept := f.jobs()
	if len(kept) != 1 || len(kept[0]) > 63 {
		t.Fatalf("jobs %v", kept)
	}
	owners := f.read(key{kindJob, kept[0]}).GetOwnerReferences()
	if len(owners) != 1 || owners[0].UID != f.read(theCronJob).GetUID() || owners[0].Controller == nil || !*owners[0].Controller {
		t.Errorf("owners %+v", owners)
	}
}

// A run that doesn't end in time says what it waits for.
func TestCluster_runTimesOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	f.apply(want, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f.platform.RunOnce(ctx, want) }()
	eventually(t, func() bool {
		pods, err := f.objects(kindPod).List(t.Context(), metav1.ListOptions{})
		return err == nil && len(pods.Items) == 1 &&
			f.cluster.Stuck(t.Context(), f.namespace, pods.Items[0].GetName(), "ImagePullBackOff", `Back-off pulling image "harness/upgrader:latest"`) == nil
	})
	err := <-done
	failure := f.failure(err, "had not ended when the time was up", "ImagePullBackOff", `Back-off pulling image "harness/upgrader:latest"`)
	if !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(failure.Argument, []string{"timeouts"}) {
		t.Errorf("argument %v", failure.Argument)
	}
}

// No pod is ever made: the event says why.
func TestCluster_runWithoutPod(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	f.apply(want, nil)
	if err := f.objects(kindServiceAccount).Delete(t.Context(), theAccount.name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	f.failed(f.platform.RunOnce(ctx, want), "It has no pod", "Event FailedCreate", `serviceaccount "web-upgrader-cronjob-sa" not found`)
	want.Kubernetes.CronJob = "missing"
	f.failed(f.platform.RunOnce(t.Context(), want), "there is no such CronJob")
}

// With the ServiceAccount's own token: what the upgrader does is allowed in its
// namespace and nowhere else, and nothing else is.
func TestCluster_rights(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	f.apply(want, nil)
	f.writeFile("kubectl-create", "delegate.yaml")
	token, err := f.cluster.Token(t.Context(), f.namespace, theAccount.name)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{Host: f.cluster.Host, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: f.cluster.CA}, QPS: -1}
	upgrader, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	in := func(namespace, kind string) dynamic.ResourceInterface {
		return upgrader.Resource(kinds[kind].resource).Namespace(namespace)
	}
	image := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"delegate","image":"harness/delegate:25.02.2"}]}}}}`)
	ctx, merge := t.Context(), metav1.PatchOptions{}
	eventually(t, func() bool { // the authorizer takes a moment to notice
		_, err := in(f.namespace, kindDeployment).Get(ctx, "web", metav1.GetOptions{})
		return err == nil
	})
	if _, err := in(f.namespace, kindDeployment).Patch(ctx, "web", "application/strategic-merge-patch+json", image, merge); err != nil {
		t.Error(err)
	}
	if _, err := in(f.namespace, kindCronJob).Patch(ctx, theCronJob.name, "application/merge-patch+json", []byte(`{"metadata":{"annotations":{"a":"b"}}}`), merge); err != nil {
		t.Error(err)
	}
	refused := map[string]error{}
	_, refused["a Deployment elsewhere"] = in("default", kindDeployment).Get(ctx, "web", metav1.GetOptions{})
	_, refused["Secrets"] = in(f.namespace, kindSecret).List(ctx, metav1.ListOptions{})
	_, refused["ConfigMaps"] = in(f.namespace, kindConfigMap).Get(ctx, theConfig.name, metav1.GetOptions{})
	_, refused["pods"] = in(f.namespace, kindPod).List(ctx, metav1.ListOptions{})
	_, refused["Roles"] = in(f.namespace, kindRole).List(ctx, metav1.ListOptions{})
	refused["deletion of a Deployment"] = in(f.namespace, kindDeployment).Delete(ctx, "web", metav1.DeleteOptions{})
	refused["deletion of a CronJob"] = in(f.namespace, kindCronJob).Delete(ctx, theCronJob.name, metav1.DeleteOptions{})
	for what, err := range refused {
		if err == nil || !strings.Contains(err.Error(), "forbidden") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := inWords(listAt(f.read(theRole).Object, "rules")); got != `[{"apiGroups":["batch","apps","extensions"],"resources":["cronjobs"],"verbs":["get","list","watch","update","patch"]},`+
		`{"apiGroups":["extensions","apps"],"resources":["deployments"],"verbs":["get","list","watch","create","update","patch"]}]` {
		t.Errorf("rules: %s", got)
	}
}
