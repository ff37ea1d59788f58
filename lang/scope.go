package lang

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// scope is what the names in an expression can mean.
type scope struct {
	report    *report
	variables map[string]*variable
	lost      bool // a file of values could not be read, so that values may be in there
	locals    map[string]*local
	blocks    map[graph.Addr]*diag.Range // where each was declared
	used      map[string]bool            // "var.env", "local.x" and addresses
	holes     []graph.Part               // see hole.go
	functions map[string]function.Function
}

func newScope(r *report) *scope {
	s := &scope{
		report:    r,
		variables: map[string]*variable{},
		locals:    map[string]*local{},
		blocks:    map[graph.Addr]*diag.Range{},
		used:      map[string]bool{},
	}
	s.functions = maps.Clone(functions)
	s.functions["formatdate"] = s.formatDate()
	return s
}

// local is a named value. It is evaluated when it is first asked for.
type local struct {
	attr  *hclsyntax.Attribute
	state progress
	value cty.Value
}

// progress of a value that is evaluated on demand.
type progress uint8

const (
	untouched progress = iota
	underway
	done
)

// evaluateLocals reports cycles, then evaluates every local and default, used or
// not, so that nothing wrong in them stays unseen.
func (s *scope) evaluateLocals() {
	s.breakCycles()
	for _, name := range slices.Sorted(maps.Keys(s.variables)) {
		s.variable(name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.locals)) {
		s.local(name)
	}
}

// local returns the value of a local that exists.
func (s *scope) local(name string) cty.Value {
	l := s.locals[name]
	if l.state == untouched {
		l.state = underway
		l.value = s.eval(l.attr.Expr, site{what: "local." + name})
		l.state = done
	}
	if l.state == underway { // part of a cycle, which is reported
		return cty.DynamicVal
	}
	return l.value
}

// breakCycles reports every cycle among locals and the defaults of variables.
func (s *scope) breakCycles() {
	var edges []edge
	add := func(from string, e hclsyntax.Expression) {
		for _, t := range hclsyntax.Variables(e) {
			to, ok := valueName(t)
			if ok {
				edges = append(edges, edge{from: from, to: to, at: place(t.SourceRange())})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.variables)) {
		if v := s.variables[name]; v.def != nil {
			add("var."+name, v.def.Expr)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.locals)) {
		if l := s.locals[name]; l.state != done {
			add("local."+name, l.attr.Expr)
		}
	}
	for _, c := range cycles(edges) {
		reportCycle(s.report, c, "is made from", "Each of these values is made from the next, so none can be worked out.")
	}
}

// declaredNames lists the names of the declared blocks of a type, without the
// type: "orders", "slack.data_ops".
func (s *scope) declaredNames(kind string) []string {
	var names []string
	for a := range s.blocks {
		if a.Kind() == kind {
			names = append(names, string(a)[len(kind)+1:])
		}
	}
	slices.Sort(names)
	return names
}
