package cron

import "strings"

// Expr is a compiled expression. It is immutable, knows no zone, and matches at
// least one date: expressions that never fire are refused by [Parse].
type Expr struct {
	source string
	tag    bool
	fields [5]field

	minutes uint64 // bit m: minute m
	hours   uint32 // bit h: hour h
	months  uint16 // bit m: month m, 1 to 12
	// days has the matching days, bit d for day d, of a month of each shape.
	days [shapes]uint32
	// everyDate is whether all dates match, so that none needs to be looked at.
	everyDate bool
	// leapDay is whether only 29 February matches.
	leapDay bool
	// times is the matching minutes of a matching date, sorted.
	times []uint16
	// perHour and perDay count the matching minutes of a matching hour and date.
	perHour, perDay int
}

// Source is the expression as written.
func (e *Expr) Source() string { return e.source }

// String is the canonical text: five fields, one space between them, names as
// numbers, Sunday as 0, tags spelled out, ? as *. Steps and ranges are kept, since
// they tell a cadence from a list. Parse(e.String()) is equal to e.
func (e *Expr) String() string {
	var b strings.Builder
	for i := range e.fields {
		if i > 0 {
			b.WriteByte(' ')
		}
		for j, it := range e.fields[i].items {
			if j > 0 {
				b.WriteByte(',')
			}
			it.write(&b, i)
		}
	}
	return b.String()
}

// Equal reports whether both match the same minutes and are of the same class.
func (e *Expr) Equal(o *Expr) bool {
	if e == nil || o == nil {
		return e == o
	}
	return e.minutes == o.minutes && e.hours == o.hours && e.months == o.months &&
		e.days == o.days && e.Interval() == o.Interval()
}

// Interval is Vixie cron's rule: an expression whose minute or hour field starts
// with * is a cadence and keeps it in real time; any other names times of day.
// So */2 in the hour is a cadence and 0-23/2 is not.
func (e *Expr) Interval() bool {
	return e.fields[fieldMinute].star || e.fields[fieldHour].star
}

// Or reports whether day of month and day of week are both restricted, so that a
// date matches when either does. As in Vixie cron, a field that starts with * does
// not restrict in this sense, even with a step: */2 with MON means both at once.
func (e *Expr) Or() bool {
	return !e.fields[fieldDay].star && !e.fields[fieldWeekday].star
}

// Matches reports whether the expression names the wall time.
func (e *Expr) Matches(w Wall) bool {
	_, second := w.split()
	if second%minuteSeconds != 0 {
		return false
	}
	return e.minutes>>(second/minuteSeconds%60)&1 != 0 &&
		e.hours>>(second/hourSeconds)&1 != 0 && e.MatchesDate(w)
}

// MatchesDate reports whether the expression names any time on the date of w.
func (e *Expr) MatchesDate(w Wall) bool {
	days, _ := w.split()
	y, m, d := civilOf(days)
	return e.daysIn(y, m, days-int64(d)+1)>>d&1 != 0
}
