package window

import (
	"fmt"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Calendar is a group's schedule, zones and policies, compiled. It is safe for
// concurrent use, and gives equal answers to equal questions. It keeps the group it
// was made from, which must not change afterwards.
type Calendar struct {
	group     *graph.Group
	schedule  *cron.Schedule
	zone      *cron.Zone
	rangeZone *cron.Zone
	maxRange  func() time.Duration
	patterns  sync.Map // each *Pattern that was needed, by its text
}

// NewCalendar compiles a group. It fails only for a group that lang would have
// refused: an impossible schedule, an unknown zone or policy.
func NewCalendar(g *graph.Group) (*Calendar, error) {
	c := &Calendar{group: g}
	var err error
	if c.zone, err = cron.LoadZone(nameOr(g.Timezone, "UTC")); err != nil {
		return nil, fmt.Errorf("%s: timezone: %w", g.Addr, err)
	}
	if c.rangeZone, err = cron.LoadZone(nameOr(g.FileDates, "UTC")); err != nil {
		return nil, fmt.Errorf("%s: file_dates: %w", g.Addr, err)
	}
	policy := cron.Policy{Gap: cron.Gap(g.DST.Gap), Fold: cron.Fold(g.DST.Fold), Class: cron.Class(g.DST.Class)}
	if !policy.Valid() {
		return nil, fmt.Errorf("%s: dst: unknown policy %+v", g.Addr, policy)
	}
	if g.Schedule != "" {
		expr, err := cron.Parse(g.Schedule)
		if err != nil {
			return nil, fmt.Errorf("%s: schedule: %w", g.Addr, err)
		}
		c.schedule = cron.New(expr, c.zone, policy)
	}
	c.maxRange = sync.OnceValue(c.findMaxRange)
	return c, nil
}

func nameOr(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

// Group is the group that the calendar was made from.
func (c *Calendar) Group() *graph.Group { return c.group }

// Schedule is the compiled schedule, nil for a group that runs only when asked.
func (c *Calendar) Schedule() *cron.Schedule { return c.schedule }

// Zone is the zone of the schedule.
func (c *Calendar) Zone() *cron.Zone { return c.zone }

// RangeZone is the zone whose calendar file names and calendar offsets follow.
func (c *Calendar) RangeZone() *cron.Zone { return c.rangeZone }

// ticking reports whether the group runs by itself.
func (c *Calendar) ticking() bool {
	return c != nil && c.schedule != nil && c.group.Active
}

// pattern is ParsePattern, once for all runs of the group: each of them asks for
// the same few.
func (c *Calendar) pattern(s string) (*Pattern, error) {
	if p, ok := c.patterns.Load(s); ok {
		return p.(*Pattern), nil
	}
	p, err := ParsePattern(s)
	if err == nil {
		c.patterns.Store(s, p)
	}
	return p, err
}

// key names the scheduled run of a tick.
func (c *Calendar) key(tick time.Time) string {
	return graph.RunKey(c.group.Addr, tick.UTC().Format(time.RFC3339))
}

// newest is the last tick at or before t.
func (c *Calendar) newest(t time.Time) (cron.Firing, bool) {
	return c.schedule.Prev(t.Truncate(time.Second).Add(time.Second))
}

// firing is the tick at an instant; an instant that is no tick of the schedule
// (any more) is one all the same, at what the clock shows then; in UTC where the
// group is gone.
func (c *Calendar) firing(at time.Time) cron.Firing {
	f := cron.Firing{Instant: at.UTC(), Nominal: cron.Wall(at.Unix()), Reason: cron.Normal}
	if c == nil {
		return f
	}
	f.Nominal = c.zone.Wall(at)
	if c.schedule != nil {
		if tick, ok := c.schedule.Next(at.Add(-time.Second)); ok && tick.Instant.Equal(at) {
			return tick
		}
	}
	return f
}
