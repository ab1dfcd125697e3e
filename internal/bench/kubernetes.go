package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// The delegate that upgraders are for, and the token that it has.
const (
	delegateName  = "bench-delegate"
	delegateToken = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" //nolint:gosec // it opens nothing
)

// onKubernetes is a cluster with a delegate's Deployment.
type onKubernetes struct {
	*bench

	cluster   *kubetest.Cluster
	namespace string
	dir       string
}

// measureKubernetes measures the life of one upgrader on Kubernetes.
func (b *bench) measureKubernetes(ctx context.Context, results *table) error {
	const what = "one upgrader on Kubernetes"
	if err := kubetest.Supported(); err != nil {
		results.leaveOut(what, err)
		return nil
	}
	b.say("starting a Kubernetes control plane")
	cluster, err := kubetest.Start(ctx)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	k := &onKubernetes{bench: b, cluster: cluster, dir: filepath.Join(b.dir, "kubernetes")}
	if k.namespace, err = cluster.NewNamespace(ctx, "bench"); err != nil {
		return err
	}
	if err := k.deploy(ctx, k.namespace, delegateName); err != nil {
		return err
	}
	results.section(what + ": six objects")
	if err := k.lives(ctx, results); err != nil {
		return err
	}
	results.section(fmt.Sprintf("the same, every request takes %d ms longer", faraway.Milliseconds()))
	if err := k.sideBySide(ctx, results); err != nil {
		return err
	}
	return k.many(ctx, results)
}

// deploy makes a delegate's Deployment, without pods.
func (k *onKubernetes) deploy(ctx context.Context, namespace, name string) error {
	var made unstructured.Unstructured
	if err := yaml.Unmarshal(fmt.Appendf(nil, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s}
spec:
  replicas: 0
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      containers:
      - name: delegate
        image: harness/delegate:%[2]s
        env:
        - {name: DELEGATE_TOKEN, value: %[3]q}
`, name, latest, delegateToken), &made.Object); err != nil {
		return fmt.Errorf("reading the delegate's manifest: %w", err)
	}
	deployments := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	if _, err := k.cluster.Client.Resource(deployments).Namespace(namespace).Create(ctx, &made, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("deploying the delegate: %w", err)
	}
	return nil
}

// config asks for an upgrader in the cluster that the arguments of the provider
// block name.
func (k *onKubernetes) config(block string) string {
	return k.ours.head("  kubernetes {\n"+block+"  }\n") + fmt.Sprintf(`
resource "harnessdelegate_upgrader" "one" {
  delegate_name = %q
  token         = %q
  kubernetes {
    namespace = %q
  }
}
`, delegateName, delegateToken, k.namespace)
}

// lives compares an upgrader's life with that of the empty provider's resource,
// and with kubectl on the same objects where there is one.
func (k *onKubernetes) lives(ctx context.Context, results *table) error {
	kubeconfig, err := k.cluster.User("bench", "system:masters")
	if err != nil {
		return err
	}
	mine, err := k.ours.workspaceWith(ctx, filepath.Join(k.dir, "ours"), k.config(fmt.Sprintf("    config_path = %q\n", kubeconfig)))
	if err != nil {
		return err
	}
	theirs, err := k.empty.workspaceWith(ctx, filepath.Join(k.dir, "empty"), k.empty.oneResource())
	if err != nil {
		return err
	}
	takes := []func() (lived, error){
		func() (lived, error) { return mine.live(ctx, k.requestsOf("bench")) },
		func() (lived, error) { return theirs.live(ctx, noRequests) },
	}
	byHand, err := k.kubectl(ctx)
	switch {
	case errors.Is(err, errNoKubectl):
		results.leaveOut("kubectl on the same objects", err)
	case err != nil:
		return err
	default:
		takes = append(takes, func() (lived, error) { return byHand.live(ctx) })
	}
	k.say("one upgrader on Kubernetes: apply, plan, destroy, %d rounds", k.opts.lives)
	lives, err := byTurns(k.opts.lives, takes...)
	if err != nil {
		return err
	}
	results.report(lives[0], lives[1])
	if len(lives) > 2 {
		byHand.report(results, lives[2])
	}
	return nil
}

// requestsOf counts the requests of a user.
func (k *onKubernetes) requestsOf(user string) counter {
	return func() (int, error) {
		entries, err := k.cluster.Audit(time.Time{})
		count := 0
		for _, entry := range entries {
			if entry.User == user {
				count++
			}
		}
		return count, err
	}
}
