package runtime_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// forgoing has a courier, views, that goes on without its file, in a run that
// another courier fails.
func forgoing(change ...func(*graph.Graph)) *graph.Graph {
	return orders(append([]func(*graph.Graph){func(g *graph.Graph) {
		views := g.Groups[0].Members[0]
		views.Name, views.Wait, views.OnMissing = "views", hours(1)/2, graph.OnMissingContinue
		g.Groups[0].Members = append(g.Groups[0].Members, views)
	}}, change...)...)
}

// A file that a run has gone on without, and whose landing then fails, is landed
// whenever the run is tried again: no later run reads it.
func TestWhatIsForgoneIsReadByEachRetry(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.deploy(forgoing())
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		defer stop()
		w.sleepUntil("2000-01-01T14:01:00Z")
		w.same("failed", []string{"orders missing", "views missing"}, tasks(w.detail(firstTick)))

		w.drop("drop/orders-2000-01-01.csv", "late")
		landing := filepath.Join(w.dir, "landing")
		if err := os.WriteFile(landing, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w.send(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
			w.sleepUntil(time.Now().UTC().Add(2 * time.Hour).Format(time.RFC3339))
			w.same("failed again", []string{"orders failed", "views failed"}, tasks(w.detail(firstTick)))
		}
		if err := os.Remove(landing); err != nil {
			t.Fatal(err)
		}
		w.mustDo(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
		w.sleepUntil(time.Now().UTC().Add(2 * time.Hour).Format(time.RFC3339))
		w.same("landed", []string{"orders landed", "views landed"}, tasks(w.detail(firstTick)))
		w.same("files landed", 2, len(w.landed()))
	})
}

// A run that has gone on without a file, restarted under on_missing = "stop", waits
// for it in every attempt.
func TestWhatIsForgoneIsMissingUnderAnotherPolicy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.deploy(forgoing())
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		defer stop()
		w.sleepUntil("2000-01-01T14:01:00Z")
		w.deploy(forgoing(func(g *graph.Graph) { g.Groups[0].Members[1].OnMissing = graph.OnMissingStop }))
		w.send(store.VerbRestart, runtime.RestartArgs{Run: firstTick})
		w.sleepUntil("2000-01-01T16:01:00Z")
		w.same("restarted", store.Missing, w.task(firstTick, "views").State)
		w.send(store.VerbRetry, runtime.RetryArgs{Run: firstTick})
		w.sleepUntil("2000-01-01T18:01:00Z")
		w.same("tried again", store.Missing, w.task(firstTick, "views").State)
	})
}
