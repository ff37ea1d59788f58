package lang_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

const consoleWorkspace = `
variable "zone" {
  default = "Europe/Berlin"
}

variable "key" {
  default   = "hunter2"
  sensitive = true
}

variable "missing" {}

locals {
  brands = ["acme", "umbra"]
  by     = { for b in local.brands : b => upper(b) }
}

courier "orders" {
  filedrop { url = "in" }
  file "o" { pattern = "o-{yyyy}{MM}{dd}.csv" }
}
`

// console compiles the workspace, which lacks the value of a variable.
func console(t *testing.T) *lang.Workspace {
	t.Helper()
	ws, _, err := lang.Compile(map[string][]byte{"main.hcl": []byte(consoleWorkspace)}, lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func TestEval(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expr, hcl, json string }{
		{`1 + 2`, `3`, `3`},
		{`0.1 + 0.2`, `0.3`, `0.3`},
		{`true && !false`, `true`, `true`},
		{`null`, `null`, `null`},
		{`var.zone`, `"Europe/Berlin"`, `"Europe/Berlin"`},
		{`"${var.zone}\n<b>"`, `"Europe/Berlin\n<b>"`, `"Europe/Berlin\n<b>"`},
		{`"$${x} %%{y}"`, `"$${x} %%{y}"`, `"${x} %{y}"`},
		{`local.brands`, `["acme", "umbra"]`, `["acme","umbra"]`},
		{`local.by`, "{\n  acme = \"ACME\"\n  umbra = \"UMBRA\"\n}", `{"acme":"ACME","umbra":"UMBRA"}`},
		{`{ "a b" = [], c = {} }`, "{\n  \"a b\" = []\n  c = {}\n}", `{"a b":[],"c":{}}`},
		{`toset(["b", "a", "b"])`, `["a", "b"]`, `["a","b"]`},
		{`[for b in local.brands : { name = b }]`, "[\n  {\n    name = \"acme\"\n  },\n  {\n    name = \"umbra\"\n  },\n]", `[{"name":"acme"},{"name":"umbra"}]`},
		{`courier.orders`, `courier.orders`, `"courier.orders"`},
		{`formatdate("YYYY", "2026-11-21T00:00:00Z")`, `"2026"`, `"2026"`},
		{`[var.key, "x"]`, `[(sensitive), "x"]`, `["(sensitive)","x"]`},
		{`"key ${var.key}"`, `(sensitive)`, `"(sensitive)"`},
		{`var.missing`, `(unknown)`, `null`},
		{` upper( "ä" ) # comment`, `"Ä"`, `"Ä"`},
	} {
		ws := console(t)
		got, list := ws.Eval(tt.expr)
		if list != nil {
			t.Errorf("%s: %+v", tt.expr, list)
		}
		if diff := cmp.Diff([]string{tt.hcl, tt.json}, []string{got.HCL(), got.JSON()}); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tt.expr, diff)
		}
	}
}

// What is wrong is a diagnostic with its place in the expression, and leaves
// nothing behind for the next one.
func TestEvalErrors(t *testing.T) {
	t.Parallel()
	ws := console(t)
	for _, tt := range []struct {
		expr, detail string
		code         diag.Code
		column       int
	}{
		{`1 +`, "", diag.SyntaxError, 4},
		{`1 2`, "", diag.SyntaxError, 3},
		{``, "", diag.SyntaxError, 1},
		{`upper(var.zoen)`, "Did you mean var.zone?", diag.UnknownReference, 7},
		{`uper("a")`, "Did you mean upper?", diag.UnknownFunction, 1},
		{`"a" + 1`, "", diag.BadExpression, 1},
		{`courier.ordres`, "Did you mean courier.orders?", diag.UnknownReference, 1},
		{`local.brands[7]`, "", diag.BadExpression, 13},
		{strings.Repeat("[", 300), "", diag.SyntaxError, 251},
	} {
		_, list := ws.Eval(tt.expr)
		if len(list) != 1 || list[0].Range == nil {
			t.Errorf("%s: %+v, want one problem with its place", tt.expr, list)
			continue
		}
		d := list[0]
		if d.Code != tt.code || !strings.Contains(d.Detail, tt.detail) || d.Range.Start.Column != tt.column || d.Range.Filename != lang.ExpressionName {
			t.Errorf("%s: %+v, want %s in column %d with %q", tt.expr, d, tt.code, tt.column, tt.detail)
		}
	}
	for _, expr := range []string{"run.landing", "secret.key", "range.start"} {
		if _, list := ws.Eval(expr); !list.HasErrors() {
			t.Errorf("%s has a value before any run", expr)
		}
	}
	if got, list := ws.Eval("var.zone"); list != nil || got.HCL() != `"Europe/Berlin"` {
		t.Errorf("after errors: %s, %+v", got.HCL(), list)
	}
}

func FuzzEval(f *testing.F) {
	for _, seed := range []string{`1`, `var.zone`, `[for x in local.brands : x]`, `"${`, `{`, `courier.orders.x`, `formatdate("YYYY", run.started_at)`} {
		f.Add(seed)
	}
	ws, _, err := lang.Compile(map[string][]byte{"main.hcl": []byte(consoleWorkspace)}, lang.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		got, list := ws.Eval(expr)
		if text := got.HCL() + got.JSON(); !list.HasErrors() && strings.Contains(text, "hunter2") {
			t.Errorf("%q shows what is sensitive: %s", expr, text)
		}
	})
}

// A mistake is said again each time that it is made, with all its places.
func TestEvalSaysTheSameAgain(t *testing.T) {
	t.Parallel()
	ws := console(t)
	for range 3 {
		_, list := ws.Eval("[local.brand, local.brand, upper(local.brand)]")
		if len(list) != 1 || len(list[0].Related) != 2 || !strings.Contains(list[0].Detail, "Did you mean local.brands?") {
			t.Errorf("reported %+v", list)
		}
	}
}
