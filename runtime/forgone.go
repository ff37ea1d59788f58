package runtime

import (
	"slices"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// forgone is what a courier has gone on without. Where its run moves the watermark
// no later one reads that, so that it stands beside what an attempt has found: every
// attempt of the run looks for it, until the courier has landed.
type forgone struct {
	Missing []window.Missing `json:"missing"` // without what later runs have seen arrive
}

// shortfall is a task and what its courier gave up on.
type shortfall struct {
	task    store.Task
	missing []window.Missing
}

// shortfallOf is what a courier has gone on without in any attempt, or has ended without
// in the last.
func shortfallOf(t store.Task) (shortfall, error) {
	if len(t.Forgone) > 0 {
		var f forgone
		err := store.Parse(t.Forgone, &f)
		return shortfall{t, f.Missing}, err
	}
	var h haul
	err := store.Parse(t.Data, &h)
	return shortfall{t, h.Missing}, err
}

// without is the task once some of what it gave up on has come.
func (s shortfall) without(came []window.Missing) (store.Task, error) {
	t, arrived := s.task, func(m window.Missing) bool { return slices.Contains(came, m) }
	if len(t.Forgone) > 0 {
		t.Forgone = store.Document(forgone{Missing: slices.DeleteFunc(slices.Clone(s.missing), arrived)})
	}
	var h haul
	if err := store.Parse(t.Data, &h); err != nil {
		return t, err
	}
	if slices.ContainsFunc(h.Missing, arrived) {
		h.Missing = slices.DeleteFunc(h.Missing, arrived)
		t.Data = store.Document(h)
	}
	return t, nil
}
