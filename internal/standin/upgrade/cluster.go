package upgrade

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/"

// cluster is the API server of Kubernetes, as a pod sees it.
type cluster struct {
	base   string
	token  string
	client *http.Client
}

// newCluster prepares calls with what Kubernetes puts into every pod.
func newCluster(h Host) (*cluster, error) {
	host, port := h.get("KUBERNETES_SERVICE_HOST"), h.get("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("this is no pod of Kubernetes: KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is missing")
	}
	token, err := h.read(serviceAccount + "token")
	if err != nil {
		return nil, fmt.Errorf("reading the service account: %w", err)
	}
	authority, err := h.read(serviceAccount + "ca.crt")
	if err != nil {
		return nil, fmt.Errorf("reading the service account: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, errors.New("the service account's ca.crt has no certificate")
	}
	return &cluster{
		base:  "https://" + net.JoinHostPort(host, port),
		token: strings.TrimSpace(string(token)),
		client: &http.Client{
			Timeout:   callTimeout,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, DisableKeepAlives: true},
		},
	}, nil
}

// get reads an object.
func (c *cluster) get(ctx context.Context, path string, object any) error {
	body, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, object); err != nil {
		return fmt.Errorf("GET %s: reading the reply: %w", path, err)
	}
	return nil
}

// patch changes what the fragment names, and nothing else.
func (c *cluster) patch(ctx context.Context, path string, fragment any) error {
	body, err := json.Marshal(fragment)
	if err != nil {
		return fmt.Errorf("PATCH %s: %w", path, err)
	}
	_, err = c.call(ctx, http.MethodPatch, path, body)
	return err
}

func (c *cluster) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	// The part before the slash is the name of the field manager that Kubernetes notes for changes.
	request.Header.Set("User-Agent", "upgrader/standin")
	if method == http.MethodPatch {
		request.Header.Set("Content-Type", "application/strategic-merge-patch+json")
	}
	status, reply, err := fetch(c.client, request)
	if err != nil {
		return nil, fmt.Errorf("calling Kubernetes: %w", err)
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s %s: Kubernetes answered %d: %s", method, path, status, messageOf(reply))
	}
	return reply, nil
}

// messageOf is the text in an error body, or the body itself if it has none. Kubernetes and the Engine agree on that.
func messageOf(body []byte) string {
	var status struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &status); err == nil && status.Message != "" {
		return status.Message
	}
	return strings.TrimSpace(string(body))
}
