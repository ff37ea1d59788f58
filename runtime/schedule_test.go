package runtime_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func TestScheduledRunsReadFromTickToTick(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.drop("drop/orders-2000-01-02.csv", "2")
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-02T13:00:05Z")
		stop()
		w.same("runs", []string{
			"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z succeeded", "2000-01-03T13:00:00Z scheduled",
		}, w.states())
		d := w.detail("courier_group.daily@2000-01-02T13:00:00Z")
		w.same("range", "2000-01-01T13:00:00Z 2000-01-02T13:00:00Z",
			d.Tasks[0].RangeStart.Format("2006-01-02T15:04:05Z07:00 ")+d.Tasks[0].RangeEnd.Format("2006-01-02T15:04:05Z07:00"))
		w.same("landed", []string{
			"daily/orders/courier_group.daily@2000-01-01T13%3A00%3A00Z/orders/orders-2000-01-01.csv",
			"daily/orders/courier_group.daily@2000-01-02T13%3A00%3A00Z/orders/orders-2000-01-02.csv",
		}, w.landed())
	})
}

func TestALateFileIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "yesterday's")
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:30:00Z")
		w.same("while it waits", []string{"orders waiting"}, tasks(w.detail("courier_group.daily@2000-01-01T13:00:00Z")))
		w.drop("drop/orders-2000-01-01.csv", "late")
		w.sleepUntil("2000-01-01T13:35:00Z")
		stop()
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.Succeeded, d.Run.State)
		w.same("events", []string{"queued", "started", "task_waiting", "late", "task_started", "task_succeeded", "ended"}, types(d))
	})
}

func TestAMissingFileStopsTheRun(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop2/other-2000-01-01.csv", "x")
		w.drop("mark.sh", "#!/bin/sh\ntouch done\n")
		w.deploy(orders(withProcess("./mark.sh")))
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:00:01Z")
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.Failed, d.Run.State)
		w.same("tasks", []string{"orders failed", "process.mark skipped"}, tasks(d)) // a folder that is not there is a source error
		w.drop("drop/orders-1999-01-01.csv", "the folder is there now")
		w.sleepUntil("2000-01-02T13:59:59Z")
		w.same("before the deadline", []string{"orders waiting", "process.mark pending"}, tasks(w.detail("courier_group.daily@2000-01-02T13:00:00Z")))
		w.sleepUntil("2000-01-02T14:00:01Z")
		d = w.detail("courier_group.daily@2000-01-02T13:00:00Z")
		w.same("at the deadline", []string{"orders missing", "process.mark skipped"}, tasks(d))
		w.same("state", store.Failed, d.Run.State)
		w.same("the next run covers both days", "1999-12-31T13:00:00Z", w.watermark())
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.drop("drop/orders-2000-01-02.csv", "2")
		w.drop("drop/orders-2000-01-03.csv", "3")
		w.sleepUntil("2000-01-03T13:00:05Z")
		stop()
		w.same("tasks", []string{"orders landed", "process.mark succeeded"}, tasks(w.detail("courier_group.daily@2000-01-03T13:00:00Z")))
		w.same("files landed", 3, len(w.landed()))
		w.same("watermark", "2000-01-03T13:00:00Z", w.watermark())
	})
}

func TestAMissingFileUnderContinue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "before the range")
		w.drop("mark.sh", "#!/bin/sh\ntouch done\n")
		w.deploy(orders(withProcess("./mark.sh"), func(g *graph.Graph) {
			g.Groups[0].Members[0].OnMissing = graph.OnMissingContinue
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:00:05Z")
		stop()
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.SucceededWithWarnings, d.Run.State)
		w.same("tasks", []string{"orders missing", "process.mark succeeded"}, tasks(d))
		w.same("watermark", "2000-01-01T13:00:00Z", w.watermark())
	})
}

func TestAnOptionalFileIsOnlyWarnedOf(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Files = append(g.Couriers[0].Files, graph.File{
				Name: "returns", Pattern: "returns-{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach, Optional: true,
			})
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:00:05Z")
		stop()
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.SucceededWithWarnings, d.Run.State)
		w.same("message", "landed 1 file, 1 B; 1 optional file missing", d.Tasks[0].Message)
	})
}

func TestMissedTicksCoalesce(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, day := range []string{"01", "02", "03"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		w.deploy(orders())
		w.sleepUntil("2000-01-03T18:00:00Z") // nobody serves
		stop := w.serve()
		w.sleepUntil("2000-01-03T18:00:05Z")
		stop()
		w.same("runs", []string{
			"2000-01-01T13:00:00Z skipped", "2000-01-02T13:00:00Z skipped",
			"2000-01-03T13:00:00Z succeeded", "2000-01-04T13:00:00Z scheduled",
		}, w.states())
		w.same("files landed", 3, len(w.landed()))
		w.same("into", "courier_group.daily@2000-01-03T13:00:00Z", w.detail("courier_group.daily@2000-01-01T13:00:00Z").Run.Into)
	})
}

func TestAPausedGroupTakesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.drop("drop/orders-2000-01-02.csv", "2")
		w.deploy(orders())
		stop := w.serve()
		if _, err := w.do(store.VerbPause, daily, nil); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-02T15:00:00Z")
		w.same("while paused", []string{"2000-01-01T13:00:00Z scheduled"}, w.states())
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Description = "another" }))
		w.sleepUntil("2000-01-02T16:00:00Z")
		w.same("a deploy does not lift the pause", []string{"2000-01-01T13:00:00Z scheduled"}, w.states())
		if _, err := w.do(store.VerbResume, daily, nil); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-02T16:00:05Z")
		stop()
		w.same("runs", []string{"2000-01-01T13:00:00Z skipped", "2000-01-02T13:00:00Z succeeded", "2000-01-03T13:00:00Z scheduled"}, w.states())
	})
}

func TestADeployDerivesTheExpectedRunAnew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders())
		w.same("first", []string{"2000-01-01T13:00:00Z scheduled"}, w.states())
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Schedule = "0 6 * * *" }))
		w.same("another schedule", []string{"2000-01-01T06:00:00Z scheduled"}, w.states())
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Active = false }))
		w.same("inactive", []string(nil), w.states())
		w.deploy(&graph.Graph{FormatVersion: graph.FormatVersion})
		w.same("gone", []string(nil), w.states())
	})
}

func TestARangeTooLongBlocks(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders(func(g *graph.Graph) {
			g.Groups[0].MaxRange = hours(48)
			g.Groups[0].Members[0].Wait = 0
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-05T13:00:05Z") // 2, 3, 4 fail; the range grows
		w.same("runs", []string{
			"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z failed", "2000-01-03T13:00:00Z failed",
			"2000-01-04T13:00:00Z blocked", "2000-01-05T13:00:00Z skipped", "2000-01-06T13:00:00Z scheduled",
		}, w.states())
		for _, day := range []string{"02", "03", "04", "05"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		c, err := w.do(store.VerbBackfill, daily, runtime.BackfillArgs{})
		if err != nil {
			t.Fatal(err)
		}
		w.same("answer", "queued 4 pieces", c.Message)
		w.same("watermark", "2000-01-05T13:00:00Z", w.watermark())
		w.same("files landed", 5, len(w.landed()))
		w.sleepUntil("2000-01-06T13:00:05Z")
		stop()
	})
}

func TestAdvancePassesOver(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].MaxRange = hours(30); g.Groups[0].Members[0].Wait = 0 }))
		stop := w.serve()
		w.sleepUntil("2000-01-03T13:00:05Z")
		w.same("last", "2000-01-03T13:00:00Z blocked", w.states()[2])
		if _, err := w.do(store.VerbAdvance, daily, runtime.AdvanceArgs{To: "2000-01-03T00:00:00Z"}); err == nil {
			t.Error("advance without a reason was not refused")
		}
		w.drop("drop/orders-2000-01-03.csv", "3")
		if _, err := w.do(store.VerbAdvance, daily, runtime.AdvanceArgs{To: "2000-01-02T13:00:00Z", Reason: "the partner lost it"}); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-03T13:00:10Z")
		stop()
		w.same("last", "2000-01-03T13:00:00Z succeeded", w.states()[2])
	})
}

func TestAFileThatComesTooLateIsNamedWithItsCommand(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "before the range")
		w.deploy(orders(func(g *graph.Graph) {
			g.Groups[0].Members[0].OnMissing, g.Groups[0].Members[0].Wait = graph.OnMissingContinue, 0
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T18:00:00Z")
		w.drop("drop/orders-2000-01-01.csv", "five hours late")
		w.drop("drop/orders-2000-01-02.csv", "in time")
		w.sleepUntil("2000-01-03T13:00:05Z")
		w.same("told once", []string{
			"orders-2000-01-01.csv came after its run; `waybill run daily --courier orders --date 2000-01-01` loads it",
		}, w.late(firstTick, message))
		w.same("and not landed", 1, len(w.landed()))
		stop()
		if got := w.mustRun(runtime.RunArgs{Couriers: []string{"orders"}, Date: "2000-01-01"}); got.Run.State != store.Succeeded {
			t.Errorf("the command that the event names ended %s", got.Run.State)
		}
		w.same("the command lands it", 2, len(w.landed()))
	})
}

func TestCatchUpSkipPassesOverWhatWasMissed(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, day := range []string{"01", "02", "03", "04"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].CatchUp = graph.SkipCatchUp }))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:00:05Z")
		stop()
		w.sleepUntil("2000-01-04T18:00:00Z") // nobody serves
		stop = w.serve()
		w.sleepUntil("2000-01-04T18:00:05Z")
		stop()
		w.same("runs", []string{
			"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z skipped", "2000-01-03T13:00:00Z skipped",
			"2000-01-04T13:00:00Z succeeded", "2000-01-05T13:00:00Z scheduled",
		}, w.states())
		w.same("files landed", 2, len(w.landed()))
	})
}

func TestCatchUpEachRunsThemAll(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, day := range []string{"01", "02", "03"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].CatchUp = graph.Each }))
		w.sleepUntil("2000-01-03T18:00:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-03T18:00:05Z")
		stop()
		w.same("runs", []string{
			"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z succeeded", "2000-01-03T13:00:00Z succeeded", "2000-01-04T13:00:00Z scheduled",
		}, w.states())
		w.same("files landed", 3, len(w.landed()))
	})
}

func TestABackfillReportsEveryPiece(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].MaxRange = hours(30); g.Groups[0].Members[0].Wait = 0 }))
		stop := w.serve()
		w.sleepUntil("2000-01-04T13:00:05Z")
		w.drop("drop/orders-2000-01-03.csv", "3")
		w.drop("drop/orders-2000-01-04.csv", "4")
		ended := map[string]string{}
		c, err := w.runtime.Do(w.ctx, store.Command{Verb: store.VerbBackfill, Group: daily, Args: []byte("{}")}, func(e store.Event) {
			if e.Type == runtime.EventEnded {
				ended[e.Run] = e.Message
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		w.same("pieces that were seen to end", 3, len(ended))
		w.same("the last one", store.Failed, w.detail(c.Run).Run.State) // the file of the 2nd is missing in all of them
		stop()
	})
}
