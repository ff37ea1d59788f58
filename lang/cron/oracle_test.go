package cron_test

import (
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// zoneClock is a zone as package time reads it, instant by instant; the engine's
// spans play no part in it.
type zoneClock struct{ loc *time.Location }

// wall is what the clock shows at an instant, in seconds of wall time.
func (c zoneClock) wall(u int64) int64 {
	_, off := time.Unix(u, 0).In(c.loc).Zone()
	return u + int64(off)
}

// fields is what is shown, by its fields.
func fields(wall int64) civil { return civilOf(time.Unix(wall, 0).UTC()) }

// oracleA walks real time: every minute that the clock shows in (from, to]. It
// goes from one whole minute to the next, and second by second through a change.
func (c zoneClock) oracleA(from, to int64, visit func(u int64, shown civil)) {
	local := func(u int64) (shown time.Time, off int) {
		shown = time.Unix(u, 0).In(c.loc)
		_, off = shown.Zone()
		return shown, off
	}
	u := from + 1
	shown, off := local(u)
	for u <= to {
		second := int64(shown.Second())
		if second == 0 {
			visit(u, civilOf(shown))
		}
		next := u + 60 - second
		after, offAfter := local(next)
		if offAfter != off {
			next = u + 1
			after, offAfter = local(next)
		}
		u, shown, off = next, after, offAfter
	}
}

// minute is a nominal minute and what becomes of it.
type minute struct {
	nominal  int64   // in seconds of wall time
	shown    civil   // its fields
	instants []int64 // when the clock shows it, in order
	// of a minute that the clock never shows:
	after int64 // the first instant after the gap
	moved int64 // the instant by the offset before the gap
	long  bool  // the gap is longer than three hours
}

// oracleB walks nominal time: every minute of wall time whose firings can be in
// (from, to], with the instants at which the clock shows it found by trying every
// offset the zone has within 30 hours, and the end of a gap found by bisection.
func (c zoneClock) oracleB(from, to int64) []minute {
	const reach = 30 * 3600
	offsets := make(map[int64]bool)
	for u := from - 2*reach; u <= to+2*reach; u += 900 {
		offsets[c.wall(u)-u] = true
	}
	lo, hi := c.wall(from)-26*3600, c.wall(to)+26*3600
	lo -= ((lo % 60) + 60) % 60
	list := make([]minute, 0, (hi-lo)/60+1)
	for w := lo; w <= hi; w += 60 {
		m := minute{nominal: w, shown: fields(w)}
		for off := range offsets {
			if c.wall(w-off) == w {
				m.instants = append(m.instants, w-off)
			}
		}
		slices.Sort(m.instants)
		if len(m.instants) == 0 {
			m.after = c.bisect(w-reach, w+reach, w)
			before := c.wall(m.after-1) - (m.after - 1)
			m.moved = w - before
			m.long = c.wall(m.after)-(m.after+before) > 3*3600
		}
		list = append(list, m)
	}
	return list
}

// bisect is the first instant at which the clock shows more than w.
func (c zoneClock) bisect(lo, hi, w int64) int64 {
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; c.wall(mid) > w {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// fired is a firing in the oracles' terms.
type fired struct {
	instant, nominal int64
	reason           cron.Reason
}

// matching is the minutes that an expression names.
func (x *naive) matching(minutes []minute) []*minute {
	var list []*minute
	for i := range minutes {
		if x.matches(minutes[i].shown) {
			list = append(list, &minutes[i])
		}
	}
	return list
}

// firings applies a policy to matching minutes, by the definitions of the design.
func firings(matching []*minute, p cron.Policy, fixed bool, from, to int64) []fired {
	at := make(map[int64]fired, len(matching))
	put := func(u, nominal int64, reason cron.Reason) {
		if old, taken := at[u]; taken && (old.reason != cron.GapMoved || reason == cron.GapMoved) {
			return
		}
		at[u] = fired{u, nominal, reason}
	}
	for _, m := range matching {
		w := m.nominal
		switch n := len(m.instants); {
		case n == 1:
			put(m.instants[0], w, cron.Normal)
		case n > 1:
			if !fixed || p.Fold != cron.Second {
				put(m.instants[0], w, cron.OverlapFirst)
			}
			if !fixed || p.Fold != cron.First {
				put(m.instants[n-1], w, cron.OverlapSecond)
			}
		case !fixed || m.long || p.Gap == cron.SkipGap:
		case p.Gap == cron.NextValid:
			put(m.after, w, cron.GapMoved)
		default:
			put(m.moved, w, cron.GapMoved)
		}
	}
	list := make([]fired, 0, len(at))
	for u, f := range at {
		if u > from && u <= to {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b fired) int { return int(a.instant - b.instant) })
	return list
}
