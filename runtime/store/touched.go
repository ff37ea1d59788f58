package store

import (
	"maps"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Touched is what a transaction has changed that something else may follow from.
type Touched struct {
	Runs  []string     // under way, or with a task that was written
	Ended []graph.Addr // groups of which a run has ended

	Expected bool // a run was made that nobody has taken yet
}

// touched collects a Touched.
type touched struct {
	runs  map[string]bool
	ended map[graph.Addr]bool

	expected bool
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
		t.expected = true
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
		Runs: slices.Sorted(maps.Keys(tx.touched.runs)), Ended: slices.Sorted(maps.Keys(tx.touched.ended)), Expected: tx.touched.expected,
	}
}
