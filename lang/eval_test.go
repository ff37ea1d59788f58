package lang_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

// typed is values as --var gives them, by name.
func typed(vars map[string]string) []lang.Given {
	var list []lang.Given
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, lang.Given{Name: name, Text: vars[name]})
	}
	return list
}

// describe evaluates an expression as the description of a group.
func describe(t *testing.T, expr, more string, vars map[string]string) (string, []string) {
	t.Helper()
	src := fmt.Sprintf(`
courier_group "g" {
  description = %s
  processes   = [process.p]
}

process "p" {
  exec { command = ["true"] }
}
%s`, expr, more)
	ws, list, err := lang.Compile(map[string][]byte{"main.hcl": []byte(src)}, lang.Options{Given: typed(vars)})
	if err != nil {
		t.Fatal(err)
	}
	if ws.Graph == nil {
		return "", reported(list)
	}
	return ws.Graph.Groups[0].Description, nil
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expr, want string }{
		{`"a${1 + 1}b"`, "a2b"},
		{`true ? "yes" : "no"`, "yes"},
		{`join(",", [for x in ["a", "b"] : upper(x)])`, "A,B"},
		{`join(",", [for k, v in { b = 1, a = 2 } : "${k}${v}"])`, "a2,b1"},
		{`join(",", [{ n = "a" }, { n = "b" }][*].n)`, "a,b"},
		{`"%{for x in ["a", "b"]}<${x}>%{endfor}"`, "<a><b>"},
		{`try(jsondecode("{").a, "none")`, "none"},
		{`can(1 + "x") ? "can" : "cannot"`, "cannot"},
		{`lookup({ a = "x" }, "b", "y")`, "y"},
		{`coalesce(null, "", "z")`, "z"},
		{`format("%03d-%s", 7, "x")`, "007-x"},
		{`join("", formatlist("%s.", ["a", "b"]))`, "a.b."},
		{`replace("2026-01-02", "-", "/")`, "2026/01/02"},
		{`join(",", sort(distinct(flatten([["b"], ["a", "b"]]))))`, "a,b"},
		{`join(",", keys(merge({ a = 1 }, { b = 2 })))`, "a,b"},
		{`tostring(length(range(3)))`, "3"},
		{`tostring(length("añb"))`, "3"},
		{`tostring(length({ a = 1, b = 2 }))`, "2"},
		{`tostring(length(["a"]))`, "1"},
		{`tostring(max(1, 5, 3) + min(4, 2) + ceil(1.2) + floor(1.8) + abs(-1))`, "11"},
		{`tostring(parseint("ff", 16))`, "255"},
		{`base64decode(base64encode("héllo"))`, "héllo"},
		{`jsonencode({ a = [1, "x", null] })`, `{"a":[1,"x",null]}`},
		{`formatdate("YYYY-MM-DD", "2026-11-21T13:00:00Z")`, "2026-11-21"},
		{`timeadd("2026-11-21T13:00:00Z", "1h")`, "2026-11-21T14:00:00Z"},
		{`regex("[0-9]+", "ab12")`, "12"},
		{`startswith("orders", "or") && endswith("orders", "rs") ? "y" : "n"`, "y"},
		{`trimspace(" a ")`, "a"},
		{`trimsuffix(trimprefix("xay", "x"), "y")`, "a"},
		{`title(strrev("ba"))`, "Ab"},
		{`substr("orders", 0, 2)`, "or"},
		{`element(split(",", "a,b"), 1)`, "b"},
		{`join(",", setunion(["a"], ["b"]))`, "a,b"},
		{`join(",", slice(reverse(["a", "b", "c"]), 0, 2))`, "c,b"},
		{`join(",", values(zipmap(["a", "b"], ["1", "2"])))`, "1,2"},
		{`join(",", compact(concat(["a", ""], ["b"])))`, "a,b"},
		{`contains(["a"], "a") ? "in" : "out"`, "in"},
		{`tostring(index(["a", "b"], "b"))`, "1"},
		{`chomp("a\n")`, "a"},
		{`null`, ""},
		{`[for run in ["a"] : run][0]`, "a"}, // hides the run-time value
	} {
		got, problems := describe(t, tt.expr, "", nil)
		if got != tt.want || problems != nil {
			t.Errorf("%s = %q %v, want %q", tt.expr, got, problems, tt.want)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, given, expr, want string }{
		{"string", "prod", "var.v", "prod"},
		{"string", "[1", "var.v", "[1"},
		{"any", "5", "tostring(var.v + 1)", "6"},
		{"any", `"5"`, "var.v", "5"},
		{"set(string)", `["b", "a", "b"]`, `join("-", var.v)`, "a-b"},
		{"tuple([string, number])", `["a", 1]`, `"${var.v[0]}${var.v[1] + 1}"`, "a2"},
		{"list(object({ a = optional(list(number), [7]) }))", `[{}]`, `tostring(var.v[0].a[0])`, "7"},
		{"object({ a = optional(string) })", `{}`, `var.v.a == null ? "null" : "set"`, "null"},
		{"number", "5", "tostring(var.v + 1)", "6"},
		{"bool", "true", `var.v ? "on" : "off"`, "on"},
		{"list(string)", `["a", "b"]`, `join("-", var.v)`, "a-b"},
		{"map(number)", `{ a = 1 }`, `tostring(var.v.a)`, "1"},
		{"object({ a = string, b = optional(string, \"x\") })", `{ a = "1" }`, `"${var.v.a}${var.v.b}"`, "1x"},
	} {
		got, problems := describe(t, tt.expr, fmt.Sprintf("variable \"v\" {\n  type = %s\n}", tt.kind), map[string]string{"v": tt.given})
		if got != tt.want || problems != nil {
			t.Errorf("%s %s: %s = %q %v, want %q", tt.kind, tt.given, tt.expr, got, problems, tt.want)
		}
	}
}

func TestWorkspaceVariables(t *testing.T) {
	t.Parallel()
	src := "variable \"b\" {\n  type = list(string)\n  default = []\n}\nvariable \"a\" {\n  description = \"A.\"\n  sensitive = true\n}\n"
	ws, _, err := lang.Compile(map[string][]byte{"main.hcl": []byte(src)}, lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []lang.Variable{
		{Name: "a", Type: "any", Description: "A.", Sensitive: true},
		{Name: "b", Type: "list(string)", HasDefault: true},
	}
	if diff := cmp.Diff(want, ws.Variables); diff != "" {
		t.Error(diff)
	}
}

// TestAbsentFunctionsAreAbsent keeps the hints for functions that people look
// for in step with those that there are.
func TestAbsentFunctionsAreAbsent(t *testing.T) {
	t.Parallel()
	for _, name := range lang.AbsentFunctions() {
		if slices.Contains(lang.FunctionNames(), name) {
			t.Errorf("%s is a function, and said to be none", name)
		}
	}
}

// TestExamplesOfTheCatalogue demands that what the catalogue tells people to
// write can be read.
func TestExamplesOfTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, e := range diag.Entries() {
		if strings.HasPrefix(string(e.Code), "WB9") {
			continue
		}
		if _, list := lang.Format([]byte(e.Good), "good.hcl"); list.HasErrors() && !strings.Contains(list[0].Summary, "outside") {
			t.Errorf("%s: the good example cannot be read: %s\n%s", e.Code, list[0].Detail, e.Good)
		}
	}
}
