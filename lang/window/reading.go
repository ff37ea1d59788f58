package window

import (
	"iter"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Reading is what a scheduled run reads of one courier. Dropped is what it
// leaves out for good, empty in most runs: the range before the past day under
// past_day_only, or what catch_up = "skip" passes over.
type Reading struct {
	Range   Range `json:"range"`
	Dropped Range `json:"dropped"`
}

// Initial is the first watermark of a courier, set when its first scheduled run
// is taken: one period before, the previous tick ⊖ offset. With startFrom, for
// the couriers of a group's first deployment, it is that instant.
func (c *Calendar) Initial(tick time.Time, o graph.Offset, startFrom *time.Time) time.Time {
	if startFrom != nil {
		return startFrom.UTC()
	}
	return Back(c.before(tick), o, c.rangeZone)
}

// before is the tick before an instant; without one, the instant.
func (c *Calendar) before(tick time.Time) time.Time {
	if c.schedule != nil {
		if f, ok := c.schedule.Prev(tick); ok {
			return f.Instant
		}
	}
	return tick
}

// Read is what the scheduled run of tick reads for a courier with this
// watermark: from the watermark to E = max(watermark, tick ⊖ offset), and E is
// the watermark once the run has landed. Under past_day_only it starts no earlier
// than one calendar day of the range zone before E.
func (c *Calendar) Read(watermark, tick time.Time, o graph.Offset) Reading {
	start := watermark.UTC()
	end := later(start, Back(tick, o, c.rangeZone))
	r := Reading{Range: Range{Start: start, End: end}}
	if c.group.PastDayOnly {
		if day := Back(end, graph.Offset{Days: 1}, c.rangeZone); day.After(start) {
			r = Reading{Range: Range{Start: day, End: end}, Dropped: Range{Start: start, End: day}}
		}
	}
	return r
}

// Advanced is what catch_up = "skip" makes of a watermark when a Step decided
// [Advance]: the new watermark, and what that passes over.
func (c *Calendar) Advanced(watermark, through time.Time, o graph.Offset) (time.Time, Range) {
	to := later(watermark.UTC(), Back(through, o, c.rangeZone))
	return to, Range{Start: watermark.UTC(), End: to}
}

// Behind is every tick up to and including now that a courier with this watermark
// has not read, oldest first: the pieces in which backfill works a group off.
func (c *Calendar) Behind(watermark time.Time, o graph.Offset, now time.Time) iter.Seq[cron.Firing] {
	return func(yield func(cron.Firing) bool) {
		if c.schedule == nil {
			return
		}
		for f := range c.schedule.Between(watermark, now) {
			if Back(f.Instant, o, c.rangeZone).After(watermark) && !yield(f) {
				return
			}
		}
	}
}
