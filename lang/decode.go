package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// object is a decoded block: its attributes as the Go types of their kinds.
type object struct {
	schema  *Block
	labels  []string
	at      *diag.Range            // type and labels
	kind    string                 // type of the top-level block
	addr    string                 // address of the top-level block
	fields  []field                // in the order of the file
	blocks  map[string][]*object   // in the order of the file; nil for none
	titles  map[string]*diag.Range // while it is decoded: of the blocks in it that may be repeated, and where the first is
	partly  bool                   // a block in it could not be decoded
	meant   []string               // attributes and blocks that unknown names in it seem to stand for
	foreign bool                   // a block in it is of no known type, nor of the name of one
}

// field is an attribute that was written. value is nil where what was written is
// wrong, which is reported, or unknown.
type field struct {
	name  string
	value any
	at    *diag.Range // of the expression
	parts []*diag.Range
}

// decoder turns blocks into objects by the schema table.
type decoder struct {
	scope  *scope
	report *report
	items  *item      // of the for_each that is being gone through
	addr   graph.Addr // of the instance that is decoded; "" in other blocks
}

// workspace decodes every top-level block that could be read. ok is false where
// one is not what its first line promised.
func (d *decoder) workspace(blocks []parsed) (list []*object, ok bool) {
	root := &object{schema: &workspaceSchema}
	for part := range opened(blocks) {
		for _, b := range part {
			switch {
			case b.Block == nil:
				return nil, false
			case !b.broken:
				list = append(list, d.top(root, b.Block)...)
			}
		}
	}
	return list, true
}

// top decodes a top-level block: an object, or one for each instance.
func (d *decoder) top(root *object, b *hclsyntax.Block) []*object {
	if r := d.scope.repeats[graph.NewAddr(b.Type, b.Labels...)]; r != nil && !r.assumed {
		return d.instances(root, b, r)
	}
	found := len(d.report.list)
	o := d.block(root, b)
	d.report.address(found, b)
	if o == nil {
		d.scope.mention(b.Body)
		return nil
	}
	return []*object{o}
}

// instances decodes a block with for_each once for each instance. Another block
// of the same name is reported already.
func (d *decoder) instances(root *object, b *hclsyntax.Block, r *repeat) []*object {
	if b != r.block || r.known && len(r.instances) == 0 {
		d.scope.mention(b.Body)
		return nil
	}
	if !r.known {
		d.unknownInstances(root, b)
		return nil
	}
	list := make([]*object, 0, len(r.instances))
	d.scope.kept = map[hclsyntax.Expression]*collector{}
	for _, i := range r.instances {
		found := len(d.report.list)
		d.items = &item{name: "each", key: cty.StringVal(i.key), value: i.value}
		d.addr = i.addr
		if o := d.block(root, b); o != nil {
			list = append(list, o)
		}
		d.report.about(found, string(i.addr))
	}
	d.items, d.addr, d.scope.kept = nil, "", nil
	return list
}

// unknownInstances decodes a block whose for_each could not be worked out, once
// for all, to say what is wrong in it besides.
func (d *decoder) unknownInstances(root *object, b *hclsyntax.Block) {
	found := len(d.report.list)
	d.items = &item{name: "each", key: cty.UnknownVal(cty.String), value: cty.DynamicVal}
	d.block(root, b)
	d.items = nil
	d.scope.mention(b.Body)
	d.report.address(found, b)
}

// block decodes one block that stands in another, or reports that it cannot
// stand there.
func (d *decoder) block(parent *object, b *hclsyntax.Block) *object {
	schema := parent.schema.block(b.Type)
	if schema == nil {
		d.unknownBlock(parent, b)
		return nil
	}
	if schema == &localsSchema {
		d.unexpectedBlocks(b)
		return nil
	}
	o := &object{schema: schema, labels: b.Labels, at: place(b.DefRange()), kind: parent.kind, addr: parent.addr}
	if parent.kind == "" {
		o.kind, o.addr = b.Type, string(cmp.Or(d.addr, graph.NewAddr(b.Type, b.Labels...)))
		if schema == &variableSchema {
			o.addr = "var." + o.label()
		}
	}
	if !d.labels(b, o) {
		return nil
	}
	if earlier := parent.blocks[b.Type]; len(earlier) > 0 && !schema.Many {
		p := d.report.add(diag.RepeatedBlock, o.at, "Block given twice", "%s may be given once only. Merge the two.", b.Type)
		p.Related = []diag.Related{{Message: "the first", Range: *earlier[0].at}}
		return nil
	}
	if schema.Many && len(schema.Labels) > 0 && parent.kind != "" {
		d.uniqueLabel(parent, o)
	}
	if parent.blocks == nil {
		parent.blocks = map[string][]*object{}
	}
	before := parent.blocks[b.Type]
	parent.blocks[b.Type] = append(before, o)
	d.body(o, b)
	if schema == &afterSchema {
		parent.blocks[b.Type] = append(before, o.each("group")...)
	}
	return o
}

// each divides a block whose attribute names all instances of another into one
// block for each instance, with its key behind the name.
func (o *object) each(name string) []*object {
	refs, ok := written[[]ref](o, name)
	if !ok {
		return []*object{o}
	}
	list := make([]*object, 0, len(refs))
	for _, r := range refs {
		one := *o
		_, key, _ := strings.Cut(string(r.addr), "[")
		one.labels = []string{o.label() + "[" + key}
		one.fields = slices.Clone(o.fields)
		one.field(name).value, one.field(name).parts = r, nil
		list = append(list, &one)
	}
	return list
}

func (d *decoder) uniqueLabel(parent, o *object) {
	earlier, taken := parent.titles[o.title()]
	if taken {
		p := d.report.add(diag.DuplicateName, o.at, "Name used twice", "There is another %s %q in this block. Rename one of them, or remove it.", o.schema.Type, o.label())
		p.Related = []diag.Related{{Message: "the other", Range: *earlier}}
		return
	}
	if parent.titles == nil {
		parent.titles = map[string]*diag.Range{}
	}
	parent.titles[o.title()] = o.at
}

func (d *decoder) labels(b *hclsyntax.Block, o *object) bool {
	want := o.schema.Labels
	if len(b.Labels) != len(want) {
		form := b.Type
		for _, l := range want {
			form += ` "` + strings.ToUpper(l) + `"`
		}
		types := ""
		if o.schema.Words != nil {
			types = fmt.Sprintf(" %s is %s.", strings.ToUpper(want[0]), orList(o.schema.Words))
		}
		d.report.add(diag.WrongLabels, o.at, "Wrong labels", "This block is written %s { … }.%s", form, types)
		return false
	}
	ok := true
	for i, name := range b.Labels {
		at := place(b.LabelRanges[i])
		if i == 0 && o.schema.Words != nil {
			if !slices.Contains(o.schema.Words, name) {
				d.report.add(diag.UnknownWord, at, "Unknown "+want[0]+" of "+noun(b.Type), "%q is not one of %s.%s",
					name, orList(o.schema.Words), didYouMean(name, "", o.schema.Words))
				ok = false
			}
			continue
		}
		if !hclsyntax.ValidIdentifier(name) {
			d.report.add(diag.InvalidName, at, "Invalid name", "%q is not a name. A name starts with a letter or _ and goes on with letters, digits, _ and -.", name)
			ok = false
		}
	}
	return ok
}

// body decodes what stands in a block.
func (d *decoder) body(o *object, b *hclsyntax.Block) {
	attrs := make([]*hclsyntax.Attribute, 0, len(b.Body.Attributes))
	for _, a := range b.Body.Attributes {
		attrs = append(attrs, a)
	}
	slices.SortFunc(attrs, func(x, y *hclsyntax.Attribute) int {
		return cmp.Compare(x.NameRange.Start.Byte, y.NameRange.Start.Byte)
	})
	o.fields = make([]field, 0, len(attrs))
	for _, a := range attrs {
		schema := o.schema.attribute(a.Name)
		switch {
		case schema == nil || !schema.allows(o.label0()):
			d.unknownAttribute(o, a)
		case a.Name == "for_each", o.schema == &variableSchema, o.schema == &validationSchema: // read when it was declared
			o.fields = append(o.fields, field{name: a.Name, at: place(a.Expr.Range())})
		default:
			d.attribute(o, schema, a)
		}
	}
	for _, n := range b.Body.Blocks {
		if n.Type == "dynamic" {
			o.partly = !d.dynamic(o, n) || o.partly
			continue
		}
		if d.block(o, n) == nil {
			o.partly = true
			d.scope.mention(n.Body)
		}
	}
	o.titles = nil // all are known
	d.required(o)
	d.units(o, b)
}

// units reports a wait or an offset that says nothing, or only null: it would
// replace an outer one without a word.
func (d *decoder) units(o *object, b *hclsyntax.Block) {
	if o.schema != &waitSchema && o.schema != &offsetSchema {
		return
	}
	wrong := 0 // reported
	for name := range b.Body.Attributes {
		if o.schema.attribute(name) == nil {
			wrong++
		}
	}
	if len(o.fields)+wrong == 0 {
		d.report.add(diag.BadUnits, o.at, "Empty "+o.schema.Type, "%s needs at least one of %s. Write %s { hours = 0 } for none.", o.schema.Type,
			orList(unitNames(o.schema)), o.schema.Type)
	}
}

func unitNames(b *Block) []string {
	names, _ := b.names("")
	return names
}

func (d *decoder) attribute(o *object, schema *Attribute, a *hclsyntax.Attribute) {
	f := field{name: a.Name, at: place(a.Expr.Range())}
	where := site{what: a.Name, kind: o.kind, addr: o.addr, takes: schema.Takes, items: d.items}
	if o.schema == &movedSchema {
		if r, ok := d.movedAddress(a.Name, a.Expr); ok {
			f.value = r
		}
		o.fields = append(o.fields, f)
		return
	}
	if schema.Kind == Condition {
		if c, ok := d.scope.condition(a.Expr, where); ok {
			f.value = c
		}
		o.fields = append(o.fields, f)
		return
	}
	v := d.scope.eval(a.Expr, where)
	if v.IsNull() {
		return
	}
	if list, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok {
		for _, e := range list.Exprs {
			f.parts = append(f.parts, place(e.Range()))
		}
	}
	c := conversion{scope: d.scope, schema: schema, at: f.at, parts: f.parts, expr: a.Expr}
	f.value = c.value(v)
	o.fields = append(o.fields, f)
}

func (d *decoder) required(o *object) {
	for i := range o.schema.Attributes {
		a := &o.schema.Attributes[i]
		if a.Required && !o.has(a.Name) && a.allows(o.label0()) && !slices.Contains(o.meant, a.Name) {
			p := d.report.add(diag.MissingAttribute, o.at, "Missing attribute "+a.Name, "%s needs %s, such as %s = %s: %s", o.title(), a.Name, a.Name, a.Example, lowerFirst(a.Doc))
			p.Address = o.addr
		}
	}
}

func (o *object) label0() string {
	if len(o.labels) == 0 {
		return ""
	}
	return o.labels[0]
}

// label is the name of the block: its last label.
func (o *object) label() string {
	if len(o.labels) == 0 {
		return ""
	}
	return o.labels[len(o.labels)-1]
}

// title is the block as it is written, without its body.
func (o *object) title() string {
	title := o.schema.Type
	for _, l := range o.labels {
		title += ` "` + l + `"`
	}
	return title
}

// unexpectedBlocks reports blocks in locals.
func (d *decoder) unexpectedBlocks(b *hclsyntax.Block) {
	for _, n := range b.Body.Blocks {
		d.report.add(diag.UnknownBlock, place(n.DefRange()), "Unknown block", "locals holds attributes only: write %s = { … }.", n.Type)
	}
	if len(b.Labels) > 0 {
		d.report.add(diag.WrongLabels, place(hcl.RangeBetween(b.LabelRanges[0], b.LabelRanges[len(b.LabelRanges)-1])), "Wrong labels", "This block is written locals { … }.")
	}
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' { // an abbreviation
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
