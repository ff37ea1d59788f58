package lang_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
)

// What a text that needs no parser looks like, and what is left to the parser.
func TestPlain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		src  string
		want bool
	}{
		{"", true},
		{"a = 1 # one\n// two\nb = -a.b[0].c-d\n", true},
		{"x \"y\" \"z\" {\n  a = \"${b}/c\\n\"\n\n  w { hours = 2 }\n  e {}\n}\n", true},
		{"l = [f(a, 1.5), { k = !v, \"q\" = 2 }, # c\n  (1 + 2 * 3) % 4,\n]\n", true},
		{"o = {\n  a = 1\n  b = x ? 1 : y >= 2 && z ? 3 : 4\n}\n", true},
		{"a = \"${b}\"\n", false},
		{"x y {\n}\n", false},
		{"a = [for b in c : b]\n", false},
		{"a = 1\na = 2\n", false},
		{"a = <<X\nX\n", false},
		{"a = b c\n", false},
		{"a = 1 b = 2\n", false},
		{"w { a = 1, b = 2 }\n", false},
		{"a = \"%{ if b }c%{ endif }\"\n", false},
		{"a = \"b\n\"\n", false},
		{"a = \"${b}\" # c\n", false},
		{"a { b = \"${c}\" }\n", false},
		{"a {\n", false},
		{"}\n", false},
		{"a = 1 /* b */\n", false},
		{"a = \"\xff\"\n", false},
	} {
		if got := lang.Plain([]byte(tt.src)); got != tt.want {
			t.Errorf("Plain(%q) = %v", tt.src, got)
		}
	}
}

// Cutting a file and leaving the parser out must not be seen in what comes out.
func FuzzFormatSections(f *testing.F) {
	for _, src := range seeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, list := lang.Format(src, "main.hcl")
		want, err := lang.FormatWhole(src)
		if err != nil {
			if !list.HasErrors() {
				t.Fatalf("%q does not parse (%v) and was formatted", src, err)
			}
			return
		}
		if list.HasErrors() { // nested too deeply
			return
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("%q: (-whole +in sections)\n%s", src, diff)
		}
	})
}
