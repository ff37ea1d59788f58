package runtime_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// look is what was last seen at the source of a courier, with the poll that
// keeps it.
func (w *world) look(d store.Detail, task string) (scene.Look, store.Poll) {
	w.Helper()
	for _, p := range d.Polls {
		if p.Task != task {
			continue
		}
		var l scene.Look
		if err := json.Unmarshal(p.Last, &l); err != nil {
			w.Fatalf("%s: %v", p.Last, err)
		}
		return l, p
	}
	w.Fatalf("%s of %s was not looked at", task, d.Run.Key)
	return scene.Look{}, store.Poll{}
}

// What was last seen stays when the wait is over, with why each file was not
// taken.
func TestTheLastLookIsKept(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "before the range")
		w.drop("drop/orders-2000-01-01.CSV", "another name")
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:00:01Z")
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("tasks", []string{"orders missing"}, tasks(d))
		l, p := w.look(d, "orders")
		w.same("the last look is at the deadline", "14:00:00", l.At.Format("15:04:05"))
		w.same("it is not due again", true, p.NextAt.IsZero())
		var passed []string
		for _, f := range l.Passed {
			passed = append(passed, f.Path+": "+f.Why)
		}
		w.same("passed over", []string{
			"orders-1999-12-30.csv: " + window.OutOfRange, "orders-2000-01-01.CSV: " + window.NoMatch,
		}, passed)
		w.same("listed", 2, l.Listed)

		w.drop("drop/orders-2000-01-01.csv", "1")
		w.drop("drop/orders-2000-01-02.csv", "2")
		w.sleepUntil("2000-01-02T13:00:05Z")
		stop()
		l, p = w.look(w.detail("courier_group.daily@2000-01-02T13:00:00Z"), "orders")
		w.same("found", 2, l.Found)
		w.same("not due", true, p.NextAt.IsZero())
	})
}

// A look that does not work leaves what the one before it saw, and says why.
func TestAFailedLookIsKeptBesideTheLastOne(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "before the range")
		w.deploy(orders())
		stop := w.serve()
		defer stop()
		w.sleepUntil("2000-01-01T13:30:00Z")
		if err := os.RemoveAll(filepath.Join(w.dir, "drop")); err != nil {
			w.Fatal(err)
		}
		w.sleepUntil("2000-01-01T13:31:30Z")
		l, _ := w.look(w.detail("courier_group.daily@2000-01-01T13:00:00Z"), "orders")
		w.same("seen before", 1, len(l.Passed))
		if !strings.Contains(l.Error, "does not exist") || !l.FailedAt.After(l.At) {
			w.Errorf("at %v, failed at %v: %q", l.At, l.FailedAt, l.Error)
		}
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.sleepUntil("2000-01-01T13:45:00Z")
		l, _ = w.look(w.detail("courier_group.daily@2000-01-01T13:00:00Z"), "orders")
		w.same("the error is gone", "", l.Error)
	})
}
