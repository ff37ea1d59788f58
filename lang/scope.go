package lang

import (
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
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
	repeats   map[graph.Addr]*repeat     // those of them that have for_each
	used      map[string]bool            // "var.env", "local.x" and addresses
	nameless  map[string]bool            // types of block of which one has no label
	holes     []graph.Part               // see hole.go
	functions map[string]function.Function
	budget    *budget
	kept      map[hclsyntax.Expression]*collector // while a block with for_each is decoded; see collected
	files     *files
	templates map[string]*template         // by path
	rendering map[string]function.Function // that templates may call
	sources   map[string][]byte            // files that problems may be placed in
}

func newScope(r *report, root *os.Root, sources map[string][]byte) *scope {
	s := &scope{
		report:    r,
		variables: map[string]*variable{},
		locals:    map[string]*local{},
		blocks:    map[graph.Addr]*diag.Range{},
		repeats:   map[graph.Addr]*repeat{},
		used:      map[string]bool{},
		nameless:  map[string]bool{},
		budget:    newBudget(),
		files:     newFiles(root),
		templates: map[string]*template{},
		sources:   sources,
	}
	s.functions = maps.Clone(functions)
	s.functions["formatdate"] = s.formatDate()
	maps.Copy(s.functions, s.files.functions())
	s.functions["templatefile"] = s.templateFile()
	for name, estimate := range costs {
		s.functions[name] = s.budget.limited(name, functions[name], estimate)
	}
	return s
}

// local is a named value.
type local struct {
	at    *diag.Range // of the name
	expr  hclsyntax.Expression
	state progress
	value cty.Value
}

// progress of something that is worked out once.
type progress uint8

const (
	untouched progress = iota
	underway
	done
)

// evaluate reports cycles, then works out every variable, local and for_each, used
// or not, so that nothing wrong in them stays unseen. Each comes after what it
// needs, so that a long chain takes no more stack than a short one; what is part of
// a cycle is unknown to the others in it.
func (s *scope) evaluate() {
	for _, name := range s.breakCycles() {
		kind, rest, _ := strings.Cut(name, ".")
		switch {
		case kind == "var":
			s.evaluateVariable(rest)
		case kind == "local":
			s.evaluateLocal(rest)
		default:
			s.expand(s.repeats[graph.Addr(name)])
		}
	}
	for _, name := range keys(s.variables) {
		s.evaluateVariable(name)
	}
	for _, name := range keys(s.locals) {
		s.evaluateLocal(name)
	}
	for _, addr := range keys(s.repeats) {
		s.expand(s.repeats[addr])
	}
}

func (s *scope) evaluateLocal(name string) {
	if l := s.locals[name]; l != nil && l.state == untouched {
		l.value = s.eval(l.expr, site{what: "local." + name})
		l.state = done
	}
}

// local returns the value of a local that exists.
func (s *scope) local(name string) cty.Value {
	if l := s.locals[name]; l.state == done {
		return l.value
	}
	return cty.DynamicVal
}

// forget drops the syntax trees, when everything is worked out.
func (s *scope) forget() {
	for _, v := range s.variables {
		v.def, v.rules = nil, nil
	}
	for _, l := range s.locals {
		l.expr = nil
	}
	for _, r := range s.repeats {
		r.block, r.attr = nil, nil
	}
}

// breakCycles reports every cycle among locals, the defaults of variables and
// blocks whose for_each goes through others. It returns the names of those that
// need others or are needed, in an order in which they can be worked out.
func (s *scope) breakCycles() []string {
	var edges []edge
	add := func(from string, e hclsyntax.Expression) {
		for _, t := range hclsyntax.Variables(e) {
			if to, ok := s.dependency(t); ok {
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
			add("local."+name, l.expr)
		}
	}
	for _, addr := range keys(s.repeats) {
		if r := s.repeats[addr]; r.state != done {
			add(string(addr), r.attr.Expr)
		}
	}
	found, order := cycles(edges)
	for _, c := range found {
		reportCycle(s.report, c, "is made from", "Each of these values is made from the next, so none can be worked out.")
	}
	return order
}

// dependency returns what must be worked out before a name can be: "var.x",
// "local.x", or the address of a block with for_each.
func (s *scope) dependency(t hcl.Traversal) (string, bool) {
	n, ok := labelCount[t.RootName()]
	if !ok {
		return valueName(t)
	}
	names := labelsOf(t, n)
	addr := graph.NewAddr(t.RootName(), names...)
	return string(addr), len(names) == n && s.repeats[addr] != nil
}

// declaredNames lists the names of the declared blocks of a type, without the
// type: "orders", "slack.data_ops". Those that were only assumed are left out.
func (s *scope) declaredNames(kind string) []string {
	var names []string
	for a := range s.blocks {
		if r := s.repeats[a]; a.Kind() == kind && (r == nil || !r.assumed) {
			names = append(names, string(a)[len(kind)+1:])
		}
	}
	slices.Sort(names)
	return names
}
