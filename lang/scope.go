package lang

import (
	"maps"
	"os"
	"slices"

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
	holes     []graph.Part               // see hole.go
	functions map[string]function.Function
	budget    *budget
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

// evaluateLocals reports cycles, then evaluates every local, default and for_each,
// used or not, so that nothing wrong in them stays unseen.
func (s *scope) evaluateLocals() {
	s.breakCycles()
	for _, name := range slices.Sorted(maps.Keys(s.variables)) {
		s.variable(name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.locals)) {
		s.local(name)
	}
	s.evaluateRepeats()
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

// breakCycles reports every cycle among locals, the defaults of variables and
// blocks whose for_each goes through others.
func (s *scope) breakCycles() {
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
			add("local."+name, l.attr.Expr)
		}
	}
	for _, addr := range keys(s.repeats) {
		add(string(addr), s.repeats[addr].attr.Expr)
	}
	for _, c := range cycles(edges) {
		reportCycle(s.report, c, "is made from", "Each of these values is made from the next, so none can be worked out.")
	}
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
