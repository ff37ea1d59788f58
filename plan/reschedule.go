package plan

import (
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// changesShown is how many changes of ticks a Reschedule tells of.
const changesShown = 3

// ticksCompared bounds how many ticks of a schedule are looked at for the first
// that are not in the other.
const ticksCompared = 2000

// reschedule compares the next ticks of a group before and after; nil where the
// change does not touch them. after is nil for a group that is removed.
func reschedule(before, after *graph.Group, at time.Time) *Reschedule {
	if after != nil && timing(before) == timing(after) {
		return nil
	}
	gone, come := differing(scheduleOf(before), scheduleOf(after), at)
	r := &Reschedule{Before: gone, After: come}
	rows := r.Rows()
	r.Before, r.After = []Tick{}, []Tick{}
	for _, row := range rows[:min(changesShown, len(rows))] {
		if row[0] != nil {
			r.Before = append(r.Before, *row[0])
		}
		if row[1] != nil {
			r.After = append(r.After, *row[1])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return r
}

// Rows is the ticks in order: those that move as before and after, those that only
// one schedule has beside nil. On each date, by the clocks of the schedules, the
// first goes with the first, the second with the second.
func (r *Reschedule) Rows() [][2]*Tick {
	date := func(t *Tick) string { return t.Local[:len(time.DateOnly)] }
	var rows [][2]*Tick
	left := map[string][]int{} // by date, the rows that have no tick after the change
	for i := range r.Before {
		t := &r.Before[i]
		left[date(t)] = append(left[date(t)], len(rows))
		rows = append(rows, [2]*Tick{t, nil})
	}
	for i := range r.After {
		t := &r.After[i]
		if open := left[date(t)]; len(open) > 0 {
			rows[open[0]][1] = t
			left[date(t)] = open[1:]
		} else {
			rows = append(rows, [2]*Tick{nil, t})
		}
	}
	first := func(row [2]*Tick) time.Time {
		if row[0] == nil || row[1] != nil && row[1].At.Before(row[0].At) {
			return row[1].At
		}
		return row[0].At
	}
	slices.SortStableFunc(rows, func(a, b [2]*Tick) int { return first(a).Compare(first(b)) })
	return rows
}

// differing is the next ticks of each of two schedules that the other does not have;
// either may be nil.
func differing(before, after *cron.Schedule, at time.Time) (gone, come []Tick) {
	next := func(s *cron.Schedule, after time.Time) (f cron.Firing, ok bool) {
		if s != nil {
			f, ok = s.Next(after)
		}
		return f, ok
	}
	tick := func(s *cron.Schedule, f cron.Firing) Tick {
		return Tick{At: f.Instant, Local: f.Local(s.Zone()).Format(time.RFC3339), Zone: s.Zone().Name()}
	}
	old, more := next(before, at)
	now, moreNow := next(after, at)
	for n := 0; n < ticksCompared && (more || moreNow); n++ {
		first := !moreNow || more && old.Instant.Before(now.Instant)
		switch {
		case more && moreNow && old.Instant.Equal(now.Instant):
			old, more = next(before, old.Instant)
			now, moreNow = next(after, now.Instant)
		case first:
			if len(gone) < changesShown {
				gone = append(gone, tick(before, old))
			}
			old, more = next(before, old.Instant)
		default:
			if len(come) < changesShown {
				come = append(come, tick(after, now))
			}
			now, moreNow = next(after, now.Instant)
		}
		if enough(gone, come, before == nil, after == nil) {
			break
		}
	}
	return gone, come
}

// enough reports whether as many ticks of both sides are known as are shown.
func enough(gone, come []Tick, noneBefore, noneAfter bool) bool {
	return (noneBefore || len(gone) == changesShown) && (noneAfter || len(come) == changesShown)
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
