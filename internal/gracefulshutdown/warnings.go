package gracefulshutdown

import (
	"fmt"
	"strings"
)

const podsReplaced = "Pods Will Be Replaced"

// rollWarning says what a change of the grace period does to the pods of a
// workload; it is empty where there are none, or nothing changes.
//
// The pods that are replaced still have the old period: a task that needs a
// longer one is lost by the very change that is to save the next.
func rollWarning(w workload, seconds int64) string {
	if w.seconds == seconds || w.replicas == 0 {
		return ""
	}
	pods := "its pod"
	if w.replicas > 1 {
		pods = fmt.Sprintf("its %d pods", w.replicas)
	}
	what := fmt.Sprintf("The grace period is part of the pod template: changing it from %d to %d (seconds) makes %s replace %s", w.seconds, seconds, w.place, pods)
	switch {
	case w.paused:
		what += " once its rollout is resumed, which is paused"
	case w.onDelete:
		what += " as they are deleted, since its update strategy is OnDelete"
	}
	return what + fmt.Sprintf(". Those that end have the old period still: what they run that takes more than %d seconds from then on is lost.", w.seconds)
}

// ownerWarning says whose field it is, which apply doesn't take without being
// told to.
func ownerWarning(w workload, managers []string) string {
	return fmt.Sprintf("%s has the grace period %d (seconds) from %s, so that apply will fail. %s",
		w.place, w.seconds, strings.Join(managers, " and "), conflictAdvice(w.place, managers))
}
