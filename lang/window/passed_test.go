package window_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func passedOver(v window.Verdict) []string {
	var all []string
	for _, p := range v.Passed {
		all = append(all, strings.TrimSuffix(p.Path+": "+p.Why+": "+p.Detail, ": "))
	}
	return all
}

// A verdict says of what it does not take why, nearest first.
func TestJudgeSaysWhatItPassesOver(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(
		graph.File{Name: "orders", Pattern: "orders-{yyyy}{MM}{dd}.csv"}, graph.File{Name: "new", Pattern: "new-*", Optional: true}), twoDays)
	there := objects(oldTime, "orders-20260614.csv", "orders-20260614.csv.done", "orders-20260615.csv", "orders-20260613.csv", "orders-20260610.csv",
		"orders-20260616.csv", "orders-20260614.CSV", "orders-20260631.csv", "readme.txt", "new-landed", "new-seen", "new-seen.done")
	there = append(there, objects("2026-06-15T13:00Z", "new-1", "new-1.done")...)
	h := window.History{
		Landed: func(o window.Object) bool { return o.Path == "new-landed" },
		Seen:   func(o window.Object) bool { return o.Path == "new-seen" },
	}
	ready := graph.Ready{DoneMarker: "{file}.done", StableFor: graph.Duration(time.Minute)}
	v := w.Judge(window.Look{At: at("2026-06-15T13:00:10Z"), Objects: there}, nil, ready, h)
	equal := []string{
		"new-1: still changing: whole at 2026-06-15T13:01:00Z if it stays as it is",
		"orders-20260615.csv: no done marker",
		"new-landed: has landed",
		"orders-20260613.csv: outside the range: its date is before what the run reads",
		"orders-20260616.csv: outside the range: its date is after what the run reads",
		"orders-20260610.csv: outside the range: its date is before what the run reads",
		"new-seen: older than the first run",
		"orders-20260631.csv: matches no pattern",
		"orders-20260614.CSV: matches no pattern",
		"readme.txt: matches no pattern",
		"new-1.done: tells of other files",
		"new-seen.done: tells of other files",
		"orders-20260614.csv.done: tells of other files",
	}
	if diff := cmp.Diff(equal, passedOver(v)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if v.PassedInAll != len(v.Passed) || v.Listed != len(there) {
		t.Errorf("%d passed over, %d listed", v.PassedInAll, v.Listed)
	}
}

// However much there is, a verdict names few files, and none of the reasons hides
// another one.
func TestJudgePassesOverInBounds(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "orders", Pattern: "{yyyy}{MM}{dd}-*"}), twoDays)
	var there []window.Object
	for i := range 500 {
		day := time.Date(2026, 6, 13, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -i)
		there = append(there, objects(oldTime, day.Format("20060102-x"), fmt.Sprintf("other-%d", i))...)
	}
	there = append(there, objects("2026-06-15T13:00Z", "20260614-y", "20260615-y")...)
	v := w.Judge(window.Look{At: at("2026-06-15T13:00Z"), Objects: there}, nil, graph.Ready{StableFor: graph.Duration(time.Minute)}, window.History{})
	byWhy := map[string]int{}
	for _, p := range v.Passed {
		byWhy[p.Why]++
	}
	if diff := cmp.Diff(map[string]int{window.StillChanging: 2, window.OutOfRange: 9, window.NoMatch: 9}, byWhy); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if v.PassedInAll != 1002 || v.Passed[2].Path != "20260613-x" {
		t.Errorf("%d in all, nearest %s", v.PassedInAll, v.Passed[2].Path)
	}
}

// An ad hoc run says which files were not modified in its range.
func TestJudgePassesOverByModificationTime(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "new", Pattern: "new-*"}), twoDays)
	w.ByModTime = true
	there := append(objects("2026-06-01T00:00Z", "new-1"), objects("2026-06-15T14:00Z", "new-2")...)
	v := w.Judge(window.Look{At: at("2026-06-16T13:00Z"), Objects: there}, nil, graph.Ready{}, window.History{})
	if diff := cmp.Diff([]string{
		"new-2: outside the range: modified after what the run reads", "new-1: outside the range: modified before what the run reads",
	}, passedOver(v)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
