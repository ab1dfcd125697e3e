package kubernetes

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// Answer is the server's answer behind an error, if it answered.
func Answer(err error) (metav1.Status, bool) {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return metav1.Status{}, false
	}
	return answer.Status(), true
}

// passing tells a failure that may be over in a moment.
func passing(err error) bool {
	answer, answered := Answer(err)
	if !answered {
		return lostConnection(err)
	}
	switch {
	case internalError(answer):
		return false // Try repeats it a few times
	case answer.Code == http.StatusTooManyRequests, answer.Code >= http.StatusInternalServerError && answer.Code != http.StatusNotImplemented:
		return true // also a webhook that can't be called, and a change of etcd's leader
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		// Somebody else wrote at the same moment. Who owns a field doesn't pass, nor
		// does that an object has been replaced.
		return len(Conflicts(err)) == 0 && !strings.Contains(answer.Message, "Precondition failed") && !strings.Contains(answer.Message, "the UID in the precondition")
	case apierrors.IsForbidden(err):
		return strings.Contains(answer.Message, "status unknown for quota")
	default:
		return false
	}
}

// internalError tells an answer of the API server's own code: what it can't decode,
// merge or convert it can't in a minute either. The trouble of etcd behind it and of
// webhooks has the same code, and passes.
func internalError(answer metav1.Status) bool {
	if answer.Code != http.StatusInternalServerError || answer.Reason != metav1.StatusReasonInternalError {
		return false
	}
	for _, passes := range []string{"etcdserver", "failed calling webhook", "connection refused", "timed out", "timeout", "deadline exceeded", "unavailable"} {
		if strings.Contains(answer.Message, passes) {
			return false
		}
	}
	return true
}

// lostConnection tells that there was no answer because of the way to the server,
// or because it is not running at the moment. A certificate that doesn't fit is
// none of that.
func lostConnection(err error) bool {
	if isTLS(err) || strings.Contains(err.Error(), "getting credentials") {
		return false
	}
	var onTheWay *net.OpError
	var lookup *net.DNSError
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		utilnet.IsHTTP2ConnectionLost(err) || utilnet.IsTimeout(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &onTheWay) || errors.As(err, &lookup) ||
		strings.Contains(err.Error(), "GOAWAY")
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
