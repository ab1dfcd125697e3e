package cronjob

import (
	"context"
	"errors"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// RunOnce implements [spec.Platform]. A suspended CronJob runs, too.
func (p *platform) RunOnce(ctx context.Context, have spec.Upgrader) error {
	place := spec.Place{Namespace: have.Kubernetes.Namespace, Name: have.Kubernetes.CronJob}
	owner, failure := p.upgraderAt(ctx, "run", place, p.look)
	if failure != nil {
		return failure
	}
	if owner == nil {
		return noCronJob(place, "Apply again, which creates it.")
	}
	run := p.runOf(ctx, owner)
	run.hide.Mask = run.hide.With(have.Token, have.Proxy.Password)
	if failure := run.start(ctx, owner); failure != nil {
		return run.hide.failure(failure)
	}
	if failure := run.await(ctx, nil); failure != nil {
		return run.hide.failure(failure)
	}
	if _, failure := p.delete(ctx, place.Namespace, keyOf(run.job), run.job.GetUID()); failure != nil {
		return run.hide.failure(failure)
	}
	return nil
}

// Start implements [spec.Starter]. The Job belongs to the CronJob as those of
// its schedule do, and goes when they go: by the limits of its history.
func (p *platform) Start(ctx context.Context, place spec.Place, tell func(string)) (spec.Run, error) {
	owner, failure := p.upgraderAt(ctx, "run", place, p.look)
	if failure != nil {
		return nil, failure
	}
	if owner == nil {
		return nil, noCronJob(place, "Check the names; the provider block says which cluster is asked. For an upgrader of the same configuration, write harnessdelegate_upgrader.NAME.id.")
	}
	run := p.runOf(ctx, owner)
	if owner.Spec.Suspend != nil && *owner.Spec.Suspend {
		tell(fmt.Sprintf("%s is suspended. It runs this once all the same, and stays suspended", keyOf(owner)))
	}
	if failure := run.start(ctx, owner); failure != nil {
		return nil, run.hide.failure(failure)
	}
	tell(fmt.Sprintf("%s was created in namespace %s, from %s", keyOf(run.job), place.Namespace, keyOf(owner)))
	return run, nil
}

func noCronJob(place spec.Place, advice string) *spec.Failure {
	return &spec.Failure{
		Doing: action{"run", key{kindCronJob, place.Name}, place.Namespace}.String(), Reason: "there is no such CronJob", Advice: advice,
	}
}

// manualRun is one run that was started by hand.
type manualRun struct {
	*platform
	namespace string
	cronJob   key
	job       *batchv1.Job
	hide      mask
	// unseen are Secrets that the run has and that can't be hidden, since they
	// can't be read.
	unseen []string
}

// runOf prepares a run, with what must not be shown, should the upgrader print it.
func (p *platform) runOf(ctx context.Context, owner *batchv1.CronJob) *manualRun {
	hide, unseen := p.secretsBehind(ctx, owner.GetNamespace(), podOf(owner))
	return &manualRun{platform: p, namespace: owner.GetNamespace(), cronJob: keyOf(owner), hide: hide, unseen: unseen}
}

// secretsBehind collects the secrets that a pod has, by what it refers to, and
// names the Secrets that can't be read.
func (p *platform) secretsBehind(ctx context.Context, namespace string, pod *corev1.PodSpec) (hide mask, unseen []string) {
	refers := referred(pod)
	var texts []secret.Text
	for _, k := range []key{{kindSecret, refers.token}, refers.config} {
		if k.name == "" {
			continue
		}
		found, err := p.get(ctx, namespace, k)
		if err != nil && k.kind == kindSecret {
			unseen = append(unseen, k.String())
		}
		values, _ := liveConfig(found)
		texts = append(texts, liveToken(found), secret.Text(values[proxyPassword]))
	}
	if container := containerOf(pod); container != nil {
		for _, v := range container.Env {
			for _, name := range secretVariables {
				if v.Name == name {
					texts = append(texts, secret.Text(v.Value))
				}
			}
		}
	}
	return newMask(texts...), unseen
}

// start makes a Job of the CronJob's template, as kubectl create job --from does.
func (r *manualRun) start(ctx context.Context, owner *batchv1.CronJob) *spec.Failure {
	const suffixLength, mostOfName = 5, 63
	suffix := "-manual-" + rand.String(suffixLength)
	template := owner.DeepCopy().Spec.JobTemplate
	job := &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: batchv1.SchemeGroupVersion.String(), Kind: kindJob},
		ObjectMeta: metav1.ObjectMeta{
			Name:        owner.GetName()[:min(len(owner.GetName()), mostOfName-len(suffix))] + suffix,
			Namespace:   r.namespace,
			Labels:      template.Labels,
			Annotations: joined(template.Annotations, map[string]string{"cronjob.kubernetes.io/instantiate": "manual"}),
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: batchv1.SchemeGroupVersion.String(), Kind: kindCronJob, Name: owner.GetName(), UID: owner.GetUID(), Controller: new(true),
			}},
		},
		Spec: template.Spec,
	}
	// One failure is the answer; with the template's repetitions it would come
	// minutes later.
	job.Spec.BackoffLimit = new(int32(0))
	var made *unstructured.Unstructured
	err := r.try(ctx, func(ctx context.Context) (err error) {
		made, err = r.of(r.namespace, kindJob).Create(ctx, untyped(job), metav1.CreateOptions{FieldManager: FieldManager})
		if apierrors.IsAlreadyExists(err) {
			// The name is random: the Job is this one, of which the answer was lost.
			made, err = r.of(r.namespace, kindJob).Get(ctx, job.GetName(), metav1.GetOptions{})
		}
		return err
	})
	result, err := typedOr(made, err)
	if err != nil {
		return r.fail(action{"start", keyOf(job), r.namespace}, err)
	}
	r.job, _ = result.(*batchv1.Job)
	return nil
}

// await waits until the Job has ended, or the time has. Tell hears of each
// change of its pod; it may be nil.
func (r *manualRun) await(ctx context.Context, tell func(string)) *spec.Failure {
	k := keyOf(r.job)
	verdict, why := batchv1.JobConditionType(""), ""
	watch := &podWatch{manualRun: r, tell: tell}
	err := r.requests.Poll(ctx, func(ctx context.Context) (bool, error) {
		found, err := r.get(ctx, r.namespace, k)
		if err != nil {
			return false, err
		}
		job, ok := found.(*batchv1.Job)
		if !ok {
			verdict, why = batchv1.JobFailed, "somebody has deleted the Job"
			return true, nil
		}
		r.job = job
		for _, c := range job.Status.Conditions {
			if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) {
				verdict, why = c.Type, c.Message
			}
		}
		if verdict == "" && job.Spec.Suspend != nil && *job.Spec.Suspend {
			verdict, why = batchv1.JobFailed, "the Job is suspended, so that it starts no pod: spec.jobTemplate.spec.suspend of the CronJob is true"
		}
		if verdict == "" && tell != nil {
			watch.look(ctx)
		}
		return verdict != "", nil
	})
	if verdict == batchv1.JobComplete {
		return nil
	}
	doing := fmt.Sprintf("run %s in namespace %s once, as %s", r.cronJob, r.namespace, k)
	f := &spec.Failure{Doing: doing, Err: err}
	switch {
	case verdict == batchv1.JobFailed:
		f.Reason = "the run failed: " + why
	case errors.Is(err, context.DeadlineExceeded):
		f.Reason = "it had not ended when the time was up"
		f.Argument = []string{"timeouts"}
	default:
		f = r.fail(action{"watch", k, r.namespace}, err)
	}
	f.Advice = r.hide.Hide(r.report(ctx)) // it quotes what the upgrader wrote
	return f
}

// String implements [fmt.Stringer].
func (r *manualRun) String() string {
	return fmt.Sprintf("%s in namespace %s", keyOf(r.job), r.namespace)
}

// Await implements [spec.Run].
func (r *manualRun) Await(ctx context.Context, tell func(string)) error {
	if failure := r.await(ctx, tell); failure != nil {
		return r.hide.failure(failure)
	}
	took := ""
	if begin, end := r.job.Status.StartTime, r.job.Status.CompletionTime; begin != nil && end != nil {
		took = fmt.Sprintf(" after %s", end.Sub(begin.Time).Truncate(time.Second)) // by the cluster's clock
	}
	tell(fmt.Sprintf("%s has succeeded%s", keyOf(r.job), took))
	return nil
}

// podWatch tells of the changes of a run's pod.
type podWatch struct {
	*manualRun
	tell func(string)
	last string
}

// look reads the pod, if these credentials may.
func (w *podWatch) look(ctx context.Context) {
	pods, err := w.pods(ctx)
	if err != nil || len(pods) == 0 {
		return
	}
	pod := pods[0]
	phase := pod.Status.Phase
	if phase == "" {
		phase = corev1.PodPending
	}
	text := fmt.Sprintf("Pod/%s is %s", pod.GetName(), phase)
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Waiting != nil && status.State.Waiting.Reason != "" {
			text += ": " + status.State.Waiting.Reason
		}
	}
	if text != w.last {
		w.last = text
		w.tell(text)
	}
}
