package cronjob

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// action is a request, as messages name it.
type action struct {
	verb      string // what a user does: read, write, delete
	object    key
	namespace string
}

// String is what could not be done.
func (a action) String() string {
	return fmt.Sprintf("%s %s in namespace %s", a.verb, a.object, a.namespace)
}

// fail puts an error into a user's words.
func (p *platform) fail(a action, err error) *spec.Failure {
	e := kubernetes.Explain(err, kubernetes.Request{Host: p.host, Resource: kinds[a.object.kind].resource.GroupResource(), Namespace: a.namespace})
	_, answered := kubernetes.Answer(err)
	f := &spec.Failure{Doing: a.String(), Err: err, Reason: e.Reason, Advice: e.Advice, Unanswered: !answered}
	switch e.Cause {
	case kubernetes.CauseUnanswered, kubernetes.CauseOther:
		if errors.Is(err, context.DeadlineExceeded) {
			f.Argument = []string{"timeouts"}
		}
	case kubernetes.CauseNamespaceEnding:
		f.Advice = "Wait until it is deleted and create it again, or choose another namespace."
		f.Argument = []string{"kubernetes", "namespace"}
	case kubernetes.CauseNamespaceMissing:
		f.Advice = "The upgrader runs in the delegate's namespace, which must exist: check its name, or let the resource depend on what creates it."
		f.Argument = []string{"kubernetes", "namespace"}
	case kubernetes.CauseConflict:
		f.Advice = conflictAdvice(a.object, kubernetes.Conflicts(err))
		f.Argument = forceConflicts()
	case kubernetes.CauseInvalid:
		f.Advice = "Correct the argument that the field comes from."
		f.Argument = argumentAtFault(err)
	case kubernetes.CauseTooLarge:
		f.Advice = "Use fewer or shorter labels, annotations or environment variables."
	case kubernetes.CauseAdmission, kubernetes.CauseForbidden, kubernetes.CauseUnauthorized: // all is said
	}
	return f
}

func forceConflicts() []string { return []string{"kubernetes", "force_conflicts"} }

// conflict is the failure for fields that others own.
func (a *application) conflict(k key, conflicts []kubernetes.Conflict) *spec.Failure {
	return &spec.Failure{
		Doing:    a.writing(k),
		Reason:   kubernetes.ConflictReason(conflicts) + ", and this resource would change that. Nothing was written",
		Advice:   conflictAdvice(k, conflicts),
		Argument: forceConflicts(),
	}
}

// conflictAdvice says how to decide who owns the fields.
func conflictAdvice(k key, conflicts []kubernetes.Conflict) string {
	managers := kubernetes.Managers(conflicts)
	if slices.Contains(managers, "helm") {
		return fmt.Sprintf("A Helm release writes %s, too, and only one of the two should own the upgrader. "+
			"To keep it with this resource, annotate its objects with helm.sh/resource-policy: keep, and upgrade the release with upgrader.enabled=false; then apply with force_conflicts = true in the kubernetes block, because Helm stays recorded as the owner of what it has set. "+
			"To keep it with Helm, remove this resource from the configuration and run terraform state rm. "+
			"Without the handover, force_conflicts = true takes the fields over, too, but Helm 4 fails on them at its next upgrade, unless it runs with --force-conflicts, and Helm 3 writes its own values again.", k)
	}
	return fmt.Sprintf("Set force_conflicts = true in the kubernetes block to take the fields over, and make sure that %s no longer writes them to %s; otherwise each undoes what the other does.",
		strings.Join(managers, ", "), k)
}

// argumentAtFault is the argument of the first field that the server calls invalid
// and that comes from one.
func argumentAtFault(err error) []string {
	answer, _ := kubernetes.Answer(err)
	if answer.Details == nil {
		return nil
	}
	for _, cause := range answer.Details.Causes {
		if argument := argumentOf(cause.Field); argument != "" {
			return strings.Split(argument, ".")
		}
	}
	return nil
}

// argumentOf is the argument that a field of the objects comes from, by the path
// that the API server gives it.
func argumentOf(path string) string {
	path = regexp.MustCompile(`containers\[\d+\]`).ReplaceAllString(path, "containers["+containerName+"]")
	for _, f := range fields {
		if f.argument != "" && (path == f.path || strings.HasPrefix(path, f.path+".") || strings.HasPrefix(path, f.path+"[")) {
			return f.argument
		}
	}
	for prefix, argument := range map[string]string{
		"rules": "kubernetes.rbac", "metadata.labels": "kubernetes.labels", "metadata.annotations": "kubernetes.annotations",
		inJob + "template.metadata.labels": "kubernetes.pod_labels", inJob + "template.metadata.annotations": "kubernetes.pod_annotations",
	} {
		if strings.HasPrefix(path, prefix) {
			return argument
		}
	}
	return ""
}

// firstOf is the first failure, with what the others say.
func firstOf(failures []*spec.Failure) *spec.Failure {
	var first *spec.Failure
	for _, failure := range failures {
		switch {
		case failure == nil:
		case first == nil:
			first = failure
		case failure.Reason == first.Reason: // the same is wrong with all of them
		default:
			other := spec.Failure{Doing: failure.Doing, Reason: failure.Reason}
			first.Advice += " Also: could not" + strings.TrimPrefix(other.Error(), "Could not")
		}
	}
	return first
}

// mask hides secrets in what failures quote of others.
type mask struct{ secret.Mask }

func newMask(secrets ...secret.Text) mask { return mask{secret.NewMask(secrets...)} }

// failure masks what the other side has said. What is being done and what to do
// next are our own words; where they quote others, those who write them mask the
// quotation. The cause is left out if it holds a secret: others may print it.
func (m mask) failure(f *spec.Failure) *spec.Failure {
	f.Reason = m.Hide(f.Reason)
	if f.Err != nil && m.Hide(f.Err.Error()) != f.Err.Error() {
		f.Err = nil
	}
	return f
}

// failures masks several before one's advice quotes the others.
func (m mask) failures(all []*spec.Failure) []*spec.Failure {
	for _, f := range all {
		if f != nil {
			_ = m.failure(f) // it changes f itself
		}
	}
	return all
}
