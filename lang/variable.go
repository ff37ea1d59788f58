package lang

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/waybill-dev/waybill/lang/diag"
)

// variable is a declared input. Its value is worked out when it is first asked
// for: the value given from outside, else the default.
type variable struct {
	name        string
	at          *diag.Range
	kind        cty.Type
	fill        *typeexpr.Defaults
	def         *hclsyntax.Attribute
	description string
	sensitive   bool
	given       *string
	state       progress
	value       cty.Value
}

// newVariable reads a variable block. Attributes and blocks that it cannot have
// are reported when it is decoded.
func (s *scope) newVariable(b parsed) *variable {
	v := &variable{name: b.Labels[0], at: place(b.DefRange()), kind: cty.DynamicPseudoType}
	if b.broken {
		v.state, v.value = done, cty.DynamicVal
		return v
	}
	attrs := b.Body.Attributes
	v.def = attrs["default"]
	if a := attrs["type"]; a != nil {
		kind, fill, problems := typeexpr.TypeConstraintWithDefaults(a.Expr)
		if problems.HasErrors() {
			s.report.add(diag.BadVariable, place(a.Expr.Range()), "Not a type",
				"%s Types are string, number, bool, list(string), map(string), set(string), object({ name = string }), tuple([string]) and any.", problems[0].Detail)
		} else {
			v.kind, v.fill = kind, fill
		}
	}
	v.sensitive, _ = s.constant(attrs["sensitive"]).(bool)
	v.description, _ = s.constant(attrs["description"]).(string)
	return v
}

// constant reads an attribute of a variable that must be known before any value
// is, or nil.
func (s *scope) constant(a *hclsyntax.Attribute) any {
	if a == nil {
		return nil
	}
	at := place(a.Expr.Range())
	if len(a.Expr.Variables()) > 0 {
		s.report.add(diag.BadVariable, at, "Variable that depends on names", "%s of a variable is written out, without references.", a.Name)
		return nil
	}
	c := conversion{scope: s, schema: variableSchema.attribute(a.Name), at: at, expr: a.Expr}
	v := s.eval(a.Expr, site{what: a.Name})
	if v.IsNull() {
		return nil
	}
	return c.value(v)
}

// input takes the values given from outside.
func (s *scope) input(vars map[string]string) {
	names := keys(s.variables)
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		v, ok := s.variables[name]
		if !ok {
			s.report.add(diag.BadVariable, nil, "Unknown variable",
				"--var gives a value to %q, but the workspace declares no such variable.%s", name, didYouMean(name, "", names))
			continue
		}
		given := vars[name]
		v.given = &given
	}
}

// variable returns the value of a variable that is declared.
func (s *scope) variable(name string) cty.Value {
	v := s.variables[name]
	switch v.state {
	case underway:
		return cty.DynamicVal
	case done:
		return v.value
	}
	v.state = underway
	switch {
	case v.given != nil:
		v.value = s.givenValue(v)
	case v.def != nil:
		v.value = s.convertVariable(v, s.eval(v.def.Expr, site{what: "default"}), place(v.def.Expr.Range()))
	default:
		s.report.add(diag.MissingVariable, v.at, "Variable without a value",
			"The variable %q has no default. Give it one, or a value by --var %s=….", v.name, v.name)
		v.value = cty.DynamicVal
	}
	if v.sensitive {
		v.value = v.value.Mark(sensitive)
	}
	v.state = done
	return v.value
}

// givenValue reads what was typed: text as it is where the variable takes text,
// else an HCL expression.
func (s *scope) givenValue(v *variable) cty.Value {
	text := *v.given
	if v.kind == cty.String || v.kind == cty.DynamicPseudoType {
		return cty.StringVal(text)
	}
	value := cty.StringVal(text)
	if !v.kind.IsPrimitiveType() {
		e, problems := hclsyntax.ParseExpression([]byte(text), "--var", hcl.InitialPos)
		if !problems.HasErrors() {
			value, problems = e.Value(nil)
		}
		if problems.HasErrors() {
			s.report.add(diag.BadVariable, v.at, "Wrong value for a variable",
				"--var %s must be %s, written as in HCL, but what was given is no HCL value.", v.name, describe(v.kind))
			return cty.DynamicVal
		}
	}
	return s.convertVariable(v, value, nil)
}

// convertVariable makes a value fit the type of its variable. at is nil for a
// value from outside.
func (s *scope) convertVariable(v *variable, value cty.Value, at *diag.Range) cty.Value {
	if v.fill != nil && value.IsKnown() && !value.IsNull() {
		value = v.fill.Apply(value)
	}
	out, err := convert.Convert(value, v.kind)
	if err == nil {
		return out
	}
	source := "The default of"
	if at == nil {
		at, source = v.at, "--var"
	}
	why := "."
	if !v.kind.IsPrimitiveType() {
		why = fmt.Sprintf(": %s.", err)
	}
	d := s.report.add(diag.BadVariable, at, "Wrong value for a variable", "%s %s must be %s%s", source, v.name, describe(v.kind), why)
	d.Address = "var." + v.name
	return cty.DynamicVal
}

func describe(t cty.Type) string {
	name := t.FriendlyNameForConstraint()
	return article(name) + " " + name
}

func (s *scope) inputs() []Variable {
	var list []Variable
	for _, name := range keys(s.variables) {
		v := s.variables[name]
		list = append(list, Variable{
			Name: name, Type: typeexpr.TypeString(v.kind), Description: v.description, Sensitive: v.sensitive, HasDefault: v.def != nil,
		})
	}
	return list
}
