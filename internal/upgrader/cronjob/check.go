package cronjob

import (
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The environment of a delegate's container that says who it is.
const (
	delegateNameVariable = "DELEGATE_NAME"
	accountVariable      = "ACCOUNT_ID"
	managerVariable      = "MANAGER_HOST_AND_PORT"
	tokenVariable        = "DELEGATE_TOKEN"
)

// Check implements [spec.Platform].
func (p *platform) Check(ctx context.Context, want spec.Upgrader) ([]spec.Finding, error) {
	c := &checkup{platform: p, want: want, namespace: want.Kubernetes.Namespace}
	checks := []func(context.Context) ([]spec.Finding, *spec.Failure){c.delegate, c.references}
	parts := make([][]spec.Finding, len(checks))
	failures := make([]*spec.Failure, len(checks))
	together(len(checks), func(i int) { parts[i], failures[i] = checks[i](ctx) })
	if failure := firstOf(failures); failure != nil {
		return nil, newMask(want.Token, want.Proxy.Password).failure(failure)
	}
	return slices.Concat(parts...), nil
}

// checkup is one Check under way.
type checkup struct {
	*platform
	want      spec.Upgrader
	namespace string
}

// read reads an object. It reports false where it may not be read, of which
// nothing can be said.
func (c *checkup) read(ctx context.Context, k key) (found object, allowed bool, _ *spec.Failure) {
	found, err := c.getListed(ctx, c.namespace, k)
	switch {
	case apierrors.IsForbidden(err):
		return nil, false, nil
	case err != nil:
		return nil, false, c.fail(action{"read", k, c.namespace}, err)
	default:
		return found, true, nil
	}
}

// delegate looks at the workload that is to be upgraded.
func (c *checkup) delegate(ctx context.Context) ([]spec.Finding, *spec.Failure) {
	k := key{kindDeployment, c.want.DelegateName}
	found, allowed, failure := c.read(ctx, k)
	if failure != nil || !allowed {
		return nil, failure
	}
	workload, ok := found.(*appsv1.Deployment)
	if !ok {
		return c.missing(ctx)
	}
	containers := workload.Spec.Template.Spec.Containers
	i := slices.IndexFunc(containers, func(of corev1.Container) bool { return of.Name == c.want.Kubernetes.DelegateContainer })
	if i < 0 {
		var names []string
		for _, of := range containers {
			names = append(names, of.Name)
		}
		return []spec.Finding{{
			Summary: fmt.Sprintf("%s has no container named %q", k, c.want.Kubernetes.DelegateContainer),
			Detail: fmt.Sprintf("The upgrader sets the image of that container, and will fail. The containers of %s in namespace %s are: %s.",
				k, c.namespace, strings.Join(names, ", ")),
			Argument: []string{"kubernetes", "delegate_container"},
		}}, nil
	}
	env, failure := c.environment(ctx, containers[i])
	if failure != nil {
		return nil, failure
	}
	findings := slices.Concat(c.compareEnvironment(k, env), c.mirror(k, containers[i].Image), imageOwners(workload, c.want.Kubernetes.DelegateContainer))
	token, failure := c.token(ctx, k, env)
	return append(findings, token...), failure
}

// missing says where the delegate might be instead.
func (c *checkup) missing(ctx context.Context) ([]spec.Finding, *spec.Failure) {
	name := c.want.DelegateName
	older, _, failure := c.read(ctx, key{kindStatefulSet, name})
	if failure != nil {
		return nil, failure
	}
	if older != nil {
		return []spec.Finding{{
			Summary: fmt.Sprintf("The delegate %s is a StatefulSet", name),
			Detail: fmt.Sprintf("The upgrader sets the image of a Deployment. StatefulSet/%s in namespace %s, as older delegates have it, is not upgraded; install the delegate as a Deployment.",
				name, c.namespace),
			Argument: []string{"delegate_name"},
		}}, nil
	}
	finding := spec.Finding{
		Summary:  fmt.Sprintf("There is no delegate %s in namespace %s", name, c.namespace),
		Detail:   fmt.Sprintf("The upgrader sets the image of Deployment/%s, which doesn't exist there, and will fail.", name),
		Argument: []string{"delegate_name"},
		Pending:  true,
	}
	others, err := list[*appsv1.Deployment](ctx, c.platform, c.namespace, kindDeployment, metav1.ListOptions{})
	if err != nil && !apierrors.IsForbidden(err) {
		return nil, c.fail(action{"list", key{kindDeployment, "*"}, c.namespace}, err)
	}
	var delegates []string
	for _, other := range others {
		if looksLikeDelegate(other) {
			delegates = append(delegates, other.GetName())
		}
	}
	if len(delegates) > 0 {
		slices.Sort(delegates)
		finding.Detail += " Deployments there that look like delegates: " + strings.Join(delegates, ", ") + "."
	}
	return []spec.Finding{finding}, nil
}

// missingDelegate tells after an upgrader was created that there is nothing for it
// to upgrade: the same apply might have made it.
func (p *platform) missingDelegate(ctx context.Context, want spec.Upgrader) []spec.Finding {
	found, err := p.getListed(ctx, want.Kubernetes.Namespace, key{kindDeployment, want.DelegateName})
	if err != nil || found != nil {
		return nil
	}
	findings, _ := (&checkup{platform: p, want: want, namespace: want.Kubernetes.Namespace}).missing(ctx)
	return slices.DeleteFunc(findings, func(f spec.Finding) bool { return !f.Pending })
}

func looksLikeDelegate(workload *appsv1.Deployment) bool {
	return slices.ContainsFunc(workload.Spec.Template.Spec.Containers, func(c corev1.Container) bool {
		return slices.ContainsFunc(c.Env, func(v corev1.EnvVar) bool { return v.Name == delegateNameVariable })
	})
}

// compareEnvironment sees whether the delegate is the one that the upgrader asks
// Harness about.
func (c *checkup) compareEnvironment(k key, env map[string]string) []spec.Finding {
	var findings []spec.Finding
	for _, v := range []struct{ variable, want, argument, consequence string }{
		{
			delegateNameVariable, c.want.DelegateName, "delegate_name",
			"Harness is asked for the version of the workload's name, and finds no delegate of that name: its tags and its scope don't count, and it shows as not upgraded automatically.",
		},
		{accountVariable, c.want.AccountID, "account_id", "Harness would be asked for the version of another account."},
		{managerVariable, c.want.ManagerEndpoint, "manager_endpoint", "Another Harness Manager would be asked than the one that the delegate belongs to."},
	} {
		got, known := env[v.variable]
		if known && got != "" && v.want != "" && strings.TrimRight(got, "/") != strings.TrimRight(v.want, "/") {
			findings = append(findings, spec.Finding{
				Summary:  fmt.Sprintf("The delegate's %s differs from %s", v.variable, v.argument),
				Detail:   fmt.Sprintf("%s has %s = %q, the upgrader is given %q. %s", k, v.variable, got, v.want, v.consequence),
				Argument: []string{v.argument},
			})
		}
	}
	return findings
}

// mirror sees whether the registry mirror fits the image that the delegate runs.
// The upgrader puts the mirror in front of harness/delegate and a tag, whatever
// the image was before.
func (c *checkup) mirror(k key, image string) []spec.Finding {
	mirror := c.want.Kubernetes.RegistryMirror
	name := imageName(image)
	if mirror == "" || name == "" || isOfficial(name) || name == strings.Trim(mirror, "/")+"/"+officialImage {
		return nil
	}
	return []spec.Finding{{
		Summary: "The registry mirror doesn't fit the delegate's image",
		Detail: fmt.Sprintf("%s runs %s, which isn't an image of harness/delegate under %s. The upgrader would set %s/harness/delegate:TAG: "+
			"a custom image would be lost, and one that the mirror doesn't have can't be pulled. "+
			"Custom images are chosen with an override of the delegate's tag, without a mirror.", k, image, mirror, mirror),
		Argument: []string{"kubernetes", "registry_mirror"},
	}}
}

const officialImage = "harness/delegate"

// imageName is an image without its tag and digest.
func imageName(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name = name[:colon]
	}
	return name
}

// isOfficial tells the image that a pull-through mirror of Docker Hub has.
func isOfficial(name string) bool {
	for _, hub := range []string{"docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/"} {
		name = strings.TrimPrefix(name, hub)
	}
	return name == officialImage
}

// imageOwners warns of a Helm release that will fail on the image: the upgrader
// sets it with kubectl, which then owns the field.
func imageOwners(workload *appsv1.Deployment, container string) []spec.Finding {
	image := []string{"f:spec", "f:template", "f:spec", "f:containers", ownedEntry("name", container), "f:image"}
	byUpgrader := slices.ContainsFunc(kubernetes.Owners(workload, image...), func(o kubernetes.Owner) bool { return o.Manager == "kubectl-set" })
	byHelm := slices.ContainsFunc(workload.GetManagedFields(), func(e metav1.ManagedFieldsEntry) bool {
		return e.Manager == "helm" && e.Operation == metav1.ManagedFieldsOperationApply
	})
	if !byUpgrader || !byHelm {
		return nil
	}
	return []spec.Finding{{
		Summary: "The next Helm upgrade of the delegate may fail",
		Detail: fmt.Sprintf("The upgrader has set the image of %s in namespace %s with kubectl set image, so that the field manager kubectl-set owns it. "+
			"Helm 4 applies this release server-side: a helm upgrade that renders another image fails with a conflict. "+
			"Run helm upgrade with --force-conflicts, or set the chart's delegateDockerImage to the image that runs.", keyOf(workload), workload.GetNamespace()),
		Argument: []string{"delegate_name"},
	}}
}

// environment is that of a container, as far as it can be told: values that may
// not be read are left out.
func (c *checkup) environment(ctx context.Context, container corev1.Container) (map[string]string, *spec.Failure) {
	env := map[string]string{}
	for _, entry := range container.EnvFrom {
		var k key
		switch {
		case entry.SecretRef != nil:
			k = key{kindSecret, entry.SecretRef.Name}
		case entry.ConfigMapRef != nil:
			k = key{kindConfigMap, entry.ConfigMapRef.Name}
		}
		source, _, failure := c.read(ctx, k)
		if failure != nil {
			return nil, failure
		}
		for name, value := range allData(source) {
			env[entry.Prefix+name] = value
		}
	}
	for _, v := range container.Env {
		value, known, failure := c.variable(ctx, v)
		if failure != nil {
			return nil, failure
		}
		delete(env, v.Name) // env takes precedence over envFrom, also where it can't be told
		if known {
			env[v.Name] = value
		}
	}
	return env, nil
}

// allData is what a ConfigMap or Secret holds.
func allData(from object) map[string]string {
	all := map[string]string{}
	switch o := from.(type) {
	case *corev1.ConfigMap:
		return o.Data
	case *corev1.Secret:
		for name, value := range o.Data {
			all[name] = string(value)
		}
	}
	return all
}

// variable reads one that concerns the upgrader, wherever its value is.
func (c *checkup) variable(ctx context.Context, v corev1.EnvVar) (string, bool, *spec.Failure) {
	if v.ValueFrom == nil {
		return v.Value, !strings.Contains(v.Value, "$("), nil // composed of others
	}
	if !slices.Contains([]string{delegateNameVariable, accountVariable, managerVariable, tokenVariable}, v.Name) {
		return "", false, nil
	}
	var k key
	var name string
	switch from := v.ValueFrom; {
	case from.SecretKeyRef != nil:
		k, name = key{kindSecret, from.SecretKeyRef.Name}, from.SecretKeyRef.Key
	case from.ConfigMapKeyRef != nil:
		k, name = key{kindConfigMap, from.ConfigMapKeyRef.Name}, from.ConfigMapKeyRef.Key
	default:
		return "", false, nil
	}
	source, _, failure := c.read(ctx, k)
	value := dataOf(source, name)
	return value, value != "", failure
}

// token sees whether the delegate and its upgrader have the same token.
func (c *checkup) token(ctx context.Context, k key, env map[string]string) ([]spec.Finding, *spec.Failure) {
	theirs := secret.Text(env[tokenVariable])
	own, argument := c.want.Token, []string{"token"}
	if c.want.Kubernetes.ExistingSecret != "" {
		own, argument = "", []string{"kubernetes", "existing_secret"}
	}
	if theirs != "" && own == "" {
		source, _, failure := c.read(ctx, key{kindSecret, c.want.Kubernetes.TokenSecret()})
		if failure != nil {
			return nil, failure
		}
		own = liveToken(source)
	}
	if theirs == "" || own == "" || secret.SameToken(theirs, own) {
		return nil, nil
	}
	return []spec.Finding{{
		Summary: "The delegate and its upgrader have different tokens",
		Detail: fmt.Sprintf("%s has another %s than the upgrader has %s. Harness tells by the token which organization or project an upgrader belongs to: "+
			"unless the two are equal, overrides of an organization or a project don't reach this delegate.", k, tokenVariable, tokenKey),
		Argument: argument,
	}}, nil
}

// references looks at the objects that the upgrader needs and somebody else looks
// after.
func (c *checkup) references(ctx context.Context) ([]spec.Finding, *spec.Failure) {
	k := c.want.Kubernetes
	type reference struct {
		key               key
		argument, purpose string
		data              []string
	}
	needed := []reference{
		{key{kindSecret, k.ExistingSecret}, "existing_secret", "the upgrader's token", []string{tokenKey}},
		{key{kindSecret, k.MTLSSecret}, "mtls_secret", "the client certificate for mutual TLS", []string{certificateFile, certificateKey}},
		{key{kindSecret, k.CustomCASecret}, "custom_ca_secret", "the certificates of a private authority", nil},
	}
	if !k.RBAC.Creates() {
		needed = append(needed, reference{key{kindServiceAccount, k.ServiceAccount}, "service_account_name", "the rights of the upgrader", nil})
	}
	var findings []spec.Finding
	for _, s := range needed {
		if s.key.name == "" {
			continue
		}
		found, allowed, failure := c.read(ctx, s.key)
		if failure != nil {
			return nil, failure
		}
		if !allowed {
			continue
		}
		missing := slices.DeleteFunc(slices.Clone(s.data), func(name string) bool { return dataOf(found, name) != "" })
		finding := spec.Finding{Argument: []string{"kubernetes", s.argument}}
		switch {
		case found == nil:
			finding.Summary = fmt.Sprintf("There is no %s in namespace %s", s.key, c.namespace)
			finding.Detail = fmt.Sprintf("It should hold %s. Until it exists, the upgrader's pods don't start.", s.purpose)
		case len(missing) > 0:
			finding.Summary = fmt.Sprintf("%s lacks %s", s.key, strings.Join(missing, " and "))
			finding.Detail = fmt.Sprintf("It should hold %s under the keys %s. Without them, the upgrader's runs fail.", s.purpose, strings.Join(s.data, " and "))
		case s.key.kind == kindSecret && len(allData(found)) == 0:
			finding.Summary = s.key.String() + " is empty"
			finding.Detail = fmt.Sprintf("It should hold %s.", s.purpose)
		default:
			continue
		}
		findings = append(findings, finding)
	}
	return findings, nil
}
