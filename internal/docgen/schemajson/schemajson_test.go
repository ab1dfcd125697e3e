package schemajson_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docgen/schemajson"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docgen/schematest"
)

const tinyAddress = "registry.terraform.io/example/tiny"

// TestMain makes this test binary double as the plugin: started under the
// plugin's name it serves the tiny provider instead of running the tests.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "terraform-provider-tiny") {
		err := providerserver.Serve(context.Background(), newTiny, providerserver.ServeOpts{Address: tinyAddress})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}

		return
	}

	os.Exit(m.Run())
}

func readTiny(t *testing.T) []byte {
	t.Helper()

	server, err := providerserver.NewProtocol6WithError(newTiny())()
	if err != nil {
		t.Fatal(err)
	}

	doc, err := schemajson.Read(t.Context(), tinyAddress, server)
	if err != nil {
		t.Fatal(err)
	}

	out, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}

	return out
}

func TestRead_sameAsTerraform(t *testing.T) {
	t.Parallel()

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	plugin := "terraform-provider-tiny"
	if runtime.GOOS == "windows" {
		plugin += ".exe"
	}

	binDir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(binDir, plugin)); err != nil {
		t.Skipf("no symbolic links here: %s", err)
	}

	schematest.CompareWithTerraform(t, readTiny(t), tinyAddress, binDir)
}

// The kinds that Terraform 1.11 does not print, so that the comparison above
// may not see them.
func TestRead_newKinds(t *testing.T) {
	t.Parallel()

	var doc struct {
		Schemas map[string]map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.Unmarshal(readTiny(t), &doc); err != nil {
		t.Fatal(err)
	}

	for kind, want := range map[string]string{
		"resource_identity_schemas": `{"tiny_thing": {"version": 2, "attributes": {
			"name":   {"type": "string", "description": "The name.", "required_for_import": true},
			"region": {"type": "string", "optional_for_import": true}}}}`,
		"list_resource_schemas": `{"tiny_thing": {"version": 0, "block": {
			"attributes": {"prefix": {"type": "string", "description_kind": "plain", "optional": true}},
			"description": "Finds things.", "description_kind": "markdown"}}}`,
		"action_schemas": `{"tiny_poke": {"block": {
			"attributes": {"times": {"type": "number", "description_kind": "plain", "required": true}},
			"description": "Pokes.", "description_kind": "markdown"}}}`,
	} {
		var gotValue, wantValue any
		if err := json.Unmarshal(doc.Schemas[tinyAddress][kind], &gotValue); err != nil {
			t.Fatalf("%s: %s", kind, err)
		}

		if err := json.Unmarshal([]byte(want), &wantValue); err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(wantValue, gotValue); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", kind, diff)
		}
	}
}

// broken answers one of the two calls with a diagnostic.
type broken struct {
	tfprotov6.ProviderServer

	schemaFails bool
}

func (b broken) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp := &tfprotov6.GetProviderSchemaResponse{}
	if b.schemaFails {
		resp.Diagnostics = failure()
	}

	return resp, nil
}

func (b broken) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{Diagnostics: failure()}, nil
}

func failure() []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "Only a Warning"},
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Bad Schema", Detail: "It is bad."},
	}
}

func TestRead_errors(t *testing.T) {
	t.Parallel()

	for _, server := range []broken{{schemaFails: true}, {schemaFails: false}} {
		_, err := schemajson.Read(t.Context(), tinyAddress, server)
		if err == nil || !strings.HasSuffix(err.Error(), "Bad Schema: It is bad.") {
			t.Errorf("schemaFails=%t: got error %v, want the diagnostic's text", server.schemaFails, err)
		}
	}
}
