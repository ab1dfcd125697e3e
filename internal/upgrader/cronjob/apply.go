package cronjob

import (
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Apply implements [spec.Platform].
func (p *platform) Apply(ctx context.Context, want spec.Upgrader, last []spec.Object) (spec.Applied, error) {
	objects := Objects(want)
	wanted := keysOf(objects)
	keys := slices.Clone(wanted)
	for _, object := range last {
		if !slices.Contains(keys, keyOf(object)) {
			keys = append(keys, keyOf(object))
		}
	}
	if twice := duplicate(want, wanted); twice != nil {
		return spec.Applied{Objects: owned(want, last)}, twice
	}
	hide := newMask(want.Token, want.Proxy.Password)
	live, failure := p.look(ctx, want.Kubernetes.Namespace, keys)
	if failure != nil {
		return spec.Applied{Objects: owned(want, last), Left: notWritten(wanted)}, hide.failure(failure)
	}

	a := &application{platform: p, want: want, last: last, live: live, hide: hide, outcome: map[key]string{}}
	if failure := a.refuseShared(ctx, wanted); failure != nil {
		// What is there is the other one's: it must not be remembered as ours.
		return spec.Applied{Left: notWritten(wanted)}, failure
	}
	if failure := a.prepare(objects); failure != nil {
		return spec.Applied{Objects: a.existing(), Left: notWritten(wanted)}, hide.failure(failure)
	}
	failure = a.write(ctx, objects)
	if failure == nil {
		failure = a.removeUnwanted(ctx, wanted)
	}
	a.lookAgain(ctx, wanted)
	applied := spec.Applied{Objects: a.existing(), Left: a.left}
	for _, k := range wanted {
		if outcome := a.outcome[k]; outcome != "" {
			applied.Done = append(applied.Done, k.String()+" "+outcome)
		} else {
			applied.Left = append(applied.Left, k.String()+" not written")
		}
	}
	applied.Done = append(applied.Done, a.removed...)
	if failure != nil {
		return applied, hide.failure(failure)
	}
	return applied, nil
}

// application is one Apply under way.
type application struct {
	*platform
	want spec.Upgrader
	last []spec.Object
	hide mask

	mutex sync.Mutex
	// live is what exists, as far as is known.
	live snapshot
	// outcome tells what became of each object that was written, and unsure
	// whether a write may have had an effect without an answer.
	outcome       map[key]string
	unsure        bool
	removed, left []string
	// released are the objects of last that are left to those who use them.
	released map[key]bool
}

// duplicate refuses names that would make two objects one.
func duplicate(want spec.Upgrader, wanted []key) *spec.Failure {
	if existing := want.Kubernetes.ExistingSecret; existing != "" {
		wanted = append(slices.Clone(wanted), key{kindSecret, existing})
	}
	for i, k := range wanted {
		if slices.Contains(wanted[:i], k) {
			return &spec.Failure{
				Doing:    action{"write", k, want.Kubernetes.Namespace}.String(),
				Reason:   "it would have to hold both the token and config.yaml",
				Advice:   "With credentials of a proxy, config.yaml is kept in a Secret. Give the two different names in the kubernetes block.",
				Argument: []string{"kubernetes"},
			}
		}
	}
	return nil
}

// prepare refuses what isn't ours before anything is written, and completes the
// objects with what only the live ones know.
func (a *application) prepare(objects []*unstructured.Unstructured) *spec.Failure {
	_, upgraderExists := a.live[key{kindCronJob, a.want.Kubernetes.Names.CronJob}]
	for _, object := range objects {
		found, exists := a.live[key{object.GetKind(), object.GetName()}]
		if exists && !remembered(found, a.last) && !ours(found) {
			return refuse(a.want, found, a.last, upgraderExists)
		}
	}
	for _, object := range objects {
		if failure := a.complete(object); failure != nil {
			return failure
		}
	}
	return nil
}

// complete fills in the secrets that aren't known here: those of the live object
// stay. It also keeps config.yaml as it is written if it says the same, so that
// adopting somebody else's isn't a conflict over spaces.
func (a *application) complete(object *unstructured.Unstructured) *spec.Failure {
	k, names := key{object.GetKind(), object.GetName()}, a.want.Kubernetes.Names
	keepName(a.want, object.Object, a.live[k])
	found, exists := a.live.fields(k.kind, k.name)
	switch {
	case k == key{kindSecret, names.Secret} && a.want.Token == "":
		if !exists || liveToken(found) == "" {
			return unknown(a.want, k, "the delegate token", "token")
		}
		object.Object["data"] = map[string]any{tokenKey: textAt(found, "data", tokenKey)}
	case k == key{configKind(a.want), names.ConfigMap}:
		if a.want.Proxy.HasPassword && a.want.Proxy.Password == "" {
			values, err := map[string]string(nil), error(nil)
			if exists {
				values, err = liveConfig(found)
			}
			if err != nil || values[proxyPassword] == "" {
				return unknown(a.want, k, "the proxy's password", "proxy")
			}
			complete := a.want
			complete.Proxy.Password = secret.Text(values[proxyPassword])
			object.Object["data"] = map[string]any{configKey: encode(configFile(complete))}
		}
		if exists && sameConfig(object.Object, found) {
			object.Object["data"] = map[string]any{configKey: textAt(found, "data", configKey)}
		}
	}
	return nil
}

func unknown(want spec.Upgrader, k key, what, argument string) *spec.Failure {
	return &spec.Failure{
		Doing:    action{"write", k, want.Kubernetes.Namespace}.String(),
		Reason:   what + " isn't known",
		Advice:   "A write-only argument is only sent when it changes: raise its version, so that it is sent again.",
		Argument: []string{argument},
	}
}

// write writes in two waves. The CronJob comes last: a run must not start before
// it has its rights and its configuration, and that there is a CronJob says that
// the rest is there.
func (a *application) write(ctx context.Context, objects []*unstructured.Unstructured) *spec.Failure {
	chains := [][]*unstructured.Unstructured{}
	var final *unstructured.Unstructured
	for _, object := range objects {
		switch object.GetKind() {
		case kindCronJob:
			final = object
		case kindRoleBinding: // needs its Role, which is written just before it
			n := len(chains) - 1
			chains[n] = append(chains[n], object)
		default:
			chains = append(chains, []*unstructured.Unstructured{object})
		}
	}
	failures := make([]*spec.Failure, len(chains))
	together(len(chains), func(i int) {
		for _, object := range chains[i] {
			if failures[i] = a.writeOne(ctx, object); failures[i] != nil {
				return
			}
		}
	})
	if failure := firstOf(a.hide.failures(failures)); failure != nil {
		return failure
	}
	return a.writeOne(ctx, final)
}

// existing lists what exists, in the order in which it is written and then as it
// was remembered, but for what is left to others for good.
func (a *application) existing() []spec.Object {
	var found []spec.Object
	for _, k := range keysOf(Objects(a.want)) {
		if object, ok := a.live[k]; ok && (remembered(object, a.last) || ours(object)) {
			found = append(found, identity(object))
		}
	}
	for _, object := range owned(a.want, a.last) {
		if a.released[keyOf(object)] {
			continue
		}
		if live, ok := a.live[keyOf(object)]; ok && identity(live) == object && !slices.Contains(found, object) {
			found = append(found, object)
		}
	}
	return found
}

// lastLook is how long may be spent on finding out what a write without an
// answer has done, after the time is up.
const lastLook = 5 * time.Second

// lookAgain finds out what exists when a write got no answer.
func (a *application) lookAgain(ctx context.Context, wanted []key) {
	if !a.unsure {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	live, failure := a.look(ctx, a.want.Kubernetes.Namespace, wanted)
	if failure != nil {
		return
	}
	for _, k := range wanted {
		delete(a.live, k)
		if object, ok := live[k]; ok {
			a.live[k] = object
		}
	}
}

func notWritten(keys []key) []string {
	var left []string
	for _, k := range keys {
		left = append(left, k.String()+" not written")
	}
	return left
}
