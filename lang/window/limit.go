package window

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// shortestLimit is the limit of a group whose regular period is a third of it
// or less.
const shortestLimit = 31 * 24 * time.Hour

// The years over which the longest period of a schedule is looked for: 28, after
// which dates fall on the same weekdays again. They are fixed, so that the limit
// of a group never changes by itself.
var (
	limitFrom  = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	limitUntil = time.Date(2048, 1, 1, 0, 0, 0, 0, time.UTC)
)

// MaxRange is the longest range that a scheduled run reads without being asked
// twice: the group's max_range, else 31 days, or three times the longest regular
// period of the schedule where that is longer. Periods are measured on the clock
// on the wall, so a monthly group has 93 days wherever clocks are changed.
func (c *Calendar) MaxRange() time.Duration { return c.maxRange() }

// TooLong reports whether a scheduled run with this range is blocked.
func (c *Calendar) TooLong(r Range) bool { return r.Length() > c.MaxRange() }

func (c *Calendar) findMaxRange() time.Duration {
	if d := c.group.MaxRange.Std(); d > 0 {
		return d
	}
	if c.schedule == nil || c.frequent() {
		return shortestLimit
	}
	return max(shortestLimit, 3*c.longestPeriod())
}

// frequent reports whether named dates lie so close together that no period is
// longer than a third of shortestLimit, even where the clocks are changed: there a
// date may be put off by a day, or left out with the one beside it. Most schedules
// are, and are seen here without a walk through the years.
func (c *Calendar) frequent() bool {
	const most = int(shortestLimit / (3 * 24 * time.Hour))
	days, ok := c.schedule.Expr().Spacing()
	if c.schedule.Fixed() && c.schedule.Policy().Gap != cron.SkipGap {
		return ok && days+1 <= most
	}
	return ok && 3*days+1 <= most
}

// longestPeriod is exact where the result is more than a third of shortestLimit;
// shorter ones do not matter, and it strides over them.
func (c *Calendar) longestPeriod() time.Duration {
	const stride = shortestLimit / 3
	var longest time.Duration
	f, ok := c.schedule.Next(limitFrom)
	for ok && f.Instant.Before(limitUntil) {
		last, _ := c.newest(f.Instant.Add(stride))
		next, more := c.schedule.Next(last.Instant)
		if more {
			longest = max(longest, next.Nominal.Sub(last.Nominal))
		}
		f, ok = next, more
	}
	return longest
}
