package runtime

import (
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// follower settles a run in the transaction that writes a result of its work, so
// that what follows from it needs none of its own. It leaves to the loop what needs
// room, and what fails.
type follower struct {
	*engine
	run string

	settled bool // the run is, as far as it goes without room
	over    bool // it has ended
	waits   bool // something in it looks for room
	failed  bool // nothing of the transaction may be kept
}

// follow settles the run of a result that was written at a desk. Where other work
// of the run is under way the loop does so, once for all that ends meanwhile.
func (f *follower) follow(d *desk) error {
	if len(d.tx.Touched().Runs) == 0 || !f.isOnly(f.run) {
		return nil
	}
	err := guard(func() error {
		r, _, err := d.settle(f.run, f)
		f.over = store.Ended(r.State)
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
	case !f.settled || f.over:
	case f.waits:
		f.attend(f.run)
	default:
		f.attendWork(f.run)
	}
}
