package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// report collects what is found, in no order.
type report struct {
	list     diag.List
	absences map[string]*absence // by what is not there
}

// add records a problem and returns it, so that the caller can say more.
func (r *report) add(c diag.Code, at *diag.Range, summary, format string, args ...any) *diag.Diagnostic {
	r.list = append(r.list, c.New(at, summary, format, args...))
	return &r.list[len(r.list)-1]
}

// address says of the problems from the one numbered on that they are about a
// block.
func (r *report) address(from int, b *hclsyntax.Block) {
	schema := workspaceSchema.block(b.Type)
	if schema == nil || len(schema.Labels) == 0 || len(b.Labels) != len(schema.Labels) {
		return
	}
	addr := string(graph.NewAddr(b.Type, b.Labels...))
	if schema == &variableSchema {
		addr = "var." + b.Labels[0]
	}
	r.about(from, addr)
}

// about says of the problems from the one numbered on that they are about the
// block at an address, where nothing else was said.
func (r *report) about(from int, addr string) {
	for i := from; i < len(r.list); i++ {
		if r.list[i].Address == "" {
			r.list[i].Address = addr
		}
	}
}

// place converts a range of the parser.
func place(r hcl.Range) *diag.Range {
	pos := func(p hcl.Pos) diag.Pos { return diag.Pos{Line: p.Line, Column: p.Column, Byte: p.Byte} }
	if r.End.Byte < r.Start.Byte { // of text that could be read in part only
		r.End = r.Start
	}
	return &diag.Range{Filename: r.Filename, Start: pos(r.Start), End: pos(r.End)}
}

// didYouMean is a sentence that names the nearest candidate, with what stands
// before it in the text, or "" when none is near.
func didYouMean(given, before string, candidates []string) string {
	if s := diag.Suggest(given, candidates); s != "" {
		return " Did you mean " + before + s + "?"
	}
	return ""
}
