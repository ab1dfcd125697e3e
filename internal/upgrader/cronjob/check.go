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
	parts := make([][]spec.Finding, 2)
	failures := make([]*spec.Failure, len(parts))
	together(len(parts), func(i int) {
		switch i {
		case 0:
			parts[i], failures[i] = c.delegate(ctx)
		default:
			parts[i], failures[i] = c.secrets(ctx)
		}
	})
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
func (c *checkup) read(ctx context.Context, k key) (map[string]any, bool, *spec.Failure) {
	found, err := c.get(ctx, c.namespace, k)
	switch {
	case apierrors.IsForbidden(err):
		return nil, false, nil
	case err != nil:
		return nil, false, c.fail(action{"read", k, c.namespace}, err)
	case found == nil:
		return nil, true, nil
	default:
		return found.Object, true, nil
	}
}

// delegate looks at the workload that is to be upgraded.
func (c *checkup) delegate(ctx context.Context) ([]spec.Finding, *spec.Failure) {
	k := key{kindDeployment, c.want.DelegateName}
	workload, allowed, failure := c.read(ctx, k)
	if failure != nil || !allowed {
		return nil, failure
	}
	if workload == nil {
		return c.missingDelegate(ctx)
	}
	podSpec := mapAt(workload, "spec", "template", "spec")
	containers := listAt(podSpec, "containers")
	container, ok := item(containers, "name", c.want.Kubernetes.DelegateContainer)
	if !ok {
		return []spec.Finding{{
			Summary: fmt.Sprintf("%s has no container named %q", k, c.want.Kubernetes.DelegateContainer),
			Detail: fmt.Sprintf("The upgrader sets the image of that container, and will fail. The containers of %s in namespace %s are: %s.",
				k, c.namespace, strings.Join(namesIn(containers), ", ")),
			Argument: []string{"kubernetes", "delegate_container"},
		}}, nil
	}
	env, failure := c.environment(ctx, container)
	if failure != nil {
		return nil, failure
	}
	findings := c.compareEnvironment(k, env)
	findings = append(findings, c.mirror(k, textAt(container, "image"))...)
	token, failure := c.token(ctx, k, env)
	return append(findings, token...), failure
}

// missingDelegate says where the delegate might be instead.
func (c *checkup) missingDelegate(ctx context.Context) ([]spec.Finding, *spec.Failure) {
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
	}
	others, err := c.list(ctx, c.namespace, kindDeployment, metav1.ListOptions{})
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

func looksLikeDelegate(object unstructured.Unstructured) bool {
	return slices.ContainsFunc(listAt(object.Object, "spec", "template", "spec", "containers"), func(entry any) bool {
		_, ok := item(listAt(asMap(entry), "env"), "name", delegateNameVariable)
		return ok
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

func namesIn(list []any) []string {
	var names []string
	for _, entry := range list {
		names = append(names, textAt(asMap(entry), "name"))
	}
	return names
}
