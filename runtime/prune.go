package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// How the tasks and events of old runs are removed: some runs in one
// transaction, so that nobody waits for it, until none is left, and again later.
const (
	pruneAtOnce  = 50
	forgetAtOnce = 500 // of each: messages to alerts, incidents, commands, events of no run
	pruneAgain   = time.Second
	pruneEvery   = time.Hour
)

// prune removes what runs that are older than the process keeps them have left
// behind, with the messages, incidents, commands and events of no run of that time.
func (e *engine) prune(ctx context.Context, now time.Time) error {
	if e.keep <= 0 || now.Before(e.pruneAt) {
		return nil
	}
	var pruned []string
	var more bool
	err := e.lease.Update(ctx, func(tx *store.Tx) (err error) {
		before := now.Add(-e.keep)
		if pruned, more, err = tx.Prune(before, now, pruneAtOnce); err != nil {
			return err
		}
		forgotten, err := tx.ForgetAlerts(before, forgetAtOnce)
		if err != nil {
			return err
		}
		others, err := tx.Forget(before, forgetAtOnce)
		more = more || forgotten >= forgetAtOnce || others >= forgetAtOnce
		return err
	})
	if err != nil {
		return err
	}
	for _, run := range pruned {
		if err := e.book.Remove(run); err != nil { // only room is lost
			e.log.Warn("what the programs of an old run printed could not be removed", "run", run, "error", err)
		}
	}
	e.pruneAt = now.Add(pruneEvery)
	if more {
		e.pruneAt = now.Add(pruneAgain)
	}
	return nil
}

// whole refuses to go on with a run whose tasks were removed.
func (d *desk) whole(r store.Run) error {
	at, pruned, err := d.tx.Pruned(r.Key)
	if err == nil && pruned {
		err = refuse("the tasks of %s were removed at %s, as it is older than serve --keep-runs; `waybill run %s --date …` loads its data once more",
			r.Key, words.Stamp(at), r.Group.Typed())
	}
	return err
}
