package cronjob

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The API server goes away while objects are written, and comes back.
func TestCluster_restart(t *testing.T) {
	if err := kubetest.Supported(); err != nil {
		t.Skip(err)
	}
	cluster, err := kubetest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Stop)
	f := &fixture{t, cluster, cluster.Namespace(t), newPlatform(cluster, cluster.Client)}
	want := f.in(small())
	f.observe(want) // so that the server is known to be there
	if err := cluster.StopAPIServer(); err != nil {
		t.Fatal(err)
	}

	// Down for longer than the time: the message says which server, and when.
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	applied, err := f.platform.Apply(ctx, spec.Change{Want: want})
	failure := f.failure(err, cluster.Host, "can't be reached", "connection refused")
	if !slices.Equal(failure.Argument, []string{"timeouts"}) || !errors.Is(err, context.DeadlineExceeded) || len(applied.Objects) > 0 {
		t.Errorf("argument %v, applied %+v", failure.Argument, applied)
	}
	// Never reached: given up early, whatever the time.
	if _, err := newPlatform(cluster, cluster.Client).Apply(t.Context(), spec.Change{Want: want}); err == nil {
		t.Error("a server that never answered was waited for")
	}

	back := make(chan error)
	go func() { back <- cluster.StartAPIServer() }()
	f.apply(want, nil)
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	f.clean(want)

	// Away between the first wave and the last object.
	want.Schedule = "*/7 * * * *"
	stopping := &stopper{Interface: cluster.Client, at: "cronjobs", do: func() {
		if err := cluster.StopAPIServer(); err != nil {
			t.Error(err)
		}
		go func() { back <- cluster.StartAPIServer() }()
	}}
	f.platform = newPlatform(cluster, stopping)
	last := f.observe(want).Objects
	f.apply(want, last)
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	f.clean(want)

	// Paused, it takes connections and says nothing.
	if err := cluster.PauseAPIServer(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = f.platform.Observe(ctx, want, nil)
	f.failed(err, cluster.Host, "didn't answer in time")
	if err := cluster.ResumeAPIServer(); err != nil {
		t.Fatal(err)
	}
}

// stopper does something just before the first write to a resource. Writes may be
// concurrent.
type stopper struct {
	dynamic.Interface
	at   string
	do   func()
	once sync.Once
}

func (s *stopper) Resource(gvr schema.GroupVersionResource) dynamic.NamespaceableResourceInterface {
	return stoppedResource{s.Interface.Resource(gvr), s, gvr.Resource}
}

type stoppedResource struct {
	dynamic.NamespaceableResourceInterface
	stopper *stopper
	name    string
}

func (r stoppedResource) Namespace(namespace string) dynamic.ResourceInterface {
	return stoppedWrites{r.NamespaceableResourceInterface.Namespace(namespace), r.stopper, r.name}
}

type stoppedWrites struct {
	dynamic.ResourceInterface
	stopper *stopper
	name    string
}

func (w stoppedWrites) Apply(ctx context.Context, name string, object *unstructured.Unstructured, options metav1.ApplyOptions, sub ...string) (*unstructured.Unstructured, error) {
	if w.name == w.stopper.at {
		w.stopper.once.Do(w.stopper.do)
	}
	return w.ResourceInterface.Apply(ctx, name, object, options, sub...)
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	for name, tt := range map[string]struct {
		config rest.Config
		want   string
	}{
		"another certificate": {rest.Config{Host: server.URL}, "no secure connection to the Kubernetes API server " + server.URL},
		"nothing listens":     {rest.Config{Host: "https://127.0.0.1:1"}, "the Kubernetes API server https://127.0.0.1:1 can't be reached"},
		"no such name":        {rest.Config{Host: "https://cluster.invalid"}, "the Kubernetes API server https://cluster.invalid can't be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.QPS = -1
			client, err := dynamic.NewForConfig(&tt.config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = New(client, tt.config.Host, nil, quick).Observe(t.Context(), small(), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}
