package cronjob

import (
	"cmp"
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Start implements [spec.Starter]. The Job belongs to the CronJob as those of
// its schedule do, and goes when they go: by the limits of its history.
func (p *platform) Start(ctx context.Context, place spec.Place, tell func(string)) (spec.Run, error) {
	k := key{kindCronJob, place.Name}
	doing := action{"run", k, place.Namespace}.String()
	live, failure := p.look(ctx, place.Namespace, []key{k})
	if failure != nil {
		return nil, failure
	}
	owner, exists := live[k]
	if !exists {
		return nil, &spec.Failure{
			Doing: doing, Reason: "there is no such CronJob",
			Advice: "Check the names; the provider block says which cluster is asked. For an upgrader of the same configuration, write harnessdelegate_upgrader.NAME.id.",
		}
	}
	podSpec := mapAt(owner.Object, "spec", "jobTemplate", "spec", "template", "spec")
	container, ok := item(listAt(podSpec, "containers"), "name", containerName)
	if !ok {
		return nil, &spec.Failure{
			Doing: doing, Reason: fmt.Sprintf("it has no container named %s, so it is not an upgrader", containerName),
			Advice: "Check the name: the id is kubernetes/NAMESPACE/CRONJOB.",
		}
	}
	run := &trial{platform: p, namespace: place.Namespace, cronJob: k}
	run.hide, run.unseen = p.secretsBehind(ctx, place.Namespace, podSpec, container)
	if suspended, _ := at(owner.Object, "spec", "suspend"); suspended == true {
		tell(fmt.Sprintf("%s is suspended. It runs this once all the same, and stays suspended", k))
	}
	if failure := run.start(ctx, owner); failure != nil {
		return nil, run.hide.failure(failure)
	}
	tell(fmt.Sprintf("%s was created in namespace %s, from %s", key{kindJob, run.job.GetName()}, place.Namespace, k))
	return startedRun{run}, nil
}

// secretsBehind collects what must not be shown, by what a pod refers to, and
// names the Secrets that can't be read.
func (p *platform) secretsBehind(ctx context.Context, namespace string, podSpec, container map[string]any) (hide mask, unseen []string) {
	names, inSecret := referred(podSpec, container)
	var texts []secret.Text
	read := func(name string, text func(object map[string]any) secret.Text) {
		k := key{kindSecret, name}
		object, err := p.get(ctx, namespace, k)
		switch {
		case err != nil:
			unseen = append(unseen, k.String())
		case object != nil:
			texts = append(texts, text(object.Object))
		}
	}
	if names.Secret != "" {
		read(names.Secret, liveToken)
	}
	if inSecret {
		read(names.ConfigMap, func(object map[string]any) secret.Text {
			values, _ := liveConfig(object)
			return secret.Text(values[proxyPassword])
		})
	}
	return newMask(texts...), unseen
}

// startedRun is a run as its starter has it.
type startedRun struct{ *trial }

// String implements [fmt.Stringer].
func (r startedRun) String() string {
	return fmt.Sprintf("%s in namespace %s", key{kindJob, r.job.GetName()}, r.namespace)
}

// Await implements [spec.Run].
func (r startedRun) Await(ctx context.Context, tell func(string)) error {
	if failure := r.await(ctx, tell); failure != nil {
		return r.hide.failure(failure)
	}
	tell(fmt.Sprintf("%s has succeeded%s", key{kindJob, r.job.GetName()}, r.took()))
	return nil
}

// took is how long the Job has run, by the cluster's clock.
func (t *trial) took() string {
	begin, errBegin := time.Parse(time.RFC3339, textAt(t.job.Object, "status", "startTime"))
	end, errEnd := time.Parse(time.RFC3339, textAt(t.job.Object, "status", "completionTime"))
	if errBegin != nil || errEnd != nil {
		return ""
	}
	return fmt.Sprintf(" after %s", end.Sub(begin))
}

// podWatch tells of the changes of a run's pod.
type podWatch struct {
	*trial
	tell func(string)
	last string
}

// look reads the pod, if these credentials may.
func (w *podWatch) look(ctx context.Context) {
	pods, err := w.list(ctx, w.namespace, kindPod, metav1.ListOptions{LabelSelector: "job-name=" + w.job.GetName()})
	if err != nil || len(pods) == 0 {
		return
	}
	pod := pods[0].Object
	text := fmt.Sprintf("Pod/%s is %s", textAt(pod, "metadata", "name"), cmp.Or(textAt(pod, "status", "phase"), "Pending"))
	for _, entry := range listAt(pod, "status", "containerStatuses") {
		if why := textAt(asMap(entry), "state", "waiting", "reason"); why != "" {
			text += ": " + why
		}
	}
	if text != w.last {
		w.last = text
		w.tell(text)
	}
}
