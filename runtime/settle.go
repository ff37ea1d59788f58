package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// settle brings every run under way as far as it can go now, and returns when
// the next of them has something to do by itself. A run that cannot be settled
// does not hold up the others.
func (e *engine) settle(ctx context.Context, now time.Time) (time.Time, error) {
	var runs []store.Run
	err := e.store.View(ctx, func(tx *store.Tx) (err error) {
		runs, err = tx.UnderWay()
		return err
	})
	if err != nil {
		return time.Time{}, err
	}
	var next time.Time
	for _, r := range runs {
		if !e.only.has(r.Key) {
			continue
		}
		due, failed := e.settleRun(ctx, now, r)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("settle %s: %w", r.Key, failed))
		}
		next = earliest(next, due)
	}
	return next, err
}

// settleRun decides what follows from the tasks of one run as they stand, and
// starts the work that is due.
func (e *engine) settleRun(ctx context.Context, now time.Time, r store.Run) (time.Time, error) {
	if r.State == store.Stopping {
		e.breakOff(r.Key)
	}
	c := &crew{engine: e}
	for moved, over := true, false; moved; {
		idle, err := e.idle(ctx, now, func(d *desk) (err error) { // mostly a run only waits
			trial := *c
			moved, over, err = d.move(r.Key, &trial)
			return err
		})
		if err == nil && !idle {
			err = e.desk(ctx, now, func(d *desk) (err error) {
				moved, over, err = d.move(r.Key, c)
				return err
			})
		}
		if err != nil {
			return time.Time{}, err
		}
		if over {
			return now, nil // what waited for this run may begin
		}
	}
	return e.employ(ctx, now, r)
}

// hands is what a desk must know of the work under way.
type hands interface {
	engage(p *program, r store.Run) bool      // may one more step begin; it then counts as begun
	busy(t store.Task, group graph.Addr) bool // is it being worked on
}

// move makes the moves of a flow, once. It reports whether there were any, and
// whether the run is over.
func (d *desk) move(key string, h hands) (moved, over bool, err error) {
	r, err := d.run(key)
	if err != nil || store.Ended(r.State) {
		return false, true, err
	}
	p, err := d.all.of(d.tx, r)
	if err != nil {
		return false, false, err
	}
	tasks, err := d.tx.Tasks(key)
	if err != nil {
		return false, false, err
	}
	if err := d.watch(r, p.Group(r.Group)); err != nil {
		return false, false, err
	}
	if r.State == store.Stopping {
		if err := d.stopIdle(r, tasks, h); err != nil {
			return false, false, err
		}
	}
	if moved, err := d.gates(r, p, tasks); moved || err != nil {
		return moved, false, err
	}
	f := flow{group: p.Group(r.Group), graph: p.Graph, tasks: tasks, stopping: r.State == store.Stopping}
	m := f.next()
	if m.final && r.State == store.Running {
		if r, err = d.finalize(r); err != nil {
			return false, false, err
		}
	}
	for _, name := range m.start {
		t, _ := f.task(name)
		if may, err := d.mayStart(r, p, t, h); err != nil {
			return moved, false, err
		} else if !may {
			continue
		}
		moved = true
		if err := d.startTask(r, p, t); err != nil {
			return moved, false, err
		}
	}
	for name, end := range m.end {
		t, _ := f.task(name)
		moved = true
		if err := d.endTask(t, end.state, end.why); err != nil {
			return moved, false, err
		}
	}
	if m.state != "" {
		return true, true, d.endRun(r, m.state, f.summary())
	}
	return moved, false, nil
}

// finalize notes that a run has passed its barrier. What it has loaded is
// complete, or missing where the group goes on without it.
func (d *desk) finalize(r store.Run) (store.Run, error) {
	r.State = store.Finalizing
	if err := d.tx.PutRun(r); err != nil {
		return r, err
	}
	return r, note(d.tx, d.now, r.Key, "", EventFinalizing, "everything that loads is done")
}

// mayStart reports whether a pending task may begin now: its pause before
// another attempt is over, and a step finds room and is not done by another run,
// which may share it. Couriers find room when they have work to do.
func (d *desk) mayStart(r store.Run, p *program, t store.Task, h hands) (bool, error) {
	switch {
	case t.NextAt.After(d.now):
		return false, nil
	case t.Kind == kindGate || t.Kind == store.KindCourier:
		return true, nil
	}
	runs, err := d.tx.UnderWay()
	if err != nil {
		return false, err
	}
	for _, other := range runs {
		if other.Key == r.Key || !d.errand.has(other.Key) {
			continue
		}
		if same, _, err := d.tx.Task(other.Key, t.Name); err != nil || same.State == store.Running {
			return false, err
		}
	}
	return h.engage(p, r), nil
}

// stopIdle ends the running tasks of a run that is stopping on which nobody
// works: a holder that died has left them, or they rest between two attempts.
func (d *desk) stopIdle(r store.Run, tasks []store.Task, h hands) error {
	for i, t := range tasks {
		if t.State != store.Running || h.busy(t, r.Group) {
			continue
		}
		if err := d.endTask(t, store.Stopped, "the run was stopped"); err != nil {
			return err
		}
		tasks[i].State = store.Stopped
	}
	return nil
}

// startTask begins a pending task.
func (d *desk) startTask(r store.Run, p *program, t store.Task) error {
	t.NextAt = time.Time{}
	if t.StartedAt.IsZero() {
		t.StartedAt = d.now
	}
	switch t.Kind {
	case kindGate:
		return d.startGate(r, p.Group(r.Group), t)
	case store.KindCourier:
		return d.startCourier(r, p, t)
	default:
		t.State = store.Running
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
		return note(d.tx, d.now, t.Run, t.Name, EventTaskStarted, "attempt %d", t.Attempt)
	}
}

// endTask writes the end of a task that has come to none of its own.
func (d *desk) endTask(t store.Task, state, why string) error {
	t.State, t.Message, t.EndedAt = state, why, d.now
	if err := d.tx.EndPoll(t.Run, t.Name); err != nil {
		return err
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	kind := EventTaskSkipped
	switch state {
	case store.Stopped:
		kind = EventTaskStopped
	case store.Succeeded:
		kind = EventTaskSucceeded
	}
	return note(d.tx, d.now, t.Run, t.Name, kind, "%s", why)
}

// startGate begins to wait for another group.
func (d *desk) startGate(r store.Run, g *graph.Group, t store.Task) error {
	a := (&flow{group: g}).after(t)
	if a == nil {
		return d.endTask(t, store.Skipped, "it is not in the graph of this run")
	}
	t.State, t.Deadline = store.Waiting, window.Deadline(a.Wait, r.ScheduledAt, r.StartedAt)
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "waits for %s until %s", a.Group, stamp(t.Deadline))
}

// gates decides about the constraints that a run waits for, and reports
// whether one of them has come to its end.
func (d *desk) gates(r store.Run, p *program, tasks []store.Task) (moved bool, err error) {
	for _, t := range tasks {
		if t.Kind != kindGate || t.State != store.Waiting || r.State == store.Stopping {
			continue
		}
		a := (&flow{group: p.Group(r.Group)}).after(t)
		covered, err := d.covered(r, p, *a)
		if err != nil {
			return moved, err
		}
		switch window.Gate(covered, d.now, t.Deadline, a.OnMissing) {
		case window.GateWaiting:
			continue
		case window.GateOpen:
			t.State, t.Message = store.Succeeded, string(a.Group)+" is done"
		default:
			t.State, t.Fault, t.Message = store.Missing, store.FaultNotReady, string(a.Group)+" was not done by "+stamp(t.Deadline)
		}
		moved, t.EndedAt = true, d.now
		if err := d.tx.PutTask(t); err != nil {
			return moved, err
		}
		kind := EventTaskSucceeded
		if t.State == store.Missing {
			kind = EventTaskMissing
		}
		if err := note(d.tx, d.now, r.Key, t.Name, kind, "%s", t.Message); err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// covered reports whether the upstream tick that a gate asks for is done.
func (d *desk) covered(r store.Run, p *program, a graph.After) (bool, error) {
	upstream := p.calendars[a.Group]
	if upstream == nil {
		return false, nil
	}
	tick, ok := upstream.Upstream(p.calendars[r.Group], r.ScheduledAt, a.Offset)
	if !ok {
		return true, nil // nothing was due so early
	}
	return d.tx.Covered(a.Group, tick)
}
