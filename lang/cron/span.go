package cron

import "time"

// span is a time during which a zone keeps one offset: the instants
// [start, end), in Unix seconds, and the seconds east of UTC. The spans of a zone
// cover all time, and neighbours differ in offset.
type span struct {
	start, end int64
	off        int64
}

const (
	// beginning and forever stand for no start and no end; an offset can be
	// added to them without overflow.
	beginning = -1 << 60
	forever   = 1 << 60
	// maxOffset is more than any zone was ever away from UTC.
	maxOffset = 16 * hourSeconds
)

// spanHorizon is where the rules of a zone are no longer followed.
var spanHorizon = time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC)

// spansOf walks the bounds that package time reports for a location.
//
// In leap years, on 31 December, ZoneBounds can end at or before the time it was
// asked about, and it makes up a bound at 1 January (golang/go#81583): such an
// end is replaced by a step of a day, and bounds without a change of offset vanish.
func spansOf(loc *time.Location) []span {
	spans := make([]span, 0, 64)
	t := time.Unix(minInstant, 0).In(loc)
	start := int64(beginning)
	for {
		_, off := t.Zone()
		_, end := t.ZoneBounds()
		if !end.IsZero() && !end.After(t) {
			end = t.Add(24 * time.Hour)
		}
		if n := len(spans); n == 0 || spans[n-1].off != int64(off) {
			if n > 0 {
				spans[n-1].end = start
			}
			spans = append(spans, span{start: start, end: forever, off: int64(off)})
		}
		if end.IsZero() || end.After(spanHorizon) {
			return spans
		}
		t, start = end, end.Unix()
	}
}

// index finds spans: bucket b holds the span at the beginning of the b-th
// bucket of time after base. Spans are rarely shorter than a bucket, so that a
// look-up is one step or two from its answer.
type index struct {
	base    int64
	buckets []uint16
}

// bucketShift makes buckets of 2^23 seconds, 97 days.
const bucketShift = 23

func indexOf(spans []span) index {
	if len(spans) == 1 {
		return index{}
	}
	x := index{base: spans[1].start}
	last := spans[len(spans)-1].start
	i := 1
	for at := x.base; at <= last; at += 1 << bucketShift {
		for at >= spans[i].end {
			i++
		}
		x.buckets = append(x.buckets, uint16(i))
	}
	return x
}

// find is the index of the span that holds the instant u.
func (z *Zone) find(u int64) int {
	if len(z.spans) == 1 || u < z.index.base {
		return 0
	}
	b := (u - z.index.base) >> bucketShift
	if b >= int64(len(z.index.buckets)) {
		return len(z.spans) - 1
	}
	i := int(z.index.buckets[b])
	for u >= z.spans[i].end {
		i++
	}
	return i
}

// calm is the wall time of a span away from the changes at its ends.
type calm struct {
	// lo and hi bound the nominal times that run normally under every policy,
	// and at which nothing else runs: [lo, hi).
	lo, hi int64
	// edge is the first nominal time that can run in the span at all, counting
	// those that a gap before it swallowed.
	edge int64
}

func (z *Zone) calm(i int) calm {
	sp := &z.spans[i]
	c := calm{lo: sp.start + sp.off, hi: sp.end + sp.off}
	c.edge = c.lo
	if i > 0 {
		before := z.spans[i-1].off
		c.edge = sp.start + min(sp.off, before)
		c.lo += max(sp.off-before, before-sp.off)
	}
	if i+1 < len(z.spans) {
		c.hi += min(z.spans[i+1].off-sp.off, 0)
	}
	return c
}
