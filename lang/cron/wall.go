package cron

import (
	"fmt"
	"math/bits"
	"time"
)

// Wall is a time on a clock on the wall, without a zone: the seconds from
// 1970-01-01 00:00 to it on that clock. It names no instant until a [Zone] and a
// policy turn it into one; days of a Wall are always 24 hours long.
//
// Its text is "2006-01-02 15:04", with ":05" behind it when the seconds are not zero.
type Wall int64

const (
	minuteSeconds = 60
	hourSeconds   = 60 * minuteSeconds
	daySeconds    = 24 * hourSeconds
	dayMinutes    = 24 * 60
)

// WallOf is the wall time of a civil date and time of the proleptic Gregorian
// calendar. Fields out of range are carried over, as with [time.Date]: day 0 is
// the last day of the month before, hour 24 is midnight of the next day.
func WallOf(year int, month time.Month, day, hour, minute int) Wall {
	m := int64(month) - 1
	y := int64(year) + floorDiv(m, 12)
	m -= floorDiv(m, 12) * 12
	days := daysOf(y, int(m)+1) + int64(day) - 1
	return Wall(days*daySeconds + int64(hour)*hourSeconds + int64(minute)*minuteSeconds)
}

// ParseWall reads "2006-01-02 15:04" or "2006-01-02 15:04:05".
func ParseWall(text string) (Wall, error) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return Wall(t.Unix()), nil
		}
	}
	return 0, fmt.Errorf("%q is not a wall-clock time: write it like %q", text, "2026-11-01 01:30")
}

// Civil is the date and the time of day, without seconds.
func (w Wall) Civil() (year int, month time.Month, day, hour, minute int) {
	days, second := w.split()
	y, m, d := civilOf(days)
	return int(y), time.Month(m), d, int(second / hourSeconds), int(second / minuteSeconds % 60)
}

// Second is the second within the minute, 0 for every nominal time of a schedule.
func (w Wall) Second() int {
	_, second := w.split()
	return int(second % minuteSeconds)
}

// Weekday is the day of the week.
func (w Wall) Weekday() time.Weekday {
	days, _ := w.split()
	return time.Weekday(weekdayOf(days))
}

// Midnight is 00:00 of the same date.
func (w Wall) Midnight() Wall {
	days, _ := w.split()
	return Wall(days * daySeconds)
}

// AddDays is the same time of day, n dates later.
func (w Wall) AddDays(n int) Wall { return w + Wall(n)*daySeconds }

// AddMonths is the same time of day on the same day of the month, n months
// later; where that month is too short it is the month's last day.
func (w Wall) AddMonths(n int) Wall {
	days, second := w.split()
	y, m, d := civilOf(days)
	month := y*12 + int64(m) - 1 + int64(n)
	y, m = floorDiv(month, 12), int(month-floorDiv(month, 12)*12)+1
	return Wall((daysOf(y, m)+int64(min(d, monthLength(y, m)))-1)*daySeconds + second)
}

// Add is the wall time d later on the same clock; fractions of a second are dropped.
func (w Wall) Add(d time.Duration) Wall { return w + Wall(d/time.Second) }

// Sub is the time from o to w on the clock, which is not the time that passes
// when the clock is changed between them.
func (w Wall) Sub(o Wall) time.Duration { return time.Duration(w-o) * time.Second }

// Format formats the wall time by a layout of package time. Layouts that print a
// zone print UTC, which means nothing here.
func (w Wall) Format(layout string) string {
	return time.Unix(int64(w), 0).UTC().Format(layout)
}

// Date is the date, "2006-01-02".
func (w Wall) Date() string { return w.String()[:10] }

// Clock is the time of day, "15:04".
func (w Wall) Clock() string {
	_, _, _, hour, minute := w.Civil()
	return string([]byte{digit(hour / 10), digit(hour), ':', digit(minute / 10), digit(minute)})
}

func (w Wall) String() string {
	return string(w.append(make([]byte, 0, 19)))
}

// MarshalText is String.
func (w Wall) MarshalText() ([]byte, error) {
	return w.append(make([]byte, 0, 19)), nil
}

// UnmarshalText is [ParseWall].
func (w *Wall) UnmarshalText(text []byte) error {
	parsed, err := ParseWall(string(text))
	if err == nil {
		*w = parsed
	}
	return err
}

func (w Wall) append(b []byte) []byte {
	year, month, day, hour, minute := w.Civil()
	if year < 0 || year > 9999 {
		b = fmt.Appendf(b, "%d", year)
	} else {
		b = append(b, digit(year/1000), digit(year/100), digit(year/10), digit(year))
	}
	b = append(b, '-', digit(int(month)/10), digit(int(month)), '-', digit(day/10), digit(day), ' ',
		digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute))
	if second := w.Second(); second != 0 {
		b = append(b, ':', digit(second/10), digit(second))
	}
	return b
}

func digit(n int) byte { return '0' + byte(n%10) }

// split is the day since 1970-01-01 and the second of that day.
func (w Wall) split() (day, second int64) {
	day = floorDiv(int64(w), daySeconds)
	return day, int64(w) - day*daySeconds
}

// floorDiv divides by a positive b, rounding down.
func floorDiv(a, b int64) int64 {
	q := a / b
	return q + (a-q*b)>>63
}

// ceilMinute is the first whole minute of wall time at or after w.
func ceilMinute(w int64) int64 { return -floorDiv(-w, minuteSeconds) }

// The Gregorian calendar repeats itself, weekdays included, after an era of 400
// years. Years below begin in March, so that the leap day comes last.
const (
	eraDays = 146097
	// epochDay is 1970-01-01 counted from the first of March of the year 0.
	epochDay = 719468
	// farEras of 400 years before the year 0 is before any Wall.
	farEras = 1 << 30
)

// civilOf turns days since 1970-01-01 into a date. The divisions are those of Neri
// and Schneider, "Euclidean affine functions and their application to calendar algorithms".
func civilOf(days int64) (year int64, month, day int) {
	days += epochDay
	if days < 0 || days >= 1<<28 {
		era := floorDiv(days, eraDays)
		year = era * 400
		days -= era * eraDays
	}
	n := 4*uint32(days) + 3
	century := n / eraDays
	hi, lo := bits.Mul32(2939745, n%eraDays|3)
	yearDay := lo / 2939745 / 4
	n = 2141*yearDay + 197913
	month, day = int(n>>16), int(n&0xffff/2141)+1
	year += int64(100*century + hi)
	if yearDay >= 306 {
		year++
		month -= 12
	}
	return year, month, day
}

// daysOf is the day, counted from 1970-01-01, of the first of a month.
func daysOf(year int64, month int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	y := uint64(year + farEras*400)
	n := y*365 + y/4 - y/100 + y/400 + uint64(979*month-2919)>>5
	return int64(n) - epochDay - farEras*eraDays
}

// weekdayOf is the weekday, Sunday 0, of a day counted from 1970-01-01, a Thursday.
func weekdayOf(days int64) int { return int(uint64(days+4+7<<48) % 7) }

func monthLength(year int64, month int) int {
	if month == 2 {
		if leap(year) {
			return 29
		}
		return 28
	}
	return 30 | (month ^ month>>3)
}

func leap(year int64) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}
