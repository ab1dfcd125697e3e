package cronjob

import (
	"context"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Status implements [spec.Platform]. The CronJob alone tells when runs were
// started and when one last succeeded; its Jobs, and their pods, tell why others
// have not.
func (p *platform) Status(ctx context.Context, place spec.Place, now time.Time) (spec.Status, bool, error) {
	k := key{kindCronJob, place.Name}
	live, failure := p.look(ctx, place.Namespace, []key{k})
	if failure != nil {
		return spec.Status{}, false, failure
	}
	found, exists := live[k]
	if !exists {
		return spec.Status{}, false, nil
	}
	podSpec := mapAt(found.Object, "spec", "jobTemplate", "spec", "template", "spec")
	container, ok := item(listAt(podSpec, "containers"), "name", containerName)
	if !ok {
		return spec.Status{}, false, &spec.Failure{
			Doing:  action{"read", k, place.Namespace}.String(),
			Reason: fmt.Sprintf("it has no container named %s, so it is not an upgrader", containerName),
			Advice: "Check the name: the id is kubernetes/NAMESPACE/CRONJOB.",
		}
	}
	l := &looker{platform: p, namespace: place.Namespace, cronJob: found, container: container}
	reads := []func(context.Context){l.readConfig, l.readJobs}
	together(len(reads), func(i int) { reads[i](ctx) })
	l.readPods(ctx)
	if failure := firstOf([]*spec.Failure{l.configFailure, l.jobsFailure, l.podsFailure}); failure != nil {
		return spec.Status{}, false, failure
	}
	return l.status(ctx, now), true, nil
}

// looker reads what an upgrader's status is made of.
type looker struct {
	*platform
	namespace string
	cronJob   *unstructured.Unstructured
	container map[string]any

	config map[string]string
	runs   []run
	pods   []unstructured.Unstructured
	// noJobs and noPods tell that these credentials may not list them.
	noJobs, noPods bool

	configFailure, jobsFailure, podsFailure *spec.Failure
}

// readConfig reads config.yaml, for the delegate's name. It is no loss if these
// credentials may not: the CronJob's own name tells it in most cases.
func (l *looker) readConfig(ctx context.Context) {
	names, inSecret := referred(mapAt(l.cronJob.Object, "spec", "jobTemplate", "spec", "template", "spec"), l.container)
	k := key{kindConfigMap, names.ConfigMap}
	if inSecret {
		k.kind = kindSecret
	}
	if k.name == "" {
		return
	}
	object, err := l.get(ctx, l.namespace, k)
	if err != nil && !apierrors.IsForbidden(err) {
		l.configFailure = l.fail(action{"read", k, l.namespace}, err)
	}
	if object != nil {
		l.config, _ = liveConfig(object.Object) // what can't be read tells no name
	}
}

// readJobs reads the runs that Kubernetes still has.
func (l *looker) readJobs(ctx context.Context) {
	jobs, err := l.list(ctx, l.namespace, kindJob, metav1.ListOptions{})
	switch {
	case apierrors.IsForbidden(err):
		l.noJobs = true
	case err != nil:
		l.jobsFailure = l.fail(action{"list", key{kindJob, "*"}, l.namespace}, err)
	default:
		l.runs = runsOf(l.cronJob, jobs)
	}
}

// readPods reads those of runs that have failed, or may be about to.
func (l *looker) readPods(ctx context.Context) {
	var names []string
	if r := lastFailed(l.runs); r != nil {
		names = append(names, r.job)
	}
	if r := firstUnfinished(l.runs); r != nil {
		names = append(names, r.job)
	}
	if len(names) == 0 {
		return
	}
	pods, err := l.list(ctx, l.namespace, kindPod, metav1.ListOptions{LabelSelector: fmt.Sprintf("%s in (%s)", jobNameLabel, strings.Join(names, ","))})
	switch {
	case apierrors.IsForbidden(err):
		l.noPods = true
	case err != nil:
		l.podsFailure = l.fail(action{"list", key{kindPod, "*"}, l.namespace}, err)
	default:
		l.pods = pods
	}
}

// hidden masks what pods may quote. It reports false where there is nothing to
// hide the secrets by, since these credentials may not read them.
func (l *looker) hidden(ctx context.Context) (mask, bool) {
	token := secret.Text("")
	names, _ := referred(nil, l.container)
	if names.Secret != "" {
		if object, err := l.get(ctx, l.namespace, key{kindSecret, names.Secret}); err == nil && object != nil {
			token = liveToken(object.Object)
		}
	}
	return newMask(token, secret.Text(l.config[proxyPassword])), token != "" && l.config != nil
}

// status puts together what was read.
func (l *looker) status(ctx context.Context, now time.Time) spec.Status {
	fields := mapAt(l.cronJob.Object, "spec")
	s := spec.Status{
		DelegateName: l.config[configWorkload],
		Image:        textAt(l.container, "image"),
		Suspended:    fields["suspend"] == true,
		Schedule:     textAt(fields, "schedule"),
		TimeZone:     textAt(fields, "timeZone"),
	}
	if s.DelegateName == "" {
		s.DelegateName = strings.TrimSuffix(l.cronJob.GetName(), "-upgrader-job")
	}
	hide := newMask()
	if len(l.pods) > 0 {
		var known bool
		if hide, known = l.hidden(ctx); !known {
			l.pods = withoutLastWords(l.pods)
		}
	}
	h := history{cronJob: l.cronJob, runs: l.runs, pods: l.pods, complete: !l.noJobs}
	h.tell(&s, now)
	l.unseen(&s)
	if s.LastFailure != nil {
		s.LastFailure.Message = hide.Hide(s.LastFailure.Message)
	}
	return s
}

// unseen says which rights these credentials lack, and what is missing for that.
func (l *looker) unseen(s *spec.Status) {
	name := key{kindCronJob, l.cronJob.GetName()}.String()
	if l.noJobs {
		s.Unseen = append(s.Unseen, spec.Finding{
			Summary: "Runs of the Upgrader Not Visible",
			Detail: fmt.Sprintf("These credentials may not list Jobs in namespace %s, so that last_failure is left out. When %s last started a run, and when one last succeeded, is known from itself. "+
				"To see more, grant list on jobs (API group batch) and on pods.", l.namespace, name),
		})
	}
	if l.noPods {
		s.Unseen = append(s.Unseen, spec.Finding{
			Summary: "Pods of the Upgrader Not Visible",
			Detail: fmt.Sprintf("These credentials may not list pods in namespace %s, so that a failure of %s is told as its Job has it, and a pod that can't start isn't seen. "+
				"To see more, grant list on pods.", l.namespace, name),
		})
	}
}
