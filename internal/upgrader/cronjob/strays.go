package cronjob

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// straying is an entry of ours, such as a volume, in which somebody else has set
// fields that an apply alone would leave there. A volume that is a Secret and a
// ConfigMap at the same time would even be refused.
type straying struct {
	pointer    string // the entry's, for a JSON patch
	live, want map[string]any
	fields     []stray
}

// stray is one such field.
type stray struct {
	owned []string // its path in managed fields
	words string
}

// strays finds them in a CronJob.
func strays(want, live map[string]any) []straying {
	path := []string{"spec", "jobTemplate", "spec", "template", "spec"}
	pointer, owned := "/"+strings.Join(path, "/"), make([]string, 0, len(path))
	for _, name := range path {
		owned = append(owned, "f:"+name)
	}
	want, live = mapAt(want, path...), mapAt(live, path...)
	found := straysIn("volumes", "name", want, live, pointer, owned)

	containers := listAt(live, "containers")
	at := slices.IndexFunc(containers, func(entry any) bool { return textAt(asMap(entry), "name") == containerName })
	if at < 0 {
		return found
	}
	wanted, _ := item(listAt(want, "containers"), "name", containerName)
	pointer = fmt.Sprintf("%s/containers/%d", pointer, at)
	owned = append(owned, "f:containers", ownedEntry("name", containerName))
	found = append(found, straysIn("volumeMounts", "mountPath", wanted, asMap(containers[at]), pointer, owned)...)
	return append(found, straysIn("env", "name", wanted, asMap(containers[at]), pointer, owned)...)
}

// ownedEntry is how managed fields name an entry of a list.
func ownedEntry(field, name string) string {
	text, _ := json.Marshal(map[string]string{field: name})
	return "k:" + string(text)
}

func straysIn(list, field string, want, live map[string]any, pointer string, owned []string) []straying {
	var found []straying
	for i, entry := range listAt(live, list) {
		fields := asMap(entry)
		name := textAt(fields, field)
		wanted, isOurs := item(listAt(want, list), field, name)
		if !isOurs {
			continue
		}
		path := append(slices.Clone(owned), "f:"+list, ownedEntry(field, name))
		if others := othersIn(wanted, fields, path, fmt.Sprintf("%s[%q]", list, name)); len(others) > 0 {
			found = append(found, straying{fmt.Sprintf("%s/%s/%d", pointer, list, i), fields, wanted, others})
		}
	}
	return found
}

func othersIn(want, live map[string]any, owned []string, words string) []stray {
	var found []stray
	for _, name := range slices.Sorted(maps.Keys(live)) {
		wanted, isOurs := want[name]
		deeper := append(slices.Clone(owned), "f:"+name)
		fields, isMap := wanted.(map[string]any)
		switch {
		case isOurs && isMap:
			found = append(found, othersIn(fields, asMap(live[name]), deeper, child(words, name))...)
		case !isOurs && !isEmpty(live[name]) && !isDefault(name, live[name]):
			found = append(found, stray{deeper, child(words, name)})
		}
	}
	return found
}

// withoutStrays is an entry as it is live, with what is missing and without what
// is not ours. Values that differ are left to the apply, which sees conflicts.
func withoutStrays(want, live map[string]any) map[string]any {
	kept := make(map[string]any, len(want))
	for name, value := range want {
		found, there := live[name]
		fields, isMap := value.(map[string]any)
		switch {
		case isMap:
			kept[name] = withoutStrays(fields, asMap(found))
		case there:
			kept[name] = found
		default:
			kept[name] = value
		}
	}
	return kept
}

// removeStrays removes them. What belongs to another manager is a conflict,
// unless it is to be taken over.
func (a *application) removeStrays(ctx context.Context, object, before *unstructured.Unstructured) *spec.Failure {
	doing := action{"write", key{object.GetKind(), object.GetName()}, a.want.Kubernetes.Namespace}
	var operations []any
	var taken []kubernetes.Conflict
	for _, entry := range strays(object.Object, before.Object) {
		for _, field := range entry.fields {
			for _, owner := range kubernetes.Owners(before, field.owned...) {
				if owner.Manager != FieldManager && !kubernetes.ByHand(owner.Manager) {
					taken = append(taken, kubernetes.Conflict{Manager: owner.Manager, Field: field.words})
				}
			}
		}
		operations = append(operations,
			map[string]any{"op": "test", "path": entry.pointer, "value": entry.live},
			map[string]any{"op": "replace", "path": entry.pointer, "value": withoutStrays(entry.want, entry.live)})
	}
	if len(operations) == 0 {
		return nil
	}
	if len(taken) > 0 && !a.want.Kubernetes.ForceConflicts {
		f := &spec.Failure{Doing: doing.String(), Reason: kubernetes.ConflictReason(taken)}
		conflicting(f, doing, taken)
		return f
	}
	patch, err := json.Marshal(operations)
	if err == nil {
		err = a.try(ctx, func(ctx context.Context) error {
			_, err := a.of(doing.namespace, kindCronJob).Patch(ctx, doing.object.name, types.JSONPatchType, patch,
				metav1.PatchOptions{FieldManager: FieldManager})
			return err
		})
	}
	if err != nil {
		return a.fail(doing, err)
	}
	return nil
}
