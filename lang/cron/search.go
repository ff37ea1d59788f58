package cron

import "math/bits"

// The functions of this file search in wall time and know nothing of zones. Each
// jumps from bit to bit: minute, hour, day of the month, month. The searches always
// find something, because an Expr matches at least one date in any 40 years.

// next is the first matching wall time at or after w, in seconds.
func (e *Expr) next(w int64) int64 {
	day := floorDiv(w, daySeconds)
	minute := (uint32(w-day*daySeconds) + minuteSeconds - 1) / minuteSeconds
	if e.everyDate {
		t := e.timeFrom(minute)
		if t == noTime {
			day, t = day+1, uint32(e.times[0])
		}
		return day*daySeconds + int64(t)*minuteSeconds
	}
	year, month, d := civilOf(day)
	first := day - int64(d) + 1
	days := e.daysIn(year, month, first)
	if days>>d&1 != 0 {
		if t := e.timeFrom(minute); t != noTime {
			return day*daySeconds + int64(t)*minuteSeconds
		}
	}
	days &= ^uint32(0) << (d + 1)
	for days == 0 {
		if later := e.months >> (month + 1); later != 0 {
			month += 1 + bits.TrailingZeros16(later)
		} else {
			month = bits.TrailingZeros16(e.months)
			year++
			if e.leapDay {
				year += -year & 3
			}
		}
		first = daysOf(year, month)
		days = e.daysIn(year, month, first)
	}
	day = first + int64(bits.TrailingZeros32(days)) - 1
	return day*daySeconds + int64(e.times[0])*minuteSeconds
}

// prev is the last matching wall time at or before w, in seconds.
func (e *Expr) prev(w int64) int64 {
	day := floorDiv(w, daySeconds)
	minute := uint32(w-day*daySeconds) / minuteSeconds
	if e.everyDate {
		t := e.timeUntil(minute)
		if t == noTime {
			day, t = day-1, uint32(e.times[len(e.times)-1])
		}
		return day*daySeconds + int64(t)*minuteSeconds
	}
	year, month, d := civilOf(day)
	first := day - int64(d) + 1
	days := e.daysIn(year, month, first)
	if days>>d&1 != 0 {
		if t := e.timeUntil(minute); t != noTime {
			return day*daySeconds + int64(t)*minuteSeconds
		}
	}
	days &= 1<<d - 1
	for days == 0 {
		if earlier := e.months & (1<<month - 1); earlier != 0 {
			month = bits.Len16(earlier) - 1
		} else {
			month = bits.Len16(e.months) - 1
			year--
			if e.leapDay {
				year -= year & 3
			}
		}
		first = daysOf(year, month)
		days = e.daysIn(year, month, first)
	}
	day = first + int64(bits.Len32(days)-1) - 1
	return day*daySeconds + int64(e.times[len(e.times)-1])*minuteSeconds
}

// noTime is what timeFrom and timeUntil answer when the day has nothing left.
const noTime = dayMinutes

// timeFrom is the first matching minute of the day at or after t, or noTime.
func (e *Expr) timeFrom(t uint32) uint32 {
	hour, minute := t/60, t%60
	if e.hours>>hour&1 != 0 {
		if rest := e.minutes >> minute; rest != 0 {
			return t + uint32(bits.TrailingZeros64(rest))
		}
	}
	later := e.hours >> (hour + 1)
	if later == 0 {
		return noTime
	}
	return (hour+1+uint32(bits.TrailingZeros32(later)))*60 + uint32(bits.TrailingZeros64(e.minutes))
}

// timeUntil is the last matching minute of the day at or before t, or noTime.
func (e *Expr) timeUntil(t uint32) uint32 {
	hour, minute := t/60, t%60
	if e.hours>>hour&1 != 0 {
		if rest := e.minutes & (2<<minute - 1); rest != 0 {
			return hour*60 + uint32(bits.Len64(rest)-1)
		}
	}
	earlier := e.hours & (1<<hour - 1)
	if earlier == 0 {
		return noTime
	}
	return uint32(bits.Len32(earlier)-1)*60 + uint32(bits.Len64(e.minutes)-1)
}

// count is the number of matching minutes in [lo, hi).
func (e *Expr) count(lo, hi int64) int {
	if lo >= hi {
		return 0
	}
	loDay, hiDay := floorDiv(lo, dayMinutes), floorDiv(hi, dayMinutes)
	n := e.countDays(loDay, hiDay) * e.perDay
	n -= e.countUntil(loDay, int(lo-loDay*dayMinutes))
	return n + e.countUntil(hiDay, int(hi-hiDay*dayMinutes))
}

// countDays is the number of matching dates in [lo, hi).
func (e *Expr) countDays(lo, hi int64) int {
	n := 0
	year, month, d := civilOf(lo)
	first := lo - int64(d) + 1
	keep := ^uint32(0) << d
	for first < hi {
		days := e.daysIn(year, month, first) & keep
		next := first + int64(monthLength(year, month))
		if next > hi {
			days &= 1<<(hi-first+1) - 1
		}
		n += bits.OnesCount32(days)
		first, keep = next, ^uint32(0)
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	return n
}

// countUntil is the number of matching minutes of a day before minute t of it.
func (e *Expr) countUntil(day int64, t int) int {
	if t == 0 {
		return 0
	}
	year, month, d := civilOf(day)
	if e.daysIn(year, month, day-int64(d)+1)>>d&1 == 0 {
		return 0
	}
	hour := t / 60
	n := bits.OnesCount32(e.hours&(1<<hour-1)) * e.perHour
	if e.hours>>hour&1 != 0 {
		n += bits.OnesCount64(e.minutes & (1<<(t%60) - 1))
	}
	return n
}
