package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// job names a piece of work. Without a task it is what the engine itself does
// for a run, without a run, for a group.
type job struct {
	run, task string
	group     graph.Addr
}

// working is a piece of work under way.
type working struct {
	cancel context.CancelCauseFunc
	place  place
	again  bool // its run calls for it, or was looked at meanwhile
}

// errStopped is the cause with which work of a stopped run is canceled, and
// errLeaving that of work that the process leaves for the next holder.
var (
	errStopped = errors.New("the run was stopped")
	errLeaving = errors.New("the process is ending")
)

// start runs a piece of work in a goroutine of its own, unless it is under way,
// and reports whether there was room for it. A step has found room when it began
// (found).
func (e *engine) start(ctx context.Context, j job, p place, found bool, f func(ctx context.Context) error) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w, busy := e.work[j.run][j]; busy {
		w.again = true
		return true
	}
	if _, kept := e.kept[j]; kept {
		delete(e.kept, j)
	} else if found || e.taken.room(p) {
		e.taken.add(p, 1)
	} else {
		return false
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // leave and breakOff give the cause
	if e.work[j.run] == nil {
		e.work[j.run] = map[job]*working{}
	}
	e.work[j.run][j] = &working{cancel: cancel, place: p}
	delete(e.rest, j)
	e.tasks.Go(func() {
		err := guard(func() error { return f(ctx) })
		var broken *defect
		if errors.As(err, &broken) {
			err = e.failBroken(ctx, j, broken)
		}
		cause := context.Cause(ctx)
		if err != nil && !errors.Is(cause, errLeaving) {
			e.log.Error("work failed; trying again", "run", j.run, "task", j.task, "error", e.redactor.Error(err))
			e.restFor(j, faultPause)
		}
		cancel(nil)
		e.finish(j, errors.Is(cause, errStopped))
	})
	return true
}

// finish ends a piece of work. Its run is looked at where that may call for more
// than what the work has written.
func (e *engine) finish(j job, again bool) {
	e.mu.Lock()
	w := e.work[j.run][j]
	if delete(e.work[j.run], j); len(e.work[j.run]) == 0 {
		delete(e.work, j.run)
	}
	e.taken.add(w.place, -1)
	again = again || w.again
	e.mu.Unlock()
	if again {
		e.attend(j.run)
	}
	e.wakeUp()
}

// attend puts runs on the list of those that are looked at in the next passes.
// It does not wake the loop: work does when it ends.
func (e *engine) attend(runs ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range runs {
		e.enlist(r)
		e.listed[r] = true
	}
}

// attendWork is attend for a run that is settled.
func (e *engine) attendWork(run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.enlist(run)
}

func (e *engine) enlist(run string) {
	if _, listed := e.listed[run]; !listed {
		e.listed[run] = false
		e.agenda = append(e.agenda, run)
	}
}

// visit is a run that is to be looked at.
type visit struct {
	run     string
	settled bool // only its work has to begin
}

// attended takes up to n runs off the list, those that an earlier holder has left
// last; each once, so that no two look at one run at a time.
func (e *engine) attended(n int) (visits []visit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range cut(&e.agenda, n) {
		visits = append(visits, visit{run: r, settled: !e.listed[r]})
		delete(e.listed, r)
	}
	for _, r := range cut(&e.backlog, n-len(visits)) {
		if !slices.ContainsFunc(visits, func(v visit) bool { return v.run == r }) {
			visits = append(visits, visit{run: r})
		}
	}
	return visits
}

// cut takes up to n from the front of a list.
func cut(list *[]string, n int) []string {
	n = min(n, len(*list))
	front := (*list)[:n:n]
	if *list = (*list)[n:]; len(*list) == 0 {
		*list = nil
	}
	return front
}

// pressing reports whether runs are to be looked at now.
func (e *engine) pressing() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.agenda)+len(e.backlog) > 0
}

func (e *engine) wakeUp() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// busy reports whether work on a task is under way.
func (e *engine) busy(t store.Task, group graph.Addr) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, busy := e.work[t.Run][job{run: t.Run, task: t.Name, group: group}]
	return busy
}

// underWay returns the work on a run that is under way, and has the run looked
// at again when it ends.
func (e *engine) underWay(run string) map[job]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	busy := map[job]bool{}
	for j, w := range e.work[run] {
		w.again, busy[j] = true, true
	}
	return busy
}

// restFor leaves work alone for a while that failed for a reason of the machine.
func (e *engine) restFor(j job, pause time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest[j] = time.Now().Add(pause)
}

// rested ends the rests that are over, and returns when the next one is.
func (e *engine) rested(now time.Time) (next time.Time) {
	var runs []string
	e.mu.Lock()
	for j, until := range e.rest {
		if until.After(now) {
			next = earliest(next, until)
			continue
		}
		delete(e.rest, j)
		if j.run != "" {
			runs = append(runs, j.run)
		}
	}
	e.mu.Unlock()
	e.attend(runs...)
	return next
}

// breakOff cancels all work of a run.
func (e *engine) breakOff(run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range e.work[run] {
		w.cancel(errStopped)
	}
}

// leave breaks all work off and waits for it.
func (e *engine) leave() {
	close(e.leaving)
	e.mu.Lock()
	for _, work := range e.work {
		for _, w := range work {
			w.cancel(errLeaving)
		}
	}
	e.mu.Unlock()
	e.tasks.Wait()
}
