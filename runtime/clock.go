package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// The runtime goes by the wall clock, which every pass of the loop reads anew,
// several times a second by the clock that nobody can set: so it notices within
// one pass that the wall clock was set, or that the machine was asleep. What
// time should have come meanwhile is due then. Ticks and deadlines are instants.
// Pauses are not, and a clock that was set back would make them long; noticing
// that, the loop shortens them.

// clockStep is how far the two clocks may part between two passes: more than what
// a clock is slewed by, less than what anybody waits for.
const clockStep = 2 * time.Second

// wall is a clock that can be set, beside one that cannot.
type wall struct {
	read   time.Time     // when it was last read, by the clock that can be set
	steady time.Duration // and by the other one
}

// jump reads the clocks and returns by how much the wall clock went on more than
// the steady one since it was last read: negative where it was set back. Less
// than clockStep counts as none.
func (c *wall) jump(now time.Time, steady time.Duration) time.Duration {
	now = now.Round(0) // by the wall clock only
	before := *c
	*c = wall{read: now, steady: steady}
	if before.read.IsZero() {
		return 0
	}
	by := now.Sub(before.read) - (steady - before.steady)
	if by.Abs() < clockStep {
		return 0
	}
	return by
}

// minutes writes the length of a jump for people.
func minutes(d time.Duration) string { return d.Abs().Round(time.Second).String() }

// watchClock looks at the clock at the beginning of a pass.
func (e *engine) watchClock(ctx context.Context, now time.Time) error {
	switch by := e.clock.jump(now, time.Since(e.began)); {
	case by > 0:
		e.log.Warn("the clock is ahead of where it was: it was set, or the machine was asleep; what was due meanwhile is done now", "by", minutes(by))
	case by < 0:
		e.log.Warn("the clock was set back; no tick is taken twice, and pauses end as if it had not been", "by", minutes(by))
		return e.setBack(ctx, now, -by)
	}
	return nil
}

// compareClock compares the clock with what has last happened, by whichever
// clock that was: it may have been set back while nobody served.
func (e *engine) compareClock(ctx context.Context) error {
	now := time.Now().UTC()
	var last time.Time
	err := e.store.View(ctx, func(tx *store.Tx) (err error) {
		last, _, err = tx.LastChange()
		return err
	})
	by := last.Sub(now)
	if err != nil || by < clockStep {
		return err
	}
	e.log.Warn("the clock is behind what has last happened; no tick is taken twice, and pauses end as if it were not", "by", minutes(by), "last", words.Stamp(last))
	return e.setBack(ctx, now, by)
}

func (e *engine) setBack(ctx context.Context, now time.Time, by time.Duration) error {
	e.waits.forget()
	return e.lease.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.SetBack(now, by)
		return err
	})
}
