package lang

import (
	"strings"

	"github.com/apparentlymart/go-textseg/v17/textseg"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
)

// value makes an expression of a value.
func (t *jsonTree) value(n *jsonNode) hclsyntax.Expression {
	literal := func(v cty.Value) hclsyntax.Expression {
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: n.rng}
	}
	switch n.kind {
	case jsonText:
		return t.template(n.text)
	case jsonNumber:
		v, err := cty.ParseNumberVal(n.text.text)
		if err != nil {
			t.lost++
			t.report.add(diag.SyntaxError, place(n.rng), "Wrong number", "The number is too large.")
			return literal(cty.DynamicVal)
		}
		return literal(v)
	case jsonTrue, jsonFalse:
		return literal(cty.BoolVal(n.kind == jsonTrue))
	case jsonNull:
		return literal(cty.NullVal(cty.DynamicPseudoType))
	case jsonList:
		list := &hclsyntax.TupleConsExpr{SrcRange: n.rng, OpenRange: n.open()}
		for _, item := range n.items {
			list.Exprs = append(list.Exprs, t.value(item))
		}
		return list
	case jsonObjectNode:
		object := &hclsyntax.ObjectConsExpr{SrcRange: n.rng, OpenRange: n.open()}
		for _, p := range n.properties {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   &hclsyntax.ObjectConsKeyExpr{Wrapped: t.template(p.name), ForceNonLiteral: true},
				ValueExpr: t.value(p.value),
			})
		}
		return object
	}
	t.lost++ // it could not be read, which is reported
	return literal(cty.DynamicVal)
}

// template reads a text as what stands between quotes in HCL. A text that is one
// interpolation, "${courier.orders}", is the expression in it.
func (t *jsonTree) template(s jsonString) hclsyntax.Expression {
	if t.literal || !strings.Contains(s.text, "${") && !strings.Contains(s.text, "%{") {
		return &hclsyntax.TemplateExpr{
			Parts:    []hclsyntax.Expression{&hclsyntax.LiteralValueExpr{Val: cty.StringVal(s.text), SrcRange: s.rng}},
			SrcRange: s.rng,
		}
	}
	e := t.parse(s, hclsyntax.ParseTemplate)
	switch x := e.(type) {
	case *hclsyntax.TemplateWrapExpr:
		return x.Wrapped
	case *hclsyntax.TemplateExpr:
		x.SrcRange = s.rng
	}
	return e
}

// expression reads a text that holds an expression as it is, such as a type.
func (t *jsonTree) expression(s jsonString) hclsyntax.Expression {
	return t.parse(s, hclsyntax.ParseExpression)
}

type parser func(src []byte, filename string, start hcl.Pos) (hclsyntax.Expression, hcl.Diagnostics)

// parse parses a text and places what it finds in the file. The first mistake is
// reported; others follow from it.
func (t *jsonTree) parse(s jsonString, by parser) hclsyntax.Expression {
	unread := &hclsyntax.LiteralValueExpr{Val: cty.DynamicVal, SrcRange: s.rng}
	if _, deep := tooDeep([]byte(s.text)); deep {
		t.lost++
		reportDeep(place(s.rng), t.report)
		return unread
	}
	e, problems := by([]byte(s.text), "", hcl.InitialPos)
	m := &placer{name: t.name, at: s.places(t.src)}
	for _, p := range problems {
		if p.Severity == hcl.DiagError {
			t.lost++
			m.place(p.Subject)
			if strings.HasPrefix(p.Summary, "Unclosed template") {
				t.report.add(diag.SyntaxError, place(*p.Subject), "Interpolation without end", "The interpolation that begins here has no closing brace } in this text.")
			} else {
				reportSyntax(p, t.src, t.report)
			}
			return unread
		}
	}
	_ = hclsyntax.Walk(e, m) // it reports nothing
	return e
}

// places says where each byte of a decoded text stands in the file, and where the
// text ends.
func (s jsonString) places(src []byte) []hcl.Pos {
	pos := s.rng.Start
	pos.Byte++
	pos.Column++
	raw := src[pos.Byte : s.rng.End.Byte-1]
	in := make([]hcl.Pos, 0, len(raw)+1) // of each byte as it is written
	for len(raw) > 0 {
		n, _, err := textseg.ScanGraphemeClusters(raw, true)
		if err != nil || n == 0 {
			n = 1
		}
		for i := range n {
			in = append(in, hcl.Pos{Line: pos.Line, Column: pos.Column, Byte: pos.Byte + i})
		}
		pos.Byte += n
		pos.Column++
		raw = raw[n:]
	}
	in = append(in, pos)
	if s.from == nil {
		return in
	}
	at := make([]hcl.Pos, len(s.from))
	for i, from := range s.from {
		at[i] = in[from]
	}
	return at
}

// placer moves the ranges in an expression that was parsed by itself, without the
// name of a file, to where it stands in the file.
type placer struct {
	name string
	at   []hcl.Pos // of each byte of the expression
}

// place moves a range, unless it was moved before.
func (m *placer) place(ranges ...*hcl.Range) {
	for _, r := range ranges {
		if r.Filename != "" {
			continue
		}
		*r = hcl.Range{Filename: m.name, Start: m.pos(r.Start), End: m.pos(r.End)}
	}
}

func (m *placer) pos(p hcl.Pos) hcl.Pos { return m.at[min(max(p.Byte, 0), len(m.at)-1)] }

// Enter implements hclsyntax.Walker.
func (m *placer) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.LiteralValueExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.TemplateExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.TemplateWrapExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.ParenthesesExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.ScopeTraversalExpr:
		m.place(&n.SrcRange)
		m.traversal(n.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		m.place(&n.SrcRange)
		m.traversal(n.Traversal)
	case *hclsyntax.FunctionCallExpr:
		m.place(&n.NameRange, &n.OpenParenRange, &n.CloseParenRange)
	case *hclsyntax.ConditionalExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.IndexExpr:
		m.place(&n.SrcRange, &n.OpenRange, &n.BracketRange)
	case *hclsyntax.TupleConsExpr:
		m.place(&n.SrcRange, &n.OpenRange)
	case *hclsyntax.ObjectConsExpr:
		m.place(&n.SrcRange, &n.OpenRange)
	case *hclsyntax.ObjectConsKeyExpr: // a plain name in it is not walked to
		return hclsyntax.Walk(n.Wrapped, m)
	case *hclsyntax.ForExpr:
		m.place(&n.SrcRange, &n.OpenRange, &n.CloseRange)
	case *hclsyntax.SplatExpr:
		m.place(&n.SrcRange, &n.MarkerRange)
	case *hclsyntax.AnonSymbolExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.BinaryOpExpr:
		m.place(&n.SrcRange)
	case *hclsyntax.UnaryOpExpr:
		m.place(&n.SrcRange, &n.SymbolRange)
	case *hclsyntax.ExprSyntaxError:
		m.place(&n.SrcRange)
	}
	return nil
}

// Exit implements hclsyntax.Walker.
func (m *placer) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }

func (m *placer) traversal(t hcl.Traversal) {
	for i, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			m.place(&step.SrcRange)
			t[i] = step
		case hcl.TraverseAttr:
			m.place(&step.SrcRange)
			t[i] = step
		case hcl.TraverseIndex:
			m.place(&step.SrcRange)
			t[i] = step
		case hcl.TraverseSplat:
			m.place(&step.SrcRange)
			t[i] = step
		}
	}
}
