package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Here and through a server, the facts of a run are the same.
func TestFacts(t *testing.T) {
	everywhere(t, func(w *world) {
		w.drop("orders-2026-01-01.csv", "orders-2026-01-02.csv", "orders-2026-01-03.csv", "other.csv")
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers = append([]graph.Courier{{Addr: "courier.fetch", Exec: &graph.Exec{Command: []graph.Value{graph.Text("true")}}}}, g.Couriers...)
			g.Groups[0].Members = append(g.Groups[0].Members, graph.Member{Name: "fetch", Courier: "courier.fetch"})
		}))
		done, err := w.Do(w.ctx, command(store.VerbRun, runtime.RunArgs{Date: "2026-01-02", Couriers: []string{"orders"}}), nil)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.Do(w.ctx, command(store.VerbPause, struct{}{}), nil); err != nil {
			w.Fatal(err)
		}
		args := runtime.RunArgs{From: "2026-01-01", To: "2026-01-03"}
		here, err := w.local.Facts(w.ctx, daily, args)
		if err != nil {
			w.Fatal(err)
		}
		got, err := w.Facts(w.ctx, daily, args)
		if err != nil {
			w.Fatal(err)
		}
		old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		want := graph.Facts{
			Group: daily, Serial: 1, Held: true, Paused: here.Paused,
			Couriers: []graph.CourierFacts{
				{Courier: "orders", Place: "drop",
					Objects: []graph.Object{{Path: "orders-2026-01-01.csv", Size: 4, ModTime: old}, {Path: "orders-2026-01-02.csv", Size: 4, ModTime: old}},
					Landings: []graph.Landing{{Path: "orders-2026-01-02.csv", Version: "size:4,modified:2026-01-01T00:00:00Z",
						Run: done.Run, File: "orders", Date: "2026-01-02", Size: 4}}},
				{Courier: "fetch", NotLooked: "a source of the kind exec cannot be listed"},
			},
		}
		clocks := cmpopts.IgnoreFields(graph.CourierFacts{}, "LookedAt")
		for _, f := range []graph.Facts{here, got} {
			if diff := cmp.Diff(want, f, clocks, cmpopts.IgnoreFields(graph.Facts{}, "At"), cmpopts.IgnoreFields(graph.Landing{}, "At")); diff != "" {
				w.Errorf("facts (-want +got):\n%s", diff)
			}
			if f.Paused == nil || f.At.IsZero() || f.Couriers[0].LookedAt.IsZero() || f.Couriers[0].Landings[0].At.IsZero() {
				w.Errorf("a time is missing in %+v", f)
			}
		}
	})
}

// What makes no sense is refused alike.
func TestFactsRefused(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders())
		for _, c := range []struct {
			group graph.Addr
			args  runtime.RunArgs
			want  string
			found bool
		}{
			{"courier_group.dayly", runtime.RunArgs{All: true}, "courier_group.dayly is not deployed", false},
			{daily, runtime.RunArgs{All: true, Couriers: []string{"ordres"}}, `has no courier "ordres"`, false},
			{daily, runtime.RunArgs{Date: "yesterday"}, `--date "yesterday" is not a date`, true},
			{daily, runtime.RunArgs{All: true, Date: "2026-01-01"}, "exclude each other", true},
		} {
			_, err := w.Facts(context.Background(), c.group, c.args)
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, store.ErrNotFound) == c.found {
				w.Errorf("%s %+v: %v", c.group, c.args, err)
			}
		}
	})
}
