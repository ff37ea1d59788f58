package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// TestReview makes the change of examples/review to a runtime that runs the old
// workspace. The plan must tell that two runs vanish and that one hour is read
// twice, and that is what happens.
func TestReview(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "examples", "review")
	read := func(which string) string {
		text, err := os.ReadFile(filepath.Join(dir, which, "main.hcl"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	s := story{instantOf("2026-11-03T00:00:00Z"), instantOf("2026-11-05T17:20:00Z"), instantOf("2026-11-12T17:20:00Z")}
	files := fileLayouts{"stock-2006-01-02.csv", "orders-2006-01-02T15.csv"}
	without, with := s.live(t, read("old"), "", 0, files), s.live(t, read("old"), read("new"), 0, files)
	compare(t, with, without)

	vanish, twice := 0, []plan.Handover(nil)
	for _, q := range with.plan.Consequences {
		vanish += q.Runs.Vanish
		twice = append(twice, q.Twice...)
	}
	if vanish != 2 || len(twice) != 1 || twice[0].Range.Length() != time.Hour || with.landed[twice[0].Files[0]] != 2 {
		t.Errorf("%d runs vanish, read twice: %+v", vanish, twice)
	}
	p := *with.shown
	p.Base.Store, p.Tool = "", ""
	p.Base.AppliedBy = "ana@example.com"
	for name, write := range map[string]func(io.Writer, *plan.Plan, view.Options) error{
		"plan.txt": view.Text, "timeline.txt": view.Timeline, "plan.md": view.Markdown, "plan.html": view.HTML,
	} {
		var document bytes.Buffer
		if err := write(&document, &p, view.Options{Dir: "examples/review/new"}); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join(dir, name), document.String())
	}
	var document bytes.Buffer
	p.Graph, p.Zones = nil, nil
	if err := view.JSON(&document, &p); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(dir, "plan.json"), document.String())
}

func instantOf(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}
