package cronjob

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// action is a request, as messages name it.
type action struct {
	verb      string // what a user does: read, write, delete
	object    key
	namespace string
}

func (a action) String() string {
	return fmt.Sprintf("%s %s in namespace %s", a.verb, a.object, a.namespace)
}

// fail puts an error into a user's words.
func (p *platform) fail(a action, err error) *spec.Failure {
	e := kubernetes.Explain(err, kubernetes.Request{Host: p.host, Resource: resources[a.object.kind].GroupResource(), Namespace: a.namespace})
	f := &spec.Failure{Doing: a.String(), Err: err, Reason: e.Reason, Advice: e.Advice}
	switch e.Cause {
	case kubernetes.CauseUnanswered, kubernetes.CauseOther:
		if errors.Is(err, context.DeadlineExceeded) {
			f.Argument = []string{"timeouts"}
		}
	case kubernetes.CauseNamespaceEnding:
		f.Advice = "Wait until it is gone and make it anew, or choose another namespace."
		f.Argument = []string{"kubernetes", "namespace"}
	case kubernetes.CauseNamespaceMissing:
		f.Advice = "The upgrader runs in the delegate's namespace, which has to exist: check its name, or let the resource depend on what makes it."
		f.Argument = []string{"kubernetes", "namespace"}
	case kubernetes.CauseConflict:
		conflicting(f, a, kubernetes.Conflicts(err))
	case kubernetes.CauseInvalid:
		f.Advice = "Correct the argument that the field comes from."
		f.Argument = argumentAtFault(err)
	case kubernetes.CauseTooLarge:
		f.Advice = "Make labels, annotations or environment variables fewer or shorter."
	case kubernetes.CauseAdmission, kubernetes.CauseForbidden, kubernetes.CauseUnauthorized: // all is said
	}
	return f
}

// firstOf is the first failure, with what the others say.
func firstOf(failures []*spec.Failure) *spec.Failure {
	var first *spec.Failure
	for _, failure := range failures {
		switch {
		case failure == nil:
		case first == nil:
			first = failure
		default:
			other := spec.Failure{Doing: failure.Doing, Reason: failure.Reason}
			first.Advice += " Also: could not" + strings.TrimPrefix(other.Error(), "Could not")
		}
	}
	return first
}
