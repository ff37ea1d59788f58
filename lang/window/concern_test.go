package window_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	courier := drop(graph.File{Name: "orders", Pattern: "o-{yyyy}{MM}{dd}.csv"}, graph.File{Name: "more", Pattern: "m/{yyyy}-{MM}*"}, graph.File{Name: "new", Pattern: "new-*"})
	ready := graph.Ready{DoneMarker: "{file}.done"}
	w := want(t, calendar(t, nil), courier, twoDays)
	ranged := w
	ranged.ByModTime = true
	all := w
	all.All = true
	for _, c := range []struct {
		want            window.Want
		path            string
		file, date      string
		concerns, dated bool
	}{
		{w, "o-20260614.csv", "orders", "2026-06-14", true, true},
		{w, "o-20260616.csv", "", "", false, false},
		{w, "o-20260614.csv.done", "", "", true, false},
		{w, "new-1", "new", "", true, false},
		{w, "new-1.done", "", "", true, false},
		{ranged, "new-1", "", "", false, false}, // it was written before the range
		{all, "o-20260616.csv", "orders", "2026-06-16", true, false},
		{w, "other", "", "", false, false},
	} {
		o := window.Object{Path: c.path, ModTime: at("2026-06-01T00:00Z")}
		file, date, ok := c.want.Place(o, ready)
		if file != c.file || date != c.date || ok != (c.file != "") {
			t.Errorf("%s belongs to %q %q, %v", c.path, file, date, ok)
		}
		if got := c.want.Concerns(o, ready); got != c.concerns {
			t.Errorf("%s concerns: %v", c.path, got)
		}
		if got := c.want.Dated(c.path); got != c.dated {
			t.Errorf("%s dated: %v", c.path, got)
		}
	}
}

// A look without the objects that do not concern a run is judged alike.
func TestVerdictsDependOnWhatConcerns(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"o-20260613.csv", "o-20260614.csv", "o-20260615.csv", "o-20260616.csv", "m/2026-06a", "m/2026-07", "new-1", "new-2", "x",
		"o-20260614.csv.done", "o-20260615.csv.done", "new-1.done", "20260614/_SUCCESS", "20260616/_SUCCESS"}
	courier := drop(graph.File{Name: "orders", Pattern: "o-{yyyy}{MM}{dd}.csv"}, graph.File{Name: "more", Pattern: "m/{yyyy}-{MM}*", Optional: true}, graph.File{Name: "new", Pattern: "new-*"})
	for range 2000 {
		w := want(t, calendar(t, nil), courier, twoDays)
		w.All, w.ByModTime = r.IntN(4) == 0, r.IntN(2) == 0
		ready := graph.Ready{StableFor: graph.Duration(time.Minute), DoneMarker: []string{"", "{file}.done", "{yyyy}{MM}{dd}/_SUCCESS"}[r.IntN(3)]}
		look := window.Look{At: at("2026-06-15T13:00Z")}
		for _, name := range names {
			if r.IntN(2) == 0 {
				look.Objects = append(look.Objects, window.Object{Path: name, ModTime: look.At.Add(-time.Duration(r.IntN(180)) * 30 * time.Second)})
			}
		}
		landed := names[r.IntN(len(names))]
		h := window.History{Landed: func(o window.Object) bool { return o.Path == landed }}
		whole := w.Judge(look, nil, ready, h)
		look.Objects = slices.DeleteFunc(look.Objects, func(o window.Object) bool { return !w.Concerns(o, ready) })
		part := w.Judge(look, nil, ready, h)
		if diff := cmp.Diff(shorten(whole), shorten(part)); diff != "" || !whole.Again.Equal(part.Again) {
			t.Fatalf("of %v, done_marker %q (-all +what concerns):\n%s", look.Objects, ready.DoneMarker, diff)
		}
	}
}
