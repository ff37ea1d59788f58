package lang

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/waybill-dev/waybill/lang/diag"
)

// template is a file for templatefile, parsed.
type template struct {
	expr  hclsyntax.Expression
	names []*hclsyntax.ScopeTraversalExpr
	calls []*hclsyntax.FunctionCallExpr
	err   error
}

// templateError is what is wrong within a template. Its places are in the file of
// the template.
type templateError struct {
	name     string
	text     []byte
	problems hcl.Diagnostics
}

func (e *templateError) Error() string { return "the template " + e.name + " has problems" }

// templateFile is the function templatefile.
func (s *scope) templateFile() function.Function {
	return function.New(&function.Spec{
		Description: "The text of a file with values put in.",
		Params:      []function.Parameter{{Name: "path", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
		Type:        function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if ty := args[1].Type(); !ty.IsObjectType() && !ty.IsMapType() {
				return cty.NilVal, function.NewArgErrorf(1, "the values of a template are an object, such as { name = local.name }")
			}
			name, err := workspacePath(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			text, err := s.files.text(name)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return s.render(name, text, args[1].AsValueMap())
		},
	})
}

// render works out a template. Its errors are of the type *templateError.
func (s *scope) render(name, text string, values map[string]cty.Value) (cty.Value, error) {
	t := s.templates[name]
	if t == nil {
		t = s.parseTemplate(name, text)
		s.templates[name] = t
	}
	if t.err != nil {
		return cty.NilVal, t.err
	}
	wrong := func(problems hcl.Diagnostics) (cty.Value, error) {
		return cty.NilVal, &templateError{name: name, text: []byte(text), problems: problems}
	}
	if problems := s.undefined(t, values); problems != nil {
		return wrong(problems)
	}
	if !s.budget.spend(1+len(text)/stepText, t.expr.Range()) {
		return wrong(stopped)
	}
	v, problems := t.expr.Value(&hcl.EvalContext{Variables: values, Functions: s.inTemplates()})
	switch {
	case s.budget.fault != nil, problems.HasErrors():
		return wrong(problems)
	case !v.IsKnown():
		return cty.UnknownVal(cty.String), nil
	}
	out, ok := toText(v)
	if !ok || v.Type() == reference {
		return wrong(hcl.Diagnostics{problem(t.expr.Range(), "Template that is no text", "A template gives text; this one gives "+typeName(v)+".")})
	}
	return cty.StringVal(out), nil
}

// inTemplates are the functions that a template may call: it reads no other
// template, and so never itself.
func (s *scope) inTemplates() map[string]function.Function {
	if s.rendering == nil {
		s.rendering = maps.Clone(s.functions)
		delete(s.rendering, "templatefile")
	}
	return s.rendering
}

// parseTemplate parses a template, and makes what it evaluates count.
func (s *scope) parseTemplate(name, text string) *template {
	src := []byte(text)
	bad := func(problems hcl.Diagnostics) *template {
		return &template{err: &templateError{name: name, text: src, problems: problems}}
	}
	if at, deep := tooDeep(src); deep {
		start := hcl.Pos{Line: 1, Column: 1, Byte: at}
		return bad(hcl.Diagnostics{problem(hcl.Range{Filename: name, Start: start, End: start}, "Nested too deeply",
			fmt.Sprintf("Brackets are nested more than %d deep here, or there are more than %d operators.", maxDepth, maxOperators))})
	}
	e, problems := hclsyntax.ParseTemplate(src, name, hcl.InitialPos)
	if problems.HasErrors() {
		return bad(problems[:1]) // the others follow from the first
	}
	c := collect(e)
	for _, at := range c.huge {
		problems = append(problems, problem(at, "Number out of bounds", numberBounds))
	}
	if len(c.huge) > 0 {
		return bad(problems)
	}
	c.guard(s.budget)
	return &template{expr: e, names: c.names, calls: c.calls}
}

// undefined finds the names and functions of a template that mean nothing.
func (s *scope) undefined(t *template, values map[string]cty.Value) hcl.Diagnostics {
	var problems hcl.Diagnostics
	for _, n := range t.names {
		name := n.Traversal.RootName()
		if _, ok := values[name]; !ok {
			problems = append(problems, problem(n.Traversal[0].SourceRange(), "Unknown name in a template",
				fmt.Sprintf("templatefile was given no value %s.%s A template knows only what it is given: templatefile(path, { %s = … }).", name, didYouMean(name, "", keys(values)), name)))
		}
	}
	for _, call := range t.calls {
		if _, ok := s.inTemplates()[call.Name]; ok {
			continue
		}
		hint := didYouMean(call.Name, "", slices.Sorted(maps.Keys(s.inTemplates())))
		if call.Name == "templatefile" {
			hint = " A template cannot read another: give it the text as a value."
		}
		problems = append(problems, problem(call.NameRange, "Unknown function in a template", fmt.Sprintf("There is no function %s here.%s", call.Name, hint)))
	}
	return problems
}

func problem(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at}
}

// reportTemplate reports what is wrong within a template that an expression
// called for, and reports whether that is the problem.
func (s *scope) reportTemplate(p *hcl.Diagnostic, values map[string]cty.Value) bool {
	call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](p)
	if !ok {
		return false
	}
	var inner *templateError
	if !errors.As(call.FunctionCallError(), &inner) {
		return false
	}
	s.show(inner.name, inner.text)
	for _, q := range inner.problems {
		from := len(s.report.list)
		s.reportEval(hush(q, values))
		for i := from; p.Subject != nil && i < len(s.report.list); i++ {
			s.report.list[i].Related = append(s.report.list[i].Related, diag.Related{Message: "called for here", Range: *place(*p.Subject)})
		}
	}
	return true
}

// show adds the text of a file that problems are placed in to the sources.
func (s *scope) show(name string, text []byte) {
	if _, taken := s.sources[name]; !taken && s.sources != nil {
		s.sources[name] = text
	}
}
