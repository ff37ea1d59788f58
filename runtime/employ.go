package runtime

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// employ starts the work that the tasks of a run call for now, and returns when
// the next of them is due.
func (e *engine) employ(ctx context.Context, now time.Time, r store.Run) (next time.Time, err error) {
	// Work that ends from here on has written its result, or not, when the rows
	// are read; what they call for is seen in the pass that its end wakes.
	working := e.underWay()
	s, err := e.scene(ctx, r.Key)
	if err != nil {
		return next, err
	}
	for _, w := range watches(s.run, s.group) {
		if w.at.After(now) {
			next = earliest(next, w.at)
		}
	}
	if s.run.State == store.Stopping {
		return next, nil
	}
	for _, t := range stepsFirst(s.tasks) {
		at, work := e.due(s, t)
		switch {
		case work == nil && at.IsZero():
		case at.After(now):
			next = earliest(next, at)
		case work != nil:
			j := job{run: r.Key, task: t.Name, group: r.Group}
			if _, busy := working[j]; busy {
				continue
			}
			if rest := e.resting(j); rest.After(now) {
				next = earliest(next, rest)
				continue
			}
			e.assign(ctx, j, s, t, work)
		}
	}
	return next, nil
}

// assign starts a piece of work. That of a courier waits for room: the end of
// other work wakes the loop. A step has found it when it began.
func (e *engine) assign(ctx context.Context, j job, s *scene, t store.Task, work func(context.Context, *scene, store.Task) error) {
	var source graph.Addr
	if t.Kind == store.KindCourier {
		courier := s.courier(t)
		if source = courier.Addr; !e.room(s.program, j.group, courier, 0) {
			return
		}
	}
	e.start(ctx, j, source, func(ctx context.Context) error { return work(ctx, s, t) })
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
// work is a task that only waits for time to pass.
func (e *engine) due(s *scene, t store.Task) (time.Time, func(context.Context, *scene, store.Task) error) {
	switch {
	case t.State == store.Pending:
		return t.NextAt, nil
	case t.Kind == kindGate && t.State == store.Waiting:
		return t.Deadline, nil
	case t.Kind == store.KindCourier && t.State == store.Waiting && s.courier(t).Exec != nil:
		return t.NextAt, e.fetch
	case t.Kind == store.KindCourier && t.State == store.Waiting:
		return s.polls[t.Name].NextAt, e.look
	case t.Kind == store.KindCourier && t.State == store.Running && s.courier(t).Exec != nil:
		return t.NextAt, e.fetch
	case t.Kind == store.KindCourier && t.State == store.Running:
		return t.NextAt, e.land
	case t.State == store.Running:
		if job, ok := s.jobs[t.Name]; ok {
			return job.NextAt, e.ask
		}
		return time.Time{}, e.act
	}
	return time.Time{}, nil
}

// crew counts the steps that have begun for a run in one go, and on which
// nobody works yet.
type crew struct {
	*engine
	begun int
}

func (c *crew) engage(p *program, r store.Run) bool {
	if !c.room(p, r.Group, nil, c.begun) {
		return false
	}
	c.begun++
	return true
}

// room reports whether one more piece of work may begin, as far as the limits on
// what is done at once go: of the workspace, of the group, and of the source,
// where the work is a courier's. begun is how many of the group come first.
func (e *engine) room(p *program, group graph.Addr, courier *graph.Courier, begun int) bool {
	all, inGroup, ofSource := begun, begun, 0
	for j, w := range e.underWay() {
		all++
		if j.group == group {
			inGroup++
		}
		if courier != nil && w.source == courier.Addr {
			ofSource++
		}
	}
	return below(all, p.MaxConcurrent) && below(inGroup, p.Group(group).MaxConcurrent) &&
		(courier == nil || below(ofSource, courier.MaxConcurrent))
}

func below(n, limit int) bool { return limit == 0 || n < limit }
