package cron

import (
	"iter"
	"time"
)

// Between is the firings in (from, to], in order.
func (s *Schedule) Between(from, to time.Time) iter.Seq[Firing] {
	return func(yield func(Firing) bool) {
		a, b := earliest(from), latest(to)
		spans := s.zone.spans
		for i := s.zone.find(a); i < len(spans) && spans[i].start <= b; i++ {
			var buf [3]stretch
			for _, st := range s.stretches(i, &buf) {
				if !st.each(s.expr, a, b, yield) {
					return
				}
			}
		}
	}
}

// AppendUnix appends the instants of the firings in (from, to] to dst, in order,
// as Unix seconds: the cheapest way to have them all.
func (s *Schedule) AppendUnix(dst []int64, from, to time.Time) []int64 {
	a, b := earliest(from), latest(to)
	spans := s.zone.spans
	for i := s.zone.find(a); i < len(spans) && spans[i].start <= b; i++ {
		var buf [3]stretch
		for _, st := range s.stretches(i, &buf) {
			dst = st.appendUnix(dst, s.expr, a, b)
		}
	}
	return dst
}

// Count is the number of firings in (from, to]. It counts bits, not firings: a
// year costs the same for any expression.
func (s *Schedule) Count(from, to time.Time) int {
	a, b := earliest(from), latest(to)
	n := 0
	spans := s.zone.spans
	for i := s.zone.find(a); i < len(spans) && spans[i].start <= b; i++ {
		var buf [3]stretch
		for _, st := range s.stretches(i, &buf) {
			n += st.count(s.expr, a, b)
		}
	}
	return n
}

// earliest is the first second after a time, within the years of a schedule.
func earliest(after time.Time) int64 { return max(min(after.Unix(), maxInstant)+1, minInstant) }

// latest is the last second not after a time, within the years of a schedule.
func latest(until time.Time) int64 { return min(max(until.Unix(), minInstant-1), maxInstant) }

// minutes is the part of a plain stretch whose instants are in [a, b], in whole
// minutes of wall time: [lo, hi).
func (st *stretch) minutes(a, b int64) (lo, hi int64) {
	lo = ceilMinute(max(st.lo, a+st.off))
	hi = ceilMinute(min(st.hi, b+1+st.off))
	return lo, hi
}

// each yields the firings of the stretch with instants in [a, b] and reports
// whether yield wants more.
func (st *stretch) each(e *Expr, a, b int64, yield func(Firing) bool) bool {
	if st.kind != plain {
		return st.eachMoved(e, a, b, yield)
	}
	lo, hi := st.minutes(a, b)
	if lo >= hi {
		return true
	}
	f := Firing{Reason: st.reason}
	w := e.walk(lo, hi)
	for base, times := w.next(); len(times) > 0; base, times = w.next() {
		for _, t := range times {
			wall := (base + int64(t)) * minuteSeconds
			f.Instant = time.Unix(wall-st.off, 0).UTC()
			f.Nominal = Wall(wall)
			if !yield(f) {
				return false
			}
		}
	}
	return true
}

// eachMoved is each for the stretches at a gap, which are short.
func (st *stretch) eachMoved(e *Expr, a, b int64, yield func(Firing) bool) bool {
	c := nextCursor{e: e, asked: forever}
	for u := a; ; {
		instant, nominal, reason, ok := st.first(&c, u)
		if !ok || instant > b {
			return true
		}
		if !yield(firingAt(instant, nominal, reason)) {
			return false
		}
		u = instant + 1
	}
}

func (st *stretch) appendUnix(dst []int64, e *Expr, a, b int64) []int64 {
	if st.kind != plain {
		st.eachMoved(e, a, b, func(f Firing) bool {
			dst = append(dst, f.Instant.Unix())
			return true
		})
		return dst
	}
	lo, hi := st.minutes(a, b)
	if lo >= hi {
		return dst
	}
	w := e.walk(lo, hi)
	for base, times := w.next(); len(times) > 0; base, times = w.next() {
		instant := base*minuteSeconds - st.off
		for _, t := range times {
			dst = append(dst, instant+int64(t)*minuteSeconds)
		}
	}
	return dst
}

func (st *stretch) count(e *Expr, a, b int64) int {
	if st.kind == plain {
		return e.count(st.minutes(a, b))
	}
	n := 0
	st.eachMoved(e, a, b, func(Firing) bool { n++; return true })
	return n
}
