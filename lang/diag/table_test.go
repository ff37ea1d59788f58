package diag_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/diag"
)

// hundreds says which hundreds each file of the table holds.
var hundreds = map[string]string{
	"table_cron.go": "12", "table_dst.go": "3", "table_window.go": "4", "table_zone.go": "5",
	"table_load.go": "6", "table_language.go": "7", "table_workflow.go": "8", "table_plan.go": "9",
}

func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^WB[1-9][0-9]{2}$`)
	seen := map[diag.Code]bool{}
	for _, e := range diag.Entries() {
		if !form.MatchString(string(e.Code)) {
			t.Errorf("%s: a code is WB and three digits, the first not 0", e.Code)
		}
		if seen[e.Code] {
			t.Errorf("%s is in the table twice; a code has one meaning: give the newer one its own", e.Code)
		}
		seen[e.Code] = true
		switch e.Severity {
		case diag.Error, diag.Warning, diag.Info:
		default:
			t.Errorf("%s: %q is no severity", e.Code, e.Severity)
		}
		for what, text := range map[string]string{"title": e.Title, "explanation": e.Explanation, "bad example": e.Bad, "good example": e.Good} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", e.Code, what)
			}
		}
		if strings.HasSuffix(e.Title, ".") || strings.Contains(e.Title, "\n") {
			t.Errorf("%s: the title %q is a noun phrase on one line without a final stop", e.Code, e.Title)
		}
		if !strings.HasSuffix(strings.TrimSpace(e.Explanation), ".") && !strings.HasSuffix(strings.TrimSpace(e.Explanation), ")") {
			t.Errorf("%s: the explanation is whole sentences", e.Code)
		}
		if e.Bad == e.Good {
			t.Errorf("%s: the good example is the bad one", e.Code)
		}
	}
}

// Each file names the codes of its hundreds only, each once, and each named code
// has an entry.
func TestCodesStandInTheirFile(t *testing.T) {
	t.Parallel()
	constant := regexp.MustCompile(`(?m)^\s*(?:const\s+)?([A-Z]\w*)\s+(?:Code\s+)?=\s+(?:Code\()?"(WB\d+)"`)
	files, err := filepath.Glob("table_*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[diag.Code]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		first, ok := hundreds[file]
		if !ok {
			t.Errorf("%s: no hundred belongs to this file; add the codes to one of the others", file)
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range constant.FindAllStringSubmatch(string(source), -1) {
			name, code := m[1], diag.Code(m[2])
			if !strings.Contains(first, string(code[2])) {
				t.Errorf("%s: %s = %s belongs to another file", file, name, code)
			}
			if other, ok := named[code]; ok {
				t.Errorf("%s has two names, %s and %s", code, other, name)
			}
			named[code] = name
			if _, ok := diag.Explain(code); !ok {
				t.Errorf("%s: %s = %s has no entry in the table", file, name, code)
			}
		}
	}
	for _, e := range diag.Entries() {
		if named[e.Code] == "" {
			t.Errorf("%s has no named constant", e.Code)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	at := &diag.Range{Filename: "a.hcl", Start: diag.Pos{Line: 1, Column: 1}}
	got := diag.CronNever.New(at, "Schedule that never runs", "no date has day %d", 30)
	at.Filename = "changed"
	want := diag.Diagnostic{
		Code: "WB201", Severity: diag.Error, Summary: "Schedule that never runs", Detail: "no date has day 30",
		Range: &diag.Range{Filename: "a.hcl", Start: diag.Pos{Line: 1, Column: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	defer func() {
		if recover() == nil {
			t.Error("New takes a code that is not in the table")
		}
	}()
	diag.Code("WB000").New(nil, "s", "d")
}

func TestExplainText(t *testing.T) {
	t.Parallel()
	golden(t, filepath.Join("testdata", "explain", "WB301.txt"), diag.ExplainText("wb301"))
	if diag.ExplainText("301") != diag.ExplainText("WB301") || diag.ExplainText("WB301") == "" {
		t.Error("a code may be typed without its letters")
	}
	if got := diag.ExplainText("WB000"); got != "" {
		t.Errorf("a code that does not exist is explained: %q", got)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	golden(t, filepath.Join("..", "..", "docs", "diagnostics.md"), diag.Markdown())
}
