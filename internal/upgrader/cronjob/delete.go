package cronjob

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Delete implements [spec.Platform].
func (p *platform) Delete(ctx context.Context, have spec.Upgrader, last, keep []spec.Object) (spec.Applied, error) {
	keys := keysOf(Objects(have))
	for _, object := range last {
		if k := keyOf(object); !slices.Contains(keys, k) && !lookedAfterByOthers(have, k) {
			keys = append(keys, k)
		}
	}
	live, failure := p.look(ctx, have.Kubernetes.Namespace, keys)
	if failure != nil {
		return spec.Applied{Objects: last}, failure
	}
	hide := newMask(have.Token, have.Proxy.Password)
	r := &removal{platform: p, namespace: have.Kubernetes.Namespace, hide: hide}
	var doomed []*unstructured.Unstructured
	for _, k := range keys {
		object, exists := live[k]
		switch {
		case !exists:
		case slices.ContainsFunc(keep, func(o spec.Object) bool { return o.ID == string(object.GetUID()) }):
			r.left = append(r.left, k.String()+" left: another upgrader has taken it over")
		case remembered(object, last) || ours(object):
			doomed = append(doomed, object)
		default:
			r.left = append(r.left, fmt.Sprintf("%s left: it has been replaced by one that %s made", k, makers(object)))
		}
	}
	failure = r.remove(ctx, doomed)
	applied := spec.Applied{Done: r.done, Left: r.left}
	for _, object := range doomed {
		if k := (key{object.GetKind(), object.GetName()}); !r.gone[k] {
			applied.Objects = append(applied.Objects, identity(object))
		}
	}
	if failure != nil {
		return applied, hide.failure(failure)
	}
	return applied, nil
}

// lookedAfterByOthers tells the Secrets that an upgrader refers to and doesn't
// own.
func lookedAfterByOthers(u spec.Upgrader, k key) bool {
	names := append([]string{u.Kubernetes.ExistingSecret, u.Kubernetes.MTLSSecret, u.Kubernetes.CustomCASecret},
		u.Kubernetes.ImagePullSecrets...)
	return k.kind == kindSecret && slices.Contains(names, k.name)
}

// owned leaves out of remembered objects what others look after under the wanted
// configuration. What has been handed over is never taken back: remembered, it
// would be deleted as soon as the configuration names another one.
func owned(want spec.Upgrader, last []spec.Object) []spec.Object {
	wanted := keysOf(Objects(want))
	return slices.DeleteFunc(slices.Clone(last), func(o spec.Object) bool {
		return lookedAfterByOthers(want, keyOf(o)) && !slices.Contains(wanted, keyOf(o))
	})
}

// removeUnwanted removes the objects of last that are wanted no more.
func (a *application) removeUnwanted(ctx context.Context, wanted []key) *spec.Failure {
	r := &removal{platform: a.platform, namespace: a.want.Kubernetes.Namespace, keeps: key{kindCronJob, a.want.Kubernetes.Names.CronJob}, hide: a.hide}
	var doomed []*unstructured.Unstructured
	for _, object := range owned(a.want, a.last) {
		k := keyOf(object)
		found, exists := a.live[k]
		if exists && identity(found) == object && !slices.Contains(wanted, k) {
			doomed = append(doomed, found)
		}
	}
	failure := r.remove(ctx, doomed)
	for k := range r.gone {
		delete(a.live, k)
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
