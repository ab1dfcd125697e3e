package cronjob

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
	verdict, why, says string
}

// The verdicts of Jobs, which are types of their conditions.
const (
	verdictComplete = "Complete"
	verdictFailed   = "Failed"
)

// runsOf reads the runs of a CronJob, those started by hand included, from
// the first to the last.
func runsOf(cronJob *unstructured.Unstructured, jobs []unstructured.Unstructured) []run {
	var runs []run
	for _, j := range jobs {
		if slices.ContainsFunc(j.GetOwnerReferences(), func(o metav1.OwnerReference) bool { return o.UID == cronJob.GetUID() }) {
			runs = append(runs, runOf(j))
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.job, b.job)) })
	return runs
}

func runOf(job unstructured.Unstructured) run {
	r := run{job: job.GetName(), began: timeAt(job.Object, "status", "startTime")}
	if r.began.IsZero() {
		r.began = job.GetCreationTimestamp().Time // the controller hasn't seen it yet
	}
	for _, entry := range listAt(job.Object, "status", "conditions") {
		condition := asMap(entry)
		if textAt(condition, "status") != "True" {
			continue
		}
		switch kind := textAt(condition, "type"); kind {
		case verdictComplete:
			r.verdict, r.ended = kind, timeAt(job.Object, "status", "completionTime")
		case verdictFailed:
			r.verdict, r.ended = kind, timeAt(condition, "lastTransitionTime")
			r.why, r.says = textAt(condition, "reason"), textAt(condition, "message")
		}
	}
	return r
}

func (r run) succeeded() bool { return r.verdict == verdictComplete }

// lastFailed is the last run that has failed, nil if there is none.
func lastFailed(runs []run) *run {
	return lastOf(runs, func(r run) bool { return r.verdict == verdictFailed })
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

// timeAt reads a time in the API's form; it is zero where there is none.
func timeAt(object map[string]any, path ...string) time.Time {
	parsed, err := time.Parse(time.RFC3339, textAt(object, path...))
	if err != nil {
		return time.Time{}
	}
	return parsed
}

// latest is the last of several times.
func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
