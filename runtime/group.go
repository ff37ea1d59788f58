package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// desk carries out, inside one transaction, what package window decides about
// the runs of the groups.
type desk struct {
	tx      *store.Tx
	now     time.Time
	program *scene.Program // what is applied now
	serial  int64
	all     *scene.Programs
	errand  *errand // what the holder came for; nil: everything
	settled string  // the run that was brought as far as it can go

	resumed map[graph.Addr]time.Time // when pauses have ended, once it was asked for

	opened  bool     // an incident was, in this transaction
	notices []notice // that are to be written at its end
	posted  bool     // some were
}

// newDesk opens a desk on what is applied now.
func newDesk(tx *store.Tx, now time.Time, all *scene.Programs) (*desk, error) {
	p, serial, err := all.Current(tx)
	if err != nil {
		return nil, err
	}
	return &desk{tx: tx, now: now, program: p, serial: serial, all: all}, nil
}

// step asks package window what an event means for a group, and does it.
func (d *desk) step(group graph.Addr, event window.Event) error {
	state, err := d.state(group)
	if err != nil {
		return err
	}
	_, decisions := d.program.Calendars[group].Step(state, event)
	for _, decision := range decisions {
		if err := d.carryOut(group, decision); err != nil {
			return fmt.Errorf("%s: %w", group, err)
		}
	}
	return nil
}

// state reads what window must know of a group from its rows.
func (d *desk) state(group graph.Addr) (window.State, error) {
	var s window.State
	runs, err := d.tx.OpenRuns(group)
	if err != nil {
		return s, err
	}
	slices.SortFunc(runs, func(a, b store.Run) int { return int(a.Queue - b.Queue) })
	for _, r := range runs {
		if r.Expected() {
			s.Expected = r.ScheduledAt
			continue
		}
		s.Open = append(s.Open, window.Open{
			Key: r.Key, Tick: r.ScheduledAt, Status: status(r.State), Keep: r.Keep, Asked: r.Asked(),
		})
	}
	if _, s.Paused, err = d.tx.Paused(group); err != nil {
		return s, err
	}
	s.Last, _, err = d.tx.LastTick(group)
	return s, err
}

// run reads a run that must be there.
func (d *desk) run(key string) (store.Run, error) { return d.tx.KnownRun(key) }

func status(state string) window.Status {
	switch state {
	case store.Running, store.Finalizing:
		return window.StatusRunning
	case store.Stopping:
		return window.StatusStopping
	case store.Blocked:
		return window.StatusBlocked
	default:
		return window.StatusQueued
	}
}

func (d *desk) carryOut(group graph.Addr, decision window.Decision) error {
	switch x := decision.(type) {
	case window.Expect:
		return d.tx.PutRun(d.tick(group, x.Firing.Instant, x.Firing.Nominal.String(), string(x.Firing.Reason)))
	case window.Unexpect:
		return d.tx.DeleteRun(tickKey(group, x.At))
	case window.Take:
		return d.take(group, x)
	case window.Skip:
		return d.skip(group, x)
	case window.Start:
		if !d.errand.has(x.Key) {
			return nil // it waits for a server, which would see it through
		}
		return d.begin(x.Key)
	case window.Cancel:
		return d.stopRun(x.Key, "a newer run takes its place (overlap = \"cancel_other\")")
	case window.Advance:
		return d.advance(group, x.Through)
	default:
		panic(fmt.Sprintf("runtime: unknown decision %T", decision))
	}
}

func tickKey(group graph.Addr, at time.Time) string {
	return graph.RunKey(group, at.UTC().Format(time.RFC3339))
}

// tick is the row of a tick that nobody has taken.
func (d *desk) tick(group graph.Addr, at time.Time, nominal, reason string) store.Run {
	r := store.Run{
		Key: tickKey(group, at), Group: group, Kind: store.KindScheduled, ScheduledAt: at,
		Nominal: nominal, Reason: reason, State: store.Scheduled, Serial: d.serial,
		Digest: d.program.Digest, Attempt: 1, CreatedAt: d.now,
	}
	if g := d.program.Group(group); g != nil {
		r.RunType = g.RunType
	}
	return r
}

func (d *desk) take(group graph.Addr, x window.Take) error {
	r := d.tick(group, x.Firing.Instant, x.Firing.Nominal.String(), string(x.Firing.Reason))
	queue, err := d.tx.NextQueue()
	if err != nil {
		return err
	}
	r.Key, r.State, r.Queue, r.Keep = x.Key, store.Waiting, queue, x.Keep
	r.Request = store.Document(scene.Request{Since: x.Since})
	if err := d.tx.PutRun(r); err != nil {
		return err
	}
	if err := d.firstWatermarks(r, x.Since); err != nil {
		return err
	}
	return note(d.tx, d.now, r.Key, "", EventQueued, "due at %s", words.Stamp(x.Firing.Instant))
}

func (d *desk) skip(group graph.Addr, x window.Skip) error {
	r := d.tick(group, x.Firing.Instant, x.Firing.Nominal.String(), string(x.Firing.Reason))
	if known, found, err := d.tx.Run(x.Key); err != nil {
		return err
	} else if found {
		r = known
	}
	r.State, r.Into, r.Message, r.EndedAt = store.Skipped, x.Into, x.Why, d.now
	if err := d.tx.PutRun(r); err != nil {
		return err
	}
	return note(d.tx, d.now, r.Key, "", EventSkipped, "%s", x.Why)
}

// advance moves the watermarks of a group that lie before a tick there:
// catch_up = "skip".
func (d *desk) advance(group graph.Addr, through time.Time) error {
	cal := d.program.Calendars[group]
	for _, m := range cal.Group().Members {
		at, known, err := d.tx.Watermark(group, m.Name)
		if err != nil {
			return err
		}
		if !known {
			continue // its first run starts at one period, which passes nothing over
		}
		to, dropped := cal.Advanced(at, through, m.Offset)
		if dropped.Empty() {
			continue
		}
		if err := d.passOver(group, m.Name, to); err != nil {
			return err
		}
		err = note(d.tx, d.now, "", string(group), EventDropped,
			"%s: catch_up = \"skip\" leaves out %s", m.Name, words.Span(dropped))
		if err != nil {
			return err
		}
	}
	return nil
}

// passOver moves a watermark to where nothing was read up to.
func (d *desk) passOver(group graph.Addr, member string, to time.Time) error {
	if err := d.tx.SetWatermark(group, member, to, ""); err != nil {
		return err
	}
	return d.tx.LeaveOut(group, member, to)
}

// endRun writes the end of a run and lets the next of its group begin.
func (d *desk) endRun(r store.Run, state, why string) error {
	r.State, r.EndedAt = state, d.now
	if why != "" {
		r.Message = why
	}
	if err := d.tx.PutRun(r); err != nil {
		return err
	}
	text := words.State(state)
	if why != "" {
		text += ": " + why
	}
	if err := note(d.tx, d.now, r.Key, "", EventEnded, "%s", text); err != nil {
		return err
	}
	return d.step(r.Group, window.Ended{Key: r.Key})
}

// stopRun makes an open run end as soon as it can.
func (d *desk) stopRun(key, why string) error {
	r, err := d.run(key)
	if err != nil {
		return err
	}
	switch {
	case store.Ended(r.State) || r.State == store.Stopping:
		return nil
	case r.State == store.Running || r.State == store.Finalizing:
		r.State, r.Message = store.Stopping, why
		if err := d.tx.PutRun(r); err != nil {
			return err
		}
		return note(d.tx, d.now, key, "", EventStopping, "%s", why)
	case r.Attempt > 1: // it did begin once, and can be tried again
		return d.endRun(r, store.Stopped, why)
	default:
		return d.endRun(r, store.Canceled, why)
	}
}
