package cronjob

import (
	"reflect"
	"slices"
	"sync"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Run keeps the preflights of one run of Terraform, which plans a resource again
// right before it applies it, in the same process: what that plan has just tried
// need not be tried a second time. The zero value is ready for use.
type Run struct {
	mutex sync.Mutex
	kept  map[spec.Place]*application
}

func placeOf(u spec.Upgrader) spec.Place {
	return spec.Place{Namespace: u.Kubernetes.Namespace, Name: u.Kubernetes.CronJob}
}

// keep keeps a preflight that has tried every write.
func (r *Run) keep(a *application) {
	if r == nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.kept, placeOf(a.Want))
	if !a.isComplete() {
		return
	}
	if r.kept == nil {
		r.kept = map[spec.Place]*application{}
	}
	r.kept[placeOf(a.Want)] = a
}

// isComplete tells that every write was tried on the objects as they are. What was
// read from a list may have been older: then the API server answered about another
// version of the object.
func (a *application) isComplete() bool {
	if len(a.unchecked) > 0 || len(a.keys()) > len(a.wanted) {
		return false
	}
	return !slices.ContainsFunc(a.wanted, func(k key) bool {
		live, tried := a.live[k], a.tried[k]
		return tried == nil || live != nil && (live.GetUID() != tried.GetUID() || live.GetResourceVersion() != tried.GetResourceVersion())
	})
}

// resumed is a change that goes on from its preflight, or a new one.
func (p *platform) resumed(change spec.Change) *application {
	a := p.run.take(change)
	if a == nil {
		return p.application(change)
	}
	a.Change, a.planning = change, false
	return a
}

// take gives the preflight of a change, once.
func (r *Run) take(change spec.Change) *application {
	if r == nil {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	at := placeOf(change.Want)
	a := r.kept[at]
	delete(r.kept, at)
	if a == nil || !reflect.DeepEqual(a.Want, change.Want) || !reflect.DeepEqual(a.Prior, change.Prior) || !slices.Equal(a.Last, change.Last) {
		return nil
	}
	return a
}

// forget lets go of the preflights about objects that were written meanwhile.
func (r *Run) forget(namespace string, keys []key) {
	if r == nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for at, a := range r.kept {
		if at.Namespace == namespace && slices.ContainsFunc(a.keys(), func(k key) bool { return slices.Contains(keys, k) }) {
			delete(r.kept, at)
		}
	}
}
