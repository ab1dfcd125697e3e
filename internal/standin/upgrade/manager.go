package upgrade

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// clockTolerance is how far the Manager's clock may be off without being noticed.
const clockTolerance = time.Minute

// manager is the Manager, as an upgrader sees it.
type manager struct {
	base      string
	accountID string
	token     string
	client    *http.Client
	// ahead is how far the Manager's clock is ahead of this one.
	ahead time.Duration
	logf  func(string, ...any)
}

// access is how the Manager is reached.
type access struct {
	address, accountID, token string
	proxy                     standin.Proxy
	// certificates is empty without mTLS.
	certificates []tls.Certificate
}

// newManager prepares calls. Beside the system's authorities it trusts those in the folder /ca-bundle, if there is one.
func newManager(h Host, a access, logf func(string, ...any)) (*manager, error) {
	address, err := standin.ParseManagerHost(a.address)
	if err != nil {
		return nil, err
	}
	proxy, err := a.proxy.URL()
	if err != nil {
		return nil, err
	}
	roots, err := h.authorities()
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		logf("calls of the Manager go through the proxy %s", proxy.Host)
	}
	return &manager{
		base:      strings.TrimSuffix(address.String(), "/"),
		accountID: a.accountID,
		token:     a.token,
		logf:      logf,
		client: &http.Client{
			Timeout: callTimeout,
			Transport: &http.Transport{
				Proxy:             http.ProxyURL(proxy),
				TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: a.certificates},
				DisableKeepAlives: true, // The next call is an hour away.
			},
		},
	}, nil
}

// authorities are the ones that the Manager's certificate may be of.
func (h Host) authorities() (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	const folder = "/ca-bundle"
	entries, err := os.ReadDir(h.path(folder))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "..") {
			continue // Kubernetes keeps the versions of a mounted Secret there.
		}
		text, err := h.read(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s/%s has no certificate", folder, entry.Name())
		}
	}
	return pool, nil
}

// askDelegate asks for the image of a delegate that runs current.
func (m *manager) askDelegate(ctx context.Context, name, current string) (standin.Answer, error) {
	return m.ask(ctx, "/api/upgrade-check/delegate-v2", url.Values{
		"accountId": {m.accountID}, "currentDelegateImageTag": {current}, "delegateGroupName": {name},
	})
}

// askUpgrader asks for the image of the upgrader itself.
func (m *manager) askUpgrader(ctx context.Context, current string) (standin.Answer, error) {
	return m.ask(ctx, "/api/upgrade-check/upgrader", url.Values{
		"accountId": {m.accountID}, "currentUpgraderImageTag": {current},
	})
}

// ask asks once, and once more if the answer shows that the Manager's clock is another one.
func (m *manager) ask(ctx context.Context, path string, query url.Values) (standin.Answer, error) {
	answer, ahead, err := m.try(ctx, path, query)
	if err == nil || (ahead-m.ahead).Abs() <= clockTolerance {
		return answer, err
	}
	m.ahead = ahead
	m.logf("the Manager's clock shows %s, signing in by it", time.Now().Add(ahead).UTC().Format(time.RFC3339))
	answer, _, err = m.try(ctx, path, query)
	return answer, err
}

// try asks, and tells how far the Manager's clock is ahead.
func (m *manager) try(ctx context.Context, path string, query url.Values) (standin.Answer, time.Duration, error) {
	now := time.Now()
	signature, err := sign(m.token, m.accountID, now.Add(m.ahead))
	if err != nil {
		return standin.Answer{}, m.ahead, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.base+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return standin.Answer{}, m.ahead, err
	}
	request.Header.Set("Authorization", "Delegate "+signature)
	response, err := m.client.Do(request)
	if err != nil {
		return standin.Answer{}, m.ahead, fmt.Errorf("asking the Manager: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	ahead := m.ahead
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		ahead = date.Sub(now)
	}
	answer, err := readAnswer(response)
	if err != nil {
		return standin.Answer{}, ahead, fmt.Errorf("asking the Manager at %s: %w", m.base+path, err)
	}
	return answer, ahead, nil
}

// readAnswer takes the answer out of its envelope, or tells why there is none.
func readAnswer(response *http.Response) (standin.Answer, error) {
	var reply struct {
		Code, Message string
		Resource      standin.Answer
	}
	err := json.NewDecoder(io.LimitReader(response.Body, maxReply)).Decode(&reply)
	switch {
	case response.StatusCode != http.StatusOK && err == nil && reply.Code != "":
		return standin.Answer{}, fmt.Errorf("it answered %s, %s: %s", response.Status, reply.Code, reply.Message)
	case response.StatusCode != http.StatusOK:
		return standin.Answer{}, fmt.Errorf("it answered %s", response.Status)
	case err != nil:
		return standin.Answer{}, fmt.Errorf("reading its answer: %w", err)
	case reply.Resource.ImageTag == "":
		return standin.Answer{}, errors.New("its answer names no image")
	}
	return reply.Resource, nil
}
