package landing_test

import (
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/landing"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"orders":        "orders",
		runKey:          "courier_group.daily@2026-11-22T21%3A00%3A00Z",
		`feed["acme"]`:  "feed%5B%22acme%22%5D",
		"größe-数据":      "größe-数据",
		"":              "%",
		".":             "%2E",
		"..":            "%2E.",
		"../../etc":     "%2E.%2F..%2Fetc",
		".staging":      "%2Estaging",
		"_runs":         "%5Fruns",
		"_runs2":        "_runs2",
		"manifest.json": "%6Danifest.json",
		"a/b\\c d\n%":   "a%2Fb%5Cc%20d%0A%25",
		"bad\xffutf8":   "bad%FFutf8",
	} {
		if got := landing.Escape(name); got != want {
			t.Errorf("Escape(%q) = %q, want %q", name, got, want)
		}
	}
	long := landing.Escape(strings.Repeat("ü", 300))
	if len(long) > 200 || long == landing.Escape(strings.Repeat("ü", 301)) {
		t.Errorf("long names: %q", long)
	}
}

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"orders", runKey, "..", "_runs", "a/b", "%2E.", "\x00\xff", strings.Repeat("é", 150)} {
		f.Add(seed, seed+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := landing.Escape(a), landing.Escape(b)
		if (a == b) != (x == y) {
			t.Errorf("%q and %q give %q and %q", a, b, x, y)
		}
		if x == "" || x[0] == '.' || len(x) > 200 || strings.ContainsAny(x, "/\\:\x00 ") || x == "_runs" || x == "manifest.json" {
			t.Errorf("%q gives %q", a, x)
		}
	})
}
