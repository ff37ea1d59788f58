package lang_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/waybill-dev/waybill/lang"
)

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(lang.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("waybill.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("waybill.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func obeys(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return schema.Validate(value)
}

// TestJSONSchemaTakesExamples holds every example, written as JSON, to the
// schema.
func TestJSONSchemaTakesExamples(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for dir, files := range workspaces(t) {
		for _, nested := range []bool{false, true} {
			for name, text := range toJSON(t, files, nested) {
				if err := obeys(t, schema, text); err != nil {
					t.Errorf("%s: %v", filepath.Join(dir, name), err)
				}
			}
		}
	}
}

func TestJSONSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"empty", `{}`, true},
		{"comments", `{"$schema": "x", "//": 1, "courier": {"//": [], "a": {"//": {}, "exec": {"command": ["x"]}}}}`, true},
		{"two couriers, nested", `{"courier": {"a": {"exec": {"command": ["x"]}}, "b": {"exec": {"command": ["x"]}}}}`, true},
		{"an expression for a number", `{"waybill": {"max_concurrent": "${var.n}"}}`, true},
		{"dynamic", `{"courier": {"a": {"filedrop": {"url": "x"}, "dynamic": {"file": {"for_each": ["a"], "labels": ["${file.key}"], "content": {"pattern": "x"}}}}}}`, true},
		{"a dynamic source", `{"courier": {"a": {"dynamic": {"exec": {"for_each": [1], "content": {"command": ["x"]}}}}}}`, true},
		{"dynamic without labels", `{"courier": {"a": {"filedrop": {"url": "x"}, "dynamic": {"file": {"for_each": ["a"], "content": {"pattern": "x"}}}}}}`, false},
		{"no list", `[]`, false},
		{"unknown block", `{"couriers": {}}`, false},
		{"unknown attribute", `{"waybill": {"zone": "UTC"}}`, false},
		{"required attribute", `{"courier": {"a": {"exec": {}}}}`, false},
		{"no source", `{"courier": {"a": {"timeout": "1h"}}}`, false},
		{"two sources", `{"courier": {"a": {"exec": {"command": ["x"]}, "filedrop": {"url": "x"}}}}`, false},
		{"no action", `{"process": {"a": {}}}`, false},
		{"two actions", `{"bridge": {"a": {"exec": {"command": ["x"]}, "http": {"url": "https://x.example"}}}}`, false},
		{"two actions of an activation", `{"activation": {"campaign": {"a": {"exec": {"command": ["x"]}, "http": {"url": "https://x.example"}}}}}`, false},
		{"unknown type", `{"activation": {"email": {"a": {"exec": {"command": ["x"]}}}}}`, false},
		{"a secret in two places", `{"secret": {"a": {"env": "A", "file": "a"}}}`, false},
		{"a reference without interpolation", `{"courier_group": {"a": {"couriers": ["courier.a"]}}}`, false},
		{"a label that is no name", `{"courier": {"a b": {"exec": {"command": ["x"]}}}}`, false},
	} {
		err := obeys(t, schema, []byte(tt.text))
		if tt.ok && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if !tt.ok && err == nil {
			t.Errorf("%s: the schema takes it: %s", tt.name, tt.text)
		}
	}
}
