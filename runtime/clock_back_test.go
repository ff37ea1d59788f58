package runtime_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// TestTheClockWasAhead serves by a clock that is two days ahead, and goes on by
// the right one: what waited is looked at, no tick is taken twice, and the
// schedule goes on behind the newest tick that was taken.
func TestTheClockWasAhead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // two days ahead
		w := openWorld(t, dir, 20*time.Minute)
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-02T13:30:00Z")
		stop()
		w.same("states", []string{"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z running", "2000-01-03T13:00:00Z scheduled"}, w.states())
	})
	synctest.Test(t, func(t *testing.T) { // midnight of 2000-01-01
		w := openWorld(t, dir, 20*time.Minute)
		w.drop("drop/orders-2000-01-02.csv", "2")
		stop := w.serve()
		w.sleepUntil("2000-01-01T02:00:00Z") // the next look was so long after the last event
		w.same("the run that waited", store.Succeeded, w.detail("courier_group.daily@2000-01-02T13:00:00Z").Run.State)
		w.sleepUntil("2000-01-03T12:59:00Z")
		w.same("no tick twice", []string{"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z succeeded", "2000-01-03T13:00:00Z scheduled"}, w.states())
		w.drop("drop/orders-2000-01-03.csv", "3")
		w.sleepUntil("2000-01-03T13:10:00Z")
		stop()
		w.same("it goes on", []string{
			"2000-01-01T13:00:00Z succeeded", "2000-01-02T13:00:00Z succeeded", "2000-01-03T13:00:00Z succeeded", "2000-01-04T13:00:00Z scheduled",
		}, w.states())
	})
}
