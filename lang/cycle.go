package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
)

// edge says that from needs to, and where that is written.
type edge struct {
	from, to string
	at       *diag.Range
}

// cycles finds a cycle for each knot of edges: the edges of one walk from a name
// back to itself, beginning with the smallest name. Names outside of cycles cost
// nothing; no name is in two of the cycles returned. order is all names, each
// after those that it needs, cycles aside.
func cycles(edges []edge) (found [][]edge, order []string) {
	next := map[string][]edge{}
	var names []string
	for _, e := range edges {
		if next[e.from] == nil {
			names = append(names, e.from)
		}
		next[e.from] = append(next[e.from], e)
	}
	slices.Sort(names)
	state := map[string]progress{}
	for _, name := range names {
		if state[name] == untouched {
			found = append(found, walk(name, next, state, func(done string) { order = append(order, done) })...)
		}
	}
	return found, order
}

// walk goes through everything that can be reached from a name, depth first,
// without recursion: a workspace may have long chains. It tells of each name when
// it is through with all that can be reached from there.
func walk(start string, next map[string][]edge, state map[string]progress, through func(string)) [][]edge {
	type frame struct {
		name string
		rest []edge
	}
	var found [][]edge
	var path []edge // the edges that led to the frames after the first
	stack := []frame{{start, next[start]}}
	state[start] = underway
	inCycle := map[string]bool{}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if len(top.rest) == 0 {
			state[top.name] = done
			through(top.name)
			stack = stack[:len(stack)-1]
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
			continue
		}
		e := top.rest[0]
		top.rest = top.rest[1:]
		switch state[e.to] {
		case untouched:
			state[e.to] = underway
			path = append(path, e)
			stack = append(stack, frame{e.to, next[e.to]})
		case underway:
			from := slices.IndexFunc(path, func(p edge) bool { return p.from == e.to })
			if from < 0 {
				from = len(path)
			}
			cycle := append(slices.Clone(path[from:]), e)
			if !slices.ContainsFunc(cycle, func(p edge) bool { return inCycle[p.from] }) {
				for _, p := range cycle {
					inCycle[p.from] = true
				}
				found = append(found, rotate(cycle))
			}
		}
	}
	return found
}

// rotate makes a cycle begin with its smallest name.
func rotate(cycle []edge) []edge {
	least := 0
	for i := range cycle {
		if cycle[i].from < cycle[least].from {
			least = i
		}
	}
	return append(slices.Clone(cycle[least:]), cycle[:least]...)
}

// reportCycle reports a cycle at its first edge and names the place of each.
func reportCycle(r *report, cycle []edge, verb, why string) {
	names := make([]string, 0, len(cycle)+1)
	for _, e := range cycle {
		names = append(names, e.from)
	}
	names = append(names, cycle[0].from)
	d := r.add(diag.ReferenceCycle, cycle[0].at, "Cycle", "%s: %s. Take one of them out.", strings.TrimSuffix(why, "."), strings.Join(names, " → "))
	d.Address = cycle[0].from
	for _, e := range cycle {
		d.Related = append(d.Related, diag.Related{Message: fmt.Sprintf("%s %s %s", e.from, verb, e.to), Range: *e.at})
	}
}
