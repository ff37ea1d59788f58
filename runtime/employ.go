package runtime

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// employ starts the work that the tasks of a run call for now, and returns when
// the next of them is due.
func (e *engine) employ(ctx context.Context, now time.Time, r store.Run) (next time.Time, err error) {
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
	for _, t := range s.tasks {
		at, work := e.due(s, t)
		switch {
		case work == nil && at.IsZero():
		case at.After(now):
			next = earliest(next, at)
		case work != nil:
			j := job{run: r.Key, task: t.Name, group: r.Group}
			if rest := e.resting(j); rest.After(now) {
				next = earliest(next, rest)
				continue
			}
			e.start(ctx, j, func(ctx context.Context) error { return work(ctx, s, t) })
		}
	}
	return next, nil
}

// due says when a task next has work to do, zero for now, and what work. A nil
// work is a task that only waits for time to pass.
func (e *engine) due(s *scene, t store.Task) (time.Time, func(context.Context, *scene, store.Task) error) {
	switch {
	case t.State == store.Pending:
		return t.NextAt, nil
	case t.Kind == kindGate && t.State == store.Waiting:
		return t.Deadline, nil
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

// room reports whether a task may begin now, as far as the limits on
// concurrent tasks go, and the rule that a step which two groups share never
// runs twice at once.
func (e *engine) room(p *program, r store.Run, t store.Task, begun int) bool {
	if t.Kind == kindGate {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	all, group, same := begun, begun, 0
	for j := range e.work {
		all++
		if j.group == r.Group {
			group++
		}
		if j.task == t.Name && t.Kind != store.KindCourier && j.run != r.Key {
			return false
		}
		if j.task == t.Name && j.group == r.Group {
			same++
		}
	}
	g := p.Group(r.Group)
	return below(all, p.MaxConcurrent) && below(group, g.MaxConcurrent) && below(same, limitOf(p, g, t))
}

func below(n, limit int) bool { return limit == 0 || n < limit }

// limitOf is the limit of a courier's source; 0 for none.
func limitOf(p *program, g *graph.Group, t store.Task) int {
	m := g.Member(t.Name)
	if m == nil || t.Kind != store.KindCourier {
		return 0
	}
	return p.Courier(m.Courier).MaxConcurrent
}
