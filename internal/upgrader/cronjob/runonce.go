package cronjob

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// RunOnce implements [spec.Platform]. A suspended CronJob runs, too.
func (p *platform) RunOnce(ctx context.Context, have spec.Upgrader) error {
	namespace, k := have.Kubernetes.Namespace, key{kindCronJob, have.Kubernetes.Names.CronJob}
	live, failure := p.look(ctx, namespace, []key{k})
	if failure != nil {
		return failure
	}
	owner, exists := live[k]
	if !exists {
		return &spec.Failure{
			Doing: action{"run", k, namespace}.String(), Reason: "there is no such CronJob", Advice: "Apply again, which makes it anew.",
		}
	}
	run := &trial{platform: p, namespace: namespace, cronJob: k, hide: p.secretsOf(ctx, have)}
	if failure := run.start(ctx, owner); failure != nil {
		return run.hide.failure(failure)
	}
	if failure := run.await(ctx, nil); failure != nil {
		return run.hide.failure(failure)
	}
	if failure := p.delete(ctx, namespace, run.job); failure != nil {
		return run.hide.failure(failure)
	}
	return nil
}

// trial is one run that was started by hand.
type trial struct {
	*platform
	namespace string
	cronJob   key
	job       *unstructured.Unstructured
	hide      mask
	// unseen are Secrets that the run has and that can't be hidden, since they
	// can't be read.
	unseen []string
}

// secretsOf collects what must not be shown, should the upgrader print it.
func (p *platform) secretsOf(ctx context.Context, have spec.Upgrader) mask {
	r := renderer{u: have, k: have.Kubernetes}
	token := have.Token
	if token == "" {
		// Without the right to read it, there is nothing to hide it by.
		if object, err := p.get(ctx, have.Kubernetes.Namespace, key{kindSecret, r.tokenSource()}); err == nil && object != nil {
			token = liveToken(object.Object)
		}
	}
	return newMask(token, have.Proxy.Password)
}

// start makes a Job of the CronJob's template, as kubectl create job --from does.
func (t *trial) start(ctx context.Context, owner *unstructured.Unstructured) *spec.Failure {
	const suffixLength, mostOfName = 5, 63
	suffix := "-manual-" + rand.String(suffixLength)
	name := owner.GetName()[:min(len(owner.GetName()), mostOfName-len(suffix))] + suffix
	template := mapAt(owner.DeepCopy().Object, "spec", "jobTemplate")
	jobSpec := mapAt(template, "spec")
	// One failure is the answer; with the template's repetitions it would come
	// minutes later.
	jobSpec["backoffLimit"] = int64(0)
	annotations := texts(textMap(mapAt(template, "metadata", "annotations")),
		map[string]string{"cronjob.kubernetes.io/instantiate": "manual"})
	metadata := map[string]any{
		"name": name, "namespace": t.namespace, "annotations": annotations,
		"ownerReferences": []any{map[string]any{
			"apiVersion": resources[kindCronJob].GroupVersion().String(), "kind": kindCronJob,
			"name": owner.GetName(), "uid": string(owner.GetUID()), "controller": true,
		}},
	}
	put(metadata, "labels", mapAt(template, "metadata", "labels"))
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": resources[kindJob].GroupVersion().String(), "kind": kindJob, "metadata": metadata, "spec": jobSpec,
	}}
	err := t.try(ctx, func(ctx context.Context) (err error) {
		t.job, err = t.of(t.namespace, kindJob).Create(ctx, object, metav1.CreateOptions{FieldManager: FieldManager})
		if apierrors.IsAlreadyExists(err) {
			// The name is random: the Job is this one, of which the answer was lost.
			t.job, err = t.of(t.namespace, kindJob).Get(ctx, name, metav1.GetOptions{})
		}
		return err
	})
	if err != nil {
		return t.fail(action{"start", key{kindJob, name}, t.namespace}, err)
	}
	return nil
}

// await waits until the Job has ended, or the time has. Tell hears of each
// change of its pod; it may be nil.
func (t *trial) await(ctx context.Context, tell func(string)) *spec.Failure {
	k := key{kindJob, t.job.GetName()}
	verdict, why := "", ""
	watch := &podWatch{trial: t, tell: tell}
	err := t.requests.Poll(ctx, func(ctx context.Context) (bool, error) {
		found, err := t.get(ctx, t.namespace, k)
		if err != nil {
			return false, err
		}
		if found == nil {
			verdict, why = "Failed", "somebody has deleted the Job"
			return true, nil
		}
		t.job = found
		for _, entry := range listAt(found.Object, "status", "conditions") {
			condition := asMap(entry)
			if kind := textAt(condition, "type"); textAt(condition, "status") == "True" && (kind == "Complete" || kind == "Failed") {
				verdict, why = kind, textAt(condition, "message")
			}
		}
		if verdict == "" && tell != nil {
			watch.look(ctx)
		}
		return verdict != "", nil
	})
	if verdict == "Complete" {
		return nil
	}
	doing := fmt.Sprintf("run %s in namespace %s once, as %s", t.cronJob, t.namespace, k)
	f := &spec.Failure{Doing: doing, Err: err}
	switch {
	case verdict == "Failed":
		f.Reason = "the run failed: " + why
	case errors.Is(err, context.DeadlineExceeded):
		f.Reason = "it had not ended when the time was up"
		f.Argument = []string{"timeouts"}
	default:
		f = t.fail(action{"watch", k, t.namespace}, err)
	}
	f.Advice = t.hide.Hide(t.report(ctx)) // it quotes what the upgrader wrote
	return f
}
