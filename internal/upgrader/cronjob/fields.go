package cronjob

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "sigs.k8s.io/json"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// field is a field of the CronJob that is managed. Rendering, reading, comparing,
// removing, and the argument that an error is about, follow from it.
type field struct {
	// path is the field as the API server names it.
	path string
	// argument is the argument that the field is, by its path in the schema. It is
	// empty for what an upgrader needs and no argument says.
	argument string
	// implied is what the field means where it is absent, as JSON: the API server
	// may fill it in.
	implied string
	// obstacle tells a field whose presence keeps runs from starting, or from
	// upgrading anything.
	obstacle bool
	// sensitive tells a field whose values aren't shown: they may be secrets.
	sensitive bool
}

const (
	inJob       = "spec.jobTemplate.spec."
	inPod       = inJob + "template.spec."
	inContainer = inPod + "containers[" + containerName + "]."
)

// fields are the fields of the CronJob that are managed, but for labels and
// annotations, of which others may have their own.
var fields = []field{
	{path: "spec.schedule", argument: "schedule"},
	{path: "spec.timeZone", argument: "kubernetes.timezone"},
	{path: "spec.concurrencyPolicy", argument: "kubernetes.concurrency_policy"},
	{path: "spec.startingDeadlineSeconds", argument: "kubernetes.starting_deadline_seconds"},
	{path: "spec.successfulJobsHistoryLimit", argument: "kubernetes.successful_jobs_history_limit", implied: "3"},
	{path: "spec.failedJobsHistoryLimit", argument: "kubernetes.failed_jobs_history_limit", implied: "1"},
	{path: inJob + "activeDeadlineSeconds", argument: "kubernetes.active_deadline_seconds"},
	{path: inJob + "backoffLimit", argument: "kubernetes.backoff_limit", implied: "6"},
	{path: inJob + "ttlSecondsAfterFinished", argument: "kubernetes.ttl_seconds_after_finished"},
	{path: inPod + "imagePullSecrets", argument: "kubernetes.image_pull_secrets"},
	{path: inPod + "nodeSelector", argument: "kubernetes.node_selector"},
	{path: inPod + "tolerations", argument: "kubernetes.toleration"},
	{path: inPod + "priorityClassName", argument: "kubernetes.priority_class_name"},
	{path: inPod + "affinity", argument: "kubernetes.affinity"},
	{path: inPod + "securityContext", argument: "kubernetes.pod_security_context"},
	{path: inPod + "volumes[" + certificateVolume + "].secret.secretName", argument: "kubernetes.mtls_secret"},
	{path: inPod + "volumes[" + authorityVolume + "].secret.secretName", argument: "kubernetes.custom_ca_secret"},
	{path: inContainer + "image", argument: "image"},
	{path: inContainer + "imagePullPolicy", argument: "kubernetes.image_pull_policy"},
	{path: inContainer + "env", argument: "kubernetes.env", sensitive: true},
	{path: inContainer + "resources.requests", argument: "kubernetes.resources.requests"},
	{path: inContainer + "resources.limits", argument: "kubernetes.resources.limits"},
	{path: inContainer + "securityContext", argument: "kubernetes.security_context"},

	// Each of these, at another value, keeps the upgrader from starting or from
	// upgrading anything.
	{path: inJob + "suspend", implied: "false", obstacle: true},
	{path: inJob + "parallelism", implied: "1", obstacle: true},
	{path: inJob + "completions", implied: "1", obstacle: true},
	{path: inJob + "managedBy", implied: `"kubernetes.io/job-controller"`, obstacle: true},
	{path: inPod + "serviceAccountName"},
	{path: inPod + "restartPolicy"},
	{path: inPod + "automountServiceAccountToken", implied: "true", obstacle: true},
	{path: inPod + "schedulingGates", obstacle: true},
	{path: inPod + "schedulerName", implied: `"default-scheduler"`},
	{path: inPod + "nodeName"},
	{path: inContainer + "command", obstacle: true},
	{path: inContainer + "args", obstacle: true},
	{path: inContainer + "envFrom"},
	{path: inPod + "volumes[" + configVolume + "]"},
	{path: inPod + "volumes[" + certificateVolume + "]"},
	{path: inPod + "volumes[" + authorityVolume + "]"},
	{path: inContainer + "volumeMounts[" + configPath + "]"},
	{path: inContainer + "volumeMounts[" + certificatePath + "]"},
	{path: inContainer + "volumeMounts[" + authorityPath + "]"},
}

// mergeKeys are the fields by which server-side apply merges the entries of lists.
var mergeKeys = map[string]string{"containers": "name", "volumes": "name", "volumeMounts": "mountPath"}

// step is one part of a path: a field, or the entry of a list.
type step struct{ name, entry string }

func (f field) steps() []step {
	var steps []step
	rest := f.path
	for rest != "" {
		i := strings.IndexAny(rest, ".[")
		if i < 0 {
			return append(steps, step{name: rest})
		}
		s := step{name: rest[:i]}
		if rest[i] == '[' {
			s.entry, rest, _ = strings.Cut(rest[i+1:], "]")
			rest = strings.TrimPrefix(rest, ".")
		} else {
			rest = rest[i+1:]
		}
		steps = append(steps, s)
	}
	return steps
}

// at is the field within a CronJob; it is not valid where an entry of a list that
// leads there, or is it, is missing.
func (f field) at(cronJob *batchv1.CronJob) reflect.Value {
	at := reflect.ValueOf(cronJob).Elem()
	for _, s := range f.steps() {
		if at = reflect.Indirect(at); !at.IsValid() {
			return at // an object that is absent
		}
		if at = member(at, s.name); s.entry != "" {
			at = entryOf(at, mergeKeys[s.name], s.entry)
		}
		if !at.IsValid() {
			return at
		}
	}
	return at
}

// member is a field of a struct by the name that it has in JSON.
func member(of reflect.Value, name string) reflect.Value {
	for i := range of.NumField() {
		tag, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ",")
		if tag == name {
			return of.Field(i)
		}
		if tag == "" && of.Type().Field(i).Anonymous {
			if found := member(of.Field(i), name); found.IsValid() {
				return found
			}
		}
	}
	return reflect.Value{}
}

func entryOf(list reflect.Value, mergeKey, name string) reflect.Value {
	if i := indexOf(list, mergeKey, name); i >= 0 {
		return list.Index(i)
	}
	return reflect.Value{}
}

func indexOf(list reflect.Value, mergeKey, name string) int {
	for i := range list.Len() {
		if member(list.Index(i), mergeKey).String() == name {
			return i
		}
	}
	return -1
}

// valueOf is the argument within an upgrader.
func (f field) valueOf(u *spec.Upgrader) reflect.Value {
	at := reflect.ValueOf(u)
	for name := range strings.SplitSeq(f.argument, ".") {
		at = tagged(reflect.Indirect(at), name)
	}
	return at
}

func tagged(of reflect.Value, name string) reflect.Value {
	for i := range of.NumField() {
		if of.Type().Field(i).Tag.Get("tf") == name {
			return of.Field(i)
		}
	}
	panic(fmt.Sprintf("%s has no argument %s", of.Type(), name))
}

// render writes the argument into a CronJob.
func (f field) render(u spec.Upgrader, cronJob *batchv1.CronJob) *spec.Failure {
	if f.argument == "" {
		return nil
	}
	from := f.valueOf(&u)
	if from.IsZero() || (from.Kind() == reflect.Map || from.Kind() == reflect.Slice) && from.Len() == 0 {
		return nil
	}
	to := f.at(cronJob)
	if !to.IsValid() { // the volume that it is about is rendered as a whole
		return nil
	}
	err := convert(from, to)
	if err == nil {
		return nil
	}
	return &spec.Failure{
		Doing:    "use " + f.argument,
		Reason:   err.Error(),
		Advice:   "Write the fields as the API reference of Kubernetes does: their names are case-sensitive, and numbers and booleans are not quoted.",
		Argument: strings.Split(f.argument, "."),
		Err:      err,
	}
}

// CheckArguments says which arguments are no objects of the API, such as an
// affinity with a misspelt field.
func CheckArguments(u spec.Upgrader) []*spec.Failure {
	var failures []*spec.Failure
	for _, f := range fields {
		scratch := &batchv1.CronJob{}
		podOf(scratch).Containers = []corev1.Container{{Name: containerName}}
		if failure := f.render(u, scratch); failure != nil {
			failures = append(failures, failure)
		}
	}
	return failures
}

// read writes the field of a live CronJob into the argument, unless it says what
// the argument says already.
func (f field) read(live, rendered *batchv1.CronJob, into *spec.Upgrader) {
	if f.argument == "" || f.same(live, rendered) {
		return
	}
	to := f.valueOf(into)
	given := to.Interface()
	to.SetZero()
	from := f.at(live)
	if !from.IsValid() || f.isImplied(from) {
		return
	}
	revert(from, to)
	if amounts, ok := from.Interface().(corev1.ResourceList); ok {
		keepSpelling(amounts, given, textsOf(to))
	}
}

// keepSpelling gives quantities that say the same the spelling that they are given
// in the configuration.
func keepSpelling(live corev1.ResourceList, given any, read map[string]string) {
	wanted, _ := given.(map[string]string)
	for name, text := range wanted {
		amount, err := resource.ParseQuantity(text)
		if found, there := live[corev1.ResourceName(name)]; there && err == nil && amount.Cmp(found) == 0 {
			read[name] = text
		}
	}
}

// same tells whether the field has the same value in both.
func (f field) same(live, rendered *batchv1.CronJob) bool {
	a, b := f.at(live), f.at(rendered)
	if a.IsValid() && b.IsValid() && equality.Semantic.DeepEqual(normal(a), normal(b)) {
		return true
	}
	return f.isAbsent(a) && f.isAbsent(b)
}

// isAbsent tells a field that says no more than one that isn't there.
func (f field) isAbsent(value reflect.Value) bool {
	return !value.IsValid() || isNothing(value) || f.isImplied(value)
}

func (f field) isImplied(value reflect.Value) bool {
	if f.implied == "" {
		return false
	}
	text, err := json.Marshal(value.Interface())
	return err == nil && string(text) == f.implied
}

// isNothing tells a value that the API server leaves out, or fills in with nothing
// in it.
func isNothing(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Map, reflect.Slice:
		return value.Len() == 0
	case reflect.Pointer:
		return value.IsNil() || value.Elem().Kind() == reflect.Struct && equality.Semantic.DeepEqual(value.Elem().Interface(), reflect.Zero(value.Type().Elem()).Interface())
	default:
		return value.IsZero()
	}
}

// normal is a value as it is compared: in an order where the order says
// nothing, and without what the API server fills in.
func normal(value reflect.Value) any {
	switch v := value.Interface().(type) {
	case []corev1.EnvVar:
		return slices.SortedFunc(slices.Values(ownVariables(v)), func(a, b corev1.EnvVar) int { return strings.Compare(a.Name, b.Name) })
	case []corev1.LocalObjectReference:
		return slices.SortedFunc(slices.Values(v), func(a, b corev1.LocalObjectReference) int { return strings.Compare(a.Name, b.Name) })
	case corev1.Volume:
		if v.ConfigMap != nil && v.ConfigMap.DefaultMode != nil && *v.ConfigMap.DefaultMode == corev1.ConfigMapVolumeSourceDefaultMode {
			source := *v.ConfigMap
			source.DefaultMode, v.ConfigMap = nil, &source
		}
		return v
	case *corev1.PodSecurityContext, *corev1.SecurityContext, *corev1.Affinity:
		if isNothing(value) {
			return reflect.Zero(value.Type()).Interface()
		}
		return v
	default:
		return v
	}
}

// convert writes an argument into a field of the API.
func convert(from, to reflect.Value) error {
	switch into := to.Addr().Interface().(type) {
	case *[]corev1.LocalObjectReference:
		for _, name := range from.Seq2() {
			*into = append(*into, corev1.LocalObjectReference{Name: name.String()})
		}
	case *[]corev1.EnvVar:
		for _, name := range slices.Sorted(maps.Keys(textsOf(from))) {
			*into = append(*into, corev1.EnvVar{Name: name, Value: textsOf(from)[name]})
		}
	case *corev1.ResourceList:
		*into = corev1.ResourceList{}
		for name, text := range textsOf(from) {
			amount, err := resource.ParseQuantity(text)
			if err != nil {
				return fmt.Errorf("%s is %q: %w", name, text, err)
			}
			(*into)[corev1.ResourceName(name)] = amount
		}
	case *[]corev1.Toleration:
		for _, t := range from.Interface().([]spec.Toleration) { //nolint:forcetypeassert // a row of the table, which a test goes through
			*into = append(*into, corev1.Toleration{
				Key: t.Key, Operator: corev1.TolerationOperator(t.Operator), Value: t.Value,
				Effect: corev1.TaintEffect(t.Effect), TolerationSeconds: t.TolerationSeconds,
			})
		}
	case **corev1.Affinity, **corev1.SecurityContext, **corev1.PodSecurityContext:
		return strictly(from.Interface(), into)
	default:
		if from.Kind() == reflect.Pointer {
			from = from.Elem()
		}
		if to.Kind() == reflect.Pointer {
			to.Set(reflect.New(to.Type().Elem()))
			to = to.Elem()
		}
		to.Set(from.Convert(to.Type()))
	}
	return nil
}

// strictly decodes an object of the API and refuses fields that it doesn't have.
func strictly(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	unknown, err := kjson.UnmarshalStrict(text, into)
	return errors.Join(append(unknown, err)...)
}

// revert writes a field of the API into an argument.
func revert(from, to reflect.Value) {
	switch live := from.Interface().(type) {
	case []corev1.LocalObjectReference:
		for _, reference := range live {
			to.Set(reflect.Append(to, reflect.ValueOf(reference.Name)))
		}
	case []corev1.EnvVar:
		env := map[string]string{}
		for _, variable := range ownVariables(live) {
			env[variable.Name] = variable.Value
		}
		to.Set(reflect.ValueOf(env))
	case corev1.ResourceList:
		amounts := map[string]string{}
		for name, amount := range live {
			amounts[string(name)] = amount.String()
		}
		to.Set(reflect.ValueOf(amounts))
	case []corev1.Toleration:
		for _, t := range live {
			to.Set(reflect.Append(to, reflect.ValueOf(spec.Toleration{
				Key: t.Key, Operator: string(t.Operator), Value: t.Value, Effect: string(t.Effect), TolerationSeconds: t.TolerationSeconds,
			})))
		}
	case *corev1.Affinity, *corev1.SecurityContext, *corev1.PodSecurityContext:
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
		if err == nil && len(fields) > 0 {
			to.Set(reflect.ValueOf(fields))
		}
	default:
		if isNothing(from) {
			return
		}
		from = reflect.Indirect(from)
		if to.Kind() == reflect.Pointer {
			to.Set(reflect.New(to.Type().Elem()))
			to = to.Elem()
		}
		to.Set(from.Convert(to.Type()))
	}
}

func textsOf(value reflect.Value) map[string]string {
	texts, _ := value.Interface().(map[string]string)
	return texts
}

// secretVariables are those that hold secrets, and would take precedence over the
// Secret and over config.yaml. They are never read as arguments.
var secretVariables = []string{tokenKey, "ACCOUNT_SECRET", "PROXY_PASSWORD", "DELEGATE_TOKEN"}

// ownVariables are the variables that can be an argument: those with a value that
// is written out and is no secret.
func ownVariables(env []corev1.EnvVar) []corev1.EnvVar {
	return slices.DeleteFunc(slices.Clone(env), func(v corev1.EnvVar) bool {
		return v.ValueFrom != nil || slices.Contains(secretVariables, v.Name)
	})
}
