package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// deskAhead is desk, and settles the run that f has touched in the same
// transaction, so that what follows needs none of its own. Where that fails, what f
// writes does not wait for it: the loop meets it again.
func (e *engine) deskAhead(ctx context.Context, now time.Time, f func(*desk) error) error {
	ahead := follower{engine: e}
	err := e.desk(ctx, now, func(d *desk) error {
		if err := f(d); err != nil {
			return err
		}
		return ahead.follow(d)
	})
	if ahead.failed {
		return e.desk(ctx, now, f)
	}
	if err == nil {
		ahead.hand()
	}
	return err
}

// follower settles a run as far as that needs no room, which it leaves to the loop.
type follower struct {
	*engine
	run     store.Run
	settled bool
	waits   bool // something in it looks for room
	failed  bool // nothing of the transaction may be kept
}

// follow settles the one run that a desk has touched. Where other work of the run
// is under way the loop does so, once for all that ends meanwhile.
func (f *follower) follow(d *desk) error {
	touched := d.tx.Touched().Runs
	if len(touched) != 1 || !f.isOnly(touched[0]) {
		return nil
	}
	err := guard(func() (err error) {
		if f.run, err = d.run(touched[0]); err == nil {
			f.run, _, err = d.settle(f.run, f)
		}
		return err
	})
	f.settled, f.failed = err == nil, err != nil
	return err
}

func (f *follower) engage(*scene.Program, store.Run, store.Task) bool {
	f.waits = true
	return false
}

func (f *follower) share(store.Run, store.Task) { f.waits = true }

// isOnly reports whether a run was taken up, and no more than one piece of its work
// is under way.
func (e *engine) isOnly(run string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.left[run] && len(e.work[run]) <= 1
}

// hand leaves the run to the loop, once the transaction is written.
func (f *follower) hand() {
	switch {
	case !f.settled || store.Ended(f.run.State):
	case f.waits || f.run.State == store.Stopping:
		f.attend(f.run.Key)
	default:
		f.attendWork(f.run.Key)
	}
}
