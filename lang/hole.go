package lang

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// A run-time value is evaluated as a hole: a string of two characters that no
// text holds, with the number of a part between them. Templates, lists and
// conditionals then carry it as they carry any text, and [scope.parts] finds it
// again. Everything that would look into the text (functions, operators,
// conditions) is refused by checkHoles, but for formatdate.
const (
	holeOpen  = "\uFDD0"
	holeClose = "\uFDD1"
)

func (s *scope) hole(p graph.Part) cty.Value {
	s.holes = append(s.holes, p)
	return cty.StringVal(holeOpen + strconv.Itoa(len(s.holes)-1) + holeClose)
}

// parts divides a text at its holes.
func (s *scope) parts(text string) graph.Value {
	var v graph.Value
	literal := func(t string) {
		switch {
		case t == "":
		case len(v) > 0 && v[len(v)-1].Ref == "":
			v[len(v)-1].Literal += t
		default:
			v = append(v, graph.Part{Literal: t})
		}
	}
	for {
		before, after, found := strings.Cut(text, holeOpen)
		literal(before)
		if !found {
			break
		}
		number, rest, _ := strings.Cut(after, holeClose)
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(s.holes) {
			v = append(v, s.holes[i])
			text = rest
		} else {
			literal(holeOpen)
			text = after
		}
	}
	if v == nil {
		return graph.Text("")
	}
	return v
}

// runTimes are the run-time values that are instants.
var runTimes = map[string]bool{
	"run.scheduled_at": true, "run.started_at": true, "run.range_start": true, "run.range_end": true,
	"range.start": true, "range.end": true,
}

// checkHoles reports run-time values that something would look into.
func (s *scope) checkHoles(e hclsyntax.Expression, holes map[*hclsyntax.ScopeTraversalExpr]bool) bool {
	ok := true
	forbid := func(why string, list ...hclsyntax.Expression) {
		for _, e := range list {
			if e == nil {
				continue
			}
			for _, n := range collect(e).names {
				if holes[n] {
					ok = false
					s.report.add(diag.ComputedRuntime, place(n.SrcRange), "Run-time value in a computation",
						"%s is known only when a run uses it, so it can be put into text, but not %s.", n.Traversal.RootName(), why)
				}
			}
		}
	}
	var visit func(e hclsyntax.Expression)
	visit = func(e hclsyntax.Expression) {
		switch e := e.(type) {
		case *hclsyntax.TemplateExpr:
			for _, p := range e.Parts {
				visit(p)
			}
		case *hclsyntax.TemplateWrapExpr:
			visit(e.Wrapped)
		case *hclsyntax.TemplateJoinExpr:
			visit(e.Tuple)
		case *hclsyntax.ParenthesesExpr:
			visit(e.Expression)
		case *hclsyntax.TupleConsExpr:
			for _, x := range e.Exprs {
				visit(x)
			}
		case *hclsyntax.ObjectConsExpr:
			for _, item := range e.Items {
				forbid("used as a key", item.KeyExpr)
				visit(item.ValueExpr)
			}
		case *hclsyntax.ConditionalExpr:
			forbid("tested", e.Condition)
			visit(e.TrueResult)
			visit(e.FalseResult)
		case *hclsyntax.ForExpr:
			forbid("gone through", e.CollExpr, e.KeyExpr, e.CondExpr)
			visit(e.ValExpr)
		case *hclsyntax.FunctionCallExpr:
			if e.Name == "formatdate" && len(e.Args) == 2 {
				forbid("used as a layout", e.Args[0])
				if n, is := e.Args[1].(*hclsyntax.ScopeTraversalExpr); is && holes[n] {
					if name := n.Traversal.RootName(); !runTimes[name] {
						ok = false
						s.report.add(diag.ComputedRuntime, place(n.SrcRange), "Run-time value in a computation",
							"formatdate takes a time: run.scheduled_at, run.started_at, run.range_start, run.range_end, and in couriers range.start and range.end. %s is none.", name)
					}
					return
				}
			}
			forbid("given to "+e.Name+"()", e.Args...)
		case *hclsyntax.ScopeTraversalExpr, *hclsyntax.LiteralValueExpr:
		case *hclsyntax.BinaryOpExpr, *hclsyntax.UnaryOpExpr:
			forbid("computed with", e)
		default:
			forbid("looked into", e)
		}
	}
	visit(e)
	return ok
}

// formatDate is the function formatdate, which also takes a hole.
func (s *scope) formatDate() function.Function {
	return function.New(&function.Spec{
		Description: stdlib.FormatDateFunc.Description(),
		Params:      stdlib.FormatDateFunc.Params(),
		Type:        function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v := s.parts(args[1].AsString())
			if len(v) != 1 || v[0].Ref == "" {
				return stdlib.FormatDate(args[0], args[1])
			}
			if _, err := stdlib.FormatDate(args[0], cty.StringVal("2026-01-02T03:04:05Z")); err != nil {
				return cty.NilVal, err
			}
			return s.hole(graph.Part{Ref: v[0].Ref, Format: args[0].AsString()}), nil
		},
	})
}

// resolveRuntime resolves run.*, range.*, response.* and secret.*.
func (s *scope) resolveRuntime(t hcl.Traversal, at site) target {
	ref, ok := runtimeRef(t)
	if !ok || !s.checkRuntime(t, ref, at) {
		if !ok {
			s.report.add(diag.UnknownRuntime, place(t.SourceRange()), "Incomplete run-time value",
				"%s is followed by the name of a value%s.", t.RootName(), runtimeNames(t.RootName()))
		}
		return unresolved
	}
	return target{key: ref, value: s.hole(graph.Part{Ref: ref}), hole: true}
}

// runtimeRef writes a traversal as a reference: `response.json.items[0].id`.
func runtimeRef(t hcl.Traversal) (string, bool) {
	var b strings.Builder
	b.WriteString(t.RootName())
	for _, step := range t[1:] {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			b.WriteString(indexSource(step.Key))
		default:
			return "", false
		}
	}
	if _, ok := t[min(1, len(t)-1)].(hcl.TraverseAttr); !ok {
		return "", false
	}
	return b.String(), true
}
