package cronjob

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// nameLabel is on the CronJob. The documented manifest gives it the CronJob's
// name, the official chart the delegate's, and nothing is known to read it.
const nameLabel = "harness.io/name"

// keepName leaves the label to those who have set it, unless the user says what
// it is to be: it is no reason for a conflict with those who made the CronJob. It
// isn't written then, so that it never becomes ours. One that is ours alone is
// an earlier value of the user's.
func keepName(want spec.Upgrader, object map[string]any, live *unstructured.Unstructured) {
	_, configured := want.Kubernetes.Labels[nameLabel]
	labels := mapAt(object, "metadata", "labels")
	if _, written := labels[nameLabel]; !written || configured || live == nil || live.GetLabels()[nameLabel] == "" {
		return
	}
	owners := kubernetes.Owners(live, "f:metadata", "f:labels", "f:"+nameLabel)
	if !slices.ContainsFunc(owners, func(o kubernetes.Owner) bool { return o.Manager != FieldManager }) && len(owners) > 0 {
		return
	}
	if delete(labels, nameLabel); len(labels) == 0 {
		delete(mapAt(object, "metadata"), "labels")
	}
}
