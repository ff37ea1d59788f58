// Package view shows a [plan.Plan] to people and to programs: [Text] and
// [Timeline] for a terminal, [JSON] for everything else. [Graph] shows a compiled
// workspace or what is applied. A view works nothing out that is not in what it
// shows; it chooses, arranges and aligns.
package view

import (
	"bufio"
	"io"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// Options say how Text prints.
type Options struct {
	Color bool // ANSI colours
	Width int  // of the terminal in columns; 0 is DefaultWidth, fewer than 80 count as 80
}

// DefaultWidth is the number of columns that text is laid out for where none is
// known.
const DefaultWidth = 100

const narrowest = 80

// Text prints what the plan would change and what its groups do next. It prints
// no diagnostics; they are shown with the source they point into. The error is
// that of w.
func Text(w io.Writer, p *plan.Plan, o Options) error {
	t := newText(w, o)
	t.plan, t.proofs = p, map[graph.Addr][]coverage.Coverage{}
	for _, r := range p.Coverage {
		t.proofs[r.Group] = append(t.proofs[r.Group], r)
	}
	t.header()
	t.changes()
	for i := range p.Groups {
		t.group(&p.Groups[i])
	}
	if len(p.Groups) == 0 && !p.View.Partial() {
		t.line()
		t.line("There is no courier_group, so nothing will run by itself.")
	}
	return t.out.Flush()
}

// text is a plan, or a graph, being printed.
type text struct {
	out   *bufio.Writer
	width int
	color bool
	plan  *plan.Plan // nil for a graph
	// proofs is the plan's coverage by group.
	proofs map[graph.Addr][]coverage.Coverage
}

func newText(w io.Writer, o Options) *text {
	width := o.Width
	if width == 0 {
		width = DefaultWidth
	}
	return &text{out: bufio.NewWriter(w), width: max(width, narrowest), color: o.Color}
}
