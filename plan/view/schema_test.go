package view_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// TestSchema holds each JSON Schema to the types that it describes, and its copy in
// docs to it. Under -update it writes both.
func TestSchema(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, title string
		of          reflect.Type
		promised    map[string]bool
		embedded    []byte
	}{
		{"plan.schema.json", "Waybill plan " + plan.FormatVersion, reflect.TypeFor[plan.Plan](), promised(t), view.JSONSchema()},
		{"plan-run.schema.json", "Waybill plan of a run " + plan.AdHocVersion, reflect.TypeFor[plan.AdHoc](), nil, view.AdHocJSONSchema()},
	} {
		s := &describer{defs: map[string]any{}, words: map[string]string{}, promised: c.promised}
		for _, dir := range []string{"plan", "plan/coverage", "lang/window", "lang/diag"} {
			s.read(t, dir)
		}
		root := s.object(c.of)
		root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
		root["title"] = c.title
		root["$defs"] = s.defs
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(root); err != nil {
			t.Fatal(err)
		}
		golden(t, "../"+c.name, b.Bytes())
		golden(t, "../../../docs/"+c.name, b.Bytes())
		if diff := cmp.Diff(b.String(), string(c.embedded)); diff != "" && !*update {
			t.Error(diff)
		}
	}
}

// TestCompatibility keeps the promise of a major version: every key that 1.0 had
// is there, under its path, with its type, and as certain to be there.
func TestCompatibility(t *testing.T) {
	t.Parallel()
	var now []string
	keys(reflect.TypeFor[plan.Plan](), func(path string, required bool, kind string) {
		now = append(now, fmt.Sprintf("%s %s%s", path, kind, map[bool]string{true: " required"}[required]))
	})
	for line := range promised(t) {
		if !slices.Contains(now, line) {
			t.Errorf("%q of 1.0 is not so any more: within a major version keys are only added", line)
		}
	}
}

// promised is the lines of testdata/plan-1.0.txt, the keys of 1.0.
func promised(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/plan-1.0.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		lines[strings.TrimSpace(line)] = true
	}
	return lines
}

// TestDocuments validates every document that is in the tree, those of 1.0 too.
func TestDocuments(t *testing.T) {
	t.Parallel()
	plans, err := filepath.Glob("../../examples/*/plan*.json")
	if err != nil || len(plans) == 0 {
		t.Fatalf("no plans in examples (%v)", err)
	}
	plans = append(plans, "testdata/plan-1.0.json")
	for _, c := range cases {
		plans = append(plans, "testdata/"+c.name+".json")
	}
	var runs []string
	for _, c := range adhocCases {
		runs = append(runs, "testdata/"+c.name+".json")
	}
	valid(t, view.JSONSchema(), plans)
	valid(t, view.AdHocJSONSchema(), runs)
}

// valid demands that a schema holds for documents, and not for one without keys.
func valid(t *testing.T, text []byte, documents []string) {
	t.Helper()
	c := jsonschema.NewCompiler()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	c.AssertFormat()
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range documents {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if schema.Validate(map[string]any{"format_version": "1.0"}) == nil {
		t.Error("a document without its keys is valid")
	}
}

// TestJSONIsOneDocument compares what is written piece by piece with the document
// made at once.
func TestJSONIsOneDocument(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		p := plan.Make(c.in())
		var whole, pieces bytes.Buffer
		if err := view.JSON(&pieces, p); err != nil {
			t.Fatal(err)
		}
		p.Graph, p.Zones = nil, nil
		e := json.NewEncoder(&whole)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(p); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole.String(), pieces.String()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// describer writes the schema of types, in the words of their comments.
type describer struct {
	defs     map[string]any
	words    map[string]string // by package.Type or package.Type.Field
	promised map[string]bool
}

// read takes the comments of a package, and the values of its named texts.
func (s *describer) read(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s (%v)", dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				s.declaration(f.Name.Name, g)
			}
		}
	}
}

func (s *describer) declaration(in string, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		typed, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		name := in + "." + typed.Name.Name
		s.words[name] = sentence(g.Doc.Text())
		fields, ok := typed.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range fields.Fields.List {
			for _, n := range f.Names {
				s.words[name+"."+n.Name] = sentence(f.Doc.Text() + " " + f.Comment.Text())
			}
		}
	}
}

func sentence(s string) string { return strings.Join(strings.Fields(s), " ") }

// object describes a struct.
func (s *describer) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	of := nameOf(t)
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "" || withheld(t, key) {
			continue
		}
		value := s.value(f.Type)
		if words := s.words[of+"."+f.Name]; words != "" {
			value["description"] = words
		}
		properties[key] = value
		if !strings.Contains(options, "omit") && s.since10(t, f, key) {
			required = append(required, key)
		}
	}
	o := map[string]any{"type": "object", "properties": properties, "required": required}
	if words := s.words[of]; words != "" {
		o["description"] = words
	}
	return o
}

// since10 reports whether documents of 1.0 have a key, or nothing of its type: what
// came to a type later is not in all documents of the major version.
func (s *describer) since10(t reflect.Type, f reflect.StructField, key string) bool {
	known := false
	for line := range s.promised {
		where, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(where, nameOf(t)+".") {
			known = true
			if where == nameOf(t)+"."+key {
				return true
			}
		}
	}
	return !known
}

// nameOf is the name of a type with its package.
func nameOf(t reflect.Type) string { return path.Base(t.PkgPath()) + "." + t.Name() }

func withheld(t reflect.Type, key string) bool {
	return t == reflect.TypeFor[plan.Plan]() && (key == "graph" || key == "zones")
}

func (s *describer) value(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch kindOf(t) {
	case "object":
		name := nameOf(t)
		if s.defs[name] == nil {
			s.defs[name] = true // one that holds itself ends here
			s.defs[name] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case "array":
		return map[string]any{"type": "array", "items": s.value(t.Elem())}
	case "time":
		return map[string]any{"type": "string", "format": "date-time"}
	case "any":
		return map[string]any{}
	default:
		return map[string]any{"type": kindOf(t)}
	}
}

// kindOf is the type of a value in JSON, and "time" for an instant.
func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return "any"
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()):
		return "string"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.String:
		return "string"
	default:
		panic("no JSON for " + t.String())
	}
}

// keys visits every key of the types that a document is made of, each type once.
func keys(t reflect.Type, visit func(path string, required bool, kind string)) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && kindOf(t) == "array" {
			t = t.Elem()
		}
		if kindOf(t) != "object" || seen[t] {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			key, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if key == "" || withheld(t, key) {
				continue
			}
			visit(nameOf(t)+"."+key, !strings.Contains(options, "omit"), kindOf(t.Field(i).Type))
			walk(t.Field(i).Type)
		}
	}
	walk(t)
}
