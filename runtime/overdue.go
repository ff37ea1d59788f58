package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// startWithin is how long after its tick a scheduled run may begin before it
// counts as not started; after the end of a pause that held it back, as long again.
const startWithin = 15 * time.Minute

// lookEvery is how often the holder looks for runs that have not started.
const lookEvery = 5 * time.Minute

// takenLate notes a tick that was taken long after it was due: nobody acted on
// the store. That a group was paused is no reason to alarm anybody.
func (d *desk) takenLate(e store.Event) error {
	r, err := d.run(e.Run)
	if err != nil || r.Kind != store.KindScheduled || r.Attempt > 1 || !due(r, d.now) {
		return err
	}
	from, err := d.dueFrom(r)
	if err != nil || d.now.Sub(from) <= startWithin {
		return err
	}
	var req scene.Request
	if err := store.Parse(r.Request, &req); err != nil {
		return err
	}
	since := "due at " + words.Stamp(earliest(r.ScheduledAt, req.Since))
	if from.After(r.ScheduledAt) {
		since += ", resumed at " + words.Stamp(from)
	}
	err = note(d.tx, d.now, r.Key, "", EventNotStarted, "%s; nothing acted on the store until %s", since, words.Stamp(d.now))
	if err != nil {
		return err
	}
	appended := d.tx.Appended()
	return d.hear(appended[len(appended)-1]) // before the run begins, which may be the next event
}

// due reports whether a scheduled run should have begun long ago.
func due(r store.Run, now time.Time) bool { return now.Sub(r.ScheduledAt) > startWithin }

// dueFrom is from when on a scheduled run could begin: its tick, or the end of a
// pause of its group behind that.
func (d *desk) dueFrom(r store.Run) (time.Time, error) {
	if d.resumed == nil {
		ends, err := d.tx.LastOfNoRun(EventResumed, resumesKnown)
		if err != nil {
			return time.Time{}, err
		}
		d.resumed = map[graph.Addr]time.Time{}
		for _, e := range ends {
			group := graph.Addr(e.Task)
			if e.At.After(d.resumed[group]) {
				d.resumed[group] = e.At
			}
		}
	}
	if at := d.resumed[r.Group]; at.After(r.ScheduledAt) {
		return at, nil
	}
	return r.ScheduledAt, nil
}

// resumesKnown is among how many of the newest events of no run the end of a pause
// is looked for.
const resumesKnown = 1000

// overdue lists the scheduled runs of a group, of all groups for "", that wait
// although they should have begun long ago. Those of paused groups are not due.
func (d *desk) overdue(group graph.Addr) ([]store.Run, error) {
	runs, err := d.tx.Runs(store.RunFilter{
		Group: group, Kind: store.KindScheduled, States: []string{store.Scheduled, store.Waiting}, Until: d.now.Add(-startWithin),
	})
	if err != nil {
		return nil, err
	}
	var failed error
	return slices.DeleteFunc(runs, func(r store.Run) bool {
		_, paused, err := d.tx.Paused(r.Group)
		from, err2 := d.dueFrom(r)
		if err = errors.Join(err, err2); err != nil {
			failed = err
		}
		return paused || r.Attempt > 1 || d.now.Sub(from) <= startWithin
	}), failed
}

// watchStarts notes, once each, the runs that are due and have not begun, as
// long as this process holds the store.
func (e *engine) watchStarts(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := e.lookForOverdue(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("cannot look for runs that have not started; trying again", "error", err)
		}
	}
}

func (e *engine) lookForOverdue(ctx context.Context) error {
	now := time.Now().UTC()
	var late []string
	err := e.store.View(ctx, func(tx *store.Tx) error {
		if behind, err := tx.AnyBehind(now.Add(-startWithin)); err != nil || !behind {
			return err
		}
		d, err := newDesk(tx, now, e.programs)
		if err != nil {
			return err
		}
		late, err = d.notStarted()
		return err
	})
	if err != nil || len(late) == 0 {
		return err
	}
	return e.desk(ctx, now, func(d *desk) error {
		again, err := d.notStarted() // of what may have changed meanwhile
		if err != nil {
			return err
		}
		for _, key := range again {
			r, err := d.run(key)
			if err != nil {
				return err
			}
			why, err := d.whyNotStarted(r)
			if err != nil {
				return err
			}
			if err := note(d.tx, d.now, key, "", EventNotStarted, "due at %s; %s", words.Stamp(r.ScheduledAt), why); err != nil {
				return err
			}
		}
		return nil
	})
}

// notStarted lists the runs that are due, have not begun, and are not known for
// it: those that wait, and those that have begun and found no room for any work.
func (d *desk) notStarted() ([]string, error) {
	runs, err := d.overdue("")
	if err != nil {
		return nil, err
	}
	begun, err := d.tx.UnderWay()
	if err != nil {
		return nil, err
	}
	for _, r := range begun {
		if r.Kind != store.KindScheduled || r.Attempt > 1 || r.State != store.Running || !due(r, d.now) || d.now.Sub(r.StartedAt) <= startWithin {
			continue
		}
		idle, err := d.idle(r)
		if err != nil {
			return nil, err
		}
		if idle {
			runs = append(runs, r)
		}
	}
	var keys []string
	for _, r := range runs {
		events, err := d.tx.Events(r.Key, 0)
		if err != nil {
			return nil, err
		}
		if !hasEvent(events, EventNotStarted) {
			keys = append(keys, r.Key)
		}
	}
	return keys, nil
}

// idle reports whether nothing of a run has been done since it began. That it
// waits for another group, as its `after` says, is no idleness: its wait ends by
// itself.
func (d *desk) idle(r store.Run) (bool, error) {
	s, err := scene.Read(d.tx, d.all, r)
	if err != nil {
		return false, err
	}
	for _, t := range s.Tasks {
		switch {
		case t.Kind == store.KindGate && t.Open():
			return false, nil
		case t.Kind == store.KindGate, t.State == store.Pending:
		case t.Kind == store.KindCourier && t.State == store.Waiting && s.Polls[t.Name].Looks == 0 && t.Attempt <= 1:
		default:
			return false, nil
		}
	}
	return len(s.Tasks) > 0, nil
}

// whyNotStarted says what a run waits for.
func (d *desk) whyNotStarted(r store.Run) (string, error) {
	if r.State == store.Running {
		return "max_concurrent leaves no room for its work", nil
	}
	others, err := d.tx.OpenRuns(r.Group)
	if err != nil {
		return "", err
	}
	for _, o := range others {
		if o.Queue > 0 && o.Queue < r.Queue {
			return "it waits for " + graph.ShortRun(o.Key) + ", which is " + o.State, nil
		}
	}
	return "it waits for its turn", nil
}
