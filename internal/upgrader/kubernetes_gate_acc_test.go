package upgrader_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// gate is an address of the API server at which something can happen at a
// certain write. Whoever comes through it is an administrator.
type gate struct {
	address string

	mutex  sync.Mutex
	writes int
	at     int
	before bool
	do     func()
}

func newGate(t *testing.T, kubeconfig string) *gate {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{}
	forward := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// A server that is gone gives no answer, not one of a gateway.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do, before := g.next(r)
		if do != nil && before {
			do()
			panic(http.ErrAbortHandler)
		}
		if do == nil {
			forward.ServeHTTP(w, r)
			return
		}
		// The write takes effect, and the answer is lost.
		forward.ServeHTTP(httptest.NewRecorder(), r)
		do()
		panic(http.ErrAbortHandler)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	g.address = server.URL
	return g
}

// set lets something happen once, at a write that is counted from now: before it
// reaches the server, or when it has taken effect. Either way it isn't answered.
func (g *gate) set(at int, before bool, do func()) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.writes, g.at, g.before, g.do = 0, at, before, do
}

// count is how many writes came since the last set.
func (g *gate) count() int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.writes
}

func (g *gate) next(r *http.Request) (do func(), before bool) {
	if r.Method == http.MethodGet || r.URL.Query().Has("dryRun") {
		return nil, false
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.writes++; g.writes == g.at {
		return g.do, g.before
	}
	return nil, false
}
