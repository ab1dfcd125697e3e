package cronjob

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// jobNameLabel is on the pods of Jobs. It is the older of two labels, which all
// servers give.
const jobNameLabel = "job-name"

// run is one Job of an upgrader.
type run struct {
	job          string
	began, ended time.Time
	// verdict is how the Job says it has ended, and empty while it is under way;
	// why and says are the Job's words on a failure.
	verdict   batchv1.JobConditionType
	why, says string
	// suspended Jobs have not ended and have no pod.
	suspended bool
}

// runsOf reads the runs of a CronJob, those started by hand included, from
// the first to the last.
func runsOf(cronJob *batchv1.CronJob, jobs []*batchv1.Job) []run {
	var runs []run
	for _, j := range jobs {
		if slices.ContainsFunc(j.GetOwnerReferences(), func(o metav1.OwnerReference) bool { return o.UID == cronJob.GetUID() }) {
			runs = append(runs, runOf(j))
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.job, b.job)) })
	return runs
}

func runOf(job *batchv1.Job) run {
	r := run{job: job.GetName(), began: timeOf(job.Status.StartTime), suspended: job.Spec.Suspend != nil && *job.Spec.Suspend}
	if r.began.IsZero() {
		r.began = job.CreationTimestamp.Time // the controller hasn't seen it yet
	}
	for _, c := range job.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		if c.Type == batchv1.JobComplete {
			r.verdict, r.ended = c.Type, timeOf(job.Status.CompletionTime)
		}
		if c.Type == batchv1.JobFailed {
			r.verdict, r.ended = c.Type, c.LastTransitionTime.Time
			r.why, r.says = c.Reason, c.Message
		}
	}
	return r
}

func (r run) succeeded() bool { return r.verdict == batchv1.JobComplete }

// lastFailed is the last run that has failed, nil if there is none.
func lastFailed(runs []run) *run {
	return lastOf(runs, func(r run) bool { return r.verdict == batchv1.JobFailed })
}

func lastOf(runs []run, is func(run) bool) *run {
	for _, r := range slices.Backward(runs) {
		if is(r) {
			return &r
		}
	}
	return nil
}

// firstUnfinished is the run that has been under way for longest: of several, it
// is the one that is most likely stuck.
func firstUnfinished(runs []run) *run {
	for _, r := range runs {
		if r.verdict == "" {
			return &r
		}
	}
	return nil
}

// timeOf is zero where there is none.
func timeOf(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

// latest is the last of several times.
func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
