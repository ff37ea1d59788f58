package runtime_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// policyWait is how long each run of the policy tests takes: it waits for a file
// that never comes, and goes on without it. Ticks are an hour apart.
const policyWait = 140 * time.Minute

// moment is something that happens to a server or to a group.
type moment struct {
	at   string // of the first day
	what string // pause, resume, stop, start
}

var policyScripts = map[string][]moment{
	"long runs":              nil,
	"a pause":                {{"02:30", "pause"}, {"05:30", "resume"}},
	"a downtime":             {{"02:30", "stop"}, {"05:30", "start"}},
	"a downtime in a pause":  {{"01:30", "pause"}, {"02:30", "stop"}, {"04:30", "start"}, {"05:30", "resume"}},
	"a pause over a restart": {{"02:30", "stop"}, {"03:30", "start"}, {"03:40", "pause"}, {"06:30", "resume"}},
}

// announced is what becomes of a group's runs by what [window.Calendar.Step] says
// alone.
type announced struct {
	calendar  *window.Calendar
	state     window.State
	runs      map[string]*announcedRun
	watermark time.Time
}

type announcedRun struct {
	tick, ends time.Time
	data       window.Range
	state      string
	into       string
}

func (a *announced) happen(now time.Time, e window.Event) {
	state, decisions := a.calendar.Step(a.state, e)
	a.state = state
	var over []string
	for _, decision := range decisions {
		switch x := decision.(type) {
		case window.Take:
			a.runs[x.Key] = &announcedRun{tick: x.Firing.Instant, state: store.Waiting}
		case window.Skip:
			a.runs[x.Key] = &announcedRun{tick: x.Firing.Instant, state: store.Skipped, into: x.Into}
		case window.Advance:
			if x.Through.After(a.watermark) {
				a.watermark = x.Through
			}
		case window.Cancel:
			a.runs[x.Key].state, a.runs[x.Key].ends = store.Stopped, time.Time{}
			over = append(over, x.Key)
		case window.Start:
			r := a.runs[x.Key]
			if a.watermark.IsZero() {
				a.watermark = r.tick.Add(-time.Hour)
			}
			if !r.tick.After(a.watermark) { // catch_up = "skip" has passed its data over
				r.state = store.Succeeded
				over = append(over, x.Key)
				continue
			}
			r.state, r.data = store.Running, window.Range{Start: a.watermark, End: r.tick}
			r.ends = window.Deadline(graph.Duration(policyWait), r.tick, now)
		}
	}
	for _, key := range over {
		a.happen(now, window.Ended{Key: key})
	}
}

// end ends the run whose wait is over by now, if there is one.
func (a *announced) end(now time.Time) bool {
	for key, r := range a.runs {
		if r.state == store.Running && !r.ends.After(now) {
			r.state = store.SucceededWithWarnings
			if r.data.End.After(a.watermark) {
				a.watermark = r.data.End
			}
			a.happen(now, window.Ended{Key: key})
			return true
		}
	}
	return false
}

// next is when something happens by itself, before an instant.
func (a *announced) next(before time.Time) (time.Time, bool) {
	first := before
	if !a.state.Paused && !a.state.Expected.IsZero() && a.state.Expected.Before(first) {
		first = a.state.Expected
	}
	for _, r := range a.runs {
		if r.state == store.Running && r.ends.Before(first) {
			first = r.ends
		}
	}
	return first, first.Before(before)
}

func (a *announced) list() []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(a.runs)) {
		all = append(all, a.runs[key].line())
	}
	return all
}

func (r *announcedRun) line() string {
	line := r.tick.UTC().Format("15:04 ") + r.state
	if r.into != "" {
		line += " into " + r.into[strings.IndexByte(r.into, '@')+1:]
	}
	if !r.data.Empty() {
		line += fmt.Sprintf(" [%s, %s)", r.data.Start.UTC().Format("02 15:04"), r.data.End.UTC().Format("15:04"))
	}
	return line
}

// underPolicies is a group with a tick each hour, whose runs take longer than that.
func underPolicies(overlap, catchUp string) *graph.Graph {
	return orders(func(g *graph.Graph) {
		g.Couriers[0].PollEvery = hours(10)
		g.Groups[0].Schedule, g.Groups[0].Overlap, g.Groups[0].CatchUp = "0 * * * *", overlap, catchUp
		g.Groups[0].Members[0].Wait, g.Groups[0].Members[0].OnMissing = graph.Duration(policyWait), graph.OnMissingContinue
		g.Couriers[0].Files[0].Pattern = "orders-{yyyy}-{MM}-{dd}-{HH}.csv"
	})
}

// The runtime does what package window says, for every way of treating ticks that
// fall due during a run and those that nothing could take, through pauses and
// while nobody serves.
func TestThePoliciesAreKept(t *testing.T) {
	n := 0
	for _, name := range slices.Sorted(maps.Keys(policyScripts)) {
		for _, overlap := range []string{graph.BufferOne, graph.BufferAll, graph.SkipOverlap, graph.CancelOther} {
			for _, catchUp := range []string{graph.Coalesce, graph.Each, graph.SkipCatchUp} {
				if n++; n%policyEvery > 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s, %s, %s", name, overlap, catchUp), func(t *testing.T) {
					inWorld(t, func(w *world) { w.keepsPolicy(underPolicies(overlap, catchUp), policyScripts[name]) })
				})
			}
		}
	}
}

func (w *world) keepsPolicy(g *graph.Graph, script []moment) {
	w.Helper()
	w.drop("drop/other", "x")
	w.deploy(g)
	calendar, err := window.NewCalendar(&g.Groups[0])
	if err != nil {
		w.Fatal(err)
	}
	a := &announced{calendar: calendar, runs: map[string]*announcedRun{}}
	a.happen(time.Now(), window.Deployed{Now: time.Now()})
	stop := w.serve()
	serving := true
	for _, m := range append(script, moment{"07:47", ""}) {
		at := instant(w.T, "2000-01-01T"+m.at+":00Z")
		for serving {
			now, more := a.next(at)
			if !more {
				break
			}
			a.happen(now, window.Due{Now: now})
			for a.end(now) {
			}
		}
		w.sleepUntil(at.Format(time.RFC3339))
		switch m.what {
		case "pause":
			a.happen(at, window.Paused{})
			w.mustDo(store.VerbPause, struct{}{})
		case "resume":
			a.happen(at, window.Resumed{Now: at})
			w.mustDo(store.VerbResume, struct{}{})
		case "stop":
			stop()
			serving = false
		case "start":
			stop = w.serve()
			serving = true
			a.happen(at, window.Due{Now: at})
			for a.end(at) {
			}
		}
	}
	stop()
	w.same("runs", a.list(), w.happened())
}

// happened are the runs of the daily group that were taken or skipped, as
// announced writes them.
func (w *world) happened() []string {
	w.Helper()
	runs, err := w.runtime.Runs(w.ctx, store.RunFilter{Group: daily})
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	for _, r := range slices.Backward(runs) {
		if r.State == store.Scheduled {
			continue
		}
		one := announcedRun{tick: r.ScheduledAt, state: r.State, into: r.Into}
		for _, task := range w.detail(r.Key).Tasks {
			one.data = window.Range{Start: task.RangeStart, End: task.RangeEnd}
		}
		all = append(all, one.line())
	}
	return all
}
