package coverage

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// ranges proves that the ranges tile, and counts what past_day_only leaves out
// and max_range blocks.
func (c *course) ranges(result *Coverage, files []*filePattern) {
	group := c.ticks.calendar.Group()
	longest := int64(group.MaxRange.Std() / time.Second)
	if !group.PastDayOnly && longest == 0 {
		return
	}
	s := &sweep{course: c, result: result, files: files, pastDay: group.PastDayOnly, longest: longest}
	if c.calm(s) {
		s.aroundChanges()
	} else {
		s.all()
	}
}

// calm reports whether nothing can be wrong away from changes of the clock: the
// ticks are then never more than a day apart, and each range as long as the time
// between two ticks.
func (c *course) calm(s *sweep) bool {
	return c.period == 1 && c.offset.Months == 0 && (s.longest == 0 || s.longest >= day)
}

// sweep is ranges being looked at in order.
type sweep struct {
	*course
	result  *Coverage
	files   []*filePattern
	pastDay bool
	longest int64
	end     int64   // that the run before reached
	ticks   []int64 // buffer

	// quiet is a time in which the clocks of the file names are not changed.
	quietFrom, quietTo int64
}

// chunk is how much of the schedule is spelled out at a time.
const chunk = 30 * day

// all looks at every run.
func (s *sweep) all() {
	s.end = s.begin
	for at := s.first; at < s.last; at += chunk {
		s.stretch(at, min(at+chunk, s.last))
	}
}

// aroundChanges looks at the runs whose ranges, or whose distance from the run
// before, a change of a clock can touch.
func (s *sweep) aroundChanges() {
	list := s.spans[:0]
	for _, d := range s.zoneChanges {
		list = append(list, span{d.at - day, d.at + 2*day + d.size()})
	}
	for _, d := range s.dateChanges {
		for _, at := range []int64{d.at, s.ahead(d.at - s.elapsed), s.ahead(d.at)} {
			list = append(list, span{at - day - d.size(), at + 2*day + 2*d.size()})
		}
	}
	s.spans = list
	for _, w := range list.merged() {
		from := max(w.from, s.first)
		f, ok := s.schedule.Prev(time.Unix(from+1, 0))
		if !ok || from >= min(w.to, s.last) {
			continue
		}
		from = max(f.Instant.Unix(), s.first)
		s.end = s.back(from)
		s.stretch(from, min(w.to, s.last))
	}
}

// stretch looks at the runs in (from, to].
func (s *sweep) stretch(from, to int64) {
	s.ticks = s.schedule.AppendUnix(s.ticks[:0], time.Unix(from, 0), time.Unix(to, 0))
	end := s.end
	for _, t := range s.ticks {
		start := end
		end = max(end, s.back(t))
		if s.pastDay && end-start > s.shortestDay(end) {
			if past := window.Back(time.Unix(end, 0), graph.Offset{Days: 1}, s.dates).Unix(); past > start {
				s.hole(t, start, past)
				start = past
			}
		}
		if s.longest > 0 && end-start > s.longest {
			if s.result.Blocked++; s.result.Blocked == 1 {
				s.result.FirstBlocked = &Hole{Run: unix(t), Range: window.Range{Start: unix(start), End: unix(end)}}
			}
		}
	}
	s.end = end
}

// hole counts what a run leaves out.
func (s *sweep) hole(run, from, to int64) {
	s.result.Holes++
	s.result.Lost += graph.Duration(time.Duration(to-from) * time.Second)
	s.result.Gaps = first(s.result.Gaps, Hole{Run: unix(run), Range: window.Range{Start: unix(from), End: unix(to)}})
	for i, f := range s.files {
		d := &s.result.Dates[i]
		n := f.count(s.course, from, to)
		if d.Never += n; n > 0 {
			d.NeverFirst = f.list(d.NeverFirst, s.course, from, to)
		}
	}
}

// shortestDay is no more than the length of the day before an instant.
func (s *sweep) shortestDay(end int64) int64 {
	if s.quietFrom <= end-day && end < s.quietTo {
		return day
	}
	s.quietFrom, s.quietTo = s.begin-2*day, 1<<60
	for _, d := range s.dateChanges {
		if d.at <= end {
			s.quietFrom = d.at + d.size()
		} else {
			s.quietTo = min(s.quietTo, d.at-d.size())
		}
	}
	if s.quietFrom <= end-day && end < s.quietTo {
		return day
	}
	return 0
}
