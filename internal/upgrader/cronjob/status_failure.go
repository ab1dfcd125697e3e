package cronjob

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// starting are reasons for which a container waits as a matter of course.
var starting = []string{"", "ContainerCreating", "PodInitializing"}

// podTrouble is what keeps a pod from its end, or has ended it.
type podTrouble struct {
	reason   string
	exitCode *int64
}

// troubleOf reads it from a pod, and reports false for a pod that is on its way
// or has succeeded.
func troubleOf(pod *corev1.Pod) (podTrouble, bool) {
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if waiting := status.State.Waiting; waiting != nil && !slices.Contains(starting, waiting.Reason) {
			return podTrouble{reason: waiting.Reason}, true
		}
		if ended := status.State.Terminated; ended != nil && ended.ExitCode != 0 {
			return podTrouble{reason: ended.Reason, exitCode: new(int64(ended.ExitCode))}, true
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return podTrouble{reason: c.Reason}, true
		}
	}
	if pod.Status.Phase == corev1.PodFailed { // evicted, for example
		return podTrouble{reason: pod.Status.Reason}, true
	}
	return podTrouble{}, false
}

// withoutLastWords leaves out what programs have said at their end. The rest is
// the words of Kubernetes, which knows no secrets.
func withoutLastWords(pods []*corev1.Pod) []*corev1.Pod {
	for _, p := range pods {
		for i := range p.Status.ContainerStatuses {
			if ended := p.Status.ContainerStatuses[i].State.Terminated; ended != nil {
				ended.Message = ""
			}
		}
	}
	return pods
}

// lastPod is the newest pod of a Job, which is that of its last attempt.
func lastPod(pods []*corev1.Pod, job string) *corev1.Pod {
	var last *corev1.Pod
	for _, p := range pods {
		if p.Labels[jobNameLabel] == job && (last == nil || p.CreationTimestamp.After(last.CreationTimestamp.Time)) {
			last = p
		}
	}
	return last
}

// failureOf says why a run has failed: in the words of its pod where that still
// exists, else in those of the Job.
func failureOf(r run, pods []*corev1.Pod) *spec.RunFailure {
	f := &spec.RunFailure{Time: r.ended, Reason: r.why}
	said := []string{key{kindJob, r.job}.String() + " failed"}
	if r.says != "" {
		said = append(said, r.says)
	}
	if p := lastPod(pods, r.job); p != nil {
		if trouble, found := troubleOf(p); found {
			f.ExitCode = trouble.exitCode
			if trouble.reason != "" {
				f.Reason = trouble.reason
			}
		}
		said = append(said, podState(p))
	}
	f.Message = sentences(said...)
	return f
}

// stuck says why a run that is under way doesn't get on; it is nil for one that
// does, as far as can be seen.
func stuck(r run, pods []*corev1.Pod) *spec.RunFailure {
	if r.suspended {
		return &spec.RunFailure{
			Time: r.began, Reason: "Suspended",
			Message: sentences(key{kindJob, r.job}.String() + " is suspended, so that it starts no pod"),
		}
	}
	p := lastPod(pods, r.job)
	if p == nil {
		return nil
	}
	trouble, found := troubleOf(p)
	if !found {
		return nil
	}
	return &spec.RunFailure{
		Time: r.began, Reason: trouble.reason, ExitCode: trouble.exitCode,
		Message: sentences(key{kindJob, r.job}.String()+" has not ended", podState(p)),
	}
}

// sentences ends each text by one full stop, whatever it ends in.
func sentences(texts ...string) string {
	for i, text := range texts {
		texts[i] = strings.TrimRight(text, ". \n") + "."
	}
	return strings.Join(texts, " ")
}
