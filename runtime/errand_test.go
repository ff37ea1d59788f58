package runtime_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// refused fails the test unless a command was refused for a reason that names
// something.
func (w *world) refused(err error, names string) {
	w.Helper()
	var no *runtime.RefusedError
	if !errors.As(err, &no) {
		w.Fatalf("the error is %v, want a refusal", err)
	}
	if !strings.Contains(no.Error(), names) {
		w.Errorf("the refusal does not name %q: %s", names, no.Error())
	}
}

// A tick that is due and that nobody takes must not keep an errand awake: in a
// bubble, a loop that never sleeps never ends.
func TestAnErrandSleepsWhileATickIsDue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "yesterday's")
		w.deploy(orders())
		w.sleepUntil("2000-01-01T14:00:00Z")
		d := w.mustRun(runtime.RunArgs{Date: "2000-01-05"})
		w.same("state", store.Failed, d.Run.State)
		w.same("waited", "2000-01-01T15:00:00Z", d.Run.EndedAt.Format("2006-01-02T15:04:05Z07:00"))
		w.same("the tick is left", "2000-01-01T13:00:00Z scheduled", w.states()[0])
	})
}

func TestACommandThatCannotBeReadIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders())
		_, err := w.do(store.VerbRun, daily, map[string]int{"date": 5})
		w.refused(err, "date")
	})
}

// A run whose key is that of a tick would stand in the way of the tick.
func TestATokenThatReadsAsATickIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders())
		_, err := w.runtime.Do(w.ctx, store.Command{
			Verb: store.VerbRun, Group: daily, Args: json.RawMessage(`{"date":"1999-12-31"}`), Token: "2000-01-02T13:00:00Z",
		}, nil)
		w.refused(err, "2000-01-02T13:00:00Z")
	})
}

// The same token for another group is a mistake, and not a run that was made.
func TestATokenOfAnotherGroupIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(func(g *graph.Graph) {
			other := g.Groups[0]
			other.Addr = "courier_group.other"
			g.Groups = append(g.Groups, other)
		}))
		command := store.Command{Verb: store.VerbRun, Group: daily, Args: json.RawMessage(`{"date":"1999-12-31"}`), Token: "build-7"}
		if _, err := w.runtime.Do(w.ctx, command, nil); err != nil {
			t.Fatal(err)
		}
		command.Group = "courier_group.other"
		_, err := w.runtime.Do(w.ctx, command, nil)
		w.refused(err, "build-7")
	})
}

// A process that goes on with a command whose holder has died knows as little
// as any other holder whether a step was done.
func TestAnErrandThatIsTakenUpHoldsAnUnknownStep(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("hang.sh", "#!/bin/sh\ntest -f ready && exit 0\necho > started\nexec sleep 1000\n")
		if err := syscall.Mkfifo(filepath.Join(w.dir, "started"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.deploy(orders(func(g *graph.Graph) {
			held := program("activation.campaign.send", "./hang.sh")
			held.OnUnknown = graph.OnUnknownHold
			g.Activations, g.Groups[0].Activations = []graph.Step{held}, []graph.Addr{held.Addr}
		}))
		command := store.Command{Verb: store.VerbRun, Group: daily, Args: json.RawMessage(`{"date":"1999-12-31"}`), Token: "one"}
		stop := w.serve()
		if _, err := w.runtime.Send(w.ctx, command); err != nil {
			t.Fatal(err)
		}
		w.read("started")
		stop()
		w.drop("ready", "")
		done, err := w.runtime.Do(w.ctx, command, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.same("tasks", []string{"activation.campaign.send held", "orders landed"}, tasks(w.detail(done.Run)))
	})
}

// A backfill is seen through to its last piece also when the server that began
// with it has ended.
func TestABackfillIsTakenUpWhole(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "of no hour")
		w.deploy(orders(hourly, func(g *graph.Graph) { g.Groups[0].Members[0].Wait = hours(1) / 4 }))
		stop := w.serve()
		w.sleepUntil("2000-01-01T03:20:00Z") // 1, 2, 3 fail
		ended := make(chan error, 1)
		go func() {
			_, err := w.do(store.VerbBackfill, daily, runtime.BackfillArgs{})
			ended <- err
		}()
		w.sleepUntil("2000-01-01T03:25:00Z") // the first piece waits
		stop()
		for _, hour := range []string{"00", "01", "02"} {
			w.drop("drop/orders-2000-01-01-"+hour+".csv", hour)
		}
		w.sleepUntil("2000-01-01T03:50:00Z")
		synctest.Wait()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Fatal("the backfill is stuck")
		}
		w.same("watermark", "2000-01-01T03:00:00Z", w.watermark())
		w.same("files landed", 3, len(w.landed()))
	})
}

// A server that is restarted goes on with what it had begun, also where somebody
// watches that: a watcher that held the store meanwhile would keep the schedule from
// being followed.
func TestAServerThatComesBackGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "of another day")
		w.deploy(orders())
		stop := w.serve()
		ended := make(chan store.Command, 1)
		go func() {
			c, err := w.do(store.VerbRun, daily, runtime.RunArgs{Date: "1999-12-31"})
			if err != nil {
				t.Error(err)
			}
			ended <- c
		}()
		w.sleepUntil("2000-01-01T00:10:00Z") // it waits for its file
		stop()
		w.sleepUntil("2000-01-01T00:11:30Z")
		if h, held, err := w.runtime.Holder(w.ctx); held || err != nil {
			t.Fatalf("the store is held by %+v (%v)", h, err)
		}
		stop = w.serve()
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.same("state", store.Succeeded, w.detail((<-ended).Run).Run.State)
		stop()
	})
}

// A run that a command carries out by itself is stopped by another one as a
// server's run is.
func TestAStopReachesAnErrand(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "of another day")
		w.deploy(orders())
		ended := make(chan store.Command, 1)
		go func() {
			c, err := w.do(store.VerbRun, daily, runtime.RunArgs{Date: "1999-12-31"})
			if err != nil {
				t.Error(err)
			}
			ended <- c
		}()
		w.sleepUntil("2000-01-01T00:10:00Z") // it waits for its file
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{}); err != nil {
			t.Fatal(err)
		}
		d := w.detail((<-ended).Run)
		w.same("state", store.Stopped, d.Run.State)
		w.same("soon", "2000-01-01T00:10", d.Run.EndedAt.Format("2006-01-02T15:04"))
	})
}

// What waits behind a run that is stopped is left to a server: this process
// would not see it through.
func TestAStopAloneBeginsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "of no hour")
		w.deploy(orders(hourly))
		stop := w.serve()
		w.sleepUntil("2000-01-01T02:10:00Z") // the second waits for the first
		stop()
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{Run: "courier_group.daily@2000-01-01T01:00:00Z"}); err != nil {
			t.Fatal(err)
		}
		w.same("runs", []string{"2000-01-01T01:00:00Z stopped", "2000-01-01T02:00:00Z waiting", "2000-01-01T03:00:00Z scheduled"}, w.states())
		stop = w.serve()
		w.sleepUntil("2000-01-01T02:20:00Z")
		w.same("served", "2000-01-01T02:00:00Z running", w.states()[1])
		stop()
	})
}

// A retry that was canceled before it began can be asked for again.
func TestACanceledRetryCanBeAskedForAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "yesterday's")
		w.deploy(orders())
		stop := w.serve()
		failed := w.mustRun(runtime.RunArgs{Date: "2000-01-05"}).Run
		w.same("first", store.Failed, failed.State)
		send := func(verb, args string) {
			if _, err := w.runtime.Send(w.ctx, store.Command{Verb: verb, Group: daily, Args: json.RawMessage(args)}); err != nil {
				t.Fatal(err)
			}
		}
		send(store.VerbRun, `{"date":"2000-01-06"}`) // in the way for an hour
		send(store.VerbRetry, `{"run":"`+failed.Key+`"}`)
		w.sleepUntil("2000-01-01T01:10:00Z")
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{Run: failed.Key}); err != nil {
			t.Fatal(err)
		}
		w.same("canceled", store.Stopped, w.detail(failed.Key).Run.State)
		if err := os.WriteFile(filepath.Join(w.dir, "drop", "orders-2000-01-05.csv"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.do(store.VerbRetry, daily, runtime.RetryArgs{Run: failed.Key}); err != nil {
			t.Fatal(err)
		}
		w.same("tried again", store.Succeeded, w.detail(failed.Key).Run.State)
		stop()
	})
}

// A run that its holder has left is not over: trying it again is refused, and
// nothing of it is done.
func TestARetryOfAnOpenRunDoesNothing(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("hang.sh", "#!/bin/sh\ntest -f started.once && exit 0\ntouch started.once\necho > started\nexec sleep 1000\n")
		if err := syscall.Mkfifo(filepath.Join(w.dir, "started"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.deploy(orders(withProcess("./hang.sh")))
		stop := w.serve()
		sent, err := w.runtime.Send(w.ctx, store.Command{Verb: store.VerbRun, Group: daily, Args: []byte(`{"date":"1999-12-31"}`), Token: "one"})
		if err != nil {
			t.Fatal(err)
		}
		w.read("started")
		stop()
		run := "courier_group.daily@" + sent.Token
		args, err := json.Marshal(runtime.RetryArgs{Run: run})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.runtime.Do(w.ctx, store.Command{Verb: store.VerbRetry, Group: daily, Args: args, Run: run}, nil)
		var refused *runtime.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("retry: %v, want a refusal", err)
		}
		w.same("state", store.Finalizing, w.detail(run).Run.State)
	})
}
