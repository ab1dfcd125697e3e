package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	m := mentions{"b/row.go": {7, 5, 6}, "a/far.go": {10, 20, 20}}
	if diff := cmp.Diff([]string{"a/far.go:10", "a/far.go:20", "b/row.go:5"}, m.places()); diff != "" {
		t.Error(diff)
	}
}

// Names count in the files about their block, paths everywhere.
func TestCounter_names(t *testing.T) {
	t.Parallel()
	c := &counter{fset: token.NewFileSet(), fields: map[string]string{}, found: map[string]mentions{}}
	read := func(name, text string) {
		file, err := parser.ParseFile(c.fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		c.define(file)
		c.names(file)
	}
	read("/x/spec/upgrader.go", "package spec\ntype Kubernetes struct {\n\tNames\n\tTimezone string `tf:\"timezone\"`\n}\n")
	read("/x/upgrader/kubernetes_schema.go", "package upgrader\nvar a = \"timezone\"\n")
	read("/x/upgrader/docker_schema.go", "package upgrader\nvar b = \"timezone\"\n")
	read("/x/cronjob/fields.go", "package cronjob\nvar c = \"kubernetes.timezone\"\n\n\nvar d = []string{\"kubernetes\", \"timezone\"}\n")
	want := []string{"cronjob/fields.go:2", "cronjob/fields.go:5", "spec/upgrader.go:4", "upgrader/kubernetes_schema.go:2"}
	if diff := cmp.Diff(want, c.found["kubernetes.timezone"].places()); diff != "" || len(c.found) != 1 {
		t.Error(c.found, diff)
	}
}

// The real packages can be measured, and their arguments are found.
func TestRun(t *testing.T) {
	t.Chdir("../..")
	var out strings.Builder
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"lines of internal/upgrader, limit 9500", "  internal/upgrader/cronjob/", " arguments are written in more than 3 places"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no %q in\n%s", part, out.String())
		}
	}
	if strings.Contains(out.String(), " of 0 arguments") {
		t.Error("no arguments were found")
	}
}
