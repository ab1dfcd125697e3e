package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// bed is a control plane and its folder.
type bed struct {
	dir       string
	stderr    io.Writer
	authority *authority
	port      int
	apiServer *process
	others    []*process
	// users counts the users made on request: two may have one name.
	users int
}

// self is the user as whom the bed looks after itself. The audit log leaves it
// out.
const self = "testbed"

// patience is how long a component may take to get ready. It takes seconds; a
// busy machine takes more.
const patience = 2 * time.Minute

// host is the API server's URL.
func (b *bed) host() string { return fmt.Sprintf("https://%s:%d", loopback, b.port) }

// startAll starts everything and waits until pods can be made in the namespace
// default: those need its service account.
func (b *bed) startAll(ctx context.Context) error {
	store, err := b.start(etcd, b.etcdFlags())
	if err != nil {
		return err
	}
	b.others = append(b.others, store)
	if err := b.startAPIServerSomewhere(ctx); err != nil {
		return err
	}
	users := map[string][]string{
		self: {"system:masters"}, "admin": {"system:masters"},
		"system:kube-controller-manager": nil, "system:kube-scheduler": nil,
	}
	for user, groups := range users {
		if err := b.writeKubeconfig(kubeconfig(user), user, groups); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name  string
		flags []string
	}{{kubeControllerManager, b.controllerManagerFlags()}, {kubeScheduler, b.schedulerFlags()}} {
		p, err := b.start(c.name, c.flags)
		if err != nil {
			return err
		}
		b.others = append(b.others, p)
	}
	return b.await(ctx, "/api/v1/namespaces/default/serviceaccounts/default")
}

// startAPIServerSomewhere starts the API server on a free port. Somebody may
// have taken that by the time the server listens; then another one is tried.
func (b *bed) startAPIServerSomewhere(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		var err error
		if b.port, err = freePort(); err != nil {
			return err
		}
		err = b.startAPIServer(ctx)
		if err == nil || attempt == 3 || !strings.Contains(b.apiServer.tail(), "address already in use") {
			return err
		}
	}
}

// startAPIServer starts the API server on its port, again if it runs, and waits
// until it's ready.
func (b *bed) startAPIServer(ctx context.Context) error {
	if b.apiServer != nil {
		b.apiServer.kill()
	}
	p, err := b.start(kubeAPIServer, b.apiServerFlags())
	if err != nil {
		return err
	}
	b.apiServer = p
	return b.await(ctx, "/readyz")
}

// await asks the API server for a path until the answer is 200.
func (b *bed) await(ctx context.Context, path string) error {
	client, err := b.client()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		last := get(ctx, client, b.host()+path)
		if last == nil {
			return nil
		}
		select {
		case <-b.apiServer.ended:
			return errors.New("the API server ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %w\n%s", path, ctx.Err(), last, b.apiServer.tail())
		case <-tick.C:
		}
	}
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// client is one that the API server obeys.
func (b *bed) client() (*http.Client, error) {
	certificate, key, err := b.authority.client(self, []string{"system:masters"})
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(b.authority.certificate)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}},
	}}, nil
}

// remove kills every component and removes the folder.
func (b *bed) remove() {
	if b.apiServer != nil {
		b.apiServer.kill()
	}
	for _, p := range b.others {
		p.kill()
	}
	if err := os.RemoveAll(b.dir); err != nil {
		fmt.Fprintln(b.stderr, "testbed:", err)
	}
}
