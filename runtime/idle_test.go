package runtime

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// waiting is a group that waits all day for a file, and one that waits for it.
func waiting() *graph.Graph {
	hour := graph.Duration(time.Hour)
	group := graph.Group{
		Addr: "courier_group.b", Schedule: "0 13 * * *", Timezone: "UTC", FileDates: "UTC", Active: true, RunType: graph.RunFull,
		DST:     graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"},
		Overlap: graph.BufferOne, CatchUp: graph.Coalesce, RuntimeAlert: hour / 4,
		Members: []graph.Member{{Name: "orders", Courier: "courier.orders", Wait: 10 * hour, OnMissing: graph.OnMissingStop}},
	}
	after := group
	after.Addr = "courier_group.a"
	after.After = []graph.After{{Name: "b", Group: group.Addr, Gate: graph.GateStart, Wait: 10 * hour, OnMissing: graph.OnMissingStop}}
	return &graph.Graph{
		FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"},
		Couriers: []graph.Courier{{
			Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text(".")}, PollEvery: hour,
			Files: []graph.File{{Name: "orders", Pattern: "orders-{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach}},
			Retry: graph.Retry{Attempts: 3, Backoff: hour, MaxBackoff: hour},
		}},
		Groups: []graph.Group{after, group},
	}
}

// A run that waits, for a file or for another group, is looked at several times a
// second: that must not even ask for the right to write.
func TestAPassThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r, err := Open(context.Background(), filepath.Join(dir, ".waybill"), Options{Workspace: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}()
		if _, err := r.Deploy(t.Context(), graph.Deployment{Graph: waiting()}); err != nil {
			t.Fatal(err)
		}
		lease, err := r.store.Acquire(t.Context(), "ann", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		e := r.engine(lease, nil)
		pass := func(ctx context.Context) {
			t.Helper()
			if _, err := e.pass(ctx); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		time.Sleep(13*time.Hour + 20*time.Minute) // the runs are taken, and are late at once
		for range 3 {
			pass(t.Context())
		}
		runs, err := r.Runs(t.Context(), store.RunFilter{States: []string{store.Running}})
		if err != nil || len(runs) != 2 {
			t.Fatalf("%d runs are under way: %v", len(runs), err)
		}
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = r.store.Update(t.Context(), func(*store.Tx) error { // nobody else can write meanwhile
			pass(brief)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		e.leave()
		if err := lease.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
