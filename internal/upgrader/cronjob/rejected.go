package cronjob

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// notAllowed is how the API server reports a missing right.
var notAllowed = lazily(`User "([^"]*)" cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?`)

func (p *platform) forbidden(f *spec.Failure, a action, message string) {
	_, reason, found := strings.Cut(message, " is forbidden: ")
	if !found {
		reason = message
	}
	f.Reason = reason
	resource := resources[a.object.kind].GroupResource().String()
	switch parts := notAllowed().FindStringSubmatch(message); {
	case parts != nil:
		user, verb := parts[1], parts[2]
		if resource = parts[3]; parts[4] != "" {
			resource += "." + parts[4]
		}
		f.Reason = fmt.Sprintf("the user %q may not %s %s in namespace %s", user, verb, resource, a.namespace)
		f.Advice = fmt.Sprintf("Have the right granted, and check it with: kubectl auth can-i %s %s --namespace %s --as %q.",
			verb, resource, a.namespace, user)
	case strings.Contains(message, "attempting to grant RBAC permissions"):
		f.Advice = "Kubernetes lets nobody give rights that they don't have. Use credentials that hold the Role's rights themselves, or that may escalate roles and bind them."
	case strings.Contains(message, "exceeded quota"), strings.Contains(message, "quota"):
		f.Advice = "Have the namespace's ResourceQuota raised, or make room in it."
	default:
		f.Advice = fmt.Sprintf("Check the right with: kubectl auth can-i patch %s --namespace %s.", resource, a.namespace)
	}
}

// conflict is a field that another manager owns.
type conflict struct{ manager, field string }

var otherManager = lazily(`conflict with "([^"]+)"`)

// conflicts are the fields that an error of server-side apply is about.
func conflicts(err error) []conflict {
	answer, _ := status(err)
	if answer.Details == nil || !apierrors.IsConflict(err) {
		return nil
	}
	var found []conflict
	for _, cause := range answer.Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		manager := "somebody else"
		if parts := otherManager().FindStringSubmatch(cause.Message); parts != nil {
			manager = parts[1]
		}
		found = append(found, conflict{manager, strings.TrimPrefix(cause.Field, ".")})
	}
	return found
}

func conflicting(f *spec.Failure, a action, found []conflict) {
	byManager := map[string][]string{}
	var managers []string
	for _, c := range found {
		if byManager[c.manager] == nil {
			managers = append(managers, c.manager)
		}
		byManager[c.manager] = append(byManager[c.manager], c.field)
	}
	slices.Sort(managers)
	var reasons []string
	for _, manager := range managers {
		fields := slices.Compact(slices.Sorted(slices.Values(byManager[manager])))
		reasons = append(reasons, fmt.Sprintf("%q manages %s", manager, strings.Join(fields, ", ")))
	}
	f.Reason = strings.Join(reasons, "; ")
	f.Advice = fmt.Sprintf("Take the fields over with force_conflicts = true in the kubernetes block, and see to it that %s no longer writes them to %s; else each will undo what the other does.",
		strings.Join(managers, ", "), a.object)
	f.Argument = []string{"kubernetes", "force_conflicts"}
}

// byHand tells the managers behind which nobody stands who would write again:
// commands that people type. What they have changed is drift, which a plan has
// shown; a declaration of others is a conflict.
func byHand(manager string) bool {
	return slices.Contains([]string{
		"kubectl-edit", "kubectl-patch", "kubectl-replace", "kubectl-set", "kubectl-label", "kubectl-annotate", "kubectl-create",
	}, manager)
}

// arguments say which argument a field of the objects comes from. The first
// that fits counts. They are regular expressions, compiled when there is an error
// to explain: package variables cost every start of the provider.
var arguments = []struct {
	field    string
	argument []string
}{
	{`^spec\.schedule`, []string{"schedule"}},
	{`^spec\.timeZone`, []string{"kubernetes", "time_zone"}},
	{`^spec\.concurrencyPolicy`, []string{"kubernetes", "concurrency_policy"}},
	{`^spec\.startingDeadlineSeconds`, []string{"kubernetes", "starting_deadline_seconds"}},
	{`^spec\.successfulJobsHistoryLimit`, []string{"kubernetes", "successful_jobs_history_limit"}},
	{`^spec\.failedJobsHistoryLimit`, []string{"kubernetes", "failed_jobs_history_limit"}},
	{`\.activeDeadlineSeconds`, []string{"kubernetes", "active_deadline_seconds"}},
	{`\.backoffLimit`, []string{"kubernetes", "backoff_limit"}},
	{`\.ttlSecondsAfterFinished`, []string{"kubernetes", "ttl_seconds_after_finished"}},
	{`\.image$`, []string{"image"}},
	{`\.imagePullPolicy`, []string{"kubernetes", "image_pull_policy"}},
	{`\.imagePullSecrets`, []string{"kubernetes", "image_pull_secrets"}},
	{`\.env(\[|$)`, []string{"kubernetes", "env"}},
	{`\.resources`, []string{"kubernetes", "resources"}},
	{`\.affinity`, []string{"kubernetes", "affinity"}},
	{`\.nodeSelector`, []string{"kubernetes", "node_selector"}},
	{`\.tolerations`, []string{"kubernetes", "tolerations"}},
	{`\.priorityClassName`, []string{"kubernetes", "priority_class_name"}},
	{`containers\[\d+\]\.securityContext`, []string{"kubernetes", "security_context"}},
	{`\.securityContext`, []string{"kubernetes", "pod_security_context"}},
	{`^rules`, []string{"kubernetes"}},
	{`template\.metadata\.(labels|annotations)`, []string{"kubernetes"}},
	{`^metadata\.labels`, []string{"kubernetes", "labels"}},
	{`^metadata\.annotations`, []string{"kubernetes", "annotations"}},
}

func invalid(f *spec.Failure, answer metav1.Status) {
	var reasons []string
	if answer.Details != nil {
		for _, cause := range answer.Details.Causes {
			reasons = append(reasons, strings.TrimPrefix(cause.Field+": "+cause.Message, ": "))
			for _, known := range arguments {
				if f.Argument == nil && fits(known.field, cause.Field) {
					f.Argument = known.argument
				}
			}
		}
	}
	if len(reasons) == 0 {
		reasons = []string{answer.Message}
	}
	f.Reason = "the API server finds it invalid: " + strings.Join(reasons, "; ")
	f.Advice = "Correct the argument that the field comes from."
}

func fits(expression, field string) bool {
	fitting, err := regexp.MatchString(expression, field)
	return fitting && err == nil
}
