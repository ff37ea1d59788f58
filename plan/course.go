package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// countedTicks bounds how many runs of one group are compared: a year of
// every-half-hour.
const countedTicks = 20_000

// courses is what consequences are worked out from: the world as it is applied,
// under the present names, and as it was written, from one standing.
type courses struct {
	before, after *world
	renames       graph.Renames
	changes       []Change
}

// touched is the groups whose course the changes can alter, by address, and those
// that are gone.
func (c *courses) touched() []graph.Addr {
	changed := map[graph.Addr]bool{}
	for _, ch := range c.changes {
		changed[ch.Address] = true
		if group, _, ok := ch.Address.SplitMember(); ok {
			changed[group] = true
		}
	}
	var list []graph.Addr
	for _, g := range []*graph.Graph{c.before.in.Graph, c.after.in.Graph} {
		for i := range g.Groups {
			if reaches(&g.Groups[i], changed) {
				list = append(list, g.Groups[i].Addr)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// keep is touched as a set.
func (c *courses) keep() map[graph.Addr]bool {
	set := map[graph.Addr]bool{}
	for _, a := range c.touched() {
		set[a] = true
	}
	return set
}

// reaches reports whether a group is changed, or something that its runs depend
// on.
func reaches(g *graph.Group, changed map[graph.Addr]bool) bool {
	if changed[g.Addr] {
		return true
	}
	for _, m := range g.Members {
		if changed[m.Courier] {
			return true
		}
	}
	for _, a := range g.Steps() {
		if changed[a] {
			return true
		}
	}
	return slices.ContainsFunc(g.After, func(a graph.After) bool { return changed[a.Group] })
}

// course is one group in one of the two worlds; the zero course is a group that
// does not exist there.
type course struct {
	world *world
	group *graph.Group
	cal   *window.Calendar
	sim   *simulation // nil where the group has no schedule
}

func (w *world) course(a graph.Addr) course {
	g := w.in.Graph.Group(a)
	if g == nil {
		return course{}
	}
	c := course{world: w, group: g, cal: w.calendar(a)}
	if c.cal != nil && c.cal.Schedule() != nil {
		if c.sim = w.courses[a]; c.sim == nil {
			c.sim = simulate(w, c.cal)
		}
	}
	return c
}

// state is how the group stands, "" where it does not exist.
func (c course) state() GroupState {
	switch {
	case c.group == nil:
		return ""
	case c.sim == nil:
		return Unscheduled
	default:
		return c.sim.state
	}
}

// slot is a run in a course: its tick, and its details where it is listed.
type slot struct {
	Tick
	nominal string // the date that the schedule names
	run     *Run
}

// slots is every run of a course up to the plan's end; capped where there are too
// many.
func (c course) slots() (list []slot, capped bool) {
	if c.sim == nil {
		return nil, false
	}
	for i := range c.sim.runs {
		r := &c.sim.runs[i]
		list = append(list, slot{Tick: Tick{At: r.ScheduledAt, Local: r.Local, Zone: c.cal.Zone().Name()}, nominal: r.Nominal.Date(), run: r})
	}
	if c.sim.state != Scheduled || len(c.sim.runs) == 0 {
		return list, false
	}
	last := c.sim.runs[len(c.sim.runs)-1].ScheduledAt
	for f := range c.cal.Schedule().Between(last, c.world.until) {
		if len(list) == countedTicks {
			return list, true
		}
		list = append(list, slot{Tick: Tick{At: f.Instant, Local: f.Local(c.cal.Zone()).Format(time.RFC3339), Zone: c.cal.Zone().Name()}, nominal: f.Nominal.Date()})
	}
	return list, false
}

// matching is what becomes of the runs of two courses.
type matching struct {
	same, moved    [][2]slot
	vanish, appear []slot
}

// match says which run of one course is which of the other: see Moving.
func match(before, after []slot) matching {
	var p matching
	var left, right []slot
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case j == len(after) || i < len(before) && before[i].At.Before(after[j].At):
			left = append(left, before[i])
			i++
		case i == len(before) || after[j].At.Before(before[i].At):
			right = append(right, after[j])
			j++
		default:
			p.same = append(p.same, [2]slot{before[i], after[j]})
			i, j = i+1, j+1
		}
	}
	byDate := map[string][]slot{}
	for _, s := range right {
		byDate[s.nominal] = append(byDate[s.nominal], s)
	}
	for _, s := range left {
		if others := byDate[s.nominal]; len(others) > 0 {
			p.moved = append(p.moved, [2]slot{s, others[0]})
			byDate[s.nominal] = others[1:]
		} else {
			p.vanish = append(p.vanish, s)
		}
	}
	for _, list := range byDate {
		p.appear = append(p.appear, list...)
	}
	slices.SortFunc(p.appear, func(a, b slot) int { return a.At.Compare(b.At) })
	return p
}

// runs compares which runs there are, and what they do.
func (q *Consequence) runs(before, after course, most int) {
	old, capped := before.slots()
	now, cappedToo := after.slots()
	q.Capped = capped || cappedToo
	if q.Capped { // as far as both were looked at
		old, now = until(old, now), until(now, old)
	}
	p := match(old, now)
	q.Runs = RunCounts{Before: len(old), After: len(now), Vanish: len(p.vanish), Appear: len(p.appear), Move: len(p.moved)}
	q.Vanish, q.Appear = ticksOf(p.vanish, most), ticksOf(p.appear, most)
	for _, m := range p.moved[:min(most, len(p.moved))] {
		q.Move = append(q.Move, Moving{Before: m[0].Tick, After: m[1].Tick})
	}
	for _, both := range [][][2]slot{p.same, p.moved} {
		for _, s := range both {
			if d := differ(s[0], s[1]); len(d.Couriers) > 0 {
				q.Differ = append(q.Differ, d)
			}
		}
	}
	slices.SortStableFunc(q.Differ, func(a, b Differing) int { return a.After.At.Compare(b.After.At) })
	q.Runs.Differ = len(q.Differ)
}

// until leaves out what is later than the last of another list that was cut.
func until(list, other []slot) []slot {
	if len(other) < countedTicks {
		return list
	}
	last := other[len(other)-1].At
	return slices.DeleteFunc(slices.Clone(list), func(s slot) bool { return s.At.After(last) })
}

func ticksOf(list []slot, most int) []Tick {
	var out []Tick
	for _, s := range list[:min(most, len(list))] {
		out = append(out, s.Tick)
	}
	return out
}

// differ compares what couriers do in one run. Of a run that moves only what it
// looks for counts: that its range ends at another time is the move itself.
func differ(before, after slot) Differing {
	d := Differing{Before: before.Tick, After: after.Tick}
	if before.run == nil || after.run == nil {
		return d
	}
	moved := !before.At.Equal(after.At)
	old := map[string]*Courier{}
	for i := range before.run.Couriers {
		old[before.run.Couriers[i].Name] = &before.run.Couriers[i]
	}
	for i := range after.run.Couriers {
		now := &after.run.Couriers[i]
		was := old[now.Name]
		delete(old, now.Name)
		if was == nil {
			d.Couriers = append(d.Couriers, DifferingCourier{Name: now.Name, Joins: true})
		} else if c, ok := compareCouriers(was, now, moved); ok {
			d.Couriers = append(d.Couriers, c)
		}
	}
	for i := range before.run.Couriers {
		if name := before.run.Couriers[i].Name; old[name] != nil {
			d.Couriers = append(d.Couriers, DifferingCourier{Name: name, Leaves: true})
		}
	}
	if !slices.ContainsFunc(d.Couriers, func(c DifferingCourier) bool { return !c.Joins && !c.Leaves }) {
		d.Couriers = nil // Begins and Ends tell of it, once
		return d
	}
	slices.SortFunc(d.Couriers, func(a, b DifferingCourier) int { return strings.Compare(a.Name, b.Name) })
	return d
}

func compareCouriers(was, now *Courier, moved bool) (DifferingCourier, bool) {
	c := DifferingCourier{Name: now.Name, Gone: without(was.Files, now.Files), New: without(now.Files, was.Files)}
	if !moved {
		c.Range = rangeChange(was.Range, now.Range)
		c.Dropped = rangeChange(orEmpty(was.Dropped), orEmpty(now.Dropped))
		if was.Wait == now.Wait && !was.Deadline.Equal(now.Deadline) {
			c.Deadline = &InstantChange{was.Deadline, now.Deadline}
		}
	}
	return c, c.Range != nil || c.Dropped != nil || c.Deadline != nil || len(c.Gone)+len(c.New) > 0
}

func orEmpty(r *window.Range) window.Range {
	if r == nil {
		return window.Range{}
	}
	return *r
}

// rangeChange is nil for equal ranges; all empty ones are equal.
func rangeChange(before, after window.Range) *RangeChange {
	if before == after || before.Empty() && after.Empty() {
		return nil
	}
	c := &RangeChange{}
	if !before.Empty() {
		c.Before = &before
	}
	if !after.Empty() {
		c.After = &after
	}
	return c
}

// without is what is in a list and not in another.
func without(list, other []string) []string {
	known := make(map[string]bool, len(other))
	for _, s := range other {
		known[s] = true
	}
	var out []string
	for _, s := range list {
		if !known[s] {
			out = append(out, s)
		}
	}
	return out
}
