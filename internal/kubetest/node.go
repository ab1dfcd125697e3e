package kubetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// The only node.
const (
	nodeName = "local"
	nodeIP   = "127.0.0.1"
)

// node plays the kubelet of the only node.
type node struct {
	cluster *Cluster
	server  *httptest.Server // for what the API server asks a kubelet
	stop    func()

	mutex sync.Mutex
	runs  map[string]*podRun // by the pods' UIDs, also of those that have ended
	names map[string]*podRun // by namespace and name; of several, the latest
}

// startNode registers the node: large, empty and ready.
func startNode(ctx context.Context, c *Cluster) (*node, error) {
	n := &node{cluster: c, runs: map[string]*podRun{}, names: map[string]*podRun{}}
	n.server = httptest.NewTLSServer(n)
	stopWatching := func() {}
	n.stop = func() {
		stopWatching()
		n.server.CloseClientConnections() // of those who follow logs
		n.server.Close()
	}
	if err := n.register(ctx); err != nil {
		n.stop()
		return nil, fmt.Errorf("registering the node: %w", err)
	}
	// Until Stop, not until the start's context ends.
	stopWatching = c.inBackground(context.WithoutCancel(ctx), "", "", n.see)
	return n, nil
}

func (n *node) register(ctx context.Context) error {
	address, err := url.Parse(n.server.URL)
	if err != nil {
		return err
	}
	_, text, err := net.SplitHostPort(address.Host)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	room := object{"cpu": "256", "memory": "1Ti", "ephemeral-storage": "1Ti", "pods": "10000"}
	client := n.cluster.own.Resource(nodes)
	labels := object{"kubernetes.io/hostname": nodeName, "kubernetes.io/os": "linux", "kubernetes.io/arch": runtime.GOARCH}
	if _, err := client.Create(ctx, &unstructured.Unstructured{Object: object{
		"apiVersion": "v1", "kind": "Node", "metadata": object{"name": nodeName, "labels": labels},
	}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	status, err := json.Marshal(object{"status": object{
		"addresses":       []object{{"type": "InternalIP", "address": nodeIP}, {"type": "Hostname", "address": nodeName}},
		"daemonEndpoints": object{"kubeletEndpoint": object{"Port": port}},
		"capacity":        room,
		"allocatable":     room,
		"conditions":      []object{{"type": "Ready", "status": "True", "reason": "KubeletReady"}},
	}})
	if err != nil {
		return err
	}
	if _, err := client.Patch(ctx, nodeName, types.MergePatchType, status, metav1.PatchOptions{}, "status"); err != nil {
		return err
	}
	// New nodes are tainted as not ready, which a controller would undo.
	_, err = client.Patch(ctx, nodeName, types.MergePatchType, []byte(`{"spec":{"taints":null}}`), metav1.PatchOptions{})
	return err
}

// see removes a deleted pod, as the API server leaves it to the kubelet: at once
// if nothing runs, or else by ending what runs, which then removes it.
func (n *node) see(ctx context.Context, p *pod) error {
	if !p.deleted() || !p.bound() {
		return nil
	}
	if run := n.run(p.Metadata.UID); run != nil && !run.output.isClosed() {
		run.end(time.Duration(p.Metadata.DeletionGracePeriodSeconds) * time.Second)
		return nil // seen again when the end is reported
	}
	return n.remove(ctx, p)
}

// remove takes a deleted pod off the API server.
func (n *node) remove(ctx context.Context, p *pod) error {
	now, uid := int64(0), types.UID(p.Metadata.UID)
	err := n.cluster.own.Resource(pods).Namespace(p.Metadata.Namespace).Delete(ctx, p.Metadata.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      &metav1.Preconditions{UID: &uid},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// run is what runs, or ran, of a pod.
func (n *node) run(uid string) *podRun {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.runs[uid]
}

// admit remembers that a pod runs now. It fails if it has run already.
func (n *node) admit(p *pod, run *podRun) error {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.runs[p.Metadata.UID] != nil {
		return fmt.Errorf("the pod %s was run already", p.Metadata.Name)
	}
	n.runs[p.Metadata.UID] = run
	n.names[p.Metadata.Namespace+"/"+p.Metadata.Name] = run
	return nil
}
