package lang

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// longestWait returns the longest wait of the couriers of a group for which a
// wait matters, and the name of that courier.
func longestWait(all *graph.Graph, g *graph.Group) (graph.Duration, string) {
	longest, name := graph.Duration(0), ""
	for _, m := range g.Members {
		c := all.Courier(m.Courier)
		if c != nil && c.Awaits() && m.Wait > longest {
			longest, name = m.Wait, m.Name
		}
	}
	return longest, name
}

// shared reports couriers that more than one group has.
func (c *checker) shared() {
	first := map[graph.Addr]graph.Addr{}
	for i := range c.graph.Groups {
		g := &c.graph.Groups[i]
		for _, m := range g.Members {
			other, ok := first[m.Courier]
			switch {
			case !ok:
				first[m.Courier] = g.Addr
			case other != g.Addr:
				d := c.add(diag.SharedCourier, c.graph.Place(g.Addr, "courier."+m.Name), "Courier in two groups",
					"%s is in %s too. Each group keeps its own record of what it has read, and lands its own copy.", m.Courier, other)
				d.Address = string(g.Addr)
				d.Related = []diag.Related{{Message: "the other group", Range: *c.objects[other].at}}
			}
		}
	}
}

// afterWait reports an after that gives up before the other group's couriers do.
// How far the groups' ticks are apart is taken from a year of them; the year
// itself does not matter.
func (c *checker) afterWait(g *graph.Group, n *object, upstream *graph.Group) {
	longest, name := longestWait(c.graph, upstream)
	i, ok := slices.BinarySearchFunc(g.After, n.label(), func(a graph.After, name string) int { return strings.Compare(a.Name, name) })
	if longest == 0 || !ok {
		return
	}
	lag, ok := smallestLag(g, upstream, g.After[i].Offset)
	if wait := g.After[i].Wait; ok && lag+wait.Std() < longest.Std() {
		at := n.at
		if w := n.only("wait"); w != nil {
			at = w.at
		}
		d := c.add(diag.AfterTooShort, at, "after gives up before the other group does",
			"Courier %s of %s may wait %s for its data, and this waits %s from %s after that group's tick. Wait longer.",
			name, upstream.Addr, longest, wait, graph.Duration(lag))
		d.Related = []diag.Related{{Message: "the other group", Range: *c.objects[upstream.Addr].at}}
	}
}

// maxTicks bounds the ticks that are looked at for a lag.
const maxTicks = 400

// smallestLag returns the shortest time from a tick of the upstream group to the
// tick of the waiting group that looks for it.
func smallestLag(waiting, upstream *graph.Group, o graph.Offset) (time.Duration, bool) {
	w, err1 := window.NewCalendar(waiting)
	u, err2 := window.NewCalendar(upstream)
	if err1 != nil || err2 != nil || w.Schedule() == nil || u.Schedule() == nil {
		return 0, false
	}
	least, found, seen := time.Duration(0), false, 0
	from := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for f := range w.Schedule().Between(from, from.AddDate(1, 0, 0)) {
		if seen++; seen > maxTicks {
			break
		}
		if t, ok := u.Upstream(w, f.Instant, o); ok && (!found || f.Instant.Sub(t) < least) {
			least, found = f.Instant.Sub(t), true
		}
	}
	return least, found
}

// monthly reports whether a schedule names days of the month, and nothing of the
// week.
func monthly(schedule string) bool {
	e, err := cron.Parse(schedule)
	if err != nil {
		return false
	}
	f := strings.Fields(e.String())
	return len(f) == 5 && !strings.HasPrefix(f[2], "*") && strings.HasPrefix(f[4], "*") && !strings.Contains(f[2], "-")
}

// daysOf is the length of an offset without its months, in days.
func daysOf(o graph.Offset) int {
	return o.Weeks*7 + o.Days + int(o.Elapsed.Std()/(24*time.Hour))
}

func cleanFolder(name string) string { return path.Clean(name) }
