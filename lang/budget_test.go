package lang_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

// doubled is n local values, each made of the one before twice.
func doubled(n int, first, form string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "locals {\n  l0 = %s\n", first)
	for i := range n {
		name := fmt.Sprintf("local.l%d", i)
		fmt.Fprintf(&b, "  l%d = %s\n", i+1, strings.ReplaceAll(form, "X", name))
	}
	return b.String() + "}\n"
}

// blowUps are short workspaces that would take the memory or the patience of
// anyone, each with the code of what is said.
var blowUps = map[string]struct{ text, code string }{
	"literal":             {`locals { a = "${1e9999999}" }`, "WB761"},
	"index":               {`locals { a = {}[1e999999999] }`, "WB761"},
	"legacy index":        {"locals {\n  a = []\n  b = local.a[1e999999999]\n}", "WB761"},
	"key":                 {`locals { a = { (1e999999999) = 1 } }`, "WB761"},
	"run-time index":      {"process \"p\" {\n  http {\n    url = \"https://a\"\n    poll {\n      url  = response.json[1e999999999]\n      done = response.json.x\n      success = response.json.y\n    }\n  }\n}", "WB761"},
	"parsed":              {`locals { a = "${tonumber("1e999999999")}" }`, "WB761"},
	"converted":           {`locals { a = "${"1e999999999" + 1}" }`, "WB761"},
	"compared":            {`locals { a = "${true ? "1e999999999" * 1 : "x"}" }`, "WB761"},
	"decoded":             {`locals { a = jsondecode("[1e999999999]") }`, "WB761"},
	"decoded, in text":    {`locals { a = [for x in jsondecode("[1e999999999]") : "${x}"] }`, "WB761"},
	"pow":                 {`locals { a = "${pow(10, 1000000)}" }`, "WB761"},
	"product":             {`locals { a = "${` + strings.Repeat("1e300*", 100) + `1}" }`, "WB761"},
	"division":            {`locals { a = "${` + strings.Repeat("1e-300*", 100) + `1}" }`, "WB761"},
	"variable":            {`variable "a" { default = "${1e999999}" }`, "WB761"},
	"optional":            {"variable \"a\" {\n  type = object({ a = optional(string, 1e999999999) })\n  default = {}\n}", "WB761"},
	"optional loop":       {"variable \"a\" {\n  type = object({ a = optional(any, [for a in [1, 2] : a]) })\n  default = {}\n}", "WB722"},
	"text doubled":        {doubled(60, `"ab"`, `"${X}${X}"`), "WB760"},
	"text doubled, join":  {doubled(60, `"ab"`, `join("", [X, X])`), "WB760"},
	"list doubled":        {doubled(60, `["ab"]`, `[X, X]`), "WB760"},
	"object doubled":      {doubled(60, `{ a = 1 }`, `{ a = X, b = X }`), "WB760"},
	"concat":              {doubled(60, `["ab"]`, `concat(X, X)`), "WB760"},
	"replace":             {doubled(60, `"ab"`, `replace(X, "/", "x")`) + "locals {\n  big = " + strings.Repeat(`replace(`, 20) + `"aaaaaaaa"` + strings.Repeat(`, "a", "aaaaaaaa")`, 20) + "\n}", "WB715"},
	"regexreplace":        {"locals {\n  big = " + strings.Repeat(`regexreplace(`, 20) + `"aaaaaaaa"` + strings.Repeat(`, "a", "$0$0$0$0$0$0$0$0")`, 20) + "\n}", "WB760"},
	"indent":              {`locals { a = indent(1000000000, "a\nb\nc") }`, "WB715"},
	"nested for":          {`locals { a = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a * b * c]]] }`, "WB760"},
	"nested for, dropped": {`locals { a = [for a in range(1000) : 1 if length([for b in range(1000) : 1 if length([for c in range(1000) : c]) < 0]) < 0] }`, "WB760"},
	"for in try":          {`locals { a = try([for a in range(1000) : try([for b in range(1000) : [for c in range(1000) : c]], 1)], 1) }`, "WB760"},
	"template for":        {`locals { a = "%{for a in range(1000)}%{for b in range(1000)}%{for c in range(1000)}x%{endfor}%{endfor}%{endfor}" }`, "WB760"},
	"splat":               {"locals {\n  l = range(1000)\n  a = [for a in local.l : [for b in local.l : local.l[*]]]\n}", "WB760"},
	"setproduct":          {`locals { a = setproduct(range(1000), range(1000), range(1000), range(1000)) }`, "WB715"},
	"range":               {`locals { a = range(1000000000) }`, "WB715"},
	"range, wrong":        {`locals { a = [for a in range(1000) : [for b in range(1000) : [for c in range(81000) : a * b * c]]] }`, "WB760"},
	"format":              {`locals { a = format("%999999999d", 1) }`, "WB715"},
	"format precision":    {`locals { a = format("%.999999999f", 1) }`, "WB715"},
	"formatlist":          {`locals { a = formatlist("%99999d", range(1000)) }`, "WB715"},
	"json depth":          {`locals { a = jsondecode(join("", [for a in range(1000) : "[[[[[[[[[["])) }`, "WB715"},
	"digits":              {"locals {\n  d = join(\"\", [for a in range(1000) : \"9999999999999999999999999999999999999999\"])\n  n = local.d + 1\n}", "WB761"},
	"digits, tonumber":    {"locals {\n  d = join(\"\", [for a in range(1000) : \"9999999999999999999999999999999999999999\"])\n  n = tonumber(local.d)\n}", "WB761"},
	"regex":               {"locals {\n  t = join(\"\", [for a in range(1000) : \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\"])\n  r = regexall(\"(((a{100}){10}){10})*\", local.t)\n}", "WB715"},
	"deep value":          {doubled(300, `1`, `[X]`), "WB760"},
	"dynamic":             {"courier \"c\" {\n  filedrop { url = \"in\" }\n  file \"x\" { pattern = \"{yyyy}{MM}{dd}-x\" }\n  dynamic \"file\" {\n    for_each = flatten([for a in range(1000) : [for b in range(101) : \"x\"]])\n    labels = [file.key]\n    content { pattern = \"{yyyy}{MM}{dd}\" }\n  }\n}", "WB750"},
}

// steps is what the blow-ups may take: few, so that the test is quick.
const steps = 500_000

// TestBlowUps demands one message, and few steps, for each of the workspaces.
func TestBlowUps(t *testing.T) {
	t.Parallel()
	for name, tt := range blowUps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := tt.text + "\nsecret \"unseen\" { env = \"A\" }\nlocals { broken = nothing.here }\n"
			ws, list, err := lang.Compile(map[string][]byte{"main.hcl": []byte(text)}, lang.Options{}.WithSteps(steps))
			if err != nil {
				t.Fatal(err)
			}
			found, others := 0, 0
			for _, d := range list {
				switch {
				case string(d.Code) == tt.code:
					found++
				case d.Code == "WB710":
					others++
				case d.Severity == "error":
					t.Errorf("also reported: %s %s: %s", d.Code, d.Summary, d.Detail)
				}
			}
			if found != 1 || others != 1 {
				t.Errorf("reported %v, want %s once and WB710 once", reported(list), tt.code)
			}
			if used := ws.Steps(); used > steps {
				t.Errorf("took %d steps", used)
			}
		})
	}
}
