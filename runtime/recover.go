package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// recover takes up what the last holder has left; an errand, only the run that
// it has adopted. Couriers simply go on: a look or a landing can be repeated. A
// step that was under way may have been done, or not: its on_unknown decides.
func (e *engine) recover(ctx context.Context) error {
	return e.desk(ctx, time.Now().UTC(), func(d *desk) error {
		runs, err := d.tx.UnderWay()
		if err != nil {
			return err
		}
		for _, r := range runs {
			if !d.errand.has(r.Key) {
				continue
			}
			if err := d.takeUp(r); err != nil {
				return err
			}
		}
		return d.wakeQueues()
	})
}

func (d *desk) takeUp(r store.Run) error {
	s, err := readScene(d.tx, d.all, r.Key)
	if err != nil {
		return err
	}
	for _, t := range s.tasks {
		_, polling := s.jobs[t.Name]
		if t.State != store.Running || t.Kind == store.KindCourier || t.Kind == kindGate || polling {
			continue
		}
		if !t.NextAt.IsZero() {
			continue // it rests between two attempts
		}
		step := s.program.Step(graph.Addr(t.Name))
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

// wakeQueues lets queued runs begin whose group has nothing under way, such as
// those that were asked for while nobody held the store.
func (d *desk) wakeQueues() error {
	runs, err := d.tx.OpenRuns("")
	if err != nil {
		return err
	}
	event := window.Event(window.Due{Now: d.now})
	if d.errand != nil {
		event = window.Ended{} // of no run: begins what waits, and takes no tick
	}
	woken := map[graph.Addr]bool{}
	for _, r := range runs {
		if r.State != store.Waiting || woken[r.Group] || !d.errand.has(r.Key) {
			continue
		}
		woken[r.Group] = true
		if err := d.step(r.Group, event); err != nil {
			return err
		}
	}
	return nil
}
