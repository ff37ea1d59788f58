package runtime_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// The first watermark is written when the first tick is taken. Were it written
// when a run begins, the period of a tick that coalesces before that would be
// read by nobody.
func TestAFirstTickThatCoalescesIsRead(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "of no hour")
		w.deploy(orders(hourly))
		stop := w.serve()
		if _, err := w.runtime.Send(w.ctx, store.Command{Verb: store.VerbRun, Group: daily, Args: []byte(`{"date":"2000-01-09"}`), Token: "long"}); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T02:10:00Z") // both ticks fell due during the ad hoc run
		w.drop("drop/orders-2000-01-01-00.csv", "1")
		w.drop("drop/orders-2000-01-01-01.csv", "2")
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{Run: "courier_group.daily@long"}); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T02:20:00Z")
		stop()
		w.same("runs", []string{"long stopped", "2000-01-01T01:00:00Z skipped", "2000-01-01T02:00:00Z succeeded", "2000-01-01T03:00:00Z scheduled"}, w.states())
		w.same("files landed", 2, len(w.landed()))
	})
}

// hourly makes the group run every hour, for an hourly file it waits for three
// hours for.
func hourly(g *graph.Graph) {
	g.Couriers[0].Files[0].Pattern = "orders-{yyyy}-{MM}-{dd}-{HH}.csv"
	g.Groups[0].Schedule, g.Groups[0].Members[0].Wait = "0 * * * *", hours(3)
}

// "Seen" begins at the watermark, which past_day_only does not move.
func TestByArrivalBeginsAtTheWatermark(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/old.csv", "long before")
		w.drop("drop/new.csv", "after start_from, and more than a day ago")
		at := instant(t, "1999-12-29T00:00:00Z")
		if err := os.Chtimes(filepath.Join(w.dir, "drop", "new.csv"), at, at); err != nil {
			t.Fatal(err)
		}
		from := instant(t, "1999-12-20T00:00:00Z")
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Files[0].Pattern = "*.csv"
			g.Groups[0].PastDayOnly, g.Groups[0].StartFrom = true, &from
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:00:05Z")
		stop()
		w.same("landed", []string{"daily/orders/courier_group.daily@2000-01-01T13%3A00%3A00Z/orders/new.csv"}, w.landed())
	})
}

func TestAdvanceWhilePausedIsNotForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].MaxRange = hours(30); g.Groups[0].Members[0].Wait = 0 }))
		stop := w.serve()
		w.sleepUntil("2000-01-03T13:00:05Z")
		w.same("blocked", "2000-01-03T13:00:00Z blocked", w.states()[2])
		w.drop("drop/orders-2000-01-03.csv", "3")
		w.must(store.VerbPause, nil)
		w.must(store.VerbAdvance, runtime.AdvanceArgs{To: "2000-01-02T13:00:00Z", Reason: "the partner lost it"})
		w.sleepUntil("2000-01-03T14:00:00Z")
		w.same("held by the pause", "2000-01-03T13:00:00Z waiting", w.states()[2])
		w.must(store.VerbResume, nil)
		w.sleepUntil("2000-01-03T14:02:00Z")
		stop()
		w.same("resumed", "2000-01-03T13:00:00Z succeeded", w.states()[2])
	})
}

// must carries a command out.
func (w *world) must(verb string, args any) store.Command {
	w.Helper()
	c, err := w.do(verb, daily, args)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// A tick that waited when the group was paused begins when it is resumed, not
// a period later.
func TestResumeBeginsWhatWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "of no hour")
		w.deploy(orders(hourly, func(g *graph.Graph) { g.Groups[0].Members[0].Wait = hours(1) + hours(1)/6 }))
		stop := w.serve()
		w.sleepUntil("2000-01-01T02:05:00Z") // the second tick waits for the first run
		w.must(store.VerbPause, nil)
		w.sleepUntil("2000-01-01T02:30:00Z")
		w.same("held", "2000-01-01T02:00:00Z waiting", w.states()[1])
		w.must(store.VerbResume, nil)
		w.sleepUntil("2000-01-01T02:32:00Z")
		w.same("resumed", "2000-01-01T02:00:00Z running", w.states()[1])
		stop()
	})
}

// What a backfill works off leads to the backfill, and not round in a circle.
func TestABlockedRunGoesIntoTheBackfill(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "before the range")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].MaxRange = hours(30); g.Groups[0].Members[0].Wait = 0 }))
		stop := w.serve()
		w.sleepUntil("2000-01-03T13:00:05Z")
		w.same("blocked", "2000-01-02T13:00:00Z blocked", w.states()[1])
		w.must(store.VerbBackfill, runtime.BackfillArgs{From: "1999-12-28"})
		w.same("older data has nothing to do with it", store.Blocked, w.detail("courier_group.daily@2000-01-02T13:00:00Z").Run.State)
		for _, day := range []string{"01", "02", "03"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		c := w.must(store.VerbBackfill, runtime.BackfillArgs{})
		stop()
		w.same("blocked run", c.Run, w.detail("courier_group.daily@2000-01-02T13:00:00Z").Run.Into)
		w.same("a later tick", "courier_group.daily@2000-01-02T13:00:00Z", w.detail("courier_group.daily@2000-01-03T13:00:00Z").Run.Into)
		w.same("backfill", store.Succeeded, w.detail(c.Run).Run.State)
	})
}

// A file that is another one at each look and each read is missing at the
// deadline: files below /proc say that they are empty and are not.
func TestAFileThatNeverStandsStillIsMissing(t *testing.T) {
	if _, err := os.Stat("/proc/sys/fs/inotify/max_user_watches"); err != nil {
		return // only Linux has such a folder
	}
	inWorld(t, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Filedrop.URL = graph.Text("/proc/sys/fs/inotify")
			g.Couriers[0].Files[0].Pattern = "max_user_watches"
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:10:00Z")
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("tasks", []string{"orders missing"}, tasks(d))
		w.same("state", store.Failed, d.Run.State)
		if !strings.Contains(d.Tasks[0].Message, "max_user_watches (still changing)") {
			t.Errorf("the message does not say which file is why: %s", d.Tasks[0].Message)
		}
		if n := len(d.Events); n > 400 { // a wait of an hour
			t.Errorf("%d events", n)
		}
		w.same("waited", true, !d.Run.EndedAt.Before(d.Run.ScheduledAt.Add(time.Hour)))
		stop()
	})
}

// A retry looks again for what was missing under on_missing = "continue": the
// watermark has passed it, and nobody has landed it.
func TestARetryLooksAgainForWhatWasMissing(t *testing.T) {
	for name, comes := range map[string]bool{"and it came": true, "and it did not come": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.drop("drop/orders-1999-12-31.csv", "before the range")
				w.drop("mark.sh", "#!/bin/sh\ntest -f works\n")
				w.deploy(orders(withProcess("./mark.sh"), func(g *graph.Graph) {
					g.Groups[0].Members[0].OnMissing, g.Groups[0].Members[0].Wait = graph.OnMissingContinue, 0
					g.Processes[0].Retry.Attempts = 1
				}))
				stop := w.serve()
				w.sleepUntil("2000-01-01T13:00:05Z")
				key := "courier_group.daily@2000-01-01T13:00:00Z"
				w.same("first", []string{"orders missing", "process.mark failed"}, tasks(w.detail(key)))
				w.drop("works", "")
				want, state, files := "orders missing", store.SucceededWithWarnings, 0
				if comes {
					w.drop("drop/orders-2000-01-01.csv", "late")
					want, state, files = "orders landed", store.Succeeded, 1
				}
				w.must(store.VerbRetry, runtime.RetryArgs{Run: key})
				stop()
				w.same("again", []string{want, "process.mark succeeded"}, tasks(w.detail(key)))
				w.same("state", state, w.detail(key).Run.State)
				w.same("files landed", files, len(w.landed()))
				w.same("watermark", "2000-01-01T13:00:00Z", w.watermark())
			})
		})
	}
}

// What is backfilled of a courier that has not run ends where its first
// scheduled run begins.
func TestABackfillBeforeTheFirstRunEndsWhereThatBegins(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-29.csv", "29")
		w.drop("drop/orders-1999-12-30.csv", "30")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Members[0].Offset = graph.Offset{Days: 1} }))
		c := w.must(store.VerbBackfill, runtime.BackfillArgs{Courier: "orders", From: "1999-12-29"})
		w.same("last piece", "1999-12-30T13:00:00Z", w.detail(c.Run).Tasks[0].RangeEnd.Format(time.RFC3339))
		w.same("state", store.Succeeded, w.detail(c.Run).Run.State)
	})
}
