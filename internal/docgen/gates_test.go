package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docgen/schemajson"
)

// These tests hold the whole schema, its examples and its pages to one standard.
// They look at what the provider serves, so a new object is covered from its
// first line on.

var update = flag.Bool("update", false, "rewrite testdata/schema.json")

const typePrefix = "harnessdelegate_"

func schemas(t *testing.T) *schemajson.Provider {
	t.Helper()

	doc, err := read(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}

	return doc.Schemas[address]
}

// kind says where the examples and the page of one kind of object are kept.
type kind struct {
	dir     string   // below examples/ and docs/
	example string   // the example that every object of the kind has
	names   []string // type names, or function names
}

func objectKinds(p *schemajson.Provider) []kind {
	return []kind{
		{"resources", "resource.tf", keys(p.Resources)},
		{"data-sources", "data-source.tf", keys(p.DataSources)},
		{"ephemeral-resources", "ephemeral-resource.tf", keys(p.EphemeralResources)},
		{"list-resources", "list-resource.tfquery.hcl", keys(p.ListResources)},
		{"actions", "action.tf", keys(p.Actions)},
		{"functions", "function.tf", keys(p.Functions)},
	}
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}

	slices.Sort(names)

	return names
}

func TestExamples_complete(t *testing.T) {
	t.Parallel()

	p := schemas(t)

	var want []string

	want = append(want, "provider/provider.tf")

	for _, k := range objectKinds(p) {
		for _, name := range k.names {
			want = append(want, path.Join(k.dir, name, k.example))
		}
	}

	for name := range p.Resources {
		want = append(want,
			path.Join("resources", name, "import.sh"),
			path.Join("resources", name, "import-by-string-id.tf"))
	}

	for name := range p.ResourceIdentities {
		want = append(want, path.Join("resources", name, "import-by-identity.tf"))
	}

	for _, file := range want {
		info, err := os.Stat(filepath.Join(root, "examples", filepath.FromSlash(file)))

		switch {
		case err != nil:
			t.Errorf("examples/%s is missing", file)
		case info.Size() == 0:
			t.Errorf("examples/%s is empty", file)
		}
	}
}

func TestPages_complete(t *testing.T) {
	t.Parallel()

	want := []string{"index.md"}

	for _, k := range objectKinds(schemas(t)) {
		for _, name := range k.names {
			want = append(want, path.Join(k.dir, strings.TrimPrefix(name, typePrefix)+".md"))
		}
	}

	for _, file := range want {
		if _, err := os.Stat(filepath.Join(root, "docs", filepath.FromSlash(file))); err != nil {
			t.Errorf("docs/%s is missing: run make generate", file)
		}
	}
}

// An example folder, a page or a template that names no object is what a rename leaves behind.
func TestExamplesAndPages_noneLeftBehind(t *testing.T) {
	t.Parallel()

	for _, k := range objectKinds(schemas(t)) {
		for _, name := range entries(t, filepath.Join(root, "examples", k.dir)) {
			if !slices.Contains(k.names, name) {
				t.Errorf("examples/%s/%s belongs to nothing that the provider serves", k.dir, name)
			}
		}

		for _, top := range []string{"docs", "templates"} {
			for _, file := range entries(t, filepath.Join(root, top, k.dir)) {
				short := strings.TrimSuffix(strings.TrimSuffix(file, ".tmpl"), ".md")
				if !slices.Contains(k.names, typePrefix+short) && !slices.Contains(k.names, short) {
					t.Errorf("%s/%s/%s belongs to nothing that the provider serves", top, k.dir, file)
				}
			}
		}
	}
}

// entries lists a folder, which need not exist.
func entries(t *testing.T, dir string) []string {
	t.Helper()

	found, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}

	names := make([]string, 0, len(found))
	for _, e := range found {
		names = append(names, e.Name())
	}

	return names
}

// node is one place in a schema that a reader of the documentation sees.
type node struct {
	where       string // such as "resource harnessdelegate_x: kubernetes.token"
	description string
	kind        string
	attribute   *schemajson.Attribute            // nil for blocks
	siblings    map[string]*schemajson.Attribute // what the attribute stands beside
	name        string                           // of the attribute
}

// nodes walks every schema of the provider.
func nodes(p *schemajson.Provider) []node {
	var all []node

	block := func(what string, b *schemajson.Block) {
		all = append(all, blockNodes(what, b)...)
	}

	block("provider", p.Provider.Block)

	for name, s := range p.Resources {
		block("resource "+name, s.Block)
	}

	for name, s := range p.DataSources {
		block("data source "+name, s.Block)
	}

	for name, s := range p.EphemeralResources {
		block("ephemeral resource "+name, s.Block)
	}

	for name, s := range p.ListResources {
		block("list resource "+name, s.Block)
	}

	for name, a := range p.Actions {
		block("action "+name, a.Block)
	}

	slices.SortFunc(all, func(a, b node) int { return strings.Compare(a.where, b.where) })

	return all
}

func blockNodes(where string, b *schemajson.Block) []node {
	all := []node{{where: where, description: b.Description, kind: b.DescriptionKind}}
	all = append(all, attributeNodes(where, b.Attributes)...)

	for name, nested := range b.BlockTypes {
		all = append(all, blockNodes(where+": "+name, nested.Block)...)
	}

	return all
}

func attributeNodes(where string, attributes map[string]*schemajson.Attribute) []node {
	var all []node

	for name, a := range attributes {
		here := where + ": " + name
		all = append(all, node{
			where: here, description: a.Description, kind: a.DescriptionKind,
			attribute: a, siblings: attributes, name: name,
		})

		if a.NestedType != nil {
			all = append(all, attributeNodes(here, a.NestedType.Attributes)...)
		}
	}

	return all
}

func TestSchema_descriptions(t *testing.T) {
	t.Parallel()

	p := schemas(t)

	for _, n := range nodes(p) {
		// The library behind the timeouts attribute takes plain texts only.
		if n.kind != "markdown" && !strings.Contains(n.where, ": timeouts: ") {
			t.Errorf("%s: set MarkdownDescription", n.where)
		}

		checkSentence(t, n.where, n.description)
	}

	for name, f := range p.Functions {
		checkSentence(t, "function "+name, f.Description)

		for _, param := range append(slices.Clone(f.Parameters), f.VariadicParameter) {
			if param != nil {
				checkSentence(t, "function "+name+": "+param.Name, param.Description)
			}
		}
	}

	for name, identity := range p.ResourceIdentities {
		for attribute, a := range identity.Attributes {
			checkSentence(t, "identity of "+name+": "+attribute, a.Description)
		}
	}
}

func checkSentence(t *testing.T, where, text string) {
	t.Helper()

	switch {
	case text == "":
		t.Errorf("%s: has no description", where)
	case strings.TrimSpace(text) != text:
		t.Errorf("%s: description starts or ends with white space: %q", where, text)
	case !strings.HasSuffix(text, "."):
		t.Errorf("%s: description does not end with a full stop: %q", where, text)
	}
}

var secretName = regexp.MustCompile(`token|secret|password|api_key`)

// notSecret lists attributes whose name sounds like a secret but whose value is
// none, with the reason. Keys are node names as in the failure message.
var notSecret = func() map[string]string {
	const name = "the name of a Secret"
	result := map[string]string{}
	for _, object := range []string{"resource harnessdelegate_upgrader", "data source harnessdelegate_upgrader_manifest"} {
		for _, attribute := range []string{"custom_ca_secret", "existing_secret", "image_pull_secrets", "mtls_secret", "secret_name"} {
			result[object+": kubernetes: "+attribute] = name
		}
	}
	return result
}()

func TestSchema_secrets(t *testing.T) {
	t.Parallel()

	p := schemas(t)
	used := map[string]bool{}

	for _, n := range nodes(p) {
		if n.attribute == nil {
			continue
		}

		if secretName.MatchString(n.name) && mayHoldText(n.attribute) && !n.attribute.Sensitive && !n.attribute.WriteOnly {
			if notSecret[n.where] == "" {
				t.Errorf("%s: set Sensitive or WriteOnly", n.where)
			}

			used[n.where] = true
		}

		if strings.HasSuffix(n.name, "_wo") != n.attribute.WriteOnly {
			t.Errorf("%s: write-only attributes, and only they, have names in _wo", n.where)
		}

		if n.attribute.WriteOnly && n.siblings[n.name+"_version"] == nil {
			t.Errorf("%s: has no %s_version beside it, so a changed value would go unnoticed", n.where, n.name)
		}
	}

	for where := range notSecret {
		if !used[where] {
			t.Errorf("notSecret names %q, which needs no exception any more", where)
		}
	}
}

// mayHoldText is false for numbers and booleans, which hold versions and
// switches, and for nested attributes, whose parts are looked at one by one.
func mayHoldText(a *schemajson.Attribute) bool {
	return a.NestedType == nil && !a.Type.Is(tftypes.Number) && !a.Type.Is(tftypes.Bool)
}

// The golden file holds the schema without its texts. It changes whenever an
// object or attribute appears, goes, or changes its type or its rules, so that
// a breaking change cannot slip through a review.
func TestSchema_golden(t *testing.T) {
	t.Parallel()

	doc, err := read(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}

	full, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}

	var tree any
	if err := json.Unmarshal(full, &tree); err != nil {
		t.Fatal(err)
	}

	dropTexts(tree)

	got, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		t.Fatal(err)
	}

	got = append(got, '\n')
	file := filepath.Join("testdata", "schema.json")

	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}

		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}

		return
	}

	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}

	if !bytes.Equal(got, want) {
		t.Errorf("the schema changed (-golden +served):\n%s\n"+
			"If that is meant, run go test ./internal/docgen -run TestSchema_golden -update and say so in CHANGELOG.md. "+
			"A removed, renamed or retyped attribute breaks existing configurations, and states need an upgrader.",
			cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
	}
}

// dropTexts removes descriptions. An attribute that is itself called
// "description" stays: its value is an object, not a text.
func dropTexts(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			dropTexts(e)
		}
	case map[string]any:
		for _, key := range []string{"description", "description_kind", "summary"} {
			if _, ok := v[key].(string); ok {
				delete(v, key)
			}
		}

		for _, e := range v {
			dropTexts(e)
		}
	}
}

// Pages are reached through links between each other. A link to a page that is
// not there is found here, without a network.
func TestPages_relativeLinks(t *testing.T) {
	t.Parallel()

	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)

	err := filepath.WalkDir(filepath.Join(root, "docs"), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".md" {
			return err
		}

		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading a page: %w", err)
		}

		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			target := match[1]
			if strings.Contains(target, ":") {
				continue
			}

			// The registry shows pages without their extension, so links may leave it out.
			target = filepath.Join(filepath.Dir(file), filepath.FromSlash(target))
			if _, err := os.Stat(target); err == nil {
				continue
			}

			if _, err := os.Stat(target + ".md"); err != nil {
				t.Errorf("%s links to %s, which is not there", file, match[1])
			}
		}

		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
