package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// calendarYears is how far ahead dates are looked for that the calendar seldom has.
const calendarYears = 5

// farYears is how far ahead the next dates of an expression are looked for.
const farYears = 50

// nextRun reports a group whose next run is more than a year away, or at least
// beyond what the plan shows.
func nextRun(s *survey, c *window.Calendar) diag.List {
	f, ok := c.Schedule().Next(s.in.At)
	if !ok || !f.Instant.After(s.world.until) || awaited(&s.in.Standing, c.Group().Addr, s.world.until) {
		return nil
	}
	at := f.Instant.In(c.Zone().Location()).Format("Mon ") + when(f.Instant, c.Zone())
	days := int(f.Instant.Sub(s.in.At).Hours() / 24)
	if days > 365 {
		return diag.List{s.report(diag.CronRare, c.Group(), "schedule", "Next run on "+f.Nominal.Date(),
			"The next run of %s is %s, %s from now. %s Look whether day, month and weekday together say what is meant.",
			c.Group().Addr, at, graph.Count(days, "day"), comingDates(c.Schedule().Expr(), f.Nominal))}
	}
	return diag.List{s.report(diag.CronNoRun, c.Group(), "schedule", "No run until "+f.Nominal.Date(),
		"%s has no run in the days that this plan shows, up to %s. Its next run is %s, %s from now.",
		c.Group().Addr, s.world.until.Format("2006-01-02 15:04 UTC"), at, graph.Count(days, "day"))}
}

// awaited reports whether a tick of the group that is due by some time is written
// down already.
func awaited(s *graph.Standing, group graph.Addr, until time.Time) bool {
	for _, e := range s.Expected {
		if e.Group == group && !e.At.After(until) {
			return true
		}
	}
	return false
}

// calendarFacts adds to what the compiler remarked on expressions what they mean in
// the coming years: the compiler knows no date.
func calendarFacts(w *world, list diag.List) {
	for i := range list {
		d := &list[i]
		c := w.calendars[graph.Addr(d.Address)]
		if c == nil || c.Schedule() == nil {
			continue
		}
		e, now := c.Schedule().Expr(), c.Zone().Wall(w.in.At)
		var facts string
		switch d.Code {
		case diag.CronLeapDay:
			facts = comingDates(e, now)
		case diag.CronShortMonth:
			facts = shortMonths(e, now)
		case diag.CronEitherDay:
			facts = eitherDay(e, now)
		case diag.CronBothDays:
			facts = bothDays(e, now)
		case diag.CronSameDay:
			facts = sameDay(e, now)
		}
		if facts != "" {
			d.Detail += "\n\n" + facts
		}
	}
}

// nextYear is the first year that begins at or after now, and its bounds.
func nextYear(now cron.Wall) (year int, from, to cron.Wall) {
	year, _, _, _, _ = now.Add(-time.Second).Civil()
	year++
	return year, cron.WallOf(year, 1, 1, 0, 0), cron.WallOf(year+1, 1, 1, 0, 0)
}

// datesFrom is the next n dates with a run, from now on and before the end.
func datesFrom(e *cron.Expr, now, end cron.Wall, n int) []string {
	var list []string
	for w := e.Next(now); w < end && len(list) < n; w = e.Next(w.Midnight().AddDays(1)) {
		list = append(list, w.Date())
	}
	return list
}

func comingDates(e *cron.Expr, now cron.Wall) string {
	dates := datesFrom(e, now, now.AddMonths(12*farYears), shown)
	if len(dates) == 0 {
		return ""
	}
	return "Its next dates are " + enumerate(dates) + "."
}

// shortMonths says on how many dates of the next year there is a run, which of its
// months have none, and the longest time without one in the years that follow.
func shortMonths(e *cron.Expr, now cron.Wall) string {
	year, from, to := nextYear(now)
	var without []string
	for m := range 12 {
		if e.CountDates(from.AddMonths(m), from.AddMonths(m+1)) == 0 {
			without = append(without, time.Month(m+1).String())
		}
	}
	text := fmt.Sprintf("In %d it runs on %s", year, graph.Count(e.CountDates(from, to), "date"))
	if len(without) > 0 {
		text += ", and not in " + strings.Join(without, ", ")
	}
	before, after := longestPause(e, now)
	if before == 0 {
		return text + "."
	}
	return text + fmt.Sprintf(". The longest pause of the next %d years is from %s to %s, %d days that one run reads.",
		calendarYears, before.Date(), after.Date(), int(after.Midnight().Sub(before.Midnight()).Hours()/24))
}

// longestPause is the dates of two runs in a row, within the calendar's horizon,
// that are farthest apart.
func longestPause(e *cron.Expr, now cron.Wall) (before, after cron.Wall) {
	end := now.AddMonths(12 * calendarYears)
	w := e.Next(now)
	for {
		next := e.Next(w.Midnight().AddDays(1))
		if next >= end {
			return before, after
		}
		if next.Midnight()-w.Midnight() > after.Midnight()-before.Midnight() || before == 0 {
			before, after = w, next
		}
		w = next
	}
}

// eitherDay counts the dates of the next year that an OR of the two day fields
// means, by each field and by both.
func eitherDay(e *cron.Expr, now cron.Wall) string {
	byDay, byWeekday := e.Either()
	if byDay == nil {
		return ""
	}
	year, from, to := nextYear(now)
	days, weekdays, either := byDay.CountDates(from, to), byWeekday.CountDates(from, to), e.CountDates(from, to)
	return fmt.Sprintf("In %d it runs on %s, not on %d: %d by the day of the month, %d by the day of the week, of which %d are both. %s",
		year, graph.Count(either, "date"), days+weekdays-either, days, weekdays, days+weekdays-either, comingDates(e, now))
}

// bothDays counts the dates of the next year that an AND of the two day fields
// means, and those that other crons would make of it.
func bothDays(e *cron.Expr, now cron.Wall) string {
	byDay, byWeekday := e.Either()
	if byDay == nil {
		return ""
	}
	year, from, to := nextYear(now)
	both := e.CountDates(from, to)
	other := byDay.CountDates(from, to) + byWeekday.CountDates(from, to) - both
	return fmt.Sprintf("In %d it runs on %s. A cron that takes either would run on %d. %s",
		year, graph.Count(both, "date"), other, comingDates(e, now))
}

// sameDay names the next dates that two items of the day field mean.
func sameDay(e *cron.Expr, now cron.Wall) string {
	fields := strings.Fields(e.String())
	var items []*cron.Expr
	for item := range strings.SplitSeq(fields[2], ",") {
		if one, err := cron.Parse("0 0 " + item + " " + fields[3] + " *"); err == nil {
			items = append(items, one)
		}
	}
	var dates []string
	end := now.AddMonths(12 * calendarYears)
	for w := e.Next(now); w < end && len(dates) < shown; w = e.Next(w.Midnight().AddDays(1)) {
		n := 0
		for _, one := range items {
			if one.MatchesDate(w) {
				n++
			}
		}
		if n > 1 {
			dates = append(dates, w.Date())
		}
	}
	if dates == nil {
		return fmt.Sprintf("That does not happen in the next %d years.", calendarYears)
	}
	return "The next are " + enumerate(dates) + "."
}
