package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// burstSize is how many groups that start at once after a gap are too many.
const burstSize = 10

// order reports what a change of the clock does between groups of one zone. Clock
// order is all that ties many groups to each other: a group scheduled half an hour
// after another often reads what that one made. So each group of fixed times is
// compared with those whose time comes next before its own, unless an after block
// joins them.
func order(s *survey) diag.List {
	byZone := map[string][]*window.Calendar{}
	for _, c := range s.ticking {
		if c.Schedule().Fixed() {
			byZone[zoneKey(c.Zone())] = append(byZone[zoneKey(c.Zone())], c)
		}
	}
	o := &ordering{survey: s, links: newLinks(s.in.Graph), found: map[pair]*inversion{}}
	for _, zone := range slices.Sorted(maps.Keys(byZone)) {
		for _, t := range s.transitions(byZone[zone][0].Zone()) {
			if t.Length() > cron.LongGap*time.Second {
				continue
			}
			starts := startsAround(byZone[zone], t)
			together := o.burst(zone, t, starts)
			o.compare(t, starts, together)
		}
	}
	return append(o.bursts, o.inversions()...)
}

// ordering collects what is found at each change of the clock.
type ordering struct {
	*survey
	links  *links
	found  map[pair]*inversion
	bursts diag.List
}

type pair struct {
	group graph.Addr
	code  diag.Code
}

// inversion is a group that does not start behind others as the clock says.
type inversion struct {
	group  *window.Calendar
	others []graph.Addr
	lines  []string
}

// start is the one run of a group near a change of the clock.
type start struct {
	group   *window.Calendar
	nominal cron.Wall
	at      time.Time
	reason  cron.Reason
}

// startsAround lists the starts whose nominal times a change leaves out or repeats,
// or that such a one can be moved past, by nominal time. Only groups with a single
// time there are meant: clock order says nothing about one that runs again and
// again.
func startsAround(list []*window.Calendar, t cron.Transition) []start {
	lo, hi, gap := t.Gap()
	if !gap {
		lo, hi, _ = t.Fold()
	} else {
		hi = hi.Add(t.Length() + time.Minute)
	}
	var starts []start
	for _, c := range list {
		nominal := c.Schedule().Expr().Next(lo)
		if nominal >= hi || c.Schedule().Expr().Count(lo, hi) != 1 {
			continue
		}
		if f, ok := firingOf(c, t, nominal); ok {
			starts = append(starts, start{c, nominal, f.Instant, f.Reason})
		}
	}
	slices.SortFunc(starts, func(a, b start) int {
		return cmp.Or(cmp.Compare(a.nominal, b.nominal), strings.Compare(string(a.group.Group().Addr), string(b.group.Group().Addr)))
	})
	return starts
}

// firingOf is the only run of a nominal time at a change of the clock, if it has
// just one.
func firingOf(c *window.Calendar, t cron.Transition, nominal cron.Wall) (only cron.Firing, ok bool) {
	n := 0
	for f := range c.Schedule().Between(t.At.Add(-t.Length()-time.Second), t.At.Add(2*t.Length()+time.Minute)) {
		if f.Nominal == nominal {
			only = f
			n++
		}
	}
	return only, n == 1
}

// compare finds the groups that start at or before the start of one whose time on
// the clock is earlier. Of the earlier ones only those with the last time before
// count: it is their order that somebody relies on. together is the instant at
// which a burst is reported already.
func (o *ordering) compare(t cron.Transition, starts []start, together time.Time) {
	_, _, fold := t.Fold()
	code := diag.DSTOrderInversion
	if fold {
		code = diag.DSTFoldOrder
	}
	begin := 0 // of the starts with the last nominal time before
	for i := 0; i < len(starts); {
		end := i
		for end < len(starts) && starts[end].nominal == starts[i].nominal {
			end++
		}
		for _, b := range starts[i:end] {
			o.behind(t, code, starts[begin:i], b, together)
		}
		begin, i = i, end
	}
}

// behind records that b does not start after all of the earlier ones.
func (o *ordering) behind(t cron.Transition, code diag.Code, earlier []start, b start, together time.Time) {
	addr := b.group.Group().Addr
	if accepts(b.group.Group(), code) {
		return
	}
	var others []graph.Addr
	var line string
	for _, a := range earlier {
		if a.at.Before(b.at) || a.at.Equal(b.at) && a.at.Equal(together) || len(others) > shown || o.links.joined(a.group.Group().Addr, addr) {
			continue
		}
		if others == nil {
			line = inverted(t, a, b)
		}
		others = append(others, a.group.Group().Addr)
	}
	if others == nil {
		return
	}
	key := pair{addr, code}
	if o.found[key] == nil {
		o.found[key] = &inversion{group: b.group, others: others}
	}
	o.found[key].lines = append(o.found[key].lines, line)
}

func inverted(t cron.Transition, a, b start) string {
	date := dateOf(t).Date()
	zone := a.group.Zone()
	if a.at.Equal(b.at) {
		return fmt.Sprintf("%s: %s (%s) and %s (%s) both start at %s", date, a.group.Group().Addr, a.nominal.Clock(),
			b.group.Group().Addr, b.nominal.Clock(), moment(a.at, zone, date))
	}
	return fmt.Sprintf("%s: %s (%s) starts at %s, after %s (%s) at %s", date, a.group.Group().Addr, a.nominal.Clock(), moment(a.at, zone, date),
		b.group.Group().Addr, b.nominal.Clock(), moment(b.at, zone, date))
}

func (o *ordering) inversions() diag.List {
	var list diag.List
	for key, found := range o.found {
		g := found.group.Group()
		other := found.others[0]
		remedy := fmt.Sprintf("If %s needs what the other makes, say so in it:\n\n  after %q { group = %s }\n\nIf not, accept = [%q].", g.Addr, other.Name(), other, key.code)
		summary := "Order of " + string(g.Addr) + " and " + string(other) + " on a clock change"
		if key.code == diag.DSTFoldOrder {
			remedy = "Give both the same fold in their dst blocks. " + remedy
		}
		d := o.report(key.code, g, "schedule", summary, "By the clocks of %s, %s comes after %s, and nothing but the clock keeps them in order. On a change of the clock it does not:\n\n%s\n%s",
			found.group.Zone().Name(), g.Addr, names(found.others), bullets(found.lines), remedy)
		o.relate(&d, found.others[:min(len(found.others), shown)]...)
		list = append(list, d)
	}
	return list
}

// burst reports groups that a gap makes start together, and returns when; the
// zero time where they are not too many.
func (o *ordering) burst(zone string, t cron.Transition, starts []start) time.Time {
	if _, _, gap := t.Gap(); !gap || o.in.Graph.MaxConcurrent > 0 {
		return time.Time{}
	}
	var moved []*window.Calendar
	for _, s := range starts {
		if s.reason == cron.GapMoved && s.at.Equal(t.At) && !accepts(s.group.Group(), diag.LoadBurst) {
			moved = append(moved, s.group)
		}
	}
	if len(moved) < burstSize {
		return time.Time{}
	}
	from, to, _ := t.Gap()
	first := moved[0]
	d := o.report(diag.LoadBurst, first.Group(), "schedule", graph.Count(len(moved), "group")+" start at once on "+from.Date(),
		"The times of %s in %s lie between %s and %s, which do not exist on %s. All of them start at %s. "+
			"Set a limit with max_concurrent in the waybill block, or write\n\n%s\n\nin some of them: each then runs %s later than its time, and they stay apart.",
		names(addrs(moved)), zone, from.Clock(), to.Clock(), from.Date(), moment(t.At, first.Zone(), from.Date()), dstBlock("gap", string(cron.Shift)), length(t.Length()))
	o.relate(&d, addrs(moved)[1:min(len(moved), shown)]...)
	o.bursts = append(o.bursts, d)
	return t.At
}

// links is which groups wait for which, over any number of steps.
type links struct {
	graph    *graph.Graph
	upstream map[graph.Addr]map[graph.Addr]bool
}

func newLinks(g *graph.Graph) *links {
	return &links{graph: g, upstream: map[graph.Addr]map[graph.Addr]bool{}}
}

// joined reports whether one of two groups waits for the other.
func (l *links) joined(a, b graph.Addr) bool { return l.above(a)[b] || l.above(b)[a] }

// above is everything a group waits for.
func (l *links) above(a graph.Addr) map[graph.Addr]bool {
	if known, ok := l.upstream[a]; ok {
		return known
	}
	seen := map[graph.Addr]bool{}
	open := []graph.Addr{a}
	for len(open) > 0 {
		g := l.graph.Group(open[0])
		open = open[1:]
		if g == nil {
			continue
		}
		for _, after := range g.After {
			if !seen[after.Group] {
				seen[after.Group] = true
				open = append(open, after.Group)
			}
		}
	}
	l.upstream[a] = seen
	return seen
}
