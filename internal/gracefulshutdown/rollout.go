package gracefulshutdown

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// progress is the state of a rollout.
type progress struct {
	done bool
	// stuck is why it will not finish, or empty.
	stuck string
	// at describes the progress.
	at string
}

// progressOf reads the progress of a rollout. One that is paused, or waits for pods
// to be deleted by hand, counts as done.
func progressOf(object *unstructured.Unstructured) progress {
	w := workloadOf(object)
	count := func(name string) int64 { return numberOr(0, object, "status", name) }
	updated, available := count("updatedReplicas"), count("availableReplicas")
	p := progress{at: fmt.Sprintf("%d of %d pods are replaced, and %d are available", updated, w.replicas, available)}
	switch {
	case w.paused || w.onDelete:
		p.done = true
	case count("observedGeneration") < object.GetGeneration():
		p.at = "its controller hasn't observed the change yet"
	case w.kind == kindStatefulSet:
		wanted := w.replicas - numberOr(0, object, "spec", "updateStrategy", "rollingUpdate", "partition")
		p.done = updated >= wanted && count("readyReplicas") >= w.replicas
	default:
		p.stuck = deadlineExceeded(object)
		p.done = updated >= w.replicas && count("replicas") <= updated && available >= updated
	}
	return p
}

// deadlineExceeded is the message of a Deployment whose rollout has exceeded
// progressDeadlineSeconds, or empty.
func deadlineExceeded(object *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, entry := range conditions {
		condition, _ := entry.(map[string]any)
		if condition["type"] == "Progressing" && condition["reason"] == "ProgressDeadlineExceeded" {
			message, _ := condition["message"].(string)
			return message
		}
	}
	return ""
}

// awaitRollout waits until the pods are replaced.
func (c *cluster) awaitRollout(ctx context.Context, p place) diag.Diagnostics {
	var diags diag.Diagnostics
	var last progress
	err := c.requests.Poll(ctx, func(ctx context.Context) (bool, error) {
		found, err := c.get(ctx, p)
		if err != nil {
			return false, err
		}
		if found == nil {
			last = progress{stuck: "it was deleted"}
			return true, nil
		}
		last = progressOf(found)
		return last.done || last.stuck != "", nil
	})
	const set = "The grace period is set."
	switch {
	case last.done:
	case last.stuck != "":
		diags.AddError(rolloutNotOver, fmt.Sprintf("%s The rollout of %s has failed: %s. Look at its pods, and apply again.", set, p, last.stuck))
	case ctx.Err() != nil && last.at != "":
		diags.AddAttributeError(path.Root(attrTimeouts), rolloutNotOver, fmt.Sprintf(
			"%s The rollout of %s didn't finish in time: %s. It continues without Terraform. If it makes no progress, look at its pods; if it does, set longer timeouts: an old pod can take its whole grace period to stop.",
			set, p, last.at))
	case err != nil:
		diags.Append(c.explain(rolloutNotOver, "follow the rollout of", workload{place: p}, err))
	}
	return diags
}
