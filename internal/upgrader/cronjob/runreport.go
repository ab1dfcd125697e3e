package cronjob

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// reportTime bounds the collection of a report, which begins when the time of
	// the run may be up.
	reportTime = 10 * time.Second
	logLines   = 20
	mostEvents = 5
)

// report says what is known of a run that did not succeed: the state of its
// pods, warnings, and the last lines of the log.
func (t *trial) report(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportTime)
	defer cancel()
	var lines []string
	pods, err := t.list(ctx, t.namespace, kindPod, metav1.ListOptions{LabelSelector: "job-name=" + t.job.GetName()})
	switch {
	case apierrors.IsForbidden(err):
		lines = append(lines, "These credentials may not list pods, so that no more is known.")
	case err != nil:
		lines = append(lines, fmt.Sprintf("Its pods could not be read: %v.", err))
	case len(pods) == 0:
		lines = append(lines, "It has no pod.")
	}
	slices.SortFunc(pods, func(a, b unstructured.Unstructured) int {
		return cmp.Compare(b.GetCreationTimestamp().Unix(), a.GetCreationTimestamp().Unix())
	})
	about := []string{string(t.job.GetUID())}
	for _, p := range pods {
		lines = append(lines, podState(p.Object))
		about = append(about, string(p.GetUID()))
	}
	lines = append(lines, t.warnings(ctx, about)...)
	if len(pods) > 0 {
		lines = append(lines, t.log(ctx, pods[0].GetName()))
	}
	lines = append(lines, fmt.Sprintf("%s is kept, so that it can be looked at.", key{kindJob, t.job.GetName()}))
	return strings.Join(lines, "\n")
}

// podState says where a pod stands, and why.
func podState(object map[string]any) string {
	text := fmt.Sprintf("Pod/%s is %s", textAt(object, "metadata", "name"), textAt(object, "status", "phase"))
	for _, entry := range listAt(object, "status", "conditions") {
		if condition := asMap(entry); textAt(condition, "type") == "PodScheduled" && textAt(condition, "status") == "False" {
			text += fmt.Sprintf("; not scheduled: %s", textAt(condition, "message"))
		}
	}
	for _, entry := range listAt(object, "status", "containerStatuses") {
		container := asMap(entry)
		for _, state := range []string{"waiting", "terminated"} {
			fields := mapAt(container, "state", state)
			if fields == nil {
				continue
			}
			text += fmt.Sprintf("; container %s: %s", textAt(container, "name"), cmp.Or(textAt(fields, "reason"), state))
			if code := number(fields, "exitCode"); code != nil {
				text += fmt.Sprintf(", exit code %d", *code)
			}
			if message := textAt(fields, "message"); message != "" {
				text += ": " + message
			}
		}
	}
	return text + "."
}

// warnings are the last events that explain why something has not happened.
func (t *trial) warnings(ctx context.Context, about []string) []string {
	events, err := t.list(ctx, t.namespace, kindEvent, metav1.ListOptions{FieldSelector: "type=Warning"})
	if err != nil {
		return nil // they only add to what is known
	}
	var lines []string
	for _, e := range events {
		if slices.Contains(about, textAt(e.Object, "involvedObject", "uid")) {
			line := fmt.Sprintf("Event %s: %s", textAt(e.Object, "reason"), textAt(e.Object, "message"))
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines[max(0, len(lines)-mostEvents):]
}

// log is the end of what the upgrader has written.
func (t *trial) log(ctx context.Context, podName string) string {
	if t.logs == nil {
		return ""
	}
	if len(t.unseen) > 0 {
		return fmt.Sprintf("Its log is not shown: these credentials may not read %s, so that nothing of it could be masked.", strings.Join(t.unseen, " and "))
	}
	text, err := t.logs(ctx, t.namespace, podName, containerName, logLines)
	text = strings.TrimRight(text, "\n")
	switch {
	case err != nil:
		return fmt.Sprintf("Its log could not be read: %v.", err)
	case text == "":
		return "Its log is empty."
	default:
		return "The last lines of its log:\n  " + strings.ReplaceAll(text, "\n", "\n  ")
	}
}
