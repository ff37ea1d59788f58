package cron

import "time"

// Shortest is the two neighbouring firings in (from, to] that are the least time
// apart, the earliest of several such pairs; ok is false where there are fewer
// than two firings. It looks at days, not at firings: a minutely year costs
// little more than a daily one.
func (s *Schedule) Shortest(from, to time.Time) (before, after Firing, ok bool) {
	a, b := earliest(from), latest(to)
	n := closest{least: forever, last: beginning}
	spans := s.zone.spans
	for i := s.zone.find(a); i < len(spans) && spans[i].start <= b; i++ {
		var buf [3]stretch
		for _, st := range s.stretches(i, &buf) {
			st.closest(s.expr, a, b, &n)
		}
	}
	if n.least == forever {
		return Firing{}, Firing{}, false
	}
	before, _ = s.Next(time.Unix(n.at-1, 0))
	after, _ = s.Next(before.Instant)
	return before, after, true
}

// closest is a search for the pair of instants that are closest to each other.
type closest struct {
	last  int64 // the newest instant seen
	least int64 // the shortest time between two, forever for none
	at    int64 // the first of the two
	whole bool  // whether all times of a whole day were looked at
}

func (n *closest) see(instant int64) {
	if n.last != beginning && instant-n.last < n.least {
		n.least, n.at = instant-n.last, n.last
	}
	n.last = instant
}

// closest looks at the firings of the stretch with instants in [a, b]. The times
// within a whole day are the same for all days, so that after one of them only
// the steps from day to day are news.
func (st *stretch) closest(e *Expr, a, b int64, n *closest) {
	if st.kind != plain {
		st.eachMoved(e, a, b, func(f Firing) bool {
			n.see(f.Instant.Unix())
			return true
		})
		return
	}
	lo, hi := st.minutes(a, b)
	if lo >= hi {
		return
	}
	w := e.walk(lo, hi)
	for base, times := w.next(); len(times) > 0; base, times = w.next() {
		at := func(t uint16) int64 { return (base+int64(t))*minuteSeconds - st.off }
		if whole := len(times) == len(e.times); n.whole && whole {
			n.see(at(times[0]))
			n.last = at(times[len(times)-1])
			continue
		} else if whole {
			n.whole = true
		}
		for _, t := range times {
			n.see(at(t))
		}
	}
}
