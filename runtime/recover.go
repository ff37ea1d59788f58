package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// recover takes up what the last holder has left. Couriers simply go on: a look
// or a landing can be repeated. A step that was under way may have been done,
// or not: its on_unknown decides.
func (e *engine) recover(ctx context.Context) error {
	if e.only != nil {
		return nil // its run has not begun
	}
	return e.desk(ctx, time.Now().UTC(), func(d *desk) error {
		runs, err := d.tx.UnderWay()
		if err != nil {
			return err
		}
		for _, r := range runs {
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
		t.Message = "the process that carried it out died"
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
	woken := map[graph.Addr]bool{}
	for _, r := range runs {
		if r.State != store.Waiting || woken[r.Group] {
			continue
		}
		woken[r.Group] = true
		if err := d.step(r.Group, window.Due{Now: d.now}); err != nil {
			return err
		}
	}
	return nil
}
