package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// asking is a look at a source, or a question after a job elsewhere, that is due.
type asking struct {
	job
	place place
}

// dueAsks returns the looks and questions that are due and for which there is
// room, those of jobs first. They are found by when they are due, a bounded
// number at a time: many more may wait than are looked at together.
func (e *engine) dueAsks(tx *store.Tx, now time.Time) ([]asking, error) {
	e.mu.Lock()
	taken, passed := e.taken.clone(), e.taken.all+len(e.rest)+len(e.aside)
	e.mu.Unlock()
	free := looksAtOnce - taken.all
	var asks []asking
	for _, list := range []func(time.Time, int) ([]store.Due, error){tx.DueJobs, tx.DuePolls} {
		for limit := passed + runsAtOnce; ; limit *= 4 {
			due, err := list(now, limit)
			if err != nil {
				return nil, err
			}
			fresh, err := e.admit(tx, due, &taken, free-len(asks))
			if err != nil {
				return nil, err
			}
			asks = append(asks, fresh...)
			if len(due) == limit {
				e.waits.forget() // there may be more
			}
			if len(fresh) > 0 || len(due) < limit || limit > mostPolls || free <= len(asks) {
				break
			}
		}
	}
	return asks, nil
}

// admit picks those for which there is room.
func (e *engine) admit(tx *store.Tx, due []store.Due, taken *occupied, free int) ([]asking, error) {
	var asks []asking
	for _, d := range due {
		if len(asks) >= free {
			e.waits.forget()
			break
		}
		j := job{run: d.Run, task: d.Task, group: d.Group}
		if e.isBusy(j) || e.leftAlone(j) || e.leftAlone(job{run: d.Run}) {
			continue
		}
		p, err := e.programs.Compiled(tx, d.Digest)
		if err != nil {
			return nil, err
		}
		a := asking{job: j, place: place{program: p, group: d.Group}}
		g := p.Group(d.Group)
		if g == nil {
			continue
		}
		if m := g.Member(d.Task); m != nil {
			a.place.courier = p.Courier(m.Courier)
		}
		if !taken.room(a.place) {
			e.waits.forget()
			continue
		}
		taken.add(a.place, 1)
		asks = append(asks, a)
	}
	return asks, nil
}

// askAll starts looks and questions.
func (e *engine) askAll(ctx context.Context, asks []asking) {
	for _, a := range asks {
		if !e.start(ctx, a.job, a.place, false, func(ctx context.Context) error { return e.askOne(ctx, a.job) }) {
			e.waits.forget()
		}
	}
}

// askOne looks, or asks, for one task, unless that is done or not called for any
// more.
func (e *engine) askOne(ctx context.Context, j job) error {
	s, t, err := e.taskScene(ctx, j)
	if err != nil {
		return err
	}
	s = e.working(ctx, s)
	now := time.Now().UTC()
	poll, polls := s.Polls[t.Name]
	asked, asks := s.Jobs[t.Name]
	switch {
	case s.Run.State == store.Stopping:
		e.attend(j.run)
		return nil
	case polls && t.State == store.Waiting:
		if poll.NextAt.After(now) {
			return nil
		}
		return e.look(ctx, s, t)
	case asks && t.State == store.Running:
		if asked.NextAt.After(now) {
			return nil
		}
		return e.ask(ctx, s, t)
	}
	return e.desk(ctx, now, func(d *desk) error { // a wait that nothing has ended with its task
		if err := d.tx.DeleteJob(j.run, graph.Addr(j.task)); err != nil || !polls {
			return err
		}
		poll.NextAt = time.Time{}
		return d.tx.PutPoll(poll)
	})
}

// crowded reports whether no more looks may begin.
func (e *engine) crowded() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.taken.all >= looksAtOnce
}

func (e *engine) isBusy(j job) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, busy := e.work[j.run][j]
	return busy
}
