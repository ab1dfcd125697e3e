package cronjob

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// corrections are the changes of an object that server-side apply alone would not
// make. It removes a field only if nobody else owns it, and it leaves alone what
// others have put beside ours into an object or a list: a second source of a
// volume, a variable that takes precedence over the token.
type corrections []correction

// correction is the change of one field.
type correction struct {
	// pointer is the field for a JSON patch, owned its path in managed fields, and
	// words its path in messages.
	pointer, words string
	owned          []string
	// value is what it is to be; nil removes it.
	value any
	// needed is false where server-side apply makes the change, too.
	needed bool
}

// corrections are those of one object.
func (a *application) corrections(live object) corrections {
	k := keyOf(live)
	var all corrections
	all = append(all, a.outdated(k, live)...)
	if cronJob, ok := live.(*batchv1.CronJob); ok {
		rendered := a.renderedCronJob()
		for _, f := range fields {
			all = append(all, f.correction(rendered, cronJob)...)
		}
		all = append(all, a.variableCorrections(rendered, cronJob)...)
		all = append(all, a.pullSecretCorrections(rendered, cronJob)...)
	}
	return all
}

// patch is the JSON patch that makes them; nil if none is needed.
func (c corrections) patch(live object) []byte {
	if !slices.ContainsFunc(c, func(one correction) bool { return one.needed }) {
		return nil
	}
	operations := []map[string]any{{"op": "test", "path": "/metadata/resourceVersion", "value": live.GetResourceVersion()}}
	// Of a list, the last entries go first: the others keep their places.
	for _, one := range slices.Backward(slices.SortedFunc(slices.Values(c), byPlace)) {
		switch {
		case one.value == nil:
			operations = append(operations, map[string]any{"op": "remove", "path": one.pointer})
		case one.isEntry():
			operations = append(operations, map[string]any{"op": "replace", "path": one.pointer, "value": one.value})
		default:
			operations = append(operations, map[string]any{"op": "add", "path": one.pointer, "value": one.value})
		}
	}
	patch, err := json.Marshal(operations)
	if err != nil {
		panic(err) // values of the API can be encoded
	}
	return patch
}

// isEntry tells an entry of a list from a field.
func (c correction) isEntry() bool {
	_, _, ok := c.place()
	return ok
}

// place is the list and the index of an entry.
func (c correction) place() (list string, index int, ok bool) {
	i := strings.LastIndex(c.pointer, "/")
	index, err := strconv.Atoi(c.pointer[i+1:])
	return c.pointer[:i], index, err == nil
}

func byPlace(a, b correction) int {
	listA, indexA, entryA := a.place()
	listB, indexB, entryB := b.place()
	if entryA && entryB && listA == listB {
		return indexA - indexB
	}
	return strings.Compare(a.pointer, b.pointer)
}

// conflicts are the fields that others own.
func (c corrections) conflicts(live object) []kubernetes.Conflict {
	var found []kubernetes.Conflict
	for _, one := range c {
		if !one.needed {
			continue
		}
		for _, owner := range kubernetes.Owners(live, one.owned...) {
			found = append(found, kubernetes.Conflict{Manager: owner.Manager, Field: one.words})
		}
	}
	return found
}

// isDeclared tells a manager that would write a field again, from people's own
// commands and from ourselves.
func isDeclared(manager string) bool { return manager != FieldManager && !kubernetes.ByHand(manager) }

// onlyOurs tells a field that nobody else owns.
func onlyOurs(live object, path ...string) bool {
	owners := kubernetes.Owners(live, path...)
	return len(owners) > 0 && !slices.ContainsFunc(owners, func(o kubernetes.Owner) bool { return o.Manager != FieldManager })
}

// outdated are the labels and annotations that the upgrader had and is to have no
// more.
func (a *application) outdated(k key, live object) corrections {
	if a.Prior == nil || a.Prior.Kubernetes == nil {
		return nil
	}
	before, now := metadataOf(*a.Prior, k), metadataOf(a.Want, k)
	present := map[string]map[string]string{"/metadata/labels": live.GetLabels(), "/metadata/annotations": live.GetAnnotations()}
	if cronJob, ok := live.(*batchv1.CronJob); ok {
		template := cronJob.Spec.JobTemplate.Spec.Template
		present[podMetadata+"labels"], present[podMetadata+"annotations"] = template.Labels, template.Annotations
	}
	var all corrections
	for _, at := range sortedKeys(present) {
		for _, name := range sortedKeys(before[at]) {
			if _, wanted := now[at][name]; wanted {
				continue
			}
			if _, there := present[at][name]; there {
				steps := strings.Split(strings.TrimPrefix(at, "/"), "/")
				all = append(all, correction{
					pointer: at + "/" + escaped(name), words: strings.Join(append(steps, name), "."),
					owned: append(ownedPath(steps...), "f:"+name), needed: true,
				})
			}
		}
	}
	return all
}

const podMetadata = "/spec/jobTemplate/spec/template/metadata/"

// metadataOf are the labels and annotations of an upgrader's object, by where they
// are.
func metadataOf(u spec.Upgrader, k key) map[string]map[string]string {
	of := u.Kubernetes
	var annotations map[string]string
	if k.kind == kindServiceAccount {
		annotations = of.ServiceAccountAnnotations
	}
	return map[string]map[string]string{
		"/metadata/labels":          of.Labels,
		"/metadata/annotations":     joined(of.Annotations, annotations),
		podMetadata + "labels":      joined(of.Labels, of.PodLabels),
		podMetadata + "annotations": joined(of.Annotations, of.PodAnnotations),
	}
}

// correction is how the field of a live CronJob becomes the wanted one.
func (f field) correction(want, live *batchv1.CronJob) corrections {
	wanted, found := f.at(want), f.at(live)
	if f.same(live, want) || strings.HasSuffix(f.path, "].env") || strings.HasSuffix(f.path, ".imagePullSecrets") || strings.HasSuffix(f.path, "secretName") {
		return nil // entries of these lists are corrected one by one, volumes as a whole
	}
	c := correction{words: f.qualified(), owned: f.owned()}
	pointer, there := f.pointer(live)
	if !there {
		return nil // server-side apply makes it
	}
	c.pointer = pointer
	if f.isAbsent(wanted) {
		c.needed = found.IsValid() && !f.isAbsent(found)
		return corrections{c}
	}
	c.value = wanted.Interface()
	if kind := reflect.Indirect(found).Kind(); kind == reflect.Map || kind == reflect.Struct || kind == reflect.Slice {
		c.needed = !isNothing(found)
	}
	return corrections{c}
}

// pointer is the field for a JSON patch. It reports false where an object or an
// entry that leads there is missing.
func (f field) pointer(cronJob *batchv1.CronJob) (string, bool) {
	at := reflect.ValueOf(cronJob).Elem()
	text := ""
	for _, s := range f.steps() {
		if at = reflect.Indirect(at); !at.IsValid() {
			return "", false
		}
		at = member(at, s.name)
		text += "/" + s.name
		if s.entry == "" {
			continue
		}
		i := indexOf(at, mergeKeys[s.name], s.entry)
		if i < 0 {
			return "", false
		}
		at, text = at.Index(i), fmt.Sprintf("%s/%d", text, i)
	}
	return text, true
}

// owned is the field's path in managed fields.
func (f field) owned() []string {
	var path []string
	for _, s := range f.steps() {
		path = append(path, "f:"+s.name)
		if s.entry != "" {
			path = append(path, ownedEntry(mergeKeys[s.name], s.entry))
		}
	}
	return path
}

func ownedPath(steps ...string) []string {
	var path []string
	for _, s := range steps {
		path = append(path, "f:"+s)
	}
	return path
}

// qualified is the path as the API server writes it in a conflict.
func (f field) qualified() string {
	var parts []string
	for _, s := range f.steps() {
		text := s.name
		if s.entry != "" {
			text += fmt.Sprintf("[%s=%q]", mergeKeys[s.name], s.entry)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ".")
}

// ownedEntry is how managed fields name an entry of a list.
func ownedEntry(mergeKey, name string) string {
	text, _ := json.Marshal(map[string]string{mergeKey: name})
	return "k:" + string(text)
}

// escaped is a name within a JSON pointer.
func escaped(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// variableCorrections remove the variables that are not wanted, those that hold
// secrets among them, and give those that are wanted their own value. Others that
// take their value from elsewhere stay.
func (a *application) variableCorrections(want, live *batchv1.CronJob) corrections {
	container := containerOf(podOf(live))
	if container == nil {
		return nil
	}
	env := field{path: inContainer + "env"}
	pointer, _ := env.pointer(live)
	wanted := map[string]corev1.EnvVar{}
	for _, v := range containerOf(podOf(want)).Env {
		wanted[v.Name] = v
	}
	var all corrections
	for i, v := range container.Env {
		value, isWanted := wanted[v.Name]
		c := correction{
			pointer: fmt.Sprintf("%s/%d", pointer, i), words: fmt.Sprintf("%s[name=%q]", env.qualified(), v.Name),
			owned: append(env.owned(), ownedEntry("name", v.Name)),
		}
		switch {
		case isWanted && !equality.Semantic.DeepEqual(v, value):
			c.pointer, c.value, c.needed = fmt.Sprintf("%s/%d", pointer, i), value, v.ValueFrom != nil
		case !isWanted && slices.Contains(secretVariables, v.Name):
			c.needed = true
		case !isWanted && v.ValueFrom == nil && (a.had(v.Name) || !isOthersVariable(live, v)):
			c.needed = true
		default:
			continue
		}
		all = append(all, c)
	}
	return all
}

// had tells whether the upgrader had a variable until now.
func (a *application) had(variable string) bool {
	if a.Prior == nil || a.Prior.Kubernetes == nil {
		return false
	}
	_, had := a.Prior.Kubernetes.Env[variable]
	return had
}

// pullSecretCorrections remove the pull secrets that are not wanted, but for those
// that others declare.
func (a *application) pullSecretCorrections(want, live *batchv1.CronJob) corrections {
	secrets := field{path: inPod + "imagePullSecrets"}
	pointer, _ := secrets.pointer(live)
	var all corrections
	for i, reference := range podOf(live).ImagePullSecrets {
		owned := append(secrets.owned(), ownedEntry("name", reference.Name))
		had := a.Prior != nil && a.Prior.Kubernetes != nil && slices.Contains(a.Prior.Kubernetes.ImagePullSecrets, reference.Name)
		if !slices.Contains(podOf(want).ImagePullSecrets, reference) && (had || !declaredByOthers(live, owned...)) {
			all = append(all, correction{
				pointer: fmt.Sprintf("%s/%d", pointer, i), words: fmt.Sprintf("%s[name=%q]", secrets.qualified(), reference.Name),
				owned: owned, needed: true,
			})
		}
	}
	return all
}
