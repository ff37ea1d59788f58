package coverage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// naive proves nothing: it lets every run of a courier happen, through the
// functions that the runtime uses, and counts. It shares nothing with the prover
// but the definition of what is usual.
func naive(t *testing.T, c *window.Calendar, m graph.Member, source *graph.Courier, from, until time.Time) coverage.Coverage {
	t.Helper()
	got := coverage.Coverage{From: from, Until: until, Basis: coverage.ByRange}
	type file struct {
		graph.File
		unit window.Unit
		seen map[cron.Wall]int
	}
	var files []*file
	for _, f := range source.Files {
		p, err := window.ParsePattern(f.Pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, &file{f, p.Unit(), map[cron.Wall]int{}})
		got.Dates = append(got.Dates, coverage.Dates{File: f.Name, Unit: p.Unit().String()})
	}
	usual := usualDistance(c, from, until)
	var mark, begin, read time.Time
	for tick := range c.Schedule().Between(from, until) {
		if got.Runs++; got.Runs == 1 {
			mark = c.Initial(tick.Instant, m.Offset, nil)
			begin, read = mark, mark
		}
		r := c.Read(mark, tick.Instant, m.Offset)
		if d := r.Range.Start.Sub(read); d > 0 {
			got.Lost += graph.Duration(d)
			got.Holes++
			if len(got.Gaps) < coverage.Shown {
				got.Gaps = append(got.Gaps, coverage.Hole{Run: tick.Instant, Range: window.Range{Start: read, End: r.Range.Start}})
			}
		} else {
			got.Twice -= graph.Duration(d)
		}
		mark, read = r.Range.End, r.Range.End
		if c.TooLong(r.Range) {
			if got.Blocked++; got.Blocked == 1 {
				got.FirstBlocked = &coverage.Hole{Run: tick.Instant, Range: r.Range}
			}
		}
		want, err := c.Want(source, r.Range)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range want.Files {
			for _, d := range f.Dates {
				if !d.Expected {
					continue
				}
				files[i].seen[d.Wall]++
				see(c, m, &got.Dates[i], files[i].unit, tick, d, usual)
			}
		}
	}
	if got.Runs == 0 {
		got.Dates = nil
		return got
	}
	whole, err := c.Want(source, window.Range{Start: begin, End: mark})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range whole.Files {
		for _, d := range f.Dates {
			if !d.Expected {
				continue
			}
			got.Dates[i].Expected++
			switch n := files[i].seen[d.Wall]; {
			case n == 0:
				if got.Dates[i].Never++; got.Dates[i].Never <= coverage.Shown {
					got.Dates[i].NeverFirst = append(got.Dates[i].NeverFirst, files[i].unit.Format(d.Wall))
				}
			case n > 1:
				got.Dates[i].Twice++
			}
		}
	}
	got.Holds = got.Lost == 0 && got.Twice == 0 && got.Blocked == 0 &&
		!slices.ContainsFunc(got.Dates, func(d coverage.Dates) bool { return d.Never+d.Twice+d.Early+d.Late+d.Repeated > 0 })
	return got
}

// see judges the age of a date that a run reads.
func see(c *window.Calendar, m graph.Member, got *coverage.Dates, unit window.Unit, tick cron.Firing, d window.Date, usual time.Duration) {
	if unit == window.Hour {
		if c.RangeZone().Offset(d.Stamp.Add(4*time.Hour)) >= c.RangeZone().Offset(d.Stamp) {
			return
		}
		if over := lastMinute(c.RangeZone(), d.Wall); over.After(tick.Instant) && !tick.Instant.Before(d.Stamp.Add(time.Hour)) {
			if got.Repeated++; got.Repeated == 1 {
				got.RepeatedFirst = &coverage.Repeated{Run: tick.Instant, Date: unit.Format(d.Wall), Over: over}
			}
		}
		return
	}
	n := usualRun(c, m.Offset, d.Wall, usual)
	age := func(run cron.Wall) int { return int(run.Midnight().Sub(d.Wall.Midnight()) / (24 * time.Hour)) }
	late := tick.Instant.Sub(d.Stamp) - (n.Sub(d.Wall) + usual)
	if age(n) == age(tick.Nominal) || late.Abs() <= 3*time.Hour {
		return
	}
	if age(tick.Nominal) < age(n) {
		got.Early++
	} else {
		got.Late++
	}
	if len(got.Moved) < coverage.Shown {
		got.Moved = append(got.Moved, coverage.Moved{Run: tick.Instant, Date: unit.Format(d.Wall), Age: age(tick.Nominal), Usual: age(n)})
	}
}

// lastMinute is the first instant at which an hour will never be shown again.
func lastMinute(z *cron.Zone, w cron.Wall) time.Time {
	var last time.Time
	for at := time.Unix(int64(w), 0).Add(-30 * time.Hour); at.Before(time.Unix(int64(w), 0).Add(30 * time.Hour)); at = at.Add(time.Minute) {
		if at := at.UTC(); z.Wall(at) >= w && z.Wall(at) < w+3600 {
			last = at
		}
	}
	return last.Add(time.Minute)
}

// usualRun walks the nominal times one by one to the first that reads a date.
func usualRun(c *window.Calendar, o graph.Offset, w cron.Wall, usual time.Duration) cron.Wall {
	back := func(n cron.Wall) cron.Wall {
		return n.Add(usual).AddMonths(-o.Months).AddDays(-7*o.Weeks - o.Days).Add(-o.Elapsed.Std())
	}
	n := w.AddMonths(o.Months).AddDays(7*o.Weeks + o.Days - 6).Add(o.Elapsed.Std())
	for {
		if n = c.Schedule().Expr().Next(n + 1); back(n) > w {
			return n
		}
	}
}

// usualDistance samples the clocks every half hour.
func usualDistance(c *window.Calendar, from, until time.Time) time.Duration {
	counts := map[int]int{}
	first := c.RangeZone().Offset(from) - c.Zone().Offset(from)
	most := first
	for at := from; at.Before(until); at = at.Add(30 * time.Minute) {
		d := c.RangeZone().Offset(at) - c.Zone().Offset(at)
		if counts[d]++; counts[d] > counts[most] {
			most = d
		}
	}
	return time.Duration(most) * time.Second
}
