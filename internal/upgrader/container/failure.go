package container

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

var (
	errStillThere = errors.New("the engine has removed it, yet it is still there")
	errGone       = errors.New("somebody has removed it meanwhile")
)

// fail says in a user's words why something could not be done.
func (p *platform) fail(doing string, err error, hidden secret.Mask) error {
	if err == nil {
		return nil
	}
	var already *spec.Failure
	if errors.As(err, &already) {
		return already
	}
	failure := &spec.Failure{Doing: doing, Reason: hidden.Hide(reason(err)), Err: err, Unanswered: isUnanswered(err)}
	if failure.Reason != reason(err) {
		// The cause would show what was just hidden.
		failure.Err = errors.New(failure.Reason)
	}
	p.advise(failure, err)
	return failure
}

// isUnanswered tells that the engine could not be asked at all.
func isUnanswered(err error) bool {
	return client.IsErrConnectionFailed(err) || isTLS(err) || unanswered(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// reason is the error without what the client library puts in front and behind,
// so that it can stand within a sentence. Whether the engine runs is what our own
// advice asks.
func reason(err error) string {
	text := strings.TrimPrefix(err.Error(), "Error response from daemon: ")
	return unended(strings.TrimSuffix(unended(text), ". Is the docker daemon running"))
}

// unended is a text without what ends its last sentence.
func unended(text string) string { return strings.TrimRight(text, ".?!:;, \r\n\t") }

// advise says what to do next, and which argument is at fault.
func (p *platform) advise(f *spec.Failure, err error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f.Reason = "the time was up before the engine at " + p.host + " had done it"
		f.Advice = "Apply again: what was done is kept, and the rest follows. If the engine is slow, raise `timeouts`."
	case errors.Is(err, context.Canceled):
		f.Reason = "it was cancelled"
		f.Advice = "Apply again: what was done is kept, and the rest follows."
	case strings.Contains(f.Reason, "supported API version"):
		f.Advice = fmt.Sprintf("The engine at %s must speak API version %s or later, which Docker Engine 19.03 was the first to do. Upgrade the engine, and unset DOCKER_API_VERSION if it is set.", p.host, client.MinAPIVersion)
	case isPermission(err):
		f.Advice = "The user that runs Terraform must have the right to use the engine's socket at " + p.host + ": add it to the group `docker` and sign in again, or run Terraform as a user that has the right."
	case isMissingSocket(err):
		f.Advice = "There is no socket at " + p.host + ": start the engine, or set `host` in the provider's `docker` block or DOCKER_HOST to where the engine listens."
	case isTLS(err):
		f.Advice = "The engine at " + p.host + " and this provider don't agree about TLS: check `ca_material`, `cert_material`, `key_material` or `cert_path` in the provider's `docker` block."
	case client.IsErrConnectionFailed(err) && strings.HasPrefix(p.host, "ssh:"):
		f.Advice = "The engine at " + p.host + " can't be reached: check that `ssh` to that host works without a question asked, and that `docker version` works there."
	case client.IsErrConnectionFailed(err):
		f.Advice = "The engine at " + p.host + " can't be reached: check that it runs and that the address is right."
	default:
		adviseOnAnswer(f, err)
	}
}

// adviseOnAnswer is about what the engine has answered: the argument is the one
// whose refusal it sounds like.
func adviseOnAnswer(f *spec.Failure, err error) {
	text := strings.ToLower(f.Reason)
	for _, field := range fields {
		for _, refusal := range field.refusals {
			if match, _ := regexp.MatchString(refusal.words, text); match {
				f.Argument, f.Advice = field.argument, refusal.advice
				return
			}
		}
	}
	switch {
	case cerrdefs.IsConflict(err):
		f.Advice = "Something else is changing the container at the same time. Apply again."
	case cerrdefs.IsInternal(err), cerrdefs.IsUnavailable(err):
		f.Advice = "The engine's own log says more. Apply again once it is well."
	}
}

// isPermission tells that the socket is there and may not be used. The client
// library keeps the words and drops the error.
func isPermission(err error) bool {
	return client.IsErrConnectionFailed(err) &&
		(errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "permission denied while trying to connect"))
}

func isMissingSocket(err error) bool {
	return client.IsErrConnectionFailed(err) && errors.Is(err, os.ErrNotExist)
}

func isTLS(err error) bool {
	var (
		record    tls.RecordHeaderError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		alert     tls.AlertError
	)
	if errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &alert) {
		return true
	}
	if strings.Contains(err.Error(), "sent an HTTP request to an HTTPS server") {
		return true
	}
	return client.IsErrConnectionFailed(err) &&
		(strings.Contains(err.Error(), "TLS-enabled daemon without TLS") || strings.Contains(err.Error(), "--tlsverify") ||
			strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"))
}
