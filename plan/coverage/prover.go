package coverage

import (
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Prover proves the coverage of the groups of one graph from one instant on. It
// keeps the proofs it has made, so that groups that are alike cost one. It is not
// safe for concurrent use.
type Prover struct {
	graph       *graph.Graph
	from, until time.Time

	clocks *clocks
	known  map[string]Coverage
	files  map[graph.Addr][]*filePattern
}

// New is a prover for the ten years that begin at an instant.
func New(g *graph.Graph, at time.Time) *Prover {
	return Between(g, at, at.UTC().AddDate(Years, 0, 0))
}

// Between is a prover for the runs in (from, until], to the second.
func Between(g *graph.Graph, from, until time.Time) *Prover {
	from, until = from.UTC().Truncate(time.Second), until.UTC().Truncate(time.Second)
	return &Prover{graph: g, from: from, until: until, clocks: newClocks(from, until),
		known: map[string]Coverage{}, files: map[graph.Addr][]*filePattern{}}
}

// Group is the coverage of each courier of a group, in its order; nil for a group
// that does not run by itself.
func (p *Prover) Group(c *window.Calendar) []Coverage {
	if g := c.Group(); !g.Active || c.Schedule() == nil {
		return nil
	}
	list := p.results(c)
	for i, r := range list {
		if r.Basis == ByRange && !r.Holds && r.Runs > 0 {
			list[i].Cure = p.cure(c, i, list)
		}
	}
	return list
}

// results is the coverage of each courier, without cures.
func (p *Prover) results(c *window.Calendar) []Coverage {
	group := p.proof(c)
	list := make([]Coverage, 0, len(c.Group().Members))
	for i, m := range c.Group().Members {
		result := group.member(i)
		result.Group, result.Courier, result.Name = c.Group().Addr, m.Courier, m.Name
		list = append(list, result)
	}
	return list
}

// proof is the proofs of one group.
type proof struct {
	prover   *Prover
	calendar *window.Calendar
	key      string
	ticks    *ticks // nil until one is needed
}

func (p *Prover) proof(c *window.Calendar) *proof {
	return &proof{prover: p, calendar: c, key: groupKey(c)}
}

// groupKey names all that a proof takes from a group.
func groupKey(c *window.Calendar) string {
	g := c.Group()
	p := c.Schedule().Policy()
	key := []string{g.Schedule, c.Zone().Name(), c.RangeZone().Name(), string(p.Gap), string(p.Fold), string(p.Class), g.MaxRange.String(), g.CatchUp}
	if g.PastDayOnly {
		key = append(key, "past day")
	}
	return strings.Join(key, "\n")
}

// member proves the i-th courier of the group, or remembers. Nothing is said of
// one that the graph does not have.
func (g *proof) member(i int) Coverage {
	p, m := g.prover, g.calendar.Group().Members[i]
	source := p.graph.Courier(m.Courier)
	if source == nil {
		return Coverage{From: p.from, Until: p.until, Basis: ByArrival}
	}
	files := p.patterns(source)
	key := g.key + "\n" + m.Offset.String() + "\n" + source.Source()
	for _, f := range files {
		key += "\n" + f.key
	}
	if source.IgnoresRange {
		key += "\nfull"
	}
	result, ok := p.known[key]
	if !ok {
		if g.ticks == nil {
			g.ticks = p.ticksOf(g.calendar)
		}
		result = g.ticks.prove(m.Offset, source, files)
		p.known[key] = result
	}
	result.Dates = slices.Clone(result.Dates)
	for i := range result.Dates {
		result.Dates[i].File = files[i].name
	}
	return result
}

// ticksOf is what the couriers of a group share.
func (p *Prover) ticksOf(c *window.Calendar) *ticks {
	s := c.Schedule()
	t := &ticks{calendar: c, schedule: s, expr: s.Expr(), zone: c.Zone(), dates: c.RangeZone(),
		clocks: p.clocks, from: p.from, until: p.until}
	t.runs = s.Count(p.from, p.until)
	t.first, t.last = p.from.Unix(), p.from.Unix()
	if f, ok := s.Prev(p.from.Add(time.Second)); ok {
		t.first = f.Instant.Unix()
	}
	if f, ok := s.Prev(p.until.Add(time.Second)); ok {
		t.last = f.Instant.Unix()
	}
	t.usual = p.clocks.distance(t.zone, t.dates, p.from.Unix(), p.until.Unix())
	fields := strings.Fields(t.expr.String())
	t.always = t.expr
	switch {
	case fields[2] == "*" && fields[3] == "*" && fields[4] == "*":
		t.period = 1
		return t
	case fields[2] == "*" && fields[3] == "*" && !strings.ContainsAny(fields[4], "#L"):
		t.period = 7
	}
	if e, err := cron.Parse(fields[0] + " " + fields[1] + " * * *"); err == nil {
		t.always = e
	}
	return t
}

// patterns is the files of a courier that go by a range.
func (p *Prover) patterns(source *graph.Courier) []*filePattern {
	list, ok := p.files[source.Addr]
	if !ok {
		for _, f := range source.Files {
			if parsed := newFilePattern(f); parsed != nil {
				list = append(list, parsed)
			}
		}
		p.files[source.Addr] = list
	}
	return list
}

// prove is the proof itself.
func (t *ticks) prove(o graph.Offset, source *graph.Courier, files []*filePattern) Coverage {
	result := Coverage{From: t.from, Until: t.until, Basis: ByRange, Runs: t.runs}
	switch {
	case source.IgnoresRange:
		result.Basis, result.Holds = FullLoad, t.runs > 0
		return result
	case !window.NeedsRange(source):
		result.Basis, result.Unproved = ByArrival, undated(source)
		return result
	case t.runs == 0:
		return result
	}
	result.Unproved = undated(source)
	if t.calendar.Group().CatchUp == graph.SkipCatchUp {
		result.Conditions = append(result.Conditions, `what falls due while nothing serves is dropped: catch_up = "skip"`)
	}
	if t.calendar.Group().PastDayOnly {
		result.Conditions = append(result.Conditions, "what a missed or failed run leaves is dropped: past_day_only")
	}
	c := t.course(o)
	for _, f := range files {
		result.Dates = append(result.Dates, Dates{Unit: f.unit.String(), Expected: f.count(c, c.begin, c.end)})
	}
	c.ranges(&result, files)
	for i, f := range files {
		if f.unit == window.Hour {
			c.repeats(&result.Dates[i], f)
		} else {
			c.ages(&result.Dates[i], f)
		}
	}
	result.Holds = holds(result)
	return result
}

// undated names the files of a courier that go by arrival.
func undated(source *graph.Courier) []string {
	var names []string
	for _, f := range source.Files {
		if newFilePattern(f) == nil {
			names = append(names, f.Name)
		}
	}
	return names
}

func holds(c Coverage) bool {
	for _, d := range c.Dates {
		if d.Never+d.Early+d.Late+d.Repeated > 0 {
			return false
		}
	}
	return c.Lost == 0 && c.Twice == 0 && c.Blocked == 0
}
