package cronjob

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Apply implements [spec.Platform]. Everything is tried before anything is
// written.
func (p *platform) Apply(ctx context.Context, change spec.Change) (spec.Applied, error) {
	p.forgetLists(change.Want.Kubernetes.Namespace)
	a := p.resumed(change)
	defer func() { p.run.forget(a.namespace, a.keys()) }()
	if failure := a.prepare(ctx); failure != nil {
		return spec.Applied{Objects: a.existing(), Left: notWritten(a.wanted)}, a.hide.failure(failure)
	}
	if failure := a.accept(); failure != nil {
		return spec.Applied{Left: notWritten(a.wanted)}, failure
	}
	if failure := a.dryRun(ctx); failure != nil {
		return spec.Applied{Objects: a.existing(), Left: notWritten(a.wanted)}, a.hide.failure(failure)
	}
	failure := a.write(ctx)
	if failure == nil {
		failure = a.removeUnwanted(ctx)
	}
	a.lookAgain(ctx)
	applied := a.report()
	if failure != nil {
		return applied, a.hide.failure(failure)
	}
	if change.Prior == nil {
		applied.Findings = p.missingDelegate(ctx, change.Want)
	}
	return applied, nil
}

// application is one change under way.
type application struct {
	*platform
	spec.Change
	namespace string
	wanted    []key
	rendered  snapshot
	hide      mask

	mutex sync.Mutex
	// live is what exists, as far as is known.
	live snapshot
	// tried are the answers of the dry runs. An object that wouldn't change is among
	// the settled.
	tried   snapshot
	settled map[key]bool
	// outcome tells what became of each object that was written, and unsure
	// whether a write may have had an effect without an answer.
	outcome       map[key]string
	unsure        bool
	removed, left []string
	// released are the objects of Last that are left to those who use them.
	released map[key]bool
	// shared tells that what exists is another upgrader's, looked that it was read.
	shared, looked bool
	// planning tells that nothing is going to be written, prepared that all that
	// comes before the dry runs was done.
	planning, prepared bool
	// unchecked are the resources that these credentials may not write.
	unchecked []string
}

func (p *platform) application(change spec.Change) *application {
	return &application{
		platform: p, Change: change, namespace: change.Want.Kubernetes.Namespace, wanted: keysOf(change.Want),
		hide: newMask(change.Want.Token, change.Want.Proxy.Password),
		live: snapshot{}, tried: snapshot{}, settled: map[key]bool{}, outcome: map[key]string{},
	}
}

func (a *application) isCreation() bool { return a.Prior == nil && len(a.Last) == 0 }

// prepare renders the objects, reads what exists, and refuses what isn't ours.
func (a *application) prepare(ctx context.Context) (failure *spec.Failure) {
	if a.prepared {
		return nil
	}
	if failure := a.duplicate(); failure != nil {
		return failure
	}
	if a.rendered, failure = render(a.Want); failure != nil {
		return failure
	}
	if a.isCreation() {
		failure = a.probe(ctx)
	} else {
		read := a.look
		if a.planning {
			read = a.recall
		}
		a.live, failure = read(ctx, a.namespace, a.keys())
		a.looked = failure == nil
	}
	if failure != nil {
		return failure
	}
	if failure := a.refuseShared(ctx); failure != nil {
		a.shared = true // it must not be remembered as ours
		return failure
	}
	_, upgraderExists := a.live[key{kindCronJob, a.Want.Kubernetes.CronJob}]
	for _, k := range a.wanted {
		if found, exists := a.live[k]; exists && !remembered(found, a.Last) && !ours(found) {
			return a.refuse(found, upgraderExists)
		}
	}
	for _, k := range a.wanted {
		if failure := a.complete(k); failure != nil {
			return failure
		}
	}
	a.prepared = true
	return nil
}

// keys are the objects that are wanted, and those that were applied last.
func (a *application) keys() []key { return keysOfBoth(a.Want, a.Last) }

func keysOfBoth(want spec.Upgrader, last []spec.Object) []key {
	keys := slices.Clone(keysOf(want))
	for _, object := range last {
		if k := rememberedKey(object); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// duplicate refuses names that would make two objects one.
func (a *application) duplicate() *spec.Failure {
	wanted := a.wanted
	if existing := a.Want.Kubernetes.ExistingSecret; existing != "" {
		wanted = append(slices.Clone(wanted), key{kindSecret, existing})
	}
	for i, k := range wanted {
		if slices.Contains(wanted[:i], k) {
			return &spec.Failure{
				Doing:    a.writing(k),
				Reason:   "it would have to hold both the token and config.yaml",
				Advice:   "With credentials of a proxy, config.yaml is kept in a Secret. Give the two different names in the kubernetes block.",
				Argument: []string{"kubernetes"},
			}
		}
	}
	return nil
}

// writing is what could not be done.
func (a *application) writing(k key) string { return action{"write", k, a.namespace}.String() }

// accept asks the caller about an upgrader that is there although one is to be
// created: perhaps another resource's, perhaps what an interrupted creation has
// left.
func (a *application) accept() *spec.Failure {
	cronJob, exists := a.live[key{kindCronJob, a.Want.Kubernetes.CronJob}]
	if !a.isCreation() || a.Accept == nil || !exists || !ours(cronJob) {
		return nil
	}
	seen, failure := observe(a.Want, a.live, nil)
	if failure != nil {
		return failure
	}
	return a.Accept(seen)
}

// complete fills in what only the live object knows: the secrets that aren't known
// here stay. It also keeps config.yaml as it is written if it says the same, so
// that adopting somebody else's isn't a conflict over spaces.
func (a *application) complete(k key) *spec.Failure {
	found := a.live[k]
	keepName(a.Want, a.rendered[k], found)
	switch {
	case k == configKeyOf(a.Want):
		return a.completeConfig(k, found)
	case k.kind == kindSecret && a.Want.Token == "":
		token := liveToken(found)
		if token == "" {
			return a.unknown(k, "the delegate token", "token")
		}
		setData(a.rendered[k], tokenKey, string(token))
	}
	return nil
}

func (a *application) completeConfig(k key, found object) *spec.Failure {
	source := found
	if source == nil { // it may be in an object of the other kind until now
		for _, other := range []string{kindConfigMap, kindSecret} {
			if live := a.live[key{other, k.name}]; live != nil {
				source = live
			}
		}
	}
	values, err := liveConfig(source)
	if a.Want.Proxy.HasPassword && a.Want.Proxy.Password == "" {
		if err != nil || values[proxyPassword] == "" {
			return a.unknown(k, "the proxy's password", "proxy")
		}
		complete := a.Want
		complete.Proxy.Password = secret.Text(values[proxyPassword])
		setData(a.rendered[k], configKey, configFile(complete))
	}
	rendered, _ := liveConfig(a.rendered[k])
	if found != nil && err == nil && maps.Equal(values, rendered) {
		setData(a.rendered[k], configKey, dataOf(found, configKey))
	}
	return nil
}

func (a *application) unknown(k key, what, argument string) *spec.Failure {
	return &spec.Failure{
		Doing:    a.writing(k),
		Reason:   what + " isn't known",
		Advice:   "A write-only argument is only sent when it changes: raise its version, so that it is sent again.",
		Argument: []string{argument},
	}
}

// write writes in two waves. The CronJob comes last: a run must not start before
// it has its rights and its configuration, and that there is a CronJob says that
// the rest is there.
func (a *application) write(ctx context.Context) *spec.Failure {
	var chains [][]key
	for _, k := range a.wanted {
		switch k.kind {
		case kindCronJob:
		case kindRoleBinding: // needs its Role, which is written just before it
			chains[len(chains)-1] = append(chains[len(chains)-1], k)
		default:
			chains = append(chains, []key{k})
		}
	}
	failures := make([]*spec.Failure, len(chains))
	together(len(chains), func(i int) {
		for _, k := range chains[i] {
			if failures[i] = a.writeOne(ctx, k); failures[i] != nil {
				return
			}
		}
	})
	if failure := firstOf(a.hide.failures(failures)); failure != nil {
		return failure
	}
	return a.writeOne(ctx, key{kindCronJob, a.Want.Kubernetes.CronJob})
}

// writeOne brings one object to be as it is wanted.
func (a *application) writeOne(ctx context.Context, k key) *spec.Failure {
	a.mutex.Lock()
	before := a.live[k]
	a.mutex.Unlock()
	if a.settled[k] {
		a.set(k, before, "unchanged")
		return nil
	}
	if before != nil && mustReplace(a.rendered[k], before) {
		if _, failure := a.delete(ctx, a.namespace, k, before.GetUID()); failure != nil {
			return failure
		}
		a.set(k, nil, "")
		before = nil
	}
	if before != nil {
		if patch := a.corrections(before).patch(before); patch != nil {
			if _, err := a.patch(ctx, k, patch, nil); err != nil {
				return a.failed(k, err)
			}
		}
	}
	after, err := a.serverSideApply(ctx, k, nil)
	if err != nil {
		return a.failed(k, err)
	}
	switch {
	case before == nil:
		a.set(k, after, "created")
	case before.GetResourceVersion() == after.GetResourceVersion():
		a.set(k, after, "unchanged")
	default:
		a.set(k, after, "changed")
	}
	return nil
}

func (a *application) failed(k key, err error) *spec.Failure {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	_, answered := kubernetes.Answer(err)
	a.unsure = a.unsure || !answered
	return a.fail(action{"write", k, a.namespace}, err)
}

func (a *application) set(k key, object object, outcome string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.outcome[k] = outcome
	if object == nil {
		delete(a.live, k)
	} else {
		a.live[k] = object
	}
}

// serverSideApply writes an object under our name. DryRun is nil for a write that
// counts.
func (a *application) serverSideApply(ctx context.Context, k key, dryRun []string) (object, error) {
	options := metav1.ApplyOptions{FieldManager: FieldManager, Force: a.Want.Kubernetes.ForceConflicts, DryRun: dryRun}
	return typedOr(a.requests.Apply(ctx, a.of(a.namespace, k.kind), untyped(a.rendered[k]), options))
}

func (a *application) patch(ctx context.Context, k key, patch []byte, dryRun []string) (object, error) {
	var after *unstructured.Unstructured
	err := a.try(ctx, func(ctx context.Context) (err error) {
		after, err = a.of(a.namespace, k.kind).Patch(ctx, k.name, types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: FieldManager, DryRun: dryRun})
		return err
	})
	return typedOr(after, err)
}

func typedOr(from *unstructured.Unstructured, err error) (object, error) {
	if err != nil {
		return nil, err
	}
	return typed(from)
}

// mustReplace tells what can't be changed in place: what is being deleted, what a
// RoleBinding refers to, a Secret's type, and the data of what has been declared
// immutable.
func mustReplace(want, live object) bool {
	if live.GetDeletionTimestamp() != nil {
		return true
	}
	switch w := want.(type) {
	case *rbacv1.RoleBinding:
		l, ok := live.(*rbacv1.RoleBinding)
		return ok && w.RoleRef != l.RoleRef
	case *corev1.Secret:
		l, ok := live.(*corev1.Secret)
		return ok && (w.Type != l.Type || l.Immutable != nil && *l.Immutable && !maps.EqualFunc(w.Data, l.Data, bytes.Equal))
	case *corev1.ConfigMap:
		l, ok := live.(*corev1.ConfigMap)
		return ok && l.Immutable != nil && *l.Immutable && w.Data[configKey] != l.Data[configKey]
	default:
		return false
	}
}

// existing lists what exists, in the order in which it is written and then as it
// was remembered, but for what is left to others for good.
func (a *application) existing() []spec.Object {
	if a.shared {
		return nil
	}
	var found []spec.Object
	for _, k := range a.wanted {
		if object, ok := a.live[k]; ok && (remembered(object, a.Last) || ours(object)) {
			found = append(found, identity(object))
		}
	}
	for _, object := range owned(a.Want, a.Last) {
		k := rememberedKey(object)
		if a.released[k] {
			continue
		}
		live, known := a.live[k]
		if (known && identity(live) == object || !a.looked) && !slices.Contains(found, object) {
			found = append(found, object)
		}
	}
	return found
}

// report tells what was done.
func (a *application) report() spec.Applied {
	applied := spec.Applied{Objects: a.existing(), Left: a.left}
	for _, k := range a.wanted {
		if outcome := a.outcome[k]; outcome != "" {
			applied.Done = append(applied.Done, k.String()+" "+outcome)
		} else {
			applied.Left = append(applied.Left, k.String()+" not written")
		}
	}
	applied.Done = append(applied.Done, a.removed...)
	return applied
}

// lastLook is how long may be spent on finding out what a write without an
// answer has done, after the time is up.
const lastLook = 5 * time.Second

// lookAgain finds out what exists when a write got no answer.
func (a *application) lookAgain(ctx context.Context) {
	if !a.unsure {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	live, failure := a.look(ctx, a.namespace, a.wanted)
	if failure != nil {
		return
	}
	for _, k := range a.wanted {
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

// renderedCronJob is the wanted CronJob.
func (a *application) renderedCronJob() *batchv1.CronJob {
	return in[*batchv1.CronJob](a.rendered, kindCronJob, a.Want.Kubernetes.CronJob)
}
