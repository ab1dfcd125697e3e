package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Older versions of Terraform don't know ephemeral resources, which their pages
// say.
func TestPages_ephemeralResources(t *testing.T) {
	t.Parallel()

	for name := range schemas(t).EphemeralResources {
		file := filepath.Join("docs", "ephemeral-resources", strings.TrimPrefix(name, typePrefix)+".md")

		page, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Errorf("%s can't be read: %s", file, err)

			continue
		}

		for _, version := range []string{"Terraform 1.10 or later", "OpenTofu 1.11 or later"} {
			if !strings.Contains(string(page), version) {
				t.Errorf("%s doesn't say that it needs %s", file, version)
			}
		}
	}
}
