package runtime

import (
	"context"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
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
func (e *engine) firstLook(ctx context.Context, s *scene.Scene, t store.Task, url string, want window.Want, look window.Look) error {
	if s.Run.Kind == store.KindAdHoc || !arrives(want) {
		return nil
	}
	return e.lease.Update(ctx, func(tx *store.Tx) error {
		mark := store.Version{Version: firstLookMark}
		looked, err := tx.SeenAmong(s.Run.Group, t.Name, "", []store.Version{mark})
		if err != nil || looked[mark] {
			return err
		}
		from := t.RangeStart
		if at, known, err := tx.Watermark(s.Run.Group, t.Name); err != nil {
			return err
		} else if known {
			from = earliest(from, at) // past_day_only leaves out dates, and not what arrives
		}
		for _, o := range want.FirstSeen(look, from) {
			if err := tx.MarkSeen(s.Run.Group, t.Name, url, o.Path, o.Version(), t.Run); err != nil {
				return err
			}
		}
		return tx.MarkSeen(s.Run.Group, t.Name, "", "", firstLookMark, t.Run)
	})
}

// lateRuns bounds how many earlier runs in which a courier missed something are
// looked through for files that came too late for them.
const lateRuns = 50

// looksBack reports whether a look is also for what earlier runs gave up on: the
// first of a scheduled run.
func looksBack(s *scene.Scene, poll store.Poll) bool {
	return poll.Looks == 0 && s.Run.Kind == store.KindScheduled
}

// gaveUp are the courier's tasks of earlier runs that gave up on something which no
// run reads again.
func gaveUp(tx *store.Tx, s *scene.Scene, t store.Task, now time.Time) ([]shortfall, error) {
	tasks, err := tx.GaveUp(s.Run.Group, t.Name, now.Add(-s.Calendar.MaxRange()), s.Run.ScheduledAt, lateRuns)
	if err != nil {
		return nil, err
	}
	var all []shortfall
	for _, task := range tasks {
		if task.RangeEnd.After(t.RangeStart) {
			continue // this run, or a later one, reads its range again
		}
		g, err := shortfallOf(task)
		if err != nil {
			return nil, err
		}
		if len(g.missing) > 0 {
			all = append(all, g)
		}
	}
	return all, nil
}

// wantedBefore is what earlier runs gave up on, so that the first look lists it
// too.
func (e *engine) wantedBefore(ctx context.Context, s *scene.Scene, t store.Task) (wants []window.Want, err error) {
	err = e.store.View(ctx, func(tx *store.Tx) error {
		all, err := gaveUp(tx, s, t, time.Now().UTC())
		for _, g := range all {
			w, err := s.Calendar.Want(s.Courier(g.task), window.Range{Start: g.task.RangeStart, End: g.task.RangeEnd})
			if err != nil {
				return err
			}
			wants = append(wants, w.On(g.missing))
		}
		return err
	})
	if err != nil {
		return nil, &storeError{err}
	}
	return wants, nil
}

// lateArrivals records, with the runs that gave up on them, files that have come
// since. No scheduled run reads their dates again, so that the event names the
// command that loads them.
func (d *desk) lateArrivals(s *scene.Scene, t store.Task, objects []window.Object) error {
	all, err := gaveUp(d.tx, s, t, d.now)
	if err != nil {
		return err
	}
	for _, g := range all {
		if err := d.lateFor(s, g, objects); err != nil {
			return err
		}
	}
	return nil
}

// lateFor looks for what one courier of one earlier run gave up on.
func (d *desk) lateFor(s *scene.Scene, gave shortfall, objects []window.Object) error {
	there, err := d.ready(s, gave.task, objects)
	if err != nil {
		return err
	}
	var came []window.Missing
	for _, m := range gave.missing {
		i := slices.IndexFunc(there, func(t window.Taken) bool {
			return m.Date != "" && t.File == m.File && t.Date == m.Date && (m.Why == window.Absent || t.Object.Path == m.Name)
		})
		if i < 0 {
			continue
		}
		came = append(came, m)
		err := note(d.tx, d.now, gave.task.Run, gave.task.Name, EventLateArrival,
			"%s came after its run; `waybill run %s --courier %s --date %s` loads it",
			there[i].Object.Path, s.Run.Group.Typed(), graph.Typed(gave.task.Name), words.Day(m.Date))
		if err != nil {
			return err
		}
	}
	if len(came) == 0 {
		return nil
	}
	t, err := gave.without(came)
	if err != nil {
		return err
	}
	return d.tx.PutTask(t)
}

// ready are the files that are there now for an earlier task and that nobody has
// landed since. What its manifests say is compared by the run that loads them.
func (d *desk) ready(s *scene.Scene, gave store.Task, objects []window.Object) ([]window.Taken, error) {
	want, err := s.Calendar.Want(s.Courier(gave), window.Range{Start: gave.RangeStart, End: gave.RangeEnd})
	if err != nil {
		return nil, err
	}
	ready := s.Courier(gave).Ready
	if lists := (graph.Ready{Manifest: ready.Manifest}); lists.Manifest != "" {
		objects = slices.DeleteFunc(slices.Clone(objects), func(o window.Object) bool {
			_, _, wanted := want.Place(o, lists)
			return !wanted && want.Concerns(o, lists) // it is a manifest
		})
		ready.Manifest = ""
	}
	objects = slices.DeleteFunc(slices.Clone(objects), func(o window.Object) bool { return !want.Concerns(o, ready) })
	landed, err := d.tx.LandedAnywhere(s.Run.Group, gave.Name, versions(objects))
	if err != nil {
		return nil, err
	}
	verdict := want.Judge(window.Look{At: d.now, Objects: objects}, nil, ready, window.History{Landed: among(landed)})
	return verdict.Take, nil
}
