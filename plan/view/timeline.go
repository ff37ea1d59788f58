package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// Timeline draws the days of a plan on a terminal, with a lane for each group
// that runs: when a run starts, until when it may wait for data, and which group
// waits for which. Time goes from left to right, so runs that are under way
// together stand one below the other. The error is that of w.
func Timeline(w io.Writer, p *plan.Plan, o Options) error {
	t := newText(w, o)
	t.plan = p
	t.header()
	axis := newAxis(p)
	lanes := lanesOf(p)
	names := 0
	for _, l := range lanes {
		names = max(names, columns(l.Group.Group.Typed()))
	}
	d := &timeline{text: t, axis: axis, lanes: lanes, names: min(names, widestName)}
	d.perHour = max(1, min((t.width-d.names-gutter-1)/longestDay, finest))
	d.draw()
	return t.out.Flush()
}

// A day has up to 25 hours. An hour has up to four columns; more would say
// nothing more.
const (
	longestDay = 25
	finest     = 4
)

// longestTimeline bounds the days that are drawn: nobody reads more.
const longestTimeline = 3700

// axis is the clock that a timeline is drawn on: that of all groups where they
// share one, else UTC.
type axis struct{ zone *cron.Zone }

func newAxis(p *plan.Plan) axis {
	name := ""
	for i := range p.Groups {
		g := &p.Groups[i]
		switch {
		case g.State == plan.Unscheduled:
		case name == "":
			name = g.Timezone
		case name != g.Timezone:
			name = "UTC"
		}
	}
	zone, err := cron.LoadZone(cmp.Or(name, "UTC"))
	if err != nil { // a plan of a release that knows more zones
		if zone, err = cron.LoadZone("UTC"); err != nil {
			panic(err) // it is embedded
		}
	}
	return axis{zone: zone}
}

// midnight is the beginning of the day, days after that of t.
func (a axis) midnight(t time.Time, days int) time.Time {
	at, _ := a.zone.Instant(a.zone.Wall(t).Midnight().AddDays(days), cron.NextValid, cron.First)
	return at
}

// timeline is a plan being drawn.
type timeline struct {
	*text
	axis    axis
	lanes   []*lane
	names   int // columns of the groups' names
	perHour int // columns of an hour
}

// lanesOf is the groups that run by themselves, those that wait for others below
// them.
func lanesOf(p *plan.Plan) []*lane {
	var lanes []*lane
	byGroup := map[graph.Addr]*lane{}
	for i := range p.Groups {
		g := &p.Groups[i]
		if g.State == plan.Unscheduled {
			continue
		}
		l := &lane{Group: g, zone: location(g.Timezone), dates: location(g.FileDates)}
		byGroup[g.Group] = l
		lanes = append(lanes, l)
	}
	for i := range p.Runs {
		if l := byGroup[p.Runs[i].Group]; l != nil {
			l.runs = append(l.runs, &p.Runs[i])
		}
	}
	depth := map[graph.Addr]int{}
	for deeper, n := true, 0; deeper && n < len(lanes); n++ { // at most as often as a chain of constraints can be long
		deeper = false
		for _, l := range lanes {
			for _, r := range l.runs {
				for _, a := range r.After {
					if d := min(depth[a.Group]+1, len(lanes)); d > depth[r.Group] {
						depth[r.Group], deeper = d, true
					}
				}
			}
		}
	}
	slices.SortStableFunc(lanes, func(a, b *lane) int { return depth[a.Group.Group] - depth[b.Group.Group] })
	return lanes
}

func (d *timeline) draw() {
	if len(d.lanes) == 0 {
		d.line("No group has a schedule, so there is nothing to draw.")
		return
	}
	var empty []time.Time // days before this one on which nothing runs
	for day := range longestTimeline {
		from, to := d.axis.midnight(d.plan.At, day), d.axis.midnight(d.plan.At, day+1)
		if !from.Before(d.plan.Until) {
			break
		}
		var rows []string
		for _, l := range d.lanes {
			if row, busy := d.lane(l, from, to); busy {
				rows = append(rows, fill(shorten(l.Group.Group.Typed(), d.names), d.names+gutter)+row)
			}
		}
		if len(rows) == 0 {
			empty = append(empty, from)
			continue
		}
		d.empty(empty)
		empty = nil
		d.day(from, to, rows)
	}
	d.empty(empty)
	d.legend()
}

// empty says that nothing runs on some days.
func (d *timeline) empty(days []time.Time) {
	if len(days) == 0 {
		return
	}
	const layout = "Mon 2006-01-02"
	loc := d.axis.zone.Location()
	s := days[0].In(loc).Format(layout)
	if n := len(days); n > 1 {
		s += " to " + days[n-1].In(loc).Format(layout)
	}
	d.line(d.paint(dim, s+": no run"))
	d.line()
}

// day prints the lanes of the groups that run on one day.
func (d *timeline) day(from, to time.Time, rows []string) {
	first := from.In(d.axis.zone.Location())
	title := d.paint(bold, first.Format("Mon 2006-01-02"))
	if hours := to.Sub(from).Hours(); hours != 24 {
		title += "  " + d.paint(yellow, fmt.Sprintf("the clocks change: this day has %g hours", hours))
	}
	d.line(title)
	d.line(pad(d.names+gutter), d.paint(dim, d.ruler(from, to)))
	for _, row := range rows {
		d.line(row)
	}
	for _, l := range d.lanes {
		d.constraints(l, from, to)
	}
	d.line()
}

// ruler has the hours of the clock, as many as there is room for.
func (d *timeline) ruler(from, to time.Time) string {
	step := 6 / min(d.perHour, 3)
	if step == 6 {
		step = 4
	}
	row := []rune(pad(d.column(from, to) + 2))
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		hour := at.In(d.axis.zone.Location())
		if i := d.column(from, at); hour.Hour()%step == 0 && (i == 0 || row[i-1] == ' ') {
			copy(row[i:], []rune(hour.Format("15")))
		}
	}
	return strings.TrimRight(string(row), " ")
}

// column is where an instant stands in a day's rows.
func (d *timeline) column(from, at time.Time) int {
	return int(at.Sub(from) * time.Duration(d.perHour) / time.Hour)
}

// The signs of a lane.
const (
	signIdle  = '·'
	signStart = '●'
	signWait  = '━'
	signGate  = '╌'
	signEnd   = '┤'
	signMore  = '…'
)

// lane draws what a group does in one day, from the plan's now on. busy is
// whether it does something.
func (d *timeline) lane(l *lane, from, to time.Time) (text string, busy bool) {
	row := []rune(pad(d.column(from, to)))
	for i := max(0, d.column(from, d.plan.At)); i < len(row); i++ {
		if i%d.perHour == 0 {
			row[i] = signIdle
		}
	}
	counts := make([]int, len(row))
	busy = d.stretches(l, row, from, to)
	for _, r := range l.runs {
		if at := r.ScheduledAt; !at.Before(from) && at.Before(to) {
			counts[d.column(from, at)]++
			busy = true
		}
	}
	busy = d.more(l, row, from, to) || busy
	for i, n := range counts {
		switch {
		case n == 1:
			row[i] = signStart
		case n > 9:
			row[i] = '#'
		case n > 1:
			row[i] = rune('0' + n)
		}
	}
	return string(row), busy
}

// stretches draws how long the runs may wait, for other groups and for data.
func (d *timeline) stretches(l *lane, row []rune, from, to time.Time) (busy bool) {
	for _, r := range l.runs {
		for _, a := range r.After {
			busy = d.stretch(row, signGate, r.ScheduledAt, a.Deadline, from, to) || busy
		}
	}
	for _, r := range l.runs {
		busy = d.stretch(row, signWait, r.ScheduledAt, lastDeadline(r), from, to) || busy
	}
	return busy
}

// stretch draws a stretch of time and its end, as far as they are in the day.
func (d *timeline) stretch(row []rune, sign rune, start, end, from, to time.Time) bool {
	if !end.After(start) || !end.After(from) || !start.Before(to) {
		return false
	}
	first, last := max(d.column(from, start), 0), d.column(from, end)
	for i := first; i < min(last, len(row)); i++ {
		row[i] = sign
	}
	if last < len(row) {
		row[last] = signEnd
	}
	return true
}

// lastDeadline is until when a run may wait for data.
func lastDeadline(r *plan.Run) time.Time {
	last := r.ScheduledAt
	for i := range r.Couriers {
		if c := &r.Couriers[i]; c.Deadline.After(last) {
			last = c.Deadline
		}
	}
	return last
}

// more marks the time after the last run that the plan lists, where it has more.
func (d *timeline) more(l *lane, row []rune, from, to time.Time) bool {
	if l.More == 0 || len(l.runs) == 0 {
		return false
	}
	last := l.runs[len(l.runs)-1].ScheduledAt
	if !last.Before(to) {
		return false
	}
	for i := max(d.column(from, last), 0); i < min(d.column(from, d.plan.Until), len(row)); i++ {
		row[i] = signMore
	}
	return true
}

// constraints says which runs of a day wait for which of other groups.
func (d *timeline) constraints(l *lane, from, to time.Time) {
	loc := d.axis.zone.Location()
	for _, r := range l.runs {
		if r.ScheduledAt.Before(from) || !r.ScheduledAt.Before(to) {
			continue
		}
		for _, a := range r.After {
			what := "starts after"
			if a.Gate == graph.GateDownstream {
				what = "loads, then goes on after"
			}
			tick := a.Tick.In(loc).Format("15:04")
			if a.Tick.Before(from) {
				tick = a.Tick.In(loc).Format("Mon 01-02 15:04")
			}
			d.wrapped(dim, 0, fmt.Sprintf("%s %s %s %s of %s, %s", r.Group.Typed(), r.ScheduledAt.In(loc).Format("15:04"), what,
				a.Group.Typed(), tick, deadlineText(a.Deadline, r.ScheduledAt.In(loc))))
		}
	}
}

// legend explains the signs that the lanes have.
func (d *timeline) legend() {
	parts := []string{string(signStart) + " a run starts", strings.Repeat(string(signWait), 2) + string(signEnd) + " it may wait for data until then"}
	for _, l := range d.lanes {
		if slices.ContainsFunc(l.runs, func(r *plan.Run) bool { return len(r.After) > 0 }) {
			parts = append(parts, strings.Repeat(string(signGate), 2)+string(signEnd)+" it may wait for another group until then")
			break
		}
	}
	if slices.ContainsFunc(d.lanes, func(l *lane) bool { return l.More > 0 }) {
		parts = append(parts, string(signMore)+" more runs, not listed")
	}
	parts = append(parts, fmt.Sprintf("2-9, # runs in one column, of %d min", 60/d.perHour))
	for _, s := range fold(parts, " · ", d.width) {
		d.line(d.paint(dim, strings.TrimSuffix(s, " ·")))
	}
	d.line(d.paint(dim, "Times are those of "+d.axis.zone.Name()+"."))
	var still []string
	for _, l := range d.lanes {
		if len(l.runs) == 0 {
			still = append(still, l.Group.Group.Typed()+" ("+stillText(l.State)+")")
		}
	}
	if len(still) > 0 {
		d.wrapped(dim, 0, "Without a run until "+zoned(d.plan.Until.In(d.axis.zone.Location()), "Mon 2006-01-02 15:04")+": "+strings.Join(still, ", "))
	}
}

// stillText is why a group has no run.
func stillText(s plan.GroupState) string {
	if s == plan.Scheduled {
		return "not due"
	}
	return string(s)
}
