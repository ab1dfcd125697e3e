package cronjob

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// conflicting adds what to do about fields that others manage.
func conflicting(f *spec.Failure, a action, found []kubernetes.Conflict) {
	f.Advice = fmt.Sprintf("Take the fields over with force_conflicts = true in the kubernetes block, and see to it that %s no longer writes them to %s; else each will undo what the other does.",
		strings.Join(kubernetes.Managers(found), ", "), a.object)
	f.Argument = []string{"kubernetes", "force_conflicts"}
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

// argumentAtFault is the argument that the first field comes from of which the
// server says that it is invalid, and that comes from one.
func argumentAtFault(err error) []string {
	answer, _ := kubernetes.Answer(err)
	if answer.Details == nil {
		return nil
	}
	for _, cause := range answer.Details.Causes {
		for _, known := range arguments {
			if fits(known.field, cause.Field) {
				return known.argument
			}
		}
	}
	return nil
}

func fits(expression, field string) bool {
	fitting, err := regexp.MatchString(expression, field)
	return fitting && err == nil
}
