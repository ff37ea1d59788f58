package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/logs"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// engine is the holder of the lease at work. One goroutine, the loop, decides
// and starts work; each piece of work (a look at a source, a landing, a step)
// is a goroutine that writes its own result and wakes the loop.
type engine struct {
	store     *store.Store
	lease     *store.Lease
	programs  *programs
	listings  *listings
	log       hclog.Logger
	workspace string
	poll      time.Duration
	redactor  *value.Redactor
	book      *logs.Book

	// only is the command that this process came for, and the one run that it
	// makes; nil in Serve, which does everything there is to do.
	only *errand

	observer    Observer
	told        int64         // the last event that was logged
	toldLanding int64         // the last landing that the observer was told of
	wake        chan struct{} // a piece of work has ended
	leaving     chan struct{} // closed when the process leaves its work for the next holder

	mu    sync.Mutex
	work  map[job]working
	rest  map[job]time.Time // work that failed for a reason of the machine waits until then
	tasks sync.WaitGroup
}

// working is a piece of work under way.
type working struct {
	cancel context.CancelCauseFunc
	source graph.Addr // the courier, where it is a courier's
}

// job names a piece of work under way.
type job struct {
	run, task string
	group     graph.Addr
}

// errStopped is the cause with which work of a stopped run is canceled, and
// errLeaving that of work that the process leaves for the next holder.
var (
	errStopped = errors.New("the run was stopped")
	errLeaving = errors.New("the process is ending")
)

// Serve acts on the store until ctx is done: it takes due runs, waits, lands
// and carries out commands. It fails with a [store.HeldError] when another
// process does. Work that is under way when ctx ends is broken off and taken up
// again by the next holder.
func (r *Runtime) Serve(ctx context.Context) error {
	lease, err := r.store.Acquire(ctx, r.options.Actor, time.Now())
	if err != nil {
		return err
	}
	e := r.engine(lease, nil)
	if e.told, e.toldLanding, err = r.lastTold(ctx); err != nil {
		return errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
	}
	r.log.Info("serving", "store", r.store.ID(), "epoch", lease.Holder().Epoch)
	err = e.run(ctx)
	if released := lease.Release(context.WithoutCancel(ctx)); err == nil {
		err = released
	}
	r.log.Info("stopped serving")
	return err
}

func (r *Runtime) engine(lease *store.Lease, only *errand) *engine {
	return &engine{
		store: r.store, lease: lease, programs: &r.programs, listings: &r.listings, log: r.log, workspace: r.options.Workspace,
		poll: r.options.Poll, redactor: &value.Redactor{}, only: only, observer: r.options.Observer, book: r.book,
		wake: make(chan struct{}, 1), leaving: make(chan struct{}), work: map[job]working{}, rest: map[job]time.Time{},
	}
}

// run is the loop. A fault of the machine, such as a full disk, is logged and
// tried again; only the loss of the lease ends the loop with an error.
func (e *engine) run(ctx context.Context) error {
	defer e.leave()
	if err := e.patiently(ctx, e.recover); err != nil || ctx.Err() != nil {
		return err
	}
	for {
		next, err := e.pass(ctx)
		e.observer.Passed(time.Now(), err != nil && !errors.Is(err, errDone))
		switch {
		case errors.Is(err, store.ErrFenced), errors.Is(err, errDone):
			return ignoreDone(err)
		case ctx.Err() != nil:
			return nil
		case err != nil:
			e.log.Error("a pass failed; trying again", "error", err)
			next = time.Now().Add(faultPause)
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
		case <-e.wake:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// faultPause is how long the loop rests after a fault of the machine.
const faultPause = time.Second

// errDone ends the loop of an errand that is over.
var errDone = errors.New("the errand is done")

func doneIf(over bool) error {
	if over {
		return errDone
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// patiently repeats what must happen before anything else until it works or
// ctx ends.
func (e *engine) patiently(ctx context.Context, f func(context.Context) error) error {
	for {
		err := f(ctx)
		switch {
		case err == nil || errors.Is(err, store.ErrFenced):
			return err
		case ctx.Err() != nil:
			return nil
		}
		e.log.Error("cannot start; trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(faultPause):
		}
	}
}

// pass does everything that is due now and returns when to pass again. What
// fails does not hold up the rest.
func (e *engine) pass(ctx context.Context) (time.Time, error) {
	now := time.Now().UTC()
	next := now.Add(e.poll)
	obeyed := e.obey(ctx, now)
	tick, taken := e.takeDue(ctx, now)
	due, settled := e.settle(ctx, now)
	if err := errors.Join(obeyed, taken, settled, e.tell(ctx)); err != nil {
		return next, err
	}
	over, err := e.errandOver(ctx)
	return earliest(next, due, tick), errors.Join(err, doneIf(over))
}

// takeDue takes the expected runs whose time has come, and returns when that of
// the next comes. An errand leaves them to a server.
func (e *engine) takeDue(ctx context.Context, now time.Time) (next time.Time, err error) {
	if e.only != nil {
		return next, nil
	}
	var due []store.Run
	err = e.store.View(ctx, func(tx *store.Tx) (err error) {
		if due, err = tx.DueTicks(now); err == nil && len(due) == 0 {
			next, _, err = tx.NextTick()
		}
		return err
	})
	if err != nil || len(due) == 0 {
		return next, err
	}
	for _, r := range due {
		failed := e.desk(ctx, now, func(d *desk) error { return d.step(r.Group, window.Due{Now: now}) })
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("take %s: %w", r.Key, failed))
		}
	}
	if err != nil {
		return next, err
	}
	err = e.store.View(ctx, func(tx *store.Tx) (err error) {
		next, _, err = tx.NextTick()
		return err
	})
	return next, err
}

// desk is one transaction of the holder.
func (e *engine) desk(ctx context.Context, now time.Time, f func(*desk) error) error {
	return e.lease.Update(ctx, func(tx *store.Tx) error { return e.atDesk(tx, now, f) })
}

// idle reports whether f, at a desk of the holder, would change nothing, and
// reads only.
func (e *engine) idle(ctx context.Context, now time.Time, f func(*desk) error) (bool, error) {
	err := e.lease.View(ctx, func(tx *store.Tx) error { return e.atDesk(tx, now, f) })
	if errors.Is(err, store.ErrReadOnly) {
		return false, nil
	}
	return err == nil, err
}

func (e *engine) atDesk(tx *store.Tx, now time.Time, f func(*desk) error) error {
	d, err := newDesk(tx, now, e.programs)
	if err != nil {
		return err
	}
	d.errand = e.only
	return f(d)
}

// start runs a piece of work in a goroutine of its own, unless it is under way.
// source is the courier, where it is a courier's.
func (e *engine) start(ctx context.Context, j job, source graph.Addr, f func(ctx context.Context) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, busy := e.work[j]; busy {
		return
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // leave and breakOff give the cause
	e.work[j] = working{cancel: cancel, source: source}
	delete(e.rest, j)
	e.tasks.Go(func() {
		defer e.finish(j, cancel)
		if err := f(ctx); err != nil && !errors.Is(context.Cause(ctx), errLeaving) {
			e.log.Error("work failed; trying again", "run", j.run, "task", j.task, "error", e.redactor.Error(err))
			e.mu.Lock()
			e.rest[j] = time.Now().Add(faultPause)
			e.mu.Unlock()
		}
	})
}

func (e *engine) finish(j job, cancel context.CancelCauseFunc) {
	cancel(nil)
	e.mu.Lock()
	delete(e.work, j)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// busy reports whether work on a task is under way.
func (e *engine) busy(t store.Task, group graph.Addr) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, busy := e.work[job{run: t.Run, task: t.Name, group: group}]
	return busy
}

// underWay returns the work that is under way.
func (e *engine) underWay() map[job]working {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.work)
}

// resting returns until when work that failed is left alone.
func (e *engine) resting(j job) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rest[j]
}

// breakOff cancels all work of a run.
func (e *engine) breakOff(run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for j, w := range e.work {
		if j.run == run {
			w.cancel(errStopped)
		}
	}
}

// leave breaks all work off and waits for it.
func (e *engine) leave() {
	close(e.leaving)
	for _, w := range e.underWay() {
		w.cancel(errLeaving)
	}
	e.tasks.Wait()
}

func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
