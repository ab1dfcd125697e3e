package provider

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// nested resolves the arguments of an object within the provider block, each
// for itself: configuration, else environment. The environment serves also
// where the object is absent.
type nested struct {
	block  string
	getenv func(string) string
	// unread are arguments whose variables don't count, since the
	// configuration chose another way.
	unread map[string]bool
	// sources are the variables that arguments came from.
	sources map[string]string
	// problems are of the environment's values; those of the
	// configuration's are for types and validators.
	problems []problem
}

// problem is something wrong with arguments. Those within others are written
// with dots: exec.command, registry_auth.0.address.
type problem struct {
	Arguments []string
	Text      string
}

func newNested(block string, getenv func(string) string) *nested {
	return &nested{block: block, getenv: getenv, unread: map[string]bool{}, sources: map[string]string{}}
}

// way is arguments that belong together, by their names.
type way map[string]attr.Value

// alternatives are ways of which one is enough. Where the configuration goes
// one of them, the environment's values for the others would only get between.
func (n *nested) alternatives(ways ...way) {
	for chosen, arguments := range ways {
		if !arguments.configured() {
			continue
		}
		for other, unread := range ways {
			if other == chosen {
				continue
			}
			for argument := range unread {
				n.unread[argument] = true
			}
		}
	}
}

func (w way) configured() bool {
	for _, value := range w {
		if isSet(value) {
			return true
		}
	}
	return false
}

// isSet tells whether an argument is configured, or will be. An empty text or
// list is as good as none.
func isSet(value attr.Value) bool {
	switch value := value.(type) {
	case types.String:
		return value.IsUnknown() || strings.TrimSpace(value.ValueString()) != ""
	case types.List:
		return value.IsUnknown() || len(value.Elements()) > 0
	default:
		return !value.IsNull()
	}
}

// text is an argument's value, empty where it is neither configured nor in the
// environment, and also where it is to come: nothing is made of it until then.
func (n *nested) text(argument, variable string, configured types.String) string {
	return strings.TrimSpace(n.exact(argument, variable, configured))
}

// exact is a text that may begin or end with blanks, as passwords may.
func (n *nested) exact(argument, variable string, configured types.String) string {
	if isSet(configured) {
		return configured.ValueString()
	}
	return n.fromEnvironment(argument, variable)
}

func (n *nested) fromEnvironment(argument, variable string) string {
	value := n.getenv(variable)
	if strings.TrimSpace(value) == "" || n.unread[argument] {
		return ""
	}
	n.sources[argument] = variable
	return value
}

// forget takes back what came from the environment.
func (n *nested) forget(argument string, value *string) {
	if _, ok := n.sources[argument]; ok {
		delete(n.sources, argument)
		*value = ""
	}
}

// flag is an argument that is true or false.
func (n *nested) flag(argument, variable string, configured types.Bool) bool {
	if !configured.IsNull() {
		return configured.ValueBool()
	}
	text := strings.TrimSpace(n.fromEnvironment(argument, variable))
	if text == "" {
		return false
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		n.problems = append(n.problems, problem{Arguments: []string{argument}, Text: fmt.Sprintf("It is %q, and must be true or false.", text)})
	}
	return value
}

// list is an argument of several texts, which split takes out of the variable.
func (n *nested) list(argument, variable string, configured types.List, split func(string) []string) []string {
	if isSet(configured) {
		return texts(configured)
	}
	if value := n.fromEnvironment(argument, variable); value != "" {
		return split(value)
	}
	return nil
}

// texts are the elements of a list; those to come are empty.
func texts(list types.List) []string {
	var values []string
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok {
			values = append(values, text.ValueString())
		}
	}
	return values
}

// diagnose says what is wrong. What is wrong with the configuration alone is
// for Configure to say at once. What comes from the environment may be meant
// for other programs, and matters once something needs the client.
func (n *nested) diagnose(problems []problem) (atOnce, later diag.Diagnostics) {
	summary := "Invalid " + strings.ToUpper(n.block[:1]) + n.block[1:] + " Configuration"
	for _, problem := range problems {
		fromEnvironment := false
		names := make([]string, 0, len(problem.Arguments))
		for _, argument := range problem.Arguments {
			name := n.path(argument).String()
			if variable, ok := n.sources[argument]; ok {
				fromEnvironment = true
				name += " (from " + variable + ")"
			}
			names = append(names, name)
		}
		detail := strings.Join(names, ", ") + ": " + problem.Text
		later.AddError(summary, "In the provider configuration, "+detail)
		if !fromEnvironment {
			atOnce.AddAttributeError(n.path(problem.Arguments[0]), summary, detail)
		}
	}
	return atOnce, later
}

// path is where an argument stands.
func (n *nested) path(argument string) path.Path {
	at := path.Root(n.block)
	for step := range strings.SplitSeq(argument, ".") {
		if index, err := strconv.Atoi(step); err == nil {
			at = at.AtListIndex(index)
		} else {
			at = at.AtName(step)
		}
	}
	return at
}

// unknownIn names what isn't known yet in a value, by its path: the value
// itself, or parts of it.
func unknownIn(value attr.Value, at path.Path) []string {
	if value.IsUnknown() {
		return []string{at.String()}
	}
	var names []string
	switch value := value.(type) {
	case types.Object:
		attributes := value.Attributes()
		for _, name := range sortedKeys(attributes) {
			names = append(names, unknownIn(attributes[name], at.AtName(name))...)
		}
	case types.Map:
		elements := value.Elements()
		for _, key := range sortedKeys(elements) {
			names = append(names, unknownIn(elements[key], at.AtMapKey(key))...)
		}
	case types.List:
		for i, element := range value.Elements() {
			names = append(names, unknownIn(element, at.AtListIndex(i))...)
		}
	}
	return names
}

func sortedKeys[V any](entries map[string]V) []string { return slices.Sorted(maps.Keys(entries)) }
