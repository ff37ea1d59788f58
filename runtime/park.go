package runtime

import (
	"cmp"
	"maps"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// want is what a run waits for that another one has: room, or, with a step, the
// end of that step there.
type want struct {
	run   string
	place place
	step  graph.Addr
}

// park notes what a run waits for. It keeps its turn.
func (e *engine) park(w want) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, waits := e.parked[w]; !waits {
		e.orders++
		e.parked[w] = e.orders
	}
}

func (e *engine) anyParked() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.parked) > 0
}

// unparked takes those runs out of the wait that may find now what they wait
// for, each as often as there is room.
func (e *engine) unparked(tx *store.Tx) ([]string, error) {
	e.mu.Lock()
	parked, taken := maps.Clone(e.parked), e.taken.clone()
	e.mu.Unlock()
	if len(parked) == 0 {
		return nil, nil
	}
	var runs []string
	running := map[graph.Addr]bool{}
	for _, w := range slices.SortedFunc(maps.Keys(parked), func(a, b want) int { return cmp.Compare(parked[a], parked[b]) }) {
		if w.step != "" {
			busy, known := running[w.step]
			if !known {
				elsewhere, err := e.only.elsewhere(tx, w.step, w.run)
				if err != nil {
					return nil, err
				}
				busy = elsewhere
			}
			running[w.step] = true // the first of them has it next
			if busy {
				continue
			}
		} else if !taken.room(w.place) {
			continue
		} else {
			taken.add(w.place, 1)
		}
		e.mu.Lock()
		delete(e.parked, w)
		e.mu.Unlock()
		runs = append(runs, w.run)
	}
	return runs, nil
}

// elsewhere reports whether a step is being carried out for another run than
// one. An errand goes by its own runs: nobody works on others.
func (a *errand) elsewhere(tx *store.Tx, step graph.Addr, run string) (bool, error) {
	runs, err := tx.Sharers(step)
	return slices.ContainsFunc(runs, func(other string) bool { return other != run && a.has(other) }), err
}
