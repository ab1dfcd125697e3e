package cronjob

import (
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// defaultAccount is the ServiceAccount of every namespace, with which pods run
// that name none. Kubernetes would make it anew, but without what is set on it.
const defaultAccount = "default"

// podsOf is the specification of the pods that an object makes; it is nil for one
// that makes none.
func podsOf(of object) *corev1.PodSpec {
	switch o := of.(type) {
	case *batchv1.CronJob:
		return podOf(o)
	case *batchv1.Job:
		return &o.Spec.Template.Spec
	case *appsv1.Deployment:
		return &o.Spec.Template.Spec
	case *appsv1.StatefulSet:
		return &o.Spec.Template.Spec
	case *appsv1.DaemonSet:
		return &o.Spec.Template.Spec
	default:
		return nil
	}
}

// needs are the objects that pods can't do without, whatever they are for.
func needs(pod *corev1.PodSpec) map[key]bool {
	found := map[key]bool{}
	add := func(kind, name string) {
		if name != "" {
			found[key{kind, name}] = true
		}
	}
	add(kindServiceAccount, pod.ServiceAccountName)
	add(kindServiceAccount, pod.DeprecatedServiceAccount)
	for _, reference := range pod.ImagePullSecrets {
		add(kindSecret, reference.Name)
	}
	for _, volume := range pod.Volumes {
		if volume.ConfigMap != nil {
			add(kindConfigMap, volume.ConfigMap.Name)
		}
		if volume.Secret != nil {
			add(kindSecret, volume.Secret.SecretName)
		}
		if volume.CSI != nil && volume.CSI.NodePublishSecretRef != nil {
			add(kindSecret, volume.CSI.NodePublishSecretRef.Name)
		}
		if volume.Projected != nil {
			for _, source := range volume.Projected.Sources {
				if source.ConfigMap != nil {
					add(kindConfigMap, source.ConfigMap.Name)
				}
				if source.Secret != nil {
					add(kindSecret, source.Secret.Name)
				}
			}
		}
	}
	for _, container := range slices.Concat(pod.InitContainers, pod.Containers) {
		for _, source := range container.EnvFrom {
			if source.ConfigMapRef != nil {
				add(kindConfigMap, source.ConfigMapRef.Name)
			}
			if source.SecretRef != nil {
				add(kindSecret, source.SecretRef.Name)
			}
		}
		for _, v := range container.Env {
			if v.ValueFrom != nil && v.ValueFrom.ConfigMapKeyRef != nil {
				add(kindConfigMap, v.ValueFrom.ConfigMapKeyRef.Name)
			}
			if v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil {
				add(kindSecret, v.ValueFrom.SecretKeyRef.Name)
			}
		}
	}
	return found
}

// neighbours are the objects of a namespace that may use others, by kind.
type neighbours struct {
	lists map[string][]object
	// hidden are the resources that these credentials may not list.
	hidden map[string]string
}

func (p *platform) neighbours(ctx context.Context, namespace string, of ...string) (neighbours, *spec.Failure) {
	n := neighbours{map[string][]object{}, map[string]string{}}
	lists, forbidden := make([][]object, len(of)), make([]bool, len(of))
	failures := make([]*spec.Failure, len(of))
	together(len(of), func(i int) {
		items, err := list[object](ctx, p, namespace, of[i], metav1.ListOptions{})
		forbidden[i] = apierrors.IsForbidden(err)
		if err != nil && !forbidden[i] {
			failures[i] = p.fail(action{"list", key{of[i], "*"}, namespace}, err)
		}
		lists[i] = items
	})
	for i, kind := range of {
		n.lists[kind] = lists[i]
		if forbidden[i] {
			n.hidden[kind] = kinds[kind].resource.Resource
		}
	}
	return n, firstOf(failures)
}

// users tells which objects pods can't do without, and whose pods: the first of
// those who use it, but for one.
func (n neighbours) users(except key) map[key]string {
	users := map[key]string{}
	for _, kind := range []string{kindCronJob, kindDeployment, kindStatefulSet, kindDaemonSet, kindJob} {
		for _, other := range n.lists[kind] {
			k := keyOf(other)
			if other.GetDeletionTimestamp() != nil || k == except || passes(other) {
				continue
			}
			for used := range needs(podsOf(other)) {
				if users[used] == "" {
					users[used] = k.String()
				}
			}
		}
	}
	return users
}

// passes tells a Job that has ended, or that is a run of a CronJob, which counts
// itself.
func passes(of object) bool {
	job, ok := of.(*batchv1.Job)
	return ok && (slices.ContainsFunc(job.GetOwnerReferences(), func(o metav1.OwnerReference) bool { return o.Kind == kindCronJob }) ||
		slices.ContainsFunc(job.Status.Conditions, func(c batchv1.JobCondition) bool {
			return c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed)
		}))
}

// accounts are the ServiceAccounts of the namespace that a binding is about.
func accounts(binding *rbacv1.RoleBinding) []key {
	var found []key
	for _, subject := range binding.Subjects {
		if subject.Kind == kindServiceAccount && (subject.Namespace == "" || subject.Namespace == binding.GetNamespace()) {
			found = append(found, key{kindServiceAccount, subject.Name})
		}
	}
	return found
}

// boundRole is what a binding refers to.
func boundRole(binding *rbacv1.RoleBinding) key {
	return key{binding.RoleRef.Kind, binding.RoleRef.Name}
}

// bindings are the RoleBindings among the neighbours.
func (n neighbours) bindings() []*rbacv1.RoleBinding {
	var found []*rbacv1.RoleBinding
	for _, o := range n.lists[kindRoleBinding] {
		if binding, ok := o.(*rbacv1.RoleBinding); ok {
			found = append(found, binding)
		}
	}
	return found
}

// neededOf tells why objects that are to be removed have to stay. Upgraders made
// from the documented manifest share a ServiceAccount and a Role, and the
// delegate may run with the same account.
//
// Who may not list the others doesn't hear of them. That is no reason to keep
// what this provider has written, which others have no reason to rely on. What it
// has not is kept then.
func (r *removal) neededOf(ctx context.Context, objects []spec.Object) (map[key]string, *spec.Failure) {
	around, failure := r.neighbours(ctx, r.namespace, kindCronJob, kindDeployment, kindStatefulSet, kindDaemonSet, kindJob, kindRoleBinding)
	if failure != nil {
		return map[key]string{}, failure
	}
	needed, going := map[key]string{}, map[key]bool{}
	for used, user := range around.users(r.keeps) {
		needed[used] = user + " uses it"
	}
	for _, object := range objects {
		k := rememberedKey(object)
		going[k] = true
		hidden := around.unseen(k.kind)
		if hidden == "" || needed[k] != "" {
			continue
		}
		found, err := r.get(ctx, r.namespace, k)
		if err != nil {
			return map[key]string{}, r.fail(action{"read", k, r.namespace}, err)
		}
		if found != nil && !ours(found) {
			needed[k] = fmt.Sprintf("this resource has not made it, and it may be in use: these credentials may not list %s", hidden)
		}
	}
	// A binding is needed where its subject is, and a Role where a binding is, be
	// it one of ours or of others.
	for _, binding := range around.bindings() {
		k := keyOf(binding)
		for _, account := range accounts(binding) {
			if why := needed[account]; why != "" && needed[k] == "" {
				needed[k] = fmt.Sprintf("it gives %s its rights, and %s", account, why)
			}
		}
		if needed[k] != "" || !going[k] {
			needed[boundRole(binding)] = k.String() + " refers to it"
		}
	}
	if account := (key{kindServiceAccount, defaultAccount}); needed[account] == "" {
		needed[account] = "it is the one of every namespace, with which pods run that name no other"
	}
	return needed, nil
}

// unseen names the resources that may use an object of a kind and could not be
// listed.
func (n neighbours) unseen(kind string) string {
	var hidden []string
	for user, resource := range n.hidden {
		if (user == kindRoleBinding) == (kind == kindRole) {
			hidden = append(hidden, resource)
		}
	}
	slices.Sort(hidden)
	return strings.Join(hidden, ", ")
}

// refuseShared refuses to make an upgrader out of objects that this provider has
// made for another one: it would overwrite the other's token and configuration.
// What a killed provider has left behind is used by no CronJob.
func (a *application) refuseShared(ctx context.Context) *spec.Failure {
	k := a.Want.Kubernetes
	if _, exists := a.live[key{kindCronJob, k.CronJob}]; exists || len(a.Last) > 0 || len(a.live) == 0 {
		return nil
	}
	around, failure := a.neighbours(ctx, a.namespace, kindCronJob, kindRoleBinding)
	if failure != nil {
		return failure
	}
	users := around.users(key{})
	for _, binding := range around.bindings() {
		for _, account := range accounts(binding) {
			if user := users[account]; user != "" {
				users[keyOf(binding)], users[boundRole(binding)] = user, user
			}
		}
	}
	for _, one := range a.wanted {
		if object, exists := a.live[one]; exists && ours(object) && users[one] != "" {
			return &spec.Failure{
				Doing:    a.writing(one),
				Reason:   fmt.Sprintf("%s uses it, which belongs to another upgrader; nothing was written", users[one]),
				Advice:   "Two upgraders can't share it. Set another name for it in the kubernetes block.",
				Argument: []string{"kubernetes"},
			}
		}
	}
	return nil
}
