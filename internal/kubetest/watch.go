package kubetest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// watchPods shows a function every pod that is selected, at first and whenever
// it changes, until the context ends. One that is gone is shown a last time, as
// deleted. It survives an API server that restarts,
// and shows all pods again if the function failed. An empty namespace stands for
// all of them.
func (c *Cluster) watchPods(ctx context.Context, namespace string, selected metav1.ListOptions, see func(*pod) error) {
	for ctx.Err() == nil {
		_ = c.watchPodsOnce(ctx, namespace, selected, see) // tried again
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// watchPodsOnce ends at the first failure.
func (c *Cluster) watchPodsOnce(ctx context.Context, namespace string, selected metav1.ListOptions, see func(*pod) error) error {
	client := c.own.Resource(pods).Namespace(namespace)
	list, err := client.List(ctx, selected)
	if err != nil {
		return err
	}
	show := func(u *unstructured.Unstructured, gone bool) error {
		p, err := decodePod(u)
		if err != nil {
			return err
		}
		if gone && !p.deleted() {
			p.Metadata.DeletionTimestamp = timestamp()
		}
		return see(p)
	}
	for i := range list.Items {
		if err := show(&list.Items[i], false); err != nil {
			return err
		}
	}
	selected.ResourceVersion = list.GetResourceVersion()
	changes, err := client.Watch(ctx, selected)
	if err != nil {
		return err
	}
	defer changes.Stop()
	for change := range changes.ResultChan() {
		u, isPod := change.Object.(*unstructured.Unstructured)
		if !isPod || change.Type == watch.Error {
			return fmt.Errorf("watching pods: %v", change.Object)
		}
		if err := show(u, change.Type == watch.Deleted); err != nil {
			return err
		}
	}
	return nil
}

// awaitPod waits for a pod to be as wanted.
func (c *Cluster) awaitPod(ctx context.Context, namespace, name string, wanted func(*pod) bool) (found *pod, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		u, err := c.own.Resource(pods).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if found, err = decodePod(u); err != nil {
			return err
		}
		if !wanted(found) {
			return fmt.Errorf("the pod's phase is %s, its node %q", found.Status.Phase, found.Spec.NodeName)
		}
		return nil
	})
	return found, err
}

func decodePod(u *unstructured.Unstructured) (*pod, error) {
	var p pod
	return &p, recode(u.Object, &p)
}

// recode reads JSON into a struct that has what is used of it.
func recode(from, to any) error {
	content, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, to)
}
