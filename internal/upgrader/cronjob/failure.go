package cronjob

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
	f := &spec.Failure{Doing: a.String(), Err: err}
	answer, answered := status(err)
	switch {
	case !answered:
		p.unanswered(f, err)
	case strings.Contains(answer.Message, "admission webhook") && strings.Contains(answer.Message, "denied the request"),
		strings.Contains(answer.Message, "ValidatingAdmissionPolicy"):
		refusedByAdmission(f, answer.Message)
	case apierrors.HasStatusCause(err, metav1.CauseType("NamespaceTerminating")):
		f.Reason = fmt.Sprintf("the namespace %s is being deleted", a.namespace)
		f.Advice = "Wait until it is gone and make it anew, or choose another namespace."
		f.Argument = []string{"kubernetes", "namespace"}
	case apierrors.IsNotFound(err) && answer.Details != nil && answer.Details.Kind == "namespaces":
		f.Reason = fmt.Sprintf("there is no namespace %s", a.namespace)
		f.Advice = "The upgrader runs in the delegate's namespace, which has to exist: check its name, or let the resource depend on what makes it."
		f.Argument = []string{"kubernetes", "namespace"}
	case apierrors.IsForbidden(err):
		p.forbidden(f, a, answer.Message)
	case apierrors.IsUnauthorized(err):
		f.Reason = p.server() + " doesn't accept the credentials"
		f.Advice = "They may have expired. Check the token, the client certificate or the exec plugin in the provider's kubernetes block or in the kubeconfig."
	case len(conflicts(err)) > 0:
		conflicting(f, a, conflicts(err))
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		invalid(f, answer)
	case apierrors.IsRequestEntityTooLargeError(err), answer.Code == http.StatusRequestEntityTooLarge:
		f.Reason = p.server() + " finds the object too large"
		f.Advice = "Make labels, annotations or environment variables fewer or shorter."
	default:
		f.Reason = fmt.Sprintf("%s answered %s", p.server(), answerText(answer))
		if passing(err) {
			f.Advice = "It was asked repeatedly. Apply again when the cluster is well, or set longer timeouts."
			f.Argument = timeoutArgument(err)
		}
	}
	return f
}

// server names the server in messages.
func (p *platform) server() string {
	if p.host == "" {
		return "the Kubernetes API server"
	}
	return "the Kubernetes API server " + p.host
}

func answerText(answer metav1.Status) string {
	if answer.Code == 0 {
		return answer.Message
	}
	return fmt.Sprintf("%d %s: %s", answer.Code, http.StatusText(int(answer.Code)), answer.Message)
}

// timeoutArgument is timeouts where they ended it.
func timeoutArgument(err error) []string {
	if errors.Is(err, context.DeadlineExceeded) {
		return []string{"timeouts"}
	}
	return nil
}

// unanswered is for errors that aren't the server's.
func (p *platform) unanswered(f *spec.Failure, err error) {
	f.Argument = timeoutArgument(err)
	var late *timedOut
	last := err
	if errors.As(err, &late) {
		last = late.last
	}
	switch {
	case isTLS(last):
		f.Reason = fmt.Sprintf("no secure connection to %s: %v", p.server(), root(last))
		f.Advice = "Check the certificate authority (cluster_ca_certificate), tls_server_name and the client certificate in the provider's kubernetes block or in the kubeconfig."
	case errors.Is(err, context.Canceled):
		f.Reason = "it was interrupted"
		f.Advice = "Apply again to go on from there."
	case errors.Is(last, context.DeadlineExceeded):
		f.Reason = p.server() + " didn't answer in time"
		f.Advice = "Check that the cluster is well and can be reached from here, or set longer timeouts."
	case lostConnection(last):
		f.Reason = fmt.Sprintf("%s can't be reached: %v", p.server(), root(last))
		f.Advice = "Check the address in the provider's kubernetes block or in the kubeconfig, and the network, VPN or proxy in between."
	default:
		f.Reason = fmt.Sprintf("asking %s failed: %v", p.server(), last)
	}
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

func isTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var certificate x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &name) ||
		errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert)
}

// webhookDenial is how the API server reports a webhook's refusal.
var webhookDenial = lazily(`(?s)admission webhook "([^"]+)" denied the request:?\s*(.*)`)

func refusedByAdmission(f *spec.Failure, message string) {
	f.Reason = message
	if parts := webhookDenial().FindStringSubmatch(message); parts != nil {
		f.Reason = fmt.Sprintf("the admission webhook %q refused it: %s", parts[1], parts[2])
	}
	f.Advice = "That is a rule of this cluster. Change the argument that it is about, or ask those who run the cluster for an exception."
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
