package cronjob

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// difference is a place where a live object isn't as it should be.
type difference struct {
	path string
	text string
}

func (d difference) String() string { return strings.TrimSpace(d.path + " " + d.text) }

// comparison collects the differences between what is wanted and what is live.
// It looks at the fields that are wanted only: others may set others.
type comparison struct {
	found []difference
}

// compare compares the fields of two values, leaving out some of the first level.
func compare(want, live map[string]any, without ...string) []difference {
	var c comparison
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !slices.Contains(without, name) {
			value, there := live[name]
			c.value(name, want[name], value, there, false)
		}
	}
	return c.found
}

func (c *comparison) add(path, format string, args ...any) {
	c.found = append(c.found, difference{path, fmt.Sprintf(format, args...)})
}

// value compares one field. With exact, the field belongs to an entry that is
// wholly ours, and nothing else may be in it.
func (c *comparison) value(path string, want, live any, there, exact bool) {
	if isEmpty(want) && (!there || isEmpty(live)) {
		return // the API server leaves out what is empty
	}
	switch w := want.(type) {
	case map[string]any:
		fields, ok := live.(map[string]any)
		if !ok {
			c.add(path, "is missing")
			return
		}
		c.fields(path, w, fields, exact)
	case []any:
		entries, _ := live.([]any)
		c.list(path, w, entries)
	default:
		switch {
		case !there && isImplied(path, want):
		case !there:
			c.add(path, "is missing, should be %s", describe(want))
		case !same(path, want, live):
			c.add(path, "is %s, should be %s", describe(live), describe(want))
		}
	}
}

func (c *comparison) fields(path string, want, live map[string]any, exact bool) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value, there := live[name]
		c.value(child(path, name), want[name], value, there, exact)
	}
	if !exact {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(live)) {
		if _, ours := want[name]; !ours && !isEmpty(live[name]) && !isDefault(name, live[name]) {
			c.add(child(path, name), "should not be there")
		}
	}
}

// isDefault tells what the API server fills in within an entry of ours.
func isDefault(name string, value any) bool {
	return name == "defaultMode" && plainValue(value) == int64(0o644)
}

// isImplied tells what an object says without the field.
func isImplied(path string, value any) bool {
	return path == "automountServiceAccountToken" && value == true
}

// isEmpty tells a value that the API server leaves out. Numbers and booleans
// are not: where a field is optional, they say something.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	default:
		return false
	}
}

// amounts are the fields whose values are quantities.
var amounts = lazily(`\.resources\.(requests|limits)[.\[]`)

// same compares two values that aren't maps or lists.
func same(path string, want, live any) bool {
	if amounts().MatchString(path) {
		return sameQuantity(fmt.Sprint(want), fmt.Sprint(live))
	}
	switch live.(type) {
	case map[string]any, []any:
		return false
	}
	return plainValue(want) == plainValue(live)
}

// sameQuantity compares amounts: the API server writes 0.1 as 100m.
func sameQuantity(a, b string) bool {
	if a == b {
		return true
	}
	x, err := resource.ParseQuantity(a)
	if err != nil {
		return false
	}
	y, err := resource.ParseQuantity(b)
	return err == nil && x.Cmp(y) == 0
}

// equal tells whether two values of ours are the same, whatever the order of
// lists.
func equal(want, live any) bool {
	var c comparison
	c.value("", want, live, live != nil, true)
	return len(c.found) == 0
}

var simpleName = lazily(`^[A-Za-z][A-Za-z0-9]*$`)

// child is the path of a field, in the way that jq and kubectl write it.
func child(path, name string) string {
	switch {
	case !simpleName().MatchString(name):
		return fmt.Sprintf("%s[%q]", path, name)
	case path == "":
		return name
	default:
		return path + "." + name
	}
}

// describe writes a value into a message.
func describe(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case map[string]any, []any:
		return "(" + summary(v) + ")"
	default:
		return bare(plainValue(v))
	}
}

// summary writes an entry of a list in a line.
func summary(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" "+summary(v[name]))
		}
		return strings.Join(parts, "; ")
	case []any:
		var parts []string
		for _, entry := range v {
			parts = append(parts, summary(entry))
		}
		return strings.Join(parts, ", ")
	case string:
		return v
	default:
		return bare(plainValue(v))
	}
}
