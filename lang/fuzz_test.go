package lang_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

// Of a load in a fuzz test: how long the text may be, and the steps it may take.
const (
	fuzzText  = 64 << 10
	fuzzSteps = 100_000
)

// FuzzLoad demands that any text gives a graph or an error, the same one each
// time, and never a panic, within a fixed budget of steps.
func FuzzLoad(f *testing.F) {
	for _, src := range seeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > fuzzText {
			return
		}
		ws, list, err := lang.Compile(map[string][]byte{"main.hcl": src}, lang.Options{}.WithSteps(fuzzSteps))
		if err != nil {
			t.Fatalf("a fault of the machine without a machine: %v", err)
		}
		if (ws.Graph == nil) != list.HasErrors() {
			t.Fatalf("graph: %v, problems: %v", ws.Graph != nil, list)
		}
		if used, most := ws.Steps(), fuzzSteps+lang.InstanceCost*ws.Made(); used > most {
			t.Fatalf("took %d steps, of %d", used, most)
		}
		for _, d := range list {
			if r := d.Range; r != nil && (r.Start.Byte < 0 || r.End.Byte > len(src)+1 || r.End.Byte < r.Start.Byte) {
				t.Fatalf("%s is placed outside of the text: %+v", d.Code, r)
			}
		}
		if ws.Graph != nil {
			if _, err := json.Marshal(ws.Graph); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzJSON demands the same of a file in JSON, and that it is refused for its
// syntax exactly when encoding/json refuses it, save for what Waybill asks beyond
// that.
func FuzzJSON(f *testing.F) {
	for _, files := range workspaces(f) {
		for _, src := range toJSON(f, files, true) {
			f.Add(src)
		}
	}
	paths, err := filepath.Glob("testdata/broken_json/*.hcl.json")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no broken files: %v", err)
	}
	for _, path := range paths {
		f.Add(readFile(f, path))
	}
	beyond := []string{"Byte order mark", "Not UTF-8", "Not an object", "Half a character", "Nested too deeply", "Name used twice"}
	f.Fuzz(func(t *testing.T, src []byte) {
		valid := json.Valid(src)
		problems := lang.ScanJSON(src)
		if len(problems) == 0 && !valid {
			t.Fatal("no JSON, and nothing is said")
		}
		for _, d := range problems {
			if valid && !slices.Contains(beyond, d.Summary) {
				t.Fatalf("this is JSON, but: %s", d.Summary)
			}
		}
		ws, list, err := lang.Compile(map[string][]byte{"main.hcl.json": src}, lang.Options{})
		if err != nil {
			t.Fatalf("a fault of the machine without a machine: %v", err)
		}
		if (ws.Graph == nil) != list.HasErrors() {
			t.Fatalf("graph: %v, problems: %v", ws.Graph != nil, list)
		}
		for _, d := range list {
			if r := d.Range; r != nil && !inside(src, r) {
				t.Fatalf("%s is placed outside of the text, or wrongly: %+v", d.Code, r)
			}
		}
	})
}

// inside reports whether a range lies in a text, and its lines are those of its
// bytes.
func inside(src []byte, r *diag.Range) bool {
	if r.Start.Byte < 0 || r.End.Byte > len(src) || r.End.Byte < r.Start.Byte {
		return false
	}
	line := func(at int) int { return 1 + bytes.Count(src[:at], []byte("\n")) }
	return r.Start.Line == line(r.Start.Byte) && r.End.Line == line(r.End.Byte) && r.Start.Column > 0 && r.End.Column > 0
}

// FuzzInput demands of values from outside, in a file and as typed, that they
// never panic and that problems are placed inside of the text.
func FuzzInput(f *testing.F) {
	for _, text := range []string{
		"", "a = 1", "a = {", "a = \"", "a = b\na = c", "t = \"x\"\n", "block {}", "o = { a = 1, b = [1, \"x\"] }", "l = [{}]\nl = 3", "a = [for x in [1] : x]",
		`{"a": "${b}", "l": [1, {"x": null}], "o": {"a": 1}}`, `[{"a": 1}]`, "{", "null", "\xef\xbb\xbfa = 1", "a = <<EOT\nx\nEOT\n", "a = 1 / 0", "a = null", "o.a = 1",
	} {
		f.Add([]byte(text), text)
	}
	const src = `variable "a" { default = 1 }
variable "s" { type = string }
variable "l" { type = list(object({ x = optional(number, 3) })) }
variable "o" {
  type     = object({ a = optional(string, "x"), b = optional(tuple([number, any])) })
  nullable = false
  default  = {}
  validation {
    condition     = length(var.o.a) < 3
    error_message = "not ${var.o.a}"
  }
}
`
	f.Fuzz(func(t *testing.T, file []byte, typed string) {
		for _, name := range []string{"waybill.hclvars", "waybill.hclvars.json"} {
			o := lang.Options{Given: []lang.Given{{Name: "o", Text: typed}, {Name: "s", Text: typed}}, Env: map[string]string{"WAYBILL_VAR_l": typed}}
			ws, list, err := lang.CompileWith(map[string][]byte{"main.hcl": []byte(src)}, map[string][]byte{name: file}, o)
			if err != nil {
				t.Fatalf("a fault of the machine without a machine: %v", err)
			}
			for _, d := range list {
				if r := d.Range; r != nil && (r.Start.Byte < 0 || r.End.Byte > len(ws.Sources[r.Filename])+1 || r.End.Byte < r.Start.Byte) {
					t.Fatalf("%s is placed outside of the text: %+v", d.Code, r)
				}
			}
		}
	})
}

// seeds are the examples, valid and invalid, and some broken text.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	var list [][]byte
	for _, glob := range []string{"testdata/valid/*/*.hcl", "testdata/invalid/*.hcl"} {
		paths, err := filepath.Glob(glob)
		if err != nil {
			tb.Fatal(err)
		}
		for _, path := range paths {
			list = append(list, readFile(tb, path))
		}
	}
	for _, text := range []string{
		"", "}", "a", "a {", "a = ", "\"", "courier \"", "courier \"x\" { \xff }", "locals { a = [for", "locals { a = \"${\" }",
		"\xef\xbb\xbflocals {}\r\n", "locals {\n a = <<EOT\nx\n", "waybill {} waybill {}", "locals { a = \"\uFDD00\uFDD1\" }",
	} {
		list = append(list, []byte(text))
	}
	for _, name := range slices.Sorted(maps.Keys(blowUps)) {
		list = append(list, []byte(blowUps[name].text))
	}
	return list
}
