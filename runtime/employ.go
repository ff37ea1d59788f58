package runtime

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// employSettled starts the work of a run whose rows are as far as they can go.
func (e *engine) employSettled(ctx context.Context, now time.Time, run string) (next time.Time, err error) {
	busy := e.underWay(run)
	s, err := e.scene(ctx, run)
	if err != nil || s.Run.State == store.Stopping || store.Ended(s.Run.State) {
		return next, err
	}
	return e.employ(ctx, now, s, busy), nil
}

// employ starts the work that the tasks of a run call for now, and returns when
// the next look or question is due. busy is the work that was under way before the
// scene was read: what has ended since had written its result then, or not, and
// what that calls for is seen when its end brings the run up again.
func (e *engine) employ(ctx context.Context, now time.Time, s *scene.Scene, busy map[job]bool) (next time.Time) {
	for _, t := range stepsFirst(s.Tasks) {
		at, work := e.due(s, t)
		j := job{run: s.Run.Key, task: t.Name, group: s.Run.Group}
		switch {
		case work == nil || busy[j] || e.leftAlone(j):
		case at.After(now):
			next = earliest(next, at)
		default:
			e.assign(ctx, j, s, t, work)
		}
	}
	return next
}

// assign starts a piece of work, or lets it wait for room: a look or a question
// is due and found again by that. A step has found room when it began.
func (e *engine) assign(ctx context.Context, j job, s *scene.Scene, t store.Task, work func(context.Context, *scene.Scene, store.Task) error) {
	p := place{program: s.Program, group: j.group}
	_, asks := s.Jobs[t.Name]
	found := t.Kind != store.KindCourier && !asks
	if t.Kind == store.KindCourier {
		p.courier = s.Courier(t)
		asks = t.State == store.Waiting && !p.courier.Fetches()
	}
	start := func() bool {
		return e.start(ctx, j, p, found, func(ctx context.Context) error { return work(ctx, e.working(ctx, s), t) })
	}
	switch {
	case asks && (e.crowded() || !start()):
		e.waits.forget()
	case !asks && !start():
		e.park(want{run: j.run, place: p})
	}
}

// stepsFirst puts the tasks that have found room before those that look for it.
func stepsFirst(tasks []store.Task) []store.Task {
	sorted := slices.Clone(tasks)
	slices.SortStableFunc(sorted, func(a, b store.Task) int { return cmp.Compare(rank(a), rank(b)) })
	return sorted
}

func rank(t store.Task) int {
	if t.Kind == store.KindCourier {
		return 1
	}
	return 0
}

// due says when a task next has work to do, zero for now, and what work. A nil
// work is a task that waits for something else.
func (e *engine) due(s *scene.Scene, t store.Task) (time.Time, func(context.Context, *scene.Scene, store.Task) error) {
	switch {
	case t.Kind == store.KindCourier && t.State == store.Waiting && s.Courier(t).Fetches():
		return t.NextAt, e.fetch
	case t.Kind == store.KindCourier && t.State == store.Waiting:
		return s.Polls[t.Name].NextAt, e.look
	case t.Kind == store.KindCourier && t.State == store.Running && s.Courier(t).Fetches():
		return t.NextAt, e.fetch
	case t.Kind == store.KindCourier && t.State == store.Running:
		return t.NextAt, e.land
	case t.State == store.Running:
		if job, ok := s.Jobs[t.Name]; ok {
			return job.NextAt, e.ask
		}
		return time.Time{}, e.act
	}
	return time.Time{}, nil
}

// crew keeps places for the steps that begin in a transaction, and on which
// nobody works yet.
type crew struct {
	*engine
	kept []job
}

func (c *crew) engage(p *scene.Program, r store.Run, t store.Task) bool {
	j, at := job{run: r.Key, task: t.Name, group: r.Group}, place{program: p, group: r.Group}
	c.mu.Lock()
	room := c.taken.room(at)
	if room {
		c.taken.add(at, 1)
		c.engine.kept[j] = at
		c.kept = append(c.kept, j)
	}
	c.mu.Unlock()
	if !room {
		c.park(want{run: r.Key, place: at})
	}
	return room
}

func (c *crew) share(r store.Run, t store.Task) { c.park(want{run: r.Key, step: graph.Addr(t.Name)}) }

// dismiss gives back the places of steps that nobody has begun to work on.
func (c *crew) dismiss() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, j := range c.kept {
		if at, kept := c.engine.kept[j]; kept {
			delete(c.engine.kept, j)
			c.taken.add(at, -1)
		}
	}
	c.kept = nil
}
