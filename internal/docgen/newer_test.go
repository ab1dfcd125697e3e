package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Older versions of Terraform don't know list resources and actions, and OpenTofu
// knows neither, which their pages say.
func TestPages_listResourcesAndActions(t *testing.T) {
	t.Parallel()

	p := schemas(t)

	for dir, names := range map[string][]string{"list-resources": keys(p.ListResources), "actions": keys(p.Actions)} {
		for _, name := range names {
			file := filepath.Join("docs", dir, strings.TrimPrefix(name, typePrefix)+".md")

			page, err := os.ReadFile(filepath.Join(root, file))
			if err != nil {
				t.Errorf("%s can't be read: %s", file, err)

				continue
			}

			for _, version := range []string{"equire Terraform 1.14 or later", "OpenTofu 1.12 has no "} {
				if !strings.Contains(string(page), version) {
					t.Errorf("%s doesn't say that they %q", file, version)
				}
			}
		}
	}
}

// An identity is for import blocks, by which the page of its resource says how.
func TestPages_identities(t *testing.T) {
	t.Parallel()

	for name := range schemas(t).ResourceIdentities {
		file := filepath.Join("docs", "resources", strings.TrimPrefix(name, typePrefix)+".md")

		page, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Errorf("%s can't be read: %s", file, err)

			continue
		}

		for _, text := range []string{"Terraform 1.12 or later", "OpenTofu 1.12 or later", "### Identity Schema"} {
			if !strings.Contains(string(page), text) {
				t.Errorf("%s doesn't say %q", file, text)
			}
		}
	}
}

// An action can be triggered by a configuration, and invoked from the command line.
// Its examples show both.
func TestExamples_actions(t *testing.T) {
	t.Parallel()

	for name := range schemas(t).Actions {
		files, err := filepath.Glob(filepath.Join(root, "examples", "actions", name, "action*.tf"))
		if err != nil {
			t.Fatal(err)
		}

		var all strings.Builder

		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}

			all.Write(text)
		}

		for _, text := range []string{"action_trigger {", "actions = [action." + name + ".", "terraform apply -invoke=action." + name + "."} {
			if !strings.Contains(all.String(), text) {
				t.Errorf("no example of %s shows %q", name, text)
			}
		}
	}
}
