package lang_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// workspaces are the directories of valid examples, with what they hold.
func workspaces(tb testing.TB) map[string]map[string][]byte {
	tb.Helper()
	found := map[string]map[string][]byte{}
	for _, glob := range []string{"testdata/valid/*/*.hcl", "../examples/*/*.hcl"} {
		paths, err := filepath.Glob(glob)
		if err != nil || len(paths) == 0 {
			tb.Fatalf("no examples in %s: %v", glob, err)
		}
		for _, path := range paths {
			dir := filepath.Dir(path)
			if found[dir] == nil {
				found[dir] = map[string][]byte{}
			}
			found[dir][filepath.Base(path)] = readFile(tb, path)
		}
	}
	return found
}

// TestJSONMeansTheSame converts every example to JSON and wants the same Graph.
func TestJSONMeansTheSame(t *testing.T) {
	t.Parallel()
	for dir, files := range workspaces(t) {
		for _, nested := range []bool{false, true} {
			name := filepath.Base(dir) + "/listed"
			if nested {
				name = filepath.Base(dir) + "/nested"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				want := graphOf(t, dir, files)
				got := graphOf(t, dir, toJSON(t, files, nested))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the graph differs (- HCL, + JSON):\n%s", diff)
				}
			})
		}
	}
}

// graphOf compiles files beside the scripts of a directory.
func graphOf(t *testing.T, dir string, files map[string][]byte) string {
	t.Helper()
	temp := t.TempDir()
	copyScripts(t, dir, temp)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(temp, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ws, list, err := lang.Load(temp, lang.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	if ws.Graph == nil {
		var said bytes.Buffer
		diag.WriteText(&said, list, ws.Sources, diag.TextOptions{Width: 100})
		t.Fatalf("no graph:\n%s", said.String())
	}
	text, err := json.MarshalIndent(ws.Graph, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestJSONFailsTheSame converts the invalid examples that parse and wants the
// same codes about the same blocks. What only HCL syntax can say is left out:
// JSON does not tell an attribute from a block, and has no wrong number of labels.
func TestJSONFailsTheSame(t *testing.T) {
	t.Parallel()
	for _, path := range invalidFiles(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".hcl")
		if slices.Contains([]string{"syntax", "syntax_more", "syntax_open", "syntax_signs", "syntax_quote", "nameless", "slips", "once", "one_line", "duplicate_attribute", "blocks", "labels"}, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := readFile(t, path)
			codes := func(files map[string][]byte) []string {
				_, list, err := lang.Compile(files, lang.Options{Version: version})
				if err != nil {
					t.Fatal(err)
				}
				var all []string
				for _, d := range list {
					all = append(all, string(d.Code)+" "+d.Address)
				}
				slices.Sort(all)
				return all
			}
			native := codes(map[string][]byte{"main.hcl": src})
			converted := codes(toJSON(t, map[string][]byte{"main.hcl": src}, false))
			if diff := cmp.Diff(native, converted); diff != "" {
				t.Errorf("problems (- HCL, + JSON):\n%s", diff)
			}
		})
	}
}

// TestBrokenJSON loads each file of testdata/broken_json beside a file that is
// right: what is said of it is golden, and nothing is said of the other.
func TestBrokenJSON(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/broken_json/*.hcl.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no broken files: %v", err)
	}
	good := readFile(t, "testdata/valid/minimal/main.hcl")
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			ws, list, err := lang.Compile(map[string][]byte{"good.hcl": good, "main.hcl.json": readFile(t, path)}, lang.Options{Version: version})
			if err != nil {
				t.Fatal(err)
			}
			if !list.HasErrors() {
				t.Error("nothing is wrong with it")
			}
			for _, d := range list {
				if d.Range == nil || d.Range.Filename != "main.hcl.json" {
					t.Errorf("it is said of %v: %s", d.Range, d.Summary)
				}
			}
			var said bytes.Buffer
			diag.WriteText(&said, list, ws.Sources, diag.TextOptions{Width: 100})
			golden(t, strings.TrimSuffix(path, ".hcl.json")+".txt", said.Bytes())
		})
	}
}

// TestMixedFiles refers from HCL to JSON and back, and looks at where things are
// said to be.
func TestMixedFiles(t *testing.T) {
	t.Parallel()
	ws, list, err := lang.Compile(map[string][]byte{
		"group.hcl": []byte("courier_group \"daily\" {\n  schedule = local.at\n  couriers = [courier.orders]\n  processes = [process.stitch]\n}\n" +
			"variable \"zone\" {\n  default = \"UTC\"\n}\n"),
		"more.hcl.json": []byte(`{
  "$schema": "waybill.schema.json",
  "//": "made by a program",
  "locals": { "at": "0 13 * * *" },
  "courier": { "//": "labels take comments, too", "orders": {
    "exec": { "command": ["f\u00eatch \ud83d\ude9a \"now\"", "é\t${upper(\"x\")}", "${run.id}"] },
    "retry": null, "timeout": null
  } },
  "process": { "stitch": [{ "exec": [{ "command": ["./stitch.sh", "$${no}", "${local.at == \"\" ? 1 : 2}"] }] }] },
  "courier_group": { "hourly": { "schedule": "@hourly", "timezone": "${var.zone}",
    "courier": { "again": { "use": "${courier.orders}" } }, "after": { "daily": { "group": "${courier_group.daily}" } } } }
}`),
	}, lang.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	if ws.Graph == nil {
		t.Fatalf("no graph: %v", list)
	}
	for _, tt := range []struct {
		addr   graph.Addr
		attr   string
		want   string // the text at the place
		column int
	}{
		{"courier.orders", "", `"orders"`, 51},
		{"courier.orders", "exec", `"exec"`, 5},
		{"courier.orders", "exec.command", `["f\u00eatch \ud83d\ude9a \"now\"", "é\t${upper(\"x\")}", "${run.id}"]`, 26},
		{"courier_group.hourly", "courier.again.use", `courier.orders`, 39},
		{"courier_group.hourly", "timezone", `var.zone`, 72},
		{"courier_group.hourly", "after.daily.group", `courier_group.daily`, 95},
	} {
		at := ws.Graph.Place(tt.addr, tt.attr)
		if at == nil {
			t.Errorf("%s %s has no place", tt.addr, tt.attr)
			continue
		}
		if got := string(ws.Sources[at.Filename][at.Start.Byte:at.End.Byte]); got != tt.want || at.Start.Column != tt.column {
			t.Errorf("%s %q is placed at %q in column %d, want %q in column %d", tt.addr, tt.attr, got, at.Start.Column, tt.want, tt.column)
		}
	}
	want := []graph.Value{graph.Text("fêtch 🚚 \"now\""), graph.Text("é\tX")}
	if diff := cmp.Diff(want, ws.Graph.Couriers[0].Exec.Command[:2]); diff != "" {
		t.Errorf("the command (- want, + got):\n%s", diff)
	}
}
