package lang

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
)

// dynamicNames are what stands in a dynamic block.
var dynamicNames = []string{"for_each", "iterator", "labels", "content"}

// dynamic decodes the blocks that a dynamic block makes, one for each element
// of its for_each. It reports whether all could be made.
func (d *decoder) dynamic(parent *object, b *hclsyntax.Block) bool {
	content := d.content(parent, b)
	each := b.Body.Attributes["for_each"]
	name := d.iterator(b)
	if content == nil || each == nil || name == "" {
		d.scope.mention(b.Body)
		return false
	}
	v := d.scope.eval(each.Expr, site{what: "for_each", kind: parent.kind, addr: parent.addr, items: d.items})
	rounds, ok := d.elements(each.Expr, v)
	if !ok {
		d.scope.mention(b.Body)
		return false
	}
	if len(rounds) == 0 {
		d.scope.mention(b.Body)
	}
	outer := d.items
	defer func() { d.items = outer }()
	for _, r := range rounds {
		d.items = &item{name: name, key: cty.StringVal(r.key), value: r.value, outer: outer}
		made := &hclsyntax.Block{Type: b.Labels[0], Body: content.Body, TypeRange: b.TypeRange, OpenBraceRange: b.OpenBraceRange, CloseBraceRange: b.CloseBraceRange}
		if a := b.Body.Attributes["labels"]; a != nil {
			labels, good := d.madeLabels(parent, a)
			if !good {
				ok = false
				continue
			}
			made.Labels = labels
			made.LabelRanges = slices.Repeat(b.LabelRanges, len(labels))
		}
		ok = d.block(parent, made) != nil && ok
	}
	return ok
}

// content checks the form of a dynamic block and returns the block that is made
// again and again, or nil.
func (d *decoder) content(parent *object, b *hclsyntax.Block) *hclsyntax.Block {
	at := place(b.DefRange())
	bad := func(code diag.Code, at *diag.Range, summary, format string, args ...any) *hclsyntax.Block {
		d.report.add(code, at, summary, format, args...)
		return nil
	}
	if len(b.Labels) != 1 {
		return bad(diag.WrongLabels, at, "Wrong labels", "This block is written dynamic \"TYPE\" { … }, with the type of block that it makes.")
	}
	schema := parent.schema.block(b.Labels[0])
	if schema == nil || parent.kind == "" {
		d.unknownBlock(parent, &hclsyntax.Block{Type: b.Labels[0], TypeRange: b.LabelRanges[0], OpenBraceRange: b.OpenBraceRange})
		return nil
	}
	for _, name := range keys(b.Body.Attributes) {
		if a := b.Body.Attributes[name]; !slices.Contains(dynamicNames[:3], name) {
			return bad(diag.UnknownAttribute, place(a.NameRange), "Unknown attribute "+a.Name,
				"A dynamic block has for_each, labels, iterator and the block content; what it repeats stands in content.%s", didYouMean(a.Name, "", dynamicNames))
		}
	}
	if len(b.Body.Blocks) != 1 || b.Body.Blocks[0].Type != "content" || len(b.Body.Blocks[0].Labels) > 0 {
		return bad(diag.UnknownBlock, at, "dynamic without one content", "A dynamic block holds one block content { … }: the body of each %s.", b.Labels[0])
	}
	for _, name := range []string{"for_each", "labels"} {
		if b.Body.Attributes[name] == nil && (name == "for_each" || len(schema.Labels) > 0) {
			example := `for_each = local.brands`
			if name == "labels" {
				example = fmt.Sprintf("labels = [%s.key]", iteratorOf(b))
			}
			return bad(diag.MissingAttribute, at, "Missing attribute "+name, "dynamic \"%s\" needs %s, such as %s.", b.Labels[0], name, example)
		}
	}
	return b.Body.Blocks[0]
}

// iteratorOf is the name that a dynamic block gives to the element, right or not.
func iteratorOf(b *hclsyntax.Block) string {
	if a := b.Body.Attributes["iterator"]; a != nil {
		return hcl.ExprAsKeyword(a.Expr)
	}
	return b.Labels[0]
}

// iterator returns the name of the element, "" where it is none or would hide
// another name.
func (d *decoder) iterator(b *hclsyntax.Block) string {
	if len(b.Labels) != 1 {
		return ""
	}
	name, at := iteratorOf(b), place(b.DefRange())
	a := b.Body.Attributes["iterator"]
	if a != nil {
		at = place(a.Expr.Range())
	}
	taken := labelCount[name] > 0 || slices.Contains([]string{"var", "local", "each", "run", "range", "response", "secret"}, name)
	switch {
	case name == "":
		d.report.add(diag.BadForEach, at, "Wrong iterator", "iterator is a name without quotes, such as iterator = brand.")
	case taken && a == nil:
		d.report.add(diag.BadForEach, at, "dynamic without iterator",
			"In the content, %s.NAME already names a %s, so the element needs a name of its own: write iterator = item, and item.key and item.value in the content.", name, noun(name))
		return ""
	case taken:
		d.report.add(diag.BadForEach, at, "Wrong iterator", "%s has a meaning already. Write another name, such as iterator = item.", name)
		return ""
	}
	return name
}

// elements divides what a dynamic block goes through. Its blocks have no
// address, so a list will do as well as a map or a set.
func (d *decoder) elements(e hclsyntax.Expression, v cty.Value) ([]instance, bool) {
	ty := v.Type()
	if !v.IsKnown() || v.IsMarked() || v.IsNull() || !ty.IsTupleType() && !ty.IsListType() {
		return d.scope.rounds(e, v, "dynamic")
	}
	if n := v.LengthInt(); n > maxInstances {
		d.report.add(diag.BadForEach, place(e.Range()), "for_each over too much", "There would be %d blocks; there can be %d.", n, maxInstances)
		return nil, false
	}
	if !d.scope.budget.make(v.LengthInt(), e.Range()) {
		d.scope.reportFault("")
		return nil, false
	}
	var list []instance
	for i, x := range v.AsValueSlice() {
		list = append(list, instance{key: fmt.Sprint(i), value: x})
	}
	return list, true
}

// madeLabels works out the labels of one block.
func (d *decoder) madeLabels(parent *object, a *hclsyntax.Attribute) ([]string, bool) {
	v := d.scope.eval(a.Expr, site{what: a.Name, kind: parent.kind, addr: parent.addr, items: d.items})
	if v.IsNull() {
		return nil, true
	}
	c := conversion{scope: d.scope, schema: &Attribute{Name: a.Name, Kind: Strings}, at: place(a.Expr.Range()), expr: a.Expr}
	labels, ok := c.value(v).([]string)
	return labels, ok
}
