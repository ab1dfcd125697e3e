package cronjob

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Tests change live objects as JSON has them, where any field can be given any
// value.

const rbacGroup = "rbac.authorization.k8s.io"

// jsonObjects are objects as JSON has them.
type jsonObjects map[key]*unstructured.Unstructured

// typed are the same as the product reads them.
func (objects jsonObjects) typed(tb fataler) snapshot {
	live := snapshot{}
	for k, object := range objects {
		read, err := typed(object)
		if err != nil {
			tb.Fatal(err)
		}
		live[k] = read
	}
	return live
}

// sight is what is observed of an upgrader with such objects.
func sight(tb fataler, want spec.Upgrader, live jsonObjects) spec.Observed {
	observed, failure := observe(want, live.typed(tb), nil)
	if failure != nil {
		tb.Fatal(failure)
	}
	return observed
}

// alive is what the API server would hold of an upgrader, without its defaults.
func alive(tb fataler, u spec.Upgrader) jsonObjects {
	rendered, failure := render(u)
	if failure != nil {
		tb.Fatal(failure)
	}
	live := jsonObjects{}
	for k, object := range rendered {
		text, err := json.Marshal(untyped(object).Object)
		if err != nil {
			tb.Fatal(err)
		}
		copied := &unstructured.Unstructured{}
		if err := copied.UnmarshalJSON(text); err != nil {
			tb.Fatal(err)
		}
		live[k] = copied
	}
	return live
}

// plain gives numbers the type that unstructured objects have.
func plain(value map[string]any) map[string]any {
	copied, _ := plainValue(value).(map[string]any)
	return copied
}

func plainValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for name, item := range v {
			copied[name] = plainValue(item)
		}
		return copied
	case []any:
		copied := make([]any, 0, len(v))
		for _, item := range v {
			copied = append(copied, plainValue(item))
		}
		return copied
	case int:
		return int64(v)
	case float64:
		if whole := int64(v); v == math.Trunc(v) {
			return whole
		}
		return v
	default:
		return v
	}
}

// at follows a path of field names; it is nil where it leads nowhere.
func at(value any, path ...string) any {
	for _, name := range path {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	return value
}

func mapAt(object map[string]any, path ...string) map[string]any {
	fields, _ := at(object, path...).(map[string]any)
	return fields
}

func listAt(object map[string]any, path ...string) []any {
	list, _ := at(object, path...).([]any)
	return list
}

func textAt(value any, path ...string) string {
	text, _ := at(value, path...).(string)
	return text
}

// set puts a value into a live object. Path elements that are numbers' texts or
// entries' names lead into lists.
func (objects jsonObjects) set(tb testing.TB, k key, value any, path ...string) {
	tb.Helper()
	object, ok := objects[k]
	if !ok {
		tb.Fatalf("no %s", k)
	}
	var at any = object.Object
	for _, name := range path[:len(path)-1] {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			i := slices.IndexFunc(v, func(entry any) bool { return textAt(entry, "name") == name || textAt(entry, "mountPath") == name })
			if i < 0 {
				i = int(name[0] - '0')
			}
			at = v[i]
		}
	}
	fields, ok := at.(map[string]any)
	if !ok {
		tb.Fatalf("%v leads nowhere", path)
	}
	if value == nil {
		delete(fields, path[len(path)-1])
	} else {
		fields[path[len(path)-1]] = value
	}
}
