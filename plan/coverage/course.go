package coverage

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Seconds.
const (
	hour = 60 * 60
	day  = 24 * hour
)

// ticks is the ticks of a group, and what its couriers share.
type ticks struct {
	calendar *window.Calendar
	schedule *cron.Schedule
	expr     *cron.Expr
	zone     *cron.Zone // of the schedule
	dates    *cron.Zone // of ranges and file names

	clocks      *clocks
	from, until time.Time
	runs        int
	first, last int64 // the tick at or before from, the last at or before until

	// always is the times of the schedule on every day. period is the days after
	// which its dates repeat: 1 for every day, 7 for weekdays, 0 for all others.
	always *cron.Expr
	period int64
	spans  spans // buffer

	// usual is the seconds by which the clocks of dates are ahead of those of
	// zone, for most of the time.
	usual int64
}

// course is one courier's way through the ticks of its group.
type course struct {
	*ticks
	offset   graph.Offset
	elapsed  int64 // of the offset
	days     int   // of the offset, weeks included
	calendar bool  // whether the offset has calendar units

	begin, end int64 // what the runs read: from the first watermark to the last
	// zoneChanges and dateChanges are the changes of the two clocks that can matter.
	zoneChanges, dateChanges []change
}

func (t *ticks) course(o graph.Offset) *course {
	c := &course{ticks: t, offset: o, elapsed: int64(o.Elapsed.Std() / time.Second), days: 7*o.Weeks + o.Days}
	c.calendar = o.Months != 0 || c.days != 0
	c.begin = c.back(t.first)
	c.dateChanges = t.clocks.of(t.dates, c.begin)
	c.zoneChanges = t.clocks.of(t.zone, c.begin)
	c.end = c.reached()
	return c
}

// back is the instant u ⊖ offset.
func (c *course) back(u int64) int64 {
	if !c.calendar {
		return u - c.elapsed
	}
	return window.Back(time.Unix(u, 0), c.offset, c.dates).Unix()
}

// ahead is about the instant whose ⊖ offset is x: exact away from changes of the
// clock and, with months, from the ends of months.
func (c *course) ahead(x int64) int64 {
	x += c.elapsed
	if !c.calendar {
		return x
	}
	w := wall(c.dates, x).AddDays(c.days)
	if c.offset.Months != 0 {
		w = w.AddMonths(c.offset.Months)
	}
	return instant(c.dates, w)
}

// slack is how far ahead can be off for what lies at x.
func (c *course) slack(x, y int64) int64 {
	if !c.calendar {
		return 0
	}
	var s int64
	for _, d := range c.dateChanges {
		if d.near(x+c.elapsed) || d.near(y) {
			s += d.size()
		}
	}
	if c.offset.Months != 0 {
		s += 3 * day
	}
	return s
}

// reached is the watermark after the last run: the most that any run reaches.
func (c *course) reached() int64 {
	end := max(c.begin, c.back(c.last))
	slack := c.slack(end, c.last)
	if slack == 0 {
		return end
	}
	for f := range c.schedule.Between(time.Unix(max(c.first, c.last-slack-1), 0), time.Unix(c.last, 0)) {
		end = max(end, c.back(f.Instant.Unix()))
	}
	return end
}

// reader is the run that reads what lies at the instant x; ok is false where that
// is after the last run.
func (c *course) reader(x int64) (cron.Firing, bool) {
	y := c.ahead(x)
	f, ok := c.schedule.Next(time.Unix(max(y-c.slack(x, y), c.first), 0))
	for ok && c.back(f.Instant.Unix()) <= x {
		f, ok = c.schedule.Next(f.Instant)
	}
	return f, ok && f.Instant.Unix() <= c.last
}

// farthest is the most that the clocks of the file names have shown before the
// instant u. What has its stamp before u is what begins at or before that.
func (c *course) farthest(u int64) cron.Wall {
	w := wall(c.dates, u-1)
	for _, d := range c.dateChanges {
		if d.at < u && u <= d.at+d.size() {
			w = max(w, cron.Wall(d.at+d.before-1))
		}
	}
	return w
}
