package runtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// defect is a panic of one piece of work. It is a fault of Waybill and not of
// what the work was about, so that trying again would meet it again: that piece
// of work fails, once, with the stack in the log, and everything else goes on.
type defect struct {
	value any
	stack []byte
}

func (d *defect) Error() string { return fmt.Sprint("panic: ", d.value) }

// why is what is written about the piece of work.
func (d *defect) why() string {
	return fmt.Sprintf("Waybill itself broke over it (%v); the log of the server has the stack: please report it", d.value)
}

// guard turns a panic of f into a *defect.
func guard(f func() error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *defect: // of another goroutine, whose stack it has
			err = v
		default:
			err = &defect{value: v, stack: debug.Stack()}
		}
	}()
	return f()
}

// brokenPause is how long something rests over which Waybill broke.
const brokenPause = time.Minute

// lasting does what goes on beside the loop until ctx ends: where Waybill breaks
// over it, it is begun again.
func (e *engine) lasting(ctx context.Context, what string, do func(context.Context)) {
	for e.guarded(what, func() { do(ctx) }) && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(brokenPause):
		}
	}
}

// guarded reports whether Waybill broke over something, and logs it.
func (e *engine) guarded(what string, do func()) (broke bool) {
	err := guard(func() error { do(); return nil })
	var broken *defect
	if errors.As(err, &broken) {
		e.log.Error("Waybill broke over "+what+", which goes on", "panic", broken.value, "stack", string(broken.stack))
		return true
	}
	return false
}

// failBroken ends a task over whose work Waybill broke.
func (e *engine) failBroken(ctx context.Context, j job, broken *defect) error {
	e.log.Error("Waybill broke over a task, which has failed", "run", j.run, "task", j.task, "panic", broken.value, "stack", string(broken.stack))
	err := guard(func() error {
		return e.record(ctx, store.Task{Run: j.run, Name: j.task}, func(d *desk, t store.Task) error {
			t.Fault, t.Message = store.FaultFailed, broken.why()
			if err := d.tx.DeleteJob(t.Run, graph.Addr(t.Name)); err != nil {
				return err
			}
			return d.failTask(t)
		})
	})
	return e.asideIf(j, err)
}

// endBroken ends a run whose tasks Waybill cannot go on with.
func (e *engine) endBroken(ctx context.Context, now time.Time, run string, broken *defect) error {
	e.log.Error("Waybill broke over a run, which has failed", "run", run, "panic", broken.value, "stack", string(broken.stack))
	e.breakOff(run)
	err := guard(func() error {
		return e.desk(ctx, now, func(d *desk) error {
			r, err := d.run(run)
			if err != nil || store.Ended(r.State) {
				return err
			}
			tasks, err := d.tx.Tasks(run)
			if err != nil {
				return err
			}
			for _, t := range tasks {
				if !t.Open() {
					continue
				}
				if err := d.endTask(t, store.Stopped, broken.why()); err != nil {
					return err
				}
			}
			if err := d.tx.SetDue(run, time.Time{}); err != nil {
				return err
			}
			return d.endRun(r, store.Failed, broken.why())
		})
	})
	return e.asideIf(job{run: run}, err)
}

// asideIf sets work aside, until the process ends, over which Waybill broke
// again when it wanted to write so.
func (e *engine) asideIf(j job, err error) error {
	var again *defect
	if !errors.As(err, &again) {
		return err
	}
	e.log.Error("Waybill broke over this, and leaves it alone until it is started again",
		"run", j.run, "task", j.task, "group", j.group, "panic", again.value, "stack", string(again.stack))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.aside[j] = true
	return nil
}

// failed puts off what has failed for a reason of the machine, and says what it
// was.
func (e *engine) failed(j job, what string, err error) error {
	if err = e.asideIf(j, err); err == nil {
		return nil
	}
	e.restFor(j, faultPause)
	return fmt.Errorf("%s: %w", what, err)
}

// leftAlone reports whether work rests for a while, or is set aside.
func (e *engine) leftAlone(j job) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, rests := e.rest[j]
	return rests || e.aside[j]
}

// alone bounds how much is left alone.
func (e *engine) alone() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.rest) + len(e.aside)
}
