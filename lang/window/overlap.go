package window

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// overlap decides about the newest due tick, with regard to runs that are open.
// Since is the earliest tick it stands for.
func (st *step) overlap(f cron.Firing, since time.Time) {
	if why := st.refusal(); why != "" {
		st.skip(f, "", why)
		return
	}
	if st.calendar.group.Overlap != graph.BufferAll {
		st.coalesce(st.calendar.key(f.Instant), replaceable)
	}
	if st.calendar.group.Overlap == graph.CancelOther {
		if o := st.first(func(o Open) bool { return o.Status == StatusRunning && !o.Keep }); o != nil {
			o.Status = StatusStopping
			st.decide(Cancel{Key: o.Key})
		}
	}
	st.take(f, since, false)
}

// refusal is why overlap = "skip" lets no tick in now, "" where one may.
func (st *step) refusal() string {
	if st.calendar.group.Overlap != graph.SkipOverlap {
		return ""
	}
	o := st.first(func(o Open) bool { return o.Status != StatusBlocked })
	if o == nil {
		return ""
	}
	return fmt.Sprintf("%s has not ended, and overlap is skip", o.Key)
}

// replaceable are the waiting ticks that a newer tick stands in for.
func replaceable(o Open) bool { return o.Status == StatusQueued && !o.Keep && !o.Asked }

// waiting are all ticks that are taken and not begun.
func waiting(o Open) bool { return o.Status == StatusQueued && !o.Asked }

// coalesce ends waiting runs in favour of another.
func (st *step) coalesce(into string, which func(Open) bool) {
	st.drop(which, into, coalesced(into))
}

// drop ends open runs that have not begun.
func (st *step) drop(which func(Open) bool, into, why string) {
	st.state.Open = slices.DeleteFunc(st.state.Open, func(o Open) bool {
		if o.Key == into || !which(o) {
			return false
		}
		st.decide(Skip{Firing: st.calendar.firing(o.Tick), Key: o.Key, Into: into, Why: why})
		return true
	})
}

func coalesced(into string) string { return "coalesced into " + into }

func (st *step) take(f cron.Firing, since time.Time, keep bool) {
	key := st.calendar.key(f.Instant)
	st.state.Open = append(st.state.Open, Open{Key: key, Tick: f.Instant, Status: StatusQueued, Keep: keep})
	st.state.Last = later(st.state.Last, f.Instant)
	st.decide(Take{Firing: f, Key: key, Keep: keep, Since: since})
}

func (st *step) skip(f cron.Firing, into, why string) {
	st.state.Last = later(st.state.Last, f.Instant)
	st.decide(Skip{Firing: f, Key: st.calendar.key(f.Instant), Into: into, Why: why})
}

func (st *step) ask(key string) {
	if st.find(key) == nil {
		st.state.Open = append(st.state.Open, Open{Key: key, Status: StatusQueued, Keep: true, Asked: true})
	}
}

// block sets a run aside, so that it holds up nothing that was asked for. The
// ticks that wait coalesce into it, as do all later ones.
func (st *step) block(key string) {
	o := st.find(key)
	if o == nil {
		return
	}
	o.Status = StatusBlocked
	if !o.Asked {
		st.coalesce(key, waiting)
	}
}

// start begins the run that has waited longest, where none is under way. A pause
// holds ticks back, and nothing that was asked for.
func (st *step) start() {
	if st.first(underWay) != nil {
		return
	}
	o := st.first(func(o Open) bool {
		return o.Status == StatusQueued && (o.Asked || !st.state.Paused)
	})
	if o != nil {
		o.Status = StatusRunning
		st.decide(Start{Key: o.Key})
	}
}
