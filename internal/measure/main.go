// Command measure counts what the project limits: the lines of the upgrader's
// packages, and the places in which each of its arguments is written. Tests and
// generated files don't count. It is run in the module's root.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	wing   = "internal/upgrader"
	module = "github.com/harnessdelegate/terraform-provider-harnessdelegate/"

	mostLines  = 9500
	mostPlaces = 3
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	packages, err := list()
	if err != nil {
		return err
	}
	m := &measurement{fset: token.NewFileSet(), packages: packages, out: out}
	if err := m.lines(); err != nil {
		return err
	}
	return m.arguments()
}

// listed is a package as go list tells it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// list asks for all packages, and for what they import.
func list() ([]listed, error) {
	command := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", "./...") //nolint:noctx // ends by itself
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
		var one listed
		if err := decoder.Decode(&one); err != nil {
			return nil, fmt.Errorf("listing the packages: %w", err)
		}
		all = append(all, one)
	}
	return all, nil
}

type measurement struct {
	fset     *token.FileSet
	packages []listed
	out      io.Writer
}

func (m *measurement) printf(format string, args ...any) { _, _ = fmt.Fprintf(m.out, format, args...) }

// lines prints the lines of each package.
func (m *measurement) lines() error {
	all, ofWing := 0, 0
	for _, p := range m.packages {
		path, own := strings.CutPrefix(p.ImportPath+"/", module)
		if !own {
			continue
		}
		count := 0
		for _, file := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, file)) //nolint:gosec // a file of this module
			if err != nil {
				return fmt.Errorf("counting lines: %w", err)
			}
			count += bytes.Count(text, []byte("\n"))
		}
		m.printf("%6d  %s\n", count, path)
		if all += count; strings.HasPrefix(path, wing+"/") {
			ofWing += count
		}
	}
	m.printf("%6d  lines in all\n%6d  lines of %s, limit %d: %s\n\n", all, ofWing, wing, mostLines, verdict(ofWing <= mostLines))
	return nil
}

func verdict(within bool) string {
	if within {
		return "within the limit"
	}
	return "OVER THE LIMIT"
}

// arguments prints the places of each argument of the blocks.
func (m *measurement) arguments() error {
	places, err := m.places()
	if err != nil {
		return err
	}
	over := 0
	for _, path := range slices.Sorted(maps.Keys(places)) {
		if len(places[path]) > mostPlaces {
			over++
			m.printf("%3d  %-44s %s\n", len(places[path]), path, strings.Join(places[path], " "))
		}
	}
	m.printf("%d of %d arguments are written in more than %d places\n", over, len(places), mostPlaces)
	return nil
}
