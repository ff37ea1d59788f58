package runtime_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/store"
)

// sales is the workspace of orders under other names: the group, and the courier
// with its name in the group.
func sales(g *graph.Graph) {
	g.Groups[0].Addr, g.Couriers[0].Addr = "courier_group.sales", "courier.sales"
	g.Groups[0].Members[0].Name, g.Groups[0].Members[0].Courier = "sales", "courier.sales"
	g.Moved = []graph.Moved{{From: "courier.orders", To: "courier.sales"}, {From: daily, To: "courier_group.sales"}}
}

// keys are the runs of a group that have ended, oldest first, with their states.
func (w *world) ended(group graph.Addr) []string {
	w.Helper()
	runs, err := w.runtime.Runs(w.ctx, store.RunFilter{Group: group})
	if err != nil {
		w.Fatal(err)
	}
	var list []string
	for i := len(runs) - 1; i >= 0; i-- {
		if store.Ended(runs[i].State) {
			list = append(list, runs[i].Key+" "+runs[i].State)
		}
	}
	return list
}

func TestARenamedGroupGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, day := range []string{"1999-12-31", "2000-01-01", "2000-01-02", "2000-01-03", "2000-01-04"} {
			w.drop("drop/orders-"+day+".csv", day)
		}
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-02T20:00:00Z")
		w.same("landed before", 2, len(w.landed()))
		w.deploy(orders(sales))
		w.sleepUntil("2000-01-04T20:00:00Z")
		stop()
		landed := strings.Join(w.landed(), " ")
		w.same("landed", 4, len(w.landed()))
		for _, day := range []string{"2000-01-01", "2000-01-02", "2000-01-03", "2000-01-04"} {
			w.same(day, 1, strings.Count(landed, "orders-"+day+".csv"))
		}
		w.same("runs", []string{
			"courier_group.daily@2000-01-01T13:00:00Z succeeded", "courier_group.daily@2000-01-02T13:00:00Z succeeded",
			"courier_group.sales@2000-01-03T13:00:00Z succeeded", "courier_group.sales@2000-01-04T13:00:00Z succeeded",
		}, w.ended("courier_group.sales"))
		s, err := w.runtime.Standing(w.ctx)
		if err != nil {
			w.Fatal(err)
		}
		w.same("watermarks", []graph.Watermark{{Group: "courier_group.sales", Courier: "sales", At: instant(t, "2000-01-04T13:00:00Z"),
			From: instant(t, "1999-12-31T13:00:00Z"), Whole: instant(t, "1999-12-31T13:00:00Z")}}, s.Watermarks)
		w.same("expected", []graph.Expected{{Group: "courier_group.sales", At: instant(t, "2000-01-05T13:00:00Z")}}, s.Expected)
	})
}

// What landed under the former names, and no step has been given yet, is found
// under the present ones.
func TestAStepOfARenamedGroupFindsWhatLandedBefore(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "before")
		w.drop("drop/orders-1999-12-31.csv", "after")
		w.drop("mark.sh", "#!/bin/sh\ncp \"$1\" list\ntest -f works\n")
		told := func(g *graph.Graph) {
			g.Processes[0].Exec.Command = append(g.Processes[0].Exec.Command, graph.Value{{Ref: "run.landing"}})
			g.Processes[0].Retry.Attempts = 1
		}
		w.deploy(orders(withProcess("./mark.sh"), told))
		w.same("before", store.Failed, w.mustRun(runtime.RunArgs{Date: "1999-12-30"}).Run.State)
		w.drop("works", "")
		w.deploy(orders(withProcess("./mark.sh"), told, sales))
		if _, err := w.do(store.VerbRun, "courier_group.sales", runtime.RunArgs{Date: "1999-12-31"}); err != nil {
			w.Fatal(err)
		}
		var handed landing.Handover
		list, err := os.ReadFile(filepath.Join(w.dir, "list"))
		if err == nil {
			err = json.Unmarshal(list, &handed)
		}
		if err != nil {
			w.Fatal(err)
		}
		w.same("files", 2, len(handed.Files))
		for _, f := range handed.Files {
			text, err := os.ReadFile(filepath.Join(w.dir, f.Landing, f.URL))
			if err != nil || int64(len(text)) != f.Size {
				t.Errorf("%s and %s lead to %q: %v", f.Landing, f.URL, text, err)
			}
		}
	})
}

// A run that failed under the former name is tried again under the present one.
func TestARunOfARenamedGroupIsTriedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-01T20:00:00Z")
		w.same("runs", []string{"courier_group.daily@2000-01-01T13:00:00Z failed"}, w.ended(daily))
		if _, err := w.do(store.VerbPause, daily, nil); err != nil {
			w.Fatal(err)
		}
		w.deploy(orders(sales))
		w.drop("drop/orders-2000-01-01.csv", "late")
		if _, err := w.do(store.VerbRetry, "courier_group.sales", map[string]string{"run": "courier_group.daily@2000-01-01T13:00:00Z"}); err != nil {
			w.Fatal(err)
		}
		w.sleepUntil("2000-01-03T20:00:00Z")
		stop()
		w.same("runs", []string{"courier_group.daily@2000-01-01T13:00:00Z succeeded"}, w.ended("courier_group.sales"))
		s, err := w.runtime.Standing(w.ctx)
		if err != nil {
			w.Fatal(err)
		}
		w.same("watermarks", []graph.Watermark{{Group: "courier_group.sales", Courier: "sales", At: instant(t, "2000-01-01T13:00:00Z"),
			From: instant(t, "1999-12-31T13:00:00Z"), Whole: instant(t, "1999-12-31T13:00:00Z")}}, s.Watermarks)
		w.same("paused", 1, len(s.Paused))
		w.same("paused group", graph.Addr("courier_group.sales"), s.Paused[0].Group)
	})
}

// While a run of the group is under way, it is not renamed, and nothing is applied.
func TestAGroupIsNotRenamedDuringARun(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/other.csv", "")
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:30:00Z")
		_, err := w.runtime.Deploy(w.ctx, graph.Deployment{Serial: 1, Graph: orders(sales)})
		var busy *graph.BusyError
		if !errors.As(err, &busy) || busy.Run != "courier_group.daily@2000-01-01T13:00:00Z" {
			t.Errorf("renamed during a run: %v", err)
		}
		d, err := w.runtime.Deployment(w.ctx)
		if err != nil || d.Serial != 1 {
			t.Errorf("serial %d, %v", d.Serial, err)
		}
		w.sleepUntil("2000-01-01T20:00:00Z")
		w.deploy(orders(sales))
		stop()
	})
}

// Nor while a run of a removed group, that had the present name, is under way: it
// ends under its own name.
func TestAGroupIsNotRenamedOverARun(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/other.csv", "")
		w.deploy(orders(sales))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:30:00Z")
		w.deploy(orders()) // sales is gone, and its run goes on
		_, err := w.runtime.Deploy(w.ctx, graph.Deployment{Serial: 2, Graph: orders(sales)})
		var busy *graph.BusyError
		if !errors.As(err, &busy) || busy.Run != "courier_group.sales@2000-01-01T13:00:00Z" {
			t.Errorf("renamed over a run: %v", err)
		}
		w.sleepUntil("2000-01-01T20:00:00Z")
		w.same("runs", []string{"courier_group.sales@2000-01-01T13:00:00Z failed"}, w.ended("courier_group.sales"))
		w.deploy(orders(sales))
		stop()
	})
}

// What an earlier group of the present name had left is not the renamed one's.
func TestAFormerGroupOfThatNameIsSetAside(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, day := range []string{"2000-01-01", "2000-01-02", "2000-01-03"} {
			w.drop("drop/orders-"+day+".csv", day)
		}
		w.deploy(orders(sales)) // as a new group: nothing is applied that could move
		stop := w.serve()
		w.sleepUntil("2000-01-01T20:00:00Z")
		w.deploy(orders())
		w.sleepUntil("2000-01-02T20:00:00Z")
		w.deploy(orders(sales))
		w.sleepUntil("2000-01-03T20:00:00Z")
		stop()
		s, err := w.runtime.Standing(w.ctx)
		if err != nil {
			w.Fatal(err)
		}
		var lines []string
		for _, m := range s.Watermarks {
			lines = append(lines, string(m.Group)+" "+m.Courier+" "+m.At.Format("01-02T15"))
		}
		w.same("watermarks", []string{"courier_group.sales sales 01-03T13", "courier_group.sales (before serial 3) sales 01-01T13"}, lines)
	})
}
