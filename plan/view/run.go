package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/plan"
)

// movedMark stands by the time of a run that a change of the clock touches.
const movedMark = "*"

// run prints one run in full.
func (t *text) run(l *lane, g *grid, r *plan.Run) {
	t.line()
	t.line("  ", t.runTime(l, r))
	for _, n := range r.Notes {
		t.wrapped(yellow, 4, n)
	}
	for _, a := range r.After {
		at := a.Tick.In(l.zone)
		t.wrapped(dim, 4, fmt.Sprintf("after %s of %s, %s", a.Group, at.Format("Mon 01-02 15:04"), deadlineText(a.Deadline, r.ScheduledAt.In(l.zone))))
	}
	for i := range r.Couriers {
		g.courier(t, r, &r.Couriers[i])
	}
}

// runTime is when a run is, on the group's clock and in UTC.
func (t *text) runTime(l *lane, r *plan.Run) string {
	local := r.ScheduledAt.In(l.zone)
	s := t.paint(bold, local.Format("Mon 2006-01-02 15:04")) + " " + plan.ZoneText(local)
	if r.Reason != "normal" {
		s += t.paint(yellow, movedMark)
	}
	if l.zone.String() == time.UTC.String() {
		return s
	}
	utc := r.ScheduledAt.UTC()
	layout := "15:04 UTC"
	if utc.Format(time.DateOnly) != local.Format(time.DateOnly) {
		layout = "2006-01-02 15:04 UTC"
	}
	return s + "   " + t.paint(dim, utc.Format(layout))
}

// times prints runs that are like those before them: one a line where a day has
// one, else a line for each day.
func (t *text) times(l *lane, runs []*plan.Run) {
	if len(runs) == 0 {
		return
	}
	t.line()
	for len(runs) > 0 {
		n := sameDay(l, runs)
		if n == 1 {
			t.line("  ", t.runTime(l, runs[0]))
		} else {
			t.day(l, runs[:n])
		}
		runs = runs[n:]
	}
}

// sameDay is how many of the first runs are on one date with one offset.
func sameDay(l *lane, runs []*plan.Run) int {
	const layout = "2006-01-02 MST -0700"
	day := runs[0].ScheduledAt.In(l.zone).Format(layout)
	n := 1
	for n < len(runs) && runs[n].ScheduledAt.In(l.zone).Format(layout) == day {
		n++
	}
	return n
}

// day prints the times of one date.
func (t *text) day(l *lane, runs []*plan.Run) {
	var clocks []string
	for _, r := range runs {
		clocks = append(clocks, r.ScheduledAt.In(l.zone).Format("15:04"))
	}
	first := runs[0].ScheduledAt.In(l.zone)
	lead := zoned(first, "Mon 2006-01-02")
	if l.zone.String() != time.UTC.String() {
		lead += " (UTC" + first.Format("-07:00") + ")"
	}
	lead += "  "
	for _, s := range wrap(strings.Join(clocks, " "), t.width-2-columns(lead)) {
		t.line("  ", lead, s)
		lead = pad(columns(lead))
	}
}

// footnotes explains the marks, one line for each run that has one.
func (t *text) footnotes(l *lane) {
	first := true
	for _, r := range l.runs {
		if r.Reason == "normal" {
			continue
		}
		if first {
			t.line()
			first = false
		}
		t.wrapped(yellow, 2, movedMark+" "+reasonText(l, r))
	}
}

// reasonText says what a change of the clock did to a run.
func reasonText(l *lane, r *plan.Run) string {
	local := r.ScheduledAt.In(l.zone)
	clock, date := r.Nominal.Clock(), r.Nominal.Date()
	switch r.Reason {
	case "gap_moved":
		return fmt.Sprintf("%s: %s does not exist that day; the run is at %s", date, clock, zoned(local, "15:04"))
	case "overlap_first":
		return fmt.Sprintf("%s: %s occurs twice that day; this is the first time, %s", date, clock, zoned(local, "15:04"))
	default:
		return fmt.Sprintf("%s: %s occurs twice that day; this is the second time, %s", date, clock, zoned(local, "15:04"))
	}
}
