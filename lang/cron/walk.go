package cron

import "math/bits"

// walk visits the matching minutes of [lo, hi) day by day. A day is handed out as
// its first minute and the minutes of the day that match, which are the same
// slice for all whole days; that is what makes enumerating cheap.
type walk struct {
	e      *Expr
	lo, hi int64
	year   int64
	month  int
	first  int64  // the day of the first of the month, since 1970-01-01
	days   uint32 // matching days of the month that are still to come
}

func (e *Expr) walk(lo, hi int64) walk {
	day := floorDiv(lo, dayMinutes)
	year, month, d := civilOf(day)
	w := walk{e: e, lo: lo, hi: hi, year: year, month: month, first: day - int64(d) + 1}
	w.days = e.daysIn(year, month, w.first) & (^uint32(0) << d)
	return w
}

// next is the next day with a match; times is empty when there is none.
func (w *walk) next() (base int64, times []uint16) {
	for {
		for w.days == 0 {
			w.first += int64(monthLength(w.year, w.month))
			if w.first*dayMinutes >= w.hi {
				return 0, nil
			}
			if w.month++; w.month > 12 {
				w.year, w.month = w.year+1, 1
			}
			w.days = w.e.daysIn(w.year, w.month, w.first)
		}
		base = (w.first + int64(bits.TrailingZeros32(w.days)) - 1) * dayMinutes
		w.days &= w.days - 1
		if base >= w.hi {
			return 0, nil
		}
		if times = w.clip(base); len(times) > 0 {
			return base, times
		}
	}
}

// clip is the matching minutes of the day that begins at base and lie in [lo, hi).
func (w *walk) clip(base int64) []uint16 {
	times := w.e.times
	for len(times) > 0 && base+int64(times[0]) < w.lo {
		times = times[1:]
	}
	if base+dayMinutes > w.hi {
		for len(times) > 0 && base+int64(times[len(times)-1]) >= w.hi {
			times = times[:len(times)-1]
		}
	}
	return times
}
