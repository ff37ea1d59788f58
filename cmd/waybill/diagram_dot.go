package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// dotShapes are how Graphviz draws the kinds of block. The margins keep a label
// off the slanted parts of its shape.
var dotShapes = map[string]string{
	graph.KindCourier:    `cylinder, margin="0.15,0.1"`,
	graph.KindBridge:     `hexagon`,
	graph.KindProcess:    `box, margin="0.15,0.08"`,
	graph.KindActivation: `cds, margin="0.25,0.12"`,
}

// dot writes the drawing in the language of Graphviz.
func (d *diagram) dot() string {
	var s strings.Builder
	s.WriteString("digraph waybill {\n" +
		"  rankdir=LR\n  compound=true\n  fontname=\"Helvetica\"\n" +
		"  node [fontname=\"Helvetica\", fontsize=11]\n  edge [fontname=\"Helvetica\", fontsize=10]\n")
	for i, b := range d.boxes {
		fmt.Fprintf(&s, "\n  subgraph cluster_%d {\n    label=%s\n    style=rounded\n", i, dotText(b.label))
		if len(b.nodes) == 0 { // an edge between clusters needs a node in each
			fmt.Fprintf(&s, "    g%d [shape=point, style=invis, label=\"\"]\n", i)
		}
		for _, n := range b.nodes {
			if n.kind == "" {
				fmt.Fprintf(&s, "    n%d [shape=point, label=\"\"]\n", n.id)
				continue
			}
			fmt.Fprintf(&s, "    n%d [shape=%s, label=%s]\n", n.id, dotShapes[n.kind], dotText(n.label))
		}
		for _, e := range b.edges {
			fmt.Fprintf(&s, "    n%d -> n%d\n", e.from, e.to)
		}
		s.WriteString("  }\n")
	}
	if len(d.after) > 0 {
		s.WriteByte('\n')
	}
	for _, c := range d.after {
		from, to := d.number(c.from), d.number(c.to)
		fmt.Fprintf(&s, "  %s -> %s [ltail=cluster_%d, lhead=cluster_%d, style=dashed, label=%s]\n",
			d.lastOf(from), d.firstOf(to), from, to, dotText(c.label))
	}
	s.WriteString("}\n")
	return s.String()
}

// firstOf names a node of a box that no other comes before. Edges between boxes go
// from one of the last nodes to one of the first, so that the boxes stand side by
// side.
func (d *diagram) firstOf(number int) string {
	b := &d.boxes[number]
	for _, n := range b.nodes {
		if !slices.ContainsFunc(b.edges, func(e edge) bool { return e.to == n.id }) {
			return fmt.Sprintf("n%d", n.id)
		}
	}
	return fmt.Sprintf("g%d", number)
}

// lastOf names a node of a box that no other comes after.
func (d *diagram) lastOf(number int) string {
	b := &d.boxes[number]
	for _, n := range slices.Backward(b.nodes) {
		if !slices.ContainsFunc(b.edges, func(e edge) bool { return e.from == n.id }) {
			return fmt.Sprintf("n%d", n.id)
		}
	}
	return fmt.Sprintf("g%d", number)
}

// dotText is lines as one quoted text. Graphviz reads entities of HTML in it.
func dotText(lines []string) string {
	escape := strings.NewReplacer(`&`, `&amp;`, `\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ")
	quoted := make([]string, len(lines))
	for i, line := range lines {
		quoted[i] = escape.Replace(line)
	}
	return `"` + strings.Join(quoted, `\n`) + `"`
}
