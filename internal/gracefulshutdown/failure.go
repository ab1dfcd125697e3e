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
	unableToGiveBack = "Unable to Give Back Grace Period"
	unableToImport   = "Unable to Import Grace Period"
	rolloutNotOver   = "Rollout Not Finished"
)

// explain puts an error of the cluster into a user's words. Doing is a verb: read
// or write. Of the workload, what is known of it is enough.
func (c *cluster) explain(summary, doing string, w workload, err error) diag.Diagnostic {
	p := w.place
	e := kubernetes.Explain(err, kubernetes.Request{Host: c.host, Resource: resources[p.kind].GroupResource(), Namespace: p.namespace})
	advice, argument := e.Advice, ""
	switch e.Cause {
	case kubernetes.CauseUnanswered, kubernetes.CauseOther:
		if errors.Is(err, context.DeadlineExceeded) {
			argument = attrTimeouts
		}
	case kubernetes.CauseConflict:
		advice, argument = conflictAdvice(w), attrForceConflicts
	case kubernetes.CauseInvalid:
		argument = attrSeconds
	case kubernetes.CauseNamespaceEnding, kubernetes.CauseNamespaceMissing:
		argument = attrNamespace
	case kubernetes.CauseAdmission, kubernetes.CauseForbidden, kubernetes.CauseUnauthorized, kubernetes.CauseTooLarge: // no argument is to blame
	}
	detail := strings.TrimSpace(fmt.Sprintf("Could not %s %s: %s. %s", doing, p, strings.TrimRight(e.Reason, ". \n"), advice))
	if argument == "" {
		return diag.NewErrorDiagnostic(summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(argument), summary, detail)
}

// notChecked says what a plan couldn't look at.
func (c *cluster) notChecked(p place, err error) diag.Diagnostic {
	e := kubernetes.Explain(err, kubernetes.Request{Host: c.host, Resource: resources[p.kind].GroupResource(), Namespace: p.namespace, Planning: true})
	return diag.NewWarningDiagnostic("Workload Not Checked", strings.TrimSpace(fmt.Sprintf(
		"The plan could not read %s: %s. It did not check whether the workload exists, who else manages its grace period, and whether its pods are replaced. Apply needs this access. %s",
		p, strings.TrimRight(e.Reason, ". \n"), e.Advice)))
}

// missing says that there is no such workload.
func missing(p place) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attrName), unableToSet, fmt.Sprintf(
		"There is no %s, and this resource doesn't create it. Check namespace, kind and name. "+
			"If the same configuration installs the delegate, add depends_on with the resource that does.", p))
}

// alreadyOurs refuses a second resource for a workload.
func alreadyOurs(p place) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attrName), unableToSet, fmt.Sprintf(
		"A harnessdelegate_graceful_shutdown already manages the grace period of %s, as the field manager %q shows. "+
			"Keep one for each workload, and don't replace it with create_before_destroy. If its state was lost, import it:\n\n"+
			"  import {\n    to = harnessdelegate_graceful_shutdown.NAME\n    id = %q\n  }", p, FieldManager, p.id()))
}

// unanswered tells whether a write failed without an answer, so that it may have
// had an effect.
func unanswered(err error) bool {
	_, answered := kubernetes.Answer(err)
	return err != nil && !answered
}
