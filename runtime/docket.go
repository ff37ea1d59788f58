package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// How much is taken up in one pass; the rest waits for the next, so that
// commands and what falls due meanwhile get their turn.
const (
	runsAtOnce = 64
	// looksAtOnce bounds the looks that are under way together, and so what they
	// hold in memory, where no max_concurrent does.
	looksAtOnce = 1000
	// mostPolls bounds what is read to find a look for which there is room.
	mostPolls = 1 << 16
)

// docket is what there is to do now, found by what is due.
type docket struct {
	commands []store.Command
	runs     []string // that are due, or may find now what they waited for
	asks     []asking
}

// docket reads what is due, where something may be; it fails as a write would when
// the lease has passed to somebody else. On an errand that is its command and its
// runs, in each pass.
func (e *engine) docket(ctx context.Context, now time.Time) (d docket, err error) {
	if !e.waits.reached(now, e.poll) && e.only == nil && !e.anyParked() {
		return d, nil
	}
	err = e.lease.View(ctx, func(tx *store.Tx) error {
		if d.commands, err = tx.Commands(); err != nil {
			return err
		}
		if d.runs, err = e.unparked(tx); err != nil {
			return err
		}
		if e.only != nil {
			return e.errandRuns(tx, &d)
		}
		most := runsAtOnce + e.alone() // what is left alone stays due
		due, err := tx.DueRuns(now, most)
		if err != nil {
			return err
		}
		if d.runs = append(d.runs, due...); len(due) == most {
			e.waits.lower(now) // there may be more
		}
		if d.asks, err = e.dueAsks(tx, now); err != nil {
			return err
		}
		next, _, err := tx.NextDue(now)
		e.waits.lower(next)
		return err
	})
	if err != nil {
		e.waits.forget()
	}
	return d, err
}

// errandRuns adds the runs of an errand: all that are under way, in each pass,
// since what is due belongs to whoever serves.
func (e *engine) errandRuns(tx *store.Tx, d *docket) error {
	runs, err := tx.UnderWay()
	for _, r := range runs {
		if e.only.has(r.Key) {
			d.runs = append(d.runs, r.Key)
		}
	}
	return err
}
