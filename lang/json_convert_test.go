package lang_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// converter writes .hcl files as .hcl.json. Blocks of a type stand in a list each
// by itself, or nested by their labels where that is so.
type converter struct {
	tb     testing.TB
	src    []byte
	nested bool
}

// toJSON converts the .hcl files among some files; others stay.
func toJSON(tb testing.TB, files map[string][]byte, nested bool) map[string][]byte {
	tb.Helper()
	out := map[string][]byte{}
	for name, src := range files {
		if filepath.Ext(name) != ".hcl" {
			out[name] = src
			continue
		}
		f, problems := hclsyntax.ParseConfig(src, name, hclStart)
		if problems.HasErrors() {
			tb.Fatal(problems)
		}
		c := converter{tb: tb, src: src, nested: nested}
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(nested) // both forms of < > and &
		if err := e.Encode(c.body(f.Body.(*hclsyntax.Body), "")); err != nil {
			tb.Fatal(err)
		}
		out[name+".json"] = text.Bytes()
	}
	return out
}

// ordered is an object whose properties stay in order.
type ordered struct {
	names  []string
	values map[string]any
}

func (o *ordered) set(name string, value any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = value
}

// add puts a value beside another of its name, into a list.
func (o *ordered) add(name string, value any) {
	switch earlier := o.values[name].(type) {
	case nil:
		o.set(name, value)
	case []any:
		o.set(name, append(earlier, value))
	default:
		o.set(name, []any{earlier, value})
	}
}

func (o *ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, name := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(o.values[name])
		if err != nil {
			return nil, err
		}
		b.Write(append(append(key, ':'), value...))
	}
	return []byte("{" + b.String() + "}"), nil
}

func (c converter) body(b *hclsyntax.Body, typ string) *ordered {
	out := &ordered{}
	var parts []hclsyntax.Node
	for _, a := range b.Attributes {
		parts = append(parts, a)
	}
	for _, n := range b.Blocks {
		parts = append(parts, n)
	}
	slices.SortFunc(parts, func(x, y hclsyntax.Node) int { return x.Range().Start.Byte - y.Range().Start.Byte })
	for _, part := range parts {
		switch n := part.(type) {
		case *hclsyntax.Attribute:
			if typ == "variable" && n.Name == "type" || typ == "dynamic" && n.Name == "iterator" {
				out.set(n.Name, c.text(n.Expr))
				continue
			}
			out.set(n.Name, c.value(n.Expr))
		case *hclsyntax.Block:
			c.block(out, n)
		}
	}
	return out
}

func (c converter) block(into *ordered, b *hclsyntax.Block) {
	path := append([]string{b.Type}, b.Labels...)
	body := any(c.body(b.Body, b.Type))
	last := len(path) - 1
	if !c.nested {
		for ; last > 0; last-- {
			labelled := &ordered{}
			labelled.set(path[last], body)
			body = labelled
		}
	}
	for _, name := range path[:last] {
		if into.values[name] == nil {
			into.set(name, &ordered{})
		}
		into = into.values[name].(*ordered)
	}
	into.add(path[last], body)
}

func (c converter) text(e hclsyntax.Expression) string {
	r := e.Range()
	return string(c.src[r.Start.Byte:r.End.Byte])
}

func (c converter) value(e hclsyntax.Expression) any {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		if e.Val.IsNull() || e.Val.Type() != cty.String {
			return json.RawMessage(c.text(e))
		}
	case *hclsyntax.TupleConsExpr:
		list := make([]any, 0, len(e.Exprs))
		for _, x := range e.Exprs {
			list = append(list, c.value(x))
		}
		return list
	case *hclsyntax.ObjectConsExpr:
		object := &ordered{}
		for _, item := range e.Items {
			key := ""
			switch k := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr).Wrapped.(type) {
			case *hclsyntax.ScopeTraversalExpr:
				key = c.text(k)
			case *hclsyntax.ParenthesesExpr:
				key = "${" + c.text(k) + "}"
			default:
				key = c.value(k).(string)
			}
			object.set(key, c.value(item.ValueExpr))
		}
		return object
	case *hclsyntax.TemplateExpr:
		var text strings.Builder
		for _, part := range e.Parts {
			if l, ok := part.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String {
				text.WriteString(strings.NewReplacer("${", "$${", "%{", "%%{").Replace(l.Val.AsString()))
				continue
			}
			text.WriteString("${" + c.text(part) + "}")
		}
		return text.String()
	case *hclsyntax.TemplateWrapExpr:
		return "${" + c.text(e.Wrapped) + "}"
	}
	return "${" + c.text(e) + "}"
}
