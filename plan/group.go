package plan

import (
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// world is what the groups of one plan share.
type world struct {
	in        Input
	until     time.Time
	perGroup  int
	calendars map[graph.Addr]*window.Calendar
	prover    *coverage.Prover
	coverage  map[graph.Addr][]coverage.Coverage // of the groups that tick by themselves
	courses   map[graph.Addr]*simulation         // of the groups that the changes touch
	keep      map[graph.Addr]bool                // those groups

	// earlier is the world as it is applied, for runs that were started by it; nil
	// in that world itself.
	earlier *world
}

// appliedWorld is the world as it goes on where nothing is applied. Its calendars
// are compiled when they are asked for.
func appliedWorld(in Input, w *world) *world {
	in.Graph = in.Deployed.Graph
	return &world{in: in, until: w.until, perGroup: w.perGroup, calendars: map[graph.Addr]*window.Calendar{}}
}

func newWorld(in Input, until time.Time) (*world, diag.List) {
	w := &world{in: in, until: until, perGroup: in.PerGroup, calendars: map[graph.Addr]*window.Calendar{},
		prover: coverage.New(in.Graph, in.At), coverage: map[graph.Addr][]coverage.Coverage{}, courses: map[graph.Addr]*simulation{}}
	if w.perGroup == 0 {
		w.perGroup = DefaultPerGroup
	}
	var problems diag.List
	for i := range in.Graph.Groups {
		g := &in.Graph.Groups[i]
		c, err := window.NewCalendar(g)
		if err != nil {
			problems = append(problems, unplannable(in.Graph, g.Addr, err))
			continue
		}
		w.calendars[g.Addr] = c
	}
	return w, problems
}

// unplannable reports a graph that the compiler would not have let through, such
// as one that another release wrote.
func unplannable(g *graph.Graph, a graph.Addr, err error) diag.Diagnostic {
	d := diag.UnreadableGraph.New(g.Place(a, ""), "Group that this release cannot read",
		"%s cannot be planned: %v. Compile the workspace again with this release of Waybill.", a, err)
	d.Address = string(a)
	return d
}

// addGroup adds a group and its runs to the plan.
func (p *Plan) addGroup(w *world, g *graph.Group) {
	c := w.calendars[g.Addr]
	if c == nil {
		return
	}
	group := Group{Group: g.Addr, State: Unscheduled, Schedule: g.Schedule, Timezone: g.Timezone, FileDates: g.FileDates, Steps: g.Steps()}
	if c.Schedule() != nil {
		group.Words = c.Schedule().Expr().Describe()
		p.cover(w, c)
		s := simulate(w, c)
		if w.keep[g.Addr] {
			w.courses[g.Addr] = s
		}
		group.State, group.More, group.Notes = s.state, s.more(), s.notes
		p.Runs = append(p.Runs, s.runs...)
		p.Diagnostics = append(p.Diagnostics, s.problems...)
	}
	p.Groups = append(p.Groups, group)
}
