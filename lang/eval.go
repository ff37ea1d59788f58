package lang

import (
	"reflect"
	"strings"

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
	v, problems, ok := s.within(e, &hcl.EvalContext{Variables: values, Functions: s.functions}, at.what)
	if !ok {
		return cty.DynamicVal
	}
	if problems.HasErrors() {
		s.reportProblems(problems, values, e)
		return cty.DynamicVal
	}
	return v
}

// reportProblems reports what hcl found, each place once: in a loop the first
// round stands for all.
func (s *scope) reportProblems(problems hcl.Diagnostics, values map[string]cty.Value, e hclsyntax.Expression) {
	type spot struct {
		at      hcl.Range
		summary string
	}
	said := map[spot]bool{}
	for _, p := range problems {
		if p.Subject != nil {
			here := spot{*p.Subject, p.Summary}
			if said[here] {
				continue
			}
			said[here] = true
		}
		if s.reportTemplate(p, values) {
			continue
		}
		if p = hush(p, values); p.Severity != hcl.DiagError || !s.reportLookup(p, e) {
			s.reportEval(p)
		}
	}
}

// hush leaves out what hcl says of an expression in which sensitive values take
// part: functions quote what they cannot read.
func hush(p *hcl.Diagnostic, values map[string]cty.Value) *hcl.Diagnostic {
	for _, v := range values {
		if v.ContainsMarked() {
			quiet := *p
			quiet.Expression = nil
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
	if strings.Contains(p.Detail, "have reference") {
		detail += " A reference is an address and no text."
		if call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](p); ok && call.CalledFunctionName() == "compact" {
			detail += " In a list of references, null is left out without compact."
		}
	}
	d := s.report.add(diag.BadExpression, nil, summary, "%s", detail)
	if at != nil {
		d.Range = place(*at)
	}
}
