package kubernetes

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// Lists keeps what was listed in one run, so that one list per kind and namespace
// serves all objects there. It is safe for concurrent use.
type Lists struct {
	mutex sync.Mutex
	kept  map[listKey]*listing
}

type listKey struct {
	resource  schema.GroupVersionResource
	namespace string
}

// listing is one list. Its mutex is held while it is asked for.
type listing struct {
	mutex   sync.Mutex
	asked   time.Time
	items   map[string]*unstructured.Unstructured
	refused error
}

// listAge is how long a list serves. A refresh of many objects takes seconds.
const listAge = 10 * time.Second

// listLimit bounds a list. In a namespace with more objects of a kind, all but
// those of the list are asked for one by one.
const listLimit = 500

// Get gives an object by the list of its kind. It is nil where the list doesn't
// have it, or these credentials may not list.
func (l *Lists) Get(
	ctx context.Context, requests *Requests, from dynamic.ResourceInterface, resource schema.GroupVersionResource,
	namespace, name string, options metav1.ListOptions,
) (*unstructured.Unstructured, error) {
	items, err := l.ask(ctx, requests, from, listKey{resource, namespace}, options)
	if _, answered := Answer(err); err != nil && !answered {
		return nil, err
	}
	return items[name], nil
}

// All gives the objects of a list. Beyond its limit, others are left out.
func (l *Lists) All(
	ctx context.Context, requests *Requests, from dynamic.ResourceInterface, resource schema.GroupVersionResource,
	namespace string, options metav1.ListOptions,
) ([]*unstructured.Unstructured, error) {
	items, err := l.ask(ctx, requests, from, listKey{resource, namespace}, options)
	return slices.Collect(maps.Values(items)), err
}

// ask lists, unless this was done before. That these credentials may not is kept,
// too.
func (l *Lists) ask(
	ctx context.Context, requests *Requests, from dynamic.ResourceInterface, k listKey, options metav1.ListOptions,
) (map[string]*unstructured.Unstructured, error) {
	kept := l.of(k)
	kept.mutex.Lock()
	defer kept.mutex.Unlock()
	if kept.items != nil && time.Since(kept.asked) < listAge {
		return kept.items, kept.refused
	}
	options.Limit = listLimit
	var page *unstructured.UnstructuredList
	err := requests.Try(ctx, func(ctx context.Context) (err error) {
		page, err = from.List(ctx, options)
		return err
	})
	if _, answered := Answer(err); err != nil && !answered {
		return nil, err
	}
	kept.asked, kept.items, kept.refused = time.Now(), map[string]*unstructured.Unstructured{}, err
	if err == nil {
		for i := range page.Items {
			kept.items[page.Items[i].GetName()] = &page.Items[i]
		}
	}
	return kept.items, err
}

func (l *Lists) of(k listKey) *listing {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.kept == nil {
		l.kept = map[listKey]*listing{}
	}
	if l.kept[k] == nil {
		l.kept[k] = &listing{}
	}
	return l.kept[k]
}

// Forget lets go of a list: something in it is about to be written.
func (l *Lists) Forget(resource schema.GroupVersionResource, namespace string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.kept, listKey{resource, namespace})
}
