package cronjob

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// suffix follows the delegate's name in the name that the official chart gives a
// CronJob.
const suffix = "-upgrader-job"

// Find implements [spec.Platform]. It follows the CronJob's references, whatever
// the objects are called.
func (p *platform) Find(ctx context.Context, place spec.Place) (spec.Upgrader, bool, error) {
	live, failure := p.upgraderAt(ctx, "import", place, p.recall)
	if failure != nil {
		return spec.Upgrader{}, false, failure
	}
	if live == nil {
		return spec.Upgrader{}, false, nil
	}
	u := spec.Upgrader{Kubernetes: &spec.Kubernetes{Namespace: place.Namespace, Names: spec.Names{CronJob: place.Name}}}
	if failure := p.findRest(ctx, &u, live); failure != nil {
		return spec.Upgrader{}, false, failure
	}
	return u, true, nil
}

// upgraderAt reads the CronJob of an upgrader; it is nil if there is none.
func (p *platform) upgraderAt(
	ctx context.Context, verb string, place spec.Place, read func(context.Context, string, []key) (snapshot, *spec.Failure),
) (*batchv1.CronJob, *spec.Failure) {
	k := key{kindCronJob, place.Name}
	live, failure := read(ctx, place.Namespace, []key{k})
	if failure != nil {
		return nil, failure
	}
	cronJob := in[*batchv1.CronJob](live, k.kind, k.name)
	if cronJob != nil && containerOf(podOf(cronJob)) == nil {
		return nil, &spec.Failure{
			Doing:  action{verb, k, place.Namespace}.String(),
			Reason: fmt.Sprintf("it has no container named %s, so it is not an upgrader", containerName),
			Advice: "Check the name: the id is kubernetes/NAMESPACE/CRONJOB.",
		}
	}
	return cronJob, nil
}

// findRest reads what the CronJob refers to, and then the arguments.
func (p *platform) findRest(ctx context.Context, u *spec.Upgrader, cronJob *batchv1.CronJob) *spec.Failure {
	k := u.Kubernetes
	refers := referred(podOf(cronJob))
	k.ServiceAccount, k.Secret, k.ConfigMap = refers.account, refers.token, refers.config.name
	role, binding, failure := p.findRole(ctx, k.Namespace, k.ServiceAccount)
	if failure != nil {
		return failure
	}
	k.Role, k.RoleBinding = role, binding
	var keys []key
	for _, one := range []key{{kindServiceAccount, k.ServiceAccount}, {kindRole, k.Role}, {kindSecret, k.Secret}, refers.config} {
		if one.name != "" {
			keys = append(keys, one)
		}
	}
	live, failure := p.recall(ctx, k.Namespace, keys)
	if failure != nil {
		return failure
	}
	live[keyOf(cronJob)] = cronJob
	config := live[refers.config]
	values, _ := liveConfig(config) // what can't be read shows as drift
	*u = readAll(*u, live, config)
	u.Proxy.Password = secret.Text(values[proxyPassword])
	u.Proxy.HasPassword = u.Proxy.Password != ""
	if u.DelegateName == "" {
		u.DelegateName = strings.TrimSuffix(k.CronJob, suffix)
	}
	u.Kubernetes.Names = u.Kubernetes.OrDefaults(u.DelegateName)
	// The token that is there goes on without anybody saying it again.
	u.Kubernetes.ExistingSecret = ""
	if found := live[key{kindSecret, k.Secret}]; found != nil && liveToken(found) != "" {
		u.Token, u.Kubernetes.ExistingSecret = liveToken(found), k.Secret
	}
	if u.Kubernetes.PodSecurityContext == nil {
		u.Kubernetes.PodSecurityContext = map[string]any{} // none, which isn't the default
	}
	return nil
}

// readAll reads every argument from live objects, with nothing that is
// wanted to compare them with.
func readAll(u spec.Upgrader, live snapshot, config object) spec.Upgrader {
	k := *u.Kubernetes
	k.RBAC = spec.RBAC{CronJobVerbs: []string{}, DeploymentVerbs: []string{}}
	if live[key{kindRole, k.Role}] == nil {
		k.RBAC = spec.RBAC{}.Complete()
	}
	u.Kubernetes = &k
	rendered := &batchv1.CronJob{}
	podOf(rendered).Containers = []corev1.Container{{Name: containerName}}
	return readArguments(u, snapshot{key{kindCronJob, k.CronJob}: rendered}, live, config)
}

// findRole finds the Role of a ServiceAccount by way of a RoleBinding. Among
// several it prefers the one that lets upgraders work. Where none names a Role, it
// looks for what was meant. Without a right to list them, the usual names are
// assumed.
func (p *platform) findRole(ctx context.Context, namespace, account string) (roleName, bindingName string, _ *spec.Failure) {
	all, err := everyOne[*rbacv1.RoleBinding](ctx, p, namespace, kindRoleBinding)
	if apierrors.IsForbidden(err) {
		return "", "", nil
	}
	if err != nil {
		return "", "", p.fail(action{"list", key{kindRoleBinding, "*"}, namespace}, err)
	}
	var bindings, others []*rbacv1.RoleBinding
	for _, b := range all {
		switch {
		case !slices.Contains(accounts(b), key{kindServiceAccount, account}):
		case b.RoleRef.Kind == kindRole:
			bindings = append(bindings, b)
		default:
			others = append(others, b)
		}
	}
	if len(bindings) == 0 {
		if len(others) == 1 && len(others[0].Subjects) == 1 { // to a ClusterRole, and for nobody else
			bindingName = others[0].GetName()
		}
		roleName, failure := p.unboundRole(ctx, namespace, all)
		return roleName, bindingName, failure
	}
	var keys []key
	for _, b := range bindings {
		if k := boundRole(b); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	roles, failure := p.recall(ctx, namespace, keys)
	if failure != nil {
		return "", "", failure
	}
	fitness := func(b *rbacv1.RoleBinding) int { // how much of an upgrader's rights it gives
		role := in[*rbacv1.Role](roles, kindRole, b.RoleRef.Name)
		if role == nil {
			return 0
		}
		return len(verbsOf(role, "deployments")) + len(verbsOf(role, "cronjobs"))
	}
	best := slices.MaxFunc(bindings, func(a, b *rbacv1.RoleBinding) int { return fitness(a) - fitness(b) })
	return best.RoleRef.Name, best.GetName(), nil
}

// unboundRole is the one Role with the rights of an upgrader that nobody has; empty
// where there are none or several.
func (p *platform) unboundRole(ctx context.Context, namespace string, bindings []*rbacv1.RoleBinding) (string, *spec.Failure) {
	roles, err := everyOne[*rbacv1.Role](ctx, p, namespace, kindRole)
	if err != nil && !apierrors.IsForbidden(err) {
		return "", p.fail(action{"list", key{kindRole, "*"}, namespace}, err)
	}
	roles = slices.DeleteFunc(roles, func(role *rbacv1.Role) bool {
		return len(role.Rules) != 2 || len(verbsOf(role, "deployments")) == 0 || len(verbsOf(role, "cronjobs")) == 0 ||
			slices.ContainsFunc(bindings, func(b *rbacv1.RoleBinding) bool { return boundRole(b) == key{kindRole, role.GetName()} })
	})
	if len(roles) != 1 {
		return "", nil
	}
	return roles[0].GetName(), nil
}

// everyOne lists the objects of a kind in a namespace, by the lists of this run
// where there are any.
func everyOne[T object](ctx context.Context, p *platform, namespace, kind string) ([]T, error) {
	if p.lists == nil {
		return list[T](ctx, p, namespace, kind, metav1.ListOptions{})
	}
	items, err := p.lists.All(ctx, p.requests, p.of(namespace, kind), kinds[kind].resource, namespace, metav1.ListOptions{})
	var found []T
	for _, item := range items {
		read, err := typed(item)
		if err != nil {
			return nil, err
		}
		if one, ok := read.(T); ok {
			found = append(found, one)
		}
	}
	return found, err
}

// List implements [spec.Platform].
func (p *platform) List(ctx context.Context, namespace string) iter.Seq2[spec.Listed, error] {
	return func(yield func(spec.Listed, error) bool) {
		options := metav1.ListOptions{Limit: pageSize}
		for {
			var page *unstructured.UnstructuredList
			err := p.try(ctx, func(ctx context.Context) (err error) {
				page, err = p.of(namespace, kindCronJob).List(ctx, options)
				return err
			})
			if err != nil {
				yield(spec.Listed{}, p.unlisted(err, namespace))
				return
			}
			found := make([]*spec.Listed, len(page.Items))
			together(len(page.Items), func(i int) { found[i] = p.recognize(ctx, &page.Items[i]) })
			for _, listed := range found {
				if listed != nil && !yield(*listed, nil) {
					return
				}
			}
			if options.Continue = page.GetContinue(); options.Continue == "" {
				return
			}
		}
	}
}

// recognize tells whether a CronJob is an upgrader: it runs the upgrader's
// container, with a token and with a configuration of the mode Delegate. A
// configuration that is missing, or that these credentials may not read, speaks
// neither for it nor against it.
func (p *platform) recognize(ctx context.Context, item *unstructured.Unstructured) *spec.Listed {
	read, err := typed(item)
	cronJob, ok := read.(*batchv1.CronJob)
	if err != nil || !ok {
		return nil
	}
	container, refers := containerOf(podOf(cronJob)), referred(podOf(cronJob))
	if container == nil || refers.config.name == "" ||
		refers.token == "" && !slices.ContainsFunc(container.Env, func(v corev1.EnvVar) bool { return v.Name == tokenKey }) {
		return nil
	}
	values := map[string]string{}
	if config, err := p.getListed(ctx, cronJob.GetNamespace(), refers.config); err == nil && config != nil {
		if read, err := liveConfig(config); err == nil {
			values = read
		}
	}
	if mode := values[configMode]; mode != "" && mode != modeDelegate {
		return nil
	}
	name := values[configWorkload]
	if name == "" {
		name = strings.TrimSuffix(cronJob.GetName(), suffix)
	}
	return &spec.Listed{Place: spec.Place{Namespace: cronJob.GetNamespace(), Name: cronJob.GetName()}, DelegateName: name}
}

// unlisted says why CronJobs can't be listed.
func (p *platform) unlisted(err error, namespace string) *spec.Failure {
	if namespace != "" {
		f := p.fail(action{"list", key{kindCronJob, "*"}, namespace}, err)
		f.Doing = fmt.Sprintf("list the CronJobs in namespace %s", namespace)
		return f
	}
	e := kubernetes.Explain(err, kubernetes.Request{Host: p.host, Resource: kinds[kindCronJob].resource.GroupResource()})
	f := &spec.Failure{Doing: "list the CronJobs of all namespaces", Reason: e.Reason, Advice: e.Advice, Err: err}
	if apierrors.IsForbidden(err) {
		f.Reason = "these credentials may list cronjobs.batch in single namespaces at most"
		f.Advice = "Name one namespace after the other in kubernetes.namespace; or have the right granted by a ClusterRole, " +
			"and check it with: kubectl auth can-i list cronjobs.batch --all-namespaces."
		f.Argument = []string{"kubernetes"}
	}
	return f
}
