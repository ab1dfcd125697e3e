package dockertest

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
)

// Registry serves images to the engine over plain HTTP at 127.0.0.1, which engines take without TLS.
// It only works with an engine on the same machine.
type Registry struct {
	engine *Engine
	server *httptest.Server

	mu             sync.Mutex
	images         map[string]*packed
	pulls          map[string]int
	user, password string
	refusal        int
	strangers      int
}

// Registry makes an empty registry that is open to everyone. When the test ends it is closed, and what the engine has
// pulled from it is removed.
func (e *Engine) Registry(tb testing.TB) *Registry {
	tb.Helper()
	r := &Registry{engine: e, images: map[string]*packed{}, pulls: map[string]int{}}
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(r.serve))
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0) // The engine tries TLS first.
	r.server.Start()
	tb.Cleanup(r.server.Close)
	return r
}

// Add puts an image with nothing in it but a static program into the registry. The name is that of the repository,
// such as harness/delegate. The result is the reference that the engine can pull. Another image of the same name and
// tag takes the place of the first.
func (r *Registry) Add(tb testing.TB, name, tag, binaryPath string, entrypointArgs ...string) string {
	tb.Helper()
	image, err := pack(binaryPath, entrypointArgs...)
	if err != nil {
		tb.Fatalf("image %s:%s: %v", name, tag, err)
	}
	for _, id := range image.ids {
		r.engine.ForgetImage(tb, id)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.images[name+":"+tag] = image
	return r.Address() + "/" + name + ":" + tag
}

// Address is host and port.
func (r *Registry) Address() string {
	return r.server.Listener.Addr().String()
}

// RequireAuth lets only this user in.
func (r *Registry) RequireAuth(user, password string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.user, r.password = user, password
}

// Auth is what the engine wants to hear of a user, as RegistryAuth of a pull.
func (r *Registry) Auth(tb testing.TB, user, password string) string {
	tb.Helper()
	text, err := authconfig.Encode(registry.AuthConfig{Username: user, Password: password, ServerAddress: r.Address()})
	if err != nil {
		tb.Fatalf("encoding the credentials: %v", err)
	}
	return text
}

// Refuse answers everything with a status, such as 401, 404 or 500. Zero ends that.
func (r *Registry) Refuse(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = status
}

// Pulls tells how often the image with this name and tag was fetched. The engine asks for the manifest even if it
// has all of the image.
func (r *Registry) Pulls(name, tag string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pulls[name+":"+tag]
}

// Unauthorized tells how many requests came without the right user and password.
func (r *Registry) Unauthorized() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.strangers
}

// serve answers as the distribution specification wants it, as far as pulls go.
func (r *Registry) serve(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	user, password, _ := request.BasicAuth()
	switch {
	case r.refusal != 0:
		refuse(w, r.refusal, "DENIED")
	case r.user != "" && (user != r.user || password != r.password):
		r.strangers++
		w.Header().Set("WWW-Authenticate", `Basic realm="dockertest"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED")
	case request.Method != http.MethodGet && request.Method != http.MethodHead:
		refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED")
	case request.URL.Path == "/v2/":
		_, _ = io.WriteString(w, "{}")
	default:
		r.serveContent(w, request)
	}
}

// serveContent serves a manifest, by tag or digest, or a blob by its digest.
func (r *Registry) serveContent(w http.ResponseWriter, request *http.Request) {
	path := strings.TrimPrefix(request.URL.Path, "/v2/")
	if name, reference, isManifest := strings.Cut(path, "/manifests/"); isManifest {
		key, image := r.find(name, reference)
		if image == nil {
			refuse(w, http.StatusNotFound, "MANIFEST_UNKNOWN")
			return
		}
		if request.Method == http.MethodGet {
			r.pulls[key]++
		}
		image.manifest.send(w, request)
		return
	}
	if name, digest, isBlob := strings.Cut(path, "/blobs/"); isBlob {
		for key, image := range r.images {
			if blob, found := image.blobs[digest]; found && strings.HasPrefix(key, name+":") {
				blob.send(w, request)
				return
			}
		}
	}
	refuse(w, http.StatusNotFound, "BLOB_UNKNOWN")
}

func (r *Registry) find(name, reference string) (string, *packed) {
	for key, image := range r.images {
		if key == name+":"+reference || strings.HasPrefix(key, name+":") && image.manifest.digest == reference {
			return key, image
		}
	}
	return "", nil
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errors":[{"code":%q,"message":"refused by the test"}]}`, code)
}
