package runtime

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// settle brings the runs of a docket, and those for which something may follow
// from what has happened, as far as they can go now. It returns when an errand
// has something to do next.
func (e *engine) settle(ctx context.Context, now time.Time, d docket) (next time.Time, err error) {
	e.attend(d.runs...)
	var mu sync.Mutex
	err = together(e.attended(runsAtOnce), func(v visit) error {
		j := job{run: v.run}
		if !e.only.has(v.run) || e.leftAlone(j) {
			return nil
		}
		goOn := e.settleRun
		if v.settled {
			goOn = e.employSettled
		}
		due, err := goOn(ctx, now, v.run)
		mu.Lock()
		defer mu.Unlock()
		next = earliest(next, due)
		return e.failed(j, "settle "+v.run, err)
	})
	if e.only == nil {
		next = time.Time{} // it is in the store
	}
	e.askAll(ctx, d.asks)
	return next, err
}

// settleRun decides what follows from the tasks of one run as they stand, and
// starts the work that is due.
func (e *engine) settleRun(ctx context.Context, now time.Time, run string) (due time.Time, err error) {
	c := &crew{engine: e}
	defer c.dismiss()
	var r store.Run
	var s *scene.Scene
	left, busy := e.wasLeft(run), e.underWay(run)
	err = guard(func() error {
		return e.desk(ctx, now, func(d *desk) (err error) {
			if r, err = d.run(run); err != nil || store.Ended(r.State) {
				return err
			}
			if left {
				if err := d.takeUp(r); err != nil {
					return err
				}
			}
			if r, due, err = d.settle(r, c); err == nil {
				s, err = scene.Read(d.tx, d.all, r)
			}
			return err
		})
	})
	var broken *defect
	switch {
	case errors.As(err, &broken):
		return due, e.endBroken(ctx, now, run, broken)
	case err != nil:
		return due, err
	}
	e.takenUp(run)
	switch {
	case store.Ended(r.State):
		return due, nil
	case r.State == store.Stopping:
		e.breakOff(run)
		return due, nil
	}
	return earliest(due, e.employ(ctx, now, s, busy)), nil
}

// hands is what a desk must know of the work under way.
type hands interface {
	engage(p *scene.Program, r store.Run, t store.Task) bool // may one more step begin; it then counts as begun
	share(r store.Run, t store.Task)                         // it waits for the same step of another run
	busy(t store.Task, group graph.Addr) bool                // is it being worked on
}

// settle makes the moves of a run until there are none, and notes when there is
// one without anything having happened. It returns the run as it stands then,
// and that instant.
func (d *desk) settle(r store.Run, h hands) (after store.Run, due time.Time, err error) {
	for moved := true; moved && !store.Ended(r.State); {
		if r, due, moved, err = d.move(r, h); err != nil {
			return r, due, err
		}
	}
	d.settled = r.Key
	return r, due, d.tx.SetDue(r.Key, due)
}

// move makes the moves of a flow, once, and reports whether there were any.
func (d *desk) move(r store.Run, h hands) (after store.Run, due time.Time, moved bool, err error) {
	p, err := d.all.Of(d.tx, r)
	if err != nil {
		return r, due, false, err
	}
	tasks, err := d.tx.Tasks(r.Key)
	if err != nil {
		return r, due, false, err
	}
	if err := d.watch(r, p.Group(r.Group)); err != nil {
		return r, due, false, err
	}
	if r.State == store.Stopping {
		if err := d.stopIdle(r, tasks, h); err != nil {
			return r, due, false, err
		}
	}
	if moved, err := d.gates(r, p, tasks); moved || err != nil {
		return r, due, moved, err
	}
	f := flow.Flow{Group: p.Group(r.Group), Graph: p.Graph, Tasks: tasks, Stopping: r.State == store.Stopping}
	m := f.Next()
	if m.Final && r.State == store.Running {
		if r, err = d.finalize(r); err != nil {
			return r, due, moved, err
		}
	}
	if moved, err = d.carry(r, p, f, m, h); err != nil {
		return r, due, moved, err
	}
	if m.State != "" {
		err = d.endRun(r, m.State, f.Summary())
		r.State = m.State
		return r, due, true, err
	}
	return r, d.dueAt(r, f.Group, tasks), moved, nil
}

// carry starts and ends the tasks that a flow wants started and ended, and
// reports whether there were any.
func (d *desk) carry(r store.Run, p *scene.Program, f flow.Flow, m flow.Moves, h hands) (moved bool, err error) {
	for _, name := range m.Start {
		t, _ := f.Task(name)
		if may, err := d.mayStart(r, p, t, h); err != nil {
			return moved, err
		} else if !may {
			continue
		}
		moved = true
		if err := d.startTask(r, p, t); err != nil {
			return moved, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.End)) {
		t, _ := f.Task(name)
		moved = true
		if err := d.endTask(t, m.End[name].State, m.End[name].Why); err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// dueAt is when there is something to do for a run by itself, besides looks at
// sources and questions after jobs.
func (d *desk) dueAt(r store.Run, g *graph.Group, tasks []store.Task) (due time.Time) {
	add := func(at time.Time) {
		if at.After(d.now) {
			due = earliest(due, at)
		}
	}
	for _, w := range watches(r, g) {
		add(w.at)
	}
	for _, t := range tasks {
		switch {
		case t.State == store.Waiting && t.Kind == store.KindGate:
			add(t.Deadline)
		case t.Open(): // the pause before another attempt, or before a program is asked again
			add(t.NextAt)
		}
	}
	return due
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
func (d *desk) mayStart(r store.Run, p *scene.Program, t store.Task, h hands) (bool, error) {
	switch {
	case t.NextAt.After(d.now):
		return false, nil
	case t.Kind == store.KindGate || t.Kind == store.KindCourier:
		return true, nil
	}
	elsewhere, err := d.errand.elsewhere(d.tx, graph.Addr(t.Name), r.Key)
	if err != nil {
		return false, err
	}
	if elsewhere {
		h.share(r, t)
		return false, nil
	}
	return h.engage(p, r, t), nil
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
func (d *desk) startTask(r store.Run, p *scene.Program, t store.Task) error {
	t.NextAt = time.Time{}
	if t.StartedAt.IsZero() {
		t.StartedAt = d.now
	}
	switch t.Kind {
	case store.KindGate:
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
	if err := d.tx.DeleteJob(t.Run, graph.Addr(t.Name)); err != nil {
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
	a := flow.After(g, t)
	if a == nil {
		return d.endTask(t, store.Skipped, "it is not in the graph of this run")
	}
	t.State, t.Deadline = store.Waiting, window.Deadline(a.Wait, r.ScheduledAt, r.StartedAt)
	t.Data = store.GateData(a.Group)
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "waits for %s until %s", a.Group, words.Stamp(t.Deadline))
}

// gates decides about the constraints that a run waits for, and reports
// whether one of them has come to its end.
func (d *desk) gates(r store.Run, p *scene.Program, tasks []store.Task) (moved bool, err error) {
	for _, t := range tasks {
		if t.Kind != store.KindGate || t.State != store.Waiting || r.State == store.Stopping {
			continue
		}
		a := flow.After(p.Group(r.Group), t)
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
			t.State, t.Fault, t.Message = store.Missing, store.FaultNotReady, string(a.Group)+" was not done by "+words.Stamp(t.Deadline)
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
func (d *desk) covered(r store.Run, p *scene.Program, a graph.After) (bool, error) {
	upstream := p.Calendars[a.Group]
	if upstream == nil {
		return false, nil
	}
	tick, ok := upstream.Upstream(p.Calendars[r.Group], r.ScheduledAt, a.Offset)
	if !ok {
		return true, nil // nothing was due so early
	}
	return d.tx.Covered(a.Group, tick)
}
