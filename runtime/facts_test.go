package runtime_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// facts asks about a run of the daily group.
func (w *world) facts(args runtime.RunArgs) graph.Facts {
	w.Helper()
	f, err := w.runtime.Facts(w.ctx, daily, args)
	if err != nil {
		w.Fatal(err)
	}
	return f
}

// everything is what is known of the orders courier for a run of everything.
func (w *world) everything() *graph.CourierFacts {
	w.Helper()
	f := w.facts(runtime.RunArgs{All: true})
	return f.Courier("orders")
}

// paths are the files that were found for the orders courier, and what has landed
// of it: "a.csv", "a.csv landed".
func paths(f graph.Facts) []string {
	var all []string
	for _, o := range f.Courier("orders").Objects {
		name := o.Path
		if o.Seen {
			name += " seen"
		}
		all = append(all, name)
	}
	for _, l := range f.Courier("orders").Landings {
		all = append(all, l.Path+" landed")
	}
	return all
}

func TestFactsHoldWhatARunAsksFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.drop("drop/orders-1999-12-31.csv", "new")
		w.drop("drop/other.csv", "")
		w.drop("true.sh", "#!/bin/sh\nexit 1\n")
		w.deploy(orders(withProcess("./true.sh")))
		first := w.mustRun(runtime.RunArgs{Date: "1999-12-31", LoadOnly: true})
		f := w.facts(runtime.RunArgs{Date: "1999-12-31"})
		w.same("of a day", []string{"orders-1999-12-31.csv", "orders-1999-12-31.csv landed"}, paths(f))
		w.same("landed by", first.Run.Key, f.Courier("orders").Landings[0].Run)
		w.same("waits for the process", []graph.StepFacts{{Step: "process.mark", Files: 1, Bytes: 3}}, f.Steps)
		w.same("serial and holder", []any{int64(1), false}, []any{f.Serial, f.Held})
		w.same("of everything", []string{"orders-1999-12-30.csv", "orders-1999-12-31.csv", "orders-1999-12-31.csv landed"},
			paths(w.facts(runtime.RunArgs{All: true})))
		if err := os.Remove(filepath.Join(w.dir, "drop", "orders-1999-12-31.csv")); err != nil {
			t.Fatal(err)
		}
		w.same("of a file that is gone", []string{"orders-1999-12-31.csv landed"}, paths(w.facts(runtime.RunArgs{Date: "1999-12-31"})))
		w.same("runs", 1, len(w.states())-1) // and the expected one
	})
}

func TestFactsOfFilesWithoutDate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/old.csv", "old")
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Files[0].Pattern = "*.csv"
			g.Couriers[0].Files[0].Optional = true
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:00:01Z") // the first look marks what is old
		w.same("served", true, w.facts(runtime.RunArgs{All: true}).Held)
		stop()
		f := w.facts(runtime.RunArgs{All: true})
		w.same("files", []string{"old.csv seen"}, paths(f))
		w.same("watermark", "2000-01-01T13:00:00Z", f.Courier("orders").Watermark.Format("2006-01-02T15:04:05Z07:00"))
	})
}

func TestFactsOfWhatStandsBefore(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/other.csv", "")
		w.deploy(orders())
		stop := w.serve()
		defer stop()
		w.sleepUntil("2000-01-01T13:30:00Z") // the run of 13:00 waits for its file
		if _, err := w.do(store.VerbPause, daily, struct{}{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.runtime.Send(w.ctx, store.Command{Verb: store.VerbRun, Group: daily, Token: "mine", Args: []byte(`{"date":"1999-12-31"}`)}); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T13:35:00Z")
		f := w.facts(runtime.RunArgs{Date: "1999-12-31"})
		w.same("open", []graph.QueuedRun{
			{Key: "courier_group.daily@2000-01-01T13:00:00Z", ScheduledAt: instant(t, "2000-01-01T13:00:00Z"), State: "running"},
			{Key: "courier_group.daily@mine", State: "waiting", Asked: true},
		}, f.Open)
		if f.Paused == nil || f.Paused.By != "ann" {
			t.Errorf("paused: %+v", f.Paused)
		}
	})
}

// A source that cannot be looked at is a fact, too.
func TestFactsOfSourcesThatCannotBeLookedAt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders())
		f := w.everything()
		if !f.LookedAt.IsZero() || !strings.Contains(f.NotLooked, "does not exist") {
			t.Errorf("of a folder that is not there: %+v", f)
		}
		if err := os.WriteFile(filepath.Join(w.dir, "place"), []byte("a-secret-place"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.deploy(orders(func(g *graph.Graph) {
			g.Secrets = []graph.Secret{{Name: "place", File: "place"}}
			g.Couriers[0].Filedrop.URL = graph.Value{{Ref: "secret.place"}}
		}))
		f = w.everything()
		if f.NotLooked == "" || strings.Contains(f.NotLooked, "a-secret-place") || strings.Contains(f.Place, "a-secret-place") {
			t.Errorf("the secret is told: %+v", f)
		}
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Filedrop, g.Couriers[0].Files, g.Couriers[0].Exec = nil, nil, &graph.Exec{}
		}))
		w.same("of a program", "a source of the kind exec cannot be listed", w.everything().NotLooked)
	})
}

func TestFactsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders())
		_, err := w.runtime.Facts(w.ctx, daily, runtime.RunArgs{Date: "never"})
		var no *window.AskError
		if !errors.As(err, &no) {
			t.Errorf("a date that is none: %v", err)
		}
		for _, group := range []graph.Addr{daily, "courier_group.other"} {
			if _, err := w.runtime.Facts(w.ctx, group, runtime.RunArgs{All: true, Couriers: []string{"nobody"}}); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s without such a courier: %v", group, err)
			}
		}
	})
}
