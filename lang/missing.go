package lang

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// lookup is a step into a value that has nothing there.
type lookup struct {
	name  string // of the value, as it is written; "" for one that is computed
	value cty.Value
	step  hcl.Traverser
	splat bool // [*] stands between the two
}

// reportLookup says what a value has instead of what an expression looks for in
// it. It reports false if that is not what hcl complains of. whole is the
// expression that was evaluated.
func (s *scope) reportLookup(p *hcl.Diagnostic, whole hclsyntax.Expression) bool {
	l, ok := failedLookup(p, whole)
	if !ok || l.value == cty.NilVal || l.value.ContainsMarked() || !l.value.IsKnown() {
		return false
	}
	at := place(*p.Subject)
	if l.value.Type() == reference && !l.value.IsNull() {
		addr, _, _ := strings.Cut(string(*l.value.EncapsulatedValue().(*graph.Addr)), "[") // one message for all instances
		s.reportAttribute(graph.Addr(addr), at)
		return true
	}
	if r := s.whole(l.value); r != nil {
		s.report.add(diag.KeylessReference, at, "Attribute of several blocks",
			"%s has for_each, so it is several blocks, and attributes of blocks cannot be read. Write values(%s) for a list of all its instances. %s", r.addr, r.addr, r.list())
		return true
	}
	summary, detail := l.explain()
	if detail == "" {
		return false
	}
	s.report.add(diag.BadExpression, at, summary, "%s", detail)
	return true
}

// failedLookup finds the value and the step that a problem is about.
func failedLookup(p *hcl.Diagnostic, whole hclsyntax.Expression) (lookup, bool) {
	if p.Subject == nil || p.EvalContext == nil {
		return lookup{}, false
	}
	switch e := p.Expression.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		for ctx := p.EvalContext; ctx != nil; ctx = ctx.Parent() {
			if v, ok := ctx.Variables[e.Traversal.RootName()]; ok {
				return follow(e.Traversal.RootName(), v, e.Traversal[1:])
			}
		}
	case *hclsyntax.RelativeTraversalExpr:
		if of := splatOver(e, whole); of != nil {
			return eachOf(of, p.EvalContext, e.Traversal)
		}
		v, problems := e.Source.Value(p.EvalContext)
		if !problems.HasErrors() {
			return follow(sourceName(e.Source), v, e.Traversal)
		}
	case *hclsyntax.IndexExpr:
		v, problems := e.Collection.Value(p.EvalContext)
		key, more := e.Key.Value(p.EvalContext)
		if !problems.HasErrors() && !more.HasErrors() && key.IsKnown() && !key.IsNull() && !key.ContainsMarked() {
			return follow(sourceName(e.Collection), v, hcl.Traversal{hcl.TraverseIndex{Key: key}})
		}
	}
	return lookup{}, false
}

// follow takes the steps until one fails.
func follow(name string, v cty.Value, steps hcl.Traversal) (lookup, bool) {
	for _, step := range steps {
		next, problems := step.TraversalStep(v)
		if problems.HasErrors() {
			return lookup{name: name, value: v, step: step}, true
		}
		if name != "" {
			name += stepSource(step)
		}
		v = next
	}
	return lookup{}, false
}

// splatOver returns the splat whose elements a traversal is taken on, or nil.
func splatOver(e *hclsyntax.RelativeTraversalExpr, whole hclsyntax.Expression) *hclsyntax.SplatExpr {
	if _, ok := e.Source.(*hclsyntax.AnonSymbolExpr); !ok || whole == nil {
		return nil
	}
	var found *hclsyntax.SplatExpr
	_ = hclsyntax.VisitAll(whole, func(n hclsyntax.Node) hcl.Diagnostics { // it reports nothing
		if c, ok := n.(*counted); ok {
			n = c.Expression
		}
		if splat, ok := n.(*hclsyntax.SplatExpr); ok && splat.Item == e.Source {
			found = splat
		}
		return nil
	})
	return found
}

// eachOf finds the first element of what a splat goes through that lacks
// something.
func eachOf(splat *hclsyntax.SplatExpr, ctx *hcl.EvalContext, steps hcl.Traversal) (lookup, bool) {
	v, problems := splat.Source.Value(ctx)
	if problems.HasErrors() || v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return lookup{}, false
	}
	name := sourceName(splat.Source)
	if ty := v.Type(); !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
		l, ok := follow(name, v, steps)
		l.splat = true
		return l, ok
	}
	for it := v.ElementIterator(); it.Next(); {
		_, x := it.Element()
		if l, ok := follow("", x, steps); ok {
			if name != "" {
				l.name = "an element of " + name
			}
			return l, true
		}
	}
	return lookup{}, false
}

// sourceName is a name as it stands in the source, or "" for what is computed.
func sourceName(e hclsyntax.Expression) string {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return sourceName(e.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		name := e.Traversal.RootName()
		for _, step := range e.Traversal[1:] {
			name += stepSource(step)
		}
		return name
	}
	return ""
}

func stepSource(step hcl.Traverser) string {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return "." + step.Name
	case hcl.TraverseIndex:
		return indexSource(step.Key)
	}
	return "[…]"
}

// indexSource is an index as it stands in the source.
func indexSource(key cty.Value) string {
	text, ok := toText(key)
	switch {
	case !ok:
		return "[…]"
	case key.Type() == cty.String:
		return fmt.Sprintf("[%q]", text)
	}
	return "[" + text + "]"
}

// mostCompared bounds how many names are compared with one that is not there,
// which may happen once for each instance of a for_each.
const mostCompared = 1000

// explain says what a value is and has.
func (l lookup) explain() (summary, detail string) {
	name, subject := l.name, l.name // within a sentence, and at its beginning
	if name == "" {
		name = "this value"
	}
	if name == "this value" || strings.HasPrefix(name, "an element of ") {
		subject = upperFirst(name)
	}
	key, isText := "", true
	switch step := l.step.(type) {
	case hcl.TraverseAttr:
		key = step.Name
	case hcl.TraverseIndex:
		key, _ = toText(step.Key)
		isText = step.Key.Type() == cty.String
	}
	switch ty := l.value.Type(); {
	case l.value.IsNull():
		return "Attribute of null", fmt.Sprintf("%s is null here, so it has no %s. Give it a value, or ask first: %s == null ? … : ….", subject, key, name)
	case l.splat && (ty.IsObjectType() || ty.IsMapType()):
		return "[*] after a map", fmt.Sprintf("[*] goes through lists, and %s is a map. Write values(%s)[*]%s.", name, name, stepSource(l.step))
	case ty.IsObjectType() || ty.IsMapType():
		names := keys(l.value.AsValueMap())
		hint := listNames(subject, names)
		if near := didYouMean(key, "", names[:min(len(names), mostCompared)]); near != "" {
			hint = near
		}
		return "Unknown name " + key, fmt.Sprintf("There is no %s in %s.%s", key, name, hint)
	case ty.IsTupleType() || ty.IsListType():
		if isText {
			return "Attribute of a list", fmt.Sprintf("%s is a list, so it has no %s. Write [*].%s after it for that of each element, or [0].%s for that of the first.", subject, key, key, key)
		}
		return "Index out of range", strings.TrimSpace(fmt.Sprintf("There is no [%s] in %s. %s", key, name, listLength(l.value.LengthInt())))
	case ty.IsSetType():
		return "Element of a set", fmt.Sprintf("%s is a set, whose elements have no order and no names. Write tolist(…) around it first.", subject)
	}
	return "Attribute of text", fmt.Sprintf("%s is %s, so it has no %s.", subject, typeName(l.value), key)
}

func listNames(of string, names []string) string {
	const most = 12
	switch n := len(names); {
	case n == 0:
		return fmt.Sprintf(" %s is empty.", of)
	case n > most:
		return fmt.Sprintf(" It has: %s and %d more.", strings.Join(names[:most], ", "), n-most)
	}
	return fmt.Sprintf(" It has: %s.", strings.Join(names, ", "))
}

func listLength(n int) string {
	switch n {
	case 0:
		return "It is empty."
	case 1:
		return "It has one element, [0]."
	}
	return fmt.Sprintf("It has %d elements, [0] to [%d].", n, n-1)
}
