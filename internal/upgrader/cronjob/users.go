package cronjob

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// defaultAccount is the ServiceAccount of every namespace, with which pods run
// that name none. Kubernetes would make it anew, but without what is set on it.
const defaultAccount = "default"

// podSpecs says where the kinds that make pods keep their template's spec.
var podSpecs = map[string][]string{
	kindCronJob:     {"spec", "jobTemplate", "spec", "template", "spec"},
	kindJob:         {"spec", "template", "spec"},
	kindDeployment:  {"spec", "template", "spec"},
	kindStatefulSet: {"spec", "template", "spec"},
	kindDaemonSet:   {"spec", "template", "spec"},
}

// neighbours are the objects of a namespace that may use others, by kind.
type neighbours struct {
	lists map[string][]unstructured.Unstructured
	// hidden are the resources that these credentials may not list.
	hidden map[string]string
}

func (p *platform) neighbours(ctx context.Context, namespace string, kinds ...string) (neighbours, *spec.Failure) {
	n := neighbours{map[string][]unstructured.Unstructured{}, map[string]string{}}
	lists, forbidden := make([][]unstructured.Unstructured, len(kinds)), make([]bool, len(kinds))
	failures := make([]*spec.Failure, len(kinds))
	together(len(kinds), func(i int) {
		items, err := p.list(ctx, namespace, kinds[i], metav1.ListOptions{})
		forbidden[i] = apierrors.IsForbidden(err)
		if err != nil && !forbidden[i] {
			failures[i] = p.fail(action{"list", key{kinds[i], "*"}, namespace}, err)
		}
		lists[i] = items
	})
	for i, kind := range kinds {
		n.lists[kind] = lists[i]
		if forbidden[i] {
			n.hidden[kind] = resources[kind].Resource
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
			k := key{kind, other.GetName()}
			if other.GetDeletionTimestamp() != nil || k == except || kind == kindJob && passes(other) {
				continue
			}
			for used := range references(mapAt(other.Object, podSpecs[kind]...)) {
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
func passes(job unstructured.Unstructured) bool {
	return slices.ContainsFunc(job.GetOwnerReferences(), func(o metav1.OwnerReference) bool { return o.Kind == kindCronJob }) ||
		slices.ContainsFunc(listAt(job.Object, "status", "conditions"), func(c any) bool {
			return textAt(asMap(c), "status") == "True" && slices.Contains([]string{"Complete", "Failed"}, textAt(asMap(c), "type"))
		})
}

// accounts are the ServiceAccounts of the namespace that a binding is about.
func accounts(binding unstructured.Unstructured) []key {
	var found []key
	for _, entry := range listAt(binding.Object, "subjects") {
		subject := asMap(entry)
		in := textAt(subject, "namespace")
		if textAt(subject, "kind") == kindServiceAccount && (in == "" || in == binding.GetNamespace()) {
			found = append(found, key{kindServiceAccount, textAt(subject, "name")})
		}
	}
	return found
}

// boundRole is what a binding refers to.
func boundRole(binding unstructured.Unstructured) key {
	return key{textAt(binding.Object, "roleRef", "kind"), textAt(binding.Object, "roleRef", "name")}
}

// neededOf tells why objects that are to be removed have to stay. Upgraders made
// from the documented manifest share a ServiceAccount and a Role, and the
// delegate may run with the same account.
//
// Who may not list the others doesn't hear of them. That is no reason to keep
// what this provider has written, which others have no reason to rely on. What it
// has not is kept then.
func (r *removal) neededOf(ctx context.Context, objects []*unstructured.Unstructured) (map[key]string, *spec.Failure) {
	around, failure := r.neighbours(ctx, r.namespace, kindCronJob, kindDeployment, kindStatefulSet, kindDaemonSet, kindJob, kindRoleBinding)
	if failure != nil {
		return map[key]string{}, failure
	}
	needed, going := map[key]string{}, map[key]bool{}
	for used, user := range around.users(r.keeps) {
		needed[used] = user + " uses it"
	}
	for _, object := range objects {
		k := key{object.GetKind(), object.GetName()}
		going[k] = true
		if hidden := around.unseen(k.kind); hidden != "" && needed[k] == "" && !ours(object) {
			needed[k] = fmt.Sprintf("this resource has not made it, and it may be in use: these credentials may not list %s", hidden)
		}
	}
	// A binding is needed where its subject is, and a Role where a binding is, be
	// it one of ours or of others.
	for _, binding := range around.lists[kindRoleBinding] {
		k := key{kindRoleBinding, binding.GetName()}
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
func (a *application) refuseShared(ctx context.Context, wanted []key) *spec.Failure {
	k := a.want.Kubernetes
	if _, exists := a.live[key{kindCronJob, k.Names.CronJob}]; exists || len(a.last) > 0 || len(a.live) == 0 {
		return nil
	}
	around, failure := a.neighbours(ctx, k.Namespace, kindCronJob, kindRoleBinding)
	if failure != nil {
		return failure
	}
	users := around.users(key{})
	for _, binding := range around.lists[kindRoleBinding] {
		for _, account := range accounts(binding) {
			if user := users[account]; user != "" {
				users[key{kindRoleBinding, binding.GetName()}], users[boundRole(binding)] = user, user
			}
		}
	}
	for _, one := range wanted {
		if object, exists := a.live[one]; exists && ours(object) && users[one] != "" {
			return &spec.Failure{
				Doing:    action{"write", one, k.Namespace}.String(),
				Reason:   fmt.Sprintf("%s uses it, which is another upgrader's; nothing was written", users[one]),
				Advice:   "Two upgraders can't share it. Choose another name for it in kubernetes.names.",
				Argument: []string{"kubernetes", "names"},
			}
		}
	}
	return nil
}
