package kubetest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Ready reports a pod as running and ready.
func (c *Cluster) Ready(ctx context.Context, namespace, name string) error {
	return c.report(ctx, namespace, name, phaseRunning, running())
}

// Stuck reports a pod whose containers can't be started, with a reason such as
// "ImagePullBackOff".
func (c *Cluster) Stuck(ctx context.Context, namespace, name, reason, message string) error {
	return c.report(ctx, namespace, name, phasePending, waiting(reason, message))
}

// FinishPod reports that the containers of a pod have ended. The pod has
// succeeded if their exit code is 0, and failed otherwise.
func (c *Cluster) FinishPod(ctx context.Context, namespace, name string, exitCode int) error {
	return c.report(ctx, namespace, name, ending(exitCode), terminated(exitCode, ""))
}

// AutoReady reports each pod in a namespace (in all of them, if it's empty) that
// a label selector selects as Ready, once it is scheduled, so that roll-outs come
// to an end by themselves. Pods of Jobs are left alone. It works in the
// background until it is stopped or the context ends.
func (c *Cluster) AutoReady(ctx context.Context, namespace, selector string) (stop func()) {
	return c.inBackground(ctx, namespace, selector, func(ctx context.Context, p *pod) error {
		if p.ofJob() || !p.bound() || p.deleted() || p.ready() || p.finished() {
			return nil
		}
		err := c.Ready(ctx, p.Metadata.Namespace, p.Metadata.Name)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	})
}

// inBackground shows pods to a function until it is stopped.
func (c *Cluster) inBackground(ctx context.Context, namespace, selector string, see func(context.Context, *pod) error) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.watchPods(ctx, namespace, metav1.ListOptions{LabelSelector: selector}, func(p *pod) error { return see(ctx, p) })
	}()
	return func() {
		cancel()
		<-done
	}
}

func waiting(reason, message string) object {
	return object{"waiting": object{"reason": reason, "message": message}}
}

func running() object {
	return object{"running": object{"startedAt": timestamp()}}
}

func terminated(exitCode int, message string) object {
	reason := "Completed"
	if exitCode != 0 {
		reason = "Error"
	}
	return object{"terminated": object{"exitCode": exitCode, "reason": reason, "message": message, "startedAt": timestamp(), "finishedAt": timestamp()}}
}

func ending(exitCode int) string {
	if exitCode != 0 {
		return phaseFailed
	}
	return phaseSucceeded
}

// report writes a pod's status as a kubelet would, with all its containers in
// one state.
func (c *Cluster) report(ctx context.Context, namespace, name, phase string, state object) error {
	client := c.own.Resource(pods).Namespace(namespace)
	u, err := client.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("reading the pod: %w", err)
	}
	p, err := decodePod(u)
	if err != nil {
		return err
	}
	ready := phase == phaseRunning
	statuses := []object{}
	for _, container := range p.Spec.Containers {
		statuses = append(statuses, object{
			"name": container.Name, "image": container.Image, "imageID": "", "restartCount": 0,
			"ready": ready, "started": ready, "state": state,
		})
	}
	conditions := []object{}
	for kind, met := range map[string]bool{"Initialized": true, "ContainersReady": ready, "Ready": ready} {
		status := "False"
		if met {
			status = "True"
		}
		conditions = append(conditions, object{"type": kind, "status": status, "lastTransitionTime": timestamp()})
	}
	status := object{"phase": phase, "conditions": conditions, "containerStatuses": statuses}
	if phase != phasePending {
		status["hostIP"], status["podIP"] = nodeIP, nodeIP
		status["podIPs"] = []object{{"ip": nodeIP}}
	}
	// Conditions are merged by their type: the scheduler's stays.
	patch, err := json.Marshal(object{"metadata": object{"uid": p.Metadata.UID}, "status": status})
	if err != nil {
		return err
	}
	if _, err := client.Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
		return fmt.Errorf("reporting the pod %s: %w", phase, err)
	}
	return nil
}

func timestamp() string { return time.Now().UTC().Format(time.RFC3339) }
