package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// shownInFull is how many runs of a group are shown with all they do before those
// that are like them become one line.
const shownInFull = 3

// lane is a group with its runs, ready to be laid out.
type lane struct {
	*plan.Group
	zone  *time.Location // of the schedule
	dates *time.Location // of ranges
	runs  []*plan.Run
}

// group prints a group: its schedule, and what it does next.
func (t *text) group(g *plan.Group) {
	l := &lane{Group: g, zone: location(g.Timezone), dates: location(g.FileDates), runs: t.runs[g.Group]}
	t.line()
	t.line(t.paint(bold, printable(string(g.Group))))
	t.wrapped(dim, 2, l.title())
	if steps := stepsText(g.Steps); steps != "" {
		t.wrapped(dim, 2, steps)
	}
	if g.State == plan.Scheduled {
		t.coverage(l)
	}
	for _, n := range g.Notes {
		t.wrapped(yellow, 2, n)
	}
	if g.State != plan.Scheduled && len(l.runs) == 0 {
		return
	}
	if len(l.runs) == 0 {
		t.line("  no run until ", zoned(t.plan.Until.In(l.zone), "Mon 2006-01-02 15:04"))
		return
	}
	t.work(l)
}

// title is the schedule in words, and in which zones its times are.
func (l *lane) title() string {
	if l.State == plan.Unscheduled {
		return fmt.Sprintf("no schedule: runs when asked to, with `waybill run %s`", l.Group.Group.Typed())
	}
	s := fmt.Sprintf("%s · %s", strings.TrimSuffix(l.Words, "."), l.Timezone)
	if l.FileDates != l.Timezone {
		s += fmt.Sprintf(" · ranges and file dates in %s", l.FileDates)
	}
	if l.State == plan.Inactive {
		s += " · not active, does not run"
	}
	return s
}

// stepsText says what a group does beside and after its couriers.
func stepsText(steps []graph.Addr) string {
	var beside, after []string
	for _, a := range steps {
		if a.Kind() == graph.KindBridge {
			beside = append(beside, string(a))
		} else {
			after = append(after, string(a))
		}
	}
	var parts []string
	if len(beside) > 0 {
		parts = append(parts, "with "+strings.Join(beside, ", "))
	}
	if len(after) > 0 {
		parts = append(parts, "then "+strings.Join(after, ", "))
	}
	return strings.Join(parts, "; ")
}

// work prints the first runs in full, then in full those that differ from all
// before them, and the others as their times only.
func (t *text) work(l *lane) {
	g := newGrid(t, l)
	seen := map[string]bool{}
	var alike []*plan.Run
	for i, r := range l.runs {
		shape := shapeOf(r)
		if ordinary(r) && (len(r.Couriers) == 0 || i >= shownInFull && seen[shape]) {
			alike = append(alike, r)
			continue
		}
		seen[shape] = true
		t.times(l, alike)
		alike = nil
		t.run(l, g, r)
	}
	t.times(l, alike)
	if l.More > 0 {
		t.line()
		t.line("  ", t.paint(dim, fmt.Sprintf("and %d more until %s", l.More, t.plan.Until.In(l.zone).Format("2006-01-02 15:04"))))
	}
	t.footnotes(l)
}

// ordinary reports whether a run needs no words.
func ordinary(r *plan.Run) bool {
	if len(r.Notes) > 0 || r.Reason != "normal" {
		return false
	}
	for _, c := range r.Couriers {
		if c.Dropped != nil {
			return false
		}
	}
	return true
}

// shapeOf is what a run has in common with those like it: how long each courier's
// range is, how many files it looks for, and how long it waits.
func shapeOf(r *plan.Run) string {
	s := ""
	for _, c := range r.Couriers {
		s += fmt.Sprintf("%s %v %d %v;", c.Name, c.Range.Length(), len(c.Files), c.Deadline.Sub(r.ScheduledAt))
	}
	return s
}
