package cron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

var monthTitles = []string{
	"January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December",
}

var ordinals = []string{"", "first", "second", "third", "fourth", "fifth"}

// The masks of fields that restrict nothing.
const (
	everyMinute  = 1<<60 - 1
	everyHour    = 1<<24 - 1
	everyMonth   = 1<<13 - 2
	everyWeekday = 1<<7 - 1
)

// Describe is the expression as one English sentence, such as "At 13:00 every day."
func (e *Expr) Describe() string {
	parts := []string{e.describeTimes()}
	if days := e.describeDays(); days != "" {
		parts = append(parts, days)
	}
	if month := &e.fields[fieldMonth]; e.months != everyMonth {
		parts = append(parts, "in "+month.describe(func(v int) string { return monthTitles[v-1] }))
	}
	if len(parts) > 1 && strings.HasSuffix(parts[0], onTheHour) {
		parts[0] += ","
	}
	return strings.Join(parts, " ") + "."
}

const onTheHour = ", on the hour"

// fewTimes is how many times of day are listed rather than described.
const fewTimes = 6

func (e *Expr) describeTimes() string {
	always := e.hours == everyHour
	if !always && len(e.times) <= fewTimes {
		clocks := make([]string, len(e.times))
		for i, t := range e.times {
			clocks[i] = Wall(int64(t) * minuteSeconds).Clock()
		}
		return "At " + and(clocks)
	}
	minutes, cadence := e.describeMinutes()
	switch {
	case always && cadence:
		return minutes
	case always && e.minutes == 1:
		return "Every hour" + onTheHour
	case always:
		return minutes + " past every hour"
	case e.minutes == 1 && e.fields[fieldHour].stepped():
		return "Every " + ordinal(e.fields[fieldHour].items[0].step) + " hour" + onTheHour
	case cadence && contiguous(uint64(e.hours)):
		first, last := e.times[0], e.times[len(e.times)-1]
		return fmt.Sprintf("%s from %s through %s", minutes,
			Wall(int64(first)*minuteSeconds).Clock(), Wall(int64(last)*minuteSeconds).Clock())
	case cadence:
		return minutes + " of " + e.describeHours()
	}
	return minutes + " past " + e.describeHours()
}

// describeMinutes also tells whether the minutes are evenly spread over the hour.
func (e *Expr) describeMinutes() (text string, cadence bool) {
	f := &e.fields[fieldMinute]
	step := f.items[0].step
	switch {
	case e.minutes == everyMinute:
		return "Every minute", true
	case len(f.items) == 1 && f.items[0].kind == kindAll && 60%step == 0:
		return fmt.Sprintf("Every %d minutes", step), true
	}
	noun := "At minute "
	if e.perHour > 1 {
		noun = "At minutes "
	}
	return noun + f.describe(strconv.Itoa), false
}

func (e *Expr) describeHours() string {
	f := &e.fields[fieldHour]
	if f.stepped() {
		return "every " + ordinal(f.items[0].step) + " hour"
	}
	noun := "hour "
	if bits.OnesCount32(e.hours) > 1 {
		noun = "hours "
	}
	return noun + f.describe(strconv.Itoa)
}

func (e *Expr) describeDays() string {
	day, weekday := e.fields[fieldDay].describeDates(), e.fields[fieldWeekday].describeWeekdays()
	switch {
	case day == "" && weekday == "":
		if _, cadence := e.describeMinutes(); cadence || e.hours == everyHour || e.fields[fieldHour].stepped() && len(e.times) > fewTimes {
			return ""
		}
		return "every day"
	case weekday == "":
		return "on " + day
	case day == "":
		return "on " + weekday
	case e.Or():
		return "on " + day + " or on " + weekday
	}
	return "on " + day + " where it is also on " + weekday
}

// describeDates is empty for every date.
func (f *field) describeDates() string {
	if f.stepped() {
		return "every " + ordinal(f.items[0].step) + " day of the month from the 1st"
	}
	if uint32(f.mask) == monthDays(31) {
		return ""
	}
	var parts []string
	if f.mask != 0 {
		noun := "day "
		if bits.OnesCount64(f.mask) > 1 {
			noun = "days "
		}
		parts = append(parts, noun+f.describe(strconv.Itoa)+" of the month")
	}
	for _, it := range f.items {
		switch it.kind {
		case kindLastDay:
			parts = append(parts, "the last day of the month")
		case kindNearest:
			parts = append(parts, fmt.Sprintf("the weekday nearest day %d of the month", it.lo))
		}
	}
	return and(parts)
}

// describeWeekdays is empty for every weekday.
func (f *field) describeWeekdays() string {
	if f.mask == everyWeekday {
		return ""
	}
	var parts []string
	if f.mask != 0 {
		single := bits.OnesCount64(f.mask) == 1
		parts = append(parts, f.describe(func(v int) string {
			if single {
				return time.Weekday(v).String() + "s"
			}
			return time.Weekday(v).String()
		}))
	}
	for _, it := range f.items {
		switch it.kind {
		case kindLastWeekday:
			parts = append(parts, fmt.Sprintf("the last %s of the month", time.Weekday(it.lo)))
		case kindNth:
			parts = append(parts, fmt.Sprintf("the %s %s of the month", ordinals[it.nth], time.Weekday(it.lo)))
		}
	}
	return and(parts)
}

// stepped reports whether the field is * with a step and nothing else.
func (f *field) stepped() bool {
	return len(f.items) == 1 && f.items[0].kind == kindAll && f.items[0].step > 1
}

// describe lists the plain values of the field; three or more in a row are a range.
func (f *field) describe(name func(int) string) string {
	var parts []string
	for mask := f.mask; mask != 0; {
		lo := bits.TrailingZeros64(mask)
		n := bits.TrailingZeros64(^(mask >> lo))
		if n >= 3 {
			parts = append(parts, name(lo)+" through "+name(lo+n-1))
			mask &^= (1<<n - 1) << lo
			continue
		}
		parts = append(parts, name(lo))
		mask &= mask - 1
	}
	return and(parts)
}

func contiguous(mask uint64) bool {
	mask >>= bits.TrailingZeros64(mask)
	return mask&(mask+1) == 0
}

func and(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n != 11:
		return strconv.Itoa(n) + "st"
	case n%10 == 2 && n != 12:
		return strconv.Itoa(n) + "nd"
	case n%10 == 3 && n != 13:
		return strconv.Itoa(n) + "rd"
	}
	return strconv.Itoa(n) + "th"
}
