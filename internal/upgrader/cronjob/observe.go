package cronjob

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Observe implements [spec.Platform].
func (p *platform) Observe(ctx context.Context, want spec.Upgrader, last []spec.Object) (spec.Observed, error) {
	live, failure := p.recall(ctx, want.Kubernetes.Namespace, keysOf(want))
	if failure != nil {
		return spec.Observed{}, failure
	}
	other, failure := p.otherConfig(ctx, want, live)
	if failure != nil {
		return spec.Observed{}, failure
	}
	seen, failure := observe(want, live, other)
	if failure != nil {
		return spec.Observed{}, failure
	}
	known := snapshot{}
	if other != nil {
		known[keyOf(other)] = other
	}
	leftOver, failure := p.leftOver(ctx, want, last, known)
	if failure != nil {
		return spec.Observed{}, failure
	}
	for _, object := range leftOver {
		seen.Drift = append(seen.Drift, object.String()+" is left over")
	}
	return seen, nil
}

// otherConfig is the object with config.yaml that the CronJob mounts, where it is
// of another kind than wanted: a ConfigMap with a proxy's credentials, as the
// documentation and the official chart have it, or a Secret without any. It is nil
// where there is none.
func (p *platform) otherConfig(ctx context.Context, want spec.Upgrader, live snapshot) (object, *spec.Failure) {
	cronJob := in[*batchv1.CronJob](live, kindCronJob, want.Kubernetes.CronJob)
	if cronJob == nil {
		return nil, nil
	}
	k := referred(podOf(cronJob)).config
	if wanted := configKeyOf(want); k.name != wanted.name || k.kind == wanted.kind {
		return nil, nil
	}
	found, failure := p.recall(ctx, want.Kubernetes.Namespace, []key{k})
	return found[k], failure
}

// observe reads the arguments from live objects, and says in words what else
// differs from what is wanted. Other is the object with config.yaml, where it is
// not of the kind that is wanted.
func observe(want spec.Upgrader, live snapshot, other object) (spec.Observed, *spec.Failure) {
	rendered, failure := render(want)
	if failure != nil {
		return spec.Observed{}, failure
	}
	seen := spec.Observed{Upgrader: readArguments(want, rendered, live, other)}
	drift, failure := driftOf(want, seen.Upgrader, rendered, live)
	if failure != nil {
		return spec.Observed{}, failure
	}
	for _, k := range keysOf(want) {
		found, exists := live[k]
		if !exists {
			seen.Drift = append(seen.Drift, k.String()+" is missing")
			continue
		}
		seen.Objects = append(seen.Objects, identity(found))
		seen.Made = k.kind == kindCronJob && ours(found)
		if found.GetDeletionTimestamp() != nil {
			seen.Drift = append(seen.Drift, k.String()+" is being deleted")
		}
		for _, d := range drift[k] {
			seen.Drift = append(seen.Drift, fmt.Sprintf("%s: %s", k, d))
		}
	}
	if other != nil {
		seen.Objects = append(seen.Objects, identity(other))
		seen.Drift = append(seen.Drift, fmt.Sprintf("%s: %s is used instead of %s", key{kindCronJob, want.Kubernetes.CronJob}, keyOf(other), configKeyOf(want)))
	}
	readSecrets(&seen, want, live, other)
	return seen, nil
}

// readArguments reads every argument from the live objects. What an object that
// doesn't exist, or can't be read, would tell stays as it is wanted. So do token
// and proxy password.
func readArguments(want spec.Upgrader, rendered, live snapshot, other object) spec.Upgrader {
	got := want
	k := *want.Kubernetes
	got.Kubernetes = &k
	if account := in[*corev1.ServiceAccount](live, kindServiceAccount, k.ServiceAccount); account != nil {
		k.ServiceAccountAnnotations = ofWanted(account.Annotations, k.ServiceAccountAnnotations)
	}
	if role := in[*rbacv1.Role](live, kindRole, k.Role); role != nil {
		k.RBAC.CronJobVerbs = readVerbs(role, "cronjobs", k.RBAC.CronJobVerbs, spec.DefaultCronJobVerbs())
		k.RBAC.DeploymentVerbs = readVerbs(role, "deployments", k.RBAC.DeploymentVerbs, spec.DefaultDeploymentVerbs())
	}
	config := live[configKeyOf(want)]
	if config == nil {
		config = other
	}
	if config != nil {
		if values, err := liveConfig(config); err == nil && len(values) > 0 {
			for _, s := range settings {
				s.read(values[s.key], &got)
			}
		}
	}
	if cronJob := in[*batchv1.CronJob](live, kindCronJob, k.CronJob); cronJob != nil {
		readCronJob(&got, want, in[*batchv1.CronJob](rendered, kindCronJob, k.CronJob), cronJob)
	}
	return got
}

func readCronJob(got *spec.Upgrader, want spec.Upgrader, rendered, live *batchv1.CronJob) {
	k := got.Kubernetes
	got.AutoUpgrade = live.Spec.Suspend == nil || !*live.Spec.Suspend
	template := &live.Spec.JobTemplate.Spec.Template
	k.Labels, k.Annotations = ofWanted(live.Labels, k.Labels), ofWanted(live.Annotations, k.Annotations)
	k.PodLabels, k.PodAnnotations = ofWanted(template.Labels, k.PodLabels), ofWanted(template.Annotations, k.PodAnnotations)
	mine := withoutOthersEntries(live, rendered)
	container := containerOf(podOf(live))
	for _, f := range fields {
		if container != nil || !f.inContainer() {
			f.read(mine, rendered, got)
		}
	}
	// A Secret's name is an argument only if somebody else looks after it.
	if name := referred(podOf(live)).token; want.Kubernetes.ExistingSecret != "" && name != "" {
		k.ExistingSecret = name
	}
}

// withoutOthersEntries leaves out the variables and the pull secrets that another
// manager declares and that are not wanted: they are merged with ours, and theirs.
// With nothing that is wanted, as for an import, all are read.
func withoutOthersEntries(live, rendered *batchv1.CronJob) *batchv1.CronJob {
	if rendered.Spec.Schedule == "" {
		return live
	}
	mine := live.DeepCopy()
	pod, wanted := podOf(mine), podOf(rendered)
	pullSecrets := field{path: inPod + "imagePullSecrets"}.owned()
	pod.ImagePullSecrets = slices.DeleteFunc(pod.ImagePullSecrets, func(r corev1.LocalObjectReference) bool {
		return !slices.Contains(wanted.ImagePullSecrets, r) && declaredByOthers(live, append(slices.Clone(pullSecrets), ownedEntry("name", r.Name))...)
	})
	container := containerOf(pod)
	if container == nil {
		return mine
	}
	container.Env = slices.DeleteFunc(container.Env, func(v corev1.EnvVar) bool {
		return !isNamed(containerOf(wanted).Env, v.Name) && isOthersVariable(live, v)
	})
	return mine
}

// isOthersVariable tells a variable that another manager declares.
func isOthersVariable(live *batchv1.CronJob, v corev1.EnvVar) bool {
	return declaredByOthers(live, append(field{path: inContainer + "env"}.owned(), ownedEntry("name", v.Name))...)
}

func isNamed(env []corev1.EnvVar, name string) bool {
	return slices.ContainsFunc(env, func(v corev1.EnvVar) bool { return v.Name == name })
}

// declaredByOthers tells a field that others own and would write again, and that
// we don't own.
func declaredByOthers(live object, path ...string) bool {
	owners := kubernetes.Owners(live, path...)
	return len(owners) > 0 && !slices.ContainsFunc(owners, func(o kubernetes.Owner) bool { return !isDeclared(o.Manager) })
}

// ofWanted keeps the labels or annotations that are wanted: others may set others.
func ofWanted(live, want map[string]string) map[string]string {
	if want == nil {
		return nil
	}
	kept := make(map[string]string, len(want))
	for name := range want {
		if value, ok := live[name]; ok {
			kept[name] = value
		}
	}
	return kept
}

// readVerbs reads verbs as an argument where the user has chosen them. The
// documented ones are the upgrader's needs; what of those is missing is told in
// words.
func readVerbs(role *rbacv1.Role, about string, want, documented []string) []string {
	got := verbsOf(role, about)
	if sameSet(got, want) || sameSet(want, documented) {
		return want
	}
	return got
}

// verbsOf are those of the first rule about a resource.
func verbsOf(role *rbacv1.Role, about string) []string {
	for _, rule := range role.Rules {
		if slices.Contains(rule.Resources, about) {
			return rule.Verbs
		}
	}
	return []string{}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// driftOf is what no argument tells: what differs from the objects that are wanted
// and also from those that the arguments as they were read would make. Comparing
// with the latter alone would blame an object for not having changed along with
// another one.
func driftOf(want, got spec.Upgrader, rendered, live snapshot) (map[key][]difference, *spec.Failure) {
	unexplained := differences(want, rendered, live)
	if len(unexplained) == 0 || reflect.DeepEqual(want, got) {
		return unexplained, nil
	}
	asRead, failure := render(got)
	if failure != nil {
		return nil, failure
	}
	// Objects whose names or kinds follow from arguments are still the wanted ones.
	for k := range rendered {
		if asRead[k] == nil {
			asRead[k] = rendered[k]
		}
	}
	explained := differences(got, asRead, live)
	for k, found := range unexplained {
		unexplained[k] = slices.DeleteFunc(found, func(d difference) bool {
			return !slices.ContainsFunc(explained[k], func(e difference) bool { return e.path == d.path })
		})
	}
	return unexplained, nil
}

// readSecrets reads what the caller compares without its being shown.
func readSecrets(seen *spec.Observed, want spec.Upgrader, live snapshot, other object) {
	names := want.Kubernetes.Names
	if found, ok := live[key{kindSecret, names.Secret}]; ok && want.Kubernetes.ExistingSecret == "" {
		seen.Token = liveToken(found)
		seen.TokenField = key{kindSecret, names.Secret}.String() + ": " + tokenField
	}
	config := live[configKeyOf(want)]
	if config == nil {
		config = other
	}
	if config != nil && want.Proxy.HasCredentials() {
		values, _ := liveConfig(config)
		seen.ProxyPassword = secret.Text(values[proxyPassword])
		seen.ProxyPasswordField = keyOf(config).String() + ": " + configField + "." + proxyPassword
	}
}

// references are the names by which a pod of an upgrader finds its objects.
type references struct {
	account, token string
	config         key
}

// referred reads them from a pod's specification.
func referred(pod *corev1.PodSpec) references {
	r := references{account: pod.ServiceAccountName}
	container := containerOf(pod)
	if container == nil {
		return r
	}
	for _, source := range container.EnvFrom {
		if source.SecretRef != nil && r.token == "" {
			r.token = source.SecretRef.Name
		}
	}
	for _, v := range container.Env {
		if v.Name == tokenKey && v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil && v.ValueFrom.SecretKeyRef.Key == tokenKey && r.token == "" {
			r.token = v.ValueFrom.SecretKeyRef.Name
		}
	}
	volume := configVolume
	for _, m := range container.VolumeMounts {
		if m.MountPath == configPath {
			volume = m.Name
		}
	}
	for _, v := range pod.Volumes {
		switch {
		case v.Name != volume:
		case v.Secret != nil:
			r.config = key{kindSecret, v.Secret.SecretName}
		case v.ConfigMap != nil:
			r.config = key{kindConfigMap, v.ConfigMap.Name}
		}
	}
	return r
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
