package lang

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// site is where an expression stands, which decides what it may name.
type site struct {
	what  string  // the attribute, for messages
	kind  string  // type of the top-level block: courier, process, …
	addr  string  // of that block
	takes Runtime // run-time values that may stand there
	items *item   // of the for_each around it
}

// collect finds the names and the function calls in an expression. Names that a
// for expression introduces are not among them.
func collect(e hclsyntax.Expression) *collector {
	c := &collector{}
	_ = hclsyntax.Walk(e, c) // it reports nothing
	return c
}

// collected is collect, done once for an expression that each instance of a block
// evaluates again.
func (s *scope) collected(e hclsyntax.Expression) *collector {
	if s.kept == nil {
		return collect(e)
	}
	c := s.kept[e]
	if c == nil {
		c = collect(e)
		s.kept[e] = c
	}
	return c
}

type collector struct {
	blocks  []*hclsyntax.Block // in what is not an expression
	names   []*hclsyntax.ScopeTraversalExpr
	calls   []*hclsyntax.FunctionCallExpr
	indexes []*hclsyntax.IndexExpr // into a name, by a key that holds for the whole expression
	hidden  []map[string]struct{}
	slots   []slot      // see guard.go
	loops   []hcl.Range // for expressions
	huge    []hcl.Range // numbers that are written and out of bounds
	twice   []hcl.Range // keys of an object that stand in it already
	maybe   int         // conditionals, and calls of try and can, around what is visited
}

func (c *collector) Enter(n hclsyntax.Node) hcl.Diagnostics {
	c.count(n)
	switch n := n.(type) {
	case *hclsyntax.Block:
		c.blocks = append(c.blocks, n)
	case *hclsyntax.ScopeTraversalExpr:
		if !c.hides(n.Traversal) {
			c.names = append(c.names, n)
		}
	case *hclsyntax.IndexExpr:
		if of, ok := n.Collection.(*hclsyntax.ScopeTraversalExpr); ok && c.maybe == 0 && !c.hides(of.Traversal) &&
			!slices.ContainsFunc(hclsyntax.Variables(n.Key), c.hides) {
			c.indexes = append(c.indexes, n)
		}
	case *hclsyntax.ConditionalExpr:
		c.maybe++
	case *hclsyntax.FunctionCallExpr:
		c.calls = append(c.calls, n)
		if n.Name == "try" || n.Name == "can" {
			c.maybe++
		}
	case hclsyntax.ChildScope:
		c.hidden = append(c.hidden, n.LocalNames)
	}
	return nil
}

func (c *collector) Exit(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case hclsyntax.ChildScope:
		c.hidden = c.hidden[:len(c.hidden)-1]
	case *hclsyntax.ConditionalExpr:
		c.maybe--
	case *hclsyntax.FunctionCallExpr:
		if n.Name == "try" || n.Name == "can" {
			c.maybe--
		}
	}
	return nil
}

// hides reports whether a for expression gives the name its meaning.
func (c *collector) hides(t hcl.Traversal) bool {
	return slices.ContainsFunc(c.hidden, func(names map[string]struct{}) bool {
		_, ok := names[t.RootName()]
		return ok
	})
}

// mention notes the names in something that is not evaluated because it is wrong
// itself: what it names, also by the label of a block in it, is not unused for
// that.
func (s *scope) mention(n hclsyntax.Node) {
	c := &collector{}
	_ = hclsyntax.Walk(n, c) // it reports nothing
	for _, b := range c.blocks {
		s.used[string(graph.NewAddr(b.Type, b.Labels...))] = true
	}
	for _, name := range c.names {
		var key strings.Builder
		for i, step := range name.Traversal {
			switch step := step.(type) {
			case hcl.TraverseRoot:
				key.WriteString(step.Name)
			case hcl.TraverseAttr:
				key.WriteString("." + step.Name)
			}
			if i > 0 {
				s.used[key.String()] = true
			}
		}
	}
}

// bind resolves the names in an expression and returns their values. Each name
// is folded into the root of its traversal ("var.env" becomes one root called
// so), so that the values are a flat map of just what the expression names, and
// no object of all blocks is ever built. The tree is ours alone; undo puts the
// names back, for the next instance of a block with for_each.
func (s *scope) bind(e hclsyntax.Expression, at site) (values map[string]cty.Value, undo func(), ok bool) {
	c := s.collected(e)
	if !s.literals(c, at.what) {
		return nil, func() {}, false
	}
	was := make([]hcl.Traversal, len(c.names))
	for i, n := range c.names {
		was[i] = n.Traversal
	}
	var indexed []func()
	unguard := func() {}
	undo = func() {
		for i, n := range c.names {
			n.Traversal = was[i]
		}
		for _, back := range indexed {
			back()
		}
		unguard()
	}
	byKey := s.keyed(c)
	holes := map[*hclsyntax.ScopeTraversalExpr]bool{}
	values = make(map[string]cty.Value, len(c.names))
	ok = true
	for _, n := range c.names {
		if byKey[n] != nil {
			continue
		}
		name, _ := valueName(n.Traversal)
		t := s.resolve(n.Traversal, at)
		if s.budget.beyond[name] { // said, and made of it could only be more
			s.beyond(at.what)
			ok = false
		}
		if t.hole {
			holes[n] = true
		}
		values[t.key] = t.value
		n.Traversal = append(hcl.Traversal{hcl.TraverseRoot{Name: t.key, SrcRange: n.Traversal.SourceRange()}}, t.rest...)
	}
	for _, call := range c.calls {
		if !s.knows(call) {
			ok = false
		}
	}
	if len(holes) > 0 && !s.checkHoles(e, holes) {
		ok = false
	}
	if !ok {
		return values, undo, false
	}
	unguard = c.guard(s.budget)
	for _, x := range c.indexes {
		if n := x.Collection.(*hclsyntax.ScopeTraversalExpr); byKey[n] != nil {
			key := x.Key
			indexed = append(indexed, func() { x.Key = key })
			ok = s.pick(byKey[n], n, x, values) && ok
		}
	}
	return values, undo, ok
}

// keyed finds the names of blocks with for_each of which a key takes one
// instance.
func (s *scope) keyed(c *collector) map[*hclsyntax.ScopeTraversalExpr]*repeat {
	var found map[*hclsyntax.ScopeTraversalExpr]*repeat
	for _, x := range c.indexes {
		n := x.Collection.(*hclsyntax.ScopeTraversalExpr)
		addr, ok := s.dependency(n.Traversal)
		if r := s.repeats[graph.Addr(addr)]; ok && r != nil && len(n.Traversal) == 1+labelCount[n.Traversal.RootName()] {
			if found == nil {
				found = map[*hclsyntax.ScopeTraversalExpr]*repeat{}
			}
			found[n] = r
		}
	}
	return found
}

// pick works out the key of an index, and makes the collection hold the one
// instance that it takes.
func (s *scope) pick(r *repeat, n *hclsyntax.ScopeTraversalExpr, x *hclsyntax.IndexExpr, values map[string]cty.Value) bool {
	v, problems := x.Key.Value(&hcl.EvalContext{Variables: values, Functions: s.functions})
	if s.reportFault("") {
		return false
	}
	s.reportProblems(problems, values, x.Key)
	if problems.HasErrors() {
		return false
	}
	chosen, name := cty.DynamicVal, string(r.addr)
	if v, _ = v.Unmark(); v.IsKnown() {
		key, ok := toText(v)
		if !ok {
			s.report.add(diag.WrongType, place(x.Key.Range()), "Wrong type", "An instance is named by a key that is text, such as %s.", r.addr.Instance("KEY"))
			return false
		}
		name = string(r.addr.Instance(key))
		if v = s.instance(r, key, place(x.SrcRange)); v.IsKnown() {
			chosen = cty.ObjectVal(map[string]cty.Value{key: v})
		}
		x.Key = &hclsyntax.LiteralValueExpr{Val: cty.StringVal(key), SrcRange: x.Key.Range()}
	}
	values["one of "+name] = chosen
	n.Traversal = hcl.Traversal{hcl.TraverseRoot{Name: "one of " + name, SrcRange: n.Traversal.SourceRange()}}
	return true
}
