package runtime_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

const firstTick = "courier_group.daily@2000-01-01T13:00:00Z"

// mustDo has a command done.
func (w *world) mustDo(verb string, args any) store.Command {
	w.Helper()
	c, err := w.do(verb, daily, args)
	if err != nil {
		w.Fatalf("%s: %v", verb, err)
	}
	return c
}

// send sends a command and does not wait for its runs.
func (w *world) send(verb string, args any) {
	w.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.runtime.Send(w.ctx, store.Command{Verb: verb, Group: daily, Args: text}); err != nil {
		w.Fatal(err)
	}
}

// task is one task of a run.
func (w *world) task(run, name string) store.Task {
	w.Helper()
	d := w.detail(run)
	i := slices.IndexFunc(d.Tasks, func(t store.Task) bool { return t.Name == name })
	if i < 0 {
		w.Fatalf("%s has no task %s", run, name)
	}
	return d.Tasks[i]
}

// twoSteps are a process that does what the file "verdict" says, one that comes
// after it, and an activation.
func twoSteps(w *world) func(*graph.Graph) {
	w.drop("say.sh", "#!/bin/sh\necho $1 >> said\ntest \"$1\" != \"$(cat fail)\"\n")
	w.drop("fail", "none")
	return func(g *graph.Graph) {
		first, second := program("process.a", "./say.sh", "a"), program("process.b", "./say.sh", "b")
		second.After = []graph.Addr{"process.a"}
		first.Retry.Attempts, second.Retry.Attempts = 1, 1
		send := program("activation.campaign.send", "./say.sh", "send")
		send.Retry.Attempts, send.OnUnknown = 1, graph.OnUnknownHold
		g.Processes, g.Activations = []graph.Step{first, second}, []graph.Step{send}
		g.Groups[0].Processes = []graph.Addr{"process.a", "process.b"}
		g.Groups[0].Activations = []graph.Addr{"activation.campaign.send"}
	}
}

func TestSkipLetsTheRunGoOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(twoSteps(w)))
		w.drop("fail", "a")
		run := w.mustRun(runtime.RunArgs{Date: shipped}).Run.Key
		skip := func(task, reason string) error {
			_, err := w.do(store.VerbSkip, daily, runtime.SkipArgs{Run: run, Task: task, Reason: reason})
			return err
		}
		w.refused(skip("process.a", " "), "say why with --reason")
		w.refused(skip("process.aa", "x"), `did you mean "process.a"`)
		w.refused(skip("orders", "x"), "orders is landed already")
		w.refused(skip("process.b", "x"), "skip or retry what stands before it")
		if err := skip("process.a", "the table is empty today"); err != nil {
			t.Fatal(err)
		}
		d := w.detail(run)
		w.same("state", store.SucceededWithWarnings, d.Run.State)
		w.same("attempt", 2, d.Run.Attempt)
		w.same("tasks", []string{"activation.campaign.send succeeded", "orders landed", "process.a skipped", "process.b succeeded"}, tasks(d))
		w.same("order", "a b send", w.said())
		waiver := w.task(run, "process.a").Waiver
		w.same("decided", []string{"task", "ann", "the table is empty today", "failed"}, []string{waiver.What, waiver.By, waiver.Reason, waiver.Was})
		if i := slices.IndexFunc(d.Events, func(e store.Event) bool {
			return e.Task == "process.a" && e.Type == runtime.EventTaskSkipped && strings.Contains(e.Message, "by ann, it was failed: the table is empty today")
		}); i < 0 {
			t.Errorf("no event says who skipped it: %v", d.Events)
		}
		w.refused(skip("process.a", "again"), "only a failed or stopped one")

		// What a skipped process was to read, the next run gives it again.
		w.drop("fail", "none")
		w.drop("said", "")
		next := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("next", store.Succeeded, next.Run.State)
	})
}

// A skip of one step does not try another one again, which may have sent what it
// was to send.
func TestSkipLeavesOtherFailures(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("bad.sh", "#!/bin/sh\necho $1 >> said\nexit 1\n")
		w.deploy(orders(func(g *graph.Graph) {
			g.Processes = []graph.Step{program("process.x", "./bad.sh", "x"), program("process.y", "./bad.sh", "y")}
			g.Processes[0].Retry.Attempts, g.Processes[1].Retry.Attempts = 1, 1
			g.Groups[0].Processes = []graph.Addr{"process.x", "process.y"}
		}))
		run := w.mustRun(runtime.RunArgs{Date: shipped}).Run.Key
		c := w.mustDo(store.VerbSkip, runtime.SkipArgs{Run: run, Task: "process.x", Reason: "not needed"})
		w.same("message", "process.x counts as done; process.y stays failed", c.Message)
		w.same("tasks", []string{"orders landed", "process.x skipped", "process.y failed"}, tasks(w.detail(run)))
		w.same("state", store.Failed, w.detail(run).Run.State)
		w.same("each ran once", 3, len(w.said()))
		w.mustDo(store.VerbSkip, runtime.SkipArgs{Run: run, Task: "process.y", Reason: "not needed"})
		w.same("state", store.SucceededWithWarnings, w.detail(run).Run.State)
	})
}

// An activation that was sent, as an operator has found out, is not sent again
// with the same files, and leaves no warning.
func TestSkipOfAHeldStepCountsAsDone(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("copy.sh", "#!/bin/sh\ntest -f slow && exec sleep 1000\ncp \"$1\" seen.json\n")
		w.drop("slow", "")
		w.deploy(orders(func(g *graph.Graph) {
			send := program("activation.campaign.send", "./copy.sh")
			send.OnUnknown, send.Timeout = graph.OnUnknownHold, hours(1)/3600
			send.Exec.Command = append(send.Exec.Command, graph.Value{{Ref: "run.landing"}})
			g.Activations, g.Groups[0].Activations = []graph.Step{send}, []graph.Addr{send.Addr}
		}))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("held", []string{"activation.campaign.send held", "orders landed"}, tasks(d))
		w.mustDo(store.VerbSkip, runtime.SkipArgs{Run: d.Run.Key, Task: "activation.campaign.send", Reason: "it is in their log"})
		w.same("state", store.Succeeded, w.detail(d.Run.Key).Run.State)
		if err := os.Remove(filepath.Join(w.dir, "slow")); err != nil {
			t.Fatal(err)
		}
		w.same("next", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		text, err := os.ReadFile(filepath.Join(w.dir, "seen.json"))
		var given struct{ Files []any }
		if err != nil || json.Unmarshal(text, &given) != nil || len(given.Files) != 0 {
			t.Errorf("it was given the same again: %s, %v", text, err)
		}
	})
}

// A courier that is skipped leaves its data to the next run.
func TestSkipOfACourierLeavesItsWatermark(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.deploy(orders(withProcess("true")))
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z") // it waits for the file of 01-01
		w.same("waits", []string{"orders waiting", "process.mark pending"}, tasks(w.detail(firstTick)))
		before := w.watermark()
		w.send(store.VerbSkip, runtime.SkipArgs{Run: firstTick, Task: "orders", Reason: "the partner is late"})
		w.sleepUntil("2000-01-01T13:15:00Z")
		d := w.detail(firstTick)
		w.same("tasks", []string{"orders skipped", "process.mark succeeded"}, tasks(d))
		w.same("state", store.SucceededWithWarnings, d.Run.State)
		w.same("attempt", 1, d.Run.Attempt)
		w.same("watermark", before, w.watermark())
		stop()
	})
}

func TestIgnoreMissingEndsTheWait(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.deploy(orders(withProcess("true")))
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		w.send(store.VerbIgnore, runtime.IgnoreArgs{Run: firstTick, Reason: "a holiday there"})
		w.sleepUntil("2000-01-01T13:12:00Z")
		d := w.detail(firstTick)
		w.same("tasks", []string{"orders missing", "process.mark succeeded"}, tasks(d))
		w.same("state", store.SucceededWithWarnings, d.Run.State)
		w.same("watermark", "2000-01-01T13:00:00Z", w.watermark())
		if !slices.Contains(types(d), runtime.EventIgnored) {
			t.Errorf("no event says so: %v", types(d))
		}
		_, err := w.do(store.VerbIgnore, daily, runtime.IgnoreArgs{Run: firstTick})
		w.refused(err, "only a failed or stopped one")
		stop()
	})
}

// Of a run that has failed for it, the next attempt lands what has come, and goes
// on without the rest.
func TestIgnoreMissingOfAFailedRun(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders(hourly, withProcess("true"), func(g *graph.Graph) {
			g.Groups[0].Members[0].Wait = 0
			g.Groups[0].Schedule = "0 3 * * *"
			start := instant(t, "2000-01-01T00:00:00Z")
			g.Groups[0].StartFrom = &start
		}))
		w.drop("drop/orders-1999-12-31.csv", "of no hour")
		const run = "courier_group.daily@2000-01-01T03:00:00Z"
		w.sleepUntil("2000-01-01T02:55:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-01T03:05:00Z")
		w.same("failed", []string{"orders missing", "process.mark skipped"}, tasks(w.detail(run)))
		w.same("watermark", "2000-01-01T00:00:00Z", w.watermark())
		w.drop("drop/orders-2000-01-01-01.csv", "of one")
		_, err := w.do(store.VerbIgnore, daily, runtime.IgnoreArgs{Run: run, Courier: "process.mark"})
		w.refused(err, "is no courier")
		_, err = w.do(store.VerbIgnore, daily, runtime.IgnoreArgs{Run: run, Courier: "ordres"})
		w.refused(err, `did you mean "orders"`)
		c := w.mustDo(store.VerbIgnore, runtime.IgnoreArgs{Run: run, Courier: "orders"})
		w.same("message", "orders goes on without what is missing", c.Message)
		d := w.detail(run)
		w.same("tasks", []string{"orders missing", "process.mark succeeded"}, tasks(d))
		w.same("state", store.SucceededWithWarnings, d.Run.State)
		w.same("files landed", 1, len(w.landed()))
		w.same("watermark", "2000-01-01T03:00:00Z", w.watermark())
		stop()
	})
}

func TestRestartTakesWhatIsAppliedNow(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(twoSteps(w)))
		w.drop("fail", "a")
		run := w.mustRun(runtime.RunArgs{Date: shipped}).Run
		w.deploy(orders(twoSteps(w), func(g *graph.Graph) { // without a, with another courier and process
			g.Processes[1].After = nil
			g.Processes = append(g.Processes, program("process.c", "./say.sh", "c"))
			g.Groups[0].Processes = []graph.Addr{"process.b", "process.c"}
			other := g.Couriers[0]
			other.Addr = "courier.late"
			g.Couriers = append([]graph.Courier{other}, g.Couriers...)
			g.Groups[0].Members = append(g.Groups[0].Members, graph.Member{Name: "late", Courier: other.Addr, OnMissing: graph.OnMissingStop})
		}))
		w.mustDo(store.VerbRestart, runtime.RestartArgs{Run: run.Key})
		d := w.detail(run.Key)
		w.same("tasks", []string{
			"activation.campaign.send succeeded", "late landed", "orders landed", "process.a skipped", "process.b succeeded", "process.c succeeded",
		}, tasks(d))
		w.same("state", store.Succeeded, d.Run.State)
		w.same("serial", []int64{1, 2}, []int64{run.Serial, d.Run.Serial})
		w.same("order", []string{"a", "b", "c", "send"}, sorted(w.said()))
		_, err := w.do(store.VerbRestart, daily, runtime.RestartArgs{Run: run.Key})
		w.refused(err, "only a failed or stopped one can be tried again")
	})
}

func sorted(words string) []string {
	return slices.Sorted(slices.Values(strings.Fields(words)))
}

// A restart of a run whose group is gone has nothing to go by.
func TestRestartNeedsTheGroup(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(withProcess("false"), func(g *graph.Graph) { g.Processes[0].Retry.Attempts = 1 }))
		run := w.mustRun(runtime.RunArgs{Date: shipped}).Run
		w.deploy(orders(func(g *graph.Graph) { g.Groups = nil }))
		_, err := w.do(store.VerbRestart, daily, runtime.RestartArgs{Run: run.Key})
		w.refused(err, "waybill retry")
	})
}
