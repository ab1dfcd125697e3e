package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// faraway is how much later an API server answers that is far away.
const faraway = 50 * time.Millisecond

// distance stands in front of an API server. It delays requests, and measures
// how many are under way at once, and for how long any is: divided by the delay,
// that is how many were sent one after the other. Unlike the time of a command,
// it doesn't depend on what else the machine does meanwhile.
type distance struct {
	forward http.Handler

	mutex       sync.Mutex
	now         int
	since       time.Time
	most, total int
	busy        time.Duration
}

// newDistance listens on this machine, for everybody, until it is closed.
func newDistance(ctx context.Context, kubeconfig string) (d *distance, address string, closeIt func() error, err error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, "", nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, "", nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		return nil, "", nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, fmt.Errorf("putting the API server far away: %w", err)
	}
	d = &distance{forward: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
	}}
	server := &http.Server{Handler: d, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	closeIt = func() error {
		err := server.Close()
		if end := <-served; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
		return err
	}
	return d, "http://" + listener.Addr().String(), closeIt, nil
}

// ServeHTTP implements http.Handler.
func (d *distance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.enter()
	defer d.leave()
	arrival := time.NewTimer(faraway)
	defer arrival.Stop()
	select {
	case <-arrival.C:
		d.forward.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

func (d *distance) enter() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.now == 0 {
		d.since = time.Now()
	}
	d.now++
	d.total++
	d.most = max(d.most, d.now)
}

func (d *distance) leave() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.now--
	if d.now == 0 {
		d.busy += time.Since(d.since)
	}
}

// traffic is what came by.
type traffic struct {
	requests, most int
	// depth is how many times the delay passed until all were answered.
	depth float64
}

// take tells what came by since the last time.
func (d *distance) take() traffic {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	t := traffic{requests: d.total, most: d.most, depth: float64(d.busy) / float64(faraway)}
	d.total, d.most, d.busy = 0, 0, 0
	return t
}

// sideBySide shows which requests wait for others.
func (k *onKubernetes) sideBySide(ctx context.Context, results *table) (err error) {
	d, address, closeIt, err := newDistance(ctx, k.cluster.Kubeconfig)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	w, err := k.ours.workspaceWith(ctx, filepath.Join(k.dir, "faraway"), k.config(fmt.Sprintf("    host = %q\n", address)))
	if err != nil {
		return err
	}
	const file = "saved.tfplan"
	k.say("one upgrader in a cluster far away, %d rounds", k.opts.lives)
	var seen [phases][]traffic
	for range k.opts.lives {
		if _, err := w.plan(ctx, file); err != nil {
			return err
		}
		d.take() // planning is measured with an upgrader that is there
		for phase, command := range [phases]func() (cost, error){
			func() (cost, error) { return w.apply(ctx, file) },
			func() (cost, error) { return w.refresh(ctx) },
			func() (cost, error) {
				return w.run(ctx, 0, "apply", "-destroy", "-auto-approve", "-input=false", "-refresh=false")
			},
		} {
			if _, err := command(); err != nil {
				return err
			}
			seen[phase] = append(seen[phase], d.take())
		}
	}
	for phase, name := range [phases]string{"apply, without its plan", "an empty plan", "destroy, without its plan"} {
		results.add(measure{name: "requests of " + name, ours: each(seen[phase], func(t traffic) float64 { return float64(t.requests) }), target: mostRequests[phase]})
		results.add(measure{name: "  at once, at most", ours: each(seen[phase], func(t traffic) float64 { return float64(t.most) })})
		results.add(measure{name: "  time, in delays", digits: 1, ours: each(seen[phase], func(t traffic) float64 { return t.depth }), target: depths[phase]})
	}
	return nil
}

// mostRequests are the most that a phase may send.
var mostRequests = [phases]target{applying: atMost(14), refreshing: atMost(10), destroying: atMost(18)}

// depths are the most delays that a phase may take. One request after the other
// would be as many as there are requests.
var depths = [phases]target{applying: atMost(7), refreshing: atMost(4), destroying: atMost(8)}
