package main

import (
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// dotShapes are how Graphviz draws the kinds of block.
var dotShapes = map[string]string{
	graph.KindCourier: "cylinder", graph.KindBridge: "hexagon", graph.KindProcess: "box", graph.KindActivation: "cds",
}

// dot writes the drawing in the language of Graphviz.
func (d *diagram) dot() string {
	var s strings.Builder
	s.WriteString("digraph waybill {\n" +
		"  rankdir=LR\n  compound=true\n  fontname=\"Helvetica\"\n" +
		"  node [fontname=\"Helvetica\", fontsize=11]\n  edge [fontname=\"Helvetica\", fontsize=10]\n")
	for i, b := range d.boxes {
		fmt.Fprintf(&s, "\n  subgraph cluster_%d {\n    label=%s\n    style=rounded\n", i, dotText(b.label))
		// An edge between clusters needs a node in each.
		fmt.Fprintf(&s, "    g%d [shape=point, style=invis, label=\"\"]\n", i)
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
		fmt.Fprintf(&s, "  g%d -> g%d [ltail=cluster_%d, lhead=cluster_%d, style=dashed, label=%s]\n", from, to, from, to, dotText(c.label))
	}
	s.WriteString("}\n")
	return s.String()
}

// dotText is lines as one quoted text.
func dotText(lines []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ")
	quoted := make([]string, len(lines))
	for i, line := range lines {
		quoted[i] = escape.Replace(line)
	}
	return `"` + strings.Join(quoted, `\n`) + `"`
}
