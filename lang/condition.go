package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

var comparisons = map[*hclsyntax.Operation]string{
	hclsyntax.OpEqual: "==", hclsyntax.OpNotEqual: "!=", hclsyntax.OpLessThan: "<", hclsyntax.OpLessThanOrEqual: "<=",
	hclsyntax.OpGreaterThan: ">", hclsyntax.OpGreaterThanOrEqual: ">=",
}

var joins = map[*hclsyntax.Operation]string{hclsyntax.OpLogicalAnd: "and", hclsyntax.OpLogicalOr: "or"}

// condition reads a test of run-time values from the expression itself, since it
// can be worked out only when there is an answer. It reports what cannot be
// tested.
func (s *scope) condition(e hclsyntax.Expression, at site) (graph.Condition, bool) {
	names := collect(e).names
	asks := false
	for _, n := range names {
		asks = asks || n.Traversal.RootName() == "response"
	}
	c, ok := s.test(e, at)
	if ok && !asks {
		s.report.add(diag.BadCondition, place(e.Range()), "Condition that asks nothing",
			"%s must look at response, such as response.json.state == \"DONE\"; this is the same for every answer.", at.what)
		return c, false
	}
	return c, ok
}

func (s *scope) test(e hclsyntax.Expression, at site) (graph.Condition, bool) {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return s.test(e.Expression, at)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			c, ok := s.test(e.Val, at)
			return graph.Condition{Op: "not", All: []graph.Condition{c}}, ok
		}
	case *hclsyntax.BinaryOpExpr:
		if op, ok := joins[e.Op]; ok {
			left, ok1 := s.test(e.LHS, at)
			right, ok2 := s.test(e.RHS, at)
			return graph.Condition{Op: op, All: []graph.Condition{left, right}}, ok1 && ok2
		}
		if op, ok := comparisons[e.Op]; ok {
			left, ok1 := s.operand(e.LHS, at)
			right, ok2 := s.operand(e.RHS, at)
			return graph.Condition{Op: op, Left: left, Right: right}, ok1 && ok2
		}
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "contains" && len(e.Args) == 2 {
			return s.contains(e, at)
		}
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.TemplateWrapExpr:
		v, ok := s.operand(e, at)
		return graph.Condition{Op: "==", Left: v, Right: graph.Text("true")}, ok
	}
	s.report.add(diag.BadCondition, place(e.Range()), "Condition that a poll cannot test",
		"Compare parts of response with == != < <= > >= or contains([…], value), and join comparisons by && || and !.")
	return graph.Condition{}, false
}

func (s *scope) contains(e *hclsyntax.FunctionCallExpr, at site) (graph.Condition, bool) {
	list := s.eval(e.Args[0], at)
	value, ok := s.operand(e.Args[1], at)
	if !list.IsKnown() {
		return graph.Condition{}, false
	}
	if list.IsNull() || !list.CanIterateElements() {
		s.report.add(diag.BadCondition, place(e.Args[0].Range()), "Condition that a poll cannot test",
			"The first argument of contains is a list that is written out: contains([\"DONE\", \"OK\"], response.json.state).")
		return graph.Condition{}, false
	}
	c := graph.Condition{Op: "in", Left: value}
	for _, x := range list.AsValueSlice() {
		v, good := s.text(x, e.Args[0].Range(), at)
		ok = ok && good
		c.Any = append(c.Any, v)
	}
	return c, ok
}

// operand is one side of a comparison.
func (s *scope) operand(e hclsyntax.Expression, at site) (graph.Value, bool) {
	return s.text(s.eval(e, at), e.Range(), at)
}

func (s *scope) text(v cty.Value, at hcl.Range, where site) (graph.Value, bool) {
	c := conversion{scope: s, schema: &Attribute{Name: where.what, Kind: Value}, at: place(at)}
	if v = c.unmark(v); !v.IsKnown() {
		return nil, false
	}
	if v.IsNull() {
		return graph.Text(""), true
	}
	text, ok := toText(v)
	if !ok || v.Type() == reference {
		s.report.add(diag.BadCondition, c.at, "Condition that a poll cannot test", "Text, numbers, true and false can be compared, not %s.", typeName(v))
		return nil, false
	}
	return s.parts(text), true
}
