package kubetest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// patience bounds waits for what takes a moment. Busy machines take longer.
const patience = time.Minute

// Namespace makes a namespace for a test, named after it, and has it deleted
// when the test is over. Nobody waits for that: no other test has the name.
func (c *Cluster) Namespace(tb testing.TB) string {
	tb.Helper()
	name, err := c.NewNamespace(tb.Context(), tb.Name())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		err := c.own.Resource(namespaces).Delete(context.WithoutCancel(tb.Context()), name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			tb.Errorf("deleting the namespace: %v", err)
		}
	})
	return name
}

// NewNamespace makes a namespace whose name begins with what a title leaves
// over, and waits until pods can be made there: until it has its default service
// account, and the certificate that pods are given.
func (c *Cluster) NewNamespace(ctx context.Context, title string) (string, error) {
	prefix := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(title), "-"), "-")
	made, err := c.own.Resource(namespaces).Create(ctx, &unstructured.Unstructured{Object: object{
		"apiVersion": "v1", "kind": "Namespace", "metadata": object{"generateName": prefix[:min(len(prefix), 40)] + "-"},
	}}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("making a namespace: %w", err)
	}
	name := made.GetName()
	err = eventually(ctx, func(ctx context.Context) error {
		if _, err := c.own.Resource(serviceAccounts).Namespace(name).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return err
		}
		_, err := c.own.Resource(configMaps).Namespace(name).Get(ctx, rootCA, metav1.GetOptions{})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("waiting for the namespace %s: %w", name, err)
	}
	return name, nil
}

// rootCA is the ConfigMap with the API server's certificate authority that each
// namespace has.
const rootCA = "kube-root-ca.crt"

// eventually calls a function until it succeeds, or patience is at its end.
func eventually(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; last: %w", context.Cause(ctx), err)
		case <-tick.C:
		}
	}
}
