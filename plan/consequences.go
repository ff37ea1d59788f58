package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// work adds the consequences of the changes, one for each group that they touch.
func (c *courses) work(p *Plan) {
	groups := c.touched()
	all := map[graph.Addr]*Consequence{}
	at := map[graph.Addr][2]course{}
	for _, a := range groups {
		before, after := c.before.course(a), c.after.course(a)
		at[a] = [2]course{before, after}
		all[a] = c.consequence(a, before, after)
	}
	c.readers(at, all)
	for _, a := range groups {
		if q := all[a]; !q.Empty() {
			p.Consequences = append(p.Consequences, *q)
		}
	}
}

func (c *courses) consequence(a graph.Addr, before, after course) *Consequence {
	q := &Consequence{Group: a, Before: before.state(), After: after.state()}
	if from := c.renames.Former(a); from != a {
		q.From = from
	}
	for _, m := range c.renames.Members {
		if group, to, ok := m.To.SplitMember(); ok && group == a {
			_, from, _ := m.From.SplitMember()
			q.Renamed = append(q.Renamed, Renaming{From: from, To: to})
		}
	}
	q.Zone = "UTC"
	for _, x := range []course{before, after} {
		if x.group != nil {
			q.Zone = x.group.Timezone
		}
	}
	q.runs(before, after, c.after.perGroup)
	if before.group != nil && after.group != nil {
		q.waits(before, after)
	}
	q.steps(before, after)
	q.held(c, a, after)
	return q
}

// waits compares how long couriers and constraints wait.
func (q *Consequence) waits(before, after course) {
	add := func(w Waiting) {
		if w.Before != w.After {
			w.Shortened = w.After < w.Before
			q.Waits = append(q.Waits, w)
		}
	}
	for _, m := range after.group.Members {
		if old := before.group.Member(m.Name); old != nil {
			add(Waiting{Name: m.Name, Kind: WaitOfCourier, Before: old.Wait, After: m.Wait, Next: nextDeadline(before, after, m.Name)})
		}
	}
	for _, x := range after.group.After {
		i := slices.IndexFunc(before.group.After, func(o graph.After) bool { return o.Name == x.Name })
		if i >= 0 {
			add(Waiting{Name: x.Name, Kind: WaitOfAfter, Before: before.group.After[i].Wait, After: x.Wait})
		}
	}
}

// nextDeadline is that of a courier in the first run of both courses.
func nextDeadline(before, after course, name string) *InstantChange {
	find := func(c course) (time.Time, bool) {
		if c.sim == nil || len(c.sim.runs) == 0 {
			return time.Time{}, false
		}
		for _, x := range c.sim.runs[0].Couriers {
			if x.Name == name {
				return x.Deadline, true
			}
		}
		return time.Time{}, false
	}
	old, known := find(before)
	now, too := find(after)
	if !known || !too {
		return nil
	}
	return &InstantChange{Before: old, After: now}
}

// steps compares what runs besides the couriers.
func (q *Consequence) steps(before, after course) {
	old, now := stepsOf(before), stepsOf(after)
	for _, a := range now {
		if !slices.Contains(old, a) {
			q.Steps.Run = append(q.Steps.Run, StepChange{a, whyRuns(before, after, a)})
		}
	}
	for _, a := range old {
		if !slices.Contains(now, a) {
			q.Steps.Stop = append(q.Steps.Stop, StepChange{a, whyRuns(after, before, a)})
			continue
		}
		was, is := before.world.in.Graph.Step(a), after.world.in.Graph.Step(a)
		if was != nil && is != nil && was.RequireComplete != is.RequireComplete {
			why := "require_complete is set: it is held back in runs with warnings"
			if was.RequireComplete {
				why = "require_complete is no longer set: it runs although there are warnings"
			}
			q.Steps.Hold = append(q.Steps.Hold, StepChange{a, why})
		}
	}
}

// stepsOf is what the runs of a course reach; nothing where there are none by
// themselves.
func stepsOf(c course) []graph.Addr {
	if c.group == nil || c.group.Schedule != "" && !c.group.Active {
		return nil
	}
	return c.group.Steps()
}

// whyRuns says why a step is reached in the course has, and not in lacks.
func whyRuns(lacks, has course, a graph.Addr) string {
	switch {
	case lacks.group == nil:
		return "the whole group"
	case lacks.group.Schedule != "" && !lacks.group.Active:
		return "active is the other way round"
	case listed(lacks.group, a):
		return fmt.Sprintf("run_type %q and %q", lacks.group.RunType, has.group.RunType)
	default:
		return "the list of the group"
	}
}

func listed(g *graph.Group, a graph.Addr) bool {
	return slices.Contains(g.Bridges, a) || slices.Contains(g.Processes, a) || slices.Contains(g.Activations, a)
}

// held says what an operator must do, which applying does not, and what becomes
// of runs under way.
func (q *Consequence) held(c *courses, a graph.Addr, after course) {
	standing := &c.after.in.Standing
	for _, p := range standing.Paused {
		if p.Group == a && after.group != nil {
			q.Held = append(q.Held, fmt.Sprintf("It stays paused, by %s since %s: `waybill resume %s` lets it go on.", p.By, p.At.UTC().Format(time.RFC3339), a.Typed()))
		}
	}
	ticks := after.group != nil && after.group.Active && after.group.Schedule != ""
	for _, r := range standing.Open {
		if r.Group != a {
			continue
		}
		o := OpenRun{Key: r.Key, State: r.State, Fate: FateGoesOn}
		switch {
		case r.State == "blocked":
			o.Fate = FateBlocked
			q.Held = append(q.Held, fmt.Sprintf("The run %s stays blocked: `waybill backfill %s` or `waybill advance %[2]s` ends that.", r.Key, a.Typed()))
		case !isQueued(r.State) && len(q.Renamed)+len(q.From) > 0:
			q.Held = append(q.Held, fmt.Sprintf("The run %s is under way: the group is renamed when it has ended, and applying before that is refused.", r.Key))
		case !ticks && isQueued(r.State) && isScheduled(r):
			o.Fate = FateSkipped
		}
		q.Open = append(q.Open, o)
	}
}

func isQueued(state string) bool { return state == "scheduled" || state == "waiting" }

// isScheduled reports whether a run is that of a tick, by its key, which keeps the
// address that its group had then.
func isScheduled(r graph.OpenRun) bool {
	return r.Key == graph.RunKey(graph.Addr(graph.OfRun(r.Key)), r.ScheduledAt.UTC().Format(time.RFC3339))
}

// calendar is that of a group, compiled when it is first asked for; nil where the
// group is not there or cannot be read.
func (w *world) calendar(a graph.Addr) *window.Calendar {
	c, known := w.calendars[a]
	if g := w.in.Graph.Group(a); !known && g != nil {
		c, _ = window.NewCalendar(g)
		w.calendars[a] = c
	}
	return c
}
