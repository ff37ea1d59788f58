package runtime_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestOldRunsAreRemoved serves for five days with runs that are kept for two:
// what they loaded is known all the same, and nobody goes on with them.
func TestOldRunsAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := openWorld(t, dir, 20*time.Minute)
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Members[0].OnMissing = graph.OnMissingContinue }))
		kept, err := runtime.Open(w.ctx, filepath.Join(dir, ".waybill"), runtime.Options{Workspace: dir, Actor: "ann", Poll: 20 * time.Minute, KeepRuns: 48 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = kept.Close() }()
		ctx, cancel := context.WithCancel(w.ctx)
		ended := make(chan error, 1)
		go func() { ended <- kept.Serve(ctx) }()
		synctest.Wait()
		for _, c := range []store.Command{{Verb: store.VerbRun, Args: []byte(`{"date":"1999-11-11"}`), Token: "once"}, {Verb: store.VerbStop}} {
			c.Group = daily
			if _, err := w.runtime.Send(w.ctx, c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(40 * time.Minute) // until it is carried out
		}
		w.sleepUntil("2000-01-05T15:30:00Z")
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		first := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.Succeeded, first.Run.State)
		w.same("landings", 1, len(first.Landings))
		w.same("tasks and events", []int{0, 0}, []int{len(first.Tasks), len(first.Events)})
		second := w.detail("courier_group.daily@2000-01-02T13:00:00Z")
		w.same("what is missing is looked for still", []string{"orders missing"}, tasks(second))
		w.same("events", 0, len(second.Events))
		young := w.detail("courier_group.daily@2000-01-04T13:00:00Z")
		if len(young.Events) == 0 {
			t.Error("a young run was pruned")
		}
		var refused *runtime.RefusedError
		if _, err := w.do(store.VerbRetry, daily, runtime.RetryArgs{Run: "courier_group.daily@once"}); !errors.As(err, &refused) || !strings.Contains(err.Error(), "were removed at") {
			t.Errorf("a retry of what was removed: %v", err)
		}
	})
}
