package runtime_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// forgoing has a courier, views, that goes on without its file, in a run that
// another courier fails.
func forgoing(change ...func(*graph.Graph)) *graph.Graph {
	return orders(append([]func(*graph.Graph){withProcess("true"), func(g *graph.Graph) {
		views := g.Groups[0].Members[0]
		views.Name, views.Wait, views.OnMissing = "views", hours(1)/2, graph.OnMissingContinue
		g.Groups[0].Members = append(g.Groups[0].Members, views)
	}}, change...)...)
}

// forgo serves until the first run of such a group has failed.
func (w *world) forgo() (stop func()) {
	w.Helper()
	w.drop("drop/orders-1999-12-30.csv", "old")
	w.deploy(forgoing())
	w.sleepUntil("2000-01-01T12:55:00Z")
	stop = w.serve()
	w.sleepUntil("2000-01-01T14:01:00Z")
	w.same("failed", []string{"orders missing", "process.mark skipped", "views missing"}, tasks(w.detail(firstTick)))
	return stop
}

// What a courier has gone on without by itself, while its run failed of another
// one, is missing in the next attempt as well: that it is ignored does not make it
// forgotten.
func TestIgnoreMissingKeepsWhatIsForgone(t *testing.T) {
	inWorld(t, func(w *world) {
		defer w.forgo()()
		w.send(store.VerbIgnore, runtime.IgnoreArgs{Run: firstTick, Reason: "a holiday there"})
		w.sleepUntil("2000-01-01T14:05:00Z")
		w.same("goes on", []string{"orders missing", "process.mark succeeded", "views missing"}, tasks(w.detail(firstTick)))
		w.drop("drop/orders-2000-01-01.csv", "late")
		w.drop("drop/orders-2000-01-02.csv", "in time")
		w.sleepUntil("2000-01-02T13:05:00Z")
		w.same("late arrivals", []string{"orders", "views"}, slices.Sorted(slices.Values(w.late(firstTick, courier))))
	})
}

// What a courier has gone on without is not forgotten either when the run is tried
// again and stopped before the courier has looked: no later run reads its range.
func TestRetryAndStopKeepWhatIsForgone(t *testing.T) {
	inWorld(t, func(w *world) {
		defer w.forgo()()
		for range 2 {
			w.send(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
			w.sleep(5 * time.Minute)
			w.mustDo(store.VerbStop, runtime.StopArgs{Run: firstTick})
			w.sleep(5 * time.Minute)
			w.same("stopped", []string{"orders stopped", "process.mark stopped", "views stopped"}, tasks(w.detail(firstTick)))
		}
		w.same("what it reads", "1999-12-31T13:00:00Z", w.task(firstTick, "views").RangeStart.Format(time.RFC3339))
		w.drop("drop/orders-2000-01-01.csv", "late")
		w.drop("drop/orders-2000-01-02.csv", "in time")
		w.sleepUntil("2000-01-02T13:05:00Z")
		w.same("late arrivals", []string{"views"}, w.late(firstTick, courier))
	})
}

// A file that a run has gone on without, and whose landing then fails, is landed
// whenever the run is tried again: no later run reads it.
func TestWhatIsForgoneIsReadByEachRetry(t *testing.T) {
	inWorld(t, func(w *world) {
		defer w.forgo()()
		w.drop("drop/orders-2000-01-01.csv", "late")
		landing := filepath.Join(w.dir, "landing")
		if err := os.WriteFile(landing, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w.send(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
			w.sleep(2 * time.Hour)
			w.same("failed again", []string{"orders failed", "process.mark skipped", "views failed"}, tasks(w.detail(firstTick)))
		}
		if err := os.Remove(landing); err != nil {
			t.Fatal(err)
		}
		w.mustDo(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
		w.sleep(2 * time.Hour)
		w.same("landed", []string{"orders landed", "process.mark succeeded", "views landed"}, tasks(w.detail(firstTick)))
		w.same("files landed", 2, len(w.landed()))
	})
}

// A run that has gone on without a file, restarted under on_missing = "stop", waits
// for it in every attempt.
func TestWhatIsForgoneIsMissingUnderAnotherPolicy(t *testing.T) {
	inWorld(t, func(w *world) {
		defer w.forgo()()
		w.deploy(forgoing(func(g *graph.Graph) { g.Groups[0].Members[1].OnMissing = graph.OnMissingStop }))
		w.send(store.VerbRestart, runtime.RestartArgs{Run: firstTick})
		w.sleepUntil("2000-01-01T16:01:00Z")
		w.same("restarted", store.Missing, w.task(firstTick, "views").State)
		w.send(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
		w.sleepUntil("2000-01-01T18:01:00Z")
		w.same("tried again", store.Missing, w.task(firstTick, "views").State)
	})
}
