package window_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestScope(t *testing.T) {
	t.Parallel()
	file := func(pattern string) []graph.File { return []graph.File{{Name: "orders", Pattern: pattern}} }
	for name, test := range map[string]struct {
		files    []graph.File
		ready    graph.Ready
		edit     func(*window.Want)
		folders  string
		prefixes string
	}{
		"a day each":       {files: file("{yyyy}/{MM}/{dd}/orders-*.csv"), folders: "''", prefixes: "2026/06/14/orders- 2026/06/15/orders-"},
		"in a folder":      {files: file("in/orders-{yyyy}{MM}{dd}.csv"), folders: "in", prefixes: "in/orders-20260614.csv in/orders-20260615.csv"},
		"wildcard first":   {files: file("in/*-{yyyy}{MM}{dd}.csv"), folders: "in", prefixes: "in/"},
		"wildcard folder":  {files: file("*/{yyyy}/{MM}/{dd}.csv"), folders: "''", prefixes: "''"},
		"twice":            {files: file("{yyyy}/{MM}/orders-{yyyy}{MM}{dd}?"), folders: "''", prefixes: "2026/06/orders-20260614 2026/06/orders-20260615"},
		"by arrival":       {files: file("new/in-*"), folders: "new", prefixes: "new/in-"},
		"all":              {files: file("in/orders-{yyyy}{MM}{dd}.csv"), edit: func(w *window.Want) { w.All = true }, folders: "in", prefixes: "in/orders-"},
		"nothing":          {files: file("in/{yyyy}-{MM}.csv"), folders: "", prefixes: ""},
		"its marker":       {files: file("o-{yyyy}{MM}{dd}-*"), ready: graph.Ready{DoneMarker: "{file}.done"}, folders: "''", prefixes: "o-20260614- o-20260615-"},
		"marker elsewhere": {files: file("in/{yyyy}{MM}{dd}-*"), ready: graph.Ready{DoneMarker: "done/{file}"}, folders: "done/in in", prefixes: "done/in/20260614- done/in/20260615- in/20260614- in/20260615-"},
		"dated marker":     {files: file("{yyyy}{MM}{dd}/o-*"), ready: graph.Ready{DoneMarker: "{yyyy}{MM}{dd}/_SUCCESS"}, folders: "''", prefixes: "20260614/_SUCCESS 20260614/o- 20260615/_SUCCESS 20260615/o-"},
		"hourly marker":    {files: file("{yyyy}{MM}{dd}.csv"), ready: graph.Ready{DoneMarker: "{yyyy}{MM}{dd}-{HH}.ok"}, folders: "''", prefixes: "20260614- 20260614.csv 20260615- 20260615.csv"},
		"monthly manifest": {files: file("d/{yyyy}{MM}{dd}.csv"), ready: graph.Ready{Manifest: "m/{yyyy}-{MM}.json"}, folders: "d m", prefixes: "d/20260614.csv d/20260615.csv m/2026-06.json"},
		"one marker":       {files: file("d/{yyyy}{MM}{dd}.csv"), ready: graph.Ready{DoneMarker: "READY"}, folders: "'' d", prefixes: "READY d/20260614.csv d/20260615.csv"},
	} {
		w := want(t, calendar(t, nil), drop(test.files...), twoDays)
		if test.edit != nil {
			test.edit(&w)
		}
		folders, prefixes := window.Scope(test.ready, w)
		quote := func(all []string) string {
			return strings.ReplaceAll(" "+strings.Join(all, " ")+" ", "  ", " '' ")
		}
		if diff := cmp.Diff(strings.Fields(test.folders), strings.Fields(quote(folders))); diff != "" && len(folders)+len(test.folders) > 0 {
			t.Errorf("%s: folders %q %s", name, folders, diff)
		}
		if diff := cmp.Diff(strings.Fields(test.prefixes), strings.Fields(quote(prefixes))); diff != "" && len(prefixes)+len(test.prefixes) > 0 {
			t.Errorf("%s: prefixes %q %s", name, prefixes, diff)
		}
	}
}

// A year of days, or a month of hours, is not asked for one by one, and never by
// what is not in the folder of the pattern.
func TestScopeIsBounded(t *testing.T) {
	t.Parallel()
	year := between("2025-07-01T00:00Z", "2026-07-01T00:00Z")
	for _, pattern := range []string{"in/orders-{yyyy}{MM}{dd}.csv", "{yyyy}/{MM}/{dd}/orders-*.csv", "in/{yyyy}/{MM}/{dd}/{HH}.csv", "größe/{dd}.{MM}.{yyyy}"} {
		w := want(t, calendar(t, nil), drop(graph.File{Name: "orders", Pattern: pattern}), year)
		folders, prefixes := window.Scope(graph.Ready{}, w)
		if len(prefixes) > window.MaxPrefixes || len(prefixes) < 2 {
			t.Errorf("%s: %d prefixes: %q", pattern, len(prefixes), prefixes)
		}
		for _, name := range w.Names() {
			if !begins(name, prefixes) {
				t.Errorf("%s: %s begins with none of %q", pattern, name, prefixes)
			}
		}
		for _, p := range prefixes {
			if !strings.HasPrefix(p, folders[0]) {
				t.Errorf("%s: %q is not in %q", pattern, p, folders[0])
			}
		}
	}
}

func begins(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// A look at what is in scope is judged as one at everything.
func TestVerdictsDependOnTheScope(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"o-20260613.csv", "o-20260614.csv", "o-20260615.csv", "o-20260616.csv", "m/2026-06a", "m/2026-07", "new-1", "new-2", "x",
		"o-20260614.csv.done", "o-20260615.csv.done", "new-1.done", "20260614/_SUCCESS", "20260616/_SUCCESS", "ok/o-20260614.csv", "ok/o-20260615.csv", "ok/new-2",
		"20260615-07.ok", "20260616-07.ok", "2026-06.ok"}
	courier := drop(graph.File{Name: "orders", Pattern: "o-{yyyy}{MM}{dd}.csv"}, graph.File{Name: "more", Pattern: "m/{yyyy}-{MM}*", Optional: true}, graph.File{Name: "new", Pattern: "new-*"})
	markers := []string{"", "{file}.done", "ok/{file}", "{yyyy}{MM}{dd}/_SUCCESS", "{yyyy}{MM}{dd}-{HH}.ok", "{yyyy}-{MM}.ok", "x"}
	for range 3000 {
		w := want(t, calendar(t, nil), courier, twoDays)
		w.All, w.ByModTime = r.IntN(4) == 0, r.IntN(2) == 0
		ready := graph.Ready{StableFor: graph.Duration(time.Minute), DoneMarker: markers[r.IntN(len(markers))]}
		look := window.Look{At: at("2026-06-15T13:00Z")}
		for _, name := range names {
			if r.IntN(2) == 0 {
				look.Objects = append(look.Objects, window.Object{Path: name, ModTime: look.At.Add(-time.Duration(r.IntN(180)) * 30 * time.Second)})
			}
		}
		whole := w.Judge(look, nil, ready, window.History{})
		_, prefixes := window.Scope(ready, w)
		look.Objects = slices.DeleteFunc(look.Objects, func(o window.Object) bool { return !begins(o.Path, prefixes) })
		part := w.Judge(look, nil, ready, window.History{})
		if diff := cmp.Diff(shorten(whole), shorten(part)); diff != "" || !whole.Again.Equal(part.Again) {
			t.Fatalf("of %v, done_marker %q (-all +what is in scope):\n%s", look.Objects, ready.DoneMarker, diff)
		}
	}
}

// What earlier runs gave up on is looked for by its own dates.
func TestScopeOfWhatWasMissed(t *testing.T) {
	t.Parallel()
	courier := drop(graph.File{Name: "orders", Pattern: "o-{yyyy}{MM}{dd}.csv"}, graph.File{Name: "new", Pattern: "new-*"})
	today := want(t, calendar(t, nil), courier, between("2026-06-15T00:00Z", "2026-06-16T00:00Z"))
	earlier := want(t, calendar(t, nil), courier, between("2026-06-01T00:00Z", "2026-06-04T00:00Z")).On([]window.Missing{
		{File: "orders", Date: "2026-06-02"}, {File: "new"}, {File: "gone", Date: "2026-06-03"},
	})
	_, prefixes := window.Scope(graph.Ready{}, today, earlier)
	if diff := cmp.Diff([]string{"new-", "o-20260602.csv", "o-20260615.csv"}, prefixes); diff != "" {
		t.Error(diff)
	}
}
