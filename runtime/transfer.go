package runtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/store"
)

// How often the progress of a transfer is told. A row is written over with each
// reading; events, which stay, become rarer: a transfer of six hours has some
// forty of them.
const (
	readEvery  = 2 * time.Second  // into the row of its task, from its second one on
	firstTold  = 30 * time.Second // as an event
	rarestTold = 10 * time.Minute // the pauses between events double up to this
	rateOver   = 5                // readings that the rate is taken over
)

// transfers are the copies, pulls and queries that are under way. The zero value has
// none.
type transfers struct {
	mu    sync.Mutex
	under map[*transfer]bool
	begun chan struct{} // there is one
}

// transfer is one of them.
type transfer struct {
	task  store.Task
	began time.Time

	now     graph.Transfer // as it was told; under the lock of transfers
	marks   []mark         // the last readings
	written reading        // the last one
	told    time.Time      // when it was last an event
	pause   time.Duration
}

// mark is how much was done at an instant.
type mark struct {
	at    time.Time
	bytes int64
}

func newTransfers() *transfers {
	return &transfers{under: map[*transfer]bool{}, begun: make(chan struct{}, 1)}
}

// begin notes that the data of a task is on its way, until end is called. tell is
// told how far it is, without times and rate.
func (all *transfers) begin(t store.Task) (tell func(graph.Transfer), end func()) {
	now := time.Now()
	one := &transfer{task: t, began: now, told: now, pause: firstTold, marks: []mark{{at: now}}}
	all.mu.Lock()
	all.under[one] = true
	all.mu.Unlock()
	signal(all.begun)
	tell = func(p graph.Transfer) {
		all.mu.Lock()
		one.now = p
		all.mu.Unlock()
	}
	return tell, func() {
		all.mu.Lock()
		delete(all.under, one)
		all.mu.Unlock()
	}
}

// ofLanding tells how far a landing is.
func ofLanding(tell func(graph.Transfer)) func(landing.Progress) {
	return func(p landing.Progress) {
		tell(graph.Transfer{File: p.File, Files: p.Files, Of: p.Of, Bytes: p.Bytes, All: p.All})
	}
}

// reading is what is written of one transfer.
type reading struct {
	task     store.Task
	progress graph.Transfer
	tell     bool // as an event, too
}

// read takes readings of all that have something new to tell, and counts what is
// under way.
func (all *transfers) read(now time.Time) (readings []reading, under int) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for t := range all.under {
		if now.Sub(t.began) < readEvery {
			continue
		}
		if t.marks = append(t.marks, mark{now, t.now.Bytes}); len(t.marks) > rateOver+1 {
			t.marks = t.marks[1:]
		}
		first := t.marks[0]
		rate := float64(t.now.Bytes-first.bytes) / max(now.Sub(first.at).Seconds(), 1)
		r := reading{task: t.task, tell: now.Sub(t.told) >= t.pause, progress: t.now}
		r.progress.Since, r.progress.At, r.progress.Rate = t.began.UTC(), now.UTC(), int64(rate)
		if r.tell {
			t.told, t.pause = now, min(2*t.pause, rarestTold)
		}
		if was := t.written.progress; r.tell || was.At.IsZero() || was.Bytes != r.progress.Bytes || was.Rows != r.progress.Rows || was.Rate != r.progress.Rate {
			readings, t.written = append(readings, r), r
		}
	}
	return readings, len(all.under)
}

// report writes how far transfers are until ctx ends. It rests while there are
// none.
func (e *engine) report(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.transfers.begun:
		}
		for under := 1; under > 0; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(readEvery):
			}
			var readings []reading
			readings, under = e.transfers.read(time.Now())
			err := e.writeReadings(ctx, readings)
			if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrFenced) {
				e.log.Warn("the progress of transfers could not be written", "error", err)
			}
		}
	}
}

func (e *engine) writeReadings(ctx context.Context, readings []reading) error {
	if len(readings) == 0 {
		return nil
	}
	return e.lease.Update(ctx, func(tx *store.Tx) error {
		for _, r := range readings {
			found, err := tx.SetProgress(r.task.Run, r.task.Name, r.progress)
			if err != nil {
				return err
			}
			if !found || !r.tell { // it has ended meanwhile
				continue
			}
			if err := note(tx, r.progress.At, r.task.Run, r.task.Name, EventTransfer, "%s", r.progress); err != nil {
				return err
			}
		}
		return nil
	})
}
