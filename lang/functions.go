package lang

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/waybill-dev/waybill/lang/diag"
)

// absent are functions that people look for, and what to write instead.
var absent = map[string]string{
	"filebase64":    "file reads text; other files are named by their path where a process runs.",
	"abspath":       "Paths are relative to the workspace on every machine.",
	"pathexpand":    "Paths are relative to the workspace on every machine.",
	"plantimestamp": "A workspace means the same at every time, so there is no clock.",
	"nonsensitive":  "A value from a sensitive variable never reaches the graph. Leave sensitive out of the variable where the value is not secret.",
	"timestamp":     "A workspace means the same at every time, so there is no clock. Run-time values such as run.started_at are known when a run uses them.",
	"now":           "A workspace means the same at every time, so there is no clock. Run-time values such as run.started_at are known when a run uses them.",
	"uuid":          "A workspace means the same each time it is read. run.id is unlike any other run's.",
	"env":           "Expressions do not read the environment. Declare a variable NAME, which WAYBILL_VAR_NAME gives a value, or a secret with env.",
	"getenv":        "Expressions do not read the environment. Declare a variable NAME, which WAYBILL_VAR_NAME gives a value, or a secret with env.",
	"secret":        "A secret is a reference: secret.NAME.",
	"sensitive":     "Values in the graph are not secret. Declare a secret and write secret.NAME.",
	"len":           "It is called length.",
	"toupper":       "It is called upper.",
	"tolower":       "It is called lower.",
}

// knows reports a call of a function that does not exist.
func (s *scope) knows(call *hclsyntax.FunctionCallExpr) bool {
	if _, ok := s.functions[call.Name]; ok {
		return true
	}
	hint, ok := absent[call.Name]
	if ok {
		hint = " " + hint
	} else {
		hint = didYouMean(call.Name, "", slices.Sorted(maps.Keys(s.functions)))
	}
	s.report.add(diag.UnknownFunction, place(call.NameRange), "Unknown function", "There is no function %s.%s", call.Name, hint)
	return false
}

func affix(has func(s, part string) bool, name string) function.Function {
	return function.New(&function.Spec{
		Description: "Whether a text has the given " + name + ".",
		Params:      []function.Parameter{{Name: "str", Type: cty.String}, {Name: name, Type: cty.String}},
		Type:        function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(has(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// keys returns the keys of a map in order.
func keys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func toText(v cty.Value) (string, bool) {
	t, err := convert.Convert(v, cty.String)
	if err != nil || t.IsNull() || !t.IsKnown() {
		return "", false
	}
	return t.AsString(), true
}
