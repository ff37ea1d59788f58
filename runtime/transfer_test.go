package runtime_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

// large puts a file of so many bytes into the workspace, whole since long ago.
func (w *world) large(name string, size int64) {
	w.Helper()
	w.drop(name, "")
	path := filepath.Join(w.dir, name)
	if err := os.Truncate(path, size); err != nil {
		w.Fatal(err)
	}
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		w.Fatal(err)
	}
}

// slow holds the courier to a number of bytes a second.
func slow(perSecond graph.Size) func(*graph.Graph) {
	return func(g *graph.Graph) { g.Couriers[0].Filedrop.MaxBandwidth = perSecond }
}

// TestAnOperatorSeesHowFarATransferIs looks at a transfer of a hundred seconds
// while it is under way, and at what is left of that in the store.
func TestAnOperatorSeesHowFarATransferIs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.large("drop/orders-2000-01-01.csv", 10_000_000)
		w.deploy(orders(slow(100_000)))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:00:01Z")
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("a short one says nothing", (*graph.Transfer)(nil), d.Tasks[0].Progress)
		w.sleepUntil("2000-01-01T13:00:51Z")
		d = w.detail(d.Run.Key)
		p := d.Tasks[0].Progress
		if p == nil || p.All != 10_000_000 || p.Of != 1 || p.Files != 0 || p.File != "orders-2000-01-01.csv" {
			t.Fatalf("%+v", p)
		}
		if p.Bytes < 4_900_000 || p.Bytes > 5_700_000 || p.Rate < 80_000 || p.Rate > 120_000 {
			t.Errorf("after 50 seconds %+v", p)
		}
		if left, known := p.Left(); !known || left < 40*time.Second || left > 60*time.Second {
			t.Errorf("%s left", left)
		}
		standing, err := w.runtime.Standing(w.ctx)
		if err != nil || len(standing.Open) != 1 || standing.Open[0].Transfer == nil || *standing.Open[0].Transfer != *p {
			t.Errorf("%+v %v", standing.Open, err)
		}
		got, err := w.runtime.Why(w.ctx, why.Question{Run: d.Run.Key})
		if err != nil || !strings.Contains(got.Answer, "orders has loaded its data for") || !strings.Contains(got.Answer, " of 10.0 MB (") {
			t.Errorf("%s %v", got.Answer, err)
		}
		w.sleepUntil("2000-01-01T13:02:00Z")
		d = w.detail(d.Run.Key)
		w.same("state", store.Succeeded, d.Run.State)
		w.same("of one that is over", (*graph.Transfer)(nil), d.Tasks[0].Progress)
		w.same("events", 2, count(d, runtime.EventTransfer)) // after 30 and 90 seconds
	})
}

// TestEventsOfATransferBecomeRarer has a transfer go on for a day.
func TestEventsOfATransferBecomeRarer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.large("drop/orders-2000-01-01.csv", 8_640_000)
		w.deploy(orders(slow(1000), func(g *graph.Graph) { g.Couriers[0].Timeout = hours(48); g.Couriers[0].Files[0].Name = "x" }))
		defer w.serve()()
		w.sleepUntil("2000-01-02T10:00:00Z")
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.Succeeded, d.Run.State)
		if n := count(d, runtime.EventTransfer); n < 10 || n > 30 {
			t.Errorf("%d events in two hours and a half", n)
		}
	})
}

// TestCouriersShareTheBandwidthOfAHost has two couriers of two groups pull from
// one place, and a third one that writes another number.
func TestCouriersShareTheBandwidthOfAHost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.large("drop/orders-2000-01-01.csv", 10_000_000)
		w.deploy(orders(slow(1_000_000), func(g *graph.Graph) {
			second, third := g.Couriers[0], g.Couriers[0]
			second.Addr, third.Addr = "courier.other", "courier.third"
			own := *third.Filedrop
			own.MaxBandwidth = 2_000_000
			third.Filedrop = &own
			g.Couriers = []graph.Courier{g.Couriers[0], second, third}
			one := g.Groups[0]
			for i, name := range []string{"courier_group.other", "courier_group.third"} {
				group := one
				group.Addr = graph.Addr(name)
				group.Members = []graph.Member{one.Members[0]}
				group.Members[0].Courier = []graph.Addr{"courier.other", "courier.third"}[i]
				g.Groups = append(g.Groups, group)
			}
		}))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:01:00Z")
		took := func(group string) time.Duration {
			r := w.detail("courier_group." + group + "@2000-01-01T13:00:00Z").Run
			return r.EndedAt.Sub(r.StartedAt)
		}
		if last := max(took("daily"), took("other")); last < 18*time.Second || last > 21*time.Second {
			t.Errorf("20 MB through 1 MB a second took %s", last)
		}
		if alone := took("third"); alone < 4*time.Second || alone > 6*time.Second {
			t.Errorf("10 MB through 2 MB a second took %s", alone)
		}
	})
}

// TestTheWorkspaceHasABandwidth holds all copies together to one limit.
func TestTheWorkspaceHasABandwidth(t *testing.T) {
	inWorld(t, func(w *world) {
		w.large("drop/orders-2000-01-01.csv", 10_000_000)
		w.deploy(orders(func(g *graph.Graph) { g.MaxBandwidth = 1_000_000 }))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:01:00Z")
		r := w.detail("courier_group.daily@2000-01-01T13:00:00Z").Run
		if took := r.EndedAt.Sub(r.StartedAt); took < 9*time.Second || took > 12*time.Second {
			t.Errorf("10 MB through 1 MB a second took %s", took)
		}
	})
}

// TestACopyThatWaitsForBandwidthCanBeStopped stops one that has a day to go.
func TestACopyThatWaitsForBandwidthCanBeStopped(t *testing.T) {
	inWorld(t, func(w *world) {
		w.large("drop/orders-2000-01-01.csv", 10_000_000)
		w.deploy(orders(slow(10_000), func(g *graph.Graph) { g.Couriers[0].Timeout = hours(48) }))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:00:40Z")
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{}); err != nil {
			t.Fatal(err)
		}
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.Stopped, d.Run.State)
	})
}
