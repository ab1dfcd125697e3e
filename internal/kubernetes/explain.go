package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Cause is the kind of an error, for what only the one who asked can advise.
type Cause int

// The causes that advice depends on.
const (
	// CauseOther is an answer that has no cause of its own here.
	CauseOther Cause = iota
	// CauseUnanswered is that the server can't be reached, or not in time.
	CauseUnanswered
	// CauseAdmission is a refusal by a rule of the cluster.
	CauseAdmission
	// CauseNamespaceEnding and CauseNamespaceMissing are about the namespace.
	CauseNamespaceEnding
	CauseNamespaceMissing
	// CauseForbidden and CauseUnauthorized are about the credentials.
	CauseForbidden
	CauseUnauthorized
	// CauseConflict is that others manage the fields.
	CauseConflict
	// CauseInvalid and CauseTooLarge are about what was sent.
	CauseInvalid
	CauseTooLarge
)

// Request is what was asked of a server, as far as explanations name it.
type Request struct {
	// Host is the server's address; it may be empty.
	Host      string
	Resource  schema.GroupResource
	Namespace string
	// Planning says that it was a short look during a plan, for which advice on
	// timeouts makes no sense.
	Planning bool
}

// Explanation is an error of a request in a user's words.
type Explanation struct {
	Cause Cause
	// Reason is what the other side answered.
	Reason string
	// Advice is what to do next, in full sentences. It is empty where only the
	// one who asked knows.
	Advice string
}

// Explain puts an error of a request into a user's words.
func Explain(err error, request Request) Explanation {
	answer, answered := Answer(err)
	switch {
	case !answered:
		return request.unanswered(err)
	case strings.Contains(answer.Message, "admission webhook") && strings.Contains(answer.Message, "denied the request"),
		strings.Contains(answer.Message, "ValidatingAdmissionPolicy"):
		return refusedByAdmission(answer.Message)
	case apierrors.HasStatusCause(err, metav1.CauseType("NamespaceTerminating")):
		return Explanation{CauseNamespaceEnding, fmt.Sprintf("the namespace %s is being deleted", request.Namespace), ""}
	case apierrors.IsNotFound(err) && answer.Details != nil && answer.Details.Kind == "namespaces":
		return Explanation{CauseNamespaceMissing, fmt.Sprintf("there is no namespace %s", request.Namespace), ""}
	case apierrors.IsForbidden(err):
		return request.forbidden(answer.Message)
	case apierrors.IsUnauthorized(err):
		return Explanation{
			CauseUnauthorized, request.server() + " doesn't accept the credentials",
			"They may have expired. Check the token, the client certificate or the exec plugin in the provider's kubernetes block or in the kubeconfig.",
		}
	case len(Conflicts(err)) > 0:
		return Explanation{CauseConflict, ConflictReason(Conflicts(err)), ""}
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return Explanation{CauseInvalid, invalidReason(answer), ""}
	case apierrors.IsRequestEntityTooLargeError(err), answer.Code == http.StatusRequestEntityTooLarge:
		return Explanation{CauseTooLarge, request.server() + " finds the object too large", ""}
	}
	other := Explanation{CauseOther, fmt.Sprintf("%s answered %s", request.server(), answerText(answer)), ""}
	switch {
	case internalError(answer):
		other.Advice = "It answered the same several times, so repeating won't help. The reason is most often a field that the server can't decode, or a webhook or a conversion of the cluster that fails: " +
			"correct the argument that the answer names, or ask those who run the cluster."
	case passing(err) && !request.Planning:
		other.Advice = "It was asked repeatedly. Apply again when the cluster is well, or set longer timeouts."
	}
	return other
}

// server names the server in messages.
func (r Request) server() string {
	if r.Host == "" {
		return "the Kubernetes API server"
	}
	return "the Kubernetes API server " + r.Host
}

func answerText(answer metav1.Status) string {
	if answer.Code == 0 {
		return answer.Message
	}
	return fmt.Sprintf("%d %s: %s", answer.Code, http.StatusText(int(answer.Code)), answer.Message)
}

// unanswered is for errors that aren't the server's.
func (r Request) unanswered(err error) Explanation {
	e := Explanation{Cause: CauseUnanswered}
	var credentials *credentialsError
	if errors.As(err, &credentials) {
		return Explanation{
			CauseUnauthorized, "there are no credentials for " + r.server() + ": " + strings.TrimPrefix(credentials.Error(), noCredentials),
			"The exec plugin in the provider's kubernetes block or in the kubeconfig has failed. Log in again with its tool, or check its arguments and environment.",
		}
	}
	var late *timedOut
	last := err
	if errors.As(err, &late) {
		last = late.last
	}
	switch {
	case isTLS(last):
		e.Reason = fmt.Sprintf("no secure connection to %s: %v", r.server(), root(last))
		e.Advice = "Check the certificate authority (cluster_ca_certificate), tls_server_name and the client certificate in the provider's kubernetes block or in the kubeconfig."
	case errors.Is(err, context.Canceled):
		e.Reason = "it was interrupted"
		e.Advice = "Apply again to go on from there."
	case errors.Is(last, context.DeadlineExceeded):
		e.Reason = r.server() + " didn't answer in time"
		e.Advice = "Check that the cluster is well and can be reached from here, or set longer timeouts."
		if r.Planning {
			e.Advice = "Check that the cluster is well and can be reached from here."
		}
	case lostConnection(last):
		e.Reason = fmt.Sprintf("%s can't be reached: %v", r.server(), root(last))
		e.Advice = "Check the address in the provider's kubernetes block or in the kubeconfig, and the network, VPN or proxy in between."
	default:
		e.Reason = fmt.Sprintf("asking %s failed: %v", r.server(), last)
	}
	return e
}

// root is the innermost cause, which says it in the fewest words.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// webhookDenial is how the API server reports a webhook's refusal.
var webhookDenial = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)admission webhook "([^"]+)" denied the request:?\s*(.*)`)
})

func refusedByAdmission(message string) Explanation {
	e := Explanation{
		CauseAdmission, message,
		"That is a rule of this cluster. Change the argument that it is about, or ask those who run the cluster for an exception.",
	}
	if parts := webhookDenial().FindStringSubmatch(message); parts != nil {
		e.Reason = fmt.Sprintf("the admission webhook %q refused it: %s", parts[1], parts[2])
	}
	return e
}

// notAllowed is how the API server reports a missing right.
var notAllowed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`User "([^"]*)" cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?`)
})

func (r Request) forbidden(message string) Explanation {
	_, reason, found := strings.Cut(message, " is forbidden: ")
	if !found {
		reason = message
	}
	e := Explanation{Cause: CauseForbidden, Reason: reason}
	resource := r.Resource.String()
	switch parts := notAllowed().FindStringSubmatch(message); {
	case parts != nil:
		user, verb := parts[1], parts[2]
		if resource = parts[3]; parts[4] != "" {
			resource += "." + parts[4]
		}
		e.Reason = fmt.Sprintf("the user %q may not %s %s in namespace %s", user, verb, resource, r.Namespace)
		e.Advice = fmt.Sprintf("Have the right granted, and check it with: kubectl auth can-i %s %s --namespace %s --as %q.",
			verb, resource, r.Namespace, user)
	case strings.Contains(message, "attempting to grant RBAC permissions"):
		e.Advice = "Kubernetes lets nobody give rights that they don't have. Use credentials that hold the Role's rights themselves, or that may escalate roles and bind them."
	case strings.Contains(message, "quota"):
		e.Advice = "Have the namespace's ResourceQuota raised, or make room in it."
	default:
		e.Advice = fmt.Sprintf("Check the right with: kubectl auth can-i patch %s --namespace %s.", resource, r.Namespace)
	}
	return e
}

func invalidReason(answer metav1.Status) string {
	var reasons []string
	if answer.Details != nil {
		for _, cause := range answer.Details.Causes {
			reasons = append(reasons, strings.TrimPrefix(cause.Field+": "+cause.Message, ": "))
		}
	}
	if len(reasons) == 0 {
		reasons = []string{answer.Message}
	}
	return "the API server finds it invalid: " + strings.Join(reasons, "; ")
}
