package lang_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/waybill-dev/waybill/lang/diag"
)

// sarifSchema is the schema of SARIF 2.1.0 that its standard publishes.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(readFile(t, filepath.Join("diag", "testdata", "sarif-schema-2.1.0.json"))))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func checkSARIF(t *testing.T, schema *jsonschema.Schema, name string, text []byte) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("%s is no SARIF: %v", name, err)
	}
}

// What is written as SARIF is what its schema says, for every invalid example, for
// every code, and for no problem at all.
func TestSARIFSchema(t *testing.T) {
	t.Parallel()
	schema := sarifSchema(t)
	write := func(name string, l diag.List, o diag.SARIFOptions) {
		t.Helper()
		var b bytes.Buffer
		if err := diag.WriteSARIF(&b, l, o); err != nil {
			t.Fatal(err)
		}
		checkSARIF(t, schema, name, b.Bytes())
	}
	for _, path := range invalidFiles(t) {
		list, sources := load(t, readFile(t, path))
		write(path, list, diag.SARIFOptions{Base: "loads/daily", Version: version, Sources: sources})
		write(path, list, diag.SARIFOptions{})
	}
	var every diag.List
	for _, e := range diag.Entries() {
		every = append(every, e.Code.New(nil, "Summary", "A detail."))
	}
	write("every code", every, diag.SARIFOptions{})
	write("nothing", nil, diag.SARIFOptions{})
	written, err := filepath.Glob(filepath.Join("diag", "testdata", "sarif", "*.json"))
	if err != nil || len(written) == 0 {
		t.Fatalf("no logs of package diag: %v", err)
	}
	for _, path := range written {
		checkSARIF(t, schema, path, readFile(t, path))
	}
}

// The schema is whole: it refuses what is no SARIF.
func TestSARIFSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := sarifSchema(t)
	for _, text := range []string{
		`{}`, `{"version": "2.0.0", "runs": []}`, `{"version": "2.1.0", "runs": [{}]}`,
		`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "x"}, "level": "info"}]}]}`,
	} {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(document) == nil {
			t.Errorf("the schema accepts %s", text)
		}
	}
}
