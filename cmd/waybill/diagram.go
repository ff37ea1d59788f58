package main

import (
	"fmt"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
)

// diagram is a drawing of a workspace, in the order of its addresses.
type diagram struct {
	graph *graph.Graph
	boxes []box
	after []constraint
	nodes int
}

// box is a group.
type box struct {
	addr  graph.Addr
	label []string
	nodes []node
	edges []edge
}

// node is something that a group runs. The ids of a diagram are numbers, since
// what names are allowed differs between the languages of drawings.
type node struct {
	id    int
	kind  string // of block; "" for a point at which everything before it is done
	label []string
}

// edge says that one node of a box runs before another.
type edge struct{ from, to int }

// constraint says that one group waits for another.
type constraint struct {
	from, to graph.Addr
	label    []string
}

// addGroup adds a group, with what is in it or without.
func (d *diagram) addGroup(g *graph.Group, whole bool) {
	b := box{addr: g.Addr, label: []string{g.Addr.String()}}
	switch {
	case g.Schedule != "" && g.Active:
		b.label = append(b.label, "cron "+g.Schedule+", "+g.Timezone)
	case g.Schedule != "":
		b.label = append(b.label, "not active: cron "+g.Schedule+", "+g.Timezone)
	default:
		b.label = append(b.label, "runs when asked to")
	}
	if whole {
		d.fill(&b, g)
	}
	d.boxes = append(d.boxes, b)
}

// fill adds what a group runs in three stages, each of which begins when the one
// before it is done.
func (d *diagram) fill(b *box, g *graph.Group) {
	var first, last []int
	for i := range g.Members {
		first = append(first, d.add(b, graph.KindCourier, memberLabel(d.graph, &g.Members[i])))
	}
	stages := map[string][]graph.Addr{}
	for _, a := range g.Steps() {
		stages[a.Kind()] = append(stages[a.Kind()], a)
	}
	for _, a := range stages[graph.KindBridge] {
		first = append(first, d.add(b, graph.KindBridge, stepLabel(d.graph, a)))
	}
	last = first
	for _, kind := range []string{graph.KindProcess, graph.KindActivation} {
		if len(stages[kind]) > 0 {
			begin, end := d.stage(b, kind, stages[kind])
			d.join(b, last, begin)
			last = end
		}
	}
}

// stage adds steps of one kind with the order among them, and returns those that
// come after none of the others, and those that none of the others comes after.
func (d *diagram) stage(b *box, kind string, steps []graph.Addr) (begin, end []int) {
	ids := map[graph.Addr]int{}
	for _, a := range steps {
		ids[a] = d.add(b, kind, stepLabel(d.graph, a))
	}
	before := map[graph.Addr]bool{}
	for _, a := range steps {
		waits := false
		for _, other := range d.graph.Step(a).After {
			if from, ok := ids[other]; ok {
				b.edges = append(b.edges, edge{from, ids[a]})
				before[other], waits = true, true
			}
		}
		if !waits {
			begin = append(begin, ids[a])
		}
	}
	for _, a := range steps {
		if !before[a] {
			end = append(end, ids[a])
		}
	}
	return begin, end
}

func (d *diagram) add(b *box, kind string, label []string) int {
	d.nodes++
	b.nodes = append(b.nodes, node{id: d.nodes, kind: kind, label: label})
	return d.nodes
}

// join lets every node of one stage come before every one of the next. Where both
// are several they meet in a point, so that edges do not multiply.
func (d *diagram) join(b *box, from, to []int) {
	if len(from) > 1 && len(to) > 1 {
		point := d.add(b, "", nil)
		d.join(b, from, []int{point})
		from = []int{point}
	}
	for _, f := range from {
		for _, t := range to {
			b.edges = append(b.edges, edge{f, t})
		}
	}
}

// memberLabel is a courier as its group uses it.
func memberLabel(g *graph.Graph, m *graph.Member) []string {
	label := []string{m.Courier.String()}
	if m.Name != m.Courier.Name() {
		label = []string{fmt.Sprintf("%s (%s)", m.Name, m.Courier)}
	}
	if c := g.Courier(m.Courier); c != nil {
		label = append(label, c.Source())
	}
	if !m.Offset.IsZero() {
		label = append(label, "offset "+m.Offset.String())
	}
	if m.Wait > 0 {
		label = append(label, "waits up to "+m.Wait.String())
	}
	return label
}

func stepLabel(g *graph.Graph, a graph.Addr) []string {
	if s := g.Step(a); s != nil {
		return []string{a.String(), s.Action()}
	}
	return []string{a.String()}
}

// number is the place of a group among the boxes.
func (d *diagram) number(a graph.Addr) int {
	return slices.IndexFunc(d.boxes, func(b box) bool { return b.addr == a })
}
