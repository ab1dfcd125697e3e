package cronjob

import (
	"context"
	"fmt"
	"iter"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// pageSize is how many CronJobs are read at a time.
const pageSize = 100

// List implements [spec.Platform].
func (p *platform) List(ctx context.Context, namespace string) iter.Seq2[spec.Listed, error] {
	return func(yield func(spec.Listed, error) bool) {
		options := metav1.ListOptions{Limit: pageSize}
		for {
			page, err := p.page(ctx, namespace, options)
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

func (p *platform) page(ctx context.Context, namespace string, options metav1.ListOptions) (page *unstructured.UnstructuredList, err error) {
	err = p.try(ctx, func(ctx context.Context) (err error) {
		page, err = p.of(namespace, kindCronJob).List(ctx, options)
		return err
	})
	return page, err
}

// recognize tells whether a CronJob is an upgrader: it runs the upgrader's
// container, with a token and with a configuration of the mode Delegate. A
// configuration that is missing, or that these credentials may not read, speaks
// neither for it nor against it.
func (p *platform) recognize(ctx context.Context, cronJob *unstructured.Unstructured) *spec.Listed {
	podSpec := mapAt(cronJob.Object, "spec", "jobTemplate", "spec", "template", "spec")
	container, ok := item(listAt(podSpec, "containers"), "name", containerName)
	if !ok || !hasToken(container) {
		return nil
	}
	names, inSecret := referred(podSpec, container)
	if names.ConfigMap == "" {
		return nil
	}
	config := key{kindConfigMap, names.ConfigMap}
	if inSecret {
		config.kind = kindSecret
	}
	values := map[string]string{}
	if object, err := p.get(ctx, cronJob.GetNamespace(), config); err == nil && object != nil {
		if read, err := liveConfig(object.Object); err == nil {
			values = read
		}
	}
	if mode := values[configMode]; mode != "" && mode != modeDelegate {
		return nil
	}
	name := values[configWorkload]
	if name == "" {
		name = strings.TrimSuffix(cronJob.GetName(), "-upgrader-job")
	}
	return &spec.Listed{Place: spec.Place{Namespace: cronJob.GetNamespace(), Name: cronJob.GetName()}, DelegateName: name}
}

// hasToken tells whether a container gets a Secret as its environment, or the
// token as a variable.
func hasToken(container map[string]any) bool {
	for _, source := range listAt(container, "envFrom") {
		if textAt(asMap(source), "secretRef", "name") != "" {
			return true
		}
	}
	_, ok := item(listAt(container, "env"), "name", tokenKey)
	return ok
}

// unlisted says why CronJobs can't be listed.
func (p *platform) unlisted(err error, namespace string) *spec.Failure {
	if namespace != "" {
		f := p.fail(action{"list", key{kindCronJob, "*"}, namespace}, err)
		f.Doing = fmt.Sprintf("list the CronJobs in namespace %s", namespace)
		return f
	}
	e := kubernetes.Explain(err, kubernetes.Request{Host: p.host, Resource: resources[kindCronJob].GroupResource()})
	f := &spec.Failure{Doing: "list the CronJobs of all namespaces", Reason: e.Reason, Advice: e.Advice, Err: err}
	if apierrors.IsForbidden(err) {
		f.Reason = "these credentials may list cronjobs.batch in single namespaces at most"
		f.Advice = "Name one namespace after the other in kubernetes.namespace; or have the right granted by a ClusterRole, " +
			"and check it with: kubectl auth can-i list cronjobs.batch --all-namespaces."
		f.Argument = []string{"kubernetes"}
	}
	return f
}
