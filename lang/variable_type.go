package lang

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/waybill-dev/waybill/lang/diag"
)

// convertVariable makes a value fit the type of its variable.
func (s *scope) convertVariable(v *variable, value cty.Value, source origin) cty.Value {
	value, marks := value.UnmarkDeep()
	if outsized(value) || v.kind != cty.String && endless(value) {
		s.refuse(v, source, "%s holds a number that is too large or too small to be written out.", source.what)
		return cty.DynamicVal
	}
	if v.fill != nil && value.IsKnown() && !value.IsNull() {
		value = v.fill.Apply(value)
	}
	out, err := convert.Convert(value, v.kind)
	if err == nil && outsized(out) {
		s.refuse(v, source, "%s is a number that is too large or too small to be written out.", source.what)
		return cty.DynamicVal
	}
	if err == nil {
		if !v.sensitive && len(marks) == 0 {
			s.dropped(v, value, source)
		}
		return out.WithMarks(marks)
	}
	why := "."
	switch {
	case v.sensitive || len(marks) > 0:
	case v.kind.IsPrimitiveType():
		why = seen(value) + "."
	default:
		why = fmt.Sprintf(": %s%s.", inPart(err), plainTypes(err.Error()))
	}
	s.refuse(v, source, "%s must be %s%s", source.what, describe(v.kind), why)
	return cty.DynamicVal
}

// longestSeen is how many letters of a value a message repeats.
const longestSeen = 40

// seen says what a value is instead, as the end of a sentence, or nothing.
func seen(value cty.Value) string {
	if !value.IsKnown() || value.IsNull() || value.Type() != cty.String {
		return ""
	}
	letters := []rune(value.AsString())
	if len(letters) > longestSeen {
		letters = append(letters[:longestSeen], '…')
	}
	return fmt.Sprintf(", not %q", string(letters))
}

// dropped warns of attributes that the type of a variable does not have: they
// vanish in the conversion, and are often a spelling mistake of an optional one.
func (s *scope) dropped(v *variable, value cty.Value, source origin) {
	for _, stray := range strays(value, v.kind) {
		at := source.at
		if at == nil {
			at = v.at
		}
		d := s.report.add(diag.UnknownInput, at, "Attribute for nothing",
			"%s has an attribute %s, which its type does not have; it is left out.%s", source.what, stray.name, stray.hint)
		d.Address = "var." + v.name
	}
}

// stray is an attribute that a type does not have.
type stray struct{ name, hint string }

// strays finds the attributes in a value that its type does not have.
func strays(value cty.Value, kind cty.Type) []stray {
	if kind.IsPrimitiveType() || kind == cty.DynamicPseudoType || !value.IsKnown() || value.IsNull() || !value.CanIterateElements() {
		return nil
	}
	var list []stray
	for key, element := range value.Elements() {
		switch {
		case kind.IsObjectType() && key.Type() == cty.String:
			name := key.AsString()
			if !kind.HasAttribute(name) {
				list = append(list, stray{name, didYouMean(name, "", keys(kind.AttributeTypes()))})
				continue
			}
			list = append(list, strays(element, kind.AttributeType(name))...)
		case kind.IsTupleType() && key.Type() == cty.Number:
			at, _ := key.AsBigFloat().Int64()
			list = append(list, strays(element, kind.TupleElementType(int(at)))...)
		case kind.IsCollectionType():
			list = append(list, strays(element, kind.ElementType())...)
		}
	}
	return list
}

// inPart says in which part of a value an error is.
func inPart(err error) string {
	var inside cty.PathError
	if !errors.As(err, &inside) || len(inside.Path) == 0 {
		return ""
	}
	var b strings.Builder
	for _, step := range inside.Path {
		switch step := step.(type) {
		case cty.GetAttrStep:
			b.WriteString("." + step.Name)
		case cty.IndexStep:
			b.WriteString(indexSource(step.Key))
		}
	}
	return "in " + b.String() + ", "
}

func describe(t cty.Type) string {
	name := t.FriendlyNameForConstraint()
	return article(name) + " " + name
}
