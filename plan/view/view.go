// Package view shows a [plan.Plan] to people and to programs: [Text] and
// [Timeline] for a terminal, [JSON] for everything else. [AdHoc] shows the plan of
// one run, [Graph] a compiled workspace or what is applied. A view works nothing out that is not in what it
// shows; it chooses, arranges and aligns.
package view

import (
	"bufio"
	"io"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// Options say how a plan is printed. Color and Width are of views for terminals, Dir
// of the others.
type Options struct {
	Color bool // ANSI colours
	Width int  // of the terminal in columns; 0 is DefaultWidth, fewer than 80 count as 80

	// Dir is the workspace's directory from the root of its repository, to name
	// files with, with slashes; empty for the root.
	Dir string
}

// DefaultWidth is the number of columns that text is laid out for where none is
// known.
const DefaultWidth = 100

const narrowest = 80

// Text prints what the plan would change and what its groups do next. It prints
// no diagnostics; they are shown with the source they point into. The error is
// that of w.
func Text(w io.Writer, p *plan.Plan, o Options) error {
	t := planText(w, p, o)
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
	// proofs and runs are the plan's, by group.
	proofs map[graph.Addr][]coverage.Coverage
	runs   map[graph.Addr][]*plan.Run
}

func planText(w io.Writer, p *plan.Plan, o Options) *text {
	t := newText(w, o)
	t.plan, t.proofs, t.runs = p, map[graph.Addr][]coverage.Coverage{}, map[graph.Addr][]*plan.Run{}
	for _, r := range p.Coverage {
		t.proofs[r.Group] = append(t.proofs[r.Group], r)
	}
	for i := range p.Runs {
		t.runs[p.Runs[i].Group] = append(t.runs[p.Runs[i].Group], &p.Runs[i])
	}
	return t
}

func newText(w io.Writer, o Options) *text {
	width := o.Width
	if width == 0 {
		width = DefaultWidth
	}
	return &text{out: bufio.NewWriter(w), width: max(width, narrowest), color: o.Color}
}
