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

// sparse is how many ticks are looked at one by one; with more of them it is
// cheaper to count those of each date.
const sparse = 5000

// eveningDates reports a group whose file names follow UTC because nobody said
// otherwise, although on its own calendar some run has another date.
func eveningDates(s *survey, c *window.Calendar) diag.List {
	g := c.Group()
	if g.FileDatesStated || c.RangeZone().Name() == c.Zone().Name() || !datedFiles(s.in.Graph, g) {
		return nil
	}
	all := c.Schedule().Count(s.in.At, s.until)
	var first cron.Firing
	var differ int
	if all <= sparse {
		first, differ = otherDatesOfTicks(s, c)
	} else {
		first, differ = otherDates(c, s.in.At, s.until)
	}
	if differ == 0 {
		return nil
	}
	local := first.Instant.In(c.Zone().Location())
	d := s.report(diag.FileDatesUnstated, g, "schedule",
		"File dates in UTC for a group in another zone",
		"%s runs in %s, but the dates in its file names follow %s, the default. At %s of its %s in the next 400 days the two have different dates: "+
			"the run of %s is already at %s in %s. If the files are dated as in the group's zone, write\n\n  file_dates = \"schedule\"\n\n"+
			"in the group; if they are dated in UTC, state it:\n\n  file_dates = \"utc\"",
		g.Addr, c.Zone().Name(), c.RangeZone().Name(), share(differ, all), graph.Count(all, "run"),
		local.Format("Mon 2006-01-02 15:04 ")+ZoneText(local), first.Instant.In(c.RangeZone().Location()).Format("Mon 2006-01-02 15:04"), c.RangeZone().Name())
	return diag.List{d}
}

// otherDatesOfTicks is otherDates over the horizon, from tick to tick.
func otherDatesOfTicks(s *survey, c *window.Calendar) (first cron.Firing, n int) {
	const day = 24 * 60 * 60
	var changes []int64
	for _, z := range []*cron.Zone{c.Zone(), c.RangeZone()} {
		for _, t := range s.transitions(z) {
			changes = append(changes, t.At.Unix())
		}
	}
	slices.Sort(changes)
	offset, other := int64(c.Zone().Offset(s.in.At)), int64(c.RangeZone().Offset(s.in.At))
	s.instants = c.Schedule().AppendUnix(s.instants[:0], s.in.At, s.until)
	for _, at := range s.instants {
		for len(changes) > 0 && changes[0] <= at {
			t := time.Unix(changes[0], 0)
			offset, other = int64(c.Zone().Offset(t)), int64(c.RangeZone().Offset(t))
			changes = changes[1:]
		}
		if (at+offset)/day != (at+other)/day {
			if n++; n == 1 {
				first, _ = c.Schedule().Next(time.Unix(at-1, 0))
			}
		}
	}
	return first, n
}

// otherDates counts the ticks in (from, to] at which the clocks of schedule and
// file dates are on different dates, and finds the first. It goes from date to date
// of either clock, not from tick to tick.
func otherDates(c *window.Calendar, from, to time.Time) (first cron.Firing, n int) {
	for t := from; t.Before(to); {
		end := dateEnd(c.Zone(), t)
		if other := dateEnd(c.RangeZone(), t); other.Before(end) {
			end = other
		}
		end = end.Add(-time.Second) // the last instant on both dates
		if end.After(to) {
			end = to
		}
		if end.After(t) && c.Zone().Wall(end).Midnight() != c.RangeZone().Wall(end).Midnight() {
			k := c.Schedule().Count(t, end)
			if k > 0 && n == 0 {
				first, _ = c.Schedule().Next(t)
			}
			n += k
		}
		t = end
	}
	return first, n
}

// dateEnd is when the date of the second after t ends on the clocks of a zone, or
// when they are next changed, if that comes first.
func dateEnd(z *cron.Zone, t time.Time) time.Time {
	t = t.Add(time.Second)
	wall := z.Wall(t)
	end := t.Add(wall.Midnight().AddDays(1).Sub(wall))
	if z.Offset(end.Add(-time.Second)) != z.Offset(t) {
		if changes := z.Transitions(t, end); len(changes) > 0 {
			return changes[0].At
		}
	}
	return end
}

func share(n, all int) string {
	if n == all {
		return "every one"
	}
	return fmt.Sprint(n)
}

// datedFiles reports whether a courier of the group looks for dates at all.
func datedFiles(g *graph.Graph, group *graph.Group) bool {
	for _, m := range group.Members {
		c := g.Courier(m.Courier)
		if c == nil {
			continue
		}
		for _, f := range c.Files {
			if p, err := window.ParsePattern(f.Pattern); err == nil && p.Unit() != window.None {
				return true
			}
		}
	}
	return false
}
