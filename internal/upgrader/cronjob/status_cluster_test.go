package cronjob

import (
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// seldom is a schedule that starts nothing while a test runs.
const seldom = "0 0 29 2 *"

// idle is an upgrader of which only the test starts runs; one failure ends them.
func (f *fixture) idle(change ...func(*spec.Upgrader)) spec.Upgrader {
	f.Helper()
	want := f.in(small(append(change, func(u *spec.Upgrader) {
		u.Schedule, u.Kubernetes.BackoffLimit = seldom, new(int64(0))
	})...))
	f.apply(want, nil)
	return want
}

func (f *fixture) status() spec.Status {
	f.Helper()
	return f.statusBy(f.platform)
}

func (f *fixture) statusBy(platform spec.Platform) spec.Status {
	f.Helper()
	s, exists, err := platform.Status(f.Context(), spec.Place{Namespace: f.namespace, Name: theCronJob.name}, time.Now())
	if err != nil || !exists {
		f.Fatalf("exists is %t, the error %v", exists, err)
	}
	return s
}

// run starts a run, and gives its pod.
func (f *fixture) run() (job, pod string) {
	f.Helper()
	job, err := f.cluster.Trigger(f.Context(), f.namespace, theCronJob.name)
	if err != nil {
		f.Fatal(err)
	}
	eventually(f.T, func() bool {
		pods, err := f.objects(kindPod).List(f.Context(), metav1.ListOptions{LabelSelector: jobNameLabel + "=" + job})
		if err != nil || len(pods.Items) != 1 {
			return false
		}
		pod = pods.Items[0].GetName()
		return true
	})
	return job, pod
}

// ended waits for the verdict on a run.
func (f *fixture) ended(job string) {
	f.Helper()
	eventually(f.T, func() bool { return runOf(jobAs(f, job)).verdict != "" })
}

func jobAs(f *fixture, name string) *batchv1.Job {
	f.Helper()
	read, err := typed(f.read(key{kindJob, name}))
	job, ok := read.(*batchv1.Job)
	if err != nil || !ok {
		f.Fatal(err)
	}
	return job
}

// noProblem sees to it that nothing is wrong, and nothing was left out.
func (f *fixture) noProblem(s spec.Status) {
	f.Helper()
	if s.Problem() != "" || len(s.Unseen) > 0 {
		f.Errorf("problem %q, unseen %v", s.Problem(), s.Unseen)
	}
}

func TestCluster_statusOfSuccess(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.idle(func(u *spec.Upgrader) { u.Kubernetes.Timezone = "Europe/Berlin" })
	s := f.status()
	f.noProblem(s)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if next := s.NextRun.In(berlin).Format("01-02 15:04"); next != "02-29 00:00" {
		t.Errorf("the next run is at %s", next)
	}
	if s.DelegateName != "web" || s.Image != spec.DefaultKubernetesImage || s.Schedule != seldom || s.TimeZone != "Europe/Berlin" {
		t.Errorf("status %+v", s)
	}
	if !s.LastRun.IsZero() || !s.LastSuccess.IsZero() || s.LastFailure != nil || s.Running || s.Suspended || s.Container != nil {
		t.Errorf("before the first run: %+v", s)
	}

	job, pod := f.run()
	if s = f.status(); !s.Running || s.LastRun.IsZero() || !s.LastSuccess.IsZero() {
		t.Errorf("in the first run: %+v", s)
	}
	if err := f.cluster.FinishPod(t.Context(), f.namespace, pod, 0); err != nil {
		t.Fatal(err)
	}
	f.ended(job)
	s = f.status()
	f.noProblem(s)
	if s.Running || s.LastSuccess.Before(s.LastRun) || s.LastRun.IsZero() || s.LastFailure != nil {
		t.Errorf("after the first run: %+v", s)
	}
	succeeded := s.LastSuccess
	eventually(t, func() bool {
		return textAt(f.read(theCronJob).Object, "status", "lastSuccessfulTime") == succeeded.UTC().Format(time.RFC3339)
	})
	if err := f.objects(kindJob).Delete(t.Context(), job, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return len(f.jobs()) == 0 })
	if s = f.status(); !s.LastSuccess.Equal(succeeded) {
		t.Errorf("without its Job, the last success is %s, want %s", s.LastSuccess, succeeded)
	}
}

// What the upgrader has left as its last words is told without the token, and a
// success afterwards ends the problem but not the memory of it.
func TestCluster_statusOfFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.idle()
	f.playing(`test -e /etc/config/well && exit 0; echo "refused: $UPGRADER_TOKEN" > /dev/termination-log; exit 3`)
	job, err := f.cluster.Trigger(t.Context(), f.namespace, theCronJob.name)
	if err != nil {
		t.Fatal(err)
	}
	f.ended(job)
	s := f.status()
	if s.LastFailure == nil || s.LastFailure.Reason != "Error" || s.LastFailure.ExitCode == nil || *s.LastFailure.ExitCode != 3 || s.LastFailure.Time.IsZero() {
		t.Fatalf("last failure %+v", s.LastFailure)
	}
	message := s.LastFailure.Message
	if strings.Contains(message, string(want.Token)) || !strings.Contains(message, "refused: ***") || !strings.Contains(message, key{kindJob, job}.String()+" failed") {
		t.Errorf("message %q", message)
	}
	if !strings.Contains(s.Problem(), "The last run to end has failed: Error, exit code 3.") {
		t.Errorf("problem %q", s.Problem())
	}

	f.saysNothingUnmasked(string(want.Token))

	f.patch("kubectl-edit", theConfig, types.MergePatchType, `{"data":{"well":""}}`)
	eventually(t, func() bool { return time.Now().After(s.LastFailure.Time.Add(time.Second)) }) // times have whole seconds
	if job, err = f.cluster.Trigger(t.Context(), f.namespace, theCronJob.name); err != nil {
		t.Fatal(err)
	}
	f.ended(job)
	s = f.status()
	f.noProblem(s)
	if s.LastFailure == nil || s.LastFailure.Message != message {
		t.Errorf("last failure %+v", s.LastFailure)
	}
}

// saysNothingUnmasked sees to it that what a program has said is left out for who
// may not read the secrets, and so can't mask them.
func (f *fixture) saysNothingUnmasked(token string) {
	f.Helper()
	get, list := []any{"get"}, []any{"list"}
	unmasked := f.as("status-unmasked", rule("batch", get, "cronjobs"), rule("batch", list, "jobs"), rule("", list, "pods"), rule("", get, "configmaps"))
	eventually(f.T, func() bool { // the authorizer takes a moment to notice
		s, _, err := unmasked.Status(f.Context(), spec.Place{Namespace: f.namespace, Name: theCronJob.name}, time.Now())
		return err == nil && len(s.Unseen) == 0
	})
	s := f.statusBy(unmasked)
	if s.LastFailure == nil {
		f.Fatal("no failure is told")
	}
	if message := s.LastFailure.Message; strings.Contains(message, token) || strings.Contains(message, "refused") || !strings.Contains(message, "exit code 3") {
		f.Errorf("message %q", message)
	}
}

func TestCluster_statusOfStuckRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.idle()
	job, pod := f.run()
	if err := f.cluster.Stuck(t.Context(), f.namespace, pod, "ImagePullBackOff", `Back-off pulling image "harness/upgrader:latest"`); err != nil {
		t.Fatal(err)
	}
	s := f.status()
	if s.LastFailure == nil || s.LastFailure.Reason != "ImagePullBackOff" || s.LastFailure.ExitCode != nil || !s.LastFailure.Time.Equal(s.LastRun) ||
		!strings.Contains(s.LastFailure.Message, job+" has not ended") || !strings.Contains(s.LastFailure.Message, `Back-off pulling image "harness/upgrader:latest"`) {
		t.Errorf("last failure %+v", s.LastFailure)
	}
	if !s.Running || !strings.Contains(s.Problem(), "is stuck: ImagePullBackOff.") {
		t.Errorf("running is %t, problem %q", s.Running, s.Problem())
	}
}

func TestCluster_statusOfSuspended(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.idle(func(u *spec.Upgrader) { u.AutoUpgrade = false })
	s := f.status()
	if !s.Suspended || !s.NextRun.IsZero() || s.Problem() != "CronJob/web-upgrader-job is suspended: it starts no run." {
		t.Errorf("status %+v", s)
	}
}

func TestCluster_statusOfNone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	place := spec.Place{Namespace: f.namespace, Name: theCronJob.name}
	if _, exists, err := f.platform.Status(t.Context(), place, time.Now()); exists || err != nil {
		t.Errorf("exists is %t, the error %v", exists, err)
	}
	want := f.idle()
	f.patch("kubectl-edit", theCronJob, types.JSONPatchType, `[{"op":"replace","path":"/spec/jobTemplate/spec/template/spec/containers/0/name","value":"other"}]`)
	_, _, err := f.platform.Status(t.Context(), place, time.Now())
	f.failed(err, "Could not read CronJob/"+want.Kubernetes.CronJob+" in namespace "+f.namespace, "is not an upgrader", "kubernetes/NAMESPACE/CRONJOB")
}

// Each right that is missing costs what it is for, and no more.
func TestCluster_statusByRights(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.idle(withProxyCredentials)
	job, pod := f.run()
	if err := f.cluster.FinishPod(t.Context(), f.namespace, pod, 4); err != nil {
		t.Fatal(err)
	}
	f.ended(job)
	get, list := []any{"get"}, []any{"list"}
	cronJob, jobs, pods, secrets := rule("batch", get, "cronjobs"), rule("batch", list, "jobs"), rule("", list, "pods"), rule("", get, "secrets")
	for _, tc := range []struct {
		user   string
		rights []any
		reason string
		unseen []string
	}{
		{"all", []any{cronJob, jobs, pods, secrets}, "Error", nil},
		{"no-secrets", []any{cronJob, jobs, pods}, "Error", nil},
		{"no-pods", []any{cronJob, jobs}, "BackoffLimitExceeded", []string{"Pods of the Upgrader Not Visible"}},
		{"no-jobs", []any{cronJob, pods}, "", []string{"Runs of the Upgrader Not Visible"}},
	} {
		t.Run(tc.user, func(t *testing.T) {
			t.Parallel()
			f := &fixture{t, f.cluster, f.namespace, f.platform}
			f.platform = f.as("status-"+tc.user, tc.rights...)
			eventually(t, func() bool { // the authorizer takes a moment to notice
				s, _, err := f.platform.Status(t.Context(), spec.Place{Namespace: f.namespace, Name: theCronJob.name}, time.Now())
				return err == nil && len(s.Unseen) == len(tc.unseen)
			})
			s, reason, unseen := f.status(), "", []string(nil)
			if s.LastFailure != nil {
				reason = s.LastFailure.Reason
			}
			for _, finding := range s.Unseen {
				unseen = append(unseen, finding.Summary)
			}
			if reason != tc.reason || !slices.Equal(unseen, tc.unseen) || s.DelegateName != "web" || s.NextRun.IsZero() {
				t.Errorf("reason %q, unseen %q: %+v", reason, unseen, s)
			}
		})
	}
	_, _, err := f.as("status-nothing").Status(t.Context(), spec.Place{Namespace: f.namespace, Name: theCronJob.name}, time.Now())
	f.failed(err, "Could not read CronJob/web-upgrader-job", "cronjobs")
}
