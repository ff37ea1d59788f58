package cron

import (
	"fmt"
	"math/bits"
)

// A month has one of 28 shapes: the weekday of its first day, times four, plus
// its length over 28. Everything about days (day of month, weekday, L, W, #, and
// whether the two fields are joined by OR or AND) is decided once per shape.
const shapes = 7 * 4

func shape(first, length int) int { return first*4 + length - 28 }

// compile fills the masks from the fields.
func (e *Expr) compile() {
	e.minutes = e.fields[fieldMinute].mask
	e.hours = uint32(e.fields[fieldHour].mask)
	e.months = uint16(e.fields[fieldMonth].mask)
	e.perHour = bits.OnesCount64(e.minutes)
	e.perDay = e.perHour * bits.OnesCount32(e.hours)
	e.compileDays()
	e.everyDate = e.matchesEveryDate()
	e.leapDay = !e.matchesIn(someCommonYear)
	e.times = make([]uint16, 0, e.perDay)
	for t := range uint16(dayMinutes) {
		if e.hours>>(t/60)&1 != 0 && e.minutes>>(t%60)&1 != 0 {
			e.times = append(e.times, t)
		}
	}
}

// compileDays fills the masks of the month shapes.
func (e *Expr) compileDays() {
	or := e.Or()
	for first := range 7 {
		for length := 28; length <= 31; length++ {
			byDate := e.fields[fieldDay].daysByDate(first, length)
			byWeekday := e.fields[fieldWeekday].daysByWeekday(first, length)
			days := byDate & byWeekday
			if or {
				days = byDate | byWeekday
			}
			e.days[shape(first, length)] = days
		}
	}
}

// matchesEveryDate reports whether there is no date that does not match.
func (e *Expr) matchesEveryDate() bool {
	if e.months != everyMonth {
		return false
	}
	for first := range 7 {
		for length := 28; length <= 31; length++ {
			if e.days[shape(first, length)] != monthDays(length) {
				return false
			}
		}
	}
	return true
}

// daysIn is the matching days of a month, bit d for day d; first is the day of
// its first, counted from 1970-01-01.
func (e *Expr) daysIn(year int64, month int, first int64) uint32 {
	if e.months>>month&1 == 0 {
		return 0
	}
	return e.days[shape(weekdayOf(first), monthLength(year, month))]
}

// monthDays has bit d for each day d of a month.
func monthDays(length int) uint32 { return 1<<(length+1) - 2 }

func (f *field) daysByDate(first, length int) uint32 {
	days := uint32(f.mask)
	for _, it := range f.items {
		switch it.kind {
		case kindLastDay:
			days |= 1 << length
		case kindNearest:
			if it.lo <= length {
				days |= 1 << nearestWeekday(it.lo, first, length)
			}
		}
	}
	return days & monthDays(length)
}

// nearestWeekday is the day from Monday to Friday nearest to day, in its month.
func nearestWeekday(day, first, length int) int {
	switch (first + day - 1) % 7 {
	case 6:
		if day > 1 {
			return day - 1
		}
		return day + 2
	case 0:
		if day < length {
			return day + 1
		}
		return day - 2
	}
	return day
}

func (f *field) daysByWeekday(first, length int) uint32 {
	var days uint32
	for day := 1; day <= length; day++ {
		weekday := (first + day - 1) % 7
		if f.mask>>weekday&1 != 0 {
			days |= 1 << day
		}
		for _, it := range f.items {
			last := it.kind == kindLastWeekday && day+7 > length
			nth := it.kind == kindNth && (day-1)/7 == it.nth-1
			if (last || nth) && it.lo == weekday {
				days |= 1 << day
			}
		}
	}
	return days
}

// matchesIn reports whether any date of a year like the given one matches, on
// whatever weekday it begins. Each month begins on every weekday within 28 years,
// so that the masks decide; nothing is searched.
func (e *Expr) matchesIn(year int64) bool {
	for month := 1; month <= 12; month++ {
		for first := range 7 {
			if e.months>>month&1 != 0 && e.days[shape(first, monthLength(year, month))] != 0 {
				return true
			}
		}
	}
	return false
}

// Two years for the lengths of their months.
const (
	someLeapYear   = 2024
	someCommonYear = 2023
)

func (e *Expr) neverError() *Error {
	day, month := e.fields[fieldDay], e.fields[fieldMonth]
	err := &Error{
		Code:    codeNever,
		Offset:  day.at,
		Length:  month.at + len(month.text) - day.at,
		Message: fmt.Sprintf("no date has day %s in month %s, so this never runs", day.text, month.text),
		Fix:     "write L for the last day of the month, or other months",
	}
	if weekday := e.fields[fieldWeekday]; weekday.text != "*" && weekday.text != "?" {
		err.Length = weekday.at + len(weekday.text) - day.at
		err.Message = fmt.Sprintf("no date has day %s in month %s on weekday %s, so this never runs", day.text, month.text, weekday.text)
	}
	return err
}
