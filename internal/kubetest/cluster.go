// Package kubetest runs a real Kubernetes control plane for tests, the demo and
// the benchmarks: etcd, the API server with RBAC and the default admission
// plugins, the controllers of workloads and the scheduler. It listens on
// 127.0.0.1 only, is ready in seconds and leaves nothing behind.
//
// There is one node, and no container ever runs on it. This package plays its
// kubelet: it reports what the caller decides about a pod (Ready, Stuck,
// FinishPod, AutoReady), or runs a pod's container as a local process (RunPod,
// RunJobs), removes deleted pods, and serves logs.
//
// Tests of a package share one control plane (Shared) and have a namespace each
// (Cluster.Namespace). Tests that stop or pause the API server start their own.
package kubetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is a control plane that runs.
type Cluster struct {
	// Host is the URL of the API server.
	Host string
	// CA is the certificate, in PEM, that the API server's is verified with.
	CA []byte
	// Kubeconfig is the path of a kubeconfig of the user "admin", who may do
	// everything.
	Kubeconfig string
	// Client acts as "admin".
	Client dynamic.Interface

	dir    string
	config *rest.Config      // of admin
	own    dynamic.Interface // of a user whom the audit log leaves out
	bed    *bed
	node   *node
	stop   sync.Once
}

// Start starts a control plane, and builds it if that was never done. It runs
// until Stop is called or this process is no more; the context is for the start
// alone.
func Start(ctx context.Context) (*Cluster, error) {
	binary, err := Binary(ctx, os.Stderr)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kubetest-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, Kubeconfig: filepath.Join(dir, "admin.kubeconfig")}
	if c.bed, err = startBed(ctx, binary, dir); err == nil {
		err = c.connect(ctx)
	}
	if err != nil {
		c.Stop()
		return nil, fmt.Errorf("starting a Kubernetes control plane: %w", err)
	}
	return c, nil
}

// connect makes the clients, and the node.
func (c *Cluster) connect(ctx context.Context) (err error) {
	if c.config, err = restConfig(c.Kubeconfig); err != nil {
		return err
	}
	c.Host, c.CA = c.config.Host, c.config.CAData
	if c.Client, err = dynamic.NewForConfig(c.config); err != nil {
		return err
	}
	if c.own, err = NewClient(filepath.Join(c.dir, "testbed.kubeconfig")); err != nil {
		return err
	}
	c.node, err = startNode(ctx, c)
	return err
}

// Stop ends the control plane and removes all that it has written. Further
// calls do nothing.
func (c *Cluster) Stop() {
	c.stop.Do(func() {
		if c.node != nil {
			c.node.stop()
		}
		if c.bed != nil {
			c.bed.stop()
		}
		_ = os.RemoveAll(c.dir) // the bed has done so, unless it failed
	})
}

// NewClient makes a client of a kubeconfig, which doesn't limit its own rate.
func NewClient(kubeconfig string) (dynamic.Interface, error) {
	config, err := restConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	return dynamic.NewForConfig(config)
}

func restConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	config.QPS = -1
	return config, nil
}

// User makes a kubeconfig for a user with groups, who authenticates with a
// client certificate and may do what RBAC grants, and returns its path.
func (c *Cluster) User(name string, groups ...string) (kubeconfig string, err error) {
	answer, err := c.bed.ask(bedRequest{Do: "user", User: name, Groups: groups})
	return answer.Kubeconfig, err
}
