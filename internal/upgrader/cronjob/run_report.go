package cronjob

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// reportTime bounds the collection of a report, which begins when the time of
	// the run may be up.
	reportTime = 10 * time.Second
	logLines   = 20
	mostEvents = 5
)

// pods are those of the run.
func (r *manualRun) pods(ctx context.Context) ([]*corev1.Pod, error) {
	return list[*corev1.Pod](ctx, r.platform, r.namespace, kindPod, metav1.ListOptions{LabelSelector: jobNameLabel + "=" + r.job.GetName()})
}

// report says what is known of a run that did not succeed: the state of its
// pods, warnings, and the last lines of the log.
func (r *manualRun) report(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportTime)
	defer cancel()
	var lines []string
	pods, err := r.pods(ctx)
	switch {
	case apierrors.IsForbidden(err):
		lines = append(lines, "These credentials may not list pods, so that no more is known.")
	case err != nil:
		lines = append(lines, fmt.Sprintf("Its pods could not be read: %v.", err))
	case len(pods) == 0:
		lines = append(lines, "It has no pod.")
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int {
		return b.CreationTimestamp.Compare(a.CreationTimestamp.Time)
	})
	about := []string{string(r.job.GetUID())}
	for _, p := range pods {
		lines = append(lines, podState(p))
		about = append(about, string(p.GetUID()))
	}
	lines = append(lines, r.warnings(ctx, about)...)
	if len(pods) > 0 {
		lines = append(lines, r.log(ctx, pods[0].GetName()))
	}
	lines = append(lines, fmt.Sprintf("%s is kept, so that it can be looked at.", keyOf(r.job)))
	return strings.Join(lines, "\n")
}

// podState says where a pod stands, and why.
func podState(pod *corev1.Pod) string {
	text := fmt.Sprintf("Pod/%s is %s", pod.GetName(), pod.Status.Phase)
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			text += "; not scheduled: " + c.Message
		}
	}
	for _, status := range pod.Status.ContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil {
			text += stateOf(status.Name, cmp.Or(waiting.Reason, "waiting"), waiting.Message)
		}
		if ended := status.State.Terminated; ended != nil {
			text += stateOf(status.Name, fmt.Sprintf("%s, exit code %d", cmp.Or(ended.Reason, "terminated"), ended.ExitCode), ended.Message)
		}
	}
	return text + "."
}

func stateOf(container, what, message string) string {
	text := fmt.Sprintf("; container %s: %s", container, what)
	if message != "" {
		text += ": " + message
	}
	return text
}

// warnings are the last events that explain why something has not happened.
func (r *manualRun) warnings(ctx context.Context, about []string) []string {
	events, err := list[*corev1.Event](ctx, r.platform, r.namespace, kindEvent, metav1.ListOptions{FieldSelector: "type=Warning"})
	if err != nil {
		return nil // they only add to what is known
	}
	var lines []string
	for _, e := range events {
		if slices.Contains(about, string(e.InvolvedObject.UID)) {
			line := fmt.Sprintf("Event %s: %s", e.Reason, e.Message)
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines[max(0, len(lines)-mostEvents):]
}

// log is the end of what the upgrader has written.
func (r *manualRun) log(ctx context.Context, podName string) string {
	if r.logs == nil {
		return ""
	}
	if len(r.unseen) > 0 {
		return fmt.Sprintf("Its log is not shown: these credentials may not read %s, so that nothing of it could be masked.", strings.Join(r.unseen, " and "))
	}
	text, err := r.logs(ctx, r.namespace, podName, containerName, logLines)
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
