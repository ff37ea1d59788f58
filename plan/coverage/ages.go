package coverage

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// ages finds the dates that are read at another age than in steady state.
func (c *course) ages(result *Dates, f *filePattern) {
	a := &aging{course: c, result: result, file: f}
	lo, hi := c.farthest(c.begin), c.farthest(c.end)
	if f.unit < window.Day {
		for w := f.unit.Floor(lo); w <= hi; w = f.next(w) {
			if w > lo {
				a.look(w)
			}
		}
		return
	}
	next := floor(int64(lo), day) + 1
	last := floor(int64(hi), day)
	for _, s := range c.unsteady() {
		if s.from > last {
			break
		}
		a.steady(next, s.from-1)
		for d := max(next, s.from); d <= min(s.to, last); d++ {
			a.look(cron.Wall(d * day))
		}
		next = max(next, s.to+1)
	}
	a.steady(next, last)
}

// aging is the dates of one file being looked at in order.
type aging struct {
	*course
	result *Dates
	file   *filePattern
}

// unsteady is the days whose reading a change of a clock can touch in a way that
// no constant describes. Between them, constants do.
func (c *course) unsteady() spans {
	list := c.spans[:0]
	around := func(at, size int64) {
		w := int64(wall(c.dates, at))
		list = append(list, span{floor(w-size-26*hour, day), floor(w+size+26*hour, day)})
	}
	for _, d := range c.dateChanges {
		around(d.at, d.size())
		if c.elapsed != 0 {
			around(d.at-c.elapsed, d.size())
		}
		if c.calendar {
			around(c.back(d.at), d.size()+c.monthEnds())
		}
	}
	for _, d := range c.zoneChanges {
		size := d.size() + c.monthEnds()
		if g0, g1 := cron.Wall(d.at+d.before), cron.Wall(d.at+d.after); g0 < g1 {
			if n := c.expr.Next(g0); n < g1 {
				size = max(size, int64(g1-c.expr.Prev(n-1)))
			}
		}
		around(c.back(d.at), size)
	}
	c.spans = list
	return list.merged()
}

// monthEnds is how much the last days of months blur an offset in months.
func (c *course) monthEnds() int64 {
	if c.offset.Months == 0 {
		return 0
	}
	return 4 * day
}

// steady looks at the days [from, to], in which all clocks keep their offsets.
func (a *aging) steady(from, to int64) {
	if from > to || a.fine(from) {
		return
	}
	if a.period == 0 || a.offset.Months != 0 {
		for d := from; d <= to; d++ {
			a.look(cron.Wall(d * day))
		}
		return
	}
	var alike [7]struct {
		known, moved bool
		as           Moved
	}
	for d := from; d <= to; d++ {
		w := cron.Wall(d * day)
		if !a.file.expects(w) {
			continue
		}
		x := &alike[floorMod(d, a.period)]
		if !x.known || x.moved && len(a.result.Moved) < Shown {
			x.as, x.moved = a.moved(w)
			x.known = true
		}
		if x.moved {
			a.count(x.as)
		}
	}
}

// fine reports whether no day of a stretch that begins with d, and in which all
// clocks keep their offsets, can be read at another age than usual.
func (a *aging) fine(d int64) bool {
	w := cron.Wall(d * day)
	stamp := instant(a.dates, w)
	y := a.ahead(stamp)
	if a.offset.Months != 0 {
		return offset(a.dates, stamp) == offset(a.dates, stamp+a.elapsed) && offset(a.dates, y)-offset(a.zone, y) == a.usual
	}
	now, usual := wall(a.zone, y), a.usualThreshold(w)
	return now == usual || a.always.Next(min(now, usual)+1) > max(now, usual)
}

func (a *aging) count(m Moved) {
	if m.Age < m.Usual {
		a.result.Early++
	} else {
		a.result.Late++
	}
	a.result.Moved = first(a.result.Moved, m)
}

// usualThreshold is the time of the schedule after which the file of w is read,
// where all clocks keep their usual distance; it is not for offsets with months.
func (c *course) usualThreshold(w cron.Wall) cron.Wall {
	return w.AddDays(c.days) + cron.Wall(c.elapsed-c.usual)
}

// look compares how one unit is read with how it usually is.
func (a *aging) look(w cron.Wall) {
	if !a.file.expects(w) {
		return
	}
	if m, moved := a.moved(w); moved && a.file.exists(a.dates, w) {
		a.count(m)
	}
}

// moved is how a unit is read, and whether that is another age than usual.
func (a *aging) moved(w cron.Wall) (Moved, bool) {
	stamp := instant(a.dates, w)
	run, ok := a.reader(stamp)
	if !ok {
		return Moved{}, false
	}
	usual := a.usualReader(w)
	if run.Nominal.Midnight() == usual.Midnight() {
		return Moved{}, false
	}
	later := run.Instant.Unix() - stamp - int64(usual-w) - a.usual
	if max(later, -later) <= cron.LongGap || a.passed(run, stamp) {
		return Moved{}, false
	}
	return Moved{Run: run.Instant, Date: a.file.text(w), Age: age(run.Nominal, w), Usual: age(usual, w)}, true
}

// passed reports whether past_day_only lets the run leave the stamp out.
func (a *aging) passed(run cron.Firing, stamp int64) bool {
	if !a.ticks.calendar.Group().PastDayOnly {
		return false
	}
	end := a.back(run.Instant.Unix())
	return window.Back(time.Unix(end, 0), graph.Offset{Days: 1}, a.dates).Unix() > stamp
}

// usualReader is the time the schedule names for the run that reads a unit, where
// all clocks keep their usual distance.
func (a *aging) usualReader(w cron.Wall) cron.Wall {
	if a.offset.Months == 0 {
		return a.expr.Next(a.usualThreshold(w) + 1)
	}
	n := a.expr.Next(w.AddDays(a.days).AddMonths(a.offset.Months) + cron.Wall(a.elapsed-a.usual) - 4*day)
	for (n+cron.Wall(a.usual)).AddMonths(-a.offset.Months).AddDays(-a.days)-cron.Wall(a.elapsed) <= w {
		n = a.expr.Next(n + 1)
	}
	return n
}

// age is the days from a file's date to that of its run.
func age(run, file cron.Wall) int { return int((run.Midnight() - file.Midnight()) / day) }
