package runtime

import (
	"context"
	"strings"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/store"
)

// toldAtOnce bounds the events that are logged in one pass.
const toldAtOnce = 1000

// lastTold is the newest event and landing of the store, 0 where there is none.
func (r *Runtime) lastTold(ctx context.Context) (event, landing int64, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		if event, err = tx.LastEvent(); err != nil {
			return err
		}
		landing, err = tx.LastLanding()
		return err
	})
	return event, landing, err
}

// tell logs what has happened since it was last called, and reports whether it
// stopped at its bound. An errand reports to
// the one who sent it instead.
func (e *engine) tell(ctx context.Context) (more bool, err error) {
	if e.only != nil {
		return false, nil
	}
	var events []store.Event
	err = e.store.View(ctx, func(tx *store.Tx) (err error) {
		events, err = tx.EventsSince(e.told, toldAtOnce)
		return err
	})
	if err == nil {
		err = e.observe(ctx, events)
	}
	if err != nil {
		return false, err
	}
	for _, event := range events {
		e.told = event.ID
		e.log.Log(levelOf(event), event.Type, facts(event)...)
		if event.Type == EventDeployed { // it may have closed incidents, in another process
			e.outbox.wake()
			signal(e.heart.look)
		}
	}
	return len(events) == toldAtOnce, nil
}

// facts are the pairs of a log line about an event.
func facts(e store.Event) []any {
	var pairs []any
	for _, p := range [][2]string{{"run", e.Run}, {"task", e.Task}, {"message", e.Message}} {
		if p[1] != "" {
			pairs = append(pairs, p[0], p[1])
		}
	}
	return pairs
}

// levelOf is the level at which an event is logged: Warn for what somebody
// might have to look into.
func levelOf(e store.Event) hclog.Level {
	switch e.Type {
	case EventTaskFailed, EventTaskMissing, EventMissing, EventLate, EventBlocked, EventTaskHeld, EventSlow, EventSLAMissed, EventDropped,
		EventTaskInterrupted, EventLateArrival, EventNotStarted, EventAlertRefused, EventAlertGivenUp:
		return hclog.Warn
	case EventEnded:
		if strings.HasPrefix(e.Message, store.Failed) {
			return hclog.Warn
		}
	}
	return hclog.Info
}
