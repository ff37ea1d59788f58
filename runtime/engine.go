package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/logs"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// engine is the holder of the lease at work. One goroutine, the loop, decides
// what follows and starts work; each piece of work (a look at a source, a
// landing, a step) is a goroutine that writes its own result and wakes the loop.
// Another one lets due runs begin.
type engine struct {
	store     *store.Store
	lease     *store.Lease
	programs  *scene.Programs
	listings  *listings
	manifests *manifests
	log       hclog.Logger
	workspace string
	scratch   string
	poll      time.Duration
	began     time.Time // by the clock that nobody can set
	clock     wall
	keep      time.Duration // how long the tasks and events of ended runs are kept; 0: for ever
	pruneAt   time.Time
	grace     time.Duration // for work that is under way when the process is asked to stop
	transfers *transfers
	redactor  *value.Redactor
	helpers   *value.Helpers
	lines     *lines
	book      *logs.Book

	// only is the command that this process came for, and the one run that it
	// makes; nil in Serve, which does everything there is to do.
	only *errand

	outbox      *outbox
	heart       *heart
	observer    Observer
	told        int64         // the last event that was logged
	toldLanding int64         // the last landing that the observer was told of
	wake        chan struct{} // a piece of work has ended
	rescheduled chan struct{} // a run may be due earlier than was known
	leaving     chan struct{} // closed when the process leaves its work for the next holder

	waits horizon // of waits, jobs and runs that are looked at by themselves
	ticks horizon // of runs that are expected

	mu     sync.Mutex
	work   map[string]map[job]*working // that is under way, by its run
	taken  occupied                    // by that work, and by what is in kept
	kept   map[job]place               // steps that have begun and on which nobody works yet
	rest   map[job]time.Time           // what failed for a reason of the machine waits until then
	agenda []string                    // runs to look at, in order
	listed map[string]bool             // those on the agenda; false: what follows is written, and its work only has to begin
	parked map[want]int64              // what waits for room or for another run, in order
	orders int64                       // the last place given out in that order
	aside  map[job]bool                // what Waybill itself broke over
	left   map[string]bool             // runs of an earlier holder that were not taken up yet
	tasks  sync.WaitGroup

	taking  sync.Mutex // held while due runs begin
	backlog []string   // runs to look at when there is nothing on the agenda
}

// Serve acts on the store until ctx is done: it takes due runs, waits, lands
// and carries out commands. It fails with a [store.HeldError] when another
// process does. Work that is under way when ctx ends may end by itself within
// Options.Grace; then it is broken off and taken up again by the next holder.
func (r *Runtime) Serve(ctx context.Context) error {
	lease, err := r.store.Acquire(ctx, r.options.Actor, time.Now())
	if err != nil {
		return err
	}
	e := r.engine(lease, nil)
	e.grace, e.keep = r.options.Grace, r.options.KeepRuns
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
	e := &engine{
		store: r.store, lease: lease, programs: &r.programs, listings: &r.listings, manifests: &r.manifests, log: r.log, workspace: r.options.Workspace, scratch: r.scratch,
		poll: r.options.Poll, began: time.Now(), transfers: newTransfers(), redactor: r.redactor, helpers: r.helpers, lines: &r.lines,
		only: only, observer: r.options.Observer, book: r.book,
		wake: make(chan struct{}, 1), rescheduled: make(chan struct{}, 1), leaving: make(chan struct{}),
		work: map[string]map[job]*working{}, taken: newOccupied(), kept: map[job]place{}, rest: map[job]time.Time{},
		listed: map[string]bool{}, parked: map[want]int64{}, left: map[string]bool{}, aside: map[job]bool{},
	}
	e.outbox, e.heart = newOutbox(e), newHeart(e)
	return e
}

// run is the loop. A fault of the machine, such as a full disk, is logged and
// tried again; only the loss of the lease ends the loop with an error.
func (e *engine) run(ctx context.Context) (err error) {
	dismiss := func() {}
	defer func() { e.leave(); dismiss() }() // what work tells of as it ends may still be delivered
	defer func() {
		if err == nil && ctx.Err() != nil { // asked to stop, and still the holder
			e.drain()
		}
	}()
	if err := e.patiently(ctx, e.compareClock); err != nil || ctx.Err() != nil {
		return err
	}
	if err := e.patiently(ctx, e.recover); err != nil || ctx.Err() != nil {
		return err
	}
	dismiss = e.accompany(ctx)
	if e.only == nil { // an errand leaves expected runs to a server
		defer e.beside(ctx, "what takes due runs", e.takeTicks)()
	}
	for {
		next, err := e.pass(ctx)
		e.observer.Passed(time.Now(), err != nil && !errors.Is(err, errDone))
		if err == nil {
			signal(e.heart.passed)
		}
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

// accompany starts what goes on beside the loop: alerts are delivered and, of a
// server, the heartbeat is called and runs that have not started are found. The
// function that it returns ends that; an errand first delivers what is due.
func (e *engine) accompany(ctx context.Context) (dismiss func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var attendants sync.WaitGroup
	attendants.Go(func() { e.lasting(ctx, "the delivery of alerts", e.outbox.run) })
	attendants.Go(func() { e.lasting(ctx, "the progress of transfers", e.report) })
	if e.only == nil {
		attendants.Go(func() { e.lasting(ctx, "the heartbeat", e.heart.run) })
		attendants.Go(func() { e.lasting(ctx, "the watch over runs that do not start", e.watchStarts) })
	}
	return func() {
		cancel()
		attendants.Wait()
		if e.only != nil {
			e.guarded("the delivery of alerts", func() { e.outbox.drain(ctx) })
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

// pass does what is due now and returns when to pass again. What fails does not
// hold up the rest.
func (e *engine) pass(ctx context.Context) (time.Time, error) {
	now := time.Now().UTC()
	if err := e.watchClock(ctx, now); err != nil {
		return now, err
	}
	rest := e.rested(now)
	d, err := e.docket(ctx, now)
	if err != nil {
		return rest, err
	}
	obeyed := e.obey(ctx, now, d.commands)
	ticked := e.tickFirst(ctx)
	due, settled := e.settle(ctx, now, d)
	more, told := e.tell(ctx)
	over, failed := e.errandOver(ctx)
	failed = errors.Join(failed, e.prune(ctx, now))
	next := earliest(now.Add(e.poll), e.rested(now), e.waits.next(), due)
	if more || e.pressing() {
		next = now
	}
	return next, errors.Join(obeyed, ticked, settled, told, failed, doneIf(over))
}

// atOnce bounds the transactions that wait for the disk together.
const atOnce = 32

// together does the same with each of a list, several at once, and joins the
// errors.
func together[T any](list []T, do func(T) error) error {
	var mu sync.Mutex
	var all error
	var group sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, one := range list {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			if err := do(one); err != nil {
				mu.Lock()
				defer mu.Unlock()
				all = errors.Join(all, err)
			}
		})
	}
	group.Wait()
	return all
}

// desk is one transaction of the holder. What it has touched is looked at
// afterwards.
func (e *engine) desk(ctx context.Context, now time.Time, f func(*desk) error) error {
	var follow []string
	var touched store.Touched
	posted := false
	err := e.lease.Update(ctx, func(tx *store.Tx) error {
		d, err := newDesk(tx, now, e.programs)
		if err != nil {
			return err
		}
		d.errand = e.only
		if err := f(d); err != nil {
			return err
		}
		if err := d.raise(); err != nil {
			return err
		}
		posted, touched = d.posted, tx.Touched()
		follow, err = d.following(touched)
		return err
	})
	if err != nil {
		return err
	}
	if posted {
		e.outbox.wake()
	}
	e.foresee(now, touched)
	e.attend(follow...)
	return nil
}

// foresee lowers the horizons to what was written. What is due already belongs to
// runs that are looked at in the next pass.
func (e *engine) foresee(now time.Time, written store.Touched) {
	for _, at := range written.Due {
		if at.After(now) {
			e.waits.lower(at)
		}
	}
	for _, at := range written.Expected {
		if e.ticks.lower(at) {
			signal(e.rescheduled)
		}
	}
}

// following are the runs for which something may follow from what a desk has
// written: those that it touched, and those that wait for a group of which a run
// has ended.
func (d *desk) following(touched store.Touched) ([]string, error) {
	runs := slices.DeleteFunc(touched.Runs, func(run string) bool { return run == d.settled })
	for _, group := range touched.Ended {
		waiting, err := d.tx.GatesOn(group)
		if err != nil {
			return nil, err
		}
		runs = append(runs, waiting...)
	}
	return runs, nil
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
