package cronjob

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// day is the day of all that happens in these tests; its times are "15:04".
const day = "2026-03-04T"

func on(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	parsed, err := time.Parse("2006-01-02T15:04Z07:00", day+text+"Z")
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// past is what happened to an upgrader that was made at midnight and runs every
// hour.
type past struct {
	schedule           string
	suspended          bool
	changed            string
	scheduled, success string // the CronJob's status
	active             int
	jobs               []pastJob
	blind              bool
}

// pastJob is one run. Its verdict is empty while it is under way.
type pastJob struct {
	name, began, verdict, ended, why string
	other                            bool // somebody else's
	pods                             []map[string]any
}

func (p past) history(t *testing.T) history {
	t.Helper()
	stamp := func(text string) string { return on(t, text).Format(time.RFC3339) }
	cronJob := &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"name": "web-upgrader-job", "uid": "u1", "creationTimestamp": stamp("00:00")},
		"status":   map[string]any{},
	}}
	if p.changed != "" {
		at := metav1.NewTime(on(t, p.changed))
		late := metav1.NewTime(on(t, "23:59"))
		cronJob.SetManagedFields([]metav1.ManagedFieldsEntry{{Time: &at}, {Time: &late, Subresource: "status"}})
	}
	status := mapAt(cronJob.Object, "status")
	if p.scheduled != "" {
		status["lastScheduleTime"] = stamp(p.scheduled)
	}
	if p.success != "" {
		status["lastSuccessfulTime"] = stamp(p.success)
	}
	var active []any
	for range p.active {
		active = append(active, map[string]any{"name": "x"})
	}
	status["active"] = active
	h := history{cronJob: as[*batchv1.CronJob](t, kindCronJob, cronJob.Object), complete: !p.blind}
	var jobs []*batchv1.Job
	for _, j := range p.jobs {
		job := map[string]any{"metadata": map[string]any{"name": j.name, "creationTimestamp": stamp(j.began)}, "status": map[string]any{"startTime": stamp(j.began)}}
		owner := "u1"
		if j.other {
			owner = "u2"
		}
		mapAt(job, "metadata")["ownerReferences"] = []any{map[string]any{"uid": owner, "kind": "CronJob", "name": "web-upgrader-job"}}
		conditions := []any{map[string]any{"type": "Failed", "status": "False"}, map[string]any{"type": "FailureTarget", "status": "True"}}
		if j.verdict != "" {
			conditions = append(conditions, map[string]any{
				"type": j.verdict, "status": "True", "lastTransitionTime": stamp(j.ended), "reason": j.why, "message": "The Job says so.",
			})
		}
		if j.verdict == string(batchv1.JobComplete) {
			mapAt(job, "status")["completionTime"] = stamp(j.ended)
		}
		mapAt(job, "status")["conditions"] = conditions
		jobs = append(jobs, as[*batchv1.Job](t, kindJob, job))
		for i, pod := range j.pods {
			pod["metadata"] = map[string]any{
				"name": fmt.Sprintf("%s-%d", j.name, i), "labels": map[string]any{"job-name": j.name},
				"creationTimestamp": on(t, j.began).Add(time.Duration(i) * time.Minute).Format(time.RFC3339),
			}
			h.pods = append(h.pods, as[*corev1.Pod](t, kindPod, pod))
		}
	}
	h.runs = runsOf(h.cronJob, jobs)
	return h
}

// as is an object as the product reads it.
func as[T object](t *testing.T, kind string, fields map[string]any) T {
	t.Helper()
	fields["kind"] = kind
	read, err := typed(&unstructured.Unstructured{Object: plain(fields)})
	of, ok := read.(T)
	if err != nil || !ok {
		t.Fatal(err)
	}
	return of
}

// pod has one container, in a state.
func pod(phase, state, reason string, exitCode int64) map[string]any {
	fields := map[string]any{"reason": reason, "message": "It says so."}
	if state == "terminated" {
		fields["exitCode"] = exitCode
	}
	return map[string]any{"status": map[string]any{"phase": phase, "containerStatuses": []any{
		map[string]any{"name": containerName, "state": map[string]any{state: fields}},
	}}}
}

func unscheduled() map[string]any {
	return map[string]any{"status": map[string]any{"phase": "Pending", "conditions": []any{
		map[string]any{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available."},
	}}}
}

func evicted() map[string]any {
	return map[string]any{"status": map[string]any{"phase": "Failed", "reason": "Evicted"}}
}

// What an upgrader's runs have left by half past five, and what is told of it.
func TestHistory(t *testing.T) {
	t.Parallel()
	done := func(name, at string) pastJob {
		return pastJob{name: name, began: at, verdict: string(batchv1.JobComplete), ended: at}
	}
	type told struct {
		last, success, next string
		failedAt, failure   string // the reason, and the exit code
		running             bool
		problems            []string
	}
	for name, tc := range map[string]struct {
		past past
		want told
	}{
		"new":      {past{changed: "05:10"}, told{next: "06:00"}},
		"all well": {past{scheduled: "05:00", success: "05:01", jobs: []pastJob{done("b", "05:00"), done("a", "04:00")}}, told{last: "05:00", success: "05:01", next: "06:00"}},
		"well, says the Job before the CronJob does": {
			past{scheduled: "05:00", success: "04:01", jobs: []pastJob{done("b", "05:00")}}, told{last: "05:00", success: "05:00", next: "06:00"},
		},
		"suspended": {
			past{suspended: true, scheduled: "02:00", success: "02:01"},
			told{last: "02:00", success: "02:01", problems: []string{"CronJob/web-upgrader-job is suspended"}},
		},
		"resumed": {past{changed: "05:20", scheduled: "02:00", success: "02:01"}, told{last: "02:00", success: "02:01", next: "06:00"}},
		"running": {
			past{scheduled: "05:00", success: "04:01", active: 1, jobs: []pastJob{{name: "b", began: "05:00", pods: []map[string]any{pod("Running", "running", "", 0)}}}},
			told{last: "05:00", success: "04:01", next: "06:00", running: true},
		},
		"about to run": {
			past{scheduled: "05:00", success: "04:01", active: 1, jobs: []pastJob{{name: "b", began: "05:00", pods: []map[string]any{pod("Pending", "waiting", "ContainerCreating", 0)}}}},
			told{last: "05:00", success: "04:01", next: "06:00", running: true},
		},
		"failed by its program": {
			past{scheduled: "05:00", success: "04:01", jobs: []pastJob{
				done("a", "04:00"),
				{name: "b", began: "05:00", verdict: string(batchv1.JobFailed), ended: "05:05", why: "BackoffLimitExceeded", pods: []map[string]any{
					pod("Failed", "terminated", "OOMKilled", 137), pod("Failed", "terminated", "Error", 3),
				}},
			}},
			told{last: "05:00", success: "04:01", next: "06:00", failedAt: "05:05", failure: "Error 3", problems: []string{"The last run to end has failed: Error, exit code 3."}},
		},
		"failed, and its pods are gone": {
			past{scheduled: "05:00", jobs: []pastJob{{name: "b", began: "05:00", verdict: string(batchv1.JobFailed), ended: "05:05", why: "DeadlineExceeded"}}},
			told{last: "05:00", next: "06:00", failedAt: "05:05", failure: "DeadlineExceeded", problems: []string{"has failed: DeadlineExceeded."}},
		},
		"evicted": {
			past{scheduled: "05:00", jobs: []pastJob{{name: "b", began: "05:00", verdict: string(batchv1.JobFailed), ended: "05:05", why: "BackoffLimitExceeded", pods: []map[string]any{evicted()}}}},
			told{last: "05:00", next: "06:00", failedAt: "05:05", failure: "Evicted", problems: []string{"has failed: Evicted."}},
		},
		"failed once, well again": {
			past{scheduled: "05:00", success: "05:01", jobs: []pastJob{{name: "a", began: "03:00", verdict: string(batchv1.JobFailed), ended: "03:05", why: "BackoffLimitExceeded"}, done("b", "05:00")}},
			told{last: "05:00", success: "05:01", next: "06:00", failedAt: "03:05", failure: "BackoffLimitExceeded"},
		},
		"well again by hand": {
			past{scheduled: "05:00", success: "05:20", jobs: []pastJob{{name: "a", began: "05:00", verdict: string(batchv1.JobFailed), ended: "05:05", why: "BackoffLimitExceeded"}, done("manual", "05:20")}},
			told{last: "05:20", success: "05:20", next: "06:00", failedAt: "05:05", failure: "BackoffLimitExceeded"},
		},
		"stuck on its image": {
			past{scheduled: "05:00", success: "04:01", active: 1, jobs: []pastJob{
				{name: "a", began: "04:00", verdict: string(batchv1.JobFailed), ended: "04:05", why: "BackoffLimitExceeded"},
				{name: "b", began: "05:00", pods: []map[string]any{pod("Pending", "waiting", "ImagePullBackOff", 0)}},
			}},
			told{
				last: "05:00", success: "04:01", next: "06:00", running: true, failedAt: "05:00", failure: "ImagePullBackOff",
				problems: []string{"has failed: BackoffLimitExceeded", "The run that began at 2026-03-04T05:00:00Z is stuck: ImagePullBackOff."},
			},
		},
		"stuck for long": {
			past{scheduled: "02:00", active: 1, jobs: []pastJob{{name: "b", began: "02:00", pods: []map[string]any{pod("Pending", "waiting", "CreateContainerConfigError", 0)}}}},
			told{
				last: "02:00", next: "06:00", running: true, failedAt: "02:00", failure: "CreateContainerConfigError",
				problems: []string{"The run that began at 2026-03-04T02:00:00Z is stuck: CreateContainerConfigError."},
			},
		},
		"stuck without a node": {
			past{scheduled: "05:00", active: 1, jobs: []pastJob{{name: "b", began: "05:00", pods: []map[string]any{unscheduled()}}}},
			told{last: "05:00", next: "06:00", running: true, failedAt: "05:00", failure: "Unschedulable", problems: []string{"is stuck: Unschedulable."}},
		},
		"tries again": {
			past{scheduled: "05:00", active: 1, jobs: []pastJob{{name: "b", began: "05:00", pods: []map[string]any{pod("Failed", "terminated", "Error", 1), pod("Running", "running", "", 0)}}}},
			told{last: "05:00", next: "06:00", running: true},
		},
		"waits to try again": {
			past{scheduled: "05:00", active: 1, jobs: []pastJob{{name: "b", began: "05:00", pods: []map[string]any{pod("Failed", "terminated", "Error", 1)}}}},
			told{last: "05:00", next: "06:00", running: true, failedAt: "05:00", failure: "Error 1", problems: []string{"is stuck: Error, exit code 1."}},
		},
		"does not end": {
			past{scheduled: "03:00", success: "02:01", active: 1, jobs: []pastJob{{name: "b", began: "03:00", pods: []map[string]any{pod("Running", "running", "", 0)}}}},
			told{last: "03:00", success: "02:01", next: "06:00", running: true, problems: []string{"The run that began at 2026-03-04T03:00:00Z has not ended, although others were due since, the first at 2026-03-04T04:00:00Z."}},
		},
		"does not end, and others begin": {
			past{scheduled: "05:00", success: "05:01", active: 1, jobs: []pastJob{{name: "a", began: "02:00"}, done("b", "05:00")}},
			told{last: "05:00", success: "05:01", next: "06:00", running: true, problems: []string{"The run that began at 2026-03-04T02:00:00Z has not ended, although others were due since, the first at 2026-03-04T03:00:00Z."}},
		},
		"does not end, and others begin, every": {
			past{schedule: "@every 50m", scheduled: "05:00", success: "04:11", active: 2, jobs: []pastJob{{name: "a", began: "03:20"}, {name: "b", began: "05:00"}}},
			told{last: "05:00", success: "04:11", next: "05:50", running: true, problems: []string{"The run that began at 2026-03-04T03:20:00Z has not ended, although others were due since, the first at 2026-03-04T04:10:00Z."}},
		},
		"does not end, changed since": {
			past{scheduled: "03:00", success: "02:01", changed: "04:10", active: 1, jobs: []pastJob{{name: "b", began: "03:00"}}},
			told{last: "03:00", success: "02:01", next: "06:00", running: true},
		},
		"Jobs can't be seen, one does not end": {
			past{scheduled: "03:00", success: "02:01", active: 1, blind: true},
			told{last: "03:00", success: "02:01", next: "06:00", running: true, problems: []string{"The last run has not ended, although others were due since, the first at 2026-03-04T04:00:00Z."}},
		},
		"never started": {past{}, told{next: "06:00", problems: []string{"No run was started since 2026-03-04T00:00:00Z, although several were due, the first at 2026-03-04T01:00:00Z. The events of CronJob/web-upgrader-job"}}},
		"one left out":  {past{scheduled: "04:00", success: "04:01"}, told{last: "04:00", success: "04:01", next: "06:00"}},
		"two left out":  {past{scheduled: "03:00", success: "03:01"}, told{last: "03:00", success: "03:01", next: "06:00", problems: []string{"No run was started since 2026-03-04T03:00:00Z"}}},
		"failed, and its Job is gone": {
			past{scheduled: "05:00", success: "04:01"}, told{last: "05:00", success: "04:01", next: "06:00", problems: []string{"The run of 2026-03-04T05:00:00Z has ended without success; its Job is gone."}},
		},
		"Jobs can't be seen": {past{scheduled: "05:00", success: "05:01", blind: true}, told{last: "05:00", success: "05:01", next: "06:00"}},
		"Jobs can't be seen, one failed": {
			past{scheduled: "05:00", success: "04:01", blind: true}, told{last: "05:00", success: "04:01", next: "06:00", problems: []string{"without success; its Job can't be seen."}},
		},
		"Jobs can't be seen, one runs": {past{scheduled: "05:00", success: "04:01", active: 1, blind: true}, told{last: "05:00", success: "04:01", next: "06:00", running: true}},
		"other Jobs":                   {past{scheduled: "05:00", success: "05:01", jobs: []pastJob{{name: "x", began: "05:20", other: true}}}, told{last: "05:00", success: "05:01", next: "06:00"}},
		"never by its schedule":        {past{schedule: "0 0 30 2 *"}, told{problems: []string{"so that it never runs"}}},
		"every, from the last run":     {past{schedule: "@every 50m", scheduled: "05:00", success: "05:01"}, told{last: "05:00", success: "05:01", next: "05:50"}},
		"every, from its creation":     {past{schedule: "@every 50m", changed: "05:10"}, told{next: "05:50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec.Status{Schedule: "0 * * * *", Suspended: tc.past.suspended}
			if tc.past.schedule != "" {
				s.Schedule = tc.past.schedule
			}
			tc.past.history(t).tell(&s, on(t, "05:30"))
			got := told{last: short(s.LastRun), success: short(s.LastSuccess), next: short(s.NextRun), running: s.Running, problems: s.Problems}
			if f := s.LastFailure; f != nil {
				got.failedAt, got.failure = short(f.Time), f.Reason
				if f.ExitCode != nil {
					got.failure += fmt.Sprintf(" %d", *f.ExitCode)
				}
			}
			for i, problem := range got.problems {
				if i < len(tc.want.problems) && strings.Contains(problem, tc.want.problems[i]) {
					got.problems[i] = tc.want.problems[i]
				}
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(told{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// short is a time as the tests write it.
func short(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("15:04")
}

// What a failure's message is made of.
func TestFailureOf_message(t *testing.T) {
	t.Parallel()
	h := past{jobs: []pastJob{{
		name: "b", began: "05:00", verdict: string(batchv1.JobFailed), ended: "05:05", why: "BackoffLimitExceeded",
		pods: []map[string]any{pod("Failed", "terminated", "Error", 3)},
	}}}.history(t)
	const want = "Job/b failed. The Job says so. Pod/b-0 is Failed; container upgrader: Error, exit code 3: It says so."
	if got := failureOf(h.runs[0], h.pods).Message; got != want {
		t.Errorf("the message is %q, want %q", got, want)
	}
	h = past{jobs: []pastJob{{name: "b", began: "05:00", pods: []map[string]any{unscheduled()}}}}.history(t)
	if got, want := stuck(h.runs[0], h.pods).Message, "Job/b has not ended. Pod/b-0 is Pending; not scheduled: 0/1 nodes are available."; got != want {
		t.Errorf("the message is %q, want %q", got, want)
	}
}
