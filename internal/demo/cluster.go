package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// The place and the name of the delegate on Kubernetes, as the example has them.
const (
	namespace    = "harness-delegate-ng"
	onKubernetes = "payments-delegate"
)

// cluster is a Kubernetes cluster, to people with kubectl.
type cluster struct{ *kubetest.Cluster }

// kinds are those that a delegate and its upgrader are made of.
var kinds = map[string]schema.GroupVersionResource{
	"ConfigMap":      {Version: "v1", Resource: "configmaps"},
	"CronJob":        {Group: "batch", Version: "v1", Resource: "cronjobs"},
	"Deployment":     {Group: "apps", Version: "v1", Resource: "deployments"},
	"Job":            {Group: "batch", Version: "v1", Resource: "jobs"},
	"Namespace":      {Version: "v1", Resource: "namespaces"},
	"Role":           {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	"RoleBinding":    {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	"Secret":         {Version: "v1", Resource: "secrets"},
	"ServiceAccount": {Version: "v1", Resource: "serviceaccounts"},
}

// create makes the objects of a manifest.
func (c cluster) create(ctx context.Context, manifest string) error {
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		var made unstructured.Unstructured
		if err := yaml.Unmarshal([]byte(document), &made.Object); err != nil {
			return fmt.Errorf("reading a manifest: %w", err)
		}
		client := c.Client.Resource(kinds[made.GetKind()])
		var err error
		if made.GetNamespace() == "" {
			_, err = client.Create(ctx, &made, metav1.CreateOptions{FieldManager: "kubectl-create"})
		} else {
			_, err = client.Namespace(made.GetNamespace()).Create(ctx, &made, metav1.CreateOptions{FieldManager: "kubectl-create"})
		}
		if err != nil {
			return fmt.Errorf("making %s/%s: %w", made.GetKind(), made.GetName(), err)
		}
	}
	return nil
}

// edit changes an object without Terraform.
func (c cluster) edit(ctx context.Context, kind, name string, form types.PatchType, patch string) error {
	_, err := c.Client.Resource(kinds[kind]).Namespace(namespace).Patch(ctx, name, form, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	if err != nil {
		return fmt.Errorf("changing %s/%s: %w", kind, name, err)
	}
	return nil
}

// objects lists what is in the namespace, but for what every namespace has.
func (c cluster) objects(ctx context.Context) ([]string, error) {
	var found []string
	for kind, resource := range kinds {
		if kind == "Namespace" {
			continue
		}
		list, err := c.Client.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, fmt.Errorf("listing each %s: %w", kind, err)
		}
		for _, item := range list.Items {
			if name := item.GetName(); name != "default" && name != "kube-root-ca.crt" {
				found = append(found, kind+"/"+name)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}

// rollOut is what a Deployment tells of its image.
type rollOut struct {
	// image is that of the first container.
	image string
	// revision counts the roll-outs.
	revision string
	// complete is whether all pods are of this image, and ready.
	complete bool
}

// delegate looks at the delegate's Deployment.
func (c cluster) delegate(ctx context.Context) (rollOut, error) {
	u, err := c.Client.Resource(kinds["Deployment"]).Namespace(namespace).Get(ctx, onKubernetes, metav1.GetOptions{})
	if err != nil {
		return rollOut{}, fmt.Errorf("reading the delegate's Deployment: %w", err)
	}
	number := func(path ...string) int64 {
		value, _, _ := unstructured.NestedInt64(u.Object, path...) // 0 where it is missing
		return value
	}
	replicas := number("spec", "replicas")
	found := rollOut{
		revision: u.GetAnnotations()["deployment.kubernetes.io/revision"],
		complete: number("status", "observedGeneration") == u.GetGeneration() && number("status", "updatedReplicas") == replicas &&
			number("status", "readyReplicas") == replicas && number("status", "replicas") == replicas,
	}
	containers, _, _ := unstructured.NestedSlice(u.Object, "spec", "template", "spec", "containers") // the API server knows no Deployment without
	if container, ok := containers[0].(map[string]any); ok {
		found.image, _ = container["image"].(string)
	}
	return found, nil
}

// rolledOut waits until all pods of the delegate are of its Deployment's image.
func (c cluster) rolledOut(ctx context.Context) (rollOut, error) {
	var last rollOut
	err := await(ctx, "the delegate is rolled out", func() (done bool, err error) {
		last, err = c.delegate(ctx)
		return last.complete, err
	})
	return last, err
}

// await waits for something that happens by itself within a minute.
func await(ctx context.Context, what string, so func() (bool, error)) error {
	const interval, limit = 50 * time.Millisecond, time.Minute
	over := time.NewTimer(limit)
	defer over.Stop()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if done, err := so(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over.C:
			return fmt.Errorf("waited a minute in vain for this: %s", what)
		case <-tick.C:
		}
	}
}
