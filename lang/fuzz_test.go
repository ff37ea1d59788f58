package lang_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

// FuzzLoad demands that any text gives a graph or an error, the same one each
// time, and never a panic.
func FuzzLoad(f *testing.F) {
	for _, src := range seeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		ws, list, err := lang.Compile(map[string][]byte{"main.hcl": src}, lang.Options{})
		if err != nil {
			t.Fatalf("a fault of the machine without a machine: %v", err)
		}
		if (ws.Graph == nil) != list.HasErrors() {
			t.Fatalf("graph: %v, problems: %v", ws.Graph != nil, list)
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
	return list
}
