package cronjob

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Status implements [spec.Platform]. The CronJob alone tells when runs were
// started and when one last succeeded; its Jobs, and their pods, tell why others
// have not.
func (p *platform) Status(ctx context.Context, place spec.Place, now time.Time) (spec.Status, bool, error) {
	cronJob, failure := p.upgraderAt(ctx, "read", place, p.look)
	if failure != nil {
		return spec.Status{}, false, failure
	}
	if cronJob == nil {
		return spec.Status{}, false, nil
	}
	r := &statusReader{platform: p, namespace: place.Namespace, cronJob: cronJob, refers: referred(podOf(cronJob))}
	reads := []func(context.Context) *spec.Failure{r.readConfig, r.readRuns}
	failures := make([]*spec.Failure, len(reads))
	together(len(reads), func(i int) { failures[i] = reads[i](ctx) })
	if failure := firstOf(failures); failure != nil {
		return spec.Status{}, false, failure
	}
	if failure := r.readDelegate(ctx); failure != nil {
		return spec.Status{}, false, failure
	}
	return r.status(ctx, now), true, nil
}

// statusReader reads what an upgrader's status is made of.
type statusReader struct {
	*platform
	namespace string
	cronJob   *batchv1.CronJob
	refers    references

	config map[string]string
	runs   []run
	pods   []*corev1.Pod
	// findings are about the delegate's Deployment.
	findings []spec.Finding
	// noJobs and noPods tell that these credentials may not list them.
	noJobs, noPods bool
}

// readConfig reads config.yaml, for the delegate's name. It is no loss if these
// credentials may not: the CronJob's own name tells it in most cases.
func (r *statusReader) readConfig(ctx context.Context) *spec.Failure {
	if r.refers.config.name == "" {
		return nil
	}
	found, err := r.get(ctx, r.namespace, r.refers.config)
	if err != nil && !apierrors.IsForbidden(err) {
		return r.fail(action{"read", r.refers.config, r.namespace}, err)
	}
	if found != nil {
		r.config, _ = liveConfig(found) // what can't be read tells no name
	}
	return nil
}

// readRuns reads the runs that Kubernetes still has, and the pods of those that
// have failed, or may be about to.
func (r *statusReader) readRuns(ctx context.Context) *spec.Failure {
	jobs, err := list[*batchv1.Job](ctx, r.platform, r.namespace, kindJob, metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		r.noJobs = true
		return nil
	}
	if err != nil {
		return r.fail(action{"list", key{kindJob, "*"}, r.namespace}, err)
	}
	r.runs = runsOf(r.cronJob, jobs)
	var names []string
	for _, one := range []*run{lastFailed(r.runs), firstUnfinished(r.runs)} {
		if one != nil {
			names = append(names, one.job)
		}
	}
	if len(names) == 0 {
		return nil
	}
	r.pods, err = list[*corev1.Pod](ctx, r.platform, r.namespace, kindPod,
		metav1.ListOptions{LabelSelector: fmt.Sprintf("%s in (%s)", jobNameLabel, strings.Join(names, ","))})
	if apierrors.IsForbidden(err) {
		r.noPods = true
		return nil
	}
	if err != nil {
		return r.fail(action{"list", key{kindPod, "*"}, r.namespace}, err)
	}
	return nil
}

// hidden masks what pods may quote. It reports false where there is nothing to
// hide the secrets by, since these credentials may not read them.
func (r *statusReader) hidden(ctx context.Context) (mask, bool) {
	hide, unseen := r.secretsBehind(ctx, r.namespace, podOf(r.cronJob))
	return hide, len(unseen) == 0 && r.config != nil
}

// status puts together what was read.
func (r *statusReader) status(ctx context.Context, now time.Time) spec.Status {
	s := spec.Status{
		DelegateName: r.delegateName(),
		Image:        containerOf(podOf(r.cronJob)).Image,
		Suspended:    r.cronJob.Spec.Suspend != nil && *r.cronJob.Spec.Suspend,
		Schedule:     r.cronJob.Spec.Schedule,
	}
	if r.cronJob.Spec.TimeZone != nil {
		s.TimeZone = *r.cronJob.Spec.TimeZone
	}
	hide := newMask()
	if len(r.pods) > 0 {
		var known bool
		if hide, known = r.hidden(ctx); !known {
			r.pods = withoutLastWords(r.pods)
		}
	}
	h := history{cronJob: r.cronJob, runs: r.runs, pods: r.pods, complete: !r.noJobs}
	h.tell(&s, now)
	s.Problems = append(s.Problems, obstacles(r.cronJob)...)
	r.unseen(&s)
	s.Findings = r.findings
	if s.LastFailure != nil {
		s.LastFailure.Message = hide.Hide(s.LastFailure.Message)
	}
	return s
}

func (r *statusReader) delegateName() string {
	if name := r.config[configWorkload]; name != "" {
		return name
	}
	return strings.TrimSuffix(r.cronJob.GetName(), suffix)
}

// readDelegate looks at who owns the delegate's image. It is no loss if these
// credentials may not.
func (r *statusReader) readDelegate(ctx context.Context) *spec.Failure {
	k := key{kindDeployment, r.delegateName()}
	found, err := r.get(ctx, r.namespace, k)
	if err != nil && !apierrors.IsForbidden(err) {
		return r.fail(action{"read", k, r.namespace}, err)
	}
	if workload, ok := found.(*appsv1.Deployment); ok {
		container := r.config["containerName"]
		if container == "" {
			container = spec.DefaultDelegateContainer
		}
		r.findings = imageOwners(workload, container)
	}
	return nil
}

// obstacles are the fields of a CronJob that keep its runs from starting, or from
// upgrading anything.
func obstacles(cronJob *batchv1.CronJob) []string {
	var found []string
	for _, f := range fields {
		value := f.at(cronJob)
		if !f.obstacle || !value.IsValid() || f.isAbsent(value) {
			continue
		}
		if number, ok := value.Interface().(*int32); ok && *number > 0 {
			continue // more than one pod does no harm
		}
		found = append(found, fmt.Sprintf("%s of %s is %s, so that no run upgrades anything.", f.words(), keyOf(cronJob), inWords(value.Interface())))
	}
	return found
}

// unseen says which rights these credentials lack, and what is missing for that.
func (r *statusReader) unseen(s *spec.Status) {
	name := keyOf(r.cronJob).String()
	if r.noJobs {
		s.Unseen = append(s.Unseen, spec.Finding{
			Summary: "Runs of the Upgrader Not Visible",
			Detail: fmt.Sprintf("These credentials may not list Jobs in namespace %s, so that last_failure is left out. When %s last started a run, and when one last succeeded, is known from itself. "+
				"To see more, grant list on jobs (API group batch) and on pods.", r.namespace, name),
		})
	}
	if r.noPods {
		s.Unseen = append(s.Unseen, spec.Finding{
			Summary: "Pods of the Upgrader Not Visible",
			Detail: fmt.Sprintf("These credentials may not list pods in namespace %s, so that a failure of %s is told as its Job has it, and a pod that can't start isn't seen. "+
				"To see more, grant list on pods.", r.namespace, name),
		})
	}
}
