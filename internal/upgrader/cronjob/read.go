package cronjob

import (
	"context"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func (p *platform) of(namespace, kind string) dynamic.ResourceInterface {
	return p.client.Resource(resources[kind]).Namespace(namespace)
}

// get reads an object; it is nil if there is none.
func (p *platform) get(ctx context.Context, namespace string, k key) (*unstructured.Unstructured, error) {
	var found *unstructured.Unstructured
	err := p.try(ctx, func(ctx context.Context) (err error) {
		found, err = p.of(namespace, k.kind).Get(ctx, k.name, metav1.GetOptions{})
		return err
	})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// list reads all objects of a kind.
func (p *platform) list(ctx context.Context, namespace, kind string, options metav1.ListOptions) ([]unstructured.Unstructured, error) {
	var items []unstructured.Unstructured
	err := p.try(ctx, func(ctx context.Context) error {
		found, err := p.of(namespace, kind).List(ctx, options)
		if err != nil {
			return err
		}
		items = found.Items
		return nil
	})
	return items, err
}

// look reads objects side by side.
func (p *platform) look(ctx context.Context, namespace string, keys []key) (snapshot, *spec.Failure) {
	found := make([]*unstructured.Unstructured, len(keys))
	failures := make([]*spec.Failure, len(keys))
	together(len(keys), func(i int) {
		object, err := p.get(ctx, namespace, keys[i])
		if err != nil {
			failures[i] = p.fail(action{"read", keys[i], namespace}, err)
		}
		found[i] = object
	})
	live := snapshot{}
	for i, k := range keys {
		if failures[i] != nil {
			return nil, failures[i]
		}
		if found[i] != nil {
			live[k] = found[i]
		}
	}
	return live, nil
}

// together calls a function for each of n, all at once, and waits for them.
func together(n int, do func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { do(i) })
	}
	group.Wait()
}

// Observe implements [spec.Platform].
func (p *platform) Observe(ctx context.Context, want spec.Upgrader, last []spec.Object) (spec.Observed, error) {
	live, failure := p.look(ctx, want.Kubernetes.Namespace, keysOf(Objects(want)))
	if failure != nil {
		return spec.Observed{}, failure
	}
	seen := observe(want, live)
	leftOver, failure := p.leftOver(ctx, want, last)
	if failure != nil {
		return spec.Observed{}, failure
	}
	for _, object := range leftOver {
		seen.Drift = append(seen.Drift, object.String()+" is left over")
	}
	return seen, nil
}

// leftOver are the remembered objects that are wanted no more and still there,
// as after a change of names that was given up halfway. What these credentials
// may not read is no reason to fail: nothing that is wanted depends on it.
func (p *platform) leftOver(ctx context.Context, want spec.Upgrader, last []spec.Object) ([]spec.Object, *spec.Failure) {
	wanted, namespace := keysOf(Objects(want)), want.Kubernetes.Namespace
	unwanted := slices.DeleteFunc(owned(want, last), func(o spec.Object) bool { return slices.Contains(wanted, keyOf(o)) })
	there, failures := make([]bool, len(unwanted)), make([]*spec.Failure, len(unwanted))
	together(len(unwanted), func(i int) {
		found, err := p.get(ctx, namespace, keyOf(unwanted[i]))
		if err != nil && !apierrors.IsForbidden(err) {
			failures[i] = p.fail(action{"read", keyOf(unwanted[i]), namespace}, err)
		}
		there[i] = found != nil && identity(found) == unwanted[i]
	})
	var left []spec.Object
	for i, object := range unwanted {
		if there[i] {
			left = append(left, object)
		}
	}
	return left, firstOf(failures)
}

func keysOf(objects []*unstructured.Unstructured) []key {
	keys := make([]key, 0, len(objects))
	for _, object := range objects {
		keys = append(keys, key{object.GetKind(), object.GetName()})
	}
	return keys
}
