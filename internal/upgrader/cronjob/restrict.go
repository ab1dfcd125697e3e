package cronjob

import (
	"reflect"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// restrict cuts what was parsed down to the arguments that are set in what is
// wanted: the others are the API server's and other people's. Values that say
// the same in other words become those that are wanted.
func restrict(got, want spec.Upgrader) spec.Upgrader {
	g, w := got.Kubernetes, want.Kubernetes
	// A Secret's name is an argument only if somebody else looks after it.
	if w.ExistingSecret == "" || g.ExistingSecret == "" {
		g.ExistingSecret = w.ExistingSecret
	}
	got.Proxy = restrictProxy(got.Proxy, want.Proxy)
	g.RegistryMirror = ifSet(g.RegistryMirror, w.RegistryMirror)
	g.MTLSSecret = ifSet(g.MTLSSecret, w.MTLSSecret)
	g.CustomCASecret = ifSet(g.CustomCASecret, w.CustomCASecret)

	g.TimeZone = ifSet(g.TimeZone, w.TimeZone)
	g.ConcurrencyPolicy = ifSet(g.ConcurrencyPolicy, w.ConcurrencyPolicy)
	g.StartingDeadlineSeconds = ifSet(g.StartingDeadlineSeconds, w.StartingDeadlineSeconds)
	g.SuccessfulJobsHistoryLimit = ifSet(g.SuccessfulJobsHistoryLimit, w.SuccessfulJobsHistoryLimit)
	g.FailedJobsHistoryLimit = ifSet(g.FailedJobsHistoryLimit, w.FailedJobsHistoryLimit)
	g.ActiveDeadlineSeconds = ifSet(g.ActiveDeadlineSeconds, w.ActiveDeadlineSeconds)
	g.BackoffLimit = ifSet(g.BackoffLimit, w.BackoffLimit)
	g.TTLSecondsAfterFinished = ifSet(g.TTLSecondsAfterFinished, w.TTLSecondsAfterFinished)

	g.PodLabels = ourKeys(g.PodLabels, w.PodLabels)
	g.PodAnnotations = ourKeys(g.PodAnnotations, w.PodAnnotations)
	g.ServiceAccountAnnotations = ourKeys(g.ServiceAccountAnnotations, w.ServiceAccountAnnotations)
	g.Labels = ourKeys(g.Labels, w.Labels)
	g.Annotations = ourKeys(g.Annotations, w.Annotations)

	g.ImagePullPolicy = ifSet(g.ImagePullPolicy, w.ImagePullPolicy)
	g.ImagePullSecrets = ourEntries(g.ImagePullSecrets, w.ImagePullSecrets)
	g.Env = ourKeys(g.Env, w.Env)
	g.NodeSelector = ourKeys(g.NodeSelector, w.NodeSelector)
	g.PriorityClassName = ifSet(g.PriorityClassName, w.PriorityClassName)
	g.Tolerations = restrictTolerations(g.Tolerations, w.Tolerations)
	g.Resources.Requests = quantities(g.Resources.Requests, w.Resources.Requests)
	g.Resources.Limits = quantities(g.Resources.Limits, w.Resources.Limits)
	g.Affinity = project(g.Affinity, w.Affinity)
	g.SecurityContext = project(g.SecurityContext, w.SecurityContext)
	g.PodSecurityContext = project(g.PodSecurityContext, w.PodSecurityContext)

	g.CronJobVerbs = restrictVerbs(g.CronJobVerbs, w.CronJobVerbs, spec.DefaultCronJobVerbs())
	g.DeploymentVerbs = restrictVerbs(g.DeploymentVerbs, w.DeploymentVerbs, spec.DefaultDeploymentVerbs())
	return got
}

func restrictProxy(got, want spec.Proxy) spec.Proxy {
	got.Scheme = ifSet(got.Scheme, want.Scheme)
	got.Host = ifSet(got.Host, want.Host)
	got.Port = ifSet(got.Port, want.Port)
	got.User = ifSet(got.User, want.User)
	got.Manager = ifSet(got.Manager, want.Manager)
	return got
}

// ifSet keeps a value only if one is wanted.
func ifSet[T comparable](got, want T) T {
	var unset T
	if want == unset {
		return unset
	}
	return got
}

// ourKeys keeps the keys that are wanted.
func ourKeys(got, want map[string]string) map[string]string {
	if want == nil {
		return nil
	}
	kept := make(map[string]string, len(want))
	for name := range want {
		if value, ok := got[name]; ok {
			kept[name] = value
		}
	}
	return kept
}

func quantities(got, want map[string]string) map[string]string {
	kept := ourKeys(got, want)
	for name, value := range kept {
		if sameQuantity(want[name], value) {
			kept[name] = want[name]
		}
	}
	return kept
}

// ourEntries keeps the entries that are wanted: pull secrets are merged with
// those of others, which an apply wouldn't remove.
func ourEntries(got, want []string) []string {
	if want == nil {
		return nil
	}
	kept := make([]string, 0, len(want))
	for _, entry := range want {
		if slices.Contains(got, entry) {
			kept = append(kept, entry)
		}
	}
	return kept
}

func restrictTolerations(got, want []spec.Toleration) []spec.Toleration {
	if len(want) == 0 || equal(tolerations(want), tolerations(got)) {
		return want
	}
	return got
}

// restrictVerbs reads verbs as an argument where the user has chosen them. The
// documented ones are the upgrader's needs; what of those is missing is told in
// words.
func restrictVerbs(got, want, documented []string) []string {
	if len(want) == 0 || sameSet(got, want) || sameSet(want, documented) {
		return want
	}
	return got
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// project keeps the fields that are wanted.
func project(got, want map[string]any) map[string]any {
	if want == nil {
		return nil
	}
	if len(got) == 0 && len(want) > 0 {
		return nil
	}
	kept, _ := projectValue(got, want).(map[string]any)
	return kept
}

func projectValue(got, want any) any {
	fields, isMap := want.(map[string]any)
	live, ok := got.(map[string]any)
	switch {
	case isMap && ok:
		kept := make(map[string]any, len(fields))
		for name, value := range fields {
			if found, ok := live[name]; ok || isEmpty(value) {
				kept[name] = projectValue(found, value)
			}
		}
		return kept
	case reflect.DeepEqual(got, want), equal(want, got):
		return want
	default:
		return got
	}
}
