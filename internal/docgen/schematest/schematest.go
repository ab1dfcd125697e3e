// Package schematest compares schema JSON made by this module with what a real
// Terraform prints for the same provider.
package schematest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// since lists the first Terraform version (major, minor) that prints a kind of
// schema, for the kinds that are newer than write-only attributes (1.11).
var since = map[string][2]int{
	"resource_identity_schemas": {1, 12},
	"list_resource_schemas":     {1, 14},
	"action_schemas":            {1, 14},
}

// CompareWithTerraform runs "terraform providers schema -json" with the
// provider binary found in binDir and fails the test where ours, a whole
// document, differs from it. The test is skipped where there is no terraform.
//
// The binary is used through a development override, so nothing is installed
// and no registry is asked.
func CompareWithTerraform(t *testing.T, ours []byte, address, binDir string) {
	t.Helper()

	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("no terraform on PATH")
	}

	version := terraformVersion(t, terraform)
	if version[0] == 1 && version[1] < 11 {
		t.Skipf("Terraform %d.%d does not print write-only attributes", version[0], version[1])
	}

	dir := t.TempDir()
	name := address[strings.LastIndex(address, "/")+1:]

	write(t, filepath.Join(dir, "main.tf"), fmt.Sprintf(
		"terraform {\n  required_providers {\n    %s = {\n      source = %q\n    }\n  }\n}\n", name, address))
	write(t, filepath.Join(dir, "dev.tfrc"), fmt.Sprintf(
		"provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", address, binDir))

	theirs := run(t, dir, terraform, "providers", "schema", "-json")

	got, want := kinds(t, ours, address), kinds(t, theirs, address)

	for kind := range want {
		if _, ok := got[kind]; !ok {
			t.Errorf("Terraform prints %s, which is missing here", kind)
		}
	}

	for kind := range got {
		if first, ok := since[kind]; ok && slices.Compare(version[:], first[:]) < 0 {
			t.Logf("not compared: Terraform %d.%d does not print %s", version[0], version[1], kind)

			continue
		}

		if diff := cmp.Diff(want[kind], got[kind]); diff != "" {
			t.Errorf("%s differs (-Terraform +ours):\n%s", kind, diff)
		}
	}
}

// kinds returns the schemas of one provider by kind, as plain JSON values.
func kinds(t *testing.T, document []byte, address string) map[string]any {
	t.Helper()

	var parsed struct {
		FormatVersion string                    `json:"format_version"`
		Schemas       map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatalf("decoding the schema: %s\n%s", err, document)
	}

	if parsed.FormatVersion != "1.0" {
		t.Errorf("format_version is %q, want 1.0", parsed.FormatVersion)
	}

	found, ok := parsed.Schemas[address]
	if !ok {
		t.Fatalf("no schema for %s in\n%s", address, document)
	}

	return found
}

func terraformVersion(t *testing.T, terraform string) [2]int {
	t.Helper()

	var parsed struct {
		Version string `json:"terraform_version"`
	}

	out := run(t, t.TempDir(), terraform, "version", "-json")
	if err := json.Unmarshal(out, &parsed); err != nil {
		t.Fatalf("decoding the Terraform version: %s\n%s", err, out)
	}

	var version [2]int

	for i, part := range strings.SplitN(parsed.Version, ".", 3)[:2] {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("Terraform version %q: %s", parsed.Version, err)
		}

		version[i] = n
	}

	return version
}

// run returns the standard output of one Terraform command. The command line
// configuration of the machine is kept out.
func run(t *testing.T, dir string, name string, args ...string) []byte {
	t.Helper()

	config := filepath.Join(dir, "dev.tfrc")
	if _, err := os.Stat(config); err != nil {
		write(t, config, "")
	}

	var stdout, stderr bytes.Buffer

	cmd := exec.CommandContext(t.Context(), name, args...) //nolint:gosec // terraform, with arguments written in this file
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_LOG=")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr

	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %s\n%s", name, strings.Join(args, " "), err, stderr.String())
	}

	return stdout.Bytes()
}

func write(t *testing.T, path, content string) {
	t.Helper()

	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
