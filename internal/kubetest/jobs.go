package kubetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Trigger makes a Job of a CronJob now, as "kubectl create job --from" does, and
// returns its name.
func (c *Cluster) Trigger(ctx context.Context, namespace, cronJob string) (job string, err error) {
	u, err := c.own.Resource(cronJobs).Namespace(namespace).Get(ctx, cronJob, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("reading the CronJob: %w", err)
	}
	template, _, err := unstructured.NestedMap(u.Object, "spec", "jobTemplate")
	if err != nil {
		return "", err
	}
	made := &unstructured.Unstructured{Object: template}
	made.SetGroupVersionKind(cronJobs.GroupVersion().WithKind("Job"))
	made.SetGenerateName(cronJob + "-manual-")
	annotations := made.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations["cronjob.kubernetes.io/instantiate"] = "manual"
	made.SetAnnotations(annotations)
	made.SetOwnerReferences([]metav1.OwnerReference{*metav1.NewControllerRef(u, u.GroupVersionKind())})
	made, err = c.own.Resource(jobs).Namespace(namespace).Create(ctx, made, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("making a Job of the CronJob %s: %w", cronJob, err)
	}
	return made.GetName(), nil
}

// RunJobs runs each new pod of a Job in a namespace as RunPod does, with one
// program for all of them, so that Jobs and CronJobs work by themselves. It does
// so in the background until it is stopped or the context ends, which ends what
// runs. Stopping returns what has kept pods from being run; a program that failed
// is no error.
func (c *Cluster) RunJobs(ctx context.Context, namespace string, program Program) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var (
		running sync.WaitGroup
		mutex   sync.Mutex
		failed  []error
	)
	fail := func(err error) {
		mutex.Lock()
		defer mutex.Unlock()
		if ctx.Err() == nil {
			failed = append(failed, err)
		}
	}
	if err := CanRunPods(); err != nil {
		fail(err)
		cancel()
	}
	begun := map[string]bool{} // only used by the watch
	stopWatching := c.inBackground(ctx, namespace, jobLabel, func(ctx context.Context, p *pod) error {
		if begun[p.Metadata.UID] || !p.bound() || p.deleted() || p.Status.Phase != phasePending {
			return nil
		}
		begun[p.Metadata.UID] = true
		running.Go(func() {
			if _, err := c.runPod(ctx, p, program); err != nil {
				fail(err)
			}
		})
		return nil
	})
	return func() error {
		cancel()
		stopWatching()
		running.Wait()
		return errors.Join(failed...)
	}
}
