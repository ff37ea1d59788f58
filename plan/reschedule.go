package plan

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// ticksShown is how many ticks a Reschedule has on each side.
const ticksShown = 3

// reschedule compares the next ticks of a group before and after; nil where the
// change does not touch them. after is nil for a group that is removed.
func reschedule(before, after *graph.Group, at time.Time) *Reschedule {
	if after != nil && timing(before) == timing(after) {
		return nil
	}
	r := &Reschedule{Before: nextTicks(before, at), After: nextTicks(after, at)}
	if len(r.Before)+len(r.After) == 0 {
		return nil
	}
	return r
}

type timed struct {
	schedule, timezone string
	gap, fold, class   string
	active             bool
}

// timing is everything that decides when a group ticks.
func timing(g *graph.Group) timed {
	return timed{g.Schedule, g.Timezone, g.DST.Gap, g.DST.Fold, g.DST.Class, g.Active}
}

func nextTicks(g *graph.Group, after time.Time) []Tick {
	ticks := []Tick{}
	s := scheduleOf(g)
	for s != nil && len(ticks) < ticksShown {
		f, ok := s.Next(after)
		if !ok {
			break
		}
		local := f.Local(s.Zone())
		ticks = append(ticks, Tick{At: f.Instant, Local: local.Format(time.RFC3339), Zone: s.Zone().Name()})
		after = f.Instant
	}
	return ticks
}

// scheduleOf is the schedule of a group that ticks, or nil. An applied group that
// this release can no longer read has none.
func scheduleOf(g *graph.Group) *cron.Schedule {
	if g == nil || !g.Active || g.Schedule == "" {
		return nil
	}
	expr, err := cron.Parse(g.Schedule)
	if err != nil {
		return nil
	}
	zone, err := cron.LoadZone(g.Timezone)
	if err != nil {
		return nil
	}
	policy := cron.Policy{Gap: cron.Gap(g.DST.Gap), Fold: cron.Fold(g.DST.Fold), Class: cron.Class(g.DST.Class)}
	if !policy.Valid() {
		return nil
	}
	return cron.New(expr, zone, policy)
}
