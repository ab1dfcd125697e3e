package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docgen/schematest"
)

// root is the top of the repository, seen from this package.
const root = "../.."

// The binary that users get, asked by a real Terraform, must show the schema
// that the pages are generated from.
func TestAccDocgen_sameAsTerraform(t *testing.T) {
	t.Parallel()

	binDir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binDir+string(filepath.Separator), ".")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")

	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %s\n%s", err, out)
	}

	var ours bytes.Buffer
	if err := run(t.Context(), &ours, address); err != nil {
		t.Fatal(err)
	}

	schematest.CompareWithTerraform(t, ours.Bytes(), address, binDir)
}
