package view

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// timelines is the timelines of a page. All places along time are in percent of
// the width, so that zooming is only a matter of width.
type timelines struct {
	Timelines           []pageTimeline
	Zone                string
	Week                bool // there is more than a week to zoom from
	Gated, Shifts, More bool // whether there is such a sign
	Still               string

	from, until time.Time
	axis        axis
	changes     map[string][]pageBox // days on which a zone's clocks change
	runs        int                  // of all lanes, that are drawn
	perLane     int
	named       int // couriers in the title of a run
}

// pageTimeline is the lanes of some groups.
type pageTimeline struct {
	N      int
	Title  string // empty where there is only one
	Open   bool
	Height int
	Lanes  []pageLane
	Days   []pageMark
	Hours  []pageMark
	Links  []pageLink
	Now    string
}

type pageLane struct {
	Name, Short, ID string
	Odd             bool
	Top, RowHeight  int
	Shifts          []pageBox
	Runs            []pageStart
	More            *pageStart
}

// pageStart is a run as it is drawn.
type pageStart struct {
	Title, Class string
	X            float64
	Y            int
	Focus        bool
	Wait, Range  *pageBox
	Gates        []pageBox
}

// pageBox is a stretch of time.
type pageBox struct {
	X, W, X2     float64
	Y, H, Y1, Y2 int
	Odd          bool
	Title        string
}

// pageMark is an instant with a name.
type pageMark struct {
	X            float64
	Y            int
	Label, Title string
	Shift        bool
}

// pageLink goes from the run that is waited for to the one that waits.
type pageLink struct {
	X1, X2 float64
	Y1, Y2 int
	N      int
	Title  string
}

// Heights in pixels.
const (
	rulerHeight = 44
	rowHeight   = 40
)

const (
	lanesTogether = 50  // lanes of one timeline
	focusable     = 300 // runs that the keyboard reaches one by one
	daysWithHours = 40
	daysNamed     = 400
	linksDrawn    = 400
)

func newTimelines(p *plan.Plan) timelines {
	lanes := lanesOf(p)
	t := timelines{axis: newAxis(p), changes: map[string][]pageBox{}}
	t.from, t.Zone = t.axis.midnight(p.At, 0), t.axis.zone.Name()
	t.until = p.Until.Add(p.Until.Sub(t.from) / 64) // room for a run at the end
	days := p.Until.Sub(t.from).Hours() / 24
	t.Week = days > 8
	var drawn []*lane
	var still []string
	for _, l := range lanes {
		if len(l.runs) > 0 {
			drawn = append(drawn, l)
		} else {
			still = append(still, fmt.Sprintf("%s (%s)", shorten(l.Group.Group.Name(), 60), stillText(l.State)))
		}
	}
	if n := len(still); n > 0 {
		t.Still = "Without a run until " + zoned(p.Until.In(t.axis.zone.Location()), "Mon 2006-01-02 15:04") + ": " +
			strings.Join(andMore(still[:min(n, 40):min(n, 40)], n), ", ") + "."
	}
	if days <= 0 || math.IsNaN(days) {
		return t
	}
	drawn = drawn[:min(len(drawn), pageGroups)]
	t.perLane = max(2, pageRuns/max(1, len(drawn)))
	if t.named = couriersNamed; len(drawn) > manyGroups {
		t.named = fewerNamed
	}
	ids := map[graph.Addr]string{}
	for i := range p.Groups {
		ids[p.Groups[i].Group] = fmt.Sprintf("group-%d", i+1)
	}
	for part := range slices.Chunk(drawn, lanesTogether) {
		one := t.timeline(part, ids, p.At)
		if one.N = len(t.Timelines) + 1; len(drawn) > lanesTogether {
			one.Title = fmt.Sprintf("%s to %s (%s)", one.Lanes[0].Short, one.Lanes[len(one.Lanes)-1].Short, counted(len(part), "group"))
			one.Open = one.N == 1
		}
		for i := range one.Links {
			one.Links[i].N = one.N
		}
		t.Timelines = append(t.Timelines, one)
	}
	return t
}

// timeline draws some lanes.
func (t *timelines) timeline(lanes []*lane, ids map[graph.Addr]string, now time.Time) pageTimeline {
	one := pageTimeline{Height: rulerHeight + rowHeight*len(lanes)}
	if now.After(t.from) {
		one.Now = fmt.Sprint(t.x(now))
	}
	t.ruler(&one)
	tops := map[graph.Addr]int{}
	for i, l := range lanes {
		tops[l.Group.Group] = rulerHeight + i*rowHeight
	}
	for i, l := range lanes {
		top := rulerHeight + i*rowHeight
		name := l.Group.Group.Name()
		row := pageLane{Name: shown(string(l.Group.Group)), Short: shorten(name, 40), ID: ids[l.Group.Group], Odd: i%2 == 1, Top: top, RowHeight: rowHeight, Shifts: t.shifts(l, top)}
		for j, r := range l.runs {
			if j == t.perLane {
				break
			}
			row.Runs = append(row.Runs, t.start(l, r, top, j))
			for _, a := range r.After {
				if from, ok := tops[a.Group]; ok && !a.Tick.Before(t.from) && len(one.Links) < linksDrawn {
					one.Links = append(one.Links, t.link(a, r, from, top))
				}
			}
		}
		if n := len(l.runs) + l.More - len(row.Runs); n > 0 {
			t.More = true
			last := l.runs[len(row.Runs)-1].ScheduledAt
			row.More = &pageStart{X: t.x(last), Y: top + 16, Title: counted(n, "more run")}
		}
		one.Lanes = append(one.Lanes, row)
	}
	return one
}

func (t *timelines) x(at time.Time) float64 { return percentOf(at, t.from, t.until) }

// box is a stretch of time in a lane; nil where it is not on the timeline.
func (t *timelines) box(from, to time.Time, y, height int) *pageBox {
	b := pageBox{X: t.x(from), X2: t.x(to), Y: y, H: height, Y1: y - 3, Y2: y + height + 3}
	if b.W = math.Round(1000*(b.X2-b.X)) / 1000; b.W <= 0 {
		return nil
	}
	return &b
}

// ruler draws the days, and the hours that are seen when zoomed to a day.
func (t *timelines) ruler(one *pageTimeline) {
	all := int(t.until.Sub(t.from).Hours()/24) + 1
	step := 1 + all/daysNamed
	loc := t.axis.zone.Location()
	for day := 0; ; day += step {
		at, next := t.axis.midnight(t.from, day), t.axis.midnight(t.from, day+1)
		if !at.Before(t.until) || day > 1_000_000 {
			return
		}
		layout := "Mon 2"
		if local := at.In(loc); day == 0 || local.Day() == 1 {
			layout = "Mon 2 Jan"
		}
		m := pageMark{X: t.x(at), Y: 17, Label: at.In(loc).Format(layout)}
		if hours := next.Sub(at).Hours(); hours != 24 {
			m.Shift, m.Title = true, fmt.Sprintf("the clocks change: this day has %g hours", hours)
		}
		one.Days = append(one.Days, m)
		for hour := at.Add(time.Hour); all <= daysWithHours && hour.Before(next) && hour.Before(t.until); hour = hour.Add(time.Hour) {
			if local := hour.In(loc); local.Hour()%6 == 0 && local.Hour() > 0 {
				one.Hours = append(one.Hours, pageMark{X: t.x(hour), Label: local.Format("15:04")})
			}
		}
	}
}

// shifts marks the days on which the clocks of a group's zone change.
func (t *timelines) shifts(l *lane, top int) []pageBox {
	known, ok := t.changes[l.Timezone]
	if !ok {
		zone, err := cron.LoadZone(l.Timezone)
		if err == nil {
			a := axis{zone: zone}
			for _, c := range zone.Transitions(t.from, t.until) {
				if b := t.box(a.midnight(c.At, 0), a.midnight(c.At, 1), 0, rowHeight); b != nil && len(known) < daysNamed {
					b.Title = "the clocks of " + l.Timezone + " change at " + stamp(c.At)
					known = append(known, *b)
				}
			}
		}
		t.changes[l.Timezone] = known
	}
	var list []pageBox
	for _, b := range known {
		b.Y = top
		list, t.Shifts = append(list, b), true
	}
	return list
}

// start draws a run: its start, until when it may wait, and the data it reads.
func (t *timelines) start(l *lane, r *plan.Run, top, n int) pageStart {
	s := pageStart{X: t.x(r.ScheduledAt), Y: top + 16, Title: startTitle(l, r, t.named), Wait: t.box(r.ScheduledAt, lastDeadline(r), top+13, 6)}
	t.runs++
	s.Focus = t.runs <= focusable
	switch {
	case r.Blocked:
		s.Class = " blocked"
	case r.Reason != "normal":
		s.Class = " moved"
	}
	for _, a := range r.After {
		if b := t.box(r.ScheduledAt, a.Deadline, top+11, 10); b != nil {
			s.Gates, t.Gated = append(s.Gates, *b), true
		}
	}
	var from, to time.Time
	for i := range r.Couriers {
		c := &r.Couriers[i]
		if c.RangeIgnored || c.Range.Empty() {
			continue
		}
		if from.IsZero() || c.Range.Start.Before(from) {
			from = c.Range.Start
		}
		if c.Range.End.After(to) {
			to = c.Range.End
		}
	}
	if s.Range = t.box(from, to, top+31, 4); s.Range != nil {
		s.Range.Odd = n%2 == 1
	}
	return s
}

// couriersNamed is how many couriers the title of a run names, and fewerNamed how
// many on a page with many groups.
const (
	couriersNamed = 8
	fewerNamed    = 2
	manyGroups    = 100
)

// startTitle says what a run does, a line for each of the first couriers.
func startTitle(l *lane, r *plan.Run, named int) string {
	local := r.ScheduledAt.In(l.zone)
	lines := []string{shorten(l.Group.Group.Name(), 60) + ", " + zoned(local, "Mon 2006-01-02 15:04")}
	if r.Reason != "normal" {
		lines = append(lines, reasonText(l, r))
	}
	for _, a := range r.After {
		lines = append(lines, fmt.Sprintf("after %s of %s, %s", shorten(a.Group.Name(), 60), a.Tick.In(l.zone).Format("Mon 15:04"), deadlineText(a.Deadline, local)))
	}
	for i := range r.Couriers {
		c := &r.Couriers[i]
		if i == named {
			lines = append(lines, fmt.Sprintf("and %d more", len(r.Couriers)-i))
			break
		}
		line := shorten(c.Name, 40) + " reads "
		if c.RangeIgnored {
			line += "everything"
		} else {
			line += rangeText(c.Range, l.dates, local.Year())
		}
		if c.Deadline.After(r.ScheduledAt) {
			line += ", " + deadlineText(c.Deadline, local)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// link connects the run that is waited for with the one that waits.
func (t *timelines) link(a plan.After, r *plan.Run, from, to int) pageLink {
	k := pageLink{X1: t.x(a.Tick), Y1: from + 16, X2: t.x(r.ScheduledAt), Y2: to + 16,
		Title: fmt.Sprintf("%s waits for %s", shorten(r.Group.Name(), 60), shorten(a.Group.Name(), 60))}
	if from < to {
		k.Y1, k.Y2 = k.Y1+5, k.Y2-6
	} else {
		k.Y1, k.Y2 = k.Y1-5, k.Y2+6
	}
	return k
}
