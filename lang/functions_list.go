package lang

import (
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// listParameter takes a list, a set or a tuple.
func listParameter(name string) function.Parameter {
	return function.Parameter{Name: name, Type: cty.DynamicPseudoType}
}

func isList(v cty.Value) bool {
	ty := v.Type()
	return ty.IsListType() || ty.IsSetType() || ty.IsTupleType()
}

// sum adds up numbers.
var sum = function.New(&function.Spec{
	Description: "The sum of the numbers in a list or a set.",
	Params:      []function.Parameter{listParameter("list")},
	Type:        function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if !isList(args[0]) {
			return cty.NilVal, function.NewArgErrorf(0, "a list or a set of numbers is needed")
		}
		total := cty.Zero
		for it := args[0].ElementIterator(); it.Next(); {
			_, e := it.Element()
			if endless(e) {
				return cty.NilVal, function.NewArgErrorf(0, "one of the elements is no number")
			}
			n, err := convert.Convert(e, cty.Number)
			if err != nil || n.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "one of the elements is no number")
			}
			if !n.IsKnown() {
				return cty.UnknownVal(cty.Number), nil
			}
			if outsized(n) {
				return cty.NilVal, function.NewArgErrorf(0, "one of the numbers is too large or too small")
			}
			total = total.Add(n)
		}
		return total, nil
	},
})

// truths finds whether one of the elements has a truth: for any, true; for all,
// false.
func truths(sought bool) function.Function {
	return function.New(&function.Spec{
		Description: "Whether the elements are true.",
		Params:      []function.Parameter{listParameter("list")},
		Type:        function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !isList(args[0]) {
				return cty.NilVal, function.NewArgErrorf(0, "a list of true and false is needed")
			}
			unknown := false
			for it := args[0].ElementIterator(); it.Next(); {
				_, e := it.Element()
				b, err := convert.Convert(e, cty.Bool)
				switch {
				case err != nil:
					return cty.NilVal, function.NewArgErrorf(0, "one of the elements is neither true nor false")
				case !b.IsKnown():
					unknown = true
				case !b.IsNull() && b.True() == sought, b.IsNull() && !sought: // null is not true
					return cty.BoolVal(sought), nil
				}
			}
			if unknown {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(!sought), nil
		},
	})
}

// one is the only element, or null.
var one = function.New(&function.Spec{
	Description: "The only element of a list or a set, null for none.",
	Params:      []function.Parameter{listParameter("list")},
	Type: func(args []cty.Value) (cty.Type, error) {
		switch ty := args[0].Type(); {
		case ty.IsListType() || ty.IsSetType():
			return ty.ElementType(), nil
		case ty.IsTupleType() && ty.Length() == 1:
			return ty.TupleElementType(0), nil
		case ty.IsTupleType() && ty.Length() > 1:
			return cty.NilType, function.NewArgErrorf(0, "it has %d elements; one or none is needed", ty.Length())
		case ty.IsTupleType() || ty == cty.DynamicPseudoType:
			return cty.DynamicPseudoType, nil
		}
		return cty.NilType, function.NewArgErrorf(0, "a list or a set is needed")
	},
	Impl: func(args []cty.Value, ty cty.Type) (cty.Value, error) {
		switch n := args[0].LengthInt(); n {
		case 0:
			return cty.NullVal(ty), nil
		case 1:
			return args[0].AsValueSlice()[0], nil
		default:
			return cty.NilVal, function.NewArgErrorf(0, "it has %d elements; one or none is needed", n)
		}
	},
})

// distinct is a list with each element once. Texts, the usual elements, take a
// time that grows with their number only.
var distinct = function.New(&function.Spec{
	Description: "The list with each element once.",
	Params:      []function.Parameter{{Name: "list", Type: cty.List(cty.DynamicPseudoType)}},
	Type:        func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl: func(args []cty.Value, ty cty.Type) (cty.Value, error) {
		if ty.ElementType() != cty.String || !args[0].IsWhollyKnown() {
			const most = 10_000 // each is compared with each
			if args[0].LengthInt() > most {
				return cty.NilVal, function.NewArgErrorf(0, "a list of more than %d elements has texts for distinct, or is made a set", most)
			}
			return stdlib.Distinct(args[0])
		}
		seen := map[string]bool{}
		var list []cty.Value
		for it := args[0].ElementIterator(); it.Next(); {
			_, e := it.Element()
			key := "null"
			if !e.IsNull() {
				key = "\"" + e.AsString()
			}
			if !seen[key] {
				seen[key] = true
				list = append(list, e)
			}
		}
		if list == nil {
			return cty.ListValEmpty(cty.String), nil
		}
		return cty.ListVal(list), nil
	},
})

// matchKeys picks values by the keys beside them.
var matchKeys = function.New(&function.Spec{
	Description: "The values whose keys, in a list of the same length, are among some.",
	Params: []function.Parameter{
		{Name: "values", Type: cty.List(cty.DynamicPseudoType)},
		{Name: "keys", Type: cty.List(cty.String)},
		{Name: "wanted", Type: cty.Set(cty.String)},
	},
	Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl: func(args []cty.Value, ty cty.Type) (cty.Value, error) {
		if args[0].LengthInt() != args[1].LengthInt() {
			return cty.NilVal, function.NewArgErrorf(1, "there are %d values and %d keys; there must be a key for each value", args[0].LengthInt(), args[1].LengthInt())
		}
		if !args[1].IsWhollyKnown() || !args[2].IsWhollyKnown() {
			return cty.UnknownVal(ty), nil
		}
		keys := args[1].AsValueSlice()
		var list []cty.Value
		for i, v := range args[0].AsValueSlice() {
			if !keys[i].IsNull() && args[2].HasElement(keys[i]).True() {
				list = append(list, v)
			}
		}
		if list == nil {
			return cty.ListValEmpty(ty.ElementType()), nil
		}
		return cty.ListVal(list), nil
	},
})

// transpose turns a map of lists of texts round.
var transpose = function.New(&function.Spec{
	Description: "A map of lists of texts the other way round.",
	Params:      []function.Parameter{{Name: "map", Type: cty.Map(cty.List(cty.String))}},
	Type:        function.StaticReturnType(cty.Map(cty.List(cty.String))),
	Impl: func(args []cty.Value, ty cty.Type) (cty.Value, error) {
		if !args[0].IsWhollyKnown() {
			return cty.UnknownVal(ty), nil
		}
		turned := map[string][]cty.Value{}
		for it := args[0].ElementIterator(); it.Next(); {
			key, list := it.Element()
			if list.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "%q holds null; a list of texts is needed", key.AsString())
			}
			for _, e := range list.AsValueSlice() {
				if e.IsNull() {
					return cty.NilVal, function.NewArgErrorf(0, "%q holds a list with null in it", key.AsString())
				}
				turned[e.AsString()] = append(turned[e.AsString()], key)
			}
		}
		if len(turned) == 0 {
			return cty.MapValEmpty(cty.List(cty.String)), nil
		}
		m := map[string]cty.Value{}
		for k, list := range turned {
			m[k] = cty.ListVal(list)
		}
		return cty.MapVal(m), nil
	},
})

// typeOf writes the type of a value as it is written in a variable.
var typeOf = function.New(&function.Spec{
	Description: "The type of a value, as text.",
	Params:      []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true}},
	Type:        function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		ty := args[0].Type()
		if ty == reference {
			return cty.StringVal("reference"), nil
		}
		if holdsReference(ty) {
			return cty.NilVal, function.NewArgErrorf(0, "the type of what holds references cannot be written")
		}
		return cty.StringVal(typeexpr.TypeString(ty)), nil
	},
})

func holdsReference(ty cty.Type) bool {
	switch {
	case ty.IsCapsuleType():
		return true
	case ty.IsCollectionType():
		return holdsReference(ty.ElementType())
	case ty.IsTupleType():
		for _, e := range ty.TupleElementTypes() {
			if holdsReference(e) {
				return true
			}
		}
	case ty.IsObjectType():
		for _, e := range ty.AttributeTypes() {
			if holdsReference(e) {
				return true
			}
		}
	}
	return false
}
