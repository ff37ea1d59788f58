package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// How a further attempt of a run goes on (Request.Again).
const (
	againRetry   = ""        // everything that is not done is tried again
	againRestart = "restart" // the same, with what is applied now
	againOn      = "on"      // what came to a bad end stays so, what stood behind it may begin
)

// retryCommand opens the next attempt of a run that ended badly.
func (d *desk) retryCommand(c store.Command) (outcome, error) {
	var args RetryArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	r, err := d.endedBadly(args.Run)
	if err != nil {
		return outcome{}, err
	}
	return d.again(r, againRetry, c.By, "asked for by "+c.By)
}

// restartCommand opens the next attempt of a run that ended badly, with what is
// applied when it begins.
func (d *desk) restartCommand(c store.Command) (outcome, error) {
	var args RestartArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	r, err := d.endedBadly(args.Run)
	if err != nil {
		return outcome{}, err
	}
	if d.program.Calendars[r.Group] == nil {
		return outcome{}, refuse("%s is not deployed any more; `waybill retry %s` goes on with what the run began with", r.Group, r.Key)
	}
	return d.again(r, againRestart, c.By, "with what is applied now, asked for by "+c.By)
}

// endedBadly finds a run that may be tried again.
func (d *desk) endedBadly(key string) (store.Run, error) {
	r, found, err := d.tx.Run(key)
	switch {
	case err != nil:
		return r, err
	case !found:
		return r, noRun(key)
	case r.State != store.Failed && r.State != store.Stopped:
		is := "is " + words.State(r.State)
		if store.Ended(r.State) {
			is = "has ended (" + words.State(r.State) + ")"
		}
		return r, refuse("the run %s %s; only a failed or stopped one can be tried again", r.Key, is)
	}
	if err := d.whole(r); err != nil {
		return r, err
	}
	if later, err := scene.Passed(d.tx, r); err != nil {
		return r, err
	} else if later != "" {
		return r, refuse("the later run %s has gone on with its data, so %s cannot be tried again; `waybill run %s --at %s` loads its range once more",
			later, r.Key, r.Group.Typed(), words.Stamp(r.ScheduledAt))
	}
	return r, d.free(r.Group)
}

func noRun(key string) error { return refuse("there is no run %s; `waybill runs` lists them", key) }

// again queues the next attempt of a run.
func (d *desk) again(r store.Run, how, by, why string) (outcome, error) {
	var req scene.Request
	if err := store.Parse(r.Request, &req); err != nil {
		return outcome{}, err
	}
	req.Again = how
	r.Request = store.Document(req)
	r.Attempt++
	r.State, r.Keep, r.EndedAt, r.Message, r.By = store.Waiting, true, time.Time{}, "", by
	if err := d.queue(r, fmt.Sprintf("attempt %d, %s", r.Attempt, why)); err != nil {
		return outcome{}, err
	}
	return outcome{runs: []string{r.Key}, message: fmt.Sprintf("attempt %d of %s", r.Attempt, r.Key)}, nil
}

// beginAgain starts the next attempt of a run that ended: what succeeded stays
// done, and what has been read since is cut off.
func (d *desk) beginAgain(r store.Run, req scene.Request, p *scene.Program) error {
	if later, err := scene.Passed(d.tx, r); err != nil {
		return err
	} else if later != "" {
		return d.endRun(r, store.Failed, "it cannot be tried again: the later run "+later+" has gone on with its data")
	}
	tasks, err := d.tx.Tasks(r.Key)
	if err != nil {
		return err
	}
	g := p.Group(r.Group)
	for _, t := range tasks {
		switch {
		case t.Done() || req.Again == againOn && t.Stays():
			continue
		case req.Again == againRestart && !has(g, t):
			err = d.leaveOut(r, t)
		default:
			err = d.anew(r, t)
		}
		if err != nil {
			return err
		}
	}
	if req.Again == againRestart {
		if err := d.added(&r, req, p, tasks); err != nil {
			return err
		}
	}
	return d.started(r, g)
}

// anew makes a task of an earlier attempt pending.
func (d *desk) anew(r store.Run, t store.Task) error {
	t = store.Task{
		Run: t.Run, Name: t.Name, Kind: t.Kind, State: store.Pending, Attempt: 1,
		RangeStart: t.RangeStart, RangeEnd: t.RangeEnd, Forgone: t.Forgone, Waiver: t.Waiver,
	}
	if t.Kind == store.KindCourier && r.Kind == store.KindScheduled && len(t.Forgone) == 0 { // nobody has landed what is forgone, wherever the watermark is
		if err := d.cut(r, &t); err != nil {
			return err
		}
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return d.tx.DeleteJob(r.Key, graph.Addr(t.Name))
}

// cut takes from the range of a courier what has been read since.
func (d *desk) cut(r store.Run, t *store.Task) error {
	at, known, err := d.tx.Watermark(r.Group, t.Name)
	if err != nil || !known || !at.After(t.RangeStart) {
		return err
	}
	t.RangeStart = at
	if t.RangeEnd.Before(at) {
		t.RangeEnd = at
	}
	return nil
}

// has reports whether a group still has a task.
func has(g *graph.Group, t store.Task) bool {
	switch t.Kind {
	case store.KindCourier:
		return g.Member(t.Name) != nil
	case store.KindGate:
		return flow.After(g, t) != nil
	default:
		return slices.Contains(slices.Concat(g.Bridges, g.Processes, g.Activations), graph.Addr(t.Name))
	}
}

// leaveOut ends a task that the group has no more, so that nothing waits for it.
func (d *desk) leaveOut(r store.Run, t store.Task) error {
	t.Waiver = &store.Waiver{What: store.WaivedGone, By: r.By, At: d.now, Was: t.State}
	t.Fault, t.NextAt = store.FaultNone, time.Time{}
	if err := d.tx.DeleteJob(t.Run, graph.Addr(t.Name)); err != nil {
		return err
	}
	return d.endTask(t, store.Skipped, "the group has it no more")
}

// added gives a run that is restarted the tasks that its group has got since, and
// its run type, unless that was asked for.
func (d *desk) added(r *store.Run, req scene.Request, p *scene.Program, tasks []store.Task) error {
	cal := p.Calendars[r.Group]
	if !req.Args.LoadOnly && r.Kind != store.KindBackfill { // of a backfill only the last piece has steps
		r.RunType = cal.Group().RunType
	}
	known := func(name string) bool {
		return slices.ContainsFunc(tasks, func(t store.Task) bool { return t.Name == name })
	}
	var fresh []store.Task
	for _, m := range cal.Group().Members {
		if known(m.Name) || len(req.Args.Couriers) > 0 && !slices.Contains(req.Args.Couriers, m.Name) {
			continue
		}
		reading, err := d.reading(*r, req, cal, m, false)
		if err != nil {
			return err
		}
		fresh = append(fresh, store.Task{
			Name: m.Name, Kind: store.KindCourier, RangeStart: reading.Range.Start, RangeEnd: reading.Range.End,
		})
	}
	for _, t := range steps(*r, cal.Group()) {
		if !known(t.Name) {
			fresh = append(fresh, t)
		}
	}
	for _, t := range fresh {
		t.Run, t.State, t.Attempt = r.Key, store.Pending, 1
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
	}
	return nil
}
