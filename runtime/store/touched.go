package store

import (
	"maps"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Touched is what a transaction has changed that something else may follow from.
type Touched struct {
	Runs  []string     // under way, or with a task that was written
	Ended []graph.Addr // groups of which a run has ended

	Expected []time.Time // when runs are due that were made and that nobody has taken yet
	Due      []time.Time // when the waits, jobs and runs that were written are looked at by themselves
}

// touched collects a Touched.
type touched struct {
	runs  map[string]bool
	ended map[graph.Addr]bool

	expected, due []time.Time
}

func (t *touched) run(r *Run) {
	switch {
	case Ended(r.State):
		if t.ended == nil {
			t.ended = map[graph.Addr]bool{}
		}
		t.ended[r.Group] = true
	case r.State == Running || r.State == Finalizing || r.State == Stopping:
		t.task(r.Key)
	case r.Expected():
		t.expected = append(t.expected, r.ScheduledAt)
	}
}

func (t *touched) wait(until time.Time) {
	if !until.IsZero() {
		t.due = append(t.due, until)
	}
}

func (t *touched) task(run string) {
	if t.runs == nil {
		t.runs = map[string]bool{}
	}
	t.runs[run] = true
}

// Touched returns what the transaction has changed so far.
func (tx *Tx) Touched() Touched {
	return Touched{
		Runs: slices.Sorted(maps.Keys(tx.touched.runs)), Ended: slices.Sorted(maps.Keys(tx.touched.ended)),
		Expected: tx.touched.expected, Due: tx.touched.due,
	}
}
