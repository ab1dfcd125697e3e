package cronjob

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// order is how people write manifests; fields that aren't in it follow by name.
var order = []string{
	"apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations",
	"type", "rules", "subjects", "roleRef", "data", "apiGroup",
	"apiGroups",
	"schedule", "timeZone", "suspend", "concurrencyPolicy", "startingDeadlineSeconds",
	"serviceAccountName", "restartPolicy", "image", "imagePullPolicy", "envFrom", "env",
	"mountPath", "secretName", "key", "operator",
}

// tail are the fields that are long and say little about what comes after them.
var tail = []string{"verbs", "containers", "volumeMounts", "volumes", "jobTemplate", "template", "spec"}

// YAML writes objects as one file of several documents, in an order that is
// stable and easy to read.
func YAML(objects []*unstructured.Unstructured) string {
	var out strings.Builder
	for i, object := range objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		writeMap(&out, object.Object, "", "")
	}
	return out.String()
}

// writeMap writes fields, the first behind what stands on the line already.
func writeMap(out *strings.Builder, fields map[string]any, first, indent string) {
	lead := first
	for _, name := range slices.SortedFunc(maps.Keys(fields), byOrder) {
		fmt.Fprintf(out, "%s%s:", lead, scalar(name))
		lead = indent
		writeValue(out, fields[name], indent)
	}
}

// writeValue writes what follows a field's colon.
func writeValue(out *strings.Builder, value any, indent string) {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 {
			out.WriteString(" {}\n")
			return
		}
		out.WriteString("\n")
		writeMap(out, v, indent+"  ", indent+"  ")
	case []any:
		if len(v) == 0 {
			out.WriteString(" []\n")
			return
		}
		out.WriteString("\n")
		for _, entry := range v {
			writeEntry(out, entry, indent)
		}
	case string:
		writeText(out, v, indent)
	default:
		fmt.Fprintf(out, " %v\n", bare(v))
	}
}

// writeEntry writes an entry of a list.
func writeEntry(out *strings.Builder, entry any, indent string) {
	if fields, ok := entry.(map[string]any); ok && len(fields) > 0 {
		writeMap(out, fields, indent+"- ", indent+"  ")
		return
	}
	out.WriteString(indent + "-")
	writeValue(out, entry, indent)
}

// writeText writes a text, as a block if it is one.
func writeText(out *strings.Builder, text, indent string) {
	if !isBlock(text) {
		fmt.Fprintf(out, " %s\n", scalar(text))
		return
	}
	out.WriteString(" |\n")
	for line := range strings.Lines(text) {
		out.WriteString(indent + "  " + line)
	}
}

// isBlock tells whether a text reads back unchanged from an indented block.
func isBlock(text string) bool {
	if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.TrimSpace(text[:1]) == "" {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) })
}

// scalar writes a text on one line: as it is where an encoder would do so, else
// in double quotes. What Go escapes in quotes, YAML reads in the same way.
func scalar(text string) string {
	if encoded, err := yaml.Marshal(text); err == nil && string(encoded) == text+"\n" {
		return text
	}
	return strconv.Quote(text)
}

// bare writes a number, a boolean or nothing.
func bare(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

func byOrder(a, b string) int {
	if rank(a) != rank(b) {
		return rank(a) - rank(b)
	}
	return strings.Compare(a, b)
}

func rank(name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	if i := slices.Index(tail, name); i >= 0 {
		return len(order) + 1 + i
	}
	return len(order)
}
