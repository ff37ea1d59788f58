package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// maxPartners bounds the ticks of a group that are paired with those of a group it
// waits for. A group that ticks more often is looked at around changes only.
const maxPartners = 2500

// partners reports what changes of the clock do to the groups that a group waits
// for: it finds another tick than on other days, or the time from that tick to its
// own is shorter.
//
// What is usual is what would happen if the two zones were as far apart all the
// time as they are most of the time.
func partners(s *survey, c *window.Calendar) diag.List {
	var list diag.List
	for i := range c.Group().After {
		a := &c.Group().After[i]
		upstream := s.calendars[a.Group]
		if upstream == nil || upstream.Schedule() == nil || !upstream.Group().Active {
			continue
		}
		p := &pairing{survey: s, waiting: c, upstream: upstream, after: a}
		p.apart = p.usualDistance()
		p.look()
		list = append(list, p.reports()...)
	}
	return list
}

// pairing is the ticks of a group and those of one that it waits for.
type pairing struct {
	*survey
	waiting, upstream *window.Calendar
	after             *graph.After
	apart             time.Duration // clock of the waiting group less that of the other, usually

	another []episode // the waiting group finds another tick than usual
	shorter []episode // it finds the same tick, later than usual
	least   time.Duration
	usual   time.Duration // the usual distance of the ticks where it was least
	open    *episode
	openAs  fate
}

// episode is ticks in a row that fare alike.
type episode struct {
	first, last cron.Firing
	runs        int
	lag, usual  time.Duration // from the partner's tick to the first one
	partner     time.Time     // of the first
}

type fate int

const (
	asUsual fate = iota
	otherTick
	lessTime
)

// distance is how far the clocks of the two zones are apart at an instant.
func (p *pairing) distance(t time.Time) time.Duration {
	return time.Duration(p.waiting.Zone().Offset(t)-p.upstream.Zone().Offset(t)) * time.Second
}

// usualDistance is the distance that the clocks have for the most part of the horizon.
func (p *pairing) usualDistance() time.Duration {
	lasts := map[time.Duration]time.Duration{}
	from := p.in.At
	bounds := append(p.bounds(), p.until)
	for _, at := range bounds {
		lasts[p.distance(from)] += at.Sub(from)
		from = at
	}
	best := p.distance(p.in.At)
	for d, total := range lasts {
		if total > lasts[best] || total == lasts[best] && d < best {
			best = d
		}
	}
	return best
}

// bounds is the changes of either clock, in order.
func (p *pairing) bounds() []time.Time {
	var list []time.Time
	for _, z := range []*cron.Zone{p.waiting.Zone(), p.upstream.Zone()} {
		for _, t := range p.transitions(z) {
			list = append(list, t.At)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.CompactFunc(list, time.Time.Equal)
}

// look goes through the ticks of the waiting group: all of them, or those of two
// days around each change where there are too many.
func (p *pairing) look() {
	schedule := p.waiting.Schedule()
	if len(p.bounds()) == 0 {
		return
	}
	if schedule.Count(p.in.At, p.until) <= maxPartners {
		for f := range schedule.Between(p.in.At, p.until) {
			p.see(f)
		}
		p.close()
		return
	}
	for _, at := range p.bounds() {
		for f := range schedule.Between(at.Add(-24*time.Hour), at.Add(24*time.Hour)) {
			p.see(f)
		}
		p.close()
	}
}

// see compares a tick's partner with the one it would have if the clocks were as
// far apart as usual.
func (p *pairing) see(f cron.Firing) {
	t, ok := p.upstream.Upstream(p.waiting, f.Instant, p.after.Offset)
	if !ok {
		return
	}
	o := p.after.Offset
	sought := f.Nominal.AddMonths(-o.Months).AddDays(-7*o.Weeks - o.Days).Add(-o.Elapsed.Std() - p.apart)
	expected := p.upstream.Schedule().Expr().Prev(sought)
	lag, usual := f.Instant.Sub(t), f.Nominal.Add(-p.apart).Sub(expected)
	fares := asUsual
	change := usual - lag
	switch skew := max((p.distance(f.Instant) - p.apart).Abs(), time.Hour); {
	case change.Abs() > skew:
		fares = otherTick
	case change > 0 && p.waiting.Zone() != p.upstream.Zone():
		fares = lessTime
	}
	p.record(f, fares, episode{first: f, lag: lag, usual: usual, partner: t})
}

func (p *pairing) record(f cron.Firing, fares fate, e episode) {
	if fares != p.openAs {
		p.close()
	}
	if fares == asUsual {
		return
	}
	if p.open == nil {
		p.open, p.openAs = &e, fares
	}
	p.open.last = f
	p.open.runs++
	if fares == lessTime && (p.usual == 0 || e.lag < p.least) {
		p.least, p.usual = e.lag, e.usual
	}
}

// close ends the episode at hand.
func (p *pairing) close() {
	if p.open != nil {
		switch p.openAs {
		case otherTick:
			p.another = append(p.another, *p.open)
		case lessTime:
			p.shorter = append(p.shorter, *p.open)
		}
	}
	p.open, p.openAs = nil, asUsual
}

func (p *pairing) reports() diag.List {
	var list diag.List
	if len(p.another) > 0 {
		list = append(list, p.otherTicks())
	}
	// As much time as usual is enough, and so is what the other group needs, where
	// that is stated.
	needs := p.usual
	if stated := p.upstream.Group().ExpectedRuntime.Std(); stated > 0 {
		wait, _ := longestWait(p.in.Graph, p.upstream.Group())
		needs = min(needs, wait.Std()+stated)
	}
	if len(p.shorter) > 0 && p.least+p.after.Wait.Std() < needs {
		list = append(list, p.lessTime(needs))
	}
	return list
}

func (p *pairing) otherTicks() diag.Diagnostic {
	g, u := p.waiting.Group(), p.upstream.Group()
	var lines []string
	for _, e := range p.another {
		lines = append(lines, fmt.Sprintf("%s: the tick %s before its own, such as that of %s for the run of %s; on other dates the one %s before",
			p.dates(e), length(e.lag), when(e.partner, p.upstream.Zone()), when(e.first.Instant, p.waiting.Zone()), length(e.usual)))
	}
	d := p.report(diag.DSTPartner, g, "after."+p.after.Name, "Another tick of "+string(u.Addr)+" when clocks change",
		"%s waits for the last tick of %s%s. Which one that is changes with the clocks:\n\n%s\n"+
			"Schedule both in one zone, or move one of them until more than the change of the clock lies between the two ticks.",
		g.Addr, u.Addr, p.offsetText(), bullets(lines))
	p.relate(&d, u.Addr)
	return d
}

func (p *pairing) offsetText() string {
	if p.after.Offset.IsZero() {
		return " at or before its own"
	}
	return " at or before its own less " + p.after.Offset.String()
}

func (p *pairing) dates(e episode) string {
	first, last := e.first.Nominal.Date(), e.last.Nominal.Date()
	if first == last {
		return first
	}
	return fmt.Sprintf("%s to %s (%s)", first, last, graph.Count(e.runs, "run"))
}

func (p *pairing) lessTime(needs time.Duration) diag.Diagnostic {
	g, u := p.waiting.Group(), p.upstream.Group()
	var lines []string
	for _, e := range p.shorter {
		lines = append(lines, fmt.Sprintf("%s: %s instead of %s, such as from %s to %s", p.dates(e), length(e.lag), length(e.usual),
			when(e.partner, p.upstream.Zone()), when(e.first.Instant, p.waiting.Zone())))
	}
	enough := graph.Duration(needs - p.least)
	d := p.report(diag.DSTZoneSkew, g, "after."+p.after.Name, "Less time for "+string(u.Addr)+" while zones disagree",
		"%s waits for %s, and %s and %s do not change their clocks together. From the tick of the one to that of the other there is then less time than usual:\n\n%s\n"+
			"With its wait of %s the group may give up before the other is done. Put both in one zone, or wait at least %s:\n\n%s",
		g.Addr, u.Addr, p.waiting.Zone().Name(), p.upstream.Zone().Name(), bullets(lines), p.after.Wait, enough, waitBlock(enough))
	p.relate(&d, u.Addr)
	return d
}

// waitBlock is the wait block of an after, in whole units.
func waitBlock(d graph.Duration) string {
	if d.Std()%time.Hour == 0 {
		return fmt.Sprintf("  wait { hours = %d }", d.Std()/time.Hour)
	}
	return fmt.Sprintf("  wait { minutes = %d }", (d.Std()+time.Minute-1)/time.Minute)
}
