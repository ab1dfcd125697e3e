package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Terraform's schema has no descriptions for what a function returns, so that
// pages have them by hand: one for each attribute, and the versions of
// Terraform and OpenTofu that know functions.
func TestPages_functions(t *testing.T) {
	t.Parallel()

	for name, f := range schemas(t).Functions {
		page, err := os.ReadFile(filepath.Join(root, "docs", "functions", name+".md"))
		if err != nil {
			t.Errorf("docs/functions/%s.md can't be read: %s", name, err)

			continue
		}

		for _, attribute := range resultAttributes(f.ReturnType) {
			if !strings.Contains(string(page), "* `"+attribute+"` (") {
				t.Errorf("docs/functions/%s.md doesn't describe %s of its result: add it to templates/functions/%s.md.tmpl", name, attribute, name)
			}
		}

		for _, version := range []string{"Terraform 1.8 or later", "OpenTofu 1.7 or later"} {
			if !strings.Contains(string(page), version) {
				t.Errorf("docs/functions/%s.md doesn't say that it needs %s", name, version)
			}
		}

		if !strings.HasSuffix(f.Summary, ".") || strings.Contains(f.Summary, "`") {
			t.Errorf("function %s: its summary must be a plain sentence: %q", name, f.Summary)
		}
	}
}

// resultAttributes are the names of an object's attributes, and of those in it.
func resultAttributes(result tftypes.Type) []string {
	var names []string

	switch result := result.(type) {
	case tftypes.Object:
		for name, kind := range result.AttributeTypes {
			names = append(names, name)
			names = append(names, resultAttributes(kind)...)
		}
	case tftypes.List:
		names = resultAttributes(result.ElementType)
	}

	return names
}
