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
	return p.client.Resource(kinds[kind].resource).Namespace(namespace)
}

// get reads an object; it is nil if there is none.
func (p *platform) get(ctx context.Context, namespace string, k key) (object, error) {
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
	return typed(found)
}

// list reads all objects of a kind, a page at a time.
func list[T object](ctx context.Context, p *platform, namespace, kind string, options metav1.ListOptions) ([]T, error) {
	var items []T
	options.Limit = pageSize
	for {
		var page *unstructured.UnstructuredList
		err := p.try(ctx, func(ctx context.Context) (err error) {
			page, err = p.of(namespace, kind).List(ctx, options)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			item, err := typed(&page.Items[i])
			if err != nil {
				return nil, err
			}
			if of, ok := item.(T); ok {
				items = append(items, of)
			}
		}
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return items, nil
		}
	}
}

// pageSize is how many objects a list brings at a time.
const pageSize = 500

// look reads objects as they are now, side by side.
func (p *platform) look(ctx context.Context, namespace string, keys []key) (snapshot, *spec.Failure) {
	return p.lookBy(ctx, namespace, keys, p.get)
}

// recall reads objects by the lists of this run, where these credentials may list:
// one list serves all upgraders of a namespace.
func (p *platform) recall(ctx context.Context, namespace string, keys []key) (snapshot, *spec.Failure) {
	return p.lookBy(ctx, namespace, keys, p.getListed)
}

func (p *platform) lookBy(
	ctx context.Context, namespace string, keys []key, get func(context.Context, string, key) (object, error),
) (snapshot, *spec.Failure) {
	found := make([]object, len(keys))
	failures := make([]*spec.Failure, len(keys))
	together(len(keys), func(i int) {
		object, err := get(ctx, namespace, keys[i])
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

// getListed is get by the lists of this run. An object that a list lacks is asked
// for: it may have been made since, or be one that the list leaves out.
func (p *platform) getListed(ctx context.Context, namespace string, k key) (object, error) {
	if p.lists == nil || namespace == "" {
		return p.get(ctx, namespace, k)
	}
	options := metav1.ListOptions{}
	if k.kind == kindSecret {
		// Without the releases that Helm keeps in Secrets, which are large.
		options.FieldSelector = "type=Opaque"
	}
	found, err := p.lists.Get(ctx, p.requests, p.of(namespace, k.kind), kinds[k.kind].resource, namespace, k.name, options)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return p.get(ctx, namespace, k)
	}
	return typed(found)
}

// together calls a function for each of n, all at once, and waits for them.
func together(n int, do func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { do(i) })
	}
	group.Wait()
}

// leftOver are the remembered objects that are wanted no more and still there,
// as after a change of names that was given up halfway. What these credentials
// may not read is no reason to fail: nothing that is wanted depends on it.
func (p *platform) leftOver(ctx context.Context, want spec.Upgrader, last []spec.Object, known snapshot) ([]spec.Object, *spec.Failure) {
	wanted, namespace := keysOf(want), want.Kubernetes.Namespace
	unwanted := slices.DeleteFunc(owned(want, last), func(o spec.Object) bool {
		return slices.Contains(wanted, rememberedKey(o)) || known[rememberedKey(o)] != nil
	})
	there, failures := make([]bool, len(unwanted)), make([]*spec.Failure, len(unwanted))
	together(len(unwanted), func(i int) {
		k := rememberedKey(unwanted[i])
		found, err := p.getListed(ctx, namespace, k)
		if err != nil && !apierrors.IsForbidden(err) {
			failures[i] = p.fail(action{"read", k, namespace}, err)
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
