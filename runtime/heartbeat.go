package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// How the heartbeat is called.
const (
	beatAttempts = 3
	beatPause    = 2 * time.Second
)

// heart calls the heartbeat's URL while the holder's loop passes: a watcher there
// raises an alarm when no call comes, be it that the process, the machine, its
// network or the store has failed.
type heart struct {
	engine *engine
	passed chan struct{} // a pass of the loop went well
	look   chan struct{} // what is applied may be another graph
	last   time.Time     // when it last tried to call
	failed bool          // so it ended, for the log
}

func newHeart(e *engine) *heart {
	return &heart{engine: e, passed: make(chan struct{}, 1), look: make(chan struct{}, 1)}
}

// signal tells a channel of one place that something has happened.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run calls until ctx ends.
func (h *heart) run(ctx context.Context) {
	for ctx.Err() == nil {
		beat, secrets, err := h.applied(ctx)
		var again <-chan time.Time
		switch {
		case err != nil && ctx.Err() == nil:
			h.engine.log.Error("cannot read the heartbeat that is applied; trying again", "error", err)
			again = time.After(faultPause)
		case beat != nil:
			if time.Since(h.last) >= beat.Every.Std() {
				h.last = time.Now()
				h.beat(ctx, beat, secrets)
			}
			again = time.After(time.Until(h.last.Add(beat.Every.Std())))
		}
		select {
		case <-ctx.Done():
		case <-h.look:
		case <-again:
		}
	}
}

// applied is the heartbeat of the graph that is applied, nil where it has none.
func (h *heart) applied(ctx context.Context) (beat *graph.Heartbeat, secrets *value.Secrets, err error) {
	e := h.engine
	err = e.store.View(ctx, func(tx *store.Tx) error {
		p, _, err := e.programs.Current(tx)
		if err == nil {
			beat, secrets = p.Heartbeat, e.secretsOf(ctx, p)
		}
		return err
	})
	return beat, secrets, err
}

// beat calls once, if the loop passes meanwhile.
func (h *heart) beat(ctx context.Context, beat *graph.Heartbeat, secrets *value.Secrets) {
	if !h.passes(ctx, beat.Every.Std()) {
		return
	}
	within, cancel := context.WithTimeout(ctx, beat.Every.Std())
	defer cancel()
	var err error
	for i := range beatAttempts {
		if i > 0 {
			select {
			case <-within.Done():
			case <-time.After(beatPause << i):
			}
		}
		if within.Err() != nil {
			break // what the call before met says more
		}
		if err = guard(func() error { return h.engine.outbox.sender.Beat(within, beat.URL, secrets) }); err == nil {
			break
		}
		secrets.Refused()
	}
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && !h.failed:
		h.engine.log.Warn("the heartbeat's URL cannot be called", "error", err)
	case err == nil && h.failed:
		h.engine.log.Info("the heartbeat's URL can be called again")
	}
	h.failed = err != nil
}

// passes reports whether the loop does a whole pass within a time from now on.
func (h *heart) passes(ctx context.Context, within time.Duration) bool {
	select {
	case <-h.passed: // an earlier one
	default:
	}
	h.engine.waits.forget()
	signal(h.engine.wake)
	select {
	case <-h.passed:
		return true
	case <-ctx.Done():
	case <-time.After(within):
		h.engine.log.Error("the holder's loop is stuck: the heartbeat was not sent")
	}
	return false
}
