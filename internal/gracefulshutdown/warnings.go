package gracefulshutdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// rollWarning says that a new grace period replaces the pods of a workload. It is
// empty if there are no pods, or nothing changes.
//
// The pods that are replaced still have the old period. A task that needs a longer
// one is lost by the change.
func rollWarning(w workload, seconds int64) string {
	if w.seconds == seconds || w.replicas == 0 {
		return ""
	}
	pods := "its pod"
	if w.replicas > 1 {
		pods = fmt.Sprintf("its %d pods", w.replicas)
	}
	what := fmt.Sprintf("The grace period is part of the pod template: changing it from %d to %d seconds makes %s replace %s", w.seconds, seconds, w.place, pods)
	switch {
	case w.paused:
		what += " once its rollout, which is paused, is resumed"
	case w.onDelete:
		what += " when they are deleted, because its update strategy is OnDelete"
	}
	return what + fmt.Sprintf(". The old pods keep the old period: a task that runs longer than %d seconds after that is lost.", w.seconds)
}

// ownerWarning names the managers of the field, and says what happens to it.
func ownerWarning(w workload, force bool) string {
	what := fmt.Sprintf("%s set the grace period of %s to %d seconds. ", strings.Join(w.othersWithOperation(), " and "), w.place, w.seconds)
	if force {
		return what + "force_conflicts = true takes the field over. " + afterTakeover(w)
	}
	return what + "Apply will fail with a conflict. " + conflictAdvice(w)
}

// conflictAdvice is the way out where others own the field.
func conflictAdvice(w workload) string {
	return "Set force_conflicts = true to take the field over. " + afterTakeover(w)
}

// afterTakeover says what the others do to the field once this resource has taken
// it over, and what to do about that.
func afterTakeover(w workload) string {
	const (
		serverSide = "Helm manages this release with server-side apply, the default of Helm 4. After the takeover every %[1]q fails with a conflict on %[2]s, and the release gets the status failed. " +
			"After this apply, remove the field from the rendered manifests with a post-renderer: Harness's chart has no value for it. " +
			"Or run Helm with --force-conflicts: it then sets its own value, and the next terraform apply takes the field over again."
		clientSide = "Helm manages this release client-side, as Helm 3 does: every %[1]q sets Helm's value again. The next plan shows the difference, and the apply after it takes the field over again. " +
			"Each of these changes replaces the pods. To avoid that, set %[2]s with a post-renderer (Harness's chart has no value for it) instead of using this resource."
	)
	command := strings.TrimSpace("helm upgrade " + w.release)
	var advice, strangers []string
	for _, owner := range w.owners {
		switch {
		case owner.Manager == FieldManager || kubernetes.ByHand(owner.Manager):
		case owner.IsHelm() && owner.Applies:
			advice = append(advice, fmt.Sprintf(serverSide, command, field))
		case owner.IsHelm():
			advice = append(advice, fmt.Sprintf(clientSide, command, field))
		default:
			strangers = append(strangers, owner.Manager)
		}
	}
	if names := distinct(strangers); len(names) > 0 || len(advice) == 0 {
		if len(names) == 0 {
			names = []string{"the other manager"}
		}
		advice = append(advice, fmt.Sprintf("When %s writes the field again, it either takes the field back, which the next plan shows, or fails with a conflict. "+
			"If you can set the field there, do that instead of using this resource.", strings.Join(names, " or ")))
	}
	return strings.Join(distinct(advice), " ")
}

// distinct sorts texts and removes repeated ones.
func distinct(texts []string) []string { return slices.Compact(slices.Sorted(slices.Values(texts))) }
