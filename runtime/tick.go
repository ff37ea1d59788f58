package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// ticksAtOnce is how many expected runs begin before what follows from them gets
// its turn.
const ticksAtOnce = 1024

// fewTicks is how many expected runs may be due together for what follows from them
// to be written with their beginning: none of them waits for that then.
const fewTicks = 8

// takeTicks takes expected runs at their instants, beside the loop, so that they
// begin in time whatever else there is to do.
func (e *engine) takeTicks(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := e.tick(ctx)
		switch {
		case errors.Is(err, store.ErrFenced) || ctx.Err() != nil:
			return // the loop finds out by itself
		case err != nil:
			e.log.Error("due runs could not be taken; trying again", "error", err)
			next = time.Now().Add(faultPause)
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
		case <-e.rescheduled:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tick takes the expected runs whose time has come, where there may be any, and
// returns when to look again: another process may have applied something
// meanwhile. The loop does so, too, one at a time: what is due begins before
// anything follows from what is under way.
func (e *engine) tick(ctx context.Context) (next time.Time, err error) {
	e.taking.Lock()
	defer e.taking.Unlock()
	now := time.Now().UTC()
	if !e.ticks.reached(now, e.poll) {
		return e.ticks.next(), nil
	}
	var due []store.Run
	most := ticksAtOnce + e.alone() // what is left alone stays due
	err = e.lease.View(ctx, func(tx *store.Tx) error {
		if due, err = tx.DueTicks(now, most); err != nil {
			return err
		}
		next, _, err = tx.NextTick(now)
		return err
	})
	if err == nil {
		err = e.takeDue(ctx, now, due)
	}
	if err != nil {
		e.ticks.forget()
		return now, err
	}
	if len(due) == most {
		next = now
	}
	e.ticks.lower(next)
	return e.ticks.next(), nil
}

// tickFirst is tick for the loop. An errand leaves expected runs to a server.
func (e *engine) tickFirst(ctx context.Context) error {
	if e.only != nil {
		return nil
	}
	_, err := e.tick(ctx)
	return err
}

// takeDue takes expected runs, save those that are left alone: these stay due,
// and must not keep the loop awake.
func (e *engine) takeDue(ctx context.Context, now time.Time, due []store.Run) error {
	due = slices.DeleteFunc(due, func(r store.Run) bool { return e.leftAlone(job{group: r.Group}) })
	if len(due) == 0 {
		return nil
	}
	defer e.wakeUp()
	write := e.desk
	if len(due) <= fewTicks {
		write = e.deskAhead
	}
	return together(due, func(r store.Run) error {
		j := job{group: r.Group}
		err := guard(func() error {
			return write(ctx, now, func(d *desk) error { return d.step(r.Group, window.Due{Now: now}) })
		})
		return e.failed(j, "take "+r.Key, err)
	})
}

// beside does something beside the loop until the function that it returns is
// called, or ctx ends.
func (e *engine) beside(ctx context.Context, what string, do func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var one sync.WaitGroup
	one.Go(func() { e.lasting(ctx, what, do) })
	return func() {
		cancel()
		one.Wait()
	}
}
