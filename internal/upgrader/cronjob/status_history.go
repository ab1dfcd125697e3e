package cronjob

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// history is what an upgrader's runs leave on the cluster.
type history struct {
	cronJob *batchv1.CronJob
	runs    []run
	pods    []*corev1.Pod
	// complete is false where Jobs may not be listed, so that runs is empty.
	complete bool
}

// tell fills in what the runs say of the upgrader, and what is wrong.
func (h history) tell(s *spec.Status, now time.Time) {
	status := h.cronJob.Status
	scheduled := timeOf(status.LastScheduleTime)
	s.LastRun, s.LastSuccess = scheduled, timeOf(status.LastSuccessfulTime)
	underWay := lastOf(h.runs, func(r run) bool { return r.verdict == "" && !r.suspended })
	s.Running = underWay != nil || !h.complete && len(status.Active) > 0
	if len(h.runs) > 0 {
		s.LastRun = latest(s.LastRun, h.runs[len(h.runs)-1].began)
	}
	if r := lastOf(h.runs, run.succeeded); r != nil {
		s.LastSuccess = latest(s.LastSuccess, r.ended)
	}
	isStuck := h.tellFailure(s)
	if s.Suspended {
		s.Problems = append(s.Problems, fmt.Sprintf("%s is suspended: it starts no run.", h))
	} else {
		h.tellTiming(s, now, isStuck)
	}
	h.tellSilence(s, scheduled)
}

// String names the CronJob.
func (h history) String() string { return keyOf(h.cronJob).String() }

// tellFailure finds the run that failed last, or one that is stuck.
func (h history) tellFailure(s *spec.Status) (isStuck bool) {
	if r := lastFailed(h.runs); r != nil {
		s.LastFailure = failureOf(*r, h.pods)
		if r.ended.After(s.LastSuccess) {
			s.Problems = append(s.Problems, fmt.Sprintf("The last run to end has failed: %s.", because(s.LastFailure)))
		}
	}
	if r := firstUnfinished(h.runs); r != nil {
		if f := stuck(*r, h.pods); f != nil {
			s.LastFailure, isStuck = f, true
			s.Problems = append(s.Problems, fmt.Sprintf("The run that began at %s is stuck: %s.", clock(r.began), because(f)))
		}
	}
	return isStuck
}

// because is a failure in a few words.
func because(f *spec.RunFailure) string {
	text := f.Reason
	if text == "" {
		text = "no reason is given"
	}
	if f.ExitCode != nil {
		text += fmt.Sprintf(", exit code %d", *f.ExitCode)
	}
	return text
}

// tellTiming compares the runs with the schedule. A run that is stuck may well be
// why no other begins, and is told of already.
func (h history) tellTiming(s *spec.Status, now time.Time, isStuck bool) {
	created := h.cronJob.CreationTimestamp.Time
	timing := delegate.RunTimes{Schedule: s.Schedule, TimeZone: s.TimeZone, From: created}
	scheduled := timeOf(h.cronJob.Status.LastScheduleTime)
	if !scheduled.IsZero() {
		timing.From = scheduled
	}
	s.Due(timing, now)
	if s.NextRun.IsZero() || isStuck {
		return
	}
	// A run that was due is left out if it can't begin in time, and a moment or two
	// pass before one begins. Two in a row are another matter. What was due before
	// the CronJob was last changed doesn't count: it may have been suspended.
	if r := firstUnfinished(h.runs); r != nil {
		// Others may well have begun since: a CronJob may let runs overlap.
		timing.From = r.began
		if first := h.missed(timing, r.began, now); !first.IsZero() {
			s.Problems = append(s.Problems, fmt.Sprintf("The run that began at %s has not ended, although others were due since, the first at %s.", clock(r.began), clock(first)))
		}
		return
	}
	since := latest(created, scheduled, h.changed())
	first := h.missed(timing, since, now)
	switch {
	case first.IsZero():
	case s.Running:
		s.Problems = append(s.Problems, fmt.Sprintf("The last run has not ended, although others were due since, the first at %s.", clock(first)))
	default:
		s.Problems = append(s.Problems, fmt.Sprintf("No run was started since %s, although several were due, the first at %s. The events of %s may say why.", clock(since), clock(first), h))
	}
}

// missed is when a run was due after the time given, and after the last change of
// the CronJob, if another was due after that; it is zero if not.
func (h history) missed(timing delegate.RunTimes, since, now time.Time) time.Time {
	first, firstErr := timing.Next(latest(since, h.changed()))
	second, secondErr := timing.Next(first)
	if firstErr != nil || secondErr != nil || second.After(now) {
		return time.Time{}
	}
	return first
}

// changed is when somebody last wrote the CronJob, its status apart.
func (h history) changed() time.Time {
	var last time.Time
	for _, entry := range h.cronJob.GetManagedFields() {
		if entry.Subresource == "" && entry.Time != nil {
			last = latest(last, entry.Time.Time)
		}
	}
	return last
}

// tellSilence finds a scheduled run that has ended without success and of which
// no Job tells: it has been removed, or Jobs can't be seen.
func (h history) tellSilence(s *spec.Status, scheduled time.Time) {
	told := lastOf(h.runs, func(r run) bool { return !r.began.Before(scheduled) })
	if scheduled.IsZero() || s.Running || told != nil || !s.LastSuccess.Before(scheduled) {
		return
	}
	why := "its Job is gone"
	if !h.complete {
		why = "its Job can't be seen"
	}
	s.Problems = append(s.Problems, fmt.Sprintf("The run of %s has ended without success; %s.", clock(scheduled), why))
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
