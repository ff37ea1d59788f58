package cron

import "time"

// Prev is the last firing strictly before a time; ok is false when there is none
// since the beginning of the year 1. It does not allocate.
func (s *Schedule) Prev(before time.Time) (f Firing, ok bool) {
	u := before.Unix()
	if before.Nanosecond() == 0 {
		u--
	}
	u = min(max(u, minInstant-1), maxInstant)
	c := prevCursor{e: s.expr, asked: beginning}
	spans := s.zone.spans
	for i := s.zone.find(u); i >= 0; i-- {
		sp, calm := &spans[i], s.zone.calm(i)
		until := sp.end + sp.off
		if hi := u + sp.off; hi < calm.hi {
			c.seek(hi)
			until = hi
		}
		if c.asked >= until { // nothing of this span comes after the answer
			if c.answer < calm.edge {
				if until == sp.end+sp.off { // and so does not come before the end of the span before
					i = min(i, s.zone.find(c.answer+maxOffset)+1)
				}
				continue
			}
			if c.answer >= calm.lo && c.answer < calm.hi {
				instant := c.answer - sp.off
				f.set(instant, Wall(c.answer), Normal)
				return f, instant >= minInstant
			}
		}
		var buf [3]stretch
		list := s.stretches(i, &buf)
		for j := len(list) - 1; j >= 0; j-- {
			if instant, nominal, reason, ok := list[j].last(&c, u); ok {
				f.set(instant, nominal, reason)
				return f, instant >= minInstant
			}
		}
	}
	return f, false
}

// prevCursor is nextCursor backwards.
type prevCursor struct {
	e             *Expr
	asked, answer int64
}

// seek is the last matching wall time at or before hi.
func (c *prevCursor) seek(hi int64) int64 {
	if hi > c.asked || hi < c.answer {
		c.asked = hi
		c.answer = c.e.prev(hi)
	}
	return c.answer
}

// last is the last firing of the stretch at or before the instant u.
func (st *stretch) last(c *prevCursor, u int64) (instant int64, nominal Wall, reason Reason, ok bool) {
	switch st.kind {
	case pushed:
		instant = st.hi - st.off
		if u < instant || c.seek(st.hi) == st.hi || c.seek(st.hi-1) < st.lo {
			return 0, 0, "", false
		}
		first := c.e.next(st.lo)
		return instant, Wall(first), GapMoved, true
	case merged:
		hi := min(st.hi-1, u+st.off)
		if hi < st.lo {
			return 0, 0, "", false
		}
		w := c.seek(hi)
		moved := c.seek(hi-st.gap) + st.gap
		if moved > w && moved >= st.lo {
			return moved - st.off, Wall(moved - st.gap), GapMoved, true
		}
		return w - st.off, Wall(w), Normal, w >= st.lo
	}
	hi := min(st.hi-1, u+st.off)
	if hi < st.lo {
		return 0, 0, "", false
	}
	w := c.seek(hi)
	return w - st.off, Wall(w), st.reason, w >= st.lo
}
