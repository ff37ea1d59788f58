package runtime_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// atOnePlace is a group of couriers that look for files of their own in the folder
// "drop".
func atOnePlace(n int, change func(i int, c *graph.Courier, m *graph.Member)) *graph.Graph {
	g := orders()
	courier, member := g.Couriers[0], g.Groups[0].Members[0]
	g.Couriers, g.Groups[0].Members = nil, nil
	for i := range n {
		c, m := courier, member
		m.Name = fmt.Sprintf("c%03d", i)
		m.Courier = graph.NewAddr("courier", m.Name)
		m.OnMissing = graph.OnMissingContinue
		c.Addr = m.Courier
		c.Files = []graph.File{{Name: "orders", Pattern: m.Name + "-{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach}}
		change(i, &c, &m)
		g.Couriers, g.Groups[0].Members = append(g.Couriers, c), append(g.Groups[0].Members, m)
	}
	return g
}

// Couriers that look at one place share its lists.
func TestCouriersAtOnePlaceShareLists(t *testing.T) {
	inWorld(t, func(w *world) {
		const couriers, minutes = 20, 4
		w.drop("drop/other", "x")
		w.deploy(atOnePlace(couriers, func(_ int, c *graph.Courier, m *graph.Member) {
			c.PollEvery, m.Wait = graph.Duration(time.Minute), graph.Duration(minutes*time.Minute)
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:00:30Z")
		w.same("lists for all first looks", int64(1), w.runtime.Lists())
		w.sleepUntil("2000-01-01T13:03:59Z")
		looks := 0
		for _, p := range w.detail("courier_group.daily@2000-01-01T13:00:00Z").Polls {
			looks += p.Looks
		}
		before := w.runtime.Lists()
		// A list is shared for 6 seconds, a tenth of the pause.
		if looks < (minutes-1)*couriers || before > 10*minutes {
			w.Errorf("%d lists for %d looks", before, looks)
		}
		w.sleepUntil("2000-01-01T13:04:01Z")
		stop()
		if n := w.runtime.Lists() - before; n > 2 { // one in the last second before it
			w.Errorf("%d lists at the deadline", n)
		}
		w.same("state", store.SucceededWithWarnings, w.detail("courier_group.daily@2000-01-01T13:00:00Z").Run.State)
	})
}

// Whatever the waits and pauses are, the last look is exactly at the deadline,
// and none is after it.
func TestTheLastLookIsAtTheDeadline(t *testing.T) {
	inWorld(t, func(w *world) {
		const couriers = 5
		random := rand.New(rand.NewPCG(6, 2))
		w.drop("drop/other", "x")
		w.deploy(atOnePlace(couriers, func(i int, c *graph.Courier, m *graph.Member) {
			m.Wait = graph.Duration(time.Duration(random.IntN(400)) * time.Second)
			if i%3 > 0 {
				c.PollEvery = graph.Duration(time.Duration(20+random.IntN(100)) * time.Second)
			}
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		stop()
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		for _, task := range d.Tasks {
			l, p := w.look(d, task.Name)
			if !l.At.Equal(task.Deadline) || task.State != store.Missing || !task.EndedAt.Equal(task.Deadline) {
				w.Errorf("%s: deadline %v, last look %v, ended %v", task.Name, task.Deadline, l.At, task.EndedAt)
			}
			wait := task.Deadline.Sub(d.Run.ScheduledAt)
			if most := int(wait/time.Second) + 2; p.Looks < 1 || p.Looks > most {
				w.Errorf("%s: %d looks in %v", task.Name, p.Looks, wait)
			}
		}
	})
}
