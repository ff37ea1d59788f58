package plan

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// fileUse is a dated file as one group uses it.
type fileUse struct {
	calendar *window.Calendar
	member   graph.Member
	file     graph.File
	unit     window.Unit
	courier  *graph.Courier // with this file alone
}

// fileRun is a run and the dates it expects of a file.
type fileRun struct {
	tick     time.Time
	expected []window.Date
}

// names is the first names of dates, and the last.
func (u fileUse) names(dates []window.Date) string {
	if len(dates) == 1 {
		return dates[0].Name
	}
	if len(dates) <= shown {
		var list []string
		for _, d := range dates {
			list = append(list, d.Name)
		}
		return strings.Join(list, ", ")
	}
	return dates[0].Name + " … " + dates[len(dates)-1].Name
}

// lengths is the shortest and the longest that a unit is on clocks that never
// change.
var lengths = map[window.Unit][2]time.Duration{
	window.Hour: {time.Hour, time.Hour}, window.Day: {24 * time.Hour, 24 * time.Hour},
	window.Month: {28 * 24 * time.Hour, 31 * 24 * time.Hour}, window.Year: {365 * 24 * time.Hour, 366 * 24 * time.Hour},
}

// idle reports whether a run that long after the one before it can expect no file,
// where clocks do not change; spans whether it can expect several. An offset in
// months makes ranges longer and shorter than the steps.
func (u fileUse) idle(step time.Duration) bool {
	return step < lengths[u.unit][1] || u.member.Offset.Months != 0
}

func (u fileUse) spans(step time.Duration) bool {
	return step > lengths[u.unit][0] || u.member.Offset.Months != 0
}

// steps is the shortest and the longest time between two runs within the horizon,
// on a clock that never changes.
func steps(s *survey, c *window.Calendar) (shortest, longest time.Duration) {
	expr, until := c.Schedule().Expr(), c.Zone().Wall(s.until)
	before := expr.Prev(c.Zone().Wall(s.in.At))
	shortest = 1 << 62
	for n := 0; before <= until; n++ {
		w := expr.Next(before + 1)
		shortest, longest = min(shortest, w.Sub(before)), max(longest, w.Sub(before))
		before = w
		if n > fileTicks { // on to the last tick of the date
			before = expr.Prev(w.Midnight().AddDays(1) - 1)
		}
	}
	return shortest, longest
}

// expectsNone finds the range of a run that no unit begins in, even if it were
// longer by what clocks change in it. Dates that days and except leave out count:
// those runs are idle for another reason.
func (u fileUse) expectsNone(r window.Range, blur func() time.Duration) ([]window.Date, bool) {
	by := blur()
	return nil, len(u.dates(window.Range{Start: r.Start.Add(-by), End: r.End.Add(by)})) == 0
}

// expectsSeveral finds the range of a run that expects several files, even if it
// were shorter by what clocks change in it.
func (u fileUse) expectsSeveral(r window.Range, blur func() time.Duration) ([]window.Date, bool) {
	by := blur()
	if len(u.expected(window.Range{Start: r.Start.Add(by), End: r.End.Add(-by)})) < 2 {
		return nil, false
	}
	return u.expected(r), true
}

// dates is every date with its stamp in a range.
func (u fileUse) dates(r window.Range) []window.Date {
	w, err := u.calendar.Want(u.courier, r)
	if err != nil || len(w.Files) == 0 {
		return nil
	}
	return w.Files[0].Dates
}

func (u fileUse) expected(r window.Range) []window.Date {
	return slices.DeleteFunc(u.dates(r), func(d window.Date) bool { return !d.Expected })
}

// readers is the next runs that expect a file.
func (u fileUse) readers(s *survey) []fileRun {
	var found []fileRun
	back := func(t time.Time) time.Time { return window.Back(t, u.member.Offset, u.calendar.RangeZone()) }
	ahead := s.until.Sub(s.in.At)
	if u.unit == window.Hour {
		ahead /= 10
	}
	for _, d := range u.expected(window.Range{Start: back(s.in.At), End: back(s.in.At.Add(ahead))}) {
		if len(found) == shown {
			break
		}
		// The first second whose ⊖ offset is past the stamp.
		n := sort.Search(int(ahead/time.Second), func(i int) bool { return back(s.in.At.Add(time.Duration(i) * time.Second)).After(d.Stamp) })
		f, ok := u.calendar.Schedule().Next(s.in.At.Add(time.Duration(n-1) * time.Second))
		before, first := u.calendar.Schedule().Prev(f.Instant)
		if !ok || !first || f.Instant.After(s.until) || len(found) > 0 && found[len(found)-1].tick.Equal(f.Instant) {
			continue
		}
		if dates := u.expected(u.calendar.Read(back(before.Instant), f.Instant, u.member.Offset).Range); len(dates) > 0 {
			found = append(found, fileRun{f.Instant, dates})
		}
	}
	return found
}

// fileTicks is how many ticks one after the other show all steps of a schedule
// within a day: those of two days at least.
const fileTicks = 2 * 24 * 60

// find is the first runs within the horizon that a test finds, of those whose step
// from the one before matters. A run whose step is not the schedule's own, because
// clocks change, is left out, and so is an empty range. All steps of a schedule are looked at: those
// within a day once between two changes of the clock, since they are the same
// every day, those from date to date on every date.
func (u fileUse) find(s *survey, most int, matters func(time.Duration) bool, test func(window.Range, func() time.Duration) ([]window.Date, bool)) []fileRun {
	schedule := u.calendar.Schedule()
	var found []fileRun
	// look tests the run at a tick, and reports whether that is enough.
	look := func(before, f cron.Firing) bool {
		if !matters(f.Nominal.Sub(before.Nominal)) || schedule.Expr().Next(before.Nominal+1) != f.Nominal {
			return false
		}
		r := u.calendar.Read(window.Back(before.Instant, u.member.Offset, u.calendar.RangeZone()), f.Instant, u.member.Offset).Range
		if r.Empty() {
			return false
		}
		blur := func() time.Duration { return u.blur(before.Instant, f.Instant, r) }
		if expected, ok := test(r, blur); ok {
			found = append(found, fileRun{f.Instant, expected})
		}
		return len(found) == most
	}
	starts := []time.Time{s.in.At}
	for _, t := range slices.Concat(s.transitions(u.calendar.Zone()), s.transitions(u.calendar.RangeZone())) {
		starts = append(starts, t.At)
	}
	slices.SortFunc(starts, time.Time.Compare)
	for i, from := range starts {
		until := s.until
		if i+1 < len(starts) {
			until = starts[i+1]
		}
		if u.walk(from, until, look) {
			break
		}
	}
	return found
}

// walk visits the steps of the schedule up to its ticks in (from, until].
func (u fileUse) walk(from, until time.Time, look func(before, f cron.Firing) bool) (enough bool) {
	schedule := u.calendar.Schedule()
	f, ok := schedule.Next(from)
	before, first := schedule.Prev(f.Instant)
	for n := 0; ok && !f.Instant.After(until); n++ {
		if first && look(before, f) {
			return true
		}
		if n > fileTicks { // on to the first tick of another date
			date := u.calendar.Zone().Wall(f.Instant).Midnight().AddDays(1)
			begin, _ := u.calendar.Zone().Instant(date, cron.NextValid, cron.First)
			f, ok = schedule.Next(begin.Add(-time.Second))
			before, first = schedule.Prev(f.Instant)
			continue
		}
		before, first = f, true
		f, ok = schedule.Next(f.Instant)
	}
	return false
}

// blur is by how much the changes of the clocks between two ticks, and within the
// range that the second reads, can move its ends.
func (u fileUse) blur(before, tick time.Time, r window.Range) time.Duration {
	var sum time.Duration
	add := func(z *cron.Zone, from, to time.Time) {
		for _, t := range z.Transitions(from, to) {
			sum += t.Length()
		}
	}
	add(u.calendar.Zone(), before.Add(-cron.LongGap*time.Second), tick)
	add(u.calendar.RangeZone(), r.Start.Add(-cron.LongGap*time.Second), tick)
	return sum
}
