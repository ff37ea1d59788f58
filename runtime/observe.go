package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Observer hears of what a holder does, to measure it. It is told after the
// fact, by several goroutines, and must not wait. A holder that is killed tells
// of some of its last deeds no more: what must not be forgotten is in the store.
type Observer interface {
	// Event is each event of the store since the holder began.
	Event(store.Event)
	// Started and Ended are runs that have, as they stand now.
	Started(store.Run)
	Ended(store.Run)
	// Landed is each file that has landed.
	Landed(store.Landing)
	// Looked is a look at a source; fault is empty, or one of the faults of a task.
	Looked(group graph.Addr, courier, fault string, took time.Duration)
	// Passed is one round of the holder's loop.
	Passed(at time.Time, failed bool)
}

// EventTypes returns every type of event that there can be.
func EventTypes() []string {
	return []string{
		EventDeployed, EventPaused, EventResumed, EventAdvanced, EventDropped, EventQueued, EventSkipped, EventStarted,
		EventBlocked, EventUnblocked, EventGoesOn, EventIgnored, EventStopping, EventEnded, EventLate, EventMissing, EventSlow, EventSLAMissed,
		EventLateArrival, EventTransfer, EventTaskWaiting, EventTaskStarted, EventTaskSucceeded, EventTaskMissing, EventTaskFailed,
		EventTaskRetrying, EventTaskHeld, EventTaskSkipped, EventTaskStopped, EventTaskInterrupted,
		EventNotStarted, EventAlertRefused, EventAlertGivenUp,
	}
}

// silent observes nothing.
type silent struct{}

func (silent) Event(store.Event)                                {}
func (silent) Started(store.Run)                                {}
func (silent) Ended(store.Run)                                  {}
func (silent) Landed(store.Landing)                             {}
func (silent) Looked(graph.Addr, string, string, time.Duration) {}
func (silent) Passed(time.Time, bool)                           {}

// observe tells the observer of events, and of the runs and landings behind them.
func (e *engine) observe(ctx context.Context, events []store.Event) error {
	if e.observer == (silent{}) || len(events) == 0 {
		return nil
	}
	var started, ended []store.Run
	var landings []store.Landing
	err := e.store.View(ctx, func(tx *store.Tx) (err error) {
		for _, event := range events {
			into := &started
			switch event.Type {
			case EventStarted:
			case EventEnded:
				into = &ended
			default:
				continue
			}
			r, found, err := tx.Run(event.Run)
			if err != nil {
				return err
			}
			if found {
				*into = append(*into, r)
			}
		}
		landings, err = tx.Landings(store.LandingFilter{After: e.toldLanding})
		return err
	})
	if err != nil {
		return err
	}
	for _, event := range events {
		e.observer.Event(event)
	}
	for _, r := range started {
		e.observer.Started(r)
	}
	for _, r := range ended {
		e.observer.Ended(r)
	}
	for _, l := range landings {
		e.toldLanding = l.Seq
		e.observer.Landed(l)
	}
	return nil
}

// observeLook tells the observer of a look that began at an instant.
func (e *engine) observeLook(s *scene.Scene, t store.Task, began time.Time, err error) {
	fault := store.FaultNone
	if err != nil {
		fault = string(value.FaultOf(err))
	}
	e.observer.Looked(s.Run.Group, t.Name, fault, time.Since(began))
}

// Measures are the numbers of a store that change without an event, or that a
// holder which has just begun could not have counted.
type Measures struct {
	store.Measures
	LastSuccess map[graph.Addr]time.Time // when a run of the group last ended well
}

// succeeded are the states of a run that ended well.
var succeeded = []string{store.Succeeded, store.SucceededWithWarnings}

// Measures counts what is in the store.
func (r *Runtime) Measures(ctx context.Context) (m Measures, err error) {
	m.LastSuccess = map[graph.Addr]time.Time{}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		if m.Measures, err = tx.Measures(); err != nil {
			return err
		}
		d, err := tx.Deployment(0)
		if err != nil {
			return err
		}
		for i := range d.Graph.Groups {
			group := d.Graph.Groups[i].Addr
			runs, err := tx.Runs(store.RunFilter{Group: group, States: succeeded, Limit: 1})
			if err != nil {
				return err
			}
			for _, run := range runs {
				m.LastSuccess[group] = run.EndedAt
			}
		}
		return nil
	})
	return m, err
}
