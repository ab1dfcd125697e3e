package cronjob

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Manifest is an upgrader's objects as they would be sent, by KIND/NAME.
func Manifest(u spec.Upgrader) (map[string]any, *spec.Failure) {
	rendered, failure := render(u)
	if failure != nil {
		return nil, failure
	}
	byName := make(map[string]any, len(rendered))
	for k, object := range rendered {
		byName[k.String()] = untyped(object).Object
	}
	return byName, nil
}

// YAML writes an upgrader's objects as one file of several documents.
func YAML(u spec.Upgrader) (string, *spec.Failure) {
	rendered, failure := render(u)
	if failure != nil {
		return "", failure
	}
	documents := make([]string, 0, len(rendered))
	for _, k := range keysOf(u) {
		document, err := yaml.Marshal(untyped(rendered[k]).Object)
		if err != nil {
			panic(err) // objects of the API can be encoded
		}
		documents = append(documents, string(document))
	}
	return strings.Join(slices.Clip(documents), "---\n"), nil
}
