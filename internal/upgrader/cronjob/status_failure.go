package cronjob

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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
func troubleOf(object map[string]any) (podTrouble, bool) {
	for _, list := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, entry := range listAt(object, "status", list) {
			container := asMap(entry)
			if reason := textAt(container, "state", "waiting", "reason"); !slices.Contains(starting, reason) {
				return podTrouble{reason: reason}, true
			}
			ended := mapAt(container, "state", "terminated")
			if code := number(ended, "exitCode"); code != nil && *code != 0 {
				return podTrouble{reason: textAt(ended, "reason"), exitCode: code}, true
			}
		}
	}
	for _, entry := range listAt(object, "status", "conditions") {
		if condition := asMap(entry); textAt(condition, "type") == "PodScheduled" && textAt(condition, "status") == "False" {
			return podTrouble{reason: textAt(condition, "reason")}, true
		}
	}
	if textAt(object, "status", "phase") == "Failed" { // evicted, for example
		return podTrouble{reason: textAt(object, "status", "reason")}, true
	}
	return podTrouble{}, false
}

// withoutLastWords leaves out what programs have said at their end. The rest is
// the words of Kubernetes, which knows no secrets.
func withoutLastWords(pods []unstructured.Unstructured) []unstructured.Unstructured {
	for _, p := range pods {
		for _, entry := range listAt(p.Object, "status", "containerStatuses") {
			if ended := mapAt(asMap(entry), "state", "terminated"); ended != nil {
				delete(ended, "message")
			}
		}
	}
	return pods
}

// lastPod is the newest pod of a Job, which is that of its last attempt.
func lastPod(pods []unstructured.Unstructured, job string) *unstructured.Unstructured {
	var last *unstructured.Unstructured
	for i := range pods {
		p := &pods[i]
		if p.GetLabels()[jobNameLabel] == job && (last == nil || p.GetCreationTimestamp().After(last.GetCreationTimestamp().Time)) {
			last = p
		}
	}
	return last
}

// failureOf says why a run has failed: in the words of its pod where that still
// exists, else in those of the Job.
func failureOf(r run, pods []unstructured.Unstructured) *spec.RunFailure {
	f := &spec.RunFailure{Time: r.ended, Reason: r.why}
	said := []string{key{kindJob, r.job}.String() + " failed"}
	if r.says != "" {
		said = append(said, r.says)
	}
	if p := lastPod(pods, r.job); p != nil {
		if trouble, found := troubleOf(p.Object); found {
			f.ExitCode = trouble.exitCode
			if trouble.reason != "" {
				f.Reason = trouble.reason
			}
		}
		said = append(said, podState(p.Object))
	}
	f.Message = sentences(said...)
	return f
}

// stuck says why a run that is under way doesn't get on; it is nil for one that
// does, as far as can be seen.
func stuck(r run, pods []unstructured.Unstructured) *spec.RunFailure {
	p := lastPod(pods, r.job)
	if p == nil {
		return nil
	}
	trouble, found := troubleOf(p.Object)
	if !found {
		return nil
	}
	return &spec.RunFailure{
		Time: r.began, Reason: trouble.reason, ExitCode: trouble.exitCode,
		Message: sentences(key{kindJob, r.job}.String()+" has not ended", podState(p.Object)),
	}
}

// sentences ends each text by one full stop, whatever it ends in.
func sentences(texts ...string) string {
	for i, text := range texts {
		texts[i] = strings.TrimRight(text, ". \n") + "."
	}
	return strings.Join(texts, " ")
}
