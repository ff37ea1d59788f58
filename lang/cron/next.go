package cron

import "time"

// Next is the first firing strictly after a time; ok is false when there is none
// before the end of the year 9999. It does not allocate.
func (s *Schedule) Next(after time.Time) (f Firing, ok bool) {
	u := earliest(after)
	c := nextCursor{e: s.expr, asked: forever}
	spans := s.zone.spans
	for i := s.zone.find(u); i < len(spans); i++ {
		// Almost always the answer is in the calm of a span, and the stretches need
		// not be spelled out.
		sp, calm := &spans[i], s.zone.calm(i)
		from := calm.edge
		if lo := u + sp.off; lo >= calm.lo {
			c.seek(lo)
			from = lo
		}
		if c.asked <= from { // nothing of this span comes before the answer
			if c.answer >= sp.end+sp.off {
				if from == calm.edge { // and so does not come after the edge of the next span
					i = max(i, s.zone.find(c.answer-maxOffset)-1)
				}
				continue
			}
			if c.answer >= calm.lo && c.answer < calm.hi {
				instant := c.answer - sp.off
				f.set(instant, Wall(c.answer), Normal)
				return f, instant <= maxInstant
			}
		}
		var buf [3]stretch
		for _, st := range s.stretches(i, &buf) {
			if instant, nominal, reason, ok := st.first(&c, u); ok {
				f.set(instant, nominal, reason)
				return f, instant <= maxInstant
			}
		}
	}
	return f, false
}

// nextCursor is a forward search over wall time that remembers its last answer:
// as long as questions stay between the last question and its answer, the answer
// is the same. A schedule that runs once a year is searched for once, not once
// for every span on the way.
type nextCursor struct {
	e             *Expr
	asked, answer int64 // seconds of wall time
}

// seek is the first matching wall time at or after lo.
func (c *nextCursor) seek(lo int64) int64 {
	if lo < c.asked || lo > c.answer {
		c.asked = lo
		c.answer = c.e.next(lo)
	}
	return c.answer
}

// first is the first firing of the stretch at or after the instant u.
func (st *stretch) first(c *nextCursor, u int64) (instant int64, nominal Wall, reason Reason, ok bool) {
	switch st.kind {
	case pushed:
		instant = st.hi - st.off
		if u > instant {
			return 0, 0, "", false
		}
		w := c.seek(st.lo)
		if w >= st.hi || c.seek(st.hi) == st.hi {
			return 0, 0, "", false
		}
		return instant, Wall(w), GapMoved, true
	case merged:
		lo := max(st.lo, u+st.off)
		if lo >= st.hi {
			return 0, 0, "", false
		}
		moved := c.seek(lo-st.gap) + st.gap
		w := c.seek(lo)
		if moved < w && moved < st.hi {
			return moved - st.off, Wall(moved - st.gap), GapMoved, true
		}
		return w - st.off, Wall(w), Normal, w < st.hi
	}
	lo := max(st.lo, u+st.off)
	if lo >= st.hi {
		return 0, 0, "", false
	}
	w := c.seek(lo)
	return w - st.off, Wall(w), st.reason, w < st.hi
}
