package window_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/window"
)

func pattern(tb testing.TB, s string) *window.Pattern {
	tb.Helper()
	p, err := window.ParsePattern(s)
	if err != nil {
		tb.Fatalf("%q: %v", s, err)
	}
	return p
}

func TestPattern(t *testing.T) {
	t.Parallel()
	w := cron.WallOf(2026, 11, 2, 5, 30)
	for _, test := range []struct {
		pattern string
		unit    window.Unit
		name    string
		base    string
	}{
		{"orders.csv", window.None, "orders.csv", ""},
		{"in/orders-*.csv", window.None, "in/orders-*.csv", "in"},
		{"{yyyy}", window.Year, "2026", ""},
		{"in/deep/{yyyy}{MM}.csv", window.Month, "in/deep/202611.csv", "in/deep"},
		{"{yyyy}/{MM}/{dd}/orders-*.csv.gz", window.Day, "2026/11/02/orders-*.csv.gz", ""},
		{"in/x-{dd}.{MM}.{yyyy}", window.Day, "in/x-02.11.2026", "in"},
		{"in/{yyyy}-{MM}-{dd}T{HH}?.csv", window.Hour, "in/2026-11-02T05?.csv", "in"},
		{"{yyyy}/{MM}/{dd}/f-{yyyy}{MM}{dd}.csv", window.Day, "2026/11/02/f-20261102.csv", ""},
		{"a/b*/c.csv", window.None, "a/b*/c.csv", "a"},
		{"a b/ü (1)'.csv", window.None, "a b/ü (1)'.csv", "a b"},
		{"..a/b..", window.None, "..a/b..", "..a"},
		{"*", window.None, "*", ""},
	} {
		p := pattern(t, test.pattern)
		got := []any{p.Unit(), p.Name(w), p.Base(), p.String()}
		if diff := cmp.Diff([]any{test.unit, test.name, test.base, test.pattern}, got); diff != "" {
			t.Errorf("%q: -want +got:\n%s", test.pattern, diff)
		}
	}
}

func TestPatternRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern        string
		code           diag.Code
		offset, length int
		message        string
	}{
		{"a-{YYYY}.csv", diag.PatternToken, 2, 6, "the token {YYYY} is not known: write {yyyy}"},
		{"a-{yy}.csv", diag.PatternToken, 2, 4, "write {yyyy}"},
		{"{yyyy}{mm}", diag.PatternToken, 6, 4, "write {MM} for the month"},
		{"{yyyy}{M}", diag.PatternToken, 6, 3, "write {MM}"},
		{"{yyyy}{MM}{DD}", diag.PatternToken, 10, 4, "write {dd}"},
		{"{yyyy}{MM}{dd}{hh}", diag.PatternToken, 14, 4, "write {HH}"},
		{"{yyyy}{MM}{dd}{HH}{ss}", diag.PatternToken, 18, 4, "the hour is the smallest unit"},
		{"{date}.csv", diag.PatternToken, 0, 6, "write {yyyy}-{MM}-{dd}"},
		{"{yyyyMMdd}.csv", diag.PatternToken, 0, 10, "write {yyyy}{MM}{dd}"},
		{"{YYYY-MM-DD}.csv", diag.PatternToken, 0, 12, "write {yyyy}-{MM}-{dd}"},
		{"{%Y%m%d}", diag.PatternToken, 0, 8, "the tokens are {yyyy}, {MM}, {dd} and {HH}"},
		{"{file}.done", diag.PatternToken, 0, 6, "belongs in done_marker"},
		{"{}.csv", diag.PatternToken, 0, 2, "a token without a name"},
		{"{ yyyy }", diag.PatternToken, 0, 8, "write {yyyy}"},
		{"{customer}", diag.PatternToken, 0, 10, "the tokens are"},
		{"a.csv ", diag.PatternPath, 0, 6, "the pattern begins or ends with a space, which would be part of the name: leave it out"},
		{"a-[0-9]*.csv", diag.PatternWildcard, 2, 5, "the text [0-9] stands for itself, and for no character of a list: write ? for one character, or * for any text"},
		{"a-YYYYMMDD.csv", diag.PatternToken, 2, 8, "the text YYYYMMDD stands for itself, and for no date: write {yyyy}{MM}{dd}"},
		{"in/yyyy/MM/a.csv", diag.PatternToken, 3, 7, "write {yyyy}/{MM}"},
		{"a-yyyy-mm-dd-*", diag.PatternToken, 2, 10, "write {yyyy}-{MM}-{dd}"},
		{"a-%Y-%m-%d.csv", diag.PatternToken, 2, 8, "write {yyyy}-{MM}-{dd}"},
		{"%Y%m.csv", diag.PatternToken, 0, 4, "write {yyyy}{MM}"},

		{"{dd}.csv", diag.PatternIncompleteDate, 0, 4, "{dd} without {yyyy}"},
		{"a-{MM}-{dd}.csv", diag.PatternIncompleteDate, 7, 4, "{dd} without {yyyy}"},
		{"{yyyy}-{dd}.csv", diag.PatternIncompleteDate, 7, 4, "{dd} without {MM} names no date: write {yyyy} {MM} {dd}"},
		{"{MM}", diag.PatternIncompleteDate, 0, 4, "{MM} without {yyyy}"},
		{"{yyyy}{MM}{HH}", diag.PatternIncompleteDate, 10, 4, "{HH} without {dd}"},

		{"../a.csv", diag.PatternEscape, 0, 2, "leaves the courier's folder"},
		{"a/../b.csv", diag.PatternEscape, 2, 2, "leaves the courier's folder"},
		{"a/..", diag.PatternEscape, 2, 2, "leaves the courier's folder"},
		{"/a.csv", diag.PatternEscape, 0, 1, "absolute"},
		{"C:/a.csv", diag.PatternEscape, 0, 2, "drive"},

		{"", diag.PatternPath, 0, 0, "empty"},
		{`a\b.csv`, diag.PatternPath, 1, 1, "write / instead"},
		{"a//b.csv", diag.PatternPath, 1, 2, "a folder without a name"},
		{"a/", diag.PatternPath, 1, 1, "ends in a folder"},
		{"./a", diag.PatternPath, 0, 1, "leave ./ out"},
		{"a/./b", diag.PatternPath, 2, 1, "leave ./ out"},
		{"s3://bucket/a.csv", diag.PatternPath, 0, 5, "a URL"},
		{"a\nb", diag.PatternPath, 1, 1, "U+000A"},
		{"a\xffb", diag.PatternPath, 1, 1, "not UTF-8"},

		{"a-{yyyy", diag.PatternBrace, 2, 1, "not closed"},
		{"a-{yyyy/{MM}", diag.PatternBrace, 2, 1, "not closed"},
		{"a-{{yyyy}", diag.PatternBrace, 2, 1, "not closed"},
		{"a-yyyy}", diag.PatternBrace, 6, 1, "a } without a {"},

		{"**/a.csv", diag.PatternWildcard, 0, 2, "write one * for each folder"},
		{"a/b**", diag.PatternWildcard, 3, 2, "write one * for each folder"},
	} {
		p, err := window.ParsePattern(test.pattern)
		var bad *window.PatternError
		if !errors.As(err, &bad) {
			t.Errorf("%q: got %v, %v; want a PatternError", test.pattern, p, err)
			continue
		}
		if bad.Code != test.code || bad.Offset != test.offset || bad.Length != test.length || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%q: got %s at %d+%d %q, want %s at %d+%d %q", test.pattern,
				bad.Code, bad.Offset, bad.Length, err, test.code, test.offset, test.length, test.message)
		}
		if _, ok := diag.Explain(bad.Code); !ok {
			t.Errorf("%s is not in the table", bad.Code)
		}
	}
}

// Every unknown token is named at once, and ParsePattern names the first.
func TestPatternErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int{
		"{yyyy}{MM}{dd}":          nil,
		"{YYYY}-{MM}-{DD}":        {0, 12},
		"{YYYY}{mm}{DD}/{dd}.csv": {0, 6, 10},
		"{YYYY}{mm":               {0, 6}, // and the brace
		"{dd}-{dd}":               {0},
		"/{YYYY}":                 {0}, // not a path: nothing else is looked at
	} {
		var got []int
		for _, e := range window.PatternErrors(text) {
			got = append(got, e.Offset)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: offsets -want +got:\n%s", text, diff)
		}
		_, err := window.ParsePattern(text)
		if len(want) == 0 != (err == nil) || err != nil && err.Error() != window.PatternErrors(text)[0].Error() {
			t.Errorf("%q: ParsePattern says %v", text, err)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ pattern, path, want string }{
		{"{yyyy}/{MM}/{dd}/orders-*.csv", "2026/11/21/orders-7.csv", "2026-11-21 00:00"},
		{"{yyyy}/{MM}/{dd}/orders-*.csv", "2026/11/21/orders-.csv", "2026-11-21 00:00"},
		{"{yyyy}/{MM}/{dd}/orders-*.csv", "2026/11/21/orders-a/b.csv", ""},
		{"{yyyy}/{MM}/{dd}/orders-*.csv", "2026/11/21/orders-7.csv.gz", ""},
		{"{yyyy}/{MM}/{dd}/orders-*.csv", "in/2026/11/21/orders-7.csv", ""},
		{"{yyyy}/{MM}/{dd}/orders-*.csv", "2026/2/21/orders-7.csv", ""},
		{"{yyyy}/{MM}/{dd}/x", "2026/13/21/x", ""},
		{"{yyyy}/{MM}/{dd}/x", "2026/00/21/x", ""},
		{"{yyyy}/{MM}/{dd}/x", "2026/02/29/x", ""},
		{"{yyyy}/{MM}/{dd}/x", "2028/02/29/x", "2028-02-29 00:00"},
		{"{dd}.{MM}.{yyyy}", "29.02.2026", ""},
		{"{dd}.{MM}.{yyyy}", "29.02.2028", "2028-02-29 00:00"},
		{"{dd}.{MM}.{yyyy}", "31.04.2026", ""},
		{"{yyyy}/{MM}/{dd}/x", "٢٠٢٦/11/21/x", ""},
		{"{yyyy}-{MM}-{dd}T{HH}", "2026-11-21T23", "2026-11-21 23:00"},
		{"{yyyy}-{MM}-{dd}T{HH}", "2026-11-21T24", ""},
		{"{yyyy}-{MM}-{dd}T{HH}", "2026-11-21T00", "2026-11-21 00:00"},
		{"{yyyy}{MM}", "202611", "2026-11-01 00:00"},
		{"{yyyy}", "2026", "2026-01-01 00:00"},
		{"{yyyy}/{MM}/f-{yyyy}{MM}.csv", "2026/11/f-202611.csv", "2026-11-01 00:00"},
		{"{yyyy}/{MM}/f-{yyyy}{MM}.csv", "2026/11/f-202612.csv", ""},
		{"{yyyy}/{MM}/{dd}/{HH}/{HH}", "2026/11/21/00/00", "2026-11-21 00:00"},
		{"{yyyy}/{MM}/{dd}/{HH}/{HH}", "2026/11/21/00/01", ""},

		// Wildcards leave a choice: the leftmost real date counts.
		{"*{yyyy}{MM}{dd}*", "id12345678_20261121.csv", "2026-11-21 00:00"},
		{"*{yyyy}{MM}{dd}*", "20261121_20261122.csv", "2026-11-21 00:00"},
		{"*{yyyy}{MM}{dd}*", "99999999", ""},
		{"*-{yyyy}{MM}{dd}.csv", "a-b-20261121.csv", "2026-11-21 00:00"},
		{"*{yyyy}-*{MM}{dd}", "2026-2028-0229", "2028-02-29 00:00"},
		{"*{yyyy}*{yyyy}*", "2025-2026-2026", "2026-01-01 00:00"},

		{"?.csv", "a.csv", "1970-01-01 00:00"},
		{"?.csv", "ü.csv", "1970-01-01 00:00"},
		{"?.csv", "/.csv", ""},
		{"?.csv", ".csv", ""},
		{"a?b", "a/b", ""},
		{"*/a", "x/a", "1970-01-01 00:00"},
		{"*/a", "x/y/a", ""},
		{"*", "", "1970-01-01 00:00"},
		{"*", "a/", ""},
		{"a*b*c", "aXbYbZc", "1970-01-01 00:00"},
		{"a.csv", "A.csv", ""},
	} {
		w, ok := pattern(t, test.pattern).Match(test.path)
		got := ""
		if ok {
			got = w.String()
		}
		if got != test.want {
			t.Errorf("%q on %q: got %q, want %q", test.pattern, test.path, got, test.want)
		}
	}
}

// Stars between tokens leave very many readings; none of them matches here. The
// names come from servers that others fill.
func TestMatchIsPolynomial(t *testing.T) {
	t.Parallel()
	for _, test := range []string{
		"*{yyyy}*{MM}*{dd}*{HH}*x",
		"*a*a*a*a*a*a*a*a*a*a*a*a*x",
		"*{dd}*{HH}*{yyyy}*{MM}*{yyyy}*{MM}x",
		"*1*1*1*1*1*1*1*1*1*1*1*1*1*1*x",
	} {
		if _, ok := pattern(t, test).Match(strings.Repeat("1", 255)); ok {
			t.Errorf("%q matches", test)
		}
	}
}

// FuzzPattern: parsing never panics and names a place within the text; the name
// that a pattern gives for a date is read back as that date.
func FuzzPattern(f *testing.F) {
	f.Add("{yyyy}/{MM}/{dd}/orders-*.csv.gz", int64(1795000000), "2026/11/21/orders-1.csv.gz")
	f.Add("*{dd}?{HH}{MM}{yyyy}1*", int64(0), "x")
	f.Add("{YYYY}", int64(-1), "")
	f.Fuzz(func(t *testing.T, text string, seconds int64, path string) {
		_, _ = window.ParseMarker(text)
		p, err := window.ParsePattern(text)
		if err != nil {
			var bad *window.PatternError
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Length < 0 || bad.Offset+bad.Length > len(text) || bad.Message == "" || bad.Fix == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		if len(text)+len(path) > 600 {
			return // the time of a match is bounded by their product
		}
		const years = 8000 * 365 * 24 * 3600
		w := cron.WallOf(1000, 1, 1, 0, 0) + cron.Wall((seconds%years+years)%years)
		name := p.Name(w)
		got, ok := p.Match(name)
		if want := p.Unit().Floor(w); !ok || p.Unit() != window.None && got != want {
			t.Fatalf("%q names %v %q, which is read as %v, %v", text, want, name, got, ok)
		}
		if !strings.HasPrefix(name+"/", p.Base()) {
			t.Fatalf("%q: %q does not lie in %q", text, name, p.Base())
		}
		if w, ok := p.Match(path); ok && p.Unit() != window.None {
			// The tokens of the path, read back, are those of the date.
			if again := p.Unit().Floor(w); again != w {
				t.Fatalf("%q on %q: %v is not the beginning of a %v", text, path, w, p.Unit())
			}
		}
	})
}
