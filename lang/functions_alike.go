package lang

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// alike is a function that makes one type of all elements of its argument, without
// the search for that type where they have it already: cty holds each element to
// each other one for it, which takes minutes for a hundred thousand.
func alike(f function.Function) function.Function {
	listed := func(args []cty.Value) []cty.Value { return []cty.Value{asList(args[0])} }
	return function.New(&function.Spec{
		Description: f.Description(), Params: f.Params(),
		Type: func(args []cty.Value) (cty.Type, error) { return f.ReturnTypeForValues(listed(args)) },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(listed(args)) },
	})
}

// asList is a tuple of texts, of numbers or of truth values as a list, and any
// other value as it is.
func asList(v cty.Value) cty.Value {
	if v.IsMarked() || !v.Type().IsTupleType() || !v.IsKnown() || v.IsNull() || v.LengthInt() < 2 {
		return v
	}
	types := v.Type().TupleElementTypes()
	first := types[0]
	if !first.IsPrimitiveType() || slices.ContainsFunc(types, func(t cty.Type) bool { return t != first }) {
		return v
	}
	return cty.ListVal(v.AsValueSlice())
}
