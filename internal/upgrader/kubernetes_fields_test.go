package upgrader_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// keyedBy are the lists whose entries have names.
var keyedBy = map[string]string{"containers": "name", "initContainers": "name", "volumes": "name", "env": "name", "volumeMounts": "mountPath"}

// named are the maps whose keys are anybody's choice. A path has them in brackets.
var named = []string{"labels", "annotations", "data", "stringData"}

// fieldsIn are the values of an object by their paths, written as drift writes them.
// Lists without names are one value, and config.yaml is read.
func fieldsIn(object *unstructured.Unstructured) map[string]string {
	content := maps.Clone(object.Object)
	delete(content, "status")
	content["metadata"] = map[string]any{"labels": object.GetLabels(), "annotations": object.GetAnnotations(), "ownerReferences": object.GetOwnerReferences()}
	text, _ := json.Marshal(content)
	var plain map[string]any
	_ = json.Unmarshal(text, &plain)
	all := map[string]string{}
	collect(all, "", "", plain)
	for path, value := range implied(object.GetKind()) {
		if all[path] == value {
			delete(all, path)
		}
	}
	// It follows serviceAccountName.
	delete(all, podPath+"serviceAccount")
	return all
}

// implied are the values that say the same as none.
func implied(kind string) map[string]string {
	if kind == "ServiceAccount" {
		return map[string]string{"automountServiceAccountToken": "true"}
	}
	return map[string]string{
		"spec.suspend": "false", "spec.successfulJobsHistoryLimit": "3", "spec.failedJobsHistoryLimit": "1",
		jobPath + "suspend": "false", jobPath + "backoffLimit": "6", jobPath + "parallelism": "1", jobPath + "completions": "1",
		podPath + "automountServiceAccountToken": "true", podPath + `volumes["config-volume"].configMap.defaultMode`: "420",
	}
}

const (
	jobPath       = "spec.jobTemplate.spec."
	podPath       = jobPath + "template.spec."
	containerPath = podPath + `containers["upgrader"].`
)

func collect(all map[string]string, path, name string, value any) {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for key, member := range v {
			switch {
			case slices.Contains(named, name):
				collect(all, fmt.Sprintf("%s[%q]", path, key), key, member)
			case path == "":
				collect(all, key, key, member)
			default:
				collect(all, path+"."+key, key, member)
			}
		}
	case []any:
		key := keyedBy[name]
		for _, entry := range v {
			if key == "" {
				break
			}
			fields, _ := entry.(map[string]any)
			collect(all, fmt.Sprintf("%s[%q]", path, fields[key]), "", fields)
		}
		if key == "" && len(v) > 0 {
			text, _ := json.Marshal(v)
			all[path] = string(text)
		}
	default:
		if file, is := v.(string); is && name == "config.yaml" {
			collectConfig(all, path, file)
			return
		}
		text, _ := json.Marshal(v)
		all[path] = string(text)
	}
}

func collectConfig(all map[string]string, path, file string) {
	if decoded, err := base64.StdEncoding.DecodeString(file); err == nil {
		file = string(decoded) // it lies in a Secret
	}
	var settings map[string]any
	if err := yaml.Unmarshal([]byte(file), &settings); err != nil {
		all[path] = file
		return
	}
	collect(all, path, "", settings)
}

// steps are the parts of a path, each with the name of an entry in brackets.
func steps(path string) []string {
	var all []string
	for path != "" {
		if rest, found := strings.CutPrefix(path, `["`); found {
			key, rest, _ := strings.Cut(rest, `"]`)
			all = append(all, "["+key)
			path = strings.TrimPrefix(rest, ".")
			continue
		}
		i := strings.IndexAny(path, ".[")
		if i < 0 {
			return append(all, path)
		}
		all = append(all, path[:i])
		path = strings.TrimPrefix(path[i:], ".")
	}
	return all
}

// setAt sets a field by its path, and makes what leads there.
func setAt(t *testing.T, object map[string]any, path, text string) {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	put(object, steps(path), value)
}

func put(in map[string]any, steps []string, value any) {
	name := strings.TrimPrefix(steps[0], "[")
	if len(steps) == 1 {
		in[name] = value
		return
	}
	if key := keyedBy[name]; key != "" && strings.HasPrefix(steps[1], "[") {
		entry := strings.TrimPrefix(steps[1], "[")
		list, _ := in[name].([]any)
		i := slices.IndexFunc(list, func(one any) bool { fields, _ := one.(map[string]any); return fields[key] == entry })
		if i < 0 {
			list, i = append(list, map[string]any{key: entry}), len(list)
			in[name] = list
		}
		fields, _ := list[i].(map[string]any)
		if len(steps) == 2 {
			fields, _ = value.(map[string]any)
			fields[key] = entry
			list[i] = fields
			return
		}
		put(fields, steps[2:], value)
		return
	}
	inner, is := in[name].(map[string]any)
	if !is {
		inner = map[string]any{}
		in[name] = inner
	}
	put(inner, steps[1:], value)
}

// valueAt reads a field by its path.
func valueAt(object any, path string) any {
	value := object
	list := ""
	for _, step := range steps(path) {
		name := strings.TrimPrefix(step, "[")
		if entries, is := value.([]any); is {
			i := slices.IndexFunc(entries, func(one any) bool { fields, _ := one.(map[string]any); return fields[keyedBy[list]] == name })
			if i < 0 {
				return nil
			}
			value = entries[i]
		} else {
			fields, _ := value.(map[string]any)
			value = fields[name]
		}
		if file, is := value.(string); is && name == "config.yaml" {
			value = settingsOf(file)
		}
		list = name
	}
	return value
}

func settingsOf(file string) any {
	if decoded, err := base64.StdEncoding.DecodeString(file); err == nil {
		file = string(decoded)
	}
	var settings map[string]any
	_ = yaml.Unmarshal([]byte(file), &settings)
	return settings
}

// below tells whether a field is another one or part of it.
func below(path, of string) bool {
	rest, found := strings.CutPrefix(path, of)
	return found && (of == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}
