package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/waybill-dev/waybill/lang/diag"
)

// counted is an expression whose evaluation costs something: it takes steps before
// and has its value admitted after.
type counted struct {
	hclsyntax.Expression
	budget *budget
	cost   int
	number bool // its value is read as a number
}

// Value implements hcl.Expression.
func (c *counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	b := c.budget
	if b.fault != nil || !b.spend(c.cost, c.Range()) {
		return cty.DynamicVal, stopped
	}
	v, problems := c.Expression.Value(ctx)
	switch {
	case b.fault != nil:
		return cty.DynamicVal, stopped
	case problems.HasErrors():
		return v, problems
	case c.number && !b.readsNumber(v, c.Range()) || !b.admit(v, c.Range()):
		return cty.DynamicVal, stopped
	}
	return v, problems
}

// slot is a place in an expression that holds another, which must be counted:
// because it can be evaluated many times, or because its value is copied or
// written out.
type slot struct {
	at     *hclsyntax.Expression
	cost   int
	number bool
}

// slot notes a place that is to be counted.
func (c *collector) slot(number bool, cost int, at *hclsyntax.Expression) {
	if *at == nil {
		return
	}
	if _, constant := (*at).(*hclsyntax.LiteralValueExpr); !constant || cost > 0 {
		c.slots = append(c.slots, slot{at: at, cost: cost, number: number})
	}
}

// each notes places that are evaluated once for each element. That costs as much
// as is written there.
func (c *collector) each(at ...*hclsyntax.Expression) {
	for _, e := range at {
		if *e != nil {
			c.slot(false, 1+textSize((*e).Range())/stepText, e)
		}
	}
}

// textSize is how many bytes of text something takes.
func textSize(r hcl.Range) int { return max(r.End.Byte-r.Start.Byte, 0) }

// count notes what is to be counted in a node.
func (c *collector) count(n hclsyntax.Node) {
	switch n := n.(type) {
	case *hclsyntax.ForExpr:
		c.loops = append(c.loops, n.SrcRange)
		c.each(&n.KeyExpr, &n.ValExpr, &n.CondExpr)
	case *hclsyntax.SplatExpr:
		c.each(&n.Each)
	case *hclsyntax.TemplateExpr:
		literal, last := 0, -1
		for i, p := range n.Parts {
			if _, constant := p.(*hclsyntax.LiteralValueExpr); constant {
				literal += textSize(p.Range())
				continue
			}
			last = i
			c.slot(false, 0, &n.Parts[i])
		}
		if last >= 0 && literal > stepText {
			c.slots[len(c.slots)-1].cost = literal / stepText
		}
	case *hclsyntax.TemplateJoinExpr:
		c.slot(false, 0, &n.Tuple)
	case *hclsyntax.FunctionCallExpr:
		f, known := functions[n.Name]
		for i := range n.Args {
			c.slot(known && takesNumber(f, n.Name, i), 0, &n.Args[i])
		}
	case *hclsyntax.ObjectConsExpr:
		c.repeated(n)
		for i := range n.Items {
			if k, ok := n.Items[i].KeyExpr.(*hclsyntax.ObjectConsKeyExpr); !ok || k.ForceNonLiteral {
				c.slot(false, 0, &n.Items[i].KeyExpr)
			}
		}
	case *hclsyntax.IndexExpr:
		c.slot(false, 0, &n.Key)
	case *hclsyntax.ConditionalExpr:
		c.slot(false, 0, &n.TrueResult)
		c.slot(false, 0, &n.FalseResult)
	case *hclsyntax.BinaryOpExpr:
		if n.Op.Type == cty.Number || n.Op == hclsyntax.OpLessThan || n.Op == hclsyntax.OpLessThanOrEqual ||
			n.Op == hclsyntax.OpGreaterThan || n.Op == hclsyntax.OpGreaterThanOrEqual {
			c.slot(true, 0, &n.LHS)
			c.slot(true, 0, &n.RHS)
		}
	case *hclsyntax.UnaryOpExpr:
		c.slot(n.Op.Type == cty.Number, 0, &n.Val)
	case *hclsyntax.LiteralValueExpr:
		if n.Val.Type() == cty.Number && outsized(n.Val) {
			c.huge = append(c.huge, n.SrcRange)
		}
	case *hclsyntax.ScopeTraversalExpr:
		c.steps(n.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		c.steps(n.Traversal)
	}
}

// repeated notes keys that are written twice in one object, where the last would
// win without a word.
func (c *collector) repeated(n *hclsyntax.ObjectConsExpr) {
	seen := make(map[string]struct{}, len(n.Items))
	for _, item := range n.Items {
		key, ok := literalKey(item.KeyExpr)
		if !ok {
			continue
		}
		if _, taken := seen[key]; taken {
			c.twice = append(c.twice, item.KeyExpr.Range())
		}
		seen[key] = struct{}{}
	}
}

// literalKey is a key of an object that is written out.
func literalKey(e hclsyntax.Expression) (string, bool) {
	k, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || k.ForceNonLiteral {
		return "", false
	}
	if word := hcl.ExprAsKeyword(k.Wrapped); word != "" {
		return word, true
	}
	t, ok := k.Wrapped.(*hclsyntax.TemplateExpr)
	if !ok || !t.IsStringLiteral() {
		return "", false
	}
	v, _ := t.Value(nil)
	return v.AsString(), true
}

// steps notes indexes in a traversal that no one can write out.
func (c *collector) steps(t hcl.Traversal) {
	for _, step := range t {
		if i, ok := step.(hcl.TraverseIndex); ok && i.Key.Type() == cty.Number && outsized(i.Key) {
			c.huge = append(c.huge, i.SrcRange)
		}
	}
}

// guard makes the slots of an expression count until undo is called.
func (c *collector) guard(b *budget) (undo func()) {
	if len(c.slots) == 0 {
		return func() {}
	}
	was := make([]hclsyntax.Expression, len(c.slots))
	for i, s := range c.slots {
		was[i] = *s.at
		*s.at = &counted{Expression: was[i], budget: b, cost: s.cost, number: s.number}
	}
	return func() {
		for i := len(was) - 1; i >= 0; i-- {
			*c.slots[i].at = was[i]
		}
	}
}

// workOut evaluates an expression that names nothing, within the budget. What is
// beyond it is reported; ok is whether nothing was.
func (s *scope) workOut(e hclsyntax.Expression, what string) (v cty.Value, problems hcl.Diagnostics, ok bool) {
	c := collect(e)
	if !s.literals(c, what) {
		return cty.DynamicVal, nil, false
	}
	undo := c.guard(s.budget)
	defer undo()
	return s.within(e, nil, what)
}

// within evaluates an expression whose slots count.
func (s *scope) within(e hclsyntax.Expression, ctx *hcl.EvalContext, what string) (cty.Value, hcl.Diagnostics, bool) {
	b := s.budget
	if b.spend(1+textSize(e.Range())/stepText, e.Range()) {
		v, problems := e.Value(ctx)
		if b.fault == nil && (problems.HasErrors() || b.admit(v, e.Range())) {
			return v, problems, true
		}
	}
	s.reportFault(what)
	return cty.DynamicVal, nil, false
}

// literals reports numbers that are written and cannot be written out, and keys
// that are written twice, and reports whether there are none.
func (s *scope) literals(c *collector, what string) bool {
	for _, at := range c.twice {
		s.report.add(diag.BadExpression, place(at), "Key used twice", "This object has the key already. Keep one of the two.")
	}
	for _, at := range c.huge {
		s.budget.fail(at, diag.HugeNumber, "Number out of bounds", numberBounds)
		s.reportFault(what)
	}
	return len(c.huge)+len(c.twice) == 0
}

// takesNumber reports whether an argument of a function is read as a number.
func takesNumber(f function.Function, name string, i int) bool {
	if name == "tonumber" || name == "parseint" {
		return true
	}
	if params := f.Params(); i < len(params) {
		return params[i].Type == cty.Number
	}
	rest := f.VarParam()
	return rest != nil && rest.Type == cty.Number
}
