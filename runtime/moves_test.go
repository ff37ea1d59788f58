package runtime_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestMovesOfOperators has each change of state made that only an operator brings
// about, under the eyes of the guard of the world.
func TestMovesOfOperators(t *testing.T) {
	t.Parallel()
	held := func(w *world) string {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("send.sh", "#!/bin/sh\ntest -f known || exec sleep 1000\n")
		w.deploy(orders(func(g *graph.Graph) {
			send := program("activation.campaign.send", "./send.sh")
			send.OnUnknown, send.Timeout = graph.OnUnknownHold, hours(1)/3600
			g.Activations, g.Groups[0].Activations = []graph.Step{send}, []graph.Addr{send.Addr}
		}))
		run := w.mustRun(runtime.RunArgs{Date: shipped}).Run.Key
		w.same("tasks", []string{"activation.campaign.send held", "orders landed"}, tasks(w.detail(run)))
		return run
	}
	for _, test := range []struct {
		move  string
		world func(*testing.T, func(*world))
		make  func(w *world)
	}{
		{"run: waiting to canceled", inWorld, func(w *world) {
			w.drop("drop/x", "")
			w.deploy(orders())
			stop := w.serve()
			w.send(store.VerbRun, runtime.RunArgs{Date: "2000-01-05"})
			w.send(store.VerbRun, runtime.RunArgs{Date: "2000-01-06"})
			w.sleepUntil("2000-01-01T00:10:00Z")
			w.send(store.VerbStop, struct{}{})
			w.sleepUntil("2000-01-01T00:20:00Z")
			stop()
		}},
		{"run: blocked to canceled", inWorld, func(w *world) {
			w.drop("drop/x", "")
			w.deploy(orders(func(g *graph.Graph) {
				start := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
				g.Groups[0].StartFrom = &start
			}))
			w.until("2000-01-01T13:10:00Z", false)
			w.same("runs", []string{"2000-01-01T13:00:00Z blocked", "2000-01-02T13:00:00Z scheduled"}, w.states())
			w.mustDo(store.VerbStop, runtime.StopArgs{Run: firstTick})
		}},
		{"task: running to skipped", inWorld, func(w *world) {
			w.drop("fetch.sh", "#!/bin/sh\nexit 1\n")
			w.deploy(orders(func(g *graph.Graph) {
				g.Couriers[0].Filedrop, g.Couriers[0].Files = nil, nil
				g.Couriers[0].Exec = &graph.Exec{Command: []graph.Value{graph.Text("./fetch.sh")}}
				g.Couriers[0].Retry.Backoff = hours(1)
			}))
			stop := w.serve()
			w.sleepUntil("2000-01-01T13:10:00Z")
			w.send(store.VerbSkip, runtime.SkipArgs{Run: firstTick, Task: "orders", Reason: "it is down"})
			w.sleepUntil("2000-01-01T13:20:00Z")
			stop()
		}},
		{"task: missing to skipped", inWorld, func(w *world) {
			w.drop("drop/x", "")
			w.deploy(orders())
			w.until("2000-01-01T15:00:00Z", false)
			w.mustDo(store.VerbSkip, runtime.SkipArgs{Run: firstTick, Task: "orders", Reason: "a holiday there"})
		}},
		{"task: stopped to skipped", inWorld, func(w *world) {
			w.drop("drop/x", "")
			w.deploy(orders())
			stop := w.serve()
			w.sleepUntil("2000-01-01T13:10:00Z")
			w.send(store.VerbStop, struct{}{})
			w.sleepUntil("2000-01-01T13:20:00Z")
			stop()
			w.mustDo(store.VerbSkip, runtime.SkipArgs{Run: firstTick, Task: "orders", Reason: "a holiday there"})
		}},
		{"task: held to pending", inRealTime, func(w *world) {
			run := held(w)
			w.drop("known", "")
			w.mustDo(store.VerbRetry, runtime.RetryArgs{Run: run})
			w.same("tasks", []string{"activation.campaign.send succeeded", "orders landed"}, tasks(w.detail(run)))
		}},
		{"task: held to skipped", inRealTime, func(w *world) {
			run := held(w)
			w.deploy(orders())
			w.mustDo(store.VerbRestart, runtime.RestartArgs{Run: run})
			w.same("tasks", []string{"activation.campaign.send skipped", "orders landed"}, tasks(w.detail(run)))
		}},
	} {
		t.Run(test.move, func(t *testing.T) {
			test.world(t, func(w *world) {
				test.make(w)
				if made := w.guard.verdict(t); made[test.move] == 0 {
					t.Errorf("it was not made, but %v", made)
				}
			})
		})
	}
}
