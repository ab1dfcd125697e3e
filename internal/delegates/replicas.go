package delegates

import (
	"cmp"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// connectedReplicas are those that run now. The Manager goes on listing a replica
// for a while after it is gone, as those of before an upgrade are.
func connectedReplicas(replicas []harness.Replica) []harness.Replica {
	return slices.DeleteFunc(slices.Clone(replicas), func(r harness.Replica) bool { return !r.Connected })
}

// oldestVersion is the version that decides until when a delegate is supported:
// the oldest among the connected replicas or, where none is connected, among all.
// A text that tells no release, such as a legacy version, goes before all others,
// since nothing shows that it is supported. Empty where no replica tells any.
func oldestVersion(replicas []harness.Replica) string {
	counted := connectedReplicas(replicas)
	if len(counted) == 0 {
		counted = replicas
	}
	var texts []string
	for _, r := range counted {
		if r.Version != "" {
			texts = append(texts, r.Version)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return slices.MinFunc(texts, olderFirst)
}

func olderFirst(a, b string) int {
	va, errA := delegate.ParseVersion(a)
	vb, errB := delegate.ParseVersion(b)
	switch {
	case errA == nil && errB == nil:
		return cmp.Or(va.Compare(vb), cmp.Compare(a, b))
	case errA == nil:
		return 1
	case errB == nil:
		return -1
	default:
		return cmp.Compare(a, b)
	}
}
