package lang

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// ExpressionName is the file name of the ranges in what [Workspace.Eval] reports.
const ExpressionName = "expression"

// Result is the value of an expression. What is sensitive in it is left out.
type Result struct {
	value any
}

// Eval works out an expression with the variables and the local values of the
// workspace, which may have errors elsewhere. A reference to a block is its
// address; run-time values are not known and are reported. The list holds what is
// wrong, with ranges in a file of the name [ExpressionName]; with errors there is
// no result. Calls must not overlap.
func (w *Workspace) Eval(expr string) (Result, diag.List) {
	s, src := *w.scope, []byte(expr)
	s.report = &report{}
	*s.budget = *newBudget()
	if w.dir != "" {
		if root, err := os.OpenRoot(w.dir); err == nil { // else reading a file says that it is not there
			s.files.root = root
			defer func() { s.files.root = nil; root.Close() }()
		}
	}
	s.functions = maps.Clone(s.functions)
	s.functions["formatdate"] = s.formatDate() // reports to s
	if at, deep := tooDeep(src); deep {
		pos := diag.Pos{Line: 1, Column: 1 + at, Byte: at}
		s.report.add(diag.SyntaxError, &diag.Range{Filename: ExpressionName, Start: pos, End: pos}, "Nested too deeply",
			"Brackets are nested more than %d deep here, or there are more than %d operators.", maxDepth, maxOperators)
		return Result{}, s.report.list
	}
	e, problems := hclsyntax.ParseExpression(src, ExpressionName, hcl.InitialPos)
	if problems.HasErrors() { // the others follow from the first
		reportSyntax(problems[0], src, s.report)
		return Result{}, s.report.list.Sorted()
	}
	v := s.eval(e, site{what: "the expression"})
	if s.report.list.HasErrors() {
		return Result{}, s.report.list.Sorted()
	}
	return Result{value: plain(v)}, s.report.list.Sorted()
}

// The values that are written in no JSON.
type (
	address  string   // HCL writes it without quotes
	withheld struct{} // sensitive
	unknown  struct{} // of a variable without a value
)

// MarshalJSON implements json.Marshaler.
func (withheld) MarshalJSON() ([]byte, error) { return []byte(`"(sensitive)"`), nil }

// MarshalJSON implements json.Marshaler.
func (unknown) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// plain is a value as encoding/json writes it.
func plain(v cty.Value) any {
	switch ty := v.Type(); {
	case v.IsMarked():
		return withheld{}
	case !v.IsKnown():
		return unknown{}
	case v.IsNull():
		return nil
	case ty == reference:
		return address(*v.EncapsulatedValue().(*graph.Addr))
	case ty == cty.String:
		return v.AsString()
	case ty == cty.Number:
		return json.Number(v.AsBigFloat().Text('f', -1))
	case ty == cty.Bool:
		return v.True()
	case ty.IsObjectType(), ty.IsMapType():
		m := map[string]any{}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			m[k.AsString()] = plain(e)
		}
		return m
	case ty.IsTupleType(), ty.IsListType(), ty.IsSetType():
		list := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			list = append(list, plain(e))
		}
		return list
	}
	return unknown{}
}

// HCL writes the value as it is written in a file. Something sensitive is
// "(sensitive)", something that has no value "(unknown)".
func (r Result) HCL() string { return hclText(r.value, "") }

// JSON writes the value as JSON, on one line.
func (r Result) JSON() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.value); err != nil { // plain data: this is a mistake in this package
		panic(fmt.Sprintf("lang: encode a value: %v", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// shortList is how long a list may be, in bytes, to stand on one line.
const shortList = 72

func hclText(value any, indent string) string {
	inner := indent + "  "
	switch v := value.(type) {
	case nil:
		return "null"
	case withheld:
		return "(sensitive)"
	case unknown:
		return "(unknown)"
	case address:
		return string(v)
	case string:
		return quoted(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = hclText(e, inner)
		}
		line := "[" + strings.Join(parts, ", ") + "]"
		if len(line) <= shortList && !strings.Contains(line, "\n") {
			return line
		}
		return "[\n" + inner + strings.Join(parts, ",\n"+inner) + ",\n" + indent + "]"
	case map[string]any:
		if len(v) == 0 {
			return "{}"
		}
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			name := k
			if !hclsyntax.ValidIdentifier(k) {
				name = quoted(k)
			}
			b.WriteString(inner + name + " = " + hclText(v[k], inner) + "\n")
		}
		return "{\n" + b.String() + indent + "}"
	default: // bool, json.Number
		return fmt.Sprint(v)
	}
}

// quoted writes text as HCL does.
func quoted(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}
