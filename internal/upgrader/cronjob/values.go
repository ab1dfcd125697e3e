package cronjob

import (
	"math"
	"regexp"
	"sync"
)

// plain copies a value into the types that unstructured objects are made of, so
// that it may come from any decoder.
func plain[T any](value T) T {
	copied, _ := plainValue(value).(T)
	return copied
}

func plainValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
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
	case int32:
		return int64(v)
	case float64:
		if whole := int64(v); v == math.Trunc(v) && float64(whole) == v {
			return whole
		}
		return v
	default:
		return v
	}
}

// at follows a path of field names.
func at(object map[string]any, path ...string) (any, bool) {
	var value any = object
	for _, name := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = fields[name]; !ok {
			return nil, false
		}
	}
	return value, true
}

func mapAt(object map[string]any, path ...string) map[string]any {
	value, _ := at(object, path...)
	fields, _ := value.(map[string]any)
	return fields
}

func listAt(object map[string]any, path ...string) []any {
	value, _ := at(object, path...)
	list, _ := value.([]any)
	return list
}

func textAt(object map[string]any, path ...string) string {
	value, _ := at(object, path...)
	text, _ := value.(string)
	return text
}

// item finds the entry of a list whose field has a value.
func item(list []any, field, value string) (map[string]any, bool) {
	for _, entry := range list {
		if fields, ok := entry.(map[string]any); ok && textAt(fields, field) == value {
			return fields, true
		}
	}
	return nil, false
}

// lazily compiles a regular expression when it is first used, not when the
// provider starts, which Terraform does several times per command.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
