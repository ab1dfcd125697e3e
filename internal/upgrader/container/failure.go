package container

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

var errStillThere = errors.New("the engine has removed it, yet it is still there")

// Paths of arguments.
var (
	argImage         = []string{"image"}
	argToken         = []string{"token"}
	argProxyPassword = []string{"proxy", "password"}
	argDelegate      = []string{"delegate_name"}
	argAccount       = []string{"account_id"}
	argManager       = []string{"manager_endpoint"}
	argName          = []string{"docker", "name"}
	argSocket        = []string{"docker", "socket_path"}
	argCPUs          = []string{"docker", "cpus"}
	argMemory        = []string{"docker", "memory_mb"}
	argRestartPolicy = []string{"docker", "restart_policy"}
	argNetwork       = []string{"docker", "network"}
	argLabels        = []string{"docker", "labels"}
	argEnv           = []string{"docker", "env"}
	argLogDriver     = []string{"docker", "log_driver"}
	argLogOptions    = []string{"docker", "log_options"}
	argPullPolicy    = []string{"docker", "pull_policy"}
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
	failure := &spec.Failure{Doing: doing, Reason: hidden.Hide(reason(err)), Err: err}
	if failure.Reason != reason(err) {
		// The cause would show what was just hidden.
		failure.Err = errors.New(failure.Reason)
	}
	p.advise(failure, err)
	return failure
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
