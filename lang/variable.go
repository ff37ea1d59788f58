package lang

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
)

// variable is a declared input. Its value is the one given from outside, else the
// default.
type variable struct {
	name        string
	at          *diag.Range
	kind        cty.Type
	typed       bool // a type is written
	unclear     bool // and cannot be read
	fill        *typeexpr.Defaults
	def         *hclsyntax.Attribute
	rules       []*hclsyntax.Block // validation
	description string
	sensitive   bool
	nullable    bool
	given       *given
	state       progress
	value       cty.Value
}

// newVariable reads a variable block. Attributes and blocks that it cannot have
// are reported when it is decoded.
func (s *scope) newVariable(b parsed) *variable {
	attrs := b.Body.Attributes
	if b.broken || variableSchema.misspelt(attrs) {
		s.mention(b.Body)
		return unknownVariable(b)
	}
	v := &variable{name: b.Labels[0], at: place(b.DefRange()), kind: cty.DynamicPseudoType, nullable: true, def: attrs["default"]}
	if a := attrs["type"]; a != nil {
		v.typed = true
		s.readType(v, a)
	}
	for _, n := range b.Body.Blocks {
		if n.Type == validationSchema.Type {
			v.rules = append(v.rules, n)
		}
	}
	v.description, _ = s.constant(attrs["description"]).(string)
	if nullable, ok := s.constant(attrs["nullable"]).(bool); ok {
		v.nullable = nullable
	}
	problems := len(s.report.list)
	v.sensitive, _ = s.constant(attrs["sensitive"]).(bool)
	v.sensitive = v.sensitive || len(s.report.list) > problems // not known to be open
	return v
}

// unknownVariable is one of which only the name is known. It may be sensitive.
func unknownVariable(b parsed) *variable {
	return &variable{name: b.Labels[0], at: place(b.DefRange()), kind: cty.DynamicPseudoType, sensitive: true, state: done, value: cty.DynamicVal}
}

// readType reads the type of a variable.
func (s *scope) readType(v *variable, a *hclsyntax.Attribute) {
	found := collect(a.Expr)
	for _, at := range found.loops {
		s.report.add(diag.BadVariable, place(at), "Not a type", "The default of an optional attribute is written out, without for.")
	}
	if v.unclear = len(found.loops) > 0 || !s.literals(found, ""); v.unclear {
		return
	}
	kind, fill, problems := typeexpr.TypeConstraintWithDefaults(a.Expr)
	if !problems.HasErrors() {
		v.kind, v.fill = kind, fill
		return
	}
	v.unclear = true
	for _, p := range problems {
		at := a.Expr.Range()
		if p.Subject != nil {
			at = *p.Subject
		}
		hint := didYouMean(typeWord(a.Expr, at), "", []string{"string", "number", "bool", "list", "set", "map", "object", "tuple", "optional", "any"})
		s.report.add(diag.BadVariable, place(at), "Not a type",
			"%s.%s Types are string, number, bool, list(string), set(string), map(string), object({ name = string, size = optional(number, 1) }), tuple([string, number]) and any.",
			plainType(p.Detail), hint)
	}
}

// plainType says why a type cannot be read.
func plainType(detail string) string {
	_, reason, _ := strings.Cut(strings.TrimSuffix(detail, "."), ": ")
	has := func(part string) bool { return strings.Contains(detail, part) }
	switch parts := strings.Split(detail, `"`); {
	case has("does not expect arguments"):
		return parts[1] + " has no type within it: it is written without parentheses"
	case has("valid only as a modifier"):
		return "optional(TYPE) stands for an attribute of an object only"
	case len(parts) == 3:
		return parts[1] + " is not a type"
	case has("specifying the element type."):
		return "A collection names the type of its elements in parentheses"
	case strings.HasPrefix(detail, "A type specification is"):
		return "A type is a word without quotes, or a word with types in parentheses"
	case has("bject type constructor requires"), has("ttribute names"):
		return "The attributes of an object are written object({ name = TYPE })"
	case has("must be unique"):
		return "The object has two attributes of this name"
	case has("uple type constructor requires"):
		return "The elements of a tuple are written tuple([TYPE, TYPE])"
	case strings.HasPrefix(detail, "Optional attribute modifier"):
		return "An attribute that may be left out is written optional(TYPE) or optional(TYPE, DEFAULT)"
	case strings.HasPrefix(detail, "This default value"):
		return "The default of the attribute has another type: " + plainTypes(reason)
	}
	return strings.TrimSuffix(strings.ReplaceAll(plainTypes(detail), "argument", "type"), ".")
}

// typeWord is the name that stands at a place in a type, or "".
func typeWord(e hclsyntax.Expression, at hcl.Range) string {
	found := collect(e)
	for _, n := range found.names {
		if n.Range().Start == at.Start {
			return n.Traversal.RootName()
		}
	}
	for _, c := range found.calls {
		if c.Range().Start == at.Start {
			return c.Name
		}
	}
	return ""
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

// variable returns the value of a variable that is declared. A value that a rule
// refuses is unknown, so that nothing else is said of it.
func (s *scope) variable(name string) cty.Value {
	if v := s.variables[name]; v.state == done {
		return v.value
	}
	return cty.DynamicVal
}

func (s *scope) evaluateVariable(name string) {
	v := s.variables[name]
	if v == nil || v.state == done {
		return
	}
	value, source := s.chosen(v)
	if v.unclear {
		value = cty.DynamicVal
	}
	if v.sensitive {
		value = value.Mark(sensitive)
	}
	v.value, v.state = value, done
	if !s.obeys(v, source) {
		v.value = cty.DynamicVal
	}
}

// origin is where the value of a variable was written.
type origin struct {
	what string      // for messages: "--var env", "env in prod.hclvars", "The default of env"
	at   *diag.Range // nil where that is no file
}

// chosen is the value given from outside, else the default, and which it is.
func (s *scope) chosen(v *variable) (cty.Value, origin) {
	if g := v.given; g != nil {
		value := s.givenValue(v)
		if !value.IsNull() || v.nullable {
			return value, g.origin
		}
		if v.def == nil {
			s.refuse(v, g.origin, "%s is null, and the variable is not nullable. Give another value.", g.what)
			return cty.DynamicVal, g.origin
		}
	}
	if v.def == nil {
		if !s.lost {
			s.missing(v)
		}
		return cty.DynamicVal, origin{}
	}
	source := origin{what: "The default of " + v.name, at: place(v.def.Expr.Range())}
	if v.sensitive {
		source.at = v.at
	}
	from := len(s.report.list)
	value := s.convertVariable(v, s.eval(v.def.Expr, site{what: "default"}), source)
	s.report.about(from, "var."+v.name)
	if value.IsNull() && !v.nullable {
		s.refuse(v, source, "%s is null, and the variable is not nullable. Leave the default out to ask for a value.", source.what)
		return cty.DynamicVal, source
	}
	return value, source
}

// missing reports a variable that has no value, with all the ways to give one.
func (s *scope) missing(v *variable) {
	d := s.report.add(diag.MissingVariable, v.at, "Variable without a value",
		"The variable %q has no default and was given no value. Give it one by --var %s=…; by a line %s = … in %s, or in another file that --var-file names; "+
			"by the environment variable %s; or by default = … in its block.",
		v.name, v.name, v.name, mainInput, envPrefix+v.name)
	d.Address = "var." + v.name
}

// givenValue reads what was given. What was typed is text as it is where the
// variable takes text or has no type, else an HCL expression.
func (s *scope) givenValue(v *variable) cty.Value {
	g := v.given
	switch {
	case !g.typed:
		return s.convertVariable(v, g.value, g.origin)
	case v.kind == cty.String || !v.typed:
		return cty.StringVal(g.text)
	case v.kind.IsPrimitiveType():
		return s.convertVariable(v, cty.StringVal(g.text), g.origin)
	}
	if _, deep := tooDeep([]byte(g.text)); !deep {
		e, problems := hclsyntax.ParseExpression([]byte(g.text), g.what, hcl.InitialPos)
		if !problems.HasErrors() {
			value, problems, ok := s.workOutTyped(v, e)
			if !ok {
				return cty.DynamicVal
			}
			if !problems.HasErrors() {
				return s.convertVariable(v, value, g.origin)
			}
		}
	}
	what := describe(v.kind)
	if v.kind == cty.DynamicPseudoType {
		what = "a value"
	}
	s.refuse(v, g.origin, "%s must be %s, written as in HCL, but what was given is no HCL value. Text stands in quotes: \"prod\".", g.what, what)
	return cty.DynamicVal
}

// workOutTyped works out what was typed. It stands in no file, so what is wrong
// is placed at the variable.
func (s *scope) workOutTyped(v *variable, e hclsyntax.Expression) (cty.Value, hcl.Diagnostics, bool) {
	from := len(s.report.list)
	value, problems, ok := s.workOut(e, "")
	for i := from; i < len(s.report.list); i++ {
		s.report.list[i].Range, s.report.list[i].Address = v.at, "var."+v.name
	}
	return value, problems, ok
}

// refuse reports the value of a variable, where it was written if that is known.
func (s *scope) refuse(v *variable, source origin, format string, args ...any) {
	at := source.at
	if at == nil {
		at = v.at
	}
	d := s.report.add(diag.BadVariable, at, "Wrong value for a variable", format, args...)
	d.Address = "var." + v.name
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
