package lang

import (
	"reflect"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// reference is the type of an address as a value.
var reference = cty.Capsule("reference", reflect.TypeFor[graph.Addr]())

func addressValue(a graph.Addr) cty.Value { return cty.CapsuleVal(reference, &a) }

// sensitive marks what came from a variable that says so.
const sensitive = mark("sensitive")

type mark string

// eval works out an expression. What is wrong with it is reported, and what
// could not be worked out is unknown; callers pass over unknown values.
func (s *scope) eval(e hclsyntax.Expression, at site) cty.Value {
	values, undo, ok := s.bind(e, at)
	defer undo()
	if !ok {
		return cty.DynamicVal
	}
	v, problems := e.Value(&hcl.EvalContext{Variables: values, Functions: s.functions})
	if problems.HasErrors() {
		for _, p := range problems {
			s.reportEval(hush(p, values))
		}
		return cty.DynamicVal
	}
	return v
}

// hush leaves out what hcl says of an expression in which sensitive values take
// part: functions quote what they cannot read.
func hush(p *hcl.Diagnostic, values map[string]cty.Value) *hcl.Diagnostic {
	for _, v := range values {
		if v.ContainsMarked() {
			quiet := *p
			quiet.Detail = notSaid
			return &quiet
		}
	}
	return p
}

// reportEval says what hcl found when it evaluated an expression.
func (s *scope) reportEval(p *hcl.Diagnostic) {
	if p.Severity != hcl.DiagError {
		return
	}
	at := p.Subject
	if at == nil {
		at = p.Context
	}
	summary, detail := reworded(p.Summary, p.Detail)
	d := s.report.add(diag.BadExpression, nil, summary, "%s", detail)
	if at != nil {
		d.Range = place(*at)
	}
}
