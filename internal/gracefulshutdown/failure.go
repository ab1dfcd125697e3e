package gracefulshutdown

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// The summaries of this resource's errors.
const (
	unableToSet      = "Unable to Set Grace Period"
	unableToRead     = "Unable to Read Grace Period"
	unableToGiveBack = "Unable to Give Grace Period Back"
	unableToImport   = "Unable to Import Grace Period"
	rolloutNotOver   = "Rollout Not Finished"
)

// explain puts an error of the cluster into a user's words. Doing is a verb:
// read, write.
func (c *cluster) explain(summary, doing string, p place, err error) diag.Diagnostic {
	e := kubernetes.Explain(err, kubernetes.Request{Host: c.host, Resource: resources[p.kind].GroupResource(), Namespace: p.namespace})
	advice, argument := e.Advice, ""
	switch e.Cause {
	case kubernetes.CauseUnanswered, kubernetes.CauseOther:
		if errors.Is(err, context.DeadlineExceeded) {
			argument = attrTimeouts
		}
	case kubernetes.CauseConflict:
		advice, argument = conflictAdvice(p, kubernetes.Managers(kubernetes.Conflicts(err))), attrForceConflicts
	case kubernetes.CauseInvalid:
		argument = attrSeconds
	case kubernetes.CauseNamespaceEnding, kubernetes.CauseNamespaceMissing:
		argument = attrNamespace
	case kubernetes.CauseAdmission, kubernetes.CauseForbidden, kubernetes.CauseUnauthorized, kubernetes.CauseTooLarge: // all is said
	}
	detail := strings.TrimSpace(fmt.Sprintf("Could not %s %s: %s. %s", doing, p, strings.TrimRight(e.Reason, ". \n"), advice))
	if argument == "" {
		return diag.NewErrorDiagnostic(summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(argument), summary, detail)
}

// conflictAdvice is the way out where others own the field.
func conflictAdvice(p place, managers []string) string {
	return fmt.Sprintf("Set force_conflicts = true to take the field over. If %s writes %s/%s again, as \"helm upgrade\" does, it takes the field back: "+
		"the next plan shows that, and the apply after it sets the field again. "+
		"Where those who write the workload can set %s there, do that instead of using this resource.",
		strings.Join(managers, " or "), p.kind, p.name, field)
}

// missing says that there is no workload to set anything of.
func missing(p place) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attrName), unableToSet, fmt.Sprintf(
		"There is no %s, and this resource makes none. Check namespace, kind and name; "+
			"or, if the same apply installs the delegate, let this resource depend on what does (depends_on).", p))
}

// alreadyOurs refuses to be the second to manage a workload.
func alreadyOurs(p place) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attrName), unableToSet, fmt.Sprintf(
		"The grace period of %s is managed by a harnessdelegate_graceful_shutdown already, as the field manager %q shows: "+
			"by another one, or by one whose state was lost. Keep one for each workload. To go on with a lost one, import it, with a block\n\n"+
			"  import {\n    to = harnessdelegate_graceful_shutdown.NAME\n    id = %q\n  }\n\n"+
			"or with: terraform import harnessdelegate_graceful_shutdown.NAME %s", p, FieldManager, p.id(), p.id()))
}

// unanswered tells that a write may have had an effect all the same.
func unanswered(err error) bool {
	_, answered := kubernetes.Answer(err)
	return err != nil && !answered
}
