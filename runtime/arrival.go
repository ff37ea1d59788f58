package runtime

import (
	"context"
	"fmt"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// arrives reports whether some pattern goes by arrival.
func arrives(w window.Want) bool {
	return slices.ContainsFunc(w.Files, func(f window.FileWant) bool { return f.Pattern.Unit() == window.None })
}

// firstLookMark stands in the table of seen versions for "this courier has
// looked once".
const firstLookMark = "first look"

// firstLook marks what is older than the courier's first watermark as seen, the
// first time a scheduled run looks; or older than what a backfill reads before
// it. It matters for undated patterns only.
func (e *engine) firstLook(ctx context.Context, s *scene, t store.Task, url string, want window.Want, look window.Look) error {
	if s.run.Kind == store.KindAdHoc || !arrives(want) {
		return nil
	}
	return e.lease.Update(ctx, func(tx *store.Tx) error {
		looked, err := tx.Seen(s.run.Group, t.Name, "", "", firstLookMark)
		if err != nil || looked {
			return err
		}
		from := t.RangeStart
		if at, known, err := tx.Watermark(s.run.Group, t.Name); err != nil {
			return err
		} else if known {
			from = earliest(from, at) // past_day_only leaves out dates, and not what arrives
		}
		for _, o := range want.FirstSeen(look, from) {
			if err := tx.MarkSeen(s.run.Group, t.Name, url, o.Path, o.Version(), t.Run); err != nil {
				return err
			}
		}
		return tx.MarkSeen(s.run.Group, t.Name, "", "", firstLookMark, t.Run)
	})
}

// lateRuns bounds how many earlier runs are looked through for files that came
// too late for them.
const lateRuns = 50

// lateArrivals records, with the runs that gave up on them, files that have come
// since. No scheduled run reads their dates again, so that the event names the
// command that loads them.
func (d *desk) lateArrivals(s *scene, t store.Task, objects []window.Object) error {
	runs, err := d.tx.Runs(store.RunFilter{
		Group: s.run.Group, Kind: store.KindScheduled, States: []string{store.SucceededWithWarnings, store.Failed, store.Stopped},
		From: d.now.Add(-s.calendar.MaxRange()), Until: s.run.ScheduledAt, Limit: lateRuns,
	})
	if err != nil {
		return err
	}
	for _, r := range runs {
		gave, found, err := d.tx.Task(r.Key, t.Name)
		if err != nil {
			return err
		}
		if !found || gave.RangeEnd.After(t.RangeStart) || gave.State != store.Missing && gave.State != store.Landed {
			continue // this run, or a later one, reads its range again
		}
		if err := d.lateFor(s, gave, objects); err != nil {
			return err
		}
	}
	return nil
}

// lateFor looks for what one courier of one earlier run gave up on.
func (d *desk) lateFor(s *scene, gave store.Task, objects []window.Object) error {
	var h haul
	if err := parse(gave.Data, &h); err != nil {
		return err
	}
	var still []window.Missing
	for _, m := range h.Missing {
		object, came, err := d.arrived(s, gave, m, objects)
		if err != nil {
			return err
		}
		if !came {
			still = append(still, m)
			continue
		}
		err = note(d.tx, d.now, gave.Run, gave.Name, EventLateArrival,
			"%s came after its run; `waybill run %s --courier %s --date %s` loads it",
			object.Path, s.run.Group.Typed(), graph.Typed(gave.Name), dayOf(m.Date))
		if err != nil {
			return err
		}
	}
	if len(still) == len(h.Missing) {
		return nil
	}
	h.Missing = still
	gave.Data = document(h)
	return d.tx.PutTask(gave)
}

// dayOf is the first day of the date of a file: of "2026-11-21T05" the same
// day, of "2026-11" the first of the month.
func dayOf(date string) string {
	const day = "0000-01-01"
	if len(date) < len(day) {
		return date + day[len(date):]
	}
	return date[:len(day)]
}

// arrived finds an object for something that was missing and that nobody has
// landed since.
func (d *desk) arrived(s *scene, gave store.Task, m window.Missing, objects []window.Object) (window.Object, bool, error) {
	courier := s.courier(gave)
	for _, f := range courier.Files {
		if f.Name != m.File || m.Date == "" {
			continue
		}
		p, err := window.ParsePattern(f.Pattern)
		if err != nil {
			return window.Object{}, false, fmt.Errorf("%s: %w", courier.Addr, err)
		}
		for _, o := range objects {
			date, ok := p.Match(o.Path)
			if !ok || p.Unit().Format(date) != m.Date {
				continue
			}
			landed, err := d.tx.LandedAnywhere(s.run.Group, gave.Name, o.Path, o.Version())
			return o, !landed, err
		}
	}
	return window.Object{}, false, nil
}
