package lang

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// site is where an expression stands, which decides what it may name.
type site struct {
	what  string  // the attribute, for messages
	kind  string  // type of the top-level block: courier, process, …
	takes Runtime // run-time values that may stand there
}

// collect finds the names and the function calls in an expression. Names that a
// for expression introduces are not among them.
func collect(e hclsyntax.Expression) (names []*hclsyntax.ScopeTraversalExpr, calls []*hclsyntax.FunctionCallExpr) {
	c := &collector{}
	_ = hclsyntax.Walk(e, c) // the collector reports nothing
	return c.names, c.calls
}

type collector struct {
	names  []*hclsyntax.ScopeTraversalExpr
	calls  []*hclsyntax.FunctionCallExpr
	hidden []map[string]struct{}
}

func (c *collector) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		for _, names := range c.hidden {
			if _, ok := names[n.Traversal.RootName()]; ok {
				return nil
			}
		}
		c.names = append(c.names, n)
	case *hclsyntax.FunctionCallExpr:
		c.calls = append(c.calls, n)
	case hclsyntax.ChildScope:
		c.hidden = append(c.hidden, n.LocalNames)
	}
	return nil
}

func (c *collector) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(hclsyntax.ChildScope); ok {
		c.hidden = c.hidden[:len(c.hidden)-1]
	}
	return nil
}

// mention notes the names in something that is not evaluated because it is wrong
// itself: what it names is not unused for that.
func (s *scope) mention(n hclsyntax.Node) {
	c := &collector{}
	_ = hclsyntax.Walk(n, c) // the collector reports nothing
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
// no object of all blocks is ever built. The tree is ours alone, and each
// expression is bound once.
func (s *scope) bind(e hclsyntax.Expression, at site) (values map[string]cty.Value, ok bool) {
	names, calls := collect(e)
	holes := map[*hclsyntax.ScopeTraversalExpr]bool{}
	values = make(map[string]cty.Value, len(names))
	ok = true
	for _, n := range names {
		t := s.resolve(n.Traversal, at)
		if t.hole {
			holes[n] = true
		}
		values[t.key] = t.value
		n.Traversal = append(hcl.Traversal{hcl.TraverseRoot{Name: t.key, SrcRange: n.Traversal.SourceRange()}}, t.rest...)
	}
	for _, call := range calls {
		if !s.knows(call) {
			ok = false
		}
	}
	if len(holes) > 0 && !s.checkHoles(e, holes) {
		ok = false
	}
	return values, ok
}
