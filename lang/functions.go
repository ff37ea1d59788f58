package lang

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/waybill-dev/waybill/lang/diag"
)

// functions are what an expression may call. All are pure: the same arguments
// give the same result, on every machine and at every time.
var functions = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc,
	"min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "signum": stdlib.SignumFunc,

	"chomp": stdlib.ChompFunc, "endswith": affix(strings.HasSuffix, "suffix"), "format": stdlib.FormatFunc,
	"formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc,
	"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "regexreplace": stdlib.RegexReplaceFunc,
	"replace": stdlib.ReplaceFunc, "split": stdlib.SplitFunc, "startswith": affix(strings.HasPrefix, "prefix"),
	"strlen": stdlib.StrlenFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
	"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
	"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,

	"chunklist": stdlib.ChunklistFunc, "coalesce": coalesce, "coalescelist": stdlib.CoalesceListFunc,
	"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
	"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "index": index,
	"keys": stdlib.KeysFunc, "length": length, "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc,
	"range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
	"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
	"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

	"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
	"base64encode": base64Encode, "base64decode": base64Decode,

	"formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,

	"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String),
	"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),

	"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
}

// absent are functions that people look for, and what to write instead.
var absent = map[string]string{
	"file":         "Reading files is not in this release; write the text here, as a heredoc if it is long.",
	"templatefile": "Reading files is not in this release; write the template here, as a heredoc if it is long.",
	"fileset":      "Reading folders is not in this release; list the names.",
	"timestamp":    "A workspace means the same at every time, so there is no clock. Run-time values such as run.started_at are known when a run uses them.",
	"now":          "A workspace means the same at every time, so there is no clock. Run-time values such as run.started_at are known when a run uses them.",
	"uuid":         "A workspace means the same each time it is read. run.id is unlike any other run's.",
	"env":          "Expressions do not read the environment. Declare a variable NAME, which WAYBILL_VAR_NAME gives a value, or a secret with env.",
	"getenv":       "Expressions do not read the environment. Declare a variable NAME, which WAYBILL_VAR_NAME gives a value, or a secret with env.",
	"secret":       "A secret is a reference: secret.NAME.",
	"sensitive":    "Values in the graph are not secret. Declare a secret and write secret.NAME.",
	"len":          "It is called length.",
	"toupper":      "It is called upper.",
	"tolower":      "It is called lower.",
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
