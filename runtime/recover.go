package runtime

import (
	"context"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// recover finds what the last holder has left; an errand, only the run that it
// has adopted. Each run is taken up by itself, when it is looked at for the first
// time, and what is due goes on meanwhile.
func (e *engine) recover(ctx context.Context) error {
	var runs []string
	var groups []graph.Addr
	err := e.store.View(ctx, func(tx *store.Tx) (err error) {
		if runs, err = tx.UnderWayKeys(); err != nil {
			return err
		}
		groups, err = tx.Waiting()
		return err
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.backlog = slices.DeleteFunc(runs, func(r string) bool { return !e.only.has(r) })
	for _, r := range e.backlog {
		e.left[r] = true
	}
	e.mu.Unlock()
	return together(groups, func(group graph.Addr) error { return e.wakeQueue(ctx, group) })
}

// wasLeft reports whether a run was begun by an earlier holder and not taken up
// yet.
func (e *engine) wasLeft(run string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.left[run]
}

func (e *engine) takenUp(run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.left, run)
}

// takeUp goes on with a run of an earlier holder. Couriers simply go on: a look
// or a landing can be repeated. A step that was under way may have been done, or
// not: its on_unknown decides.
func (d *desk) takeUp(r store.Run) error {
	s, err := scene.Read(d.tx, d.all, r)
	if err != nil {
		return err
	}
	for _, t := range s.Tasks {
		_, polling := s.Jobs[t.Name]
		if t.Kind == store.KindGate && t.State == store.Waiting && len(t.Data) == 0 { // an earlier release did not write it
			if a := flow.After(s.Group, t); a != nil {
				t.Data = store.GateData(a.Group)
				if err := d.tx.PutTask(t); err != nil {
					return err
				}
			}
		}
		if t.State != store.Running || t.Kind == store.KindCourier || t.Kind == store.KindGate || polling {
			continue
		}
		if !t.NextAt.IsZero() {
			continue // it rests between two attempts
		}
		step := s.Program.Step(graph.Addr(t.Name))
		t.Message = "the process that carried it out ended in the middle"
		if step.OnUnknown == graph.OnUnknownHold {
			if err := d.hold(t); err != nil {
				return err
			}
			continue
		}
		t.State = store.Pending
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
		if err := note(d.tx, d.now, t.Run, t.Name, EventTaskInterrupted, "%s; it is done again", t.Message); err != nil {
			return err
		}
	}
	return nil
}

// wakeQueue lets a queued run of a group begin that has nothing under way, such as
// one that was asked for while nobody held the store.
func (e *engine) wakeQueue(ctx context.Context, group graph.Addr) error {
	now := time.Now().UTC()
	j := job{group: group}
	err := guard(func() error {
		return e.desk(ctx, now, func(d *desk) error {
			if d.errand == nil {
				return d.step(group, window.Due{Now: now})
			}
			runs, err := d.tx.OpenRuns(group)
			mine := func(r store.Run) bool { return r.State == store.Waiting && d.errand.has(r.Key) }
			if err != nil || !slices.ContainsFunc(runs, mine) {
				return err
			}
			return d.step(group, window.Ended{}) // of no run: begins what waits, and takes no tick
		})
	})
	return e.failed(j, "go on with "+string(group), err)
}
