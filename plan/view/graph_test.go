package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan/view"
)

func graphText(t *testing.T, g *graph.Graph, o view.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := view.Graph(&b, g, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The workspace with everything in it, as wide as it likes and on a narrow terminal.
func TestGraphGolden(t *testing.T) {
	t.Parallel()
	w, problems, err := lang.Load("../../lang/testdata/valid/complete", lang.Options{})
	if err != nil || w.Graph == nil {
		t.Fatal(err, problems)
	}
	golden(t, "graph.txt", []byte(graphText(t, w.Graph, view.Options{Width: 120})))
	golden(t, "graph.80.txt", []byte(graphText(t, w.Graph, view.Options{Width: 80})))
}

// Every part of every case is shown, within the width, and no text of it moves the
// cursor.
func TestGraphShowsAll(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		g := c.in().Graph
		if g == nil {
			continue
		}
		got := graphText(t, g, view.Options{Width: 80})
		for _, x := range g.Groups {
			if !strings.Contains(got, string(x.Addr)) {
				t.Errorf("%s: %s is not shown:\n%s", c.name, x.Addr, got)
			}
		}
		for _, x := range g.Couriers {
			if !strings.Contains(got, string(x.Addr)) {
				t.Errorf("%s: %s is not shown:\n%s", c.name, x.Addr, got)
			}
		}
		if strings.Contains(got, "\x1b") {
			t.Errorf("%s: colours where none were asked for", c.name)
		}
	}
	hostile := workspace(func(g *graph.Graph) {
		g.Landing = "a\x1b[2Jb"
		g.Couriers = []graph.Courier{filedrop("x", "in\rbox", file("f", "\x07.csv"))}
		g.Groups = []graph.Group{group("g", "not cron", "Nowhere/At_All", member("x", 0, graph.Offset{}))}
		g.Groups[0].Description = "two\nlines"
	})
	if got := graphText(t, hostile, view.Options{Width: 80}); strings.ContainsAny(got, "\x1b\x07\r") {
		t.Errorf("the text would move the cursor: %q", got)
	}
	if got := graphText(t, workspace(func(*graph.Graph) {}), view.Options{}); !strings.Contains(got, "It has no groups.") {
		t.Errorf("an empty workspace is shown as %q", got)
	}
}
