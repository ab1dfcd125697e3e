package kubetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// Logs returns what a pod that was run has printed so far, from where users get
// it: the API server.
func (c *Cluster) Logs(ctx context.Context, namespace, pod string) (string, error) {
	client, err := rest.HTTPClientFor(c.config)
	if err != nil {
		return "", err
	}
	url := fmt.Sprintf("%s/api/v1/namespaces/%s/pods/%s/log", c.Host, namespace, pod)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("logs of %s: %s: %s", pod, response.Status, content)
	}
	return string(content), err
}

// ServeHTTP answers what the API server asks the kubelet for: the log of a
// container. The number of its last lines may be given; it may be followed.
func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, isLog := strings.CutPrefix(r.URL.Path, "/containerLogs/")
	parts := strings.Split(path, "/")
	if !isLog || len(parts) != 3 {
		http.NotFound(w, r)
		return
	}
	n.mutex.Lock()
	run := n.names[parts[0]+"/"+parts[1]]
	n.mutex.Unlock()
	if run == nil {
		http.Error(w, fmt.Sprintf("container %q in pod %q is waiting to start", parts[2], parts[1]), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	var text []byte
	tail, err := strconv.Atoi(r.URL.Query().Get("tailLines"))
	for at, first := 0, true; ; first = false {
		var more <-chan struct{}
		text, more = run.output.from(at)
		at += len(text)
		if first && err == nil {
			lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
			start := bytes.Join(lines[:max(0, len(lines)-tail)], nil)
			text = text[len(start):]
		}
		_, _ = w.Write(text) // the reader may have gone
		if more == nil || r.URL.Query().Get("follow") != "true" {
			return
		}
		_ = http.NewResponseController(w).Flush() // the same
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}

// output is what a container prints, for many readers.
type output struct {
	mutex  sync.Mutex
	text   []byte
	closed bool
	more   chan struct{} // closed, and replaced, when there is more to read
}

func newOutput() *output { return &output{more: make(chan struct{})} }

// Write adds to the output.
func (o *output) Write(text []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.text = append(o.text, text...)
	o.wake()
	return len(text), nil
}

// Close says that nothing more will come. It may be said again.
func (o *output) Close() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if !o.closed {
		o.closed = true
		o.wake()
	}
}

func (o *output) isClosed() bool {
	_, more := o.from(0)
	return more == nil
}

func (o *output) wake() {
	close(o.more)
	o.more = make(chan struct{})
}

// from returns what was printed after a position, and a channel that is closed
// when there is more, or nil when nothing more will come.
func (o *output) from(at int) (text []byte, more <-chan struct{}) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if !o.closed {
		more = o.more
	}
	return bytes.Clone(o.text[at:]), more
}

func (o *output) String() string {
	text, _ := o.from(0)
	return string(text)
}
