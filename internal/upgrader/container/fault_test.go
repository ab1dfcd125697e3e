package container_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// TestFault_lostAnswers loses the answer to every kind of write of a replacement
// in turn, with and without the engine having acted.
func TestFault_lostAnswers(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	proxy := b.Proxy(t)
	p := through(t, proxy)
	for _, kind := range []dockertest.FaultKind{dockertest.FaultCut, dockertest.FaultRefuse} {
		for _, write := range []struct{ method, path string }{
			{"POST", "/rename$"},
			{"POST", "/containers/create$"},
			{"POST", "/start$"},
			{"POST", "/stop$"},
			{"DELETE", ""},
		} {
			applied := apply(t, p, b.wanted(), nil)
			id := b.alone(t, b.name)
			want := b.wanted()
			want.Schedule = "0 0 * * *"
			var hits atomic.Int32 // a retried request may overlap with the first
			proxy.Inject(dockertest.Fault{Kind: kind, Method: write.method, Path: regexp.MustCompile(write.path), Times: 2, Before: func() { hits.Add(1) }})
			applied = apply(t, p, want, applied.Objects)
			proxy.ClearFaults()
			if hits.Load() == 0 {
				t.Errorf("%s %s: no answer was lost", write.method, write.path)
			}
			if b.alone(t, b.name) == id {
				t.Errorf("%s %s: not replaced", write.method, write.path)
			}
			unchanged(t, p, want, applied.Objects)
			if err := b.RemoveContainers(t.Context(), b.name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestFault_badReads has an engine that answers with errors for a while.
func TestFault_badReads(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	proxy := b.Proxy(t)
	p := through(t, proxy)
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultStatus, Method: "GET", Times: 3})
	applied := apply(t, p, b.wanted(), nil)
	for _, kind := range []dockertest.FaultKind{dockertest.FaultCut, dockertest.FaultRefuse, dockertest.FaultStatus} {
		proxy.Inject(dockertest.Fault{Kind: kind, Method: "GET", Times: 3})
		unchanged(t, p, b.wanted(), applied.Objects)
	}
	// One that goes on so is believed.
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultStatus, Method: "GET"})
	_, err := p.Observe(t.Context(), b.wanted(), nil)
	if f := failure(t, err); !strings.Contains(f.Reason, "injected fault") || f.Advice == "" {
		t.Error(f)
	}
}

// TestFault_engineGoesDown stops the engine in the middle of a replacement.
func TestFault_engineGoesDown(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	proxy := b.Proxy(t)
	p := through(t, proxy)
	applied := apply(t, p, b.wanted(), nil)
	want := b.wanted()
	want.Schedule = "0 0 * * *"
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultRefuse, Method: "POST", Path: regexp.MustCompile("/start$"), Before: func() { _ = proxy.Stop() }})
	after, err := p.Apply(t.Context(), spec.Change{Want: want, Last: applied.Objects})
	f := failure(t, err)
	if !strings.Contains(f.Error(), proxy.Host()) || f.Advice == "" {
		t.Error(f)
	}
	if len(after.Left) == 0 || len(after.Objects) != 1 || after.Objects[0] != applied.Objects[0] {
		t.Errorf("objects are %v, left %v", after.Objects, after.Left)
	}
	proxy.ClearFaults()
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	applied = apply(t, p, want, after.Objects)
	b.alone(t, b.name)
	unchanged(t, p, want, applied.Objects)
}

// TestFault_cancelled ends a replacement by its context, while the new container
// is watched.
func TestFault_cancelled(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	proxy := b.Proxy(t)
	p := through(t, proxy)
	applied := apply(t, p, b.wanted(), nil)
	id := b.alone(t, b.name)
	want := b.wanted()
	want.Schedule = "0 0 * * *"
	for _, test := range []struct {
		path string
		// kind is whether the engine gets the request, and whether it can answer.
		kind dockertest.FaultKind
	}{
		{"/rename$", dockertest.FaultHang},
		{"/containers/create$", dockertest.FaultHang},
		{"/start$", dockertest.FaultHang},
		{"/rename$", dockertest.FaultCut},
		{"/containers/create$", dockertest.FaultCut},
		{"/start$", dockertest.FaultCut},
		{"/rename$", dockertest.FaultNone},
		{"/containers/create$", dockertest.FaultNone},
		{"/start$", dockertest.FaultNone},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		proxy.Inject(dockertest.Fault{Kind: test.kind, Method: "POST", Path: regexp.MustCompile(test.path), Times: 1, Before: cancel})
		after, err := p.Apply(ctx, spec.Change{Want: want, Last: applied.Objects})
		cancel()
		proxy.ClearFaults()
		if f := failure(t, err); !strings.Contains(f.Reason, "cancelled") {
			t.Error(f)
		}
		if b.alone(t, b.name) != id || len(after.Left) > 0 || len(after.Objects) != 1 || after.Objects[0].ID != id {
			t.Errorf("%s: objects are %v, left %v", test.path, after.Objects, after.Left)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	proxy.Inject(dockertest.Fault{Kind: dockertest.FaultHang, Method: "POST", Path: regexp.MustCompile("/start$"), Times: 1})
	_, err := p.Apply(ctx, spec.Change{Want: want, Last: applied.Objects})
	if f := failure(t, err); !strings.Contains(f.Reason, "time was up") || !strings.Contains(f.Advice, "timeouts") {
		t.Error(f)
	}
	if b.alone(t, b.name) != id {
		t.Error("the upgrader is another one than before")
	}
}

// TestFault_outOfReach asks engines that aren't there, or speak otherwise.
func TestFault_outOfReach(t *testing.T) {
	t.Parallel()
	want := bed{name: "out-of-reach", image: "x:y", Engine: &dockertest.Engine{Host: "unix:///x"}}.wanted()
	// Engines from before API 1.40 say so to every request but a ping.
	old := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.39")
		if r.URL.Path != "/_ping" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"message":"client version 1.56 is too new. Maximum supported API version is 1.39"}`)
		}
	}))
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	for _, server := range []*httptest.Server{old, secure} {
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		t.Cleanup(server.Close)
	}
	old.Start()
	secure.StartTLS()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	tests := []struct {
		name, host, advice string
		options            []client.Opt
	}{
		{"no socket", "unix://" + filepath.Join(t.TempDir(), "none.sock"), "no socket", nil},
		{"nobody there", "tcp://" + gone.Listener.Addr().String(), "can't be reached", nil},
		{"old", "tcp://" + old.Listener.Addr().String(), "version 1.40", nil},
		{"TLS wanted", "tcp://" + secure.Listener.Addr().String(), "about TLS", nil},
		{"TLS not known", "tcp://" + secure.Listener.Addr().String(), "about TLS", []client.Opt{client.WithScheme("https")}},
		{"no TLS", "tcp://" + old.Listener.Addr().String(), "about TLS", []client.Opt{client.WithScheme("https")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			engine, err := client.New(append([]client.Opt{client.WithHost(test.host)}, test.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			p := at(engine, test.host)
			last := []spec.Object{{Kind: "Container", Name: want.Docker.Name, ID: "0123456789abcdef"}}
			applied, err := p.Apply(t.Context(), spec.Change{Want: want, Last: last})
			if f := failure(t, err); !strings.Contains(f.Advice, test.advice) || !strings.Contains(f.Advice, test.host) && test.advice != "about TLS" {
				t.Error(f)
			}
			if strings.Contains(err.Error(), "?.") || strings.Contains(err.Error(), "..") {
				t.Errorf("it is punctuated twice: %v", err)
			}
			// What isn't known to be gone stays in the state.
			if len(applied.Objects) != 1 || applied.Objects[0] != last[0] {
				t.Errorf("objects are %v", applied.Objects)
			}
			// Nothing else is silent about it either.
			_, observed := p.Observe(t.Context(), want, nil)
			_, _, found := p.Find(t.Context(), spec.Place{Name: want.Docker.Name})
			_, checked := p.Check(t.Context(), want)
			_, deleted := p.Delete(t.Context(), want, last, nil)
			for _, err := range []error{observed, found, checked, deleted, p.RunOnce(t.Context(), want)} {
				if f := failure(t, err); !strings.Contains(f.Advice, test.advice) {
					t.Error(f)
				}
			}
		})
	}
}
