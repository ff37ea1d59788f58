package view_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/width"

	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; go test ./plan/view -update writes it anew\n%s", path, diff)
	}
}

func text(t *testing.T, p *plan.Plan, o view.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := view.Text(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func timeline(t *testing.T, p *plan.Plan, o view.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := view.Timeline(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func markdown(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := view.Markdown(&b, p, view.Options{Dir: "etl"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func page(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := view.HTML(&b, p, view.Options{Dir: "etl"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(c.in())
			golden(t, c.name+".txt", text(t, p, view.Options{Width: 100}))
			golden(t, c.name+".80.txt", text(t, p, view.Options{Width: 80}))
			golden(t, c.name+".timeline.txt", timeline(t, p, view.Options{Width: 100}))
			var b bytes.Buffer
			if err := view.JSON(&b, p); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name+".json", b.Bytes())
			golden(t, c.name+".md", markdown(t, p))
			golden(t, c.name+".html", page(t, p))
		})
	}
}

// The JSON contract: the keys that others read, whatever else there is.
func TestJSONContract(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		var b bytes.Buffer
		if err := view.JSON(&b, plan.Make(c.in())); err != nil {
			t.Fatal(err)
		}
		var document map[string]any
		if err := json.Unmarshal(b.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		hasKeys(t, c.name, document, "format_version", "changes", "runs", "diagnostics", "at", "horizon", "tool", "tzdata", "base", "offline", "at_stated", "summary", "groups", "coverage")
		if _, ok := document["graph"]; ok {
			t.Errorf("%s: the graph is in the document", c.name)
		}
		for _, run := range document["runs"].([]any) {
			run := run.(map[string]any)
			hasKeys(t, c.name, run, "group", "scheduled_at", "nominal", "reason", "couriers")
			for _, courier := range run["couriers"].([]any) {
				hasKeys(t, c.name, courier.(map[string]any), "courier", "range", "files", "deadline")
			}
		}
	}
}

func hasKeys(t *testing.T, name string, object map[string]any, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if object[k] == nil {
			t.Errorf("%s: no %q in %v", name, k, object)
		}
	}
}

// No line of any plan is wider than the terminal, whatever its width from 80 on.
func TestWidth(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		p := plan.Make(c.in())
		for columns := 80; columns <= 200; columns += 1 + columns/131*9 {
			o := view.Options{Width: columns}
			for line := range strings.Lines(string(text(t, p, o)) + string(timeline(t, p, o))) {
				line = strings.TrimRight(line, "\n")
				if n := displayed(line); n > columns {
					t.Fatalf("%s at %d columns: %d columns in %q", c.name, columns, n, line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Fatalf("%s at %d columns: space at the end of %q", c.name, columns, line)
				}
			}
		}
	}
}

func displayed(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// Colour adds escape sequences and changes nothing else.
func TestColor(t *testing.T) {
	t.Parallel()
	strip := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "")
	for _, c := range cases {
		p := plan.Make(c.in())
		plain, painted := view.Options{Width: 100}, view.Options{Width: 100, Color: true}
		bare := string(text(t, p, plain)) + string(timeline(t, p, plain))
		coloured := string(text(t, p, painted)) + string(timeline(t, p, painted))
		if strings.Contains(bare, "\x1b") || !strings.Contains(coloured, "\x1b") {
			t.Errorf("%s: colour where none was asked for, or none where it was", c.name)
		}
		if diff := cmp.Diff(bare, strip.Replace(coloured)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// Names from a workspace never move the cursor.
func TestControlCharacters(t *testing.T) {
	t.Parallel()
	in := wide()
	in.Graph.Couriers[0].Files[0].Pattern = "\x1b[2Jevil-{yyyy}{MM}{dd}.csv"
	in.Graph.Couriers[0].Filedrop.URL[0].Literal = "s3://\x1b[2J"
	if out := text(t, plan.Make(in), view.Options{}); bytes.ContainsRune(out, '\x1b') {
		t.Errorf("an escape sequence got through:\n%q", out)
	}
}

// A value of several lines stands on one, as the language writes it.
func TestLinesInValues(t *testing.T) {
	t.Parallel()
	in := wide()
	in.Graph.Couriers[0].Filedrop.URL[0].Literal = "s3://a\n\tb\r\x07"
	if out := text(t, plan.Make(in), view.Options{Width: 200}); !bytes.Contains(out, []byte(`s3://a\n\tb\r`+"\uFFFD")) {
		t.Errorf("the address is not in\n%s", out)
	}
}
