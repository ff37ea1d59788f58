package runtime_test

import (
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// A group waits for another one as its `after` says: at either gate, whether that
// one succeeds or not, and then goes on without it or does not.
func TestAfterIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		gate, onMissing, upstream string
		early, end                []string
		state                     string
	}{
		"start, in time": {
			graph.GateStart, graph.OnMissingStop, "./ok.sh",
			[]string{"after.lake succeeded", "orders landed", "process.mark succeeded"},
			[]string{"after.lake succeeded", "orders landed", "process.mark succeeded"}, store.Succeeded,
		},
		"start, stop": {
			graph.GateStart, graph.OnMissingStop, "./no.sh",
			[]string{"after.lake waiting", "orders pending", "process.mark pending"},
			[]string{"after.lake missing", "orders skipped", "process.mark skipped"}, store.Failed,
		},
		"start, continue": {
			graph.GateStart, graph.OnMissingContinue, "./no.sh",
			[]string{"after.lake waiting", "orders pending", "process.mark pending"},
			[]string{"after.lake missing", "orders landed", "process.mark succeeded"}, store.SucceededWithWarnings,
		},
		"downstream, in time": {
			graph.GateDownstream, graph.OnMissingStop, "./ok.sh",
			[]string{"after.lake succeeded", "orders landed", "process.mark succeeded"},
			[]string{"after.lake succeeded", "orders landed", "process.mark succeeded"}, store.Succeeded,
		},
		"downstream, stop": {
			graph.GateDownstream, graph.OnMissingStop, "./no.sh",
			[]string{"after.lake waiting", "orders landed", "process.mark pending"},
			[]string{"after.lake missing", "orders landed", "process.mark skipped"}, store.Failed,
		},
		"downstream, continue": {
			graph.GateDownstream, graph.OnMissingContinue, "./no.sh",
			[]string{"after.lake waiting", "orders landed", "process.mark pending"},
			[]string{"after.lake missing", "orders landed", "process.mark succeeded"}, store.SucceededWithWarnings,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.drop("drop/orders-2000-01-01.csv", "1")
				w.drop("ok.sh", "#!/bin/sh\nexit 0\n")
				w.drop("no.sh", "#!/bin/sh\nexit 1\n")
				w.deploy(orders(func(g *graph.Graph) {
					lake := g.Groups[0]
					lake.Addr, lake.Schedule, lake.Members, lake.Bridges = "courier_group.lake", "0 12 * * *", nil, []graph.Addr{"bridge.lake"}
					g.Bridges = []graph.Step{program("bridge.lake", test.upstream)}
					g.Processes = []graph.Step{program("process.mark", "./ok.sh")}
					g.Groups[0].Processes = []graph.Addr{"process.mark"}
					g.Groups[0].After = []graph.After{{Name: "lake", Group: lake.Addr, Wait: hours(2), OnMissing: test.onMissing, Gate: test.gate}}
					g.Groups = append(g.Groups, lake)
				}))
				defer w.serve()()
				w.sleepUntil("2000-01-01T13:30:00Z")
				run := "courier_group.daily@2000-01-01T13:00:00Z"
				w.same("before the deadline", test.early, tasks(w.detail(run)))
				w.sleepUntil("2000-01-01T15:00:05Z")
				d := w.detail(run)
				w.same("after it", test.end, tasks(d))
				w.same("state", test.state, d.Run.State)
			})
		})
	}
}

// SLA and runtime_alert are each told once: the SLA goes from the tick, after a
// downtime from the first tick that was missed, and a run's length from its begin.
// past_day_only leaves out what is older, and says so.
func TestThePoliciesOfTimeAreKept(t *testing.T) {
	half, two := graph.Duration(30*time.Minute), graph.Duration(2*time.Hour)
	for name, test := range map[string]struct {
		overlap string
		script  []moment
		change  func(*graph.Group)
		want    []string // of the runs until 06:00, each with what was told of it
	}{
		"none": {overlap: graph.BufferOne, change: func(*graph.Group) {}},
		"sla from the tick": {
			overlap: graph.BufferAll, change: func(g *graph.Group) { g.SLA = two },
			want: []string{"01:00 sla_missed 03:00", "02:00 sla_missed 04:00", "03:00 sla_missed 05:40"},
		},
		"sla from the tick that replaced another": {
			overlap: graph.BufferOne, change: func(g *graph.Group) { g.SLA = two },
			want: []string{"01:00 sla_missed 03:00", "03:00 sla_missed 05:00"},
		},
		"length from the begin": {
			overlap: graph.BufferAll, change: func(g *graph.Group) { g.RuntimeAlert = half },
			want: []string{"01:00 slow 01:30", "02:00 slow 03:50"},
		},
		"both, after a downtime": {
			overlap: graph.BufferOne, script: []moment{{"01:10", "stop"}, {"05:10", "start"}},
			change: func(g *graph.Group) { g.SLA, g.RuntimeAlert = two, half },
			// At 05:10 the ticks since 02:00 are taken as one.
			want: []string{"01:00 slow 05:10", "01:00 sla_missed 05:10", "05:00 sla_missed 05:10", "05:00 slow 05:40"},
		},
		"past_day_only, nothing is old": {overlap: graph.BufferOne, change: func(g *graph.Group) { g.PastDayOnly = true }},
		"past_day_only": {
			overlap: graph.BufferOne,
			change: func(g *graph.Group) {
				from := time.Date(1999, 12, 28, 0, 0, 0, 0, time.UTC)
				g.PastDayOnly, g.StartFrom = true, &from
			},
			want: []string{"01:00 dropped past_day_only leaves out 1999-12-28T00:00:00Z to 1999-12-31T01:00:00Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.drop("drop/other", "x")
				g := underPolicies(test.overlap, graph.Coalesce)
				test.change(&g.Groups[0])
				w.deploy(g)
				stop := w.serve()
				for _, m := range test.script {
					w.sleepUntil("2000-01-01T" + m.at + ":00Z")
					switch m.what {
					case "stop":
						stop()
					case "start":
						stop = w.serve()
					}
				}
				w.sleepUntil("2000-01-01T06:00:30Z")
				stop()
				w.same("told", test.want, w.toldOfTime())
			})
		})
	}
}

// toldOfTime is what was told of the runs of the daily group for the time they took
// and the time they left out.
func (w *world) toldOfTime() []string {
	w.Helper()
	runs, err := w.runtime.Runs(w.ctx, store.RunFilter{Group: daily})
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	for _, r := range slices.Backward(runs) {
		for _, e := range w.detail(r.Key).Events {
			line := r.ScheduledAt.Format("15:04 ") + e.Type
			switch e.Type {
			case runtime.EventSlow, runtime.EventSLAMissed:
				all = append(all, line+e.At.Format(" 15:04"))
			case runtime.EventDropped:
				all = append(all, line+" "+e.Message)
			}
		}
	}
	return all
}
