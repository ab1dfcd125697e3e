package cronjob

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

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
	gone  map[key]bool
	// needed tells why objects are left to those who use them.
	needed     map[key]string
	done, left []string
}

// remove removes CronJobs first, without which nothing starts any more that
// would need the others. Those go side by side, but for what others need.
func (r *removal) remove(ctx context.Context, doomed []*unstructured.Unstructured) *spec.Failure {
	r.gone, r.needed = map[key]bool{}, map[key]string{}
	var others []*unstructured.Unstructured
	var failure *spec.Failure
	for _, object := range doomed {
		if object.GetKind() != kindCronJob {
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
			if r.needed[key{others[i].GetKind(), others[i].GetName()}] == "" {
				failures[i] = r.removeOne(ctx, others[i])
			}
		})
		failure = firstOf(r.hide.failures(failures))
	}
	for _, object := range doomed {
		switch k := (key{object.GetKind(), object.GetName()}); {
		case r.gone[k]:
			r.done = append(r.done, k.String()+" deleted")
		case r.needed[k] != "":
			r.left = append(r.left, fmt.Sprintf("%s left: %s", k, r.needed[k]))
		default:
			r.left = append(r.left, k.String()+" not deleted")
		}
	}
	return failure
}

func (r *removal) removeOne(ctx context.Context, object *unstructured.Unstructured) *spec.Failure {
	failure := r.delete(ctx, r.namespace, object)
	if failure == nil {
		k := key{object.GetKind(), object.GetName()}
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.gone[k] = true
	}
	return failure
}

// delete deletes this very object, not another one of its name, and waits until
// it is gone.
func (p *platform) delete(ctx context.Context, namespace string, object *unstructured.Unstructured) *spec.Failure {
	k, id, background := key{object.GetKind(), object.GetName()}, object.GetUID(), metav1.DeletePropagationBackground
	doing := action{"delete", k, namespace}
	err := p.try(ctx, func(ctx context.Context) error {
		return p.of(namespace, k.kind).Delete(ctx, k.name, metav1.DeleteOptions{
			Preconditions:     &metav1.Preconditions{UID: &id},
			PropagationPolicy: &background,
		})
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // gone already, perhaps by a request whose answer was lost
	}
	if err != nil {
		return p.fail(doing, err)
	}
	var still *unstructured.Unstructured
	err = p.requests.Poll(ctx, func(ctx context.Context) (bool, error) {
		found, err := p.get(ctx, namespace, k)
		if err == nil {
			still = found
		}
		return err == nil && (found == nil || found.GetUID() != id), err
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded) && still != nil && len(still.GetFinalizers()) > 0:
		return &spec.Failure{
			Doing:    doing.String(),
			Reason:   "it is being deleted, but waits for its finalizers " + strings.Join(still.GetFinalizers(), ", "),
			Advice:   "Find out why those who set the finalizers don't finish, or set longer timeouts.",
			Argument: []string{"timeouts"}, Err: err,
		}
	default:
		return p.fail(doing, err)
	}
}
