package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// begin starts the queued run of a key: it pins the graph, fixes what each
// courier reads, and writes the tasks.
func (d *desk) begin(key string) error {
	r, err := d.run(key)
	if err != nil {
		return err
	}
	var req scene.Request
	if err := store.Parse(r.Request, &req); err != nil {
		return err
	}
	p, err := d.pin(&r, req)
	if err != nil {
		return err
	}
	if r.Attempt > 1 {
		return d.beginAgain(r, req, p)
	}
	tasks, long, err := d.couriers(r, req, p)
	if err != nil {
		return err
	}
	if long != "" {
		return d.block(r, long)
	}
	tasks = append(tasks, steps(r, p.Group(r.Group))...)
	for _, t := range tasks {
		t.Run, t.State, t.Attempt = r.Key, store.Pending, 1
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
	}
	return d.started(r, p.Group(r.Group))
}

func (d *desk) started(r store.Run, g *graph.Group) error {
	r.State, r.StartedAt, r.EndedAt, r.Message = store.Running, d.now, time.Time{}, ""
	if err := d.tx.PutRun(r); err != nil {
		return err
	}
	text := fmt.Sprintf("attempt %d of a %s run", r.Attempt, r.RunType)
	if r.Kind != store.KindScheduled && len(g.After) > 0 {
		var others []string
		for _, a := range g.After {
			others = append(others, string(a.Group))
		}
		text += "; it does not wait for " + words.Few(others) + ", since somebody asked for it"
	}
	return note(d.tx, d.now, r.Key, "", EventStarted, "%s", text)
}

// pin ties a run to the graph it is run with: the one applied now, except for a
// further attempt that is no restart, and for a run whose group is gone since it
// was taken.
func (d *desk) pin(r *store.Run, req scene.Request) (*scene.Program, error) {
	if r.Attempt > 1 && req.Again != againRestart || d.program.Calendars[r.Group] == nil {
		return d.all.Of(d.tx, *r)
	}
	r.Digest, r.Serial = d.program.Digest, d.serial
	return d.program, nil
}

// couriers makes the tasks of the group's couriers with what each reads. Where
// a range is longer than max_range it says which instead.
func (d *desk) couriers(r store.Run, req scene.Request, p *scene.Program) (tasks []store.Task, long string, err error) {
	cal := p.Calendars[r.Group]
	first, err := d.firstTime(cal.Group())
	if err != nil {
		return nil, "", err
	}
	for _, m := range cal.Group().Members {
		if len(req.Args.Couriers) > 0 && !slices.Contains(req.Args.Couriers, m.Name) {
			continue
		}
		reading, err := d.reading(r, req, cal, m, first)
		if err != nil {
			return nil, "", err
		}
		byRange := window.NeedsRange(p.Courier(m.Courier))
		if r.Kind == store.KindScheduled && byRange && cal.TooLong(reading.Range) {
			return nil, m.Name + " would read " + words.Span(reading.Range), nil
		}
		if !reading.Dropped.Empty() {
			err := note(d.tx, d.now, r.Key, m.Name, EventDropped, "past_day_only leaves out %s", words.Span(reading.Dropped))
			if err != nil {
				return nil, "", err
			}
			if err := d.tx.LeaveOut(r.Group, m.Name, reading.Dropped.End); err != nil {
				return nil, "", err
			}
		}
		tasks = append(tasks, store.Task{
			Name: m.Name, Kind: store.KindCourier, RangeStart: reading.Range.Start, RangeEnd: reading.Range.End,
		})
	}
	return tasks, "", nil
}

// firstTime reports whether no courier of the group has a watermark yet:
// start_from is for those of its first deployment only.
func (d *desk) firstTime(g *graph.Group) (bool, error) {
	for _, m := range g.Members {
		_, known, err := d.tx.Watermark(g.Addr, m.Name)
		if err != nil || known {
			return false, err
		}
	}
	return true, nil
}

// firstWatermarks writes the watermarks of couriers whose first scheduled run
// is taken. since is the earliest tick that the run stands for.
func (d *desk) firstWatermarks(r store.Run, since time.Time) error {
	cal := d.program.Calendars[r.Group]
	first, err := d.firstTime(cal.Group())
	if err != nil {
		return err
	}
	for _, m := range cal.Group().Members {
		if _, err := d.watermark(r, since, cal, m, first); err != nil {
			return err
		}
	}
	return nil
}

// watermark is that of a courier, written now where it has none. first says
// that no courier of the group has one.
func (d *desk) watermark(r store.Run, since time.Time, cal *window.Calendar, m graph.Member, first bool) (time.Time, error) {
	at, known, err := d.tx.Watermark(r.Group, m.Name)
	if err != nil || known {
		return at, err
	}
	var from *time.Time
	if first {
		from = cal.Group().StartFrom
	}
	tick := r.ScheduledAt
	if !since.IsZero() {
		tick = since // ticks that were coalesced into this run are its range, too
	}
	at = cal.Initial(tick, m.Offset, from)
	return at, d.tx.SetWatermark(r.Group, m.Name, at, r.Key)
}

// reading is what one courier of a run reads. A courier that was added since
// the run was taken gets its watermark now.
func (d *desk) reading(r store.Run, req scene.Request, cal *window.Calendar, m graph.Member, first bool) (window.Reading, error) {
	switch {
	case r.Kind == store.KindAdHoc:
		return window.Reading{Range: req.AdHoc.For(m.Offset, cal)}, nil
	case !req.Piece.Empty():
		return window.Reading{Range: req.Piece}, nil
	}
	at, err := d.watermark(r, req.Since, cal, m, first)
	if err != nil {
		return window.Reading{}, err
	}
	return cal.Read(at, r.ScheduledAt, m.Offset), nil
}

// steps makes the tasks of a run besides its couriers.
func steps(r store.Run, g *graph.Group) []store.Task {
	var tasks []store.Task
	if r.Kind == store.KindScheduled { // ad hoc runs do not wait for other groups
		for _, a := range g.After {
			tasks = append(tasks, store.Task{Name: flow.GateName(a.Name), Kind: store.KindGate})
		}
	}
	as := *g
	as.RunType = r.RunType
	for _, a := range as.Steps() {
		tasks = append(tasks, store.Task{Name: string(a), Kind: a.Kind()})
	}
	return tasks
}

// block holds a run whose range is longer than max_range, until an operator
// has decided.
func (d *desk) block(r store.Run, why string) error {
	r.State, r.Message = store.Blocked, why+", which is longer than max_range"
	if err := d.tx.PutRun(r); err != nil {
		return err
	}
	name := r.Group.Name()
	err := note(d.tx, d.now, r.Key, "", EventBlocked, "%s; `waybill backfill %s` works it off, `waybill advance %s` passes it over",
		r.Message, name, name)
	if err != nil {
		return err
	}
	return d.step(r.Group, window.Blocked{Key: r.Key})
}
