package dockertest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Proxy stands in front of the engine and can be told to misbehave, so that nobody has to harm the engine.
// It passes everything through: streams as they come, and connections that stop being HTTP.
type Proxy struct {
	folder  string
	forward *httputil.ReverseProxy

	mu     sync.Mutex
	doors  []*door
	faults []*armed
	counts map[string]int
}

// door is an address that the proxy answers at.
type door struct {
	network, address string
	tls              *tls.Config
	// close is nil while the proxy is stopped.
	close func() error
}

// NewProxy makes a proxy with a socket of its own, which answers at once. Close it in the end.
func NewProxy(e *Engine) (*Proxy, error) {
	// The path of a socket has to be short, so that it cannot be in the folder of a test.
	folder, err := os.MkdirTemp("", "engine-")
	if err != nil {
		return nil, err
	}
	dial := e.API.Dialer()
	p := &Proxy{
		folder: folder,
		counts: map[string]int{},
		forward: &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.Out.URL.Scheme, r.Out.URL.Host = "http", "docker"
			},
			// The dialer of the client does TLS itself where the engine wants it.
			Transport: &http.Transport{
				DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
				DisableKeepAlives:  true,
				DisableCompression: true,
			},
			FlushInterval: -1,
			ErrorLog:      log.New(io.Discard, "", 0),
			// If the engine doesn't answer, the client hears nothing either.
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		},
	}
	if _, err := p.open(&door{network: "unix", address: filepath.Join(folder, "docker.sock")}); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return p, nil
}

// Proxy makes a proxy that is closed when the test ends.
func (e *Engine) Proxy(tb testing.TB) *Proxy {
	tb.Helper()
	p, err := NewProxy(e)
	if err != nil {
		tb.Fatalf("making a proxy of the engine: %v", err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Errorf("closing the proxy of the engine: %v", err)
		}
	})
	return p
}

// Host is the address of the proxy's socket in the form of DOCKER_HOST.
func (p *Proxy) Host() string {
	return "unix://" + p.Socket()
}

// Socket is the path of the proxy's socket.
func (p *Proxy) Socket() string {
	return filepath.Join(p.folder, "docker.sock")
}

// ListenTCP opens another address, without TLS, and returns it in the form of DOCKER_HOST.
func (p *Proxy) ListenTCP() (string, error) {
	address, err := p.open(&door{network: "tcp", address: "127.0.0.1:0"})
	return "tcp://" + address, err
}

// Requests tells how often each kind of request came, such as "POST /containers/{id}/start".
func (p *Proxy) Requests() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.counts)
}

// Stop is an engine that goes down: nobody answers any more, and all connections are cut.
func (p *Proxy) Stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	failures := []error{}
	for _, d := range p.doors {
		if d.close != nil {
			failures = append(failures, d.close())
			d.close = nil
		}
	}
	return errors.Join(failures...)
}

// Start is the engine coming up again, at the same addresses.
func (p *Proxy) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.doors {
		if d.close != nil {
			continue
		}
		if err := p.serve(d); err != nil {
			return err
		}
	}
	return nil
}

// Close stops the proxy for good.
func (p *Proxy) Close() error {
	p.ClearFaults()
	return errors.Join(p.Stop(), os.RemoveAll(p.folder))
}

func (p *Proxy) open(d *door) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.serve(d); err != nil {
		return "", err
	}
	p.doors = append(p.doors, d)
	return d.address, nil
}

// serve answers at a door. Closing it cuts the requests under way without waiting for them, because it may be one of
// them that a fault closes the door in.
func (p *Proxy) serve(d *door) error {
	ctx, cancel := context.WithCancel(context.Background())
	var config net.ListenConfig
	listener, err := config.Listen(ctx, d.network, d.address)
	if err != nil {
		cancel()
		return fmt.Errorf("listening at %s: %w", d.address, err)
	}
	d.address = listener.Addr().String() // The port is known only now.
	if d.tls != nil {
		listener = tls.NewListener(listener, d.tls)
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(p.handle),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: callTimeout,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // It ends with the listener.
	}()
	d.close = func() error {
		cancel() // This ends what has stopped being HTTP, which the server has lost sight of.
		err := server.Close()
		<-served
		return err
	}
	return nil
}

// handle lets a request through, unless a fault hits it.
func (p *Proxy) handle(w http.ResponseWriter, r *http.Request) {
	fault := p.faultFor(r)
	if fault.Before != nil {
		fault.Before()
	}
	switch fault.Kind {
	case FaultRefuse:
		panic(http.ErrAbortHandler)
	case FaultCut:
		p.forward.ServeHTTP(&void{header: http.Header{}}, r)
		panic(http.ErrAbortHandler)
	case FaultHang:
		select {
		case <-r.Context().Done():
		case <-fault.cleared:
		}
		panic(http.ErrAbortHandler)
	case FaultStatus:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(fault.Status)
		_, _ = io.WriteString(w, `{"message":"injected fault"}`)
	case FaultNone:
		p.forward.ServeHTTP(w, r)
	}
}

// void takes a reply that nobody is going to see.
type void struct{ header http.Header }

func (v *void) Header() http.Header             { return v.header }
func (v *void) Write(piece []byte) (int, error) { return len(piece), nil }
func (v *void) WriteHeader(int)                 {}
func (v *void) Flush()                          {}
