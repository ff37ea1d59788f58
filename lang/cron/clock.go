package cron

import (
	"math/bits"
	"slices"
)

// The methods of this file ask an expression on a clock that is never changed:
// nominal times, whatever becomes of them in a zone.

// Next is the first time named at or after w.
func (e *Expr) Next(w Wall) Wall { return Wall(e.next(int64(w))) }

// Prev is the last time named at or before w.
func (e *Expr) Prev(w Wall) Wall { return Wall(e.prev(int64(w))) }

// Count is how many times are named in [from, to).
func (e *Expr) Count(from, to Wall) int {
	return e.count(ceilMinute(int64(from)), ceilMinute(int64(to)))
}

// CountDates is how many dates have a named time, from the date of from up to and
// without the date of to.
func (e *Expr) CountDates(from, to Wall) int {
	lo, _ := from.split()
	hi, _ := to.split()
	return e.countDays(lo, hi)
}

// HourStep is the step of an hour field that is written as one, such as 2 for
// */2 and 8-18/2; 0 where there is none.
func (e *Expr) HourStep() int {
	f := &e.fields[fieldHour]
	if len(f.items) != 1 || f.items[0].step < 2 || len(f.items[0].values()) < 2 {
		return 0
	}
	return f.items[0].step
}

// Touched is the first nominal time that a transition leaves out or repeats, and
// how many there are, whatever the class; n is 0 for none.
func (s *Schedule) Touched(t Transition) (first Wall, n int) {
	lo, hi, gap := t.Gap()
	if !gap {
		lo, hi, _ = t.Fold()
	}
	return s.expr.Next(lo), s.expr.Count(lo, hi)
}

// Either is the expression with its two day fields taken apart: one that goes by
// the day of the month alone and one by the weekday alone. Both are nil where the
// two fields are not both restricted, or one of them alone names no date.
func (e *Expr) Either() (byDay, byWeekday *Expr) {
	day, weekday := &e.fields[fieldDay], &e.fields[fieldWeekday]
	if slices.Contains([]string{"*", "?"}, day.text) || slices.Contains([]string{"*", "?"}, weekday.text) {
		return nil, nil
	}
	times := e.fields[fieldMinute].text + " " + e.fields[fieldHour].text + " "
	byDay, _ = Parse(times + day.text + " " + e.fields[fieldMonth].text + " *")
	byWeekday, _ = Parse(times + "* " + e.fields[fieldMonth].text + " " + weekday.text)
	if byDay == nil || byWeekday == nil {
		return nil, nil
	}
	return byDay, byWeekday
}

// Spacing is a bound on the days from one date that is named to the next, at any
// time; ok is false where no bound below a month or two is known, as for
// expressions that leave out months.
func (e *Expr) Spacing() (days int, ok bool) {
	if e.months != everyMonth {
		return 0, false
	}
	for first := range 7 {
		for length := 28; length <= 31; length++ {
			mask := e.days[shape(first, length)]
			if mask == 0 {
				return 0, false
			}
			last := bits.TrailingZeros32(mask)
			for rest := mask & (mask - 1); rest != 0; rest &= rest - 1 {
				day := bits.TrailingZeros32(rest)
				days, last = max(days, day-last), day
			}
			following := (first + length) % 7
			for l := 28; l <= 31; l++ { // all lengths: one that does not follow only makes the bound wider
				days = max(days, length-last+bits.TrailingZeros32(e.days[shape(following, l)]))
			}
		}
	}
	return days, true
}
