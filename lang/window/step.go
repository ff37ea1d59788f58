package window

import (
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Step says what an event does to the runs of a group: the state after it, and
// what has to be carried out for it. It does not touch the state it is given, and
// gives equal answers to equal arguments.
//
// It keeps three promises. At most one run of a group is under way. Every tick of
// an active group that falls due is taken or skipped, once, with a reason. While
// the group is active there is exactly one expected row: that of the next tick, or
// of a due one that nobody has taken yet.
//
// A nil Calendar is a group that is not there any more.
func (c *Calendar) Step(s State, e Event) (State, []Decision) {
	st := &step{calendar: c, state: s}
	st.state.Open = slices.Clone(s.Open)
	switch e := e.(type) {
	case Deployed:
		st.deploy(e.Now)
	case Due:
		st.due(e.Now)
	case Asked:
		st.ask(e.Key)
	case Ended:
		st.state.Open = slices.DeleteFunc(st.state.Open, func(o Open) bool { return o.Key == e.Key })
	case Blocked:
		st.block(e.Key)
	case Unblocked:
		if o := st.find(e.Key); o != nil && o.Status == StatusBlocked {
			o.Status = StatusQueued
		}
	case Paused:
		st.state.Paused = true
	case Resumed:
		st.state.Paused = false
		st.due(e.Now)
	}
	if _, deployed := e.(Deployed); !deployed {
		st.start()
	}
	return st.state, st.decisions
}

// step is one Step under way.
type step struct {
	calendar  *Calendar
	state     State
	decisions []Decision
}

func (st *step) decide(d Decision) { st.decisions = append(st.decisions, d) }

func (st *step) find(key string) *Open {
	i := slices.IndexFunc(st.state.Open, func(o Open) bool { return o.Key == key })
	if i < 0 {
		return nil
	}
	return &st.state.Open[i]
}

// first is the earliest open run for which ok holds.
func (st *step) first(ok func(Open) bool) *Open {
	i := slices.IndexFunc(st.state.Open, ok)
	if i < 0 {
		return nil
	}
	return &st.state.Open[i]
}

func underWay(o Open) bool { return o.Status == StatusRunning || o.Status == StatusStopping }

// blocked is the run of a tick into which all later ticks go. An ad hoc run cannot
// stand for them, since it leaves the watermarks alone.
func blocked(o Open) bool { return o.Status == StatusBlocked && !o.Asked }

// ofTick is a run that a tick has, and that has not ended, retries and the pieces of
// a backfill too. What it reads, or is to be read again where it fails, lies before
// what later ticks read: nothing can be passed over without it.
func ofTick(o Open) bool { return !o.Tick.IsZero() }

// deploy derives the row of the next tick anew. One that is due stays: the tick
// was announced, and whoever was to take it is only late.
func (st *step) deploy(now time.Time) {
	old := st.state.Expected
	due := !old.IsZero() && !old.After(now)
	if !st.calendar.ticking() {
		st.retire(old, due)
		return
	}
	if !due {
		st.expect(later(now, st.state.Last))
	}
}

// retire ends what a group that has stopped ticking has not begun. What was asked
// for stays.
func (st *step) retire(expected time.Time, due bool) {
	const why = "the group is not active any more"
	switch {
	case due && st.calendar != nil:
		st.skip(st.calendar.firing(expected), "", why)
	case !expected.IsZero():
		st.decide(Unexpect{At: expected})
	}
	st.state.Expected = time.Time{}
	st.drop(waiting, "", why)
}

// expect writes the row of the first tick after an instant.
func (st *step) expect(after time.Time) {
	old := st.state.Expected
	f, ok := st.calendar.schedule.Next(after)
	if ok && f.Instant.Equal(old) {
		return
	}
	if !old.IsZero() {
		st.decide(Unexpect{At: old})
	}
	st.state.Expected = time.Time{}
	if ok {
		st.state.Expected = f.Instant
		st.decide(Expect{Firing: f})
	}
}

// due takes the expected tick and those after it, once they are due.
func (st *step) due(now time.Time) {
	expected := st.state.Expected
	if st.state.Paused || !st.calendar.ticking() || expected.IsZero() || expected.After(now) {
		return
	}
	ticks := []cron.Firing{st.calendar.firing(expected)}
	for f := range st.calendar.schedule.Between(expected, now) {
		ticks = append(ticks, f)
	}
	st.state.Expected = time.Time{} // the row is used up, taken or skipped
	if b := st.first(blocked); b != nil {
		for _, f := range ticks {
			st.skip(f, b.Key, coalesced(b.Key))
		}
	} else {
		st.catchUp(ticks)
	}
	st.expect(later(now, st.state.Last))
}

// catchUp decides about ticks, of which all but the newest were in time for nobody.
func (st *step) catchUp(ticks []cron.Firing) {
	older, newest := ticks[:len(ticks)-1], ticks[len(ticks)-1]
	switch {
	case len(older) == 0:
		st.overlap(newest, newest.Instant)
	case st.calendar.group.CatchUp == graph.Each:
		for _, f := range ticks {
			st.take(f, f.Instant, true)
		}
	case st.calendar.group.CatchUp == graph.SkipCatchUp:
		for _, f := range older {
			st.skip(f, "", "missed, and catch_up is skip")
		}
		if st.first(ofTick) == nil {
			st.decide(Advance{Through: older[len(older)-1].Instant})
		}
		st.overlap(newest, newest.Instant)
	default:
		into, why := st.calendar.key(newest.Instant), coalesced(st.calendar.key(newest.Instant))
		if reason := st.refusal(); reason != "" {
			into, why = "", reason
		}
		for _, f := range older {
			st.skip(f, into, why)
		}
		st.overlap(newest, older[0].Instant)
	}
}
