package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// selects reports whether a selection names a group: its address, or that of the
// block with for_each that it is an instance of.
func selects(list []graph.Addr, a graph.Addr) bool {
	return slices.ContainsFunc(list, func(s graph.Addr) bool { return s == a || strings.HasPrefix(string(a), string(s)+"[") })
}

// misnamed reports what a selection names and neither graph has.
func misnamed(in Input) diag.List {
	known := map[graph.Addr]bool{}
	for _, g := range []*graph.Graph{in.Deployed.Graph, in.Graph} {
		if g == nil {
			continue
		}
		for i := range g.Groups {
			known[g.Groups[i].Addr] = true
			base, _, _ := strings.Cut(string(g.Groups[i].Addr), "[")
			known[graph.Addr(base)] = true
		}
	}
	var names []string
	for a := range known {
		names = append(names, a.Name())
	}
	slices.Sort(names)
	var list diag.List
	for _, s := range []struct {
		flag string
		list []graph.Addr
	}{{"--group", in.Groups}, {"--exclude", in.Exclude}, {"--target", in.Target}} {
		for _, a := range s.list {
			if known[a] {
				continue
			}
			hint := ""
			if near := diag.Suggest(a.Name(), names); near != "" {
				hint = " Did you mean " + near + "?"
			} else if len(names) > 0 && len(names) <= 8 {
				hint = " There are: " + strings.Join(names, ", ") + "."
			}
			list = append(list, diag.PlanSelection.New(nil, "Unknown group in "+s.flag,
				"There is no %s, neither in the workspace nor in what is applied.%s", a, hint))
		}
	}
	return list
}

// narrow leaves in a plan what its selection shows.
func (p *Plan) narrow(in Input) {
	if !p.View.Partial() {
		return
	}
	old := in.Deployed.Graph
	shown := shownGroups(p.View, old, in.Graph)
	used := map[graph.Addr]bool{}
	for _, g := range []*graph.Graph{old, in.Graph} {
		for i := range g.Groups {
			if shown[g.Groups[i].Addr] {
				uses(g, &g.Groups[i], used)
			}
		}
	}
	belongs := owners(old, in.Graph)
	p.Changes = slices.DeleteFunc(p.Changes, func(c Change) bool {
		a := c.Address
		if group, _, ok := a.SplitMember(); ok {
			a = group
		}
		switch {
		case a.Kind() == graph.KindGroup:
			return !shown[a]
		case used[a]:
			return false
		default: // of no group: it goes with the whole
			return len(p.View.Groups) > 0 || belongs[a]
		}
	})
	p.Summary = summarise(p.Changes)
	p.Groups = slices.DeleteFunc(p.Groups, func(g Group) bool { return !shown[g.Group] })
	p.Runs = slices.DeleteFunc(p.Runs, func(r Run) bool { return !shown[r.Group] })
	p.Coverage = slices.DeleteFunc(p.Coverage, func(c coverage.Coverage) bool { return !shown[c.Group] })
	p.Consequences = slices.DeleteFunc(p.Consequences, func(c Consequence) bool { return !shown[c.Group] })
	p.Diagnostics = slices.DeleteFunc(p.Diagnostics, func(d diag.Diagnostic) bool {
		a := graph.Addr(d.Address)
		return d.Severity != diag.Error && a.Kind() == graph.KindGroup && !shown[a]
	})
}

// shownGroups is the groups that a selection shows: those it names and all that
// wait for them or that they wait for, without those it excludes.
func shownGroups(v View, graphs ...*graph.Graph) map[graph.Addr]bool {
	shown := map[graph.Addr]bool{}
	up, down := map[graph.Addr][]graph.Addr{}, map[graph.Addr][]graph.Addr{} // what a group waits for, and what waits for it
	for _, g := range graphs {
		for i := range g.Groups {
			a := g.Groups[i].Addr
			if len(v.Groups) == 0 || selects(v.Groups, a) {
				shown[a] = true
			}
			for _, x := range g.Groups[i].After {
				up[a] = append(up[a], x.Group)
				down[x.Group] = append(down[x.Group], a)
			}
		}
	}
	named := maps.Clone(shown) // what waits for the same group is not looked for
	for _, edges := range []map[graph.Addr][]graph.Addr{up, down} {
		for a := range reachable(edges, named) {
			shown[a] = true
		}
	}
	for a := range shown {
		if selects(v.Exclude, a) {
			delete(shown, a)
		}
	}
	return shown
}

// reachable is what can be reached from a set.
func reachable(edges map[graph.Addr][]graph.Addr, from map[graph.Addr]bool) map[graph.Addr]bool {
	seen := map[graph.Addr]bool{}
	var todo []graph.Addr
	for a := range from {
		if len(edges[a]) > 0 {
			todo = append(todo, edges[a]...)
		}
	}
	for len(todo) > 0 {
		a := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[a] {
			seen[a] = true
			todo = append(todo, edges[a]...)
		}
	}
	return seen
}

// uses adds what a group names: couriers, steps with what they come after, and
// alerts.
func uses(g *graph.Graph, group *graph.Group, into map[graph.Addr]bool) {
	for _, m := range group.Members {
		into[m.Courier] = true
	}
	for _, a := range group.Alerts {
		into[a] = true
	}
	for _, list := range [][]graph.Addr{group.Bridges, group.Processes, group.Activations} {
		for _, a := range list {
			useStep(g, a, into)
		}
	}
}

func useStep(g *graph.Graph, a graph.Addr, into map[graph.Addr]bool) {
	if into[a] {
		return
	}
	into[a] = true
	if s := g.Step(a); s != nil {
		for _, before := range s.After {
			useStep(g, before, into)
		}
	}
}

// owners is every block that some group names.
func owners(graphs ...*graph.Graph) map[graph.Addr]bool {
	all := map[graph.Addr]bool{}
	for _, g := range graphs {
		for i := range g.Groups {
			uses(g, &g.Groups[i], all)
		}
	}
	return all
}
