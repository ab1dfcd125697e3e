package cronjob

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Find implements [spec.Platform]. It follows the CronJob's references, whatever
// the objects are called.
func (p *platform) Find(ctx context.Context, place spec.Place) (spec.Upgrader, bool, error) {
	k := key{kindCronJob, place.Name}
	live, failure := p.look(ctx, place.Namespace, []key{k})
	if failure != nil {
		return spec.Upgrader{}, false, failure
	}
	found, exists := live[k]
	if !exists {
		return spec.Upgrader{}, false, nil
	}
	podSpec := mapAt(found.Object, "spec", "jobTemplate", "spec", "template", "spec")
	container, ok := item(listAt(podSpec, "containers"), "name", containerName)
	if !ok {
		return spec.Upgrader{}, false, &spec.Failure{
			Doing:  action{"import", k, place.Namespace}.String(),
			Reason: fmt.Sprintf("it has no container named %s, so it is not an upgrader", containerName),
			Advice: "Check the name: the import ID is kubernetes/NAMESPACE/CRONJOB.",
		}
	}
	u := spec.Upgrader{Kubernetes: &spec.Kubernetes{Namespace: place.Namespace}}
	names, inSecret := referred(podSpec, container)
	names.CronJob = place.Name
	u.Kubernetes.Names = names
	// This says where config.yaml is, until it has been read.
	u.Proxy.HasPassword = inSecret
	if failure := p.findRest(ctx, &u, live); failure != nil {
		return spec.Upgrader{}, false, failure
	}
	return u, true, nil
}

// referred are the names that a pod refers to, and whether its config.yaml is
// in a Secret.
func referred(podSpec, container map[string]any) (names spec.Names, inSecret bool) {
	names.ServiceAccount = textAt(podSpec, "serviceAccountName")
	for _, source := range listAt(container, "envFrom") {
		if name := textAt(asMap(source), "secretRef", "name"); name != "" && names.Secret == "" {
			names.Secret = name
		}
	}
	volume := configVolume
	if mount, ok := item(listAt(container, "volumeMounts"), "mountPath", configPath); ok {
		volume = textAt(mount, "name")
	}
	source, _ := item(listAt(podSpec, "volumes"), "name", volume)
	if names.ConfigMap = textAt(source, "secret", "secretName"); names.ConfigMap != "" {
		return names, true
	}
	names.ConfigMap = textAt(source, "configMap", "name")
	return names, false
}

// findRest reads what the CronJob refers to, and then the arguments.
func (p *platform) findRest(ctx context.Context, u *spec.Upgrader, live snapshot) *spec.Failure {
	k := u.Kubernetes
	role, binding, failure := p.findRole(ctx, k.Namespace, k.Names.ServiceAccount)
	if failure != nil {
		return failure
	}
	k.Names.Role, k.Names.RoleBinding = role, binding
	var keys []key
	for _, candidate := range []key{
		{kindServiceAccount, k.Names.ServiceAccount},
		{kindRole, k.Names.Role},
		{kindSecret, k.Names.Secret},
		{configKind(*u), k.Names.ConfigMap},
	} {
		if candidate.name != "" {
			keys = append(keys, candidate)
		}
	}
	rest, failure := p.look(ctx, k.Namespace, keys)
	if failure != nil {
		return failure
	}
	for name, object := range rest {
		live[name] = object
	}

	config, hasConfig := live.fields(configKind(*u), k.Names.ConfigMap)
	*u = parse(*u, live)
	var values map[string]string
	if hasConfig {
		values, _ = liveConfig(config) // what can't be read shows as drift
	}
	if u.DelegateName == "" {
		u.DelegateName = strings.TrimSuffix(k.Names.CronJob, "-upgrader-job")
	}
	u.Proxy.Password = secret.Text(values[proxyPassword])
	u.Proxy.HasPassword = u.Proxy.Password != ""
	existing := ""
	if object, ok := live[key{kindSecret, k.Names.Secret}]; ok {
		u.Token = liveToken(object.Object)
		// A token that others look after goes on without anybody saying it again.
		if u.Token != "" && !ours(object) {
			existing = k.Names.Secret
		}
	}
	*u = withoutDefaults(*u)
	u.Kubernetes.ExistingSecret = existing
	return nil
}

// findRole finds the Role of a ServiceAccount by way of a RoleBinding. Among
// several it prefers the one that lets upgraders work. Without a right to list
// them, the usual names are assumed.
func (p *platform) findRole(ctx context.Context, namespace, account string) (roleName, bindingName string, _ *spec.Failure) {
	bindings, err := p.list(ctx, namespace, kindRoleBinding, metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		return "", "", nil
	}
	if err != nil {
		return "", "", p.fail(action{"list", key{kindRoleBinding, "*"}, namespace}, err)
	}
	bindings = slices.DeleteFunc(bindings, func(b unstructured.Unstructured) bool {
		return textAt(b.Object, "roleRef", "kind") != kindRole || !slices.ContainsFunc(listAt(b.Object, "subjects"), func(s any) bool {
			in := textAt(asMap(s), "namespace")
			return textAt(asMap(s), "kind") == kindServiceAccount && textAt(asMap(s), "name") == account && (in == namespace || in == "")
		})
	})
	if len(bindings) == 0 {
		return "", "", nil
	}
	keys := make([]key, 0, len(bindings))
	for _, b := range bindings {
		if k := (key{kindRole, textAt(b.Object, "roleRef", "name")}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	roles, failure := p.look(ctx, namespace, keys)
	if failure != nil {
		return "", "", failure
	}
	best := slices.MaxFunc(bindings, func(a, b unstructured.Unstructured) int { return fitness(a, roles) - fitness(b, roles) })
	return textAt(best.Object, "roleRef", "name"), best.GetName(), nil
}

// fitness is how much of an upgrader's rights a binding gives.
func fitness(binding unstructured.Unstructured, roles snapshot) int {
	object, ok := roles.fields(kindRole, textAt(binding.Object, "roleRef", "name"))
	if !ok {
		return 0
	}
	return len(verbs(object, "deployments")) + len(verbs(object, "cronjobs"))
}

// withoutDefaults takes out what the API server fills in, and fills in the usual
// names for what was not found.
func withoutDefaults(u spec.Upgrader) spec.Upgrader {
	k := *u.Kubernetes
	u.Kubernetes = &k
	usual := spec.DefaultNames(u.DelegateName)
	for name, fallback := range map[*string]string{
		&k.Names.ServiceAccount: usual.ServiceAccount, &k.Names.Role: usual.Role,
		&k.Names.RoleBinding: usual.RoleBinding, &k.Names.Secret: usual.Secret, &k.Names.ConfigMap: usual.ConfigMap,
	} {
		if *name == "" {
			*name = fallback
		}
	}
	k.Labels, k.Annotations, k.PodLabels, k.PodAnnotations, k.ServiceAccountAnnotations = nil, nil, nil, nil, nil
	k.SuccessfulJobsHistoryLimit = unless(k.SuccessfulJobsHistoryLimit, 3)
	k.FailedJobsHistoryLimit = unless(k.FailedJobsHistoryLimit, 1)
	k.BackoffLimit = unless(k.BackoffLimit, 6)
	for _, m := range []*map[string]string{&k.Env, &k.NodeSelector, &k.Resources.Requests, &k.Resources.Limits} {
		if len(*m) == 0 {
			*m = nil
		}
	}
	for _, m := range []*map[string]any{&k.Affinity, &k.SecurityContext, &k.PodSecurityContext} {
		if len(*m) == 0 {
			*m = nil
		}
	}
	return u
}

// unless leaves out a number that is the default.
func unless(n *int64, fallback int64) *int64 {
	if n != nil && *n == fallback {
		return nil
	}
	return n
}
