package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// expectEqual says in an error how two lists of lines differ.
func expectEqual(what string, got, want []string) error {
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("%s: got%s\nwant%s", what, listed(got), listed(want))
}

// listed writes one line below the other.
func listed(lines []string) string {
	if len(lines) == 0 {
		return " nothing"
	}
	return "\n  " + strings.Join(lines, "\n  ")
}

// describePlan says what a plan does with resources, one line for each that it
// does something with, in the order of their addresses: "create ADDRESS", or
// "update ADDRESS: attribute before -> after, …".
func describePlan(plan *tfjson.Plan) ([]string, error) {
	var lines []string
	for _, change := range plan.ResourceChanges {
		if change.Mode != tfjson.ManagedResourceMode {
			continue
		}
		line, err := describeChange(change)
		if err != nil {
			return nil, err
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// describeChange is empty where nothing happens.
func describeChange(change *tfjson.ResourceChange) (string, error) {
	var line string
	switch actions := change.Change.Actions; {
	case actions.Create():
		line = "create " + change.Address
	case actions.Delete():
		line = "delete " + change.Address
	case actions.Replace():
		line = "replace " + change.Address
	case actions.Update():
		attributes, err := describeUpdate(change.Change)
		if err != nil {
			return "", fmt.Errorf("%s: %w", change.Address, err)
		}
		line = "update " + change.Address + ": " + strings.Join(attributes, ", ")
	}
	if change.Change.Importing != nil {
		line = strings.TrimSuffix(fmt.Sprintf("import %s, %s", change.Address, line), ", ")
	}
	return line, nil
}

// describeUpdate lists the attributes that an update changes.
func describeUpdate(change *tfjson.Change) ([]string, error) {
	before, okBefore := change.Before.(map[string]any)
	after, okAfter := change.After.(map[string]any)
	unknown, okUnknown := change.AfterUnknown.(map[string]any)
	if !okBefore || !okAfter || !okUnknown {
		return nil, errors.New("the plan holds an update of something without attributes")
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	maps.Copy(names, unknown)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch {
		case unknown[name] == true:
			lines = append(lines, fmt.Sprintf("%s %v -> (known after apply)", name, before[name]))
		case !reflect.DeepEqual(before[name], after[name]):
			lines = append(lines, fmt.Sprintf("%s %v -> %v", name, before[name], after[name]))
		}
	}
	return lines, nil
}

// realTime is a time by this machine's clock, which nobody can foresee. The
// simulated clock shows no fractions of a second.
var realTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`)

// timeless puts a word in the place of real times.
func timeless(lines []string) []string {
	var without []string
	for _, line := range lines {
		without = append(without, realTime.ReplaceAllString(line, "TIME"))
	}
	return without
}

// configGeneration is a warning of Terraform itself.
const configGeneration = "Config generation is experimental"

// warning is the first line of a warning in Terraform's output.
var warning = regexp.MustCompile(`(?m)^(?:│ )?Warning: (.*)$`)

// warningsIn lists the kinds of the provider's warnings in Terraform's output,
// sorted. A headline that names an object after a colon counts once, whatever the
// object.
func warningsIn(output string) []string {
	var found []string
	for _, match := range warning.FindAllStringSubmatch(plain(output), -1) {
		if headline := strings.TrimSpace(match[1]); headline != configGeneration {
			kind, _, named := strings.Cut(headline, ": ")
			if !named || !slices.Contains(found, kind) {
				found = append(found, kind)
			}
		}
	}
	slices.Sort(found)
	return found
}

// decodePlan reads the output of terraform show -json.
func decodePlan(text string) (*tfjson.Plan, error) {
	var plan tfjson.Plan
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	return &plan, nil
}
