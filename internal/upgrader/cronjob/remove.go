package cronjob

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Delete implements [spec.Platform]. Objects that are remembered are deleted by
// their UIDs, without being read before.
func (p *platform) Delete(ctx context.Context, have spec.Upgrader, last, keep []spec.Object) (spec.Applied, error) {
	p.forgetLists(have.Kubernetes.Namespace)
	defer p.run.forget(have.Kubernetes.Namespace, keysOfBoth(have, last))
	r := &removal{platform: p, namespace: have.Kubernetes.Namespace, hide: newMask(have.Token, have.Proxy.Password)}
	var doomed []spec.Object
	for _, object := range last {
		switch {
		case lookedAfterByOthers(have, rememberedKey(object)):
		case slices.Contains(keep, object):
			r.left = append(r.left, object.String()+" left: another upgrader has taken it over")
		default:
			doomed = append(doomed, object)
		}
	}
	forgotten, failure := r.forgotten(ctx, have, last, keep)
	if failure != nil {
		return spec.Applied{Objects: last}, r.hide.failure(failure)
	}
	doomed = append(doomed, forgotten...)
	failure = r.remove(ctx, doomed)
	applied := spec.Applied{Done: r.done, Left: r.left}
	for _, object := range doomed {
		if !r.gone[object] {
			applied.Objects = append(applied.Objects, object)
		}
	}
	if failure != nil {
		return applied, r.hide.failure(failure)
	}
	return applied, nil
}

// forgotten are objects of the upgrader that this provider has made and that
// nobody remembers.
func (r *removal) forgotten(ctx context.Context, have spec.Upgrader, last, keep []spec.Object) ([]spec.Object, *spec.Failure) {
	keys := slices.DeleteFunc(keysOf(have), func(k key) bool {
		return slices.ContainsFunc(last, func(o spec.Object) bool { return rememberedKey(o) == k })
	})
	live, failure := r.look(ctx, r.namespace, keys)
	if failure != nil {
		return nil, failure
	}
	var found []spec.Object
	for _, k := range keys {
		if object := live[k]; object != nil && ours(object) && !slices.Contains(keep, identity(object)) {
			found = append(found, identity(object))
		}
	}
	return found, nil
}

// lookedAfterByOthers tells what an upgrader refers to and doesn't own.
func lookedAfterByOthers(u spec.Upgrader, k key) bool {
	names := append([]string{u.Kubernetes.ExistingSecret, u.Kubernetes.MTLSSecret, u.Kubernetes.CustomCASecret},
		u.Kubernetes.ImagePullSecrets...)
	return k.kind == kindSecret && slices.Contains(names, k.name) ||
		k == key{kindServiceAccount, u.Kubernetes.ServiceAccount} && !u.Kubernetes.RBAC.Creates()
}

// owned leaves out of remembered objects what others look after under the wanted
// configuration. What has been handed over is never taken back: remembered, it
// would be deleted as soon as the configuration names another one. A ServiceAccount
// is handed over with the rights that it has.
func owned(want spec.Upgrader, last []spec.Object) []spec.Object {
	wanted := keysOf(want)
	account := key{kindServiceAccount, want.Kubernetes.ServiceAccount}
	handedOver := !want.Kubernetes.RBAC.Creates() && slices.ContainsFunc(last, func(o spec.Object) bool { return rememberedKey(o) == account })
	return slices.DeleteFunc(slices.Clone(last), func(o spec.Object) bool {
		k := rememberedKey(o)
		rights := k.kind == kindRole || k.kind == kindRoleBinding
		return (lookedAfterByOthers(want, k) || rights && handedOver) && !slices.Contains(wanted, k)
	})
}

// removeUnwanted removes the objects of Last that are wanted no more.
func (a *application) removeUnwanted(ctx context.Context) *spec.Failure {
	r := &removal{platform: a.platform, namespace: a.namespace, keeps: key{kindCronJob, a.Want.Kubernetes.CronJob}, hide: a.hide}
	var doomed []spec.Object
	for _, object := range owned(a.Want, a.Last) {
		k := rememberedKey(object)
		if found := a.live[k]; found != nil && identity(found) == object && !slices.Contains(a.wanted, k) {
			doomed = append(doomed, object)
		}
	}
	failure := r.remove(ctx, doomed)
	for object := range r.gone {
		delete(a.live, rememberedKey(object))
	}
	// What others need is theirs from now on. Remembered, it would be left over in
	// every plan, and no apply would change that.
	a.released = map[key]bool{}
	for k := range r.needed {
		a.released[k] = true
	}
	a.removed, a.left = r.done, append(a.left, r.left...)
	return failure
}

// removal removes objects, and tells what it did.
type removal struct {
	*platform
	namespace string
	// keeps is the CronJob that stays and has no need of what is removed: it has
	// just been given what it needs in its place.
	keeps key
	// hide knows what must not be shown, should a webhook quote it.
	hide  mask
	mutex sync.Mutex
	// gone are the objects that don't exist any more, absent those of them that were
	// not there.
	gone, absent map[spec.Object]bool
	// needed tells why objects are left to those who use them, replaced who has
	// made another object in their place.
	needed     map[key]string
	replaced   map[spec.Object]string
	done, left []string
}

// remove removes CronJobs first, without which nothing starts any more that
// would need the others. Those go side by side, but for what others need.
func (r *removal) remove(ctx context.Context, doomed []spec.Object) *spec.Failure {
	r.gone, r.absent, r.needed, r.replaced = map[spec.Object]bool{}, map[spec.Object]bool{}, map[key]string{}, map[spec.Object]string{}
	var others []spec.Object
	var failure *spec.Failure
	for _, object := range doomed {
		if object.Kind != kindCronJob {
			others = append(others, object)
		} else if failure == nil {
			failure = r.removeOne(ctx, object)
		}
	}
	if failure == nil && len(others) > 0 {
		r.needed, failure = r.neededOf(ctx, others)
	}
	if failure == nil {
		failures := make([]*spec.Failure, len(others))
		together(len(others), func(i int) {
			if r.needed[rememberedKey(others[i])] == "" {
				failures[i] = r.removeOne(ctx, others[i])
			}
		})
		failure = firstOf(r.hide.failures(failures))
	}
	for _, object := range doomed {
		k := rememberedKey(object)
		switch {
		case r.replaced[object] != "":
			r.left = append(r.left, fmt.Sprintf("%s left: it has been replaced by one that %s made", k, r.replaced[object]))
		case r.absent[object]:
		case r.gone[object]:
			r.done = append(r.done, k.String()+" deleted")
		case r.needed[k] != "":
			r.left = append(r.left, fmt.Sprintf("%s left: %s", k, r.needed[k]))
		default:
			r.left = append(r.left, k.String()+" not deleted")
		}
	}
	return failure
}

func (r *removal) removeOne(ctx context.Context, object spec.Object) *spec.Failure {
	k := rememberedKey(object)
	outcome, failure := r.delete(ctx, r.namespace, k, types.UID(object.ID))
	if failure != nil {
		return failure
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.gone[object] = true
	r.absent[object] = outcome.absent
	if outcome.other != nil {
		r.replaced[object] = makers(outcome.other)
	}
	return nil
}

// deletion is what a delete has found.
type deletion struct {
	// absent tells that there was nothing to delete.
	absent bool
	// other is another object of the name, which is left.
	other object
}

// delete deletes this very object, and waits until it is gone.
func (p *platform) delete(ctx context.Context, namespace string, k key, id types.UID) (deletion, *spec.Failure) {
	background := metav1.DeletePropagationBackground
	doing := action{"delete", k, namespace}
	gone := false
	err := p.try(ctx, func(ctx context.Context) (err error) {
		gone, err = p.deleter(ctx, kinds[k.kind].resource, namespace, k.name, metav1.DeleteOptions{
			Preconditions:     &metav1.Preconditions{UID: &id},
			PropagationPolicy: &background,
		})
		return err
	})
	switch {
	case gone:
		return deletion{}, nil
	case apierrors.IsNotFound(err):
		return deletion{absent: true}, nil
	case apierrors.IsConflict(err):
		other, err := p.get(ctx, namespace, k)
		if err != nil {
			return deletion{}, p.fail(doing, err)
		}
		return deletion{absent: true, other: other}, nil
	case err != nil:
		return deletion{}, p.fail(doing, err)
	}
	var still object
	err = p.requests.Poll(ctx, func(ctx context.Context) (bool, error) {
		found, err := p.get(ctx, namespace, k)
		if err == nil {
			still = found
		}
		return err == nil && (found == nil || found.GetUID() != id), err
	})
	switch {
	case err == nil:
		return deletion{}, nil
	case errors.Is(err, context.DeadlineExceeded) && still != nil && len(still.GetFinalizers()) > 0:
		return deletion{}, &spec.Failure{
			Doing:    doing.String(),
			Reason:   "it is being deleted, but waits for its finalizers " + strings.Join(still.GetFinalizers(), ", "),
			Advice:   "Find out why those who set the finalizers don't finish, or set longer timeouts.",
			Argument: []string{"timeouts"}, Err: err,
		}
	default:
		return deletion{}, p.fail(doing, err)
	}
}
