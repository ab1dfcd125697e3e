package dockertest_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// through makes a client of the engine at another address.
func through(t *testing.T, host string, options ...client.Opt) *client.Client {
	t.Helper()
	api, err := client.New(append([]client.Opt{client.WithHost(host)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	return api
}

func ping(ctx context.Context, api *client.Client) error {
	_, err := api.Ping(ctx, client.PingOptions{})
	return err
}

func TestProxyPassesAllOfAContainersLife(t *testing.T) {
	e := dockertest.Need(t)
	name := dockertest.UniqueName(t)
	delegateImage(t, e, name+":1", "1")
	p := e.Proxy(t)
	api := through(t, p.Host())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	events := api.Events(ctx, client.EventsListOptions{Filters: client.Filters{}.Add("container", name)})
	created, err := api.ContainerCreate(ctx, named(name, name+":1"))
	if err != nil {
		t.Fatal(err)
	}
	e.Sweep(t, name)
	// Attaching makes the connection stop being HTTP.
	attached, err := api.ContainerAttach(ctx, created.ID, client.ContainerAttachOptions{Stream: true, Stdout: true})
	if err != nil {
		t.Fatal(err)
	}
	defer attached.Close()
	if _, err := api.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	line, err := attached.Reader.ReadString('\n')
	if err != nil || !strings.Contains(line, "version 1, is up") {
		t.Errorf("attached, and read %q, %v", line, err)
	}
	timeout := 5
	if _, err := api.ContainerStop(ctx, created.ID, client.ContainerStopOptions{Timeout: &timeout}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"create", "attach", "start"} {
		select {
		case message := <-events.Messages:
			wantEqual(t, string(message.Action), want)
		case err := <-events.Err:
			t.Fatal(err)
		}
	}
	if _, err := api.ContainerRemove(ctx, created.ID, client.ContainerRemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	counts := p.Requests()
	for _, kind := range []string{
		"POST /containers/create", "POST /containers/{id}/attach", "POST /containers/{id}/start",
		"POST /containers/{id}/stop", "DELETE /containers/{id}", "GET /events",
	} {
		if counts[kind] != 1 {
			t.Errorf("%s was counted %d times, want 1, in %v", kind, counts[kind], counts)
		}
	}
}

func TestProxyFaults(t *testing.T) {
	e := dockertest.Need(t)
	p := e.Proxy(t)
	api := through(t, p.Host())
	if err := ping(t.Context(), api); err != nil {
		t.Fatal(err)
	}
	version := func(ctx context.Context) error {
		_, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
		return err
	}
	only := regexp.MustCompile(`^/version$`)

	t.Run("status, skipped once, once", func(t *testing.T) {
		defer p.ClearFaults()
		p.Inject(dockertest.Fault{Kind: dockertest.FaultStatus, Method: http.MethodGet, Path: only, Skip: 1, Times: 1})
		if err := version(t.Context()); err != nil {
			t.Errorf("the first request got %v", err)
		}
		if err := version(t.Context()); !cerrdefs.IsInternal(err) || !strings.Contains(err.Error(), "injected fault") {
			t.Errorf("the second request got %v", err)
		}
		if err := version(t.Context()); err != nil {
			t.Errorf("the third request got %v", err)
		}
	})
	t.Run("none, but somebody is told", func(t *testing.T) {
		defer p.ClearFaults()
		told := 0
		p.Inject(dockertest.Fault{Kind: dockertest.FaultNone, Path: only, Before: func() { told++ }})
		if err := version(t.Context()); err != nil {
			t.Errorf("the request got %v", err)
		}
		wantEqual(t, told, 1)
	})
	t.Run("refuse", func(t *testing.T) {
		defer p.ClearFaults()
		p.Inject(dockertest.Fault{Kind: dockertest.FaultRefuse, Path: only})
		if err := version(t.Context()); err == nil || !strings.Contains(err.Error(), "EOF") {
			t.Errorf("a request got %v", err)
		}
		if err := ping(t.Context(), api); err != nil {
			t.Errorf("another request got %v", err)
		}
	})
	t.Run("hang until the client gives up", func(t *testing.T) {
		defer p.ClearFaults()
		p.Inject(dockertest.Fault{Kind: dockertest.FaultHang, Path: only})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := version(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the request got %v", err)
		}
	})
	t.Run("hang until the fault is cleared", func(t *testing.T) {
		p.Inject(dockertest.Fault{Kind: dockertest.FaultHang, Path: only, Before: func() { go p.ClearFaults() }})
		if err := version(t.Context()); err == nil {
			t.Error("the request was answered")
		}
		if err := version(t.Context()); err != nil {
			t.Errorf("the next request got %v", err)
		}
	})
}

func TestProxyCutsTheReplyAfterTheEffect(t *testing.T) {
	e := dockertest.Need(t)
	name := dockertest.UniqueName(t)
	delegateImage(t, e, name+":1", "1")
	e.Sweep(t, name)
	p := e.Proxy(t)
	api := through(t, p.Host())
	told := 0
	p.Inject(dockertest.Fault{
		Kind: dockertest.FaultCut, Method: http.MethodPost, Path: regexp.MustCompile(`^/containers/create$`),
		Before: func() { told++ },
	})
	if _, err := api.ContainerCreate(t.Context(), named(name, name+":1")); err == nil {
		t.Error("the reply arrived")
	}
	wantEqual(t, told, 1)
	if _, there := e.Container(t, name); !there {
		t.Error("the request had no effect")
	}
}

func TestProxyStopsAndStarts(t *testing.T) {
	e := dockertest.Need(t)
	p := e.Proxy(t)
	overTCP, err := p.ListenTCP()
	if err != nil {
		t.Fatal(err)
	}
	clients := map[string]*client.Client{"socket": through(t, p.Host()), "TCP": through(t, overTCP)}
	events := clients["socket"].Events(t.Context(), client.EventsListOptions{})
	for round := range 2 {
		for name, api := range clients {
			if err := ping(t.Context(), api); err != nil {
				t.Errorf("%s, round %d: %v", name, round, err)
			}
		}
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		for name, api := range clients {
			if err := ping(t.Context(), api); err == nil {
				t.Errorf("%s, round %d: a stopped engine answers", name, round)
			}
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-events.Err; err == nil {
		t.Error("a stream went on while the engine was stopped")
	}
}

func TestProxyOverTLSTakesOnlyItsOwnClients(t *testing.T) {
	e := dockertest.Need(t)
	p := e.Proxy(t)
	host, certificates, err := p.ListenTLS()
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) string { return filepath.Join(certificates, name) }
	known := client.WithTLSClientConfig(file("ca.pem"), file("cert.pem"), file("key.pem"))
	if err := ping(t.Context(), through(t, host, known)); err != nil {
		t.Errorf("a known client got %v", err)
	}
	unknown := client.WithTLSClientConfig(file("ca.pem"), "", "")
	if err := ping(t.Context(), through(t, host, unknown)); err == nil {
		t.Error("a client without certificate was let in")
	}

	t.Setenv("DOCKER_HOST", host)
	t.Setenv("DOCKER_CERT_PATH", certificates)
	t.Setenv("DOCKER_TLS_VERIFY", "1")
	over, err := dockertest.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = over.Close() }()
	// The proxy of an engine that is reached by TLS does TLS itself.
	if err := ping(t.Context(), through(t, over.Proxy(t).Host())); err != nil {
		t.Errorf("through a proxy of the TLS address: %v", err)
	}
}
