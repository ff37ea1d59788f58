package lang_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

// document is the JSON Schema as a reader sees it.
type document map[string]any

func readSchema(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(lang.JSONSchema(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// bodies finds the definitions that a property leads to, through lists, labels
// and references.
func (d document) bodies(schema any) []document {
	s, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	if ref, ok := s["$ref"].(string); ok {
		body, _ := d["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		return []document{body}
	}
	var found []document
	if list, ok := s["anyOf"].([]any); ok {
		found = append(found, d.bodies(list[0])...)
	}
	found = append(found, d.bodies(s["additionalProperties"])...)
	if properties, ok := s["properties"].(map[string]any); ok {
		for _, p := range properties {
			found = append(found, d.bodies(p)...)
		}
	}
	return found
}

// TestJSONSchemaIsWhole finds every block and attribute of the table in the JSON
// Schema, with all that the table says of it.
func TestJSONSchemaIsWhole(t *testing.T) {
	t.Parallel()
	d := readSchema(t)
	attributes := 0
	var visit func(path string, b *lang.Block, bodies []document)
	visit = func(path string, b *lang.Block, bodies []document) {
		if len(bodies) == 0 {
			t.Errorf("%s has no definition", path)
		}
		for _, a := range b.Attributes {
			found := 0
			for _, body := range bodies {
				properties := body["properties"].(map[string]any)
				p, ok := properties[a.Name].(map[string]any)
				if !ok {
					continue
				}
				found++
				attributes++
				required, _ := body["required"].([]any)
				checkProperty(t, path+"."+a.Name, a, p, slices.Contains(required, any(a.Name)))
			}
			want := len(bodies)
			if a.Only != nil {
				want = len(a.Only)
			}
			if found != want {
				t.Errorf("%s.%s stands in %d definitions, want %d", path, a.Name, found, want)
			}
		}
		for _, n := range b.Blocks {
			for _, body := range bodies {
				p, ok := body["properties"].(map[string]any)[n.Type]
				if !ok {
					t.Errorf("%s.%s is missing", path, n.Type)
					continue
				}
				visit(path+"."+n.Type, n, d.bodies(p))
			}
		}
	}
	visit("workspace", lang.Schema(), []document{d})
	if attributes < 100 {
		t.Errorf("only %d attributes were compared", attributes)
	}
}

func checkProperty(t *testing.T, path string, a lang.Attribute, p map[string]any, required bool) {
	t.Helper()
	if p["description"] != a.Doc {
		t.Errorf("%s: description %v, want %q", path, p["description"], a.Doc)
	}
	if p["x-since"] != a.Release() {
		t.Errorf("%s: x-since %v, want %q", path, p["x-since"], a.Release())
	}
	if required != a.Required {
		t.Errorf("%s: required %v, want %v", path, required, a.Required)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p["default"]; ok != (a.Default != "") {
		t.Errorf("%s: default in %s, want %q", path, text, a.Default)
	}
	if a.Required && p["examples"] == nil {
		t.Errorf("%s has no example", path)
	}
	words, err := json.Marshal(a.Words)
	if err != nil {
		t.Fatal(err)
	}
	if (a.Kind == lang.Word || a.Kind == lang.Words) && !bytes.Contains(text, words) {
		t.Errorf("%s: %s does not list %s", path, text, words)
	}
}

// Every reference leads somewhere, every pattern compiles, and the same bytes
// come out each time.
func TestJSONSchemaIsSound(t *testing.T) {
	t.Parallel()
	text := lang.JSONSchema()
	if !bytes.Equal(text, lang.JSONSchema()) {
		t.Error("the second schema differs from the first")
	}
	d := readSchema(t)
	defs := d["$defs"].(map[string]any)
	for _, m := range regexp.MustCompile(`"#/\$defs/([^"]+)"`).FindAllSubmatch(text, -1) {
		if defs[string(m[1])] == nil {
			t.Errorf("there is no definition %s", m[1])
		}
	}
	for name := range defs {
		if !bytes.Contains(text, []byte(`"#/$defs/`+name+`"`)) {
			t.Errorf("nothing refers to %s", name)
		}
	}
}
