package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/waybill-dev/waybill/lang/graph"
)

// mermaidShapes are the brackets around a label by the kind of block.
var mermaidShapes = map[string][2]string{
	graph.KindCourier: {"[(", ")]"}, graph.KindBridge: {"{{", "}}"}, graph.KindProcess: {"[", "]"}, graph.KindActivation: {"([", "])"},
}

// mermaidHead leaves room for the second line of a box's title, which the boxes
// in it would cover, and keeps addresses on one line.
const mermaidHead = `%%{init: {"flowchart": {"subGraphTitleMargin": {"top": 4, "bottom": 28}, "wrappingWidth": 480}}}%%
flowchart LR
`

// mermaid writes the drawing in the language of Mermaid.
func (d *diagram) mermaid() string {
	var s strings.Builder
	s.WriteString(mermaidHead)
	for i, b := range d.boxes {
		if len(b.nodes) == 0 { // Mermaid draws no box with nothing in it
			fmt.Fprintf(&s, "  g%d[%s]\n", i, mermaidText(b.label))
			continue
		}
		fmt.Fprintf(&s, "  subgraph g%d[%s]\n", i, mermaidText(b.label))
		for _, n := range b.nodes {
			if n.kind == "" {
				fmt.Fprintf(&s, "    n%d((\" \"))\n", n.id)
				continue
			}
			shape := mermaidShapes[n.kind]
			fmt.Fprintf(&s, "    n%d%s%s%s\n", n.id, shape[0], mermaidText(n.label), shape[1])
		}
		for _, e := range b.edges {
			fmt.Fprintf(&s, "    n%d --> n%d\n", e.from, e.to)
		}
		s.WriteString("  end\n")
	}
	for _, c := range d.after {
		fmt.Fprintf(&s, "  g%d -.->|%s| g%d\n", d.number(c.from), mermaidText(c.label), d.number(c.to))
	}
	return s.String()
}

// mermaidText is lines as one quoted text. Whatever Mermaid, Markdown or HTML
// could take for its own becomes the number of the character.
func mermaidText(lines []string) string {
	var s strings.Builder
	s.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			s.WriteString("<br/>")
		}
		for at, r := range line {
			switch {
			case r == '_' && inWord(line, at): // courier_group stays readable
				s.WriteRune(r)
			case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), strings.ContainsRune(" .,:/()-", r):
				s.WriteRune(r)
			case unicode.IsControl(r):
				s.WriteByte(' ')
			default:
				fmt.Fprintf(&s, "#%d;", r)
			}
		}
	}
	s.WriteByte('"')
	return s.String()
}

// inWord reports whether the byte of a line stands between two letters or digits
// of ASCII.
func inWord(line string, at int) bool {
	plain := func(i int) bool {
		return i >= 0 && i < len(line) && line[i] < unicode.MaxASCII && (unicode.IsLetter(rune(line[i])) || unicode.IsDigit(rune(line[i])))
	}
	return plain(at-1) && plain(at+1)
}
