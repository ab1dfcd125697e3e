package cronjob

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// difference is a place where a live object isn't as it should be.
type difference struct{ path, text string }

// String is the difference as drift lists it.
func (d difference) String() string { return strings.TrimSpace(d.path + " " + d.text) }

var (
	tokenField  = fmt.Sprintf("data[%q]", tokenKey)
	configField = fmt.Sprintf("data[%q]", configKey)
)

// differences compares rendered objects with those that are live, in what is
// managed and no argument of the CronJob is.
func differences(u spec.Upgrader, rendered, live snapshot) map[key][]difference {
	all := map[key][]difference{}
	for k, want := range rendered {
		found, exists := live[k]
		if !exists {
			continue
		}
		keepName(u, want, found)
		c := comparison{}
		c.texts("metadata.labels", want.GetLabels(), found.GetLabels())
		c.texts("metadata.annotations", want.GetAnnotations(), found.GetAnnotations())
		switch o := found.(type) {
		case *corev1.ServiceAccount:
			if o.AutomountServiceAccountToken != nil && !*o.AutomountServiceAccountToken {
				c.add("automountServiceAccountToken", "is false, should be true")
			}
		case *rbacv1.Role:
			c.rules(in[*rbacv1.Role](rendered, k.kind, k.name).Rules, o.Rules)
		case *rbacv1.RoleBinding:
			c.binding(in[*rbacv1.RoleBinding](rendered, k.kind, k.name), o)
		case *batchv1.CronJob:
			c.cronJob(in[*batchv1.CronJob](rendered, k.kind, k.name), o)
		default:
			c.data(u, k, found)
		}
		if len(c.found) > 0 {
			all[k] = c.found
		}
	}
	return all
}

// comparison collects differences.
type comparison struct{ found []difference }

func (c *comparison) add(path, format string, args ...any) {
	c.found = append(c.found, difference{path, fmt.Sprintf(format, args...)})
}

// texts compares the entries that are wanted; others may set others.
func (c *comparison) texts(path string, want, live map[string]string) {
	for _, name := range sortedKeys(want) {
		value, there := live[name]
		at := fmt.Sprintf("%s[%q]", path, name)
		switch {
		case !there:
			c.add(at, "is missing, should be %q", want[name])
		case value != want[name]:
			c.add(at, "is %q, should be %q", value, want[name])
		}
	}
}

// rules compares those of a Role. The list is one field for server-side apply, and
// therefore all ours.
func (c *comparison) rules(want, live []rbacv1.PolicyRule) {
	matched := map[int]bool{}
	for _, rule := range want {
		i := slices.IndexFunc(live, func(r rbacv1.PolicyRule) bool { return sameSet(r.Resources, rule.Resources) })
		if i < 0 || matched[i] {
			c.add("rules", "lacks an entry %s", inWords(rule))
			continue
		}
		matched[i] = true
		c.set(fmt.Sprintf("rules[%d].apiGroups", i), rule.APIGroups, live[i].APIGroups)
		c.set(fmt.Sprintf("rules[%d].verbs", i), rule.Verbs, live[i].Verbs)
		c.set(fmt.Sprintf("rules[%d].resourceNames", i), rule.ResourceNames, live[i].ResourceNames)
	}
	for i, rule := range live {
		if !matched[i] {
			c.add("rules", "has an extra entry %s", inWords(rule))
		}
	}
}

// set compares a list in which order says nothing.
func (c *comparison) set(path string, want, live []string) {
	for _, value := range want {
		if !slices.Contains(live, value) {
			c.add(path, "lacks %q", value)
		}
	}
	for _, value := range live {
		if !slices.Contains(want, value) {
			c.add(path, "has an extra %q", value)
		}
	}
}

func (c *comparison) binding(want, live *rbacv1.RoleBinding) {
	c.parts("roleRef", asJSON(want.RoleRef), asJSON(live.RoleRef))
	if len(live.Subjects) == 0 {
		c.add("subjects", "is missing")
		return
	}
	c.parts("subjects", asJSON(want.Subjects), asJSON(live.Subjects))
}

// cronJob compares what an upgrader needs besides its arguments.
func (c *comparison) cronJob(want, live *batchv1.CronJob) {
	wanted, found := &want.Spec.JobTemplate.Spec.Template, &live.Spec.JobTemplate.Spec.Template
	c.texts(inJob+"template.metadata.labels", wanted.Labels, found.Labels)
	c.texts(inJob+"template.metadata.annotations", wanted.Annotations, found.Annotations)
	container := containerOf(podOf(live))
	if container == nil {
		c.add(fmt.Sprintf("%scontainers[%q]", inPod, containerName), "is missing")
	}
	for _, f := range fields {
		if f.argument == "" && !f.same(live, want) && (container != nil || !f.inContainer()) {
			c.field(f, want, live)
		}
	}
	if container != nil {
		c.variables(containerOf(podOf(want)).Env, container.Env)
	}
}

func (f field) inContainer() bool { return strings.HasPrefix(f.path, inContainer) }

// words is the path in the way that jq and kubectl write it.
func (f field) words() string {
	return strings.NewReplacer("[", `["`, "]", `"]`).Replace(f.path)
}

// field says what is wrong with a field; of an object or a list, with the parts
// that differ.
func (c *comparison) field(f field, want, live *batchv1.CronJob) {
	wanted, found := f.at(want), f.at(live)
	kind := reflect.Invalid
	if wanted.IsValid() && found.IsValid() {
		kind = wanted.Kind()
	}
	switch kind {
	case reflect.Struct, reflect.Slice:
		c.parts(f.words(), asJSON(wanted.Interface()), asJSON(normal(found)))
	default:
		c.add(f.words(), "%s", f.verdict(want, live))
	}
}

// parts compares two values as JSON has them.
func (c *comparison) parts(path string, want, live any) {
	wanted, isObject := want.(map[string]any)
	found, _ := live.(map[string]any)
	wantedList, isList := want.([]any)
	foundList, _ := live.([]any)
	switch {
	case reflect.DeepEqual(want, live):
	case isObject && found != nil:
		for _, name := range sortedKeys(joinedKeys(wanted, found)) {
			c.parts(path+"."+name, wanted[name], found[name])
		}
	case isList && len(foundList) > 0:
		for i := range max(len(wantedList), len(foundList)) {
			switch {
			case i >= len(wantedList):
				c.add(path, "has an extra entry %s", inWords(foundList[i]))
			case i >= len(foundList):
				c.add(path, "lacks an entry %s", inWords(wantedList[i]))
			default:
				c.parts(fmt.Sprintf("%s[%d]", path, i), wantedList[i], foundList[i])
			}
		}
	case want == nil:
		c.add(path, "is %s, should not be there", inWords(live))
	case live == nil:
		c.add(path, "is missing, should be %s", inWords(want))
	default:
		c.add(path, "is %s, should be %s", inWords(live), inWords(want))
	}
}

func joinedKeys(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// asJSON is a value of the API as JSON has it.
func asJSON(value any) any {
	text, _ := json.Marshal(value)
	var plain any
	_ = json.Unmarshal(text, &plain) // as it was encoded
	return plain
}

// verdict says what is wrong with a field.
func (f field) verdict(want, live *batchv1.CronJob) string {
	if f.sensitive {
		return "has other values"
	}
	wanted, found := f.at(want), f.at(live)
	should := "should not be there"
	switch {
	case !f.isAbsent(wanted):
		should = "should be " + inWords(wanted.Interface())
	case f.implied != "":
		should = "should be " + f.implied
	}
	if f.isAbsent(found) && !f.isAbsent(wanted) {
		return "is missing, " + should
	}
	return fmt.Sprintf("is %s, %s", inWords(found.Interface()), should)
}

// variables finds those that take precedence over the Secret and over config.yaml,
// and those of an argument's name that take their value from elsewhere. Values are
// not shown.
func (c *comparison) variables(want, live []corev1.EnvVar) {
	for _, v := range live {
		switch {
		case slices.Contains(secretVariables, v.Name):
			c.add(variablePath(v.Name), "should not be there: it takes precedence over what the upgrader is given")
		case v.ValueFrom != nil && slices.ContainsFunc(want, func(w corev1.EnvVar) bool { return w.Name == v.Name }):
			c.add(variablePath(v.Name)+".valueFrom", "should not be there")
		}
	}
}

func variablePath(name string) string {
	return fmt.Sprintf("%s[%q]", field{path: inContainer + "env"}.words(), name)
}

// data compares Secrets and ConfigMaps.
func (c *comparison) data(u spec.Upgrader, k key, live object) {
	if secret, ok := live.(*corev1.Secret); ok && secret.Type != corev1.SecretTypeOpaque {
		c.add("type", "is %q, should be %q", secret.Type, corev1.SecretTypeOpaque)
	}
	if k == configKeyOf(u) {
		c.config(u, live)
		return
	}
	// Whether it is the right token is for those who know it.
	if liveToken(live) == "" {
		c.add(tokenField, "is missing")
	}
}

// config compares config.yaml by its keys; how it is written says nothing. The
// file is one field, and every key in it is ours.
func (c *comparison) config(u spec.Upgrader, live object) {
	if dataOf(live, configKey) == "" {
		c.add(configField, "is missing")
		return
	}
	values, err := liveConfig(live)
	if err != nil {
		// The reason would quote the text, and with it what it may hold.
		c.add(configField, "can't be read as YAML")
		return
	}
	_, hidden := live.(*corev1.Secret)
	known := map[string]bool{}
	for _, s := range settings {
		known[s.key] = true
		c.setting(s, u, values, hidden || s.key == proxyPassword)
	}
	for _, name := range sortedKeys(values) {
		if !known[name] {
			c.add(configField+"."+name, "should not be there")
		}
	}
}

// setting compares one line of config.yaml. Values from a Secret are not shown.
func (c *comparison) setting(s setting, u spec.Upgrader, values map[string]string, hidden bool) {
	path := configField + "." + s.key
	want := s.text(u)
	value, there := values[s.key]
	if s.key == proxyPassword && u.Proxy.HasPassword {
		if value == "" { // whether it is the right one is for those who know it
			c.add(path, "is missing")
		}
		return
	}
	switch {
	case value == want || s.argument == "manager_endpoint" && strings.TrimSuffix(value, "/") == strings.TrimSuffix(want, "/"):
	case want == "":
		c.add(path, "should not be there")
	case !there && hidden:
		c.add(path, "is missing")
	case !there:
		c.add(path, "is missing, should be %q", want)
	case hidden:
		c.add(path, "is not what it should be")
	default:
		c.add(path, "is %q, should be %q", value, want)
	}
}

// keepName leaves the label to those who have set it, unless the user says what
// it is to be: it is no reason for a conflict with those who made the CronJob. It
// isn't written then, so that it never becomes ours.
func keepName(u spec.Upgrader, rendered, live object) {
	labels := rendered.GetLabels()
	_, configured := u.Kubernetes.Labels[nameLabel]
	if _, written := labels[nameLabel]; !written || configured || live == nil || live.GetLabels()[nameLabel] == "" || onlyOurs(live, "f:metadata", "f:labels", "f:"+nameLabel) {
		return
	}
	delete(labels, nameLabel)
}

// inWords writes a value into a message.
func inWords(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
