package cron

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Note is a remark on an expression that is valid all the same.
type Note struct {
	// Code is the stable code:
	//
	//	WB106  a form that many crons do not know: L, W, #, ?
	//	WB108  a step larger than its range: it never steps
	//	WB109  a step that does not divide its field: the last interval is shorter
	//	WB110  a step on a single value
	//	WB111  something that adds nothing
	//	WB112  7 for Sunday, or numbers that may have been meant as Quartz's
	//	WB113  white space or leading zeros that are not part of the expression
	//	WB202  only 29 February
	//	WB203  a day that some of the months do not have
	//	WB204  day of month or day of week, not both at once
	//	WB205  day of month and day of week at once, because one starts with *
	//	WB208  two days of the list that are the same day in some months
	//	WB210  every minute of hours that are named one by one
	Code string
	// Offset and Length delimit the bytes of the expression as written.
	Offset, Length int
	// Message says what to know, Fix what to write instead; both are phrases
	// without a final stop. Fix may be empty.
	Message, Fix string
}

func (w word) note(code, message, fix string) Note {
	return Note{Code: code, Offset: w.at, Length: len(w.text), Message: message, Fix: fix}
}

// Notes is the remarks on the expression, in the order of their offsets. A tag
// has none.
func (e *Expr) Notes() []Note {
	if e.tag {
		return nil
	}
	notes := e.spaceNotes()
	for i := range e.fields {
		notes = append(notes, e.fieldNotes(&specs[i])...)
	}
	notes = append(notes, e.minuteNotes()...)
	notes = append(notes, e.dateNotes()...)
	slices.SortStableFunc(notes, func(a, b Note) int { return a.Offset - b.Offset })
	return notes
}

func (e *Expr) spaceNotes() []Note {
	trimmed := strings.Trim(e.source, " \t\r\n\v\f")
	if trimmed == e.source && !strings.ContainsAny(trimmed, "\r\n\v\f") {
		return nil
	}
	return []Note{word{e.source, 0}.note("WB113", "white space around the fields is ignored", "write "+e.String())}
}

// fieldNotes is the remarks on the items of one field.
func (e *Expr) fieldNotes(s *spec) []Note {
	f := &e.fields[s.index]
	var notes []Note
	var seen uint64
	for _, it := range f.items {
		notes = append(notes, it.spelling(s)...)
		mask := it.mask(s)
		switch {
		case !it.plain():
		case mask&^seen == 0 && mask != 0:
			notes = append(notes, it.note("WB111", s.name+": "+it.text+" adds nothing to the list", "remove it"))
		case it.step > 1 || it.kind == kindFrom:
			notes = append(notes, it.stepNotes(s)...)
		case it.kind == kindSpan && len(f.items) == 1 && it.lo == s.lo && it.hi >= s.top:
			notes = append(notes, it.note("WB111", s.name+": "+it.text+" is every value, but it is not *: "+e.starMatters(s), "write * unless that is meant"))
		}
		seen |= mask
	}
	return notes
}

// starMatters says what a * would change in place of a full range.
func (e *Expr) starMatters(s *spec) string {
	switch {
	case s.index == fieldDay || s.index == fieldWeekday:
		return "it counts as a restriction when the other day field is restricted too"
	case s.index == fieldMonth || e.Interval():
		return "only the writing differs"
	}
	return "with * the schedule would keep its cadence when the clock changes"
}

// spelling is the remarks on how an item is written, whatever it selects.
func (it item) spelling(s *spec) []Note {
	var notes []Note
	switch {
	case it.kind >= kindAny:
		notes = append(notes, it.note("WB106", s.name+": "+it.text+" is unknown to many crons", ""))
	case it.kind != kindFrom && strings.HasSuffix(it.text, "/1"):
		notes = append(notes, it.note("WB111", s.name+": a step of 1 changes nothing", "write "+strings.TrimSuffix(it.text, "/1")))
	case it.kind == kindSpan && it.lo == it.hi && strings.Contains(it.text, "-"):
		notes = append(notes, it.note("WB111", s.name+": "+it.text+" is one value", "write "+strconv.Itoa(it.lo)))
	}
	if s.index == fieldWeekday && it.kind == kindSpan && it.lo == 7 {
		notes = append(notes, it.note("WB112", "day of week: 7 is Sunday here, Saturday in Quartz, an error in others", "write SUN"))
	}
	for digits := range strings.FieldsFuncSeq(it.text, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(digits) > 1 && digits[0] == '0' {
			notes = append(notes, it.note("WB113", s.name+": leading zeros mean nothing", "write "+it.canonical(s.index)))
			break
		}
	}
	return notes
}

// stepNotes is the remarks on a step above 1, or on one without an end.
func (it item) stepNotes(s *spec) []Note {
	values := it.values()
	n, last := len(values), values[len(values)-1]
	size := s.top - s.lo + 1
	switch {
	case n == 1:
		return []Note{it.note("WB108", fmt.Sprintf("%s: a step of %d leaves its range at once: this is %d only", s.name, it.step, it.lo),
			fmt.Sprintf("write %d, or a smaller step", it.lo))}
	case it.kind == kindFrom:
		list := make([]string, n)
		for i, v := range values {
			list[i] = strconv.Itoa(v)
		}
		closed := item{kind: kindSpan, lo: it.lo, hi: s.top, step: it.step}
		return []Note{it.note("WB110", s.name+": "+it.text+" means "+strings.Join(list, ",")+" here; many crons refuse it",
			"write "+closed.canonical(s.index))}
	case it.kind != kindAll || size%it.step == 0 && s.index != fieldDay:
		return nil
	case s.index == fieldDay:
		return []Note{it.note("WB109", fmt.Sprintf("day of month: %s begins again on the 1st of every month, however near its last day is", it.text),
			"write the days as a list")}
	}
	message := fmt.Sprintf("%s: the step from %d round to %d is %d, not %d", s.name, last, s.lo, size-last+s.lo, it.step)
	return []Note{it.note("WB109", message, "choose a step that divides "+strconv.Itoa(size)+", or write a list")}
}

// values is the plain values in the order of their steps.
func (it item) values() []int {
	var values []int
	for v := it.lo; v <= it.hi; v += it.step {
		values = append(values, v)
	}
	return values
}

// minuteNotes remarks on a * in the minutes beside an hour that is named: most who
// write it mean one run.
func (e *Expr) minuteNotes() []Note {
	minute, hour := &e.fields[fieldMinute], &e.fields[fieldHour]
	named := func(it item) bool { return it.kind == kindSpan && it.lo == it.hi }
	if minute.text != "*" || slices.ContainsFunc(hour.items, func(it item) bool { return !named(it) }) {
		return nil
	}
	first := hour.items[0].lo
	once := strings.Replace(e.String(), "*", "0", 1)
	return []Note{minute.note("WB210", fmt.Sprintf("minute: * is every minute of the hour, %d runs from %d:00 to %[2]d:59", e.perHour, first),
		"write "+once+" for one run on the hour")}
}

// dateNotes is the remarks on what day, month and weekday mean together.
func (e *Expr) dateNotes() []Note {
	day, month, weekday := &e.fields[fieldDay], &e.fields[fieldMonth], &e.fields[fieldWeekday]
	var notes []Note
	if e.leapDay {
		notes = append(notes, day.note("WB202", "only 29 February matches: every four years, and eight years around 2100", "write L for the last day of February"))
	} else {
		notes = append(notes, day.shortMonths(month.mask)...)
	}
	notes = append(notes, day.sameDays()...)
	if weekday.numbered() && day.items[0].kind == kindAny {
		notes = append(notes, weekday.note("WB112", "day of week: 1 is Monday here, Sunday in Quartz and EventBridge", "write names"))
	}
	both := word{e.source[day.at : weekday.at+len(weekday.text)], day.at}
	if e.Or() {
		either, together := e.daysPerYear()
		notes = append(notes, both.note("WB204",
			fmt.Sprintf("runs on %d days a year, on either the day of month or the day of week, not on the %d where they meet", either, together),
			"write * in one of the two, or such as 1#2 for a weekday of one week"))
	} else if uint32(day.mask) != monthDays(31) && weekday.mask != everyWeekday {
		notes = append(notes, both.note("WB205",
			"day of month and day of week at once, because one of them starts with *; several crons take either", "write * in one of the two"))
	}
	return notes
}

// numbered reports whether the field names a weekday by its number.
func (f *field) numbered() bool {
	return f.items[0].kind != kindAll && strings.ContainsAny(f.text, "1234567")
}

// shortMonths remarks on single days that some of the months do not have.
func (f *field) shortMonths(months uint64) []Note {
	for _, it := range f.items {
		if it.kind != kindSpan || it.lo != it.hi || it.lo < 29 {
			continue
		}
		var short []string
		for month := 1; month <= 12; month++ {
			if months>>month&1 != 0 && monthLength(someCommonYear, month) < it.lo {
				short = append(short, monthTitles[month-1][:3])
			}
		}
		if len(short) > 0 {
			fix := "write L for the last day of the month"
			return []Note{it.note("WB203", fmt.Sprintf("day %d does not come in %s", it.lo, strings.Join(short, ", ")), fix)}
		}
	}
	return nil
}

// sameDays remarks on the first item of the list that is, in some month, the same
// day as one before it, where one of the two is a place in the month.
func (f *field) sameDays() []Note {
	for i, it := range f.items {
		for _, other := range f.items[:i] {
			if (it.plain() && other.plain()) || !it.meets(other) {
				continue
			}
			message := fmt.Sprintf("%s and %s are the same day in some months; that day has one run, not two", other.text, it.text)
			return []Note{it.note("WB208", "day of month: "+message, "write one of the two if one is meant")}
		}
	}
	return nil
}

// meets reports whether two items of the day of the month are the same day in a
// month of some shape.
func (it item) meets(other item) bool {
	one, two := field{items: []item{it}, mask: it.mask(&specs[fieldDay])}, field{items: []item{other}, mask: other.mask(&specs[fieldDay])}
	for first := range 7 {
		for length := 28; length <= 31; length++ {
			if one.daysByDate(first, length)&two.daysByDate(first, length) != 0 {
				return true
			}
		}
	}
	return false
}

// daysPerYear is how many dates of a year, on average over the calendar's 400
// years, match by either of the day fields, and by both.
func (e *Expr) daysPerYear() (either, together int) {
	day, weekday := &e.fields[fieldDay], &e.fields[fieldWeekday]
	and := &Expr{months: e.months}
	for first := range 7 {
		for length := 28; length <= 31; length++ {
			and.days[shape(first, length)] = day.daysByDate(first, length) & weekday.daysByWeekday(first, length)
		}
	}
	lo, hi := daysOf(2000, 1), daysOf(2400, 1)
	average := func(e *Expr) int { return int(math.Round(float64(e.countDays(lo, hi)) / 400)) }
	return average(e), average(and)
}
