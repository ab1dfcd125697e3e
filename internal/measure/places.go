package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// blocks are the structs of package spec that hold a block's arguments.
var blocks = map[string]string{"Kubernetes": "kubernetes", "Docker": "docker"}

// near is how many lines apart two mentions may be and still are one place: a row
// of a table has the argument's name and its field.
const near = 2

// mentions are the lines of an argument by its file.
type mentions map[string][]int

// places tells where each argument is written: as a field of package spec, its
// definition included, or by its name.
func (m *measurement) places() (map[string][]string, error) {
	exports := map[string]string{}
	for _, p := range m.packages {
		exports[p.ImportPath] = p.Export
	}
	imports := importer.ForCompiler(m.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	c := &counter{fset: m.fset, fields: map[string]string{}, found: map[string]mentions{}}
	for _, p := range m.packages { // spec comes before those that import it
		if !strings.HasPrefix(p.ImportPath+"/", module+wing+"/") {
			continue
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(m.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", name, err)
			}
			files = append(files, file)
		}
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
		if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, m.fset, files, info); err != nil {
			return nil, fmt.Errorf("reading %s: %w", p.ImportPath, err)
		}
		for _, file := range files {
			if p.ImportPath == module+wing+"/spec" {
				c.define(file)
			}
		}
		for ident, object := range info.Uses {
			c.use(ident, object)
		}
		for _, file := range files {
			c.names(file)
		}
	}
	result := map[string][]string{}
	for path, mentioned := range c.found {
		result[path] = mentioned.places()
	}
	return result, nil
}

// counter collects mentions.
type counter struct {
	fset *token.FileSet
	// fields are the arguments' paths by the places of their fields.
	fields map[string]string
	found  map[string]mentions
}

// at is a file's name with its folder, and a line.
func (c *counter) at(pos token.Pos) (file string, line int) {
	p := c.fset.Position(pos)
	return filepath.Base(filepath.Dir(p.Filename)) + "/" + filepath.Base(p.Filename), p.Line
}

func (c *counter) mention(path string, pos token.Pos) {
	file, line := c.at(pos)
	c.found[path][file] = append(c.found[path][file], line)
}

// define reads the arguments from the tags of the blocks' structs.
func (c *counter) define(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || blocks[spec.Name.Name] == "" {
			return true
		}
		structure, _ := spec.Type.(*ast.StructType)
		for _, field := range structure.Fields.List {
			if field.Tag == nil {
				continue
			}
			tag, _ := strconv.Unquote(field.Tag.Value)
			path := blocks[spec.Name.Name] + "." + reflect.StructTag(tag).Get("tf")
			c.fields[c.place(field.Names[0].Pos())] = path
			c.found[path] = mentions{}
			c.mention(path, field.Pos())
		}
		return false
	})
}

// place is a field's, as it is in export data, too.
func (c *counter) place(pos token.Pos) string {
	file, line := c.at(pos)
	return fmt.Sprint(file, ":", line)
}

// use counts a field, and in the files of a block's schema a constant for the
// argument's name.
func (c *counter) use(ident *ast.Ident, object types.Object) {
	switch o := object.(type) {
	case *types.Var:
		if path := c.fields[c.place(o.Pos())]; o.IsField() && path != "" {
			c.mention(path, ident.Pos())
		}
	case *types.Const:
		if o.Val().Kind() == constant.String {
			c.name(constant.StringVal(o.Val()), ident.Pos())
		}
	}
}

// names counts an argument's names.
func (c *counter) names(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				c.name(text, n.Pos())
			}
		case *ast.CompositeLit: // a path such as []string{"kubernetes", "timezone"}
			if len(n.Elts) == 2 {
				c.path(text(n.Elts[0])+"."+text(n.Elts[1]), n.Pos())
			}
		}
		return true
	})
}

func text(of ast.Expr) string {
	literal, ok := of.(*ast.BasicLit)
	if !ok {
		return ""
	}
	value, _ := strconv.Unquote(literal.Value)
	return value
}

// name counts a text that is an argument's path, or in the files about a block an
// argument's name.
func (c *counter) name(text string, pos token.Pos) {
	c.path(text, pos)
	file, _ := c.at(pos)
	for _, block := range blocks {
		if strings.HasPrefix(file, filepath.Base(wing)+"/"+block) {
			c.path(block+"."+text, pos)
		}
	}
}

func (c *counter) path(path string, pos token.Pos) {
	if c.found[path] != nil {
		c.mention(path, pos)
	}
}

// places are the mentions of which none is near another.
func (m mentions) places() []string {
	var places []string
	for _, file := range slices.Sorted(maps.Keys(m)) {
		last := -near - 1
		for _, line := range slices.Sorted(slices.Values(m[file])) {
			if line-last > near {
				places = append(places, fmt.Sprintf("%s:%d", file, line))
			}
			last = line
		}
	}
	return places
}
