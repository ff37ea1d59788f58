package graph

import "slices"

// Renamed returns the graph with every block under its present address, as
// though it had been written so. The graph itself is left alone.
func (g *Graph) Renamed(r Renames) *Graph {
	if g == nil || r.Empty() {
		return g
	}
	out := *g
	out.Alerts, out.Couriers, out.Groups = slices.Clone(g.Alerts), slices.Clone(g.Couriers), slices.Clone(g.Groups)
	for i := range out.Alerts {
		out.Alerts[i].Addr = r.Block(out.Alerts[i].Addr)
	}
	for i := range out.Couriers {
		out.Couriers[i].Addr = r.Block(out.Couriers[i].Addr)
	}
	out.Bridges, out.Processes, out.Activations = r.steps(g.Bridges), r.steps(g.Processes), r.steps(g.Activations)
	for i := range out.Groups {
		r.group(&out.Groups[i])
	}
	slices.SortFunc(out.Alerts, func(a, b Alert) int { return compareAddr(a.Addr, b.Addr) })
	slices.SortFunc(out.Couriers, func(a, b Courier) int { return compareAddr(a.Addr, b.Addr) })
	slices.SortFunc(out.Groups, func(a, b Group) int { return compareAddr(a.Addr, b.Addr) })
	return &out
}

func compareAddr(a, b Addr) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (r Renames) steps(list []Step) []Step {
	out := slices.Clone(list)
	for i := range out {
		out[i].Addr, out[i].After = r.Block(out[i].Addr), r.blocks(out[i].After)
	}
	slices.SortFunc(out, func(a, b Step) int { return compareAddr(a.Addr, b.Addr) })
	return out
}

// blocks keeps the order: of groups' lists it is what was written, sorted where
// the compiler sorts it.
func (r Renames) blocks(list []Addr) []Addr {
	out := slices.Clone(list)
	sorted := slices.IsSorted(out)
	for i := range out {
		out[i] = r.Block(out[i])
	}
	if sorted {
		slices.Sort(out)
	}
	return out
}

func (r Renames) group(g *Group) {
	g.Members, g.After = slices.Clone(g.Members), slices.Clone(g.After)
	ordered := slices.IsSortedFunc(g.Members, byName)
	for i := range g.Members {
		m := &g.Members[i]
		m.Name, m.Courier = r.Member(g.Addr, m.Name), r.Block(m.Courier)
	}
	if ordered {
		slices.SortFunc(g.Members, byName)
	}
	for i := range g.After {
		g.After[i].Group = r.Block(g.After[i].Group)
	}
	g.Addr = r.Block(g.Addr)
	g.Bridges, g.Processes, g.Activations, g.Alerts = r.blocks(g.Bridges), r.blocks(g.Processes), r.blocks(g.Activations), r.blocks(g.Alerts)
}

func byName(a, b Member) int { return compareAddr(Addr(a.Name), Addr(b.Name)) }

// Renamed returns the standing with every group and courier under its present
// name. Runs keep their keys. What a group or a courier of that name had left that
// was removed earlier is not theirs.
func (s Standing) Renamed(r Renames) Standing {
	if r.Empty() {
		return s
	}
	return Standing{
		Watermarks: renamedRows(s.Watermarks, func(w *Watermark) (*Addr, *string) { return &w.Group, &w.Courier }, r),
		Paused:     renamedRows(s.Paused, func(p *Pause) (*Addr, *string) { return &p.Group, nil }, r),
		Open:       renamedRows(s.Open, func(o *OpenRun) (*Addr, *string) { return &o.Group, nil }, r),
		Expected:   renamedRows(s.Expected, func(e *Expected) (*Addr, *string) { return &e.Group, nil }, r),
	}
}

// renamedRows is the rows of a list under the present names of their groups, and
// of their couriers where they have one.
func renamedRows[T any](list []T, names func(*T) (group *Addr, member *string), r Renames) []T {
	var out []T
	for _, row := range list {
		group, member := names(&row)
		if r.Former(*group) != *group {
			continue // left behind by another group of that name
		}
		if member != nil {
			if r.replaces(*group, *member) {
				continue
			}
			*member = r.Member(*group, *member)
		}
		*group = r.Block(*group)
		out = append(out, row)
	}
	return out
}

// replaces reports whether another courier of a group takes this name.
func (r Renames) replaces(group Addr, name string) bool {
	to := MemberAddr(r.Block(group), name)
	return slices.ContainsFunc(r.Members, func(m Moved) bool { return m.To == to })
}
