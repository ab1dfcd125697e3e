package kubernetes

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// apiServer is a cluster as far as a client needs one. It has no objects, and
// keeps the requests.
type apiServer struct {
	*httptest.Server
	handle http.HandlerFunc

	mu   sync.Mutex
	seen []*http.Request
}

func newAPIServer(tb testing.TB) *apiServer {
	tb.Helper()
	s := &apiServer{handle: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"kind":"SecretList","apiVersion":"v1","metadata":{},"items":[]}`)
	}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r)
		s.mu.Unlock()
		s.handle(w, r)
	}))
	tb.Cleanup(s.Close)
	return s
}

func newTLSServer(tb testing.TB) *apiServer {
	tb.Helper()
	s := newAPIServer(tb)
	s.StartTLS()
	return s
}

// authority is what the server's certificate is verified by.
func (s *apiServer) authority() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

func (s *apiServer) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.seen...)
}

// last is the request that came last.
func (s *apiServer) last(tb testing.TB) *http.Request {
	tb.Helper()
	requests := s.requests()
	if len(requests) == 0 {
		tb.Fatal("there was no request")
	}
	return requests[len(requests)-1]
}

func mustNew(tb testing.TB, config Config) *Client {
	tb.Helper()
	client, err := New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// list asks the cluster for something.
func list(ctx context.Context, client *Client) error {
	_, err := client.Dynamic().Resource(schema.GroupVersionResource{Version: "v1", Resource: "secrets"}).
		Namespace("harness").List(ctx, metav1.ListOptions{})
	return err
}

func mustList(tb testing.TB, client *Client) {
	tb.Helper()
	if err := list(tb.Context(), client); err != nil {
		tb.Fatal(err)
	}
}

func TestNewConnectsToNothing(t *testing.T) {
	server := newTLSServer(t)
	client := mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority(), Token: "s3cret"})
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	if client.Host() != server.URL {
		t.Errorf("the address is %s, want %s", client.Host(), server.URL)
	}
}

func TestClientNamesItself(t *testing.T) {
	server := newTLSServer(t)
	mustList(t, mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority(), UserAgent: "terraform-provider-harnessdelegate/1.2.3"}))
	if got := server.last(t).UserAgent(); got != "terraform-provider-harnessdelegate/1.2.3" {
		t.Errorf("it calls itself %q", got)
	}
}

// Ten operations with six objects each must not wait for each other.
func TestManyRequestsAtOnce(t *testing.T) {
	server := newTLSServer(t)
	client := mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority()})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	start := time.Now()
	for range 60 {
		if err := list(ctx, client); err != nil {
			t.Fatal(err)
		}
	}
	// With client-go's own limits it would be ten seconds.
	if taken := time.Since(start); taken > 5*time.Second {
		t.Errorf("60 requests took %s", taken)
	}
}

func TestLogs(t *testing.T) {
	server := newTLSServer(t)
	const log = "starting\nasking the Manager\ndone\n"
	server.handle = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, log) }
	client := mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority()})
	got, err := client.Logs(t.Context(), "harness", "upgrader-1", "upgrader", 20)
	if err != nil {
		t.Fatal(err)
	}
	if got != log {
		t.Errorf("got %q, want %q", got, log)
	}
	if got, want := server.last(t).URL.String(), "/api/v1/namespaces/harness/pods/upgrader-1/log?container=upgrader&tailLines=20"; got != want {
		t.Errorf("it asked for %s, want %s", got, want)
	}
	if _, err := client.Logs(t.Context(), "harness", "upgrader-1", "", 0); err != nil {
		t.Fatal(err)
	}
	if got, want := server.last(t).URL.String(), "/api/v1/namespaces/harness/pods/upgrader-1/log"; got != want {
		t.Errorf("for all of the log it asked for %s, want %s", got, want)
	}
}

func TestLogsKeepTheEnd(t *testing.T) {
	server := newTLSServer(t)
	server.handle = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("noise\n", tailBytes)+"the reason")
	}
	client := mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority()})
	got, err := client.Logs(t.Context(), "harness", "upgrader-1", "upgrader", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != tailBytes || !strings.HasSuffix(got, "noise\nthe reason") {
		t.Errorf("%d bytes, which end with %q", len(got), got[max(0, len(got)-30):])
	}
}

func TestLogsThatThereAreNone(t *testing.T) {
	server := newTLSServer(t)
	server.handle = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"upgrader-1\" not found","reason":"NotFound","code":404}`)
	}
	client := mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority()})
	_, err := client.Logs(t.Context(), "harness", "upgrader-1", "upgrader", 20)
	if !apierrors.IsNotFound(err) || !strings.Contains(err.Error(), `reading the log of pod harness/upgrader-1: pods "upgrader-1" not found`) {
		t.Errorf("got %v", err)
	}
}

func TestWarningsAreHandedOn(t *testing.T) {
	server := newTLSServer(t)
	answer := server.handle
	server.handle = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Warning", `299 - "batch/v1beta1 CronJob is deprecated"`)
		answer(w, r)
	}
	config := Config{Host: server.URL, ClusterCACertificate: server.authority()}
	mustList(t, mustNew(t, config))
	type key struct{}
	var told []string
	config.OnWarning = func(ctx context.Context, text string) {
		if ctx.Value(key{}) != "here" {
			t.Error("the warning has another context than the request")
		}
		told = append(told, text)
	}
	if err := list(context.WithValue(t.Context(), key{}, "here"), mustNew(t, config)); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0] != "batch/v1beta1 CronJob is deprecated" {
		t.Errorf("told of %q", told)
	}
}

func TestRequestsEndWithTheirContexts(t *testing.T) {
	server := newTLSServer(t)
	arrived := make(chan struct{})
	server.handle = func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}
	client := mustNew(t, Config{Host: server.URL, ClusterCACertificate: server.authority()})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if err := list(ctx, client); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// podOf is how a program finds that it runs in a pod.
func podOf(config *rest.Config, err error) func() (*rest.Config, error) {
	return func() (*rest.Config, error) { return config, err }
}

// In a pod nothing needs to be set; elsewhere that is a mistake, and nothing
// may go to localhost.
func TestNothingSet(t *testing.T) {
	server := newTLSServer(t)
	pod := podOf(&rest.Config{Host: server.URL, BearerToken: "pod-token", TLSClientConfig: rest.TLSClientConfig{CAData: []byte(server.authority())}}, nil)
	client, err := newClient(Config{}, pod)
	if err != nil {
		t.Fatal(err)
	}
	mustList(t, client)
	if got := server.last(t).Header.Get("Authorization"); got != "Bearer pod-token" {
		t.Errorf("the pod is %q", got)
	}

	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("KUBECONFIG", writeKubeconfig(t, "config", server, "token: users-token"))
	if _, err := New(Config{}); !errors.Is(err, ErrNoCluster) {
		t.Errorf("outside of a pod: %v", err)
	}

	_, err = newClient(Config{}, podOf(nil, os.ErrPermission))
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "credentials of the pod") {
		t.Errorf("in a pod without access to its credentials: %v", err)
	}

	for name, half := range map[string]Config{
		"only a token":     {Token: "s3cret"},
		"only a program":   {Exec: &Exec{APIVersion: execAPIVersions[0], Command: "true"}},
		"only an insecure": {Insecure: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(half, pod)
			wantProblem(t, err, "nothing says which cluster is meant", "host")
		})
	}
}

func wantProblem(tb testing.TB, err error, text string, arguments ...string) {
	tb.Helper()
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 {
		tb.Fatalf("got %v, want one problem", err)
	}
	if got := strings.Join(problems[0].Arguments, " "); got != strings.Join(arguments, " ") {
		tb.Errorf("it is about %s, want %v", got, arguments)
	}
	if !strings.Contains(problems[0].Text, text) {
		tb.Errorf("%q is missing in: %s", text, problems[0].Text)
	}
}

// The client's text is shown by whoever logs the struct that holds it.
func TestClientHidesCredentials(t *testing.T) {
	client := mustNew(t, Config{Host: "https://cluster.example.com", Token: "s3cret"})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, client); strings.Contains(got, "s3cret") || !strings.Contains(got, "https://cluster.example.com") {
			t.Errorf("%s shows %s", verb, got)
		}
		if got := fmt.Sprintf(verb, Config{Token: "s3cret", Password: "s3cret", ClientKey: "s3cret"}); strings.Contains(got, "s3cret") {
			t.Errorf("%s shows %s", verb, got)
		}
	}
}

func write(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}
