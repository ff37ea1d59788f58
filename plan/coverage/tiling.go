package coverage

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Rule is the range that the run at tick reads, given the tick before it.
type Rule func(previous, tick time.Time) window.Range

// Tiling is how ranges that follow each other fit together.
type Tiling struct {
	Runs     int
	Gaps     int            // places between two ranges that neither reads
	Overlaps int            // places that both read
	Lost     graph.Duration // length of all Gaps
	Twice    graph.Duration // length of all Overlaps
	First    []Hole         // the first gaps, at most Shown
	FirstTwo []Hole         // the first overlaps, at most Shown

	end time.Time // of the newest range
	any bool
}

// Tile fits together the ranges that a rule gives the ticks of a schedule in
// (from, until]. It looks at every tick, whatever the rule.
func Tile(s *cron.Schedule, from, until time.Time, rule Rule) Tiling {
	var t Tiling
	previous := from
	if f, ok := s.Prev(from.Add(time.Second)); ok {
		previous = f.Instant
	}
	for f := range s.Between(from, until) {
		t.add(f.Instant, rule(previous, f.Instant))
		previous = f.Instant
	}
	return t
}

// add joins the range of the next run.
func (t *Tiling) add(run time.Time, r window.Range) {
	t.Runs++
	if t.any {
		t.join(run, r.Start)
	}
	t.end, t.any = r.End, true
}

// join compares the end of one range with the start of the next.
func (t *Tiling) join(run, start time.Time) {
	switch d := start.Sub(t.end); {
	case d > 0:
		t.Gaps++
		t.Lost += graph.Duration(d)
		t.First = first(t.First, Hole{Run: run, Range: window.Range{Start: t.end, End: start}})
	case d < 0:
		t.Overlaps++
		t.Twice -= graph.Duration(d)
		t.FirstTwo = first(t.FirstTwo, Hole{Run: run, Range: window.Range{Start: start, End: t.end}})
	}
}

// first appends x where the list is not full.
func first[T any](list []T, x T) []T {
	if len(list) < Shown {
		list = append(list, x)
	}
	return list
}
