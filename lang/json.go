package lang

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/diag"
)

// jsonSuffix ends the name of a file of a workspace that is written in JSON.
const jsonSuffix = ".hcl.json"

// jsonComment is the property that stands for a comment, wherever blocks,
// attributes or labels are written.
const jsonComment = "//"

// jsonTree makes blocks, attributes and expressions of what stands in a JSON
// file, the same ones that the text of an .hcl file becomes.
type jsonTree struct {
	name    string
	src     []byte
	report  *report
	literal bool                      // texts are as they stand, not templates
	lost    int                       // values that could not be read
	broken  map[*hclsyntax.Block]bool // blocks with such a value in them
}

// parseJSONFile reads the blocks of one .hcl.json file. broken is whether some of
// it could not be read.
func parseJSONFile(name string, src []byte, r *report) (blocks []parsed, broken bool) {
	t := &jsonTree{name: name, src: src, report: r, broken: map[*hclsyntax.Block]bool{}}
	root, lost := scanJSON(name, src, `{ "courier": { … } }`, r)
	t.lost = lost
	if root == nil {
		return nil, true
	}
	for i, p := range root.properties {
		if p.name.text == "$schema" { // says to an editor how the file looks
			root.properties = append(root.properties[:i:i], root.properties[i+1:]...)
			break
		}
	}
	body := t.body(root, &workspaceSchema)
	for _, b := range body.Blocks {
		blocks = append(blocks, parsed{Block: b, broken: t.broken[b]})
	}
	reportLoose(body, r)
	return blocks, t.lost > 0
}

// body reads an object as what stands in a block: properties that name a type of
// block become blocks, others attributes.
func (t *jsonTree) body(n *jsonNode, schema *Block) *hclsyntax.Body {
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: n.rng, EndRange: n.end()}
	for _, p := range n.properties {
		inner := schema.block(p.name.text)
		switch {
		case p.name.text == jsonComment:
		case p.again && (inner == nil || len(inner.Labels) == 0):
		case inner != nil:
			t.blocks(body, inner, p.name, p.value, nil)
		case p.name.text == "dynamic" && schema != &localsSchema:
			t.dynamic(body, schema, p.name, p.value)
		case schema != &localsSchema && schema.attribute(p.name.text) == nil && p.value.holdsObjects():
			t.unknown(body, schema, p)
		default:
			t.attribute(body, schema.attribute(p.name.text), p)
		}
	}
	return body
}

// unknown reads a property that holds objects and names nothing that can stand in
// a block: as what it seems to be meant for, else as a block.
func (t *jsonTree) unknown(body *hclsyntax.Body, schema *Block, p jsonProperty) {
	near := schema.meant(p.name.text, "")
	if inner := schema.block(near); inner != nil {
		t.blocks(body, inner, p.name, p.value, nil)
		return
	}
	if near != "" {
		t.attribute(body, nil, p)
		return
	}
	first := p.value
	if first.kind == jsonList {
		first = first.items[0]
	}
	t.block(body, &Block{Type: p.name.text}, p.name, first, nil)
}

func (t *jsonTree) attribute(body *hclsyntax.Body, schema *Attribute, p jsonProperty) {
	if p.value.kind == jsonUnread {
		return
	}
	lost := t.lost
	var e hclsyntax.Expression
	if schema != nil && schema.Kind == Type && p.value.kind == jsonText && !strings.HasPrefix(p.value.text.text, "${") {
		e = t.expression(p.value.text)
	} else {
		e = t.value(p.value)
	}
	if t.lost > lost {
		return
	}
	at := p.name.rng
	at.End = p.value.rng.End
	body.Attributes[p.name.text] = &hclsyntax.Attribute{Name: p.name.text, Expr: e, SrcRange: at, NameRange: p.name.rng, EqualsRange: p.name.rng}
}

// blocks reads the value of a property that is named for a type of block. Each
// label is an object around the body; a list stands for several blocks, at any
// of these levels.
func (t *jsonTree) blocks(body *hclsyntax.Body, schema *Block, name jsonString, n *jsonNode, labels []jsonString) {
	switch n.kind {
	case jsonNull: // as if it were not written
	case jsonList:
		for _, item := range n.items {
			if item.kind == jsonList {
				t.notBlock(schema, item)
				continue
			}
			t.blocks(body, schema, name, item, labels)
		}
	case jsonObjectNode, jsonUnread:
		if len(labels) == len(schema.Labels) {
			t.block(body, schema, name, n, labels)
			return
		}
		for _, p := range n.properties {
			if p.name.text != jsonComment && !p.again {
				t.blocks(body, schema, name, p.value, append(labels[:len(labels):len(labels)], p.name))
			}
		}
	default:
		t.notBlock(schema, n)
	}
}

// block reads one block. It is placed at its last label, since its type may stand
// far above; at its type where that is misspelt.
func (t *jsonTree) block(body *hclsyntax.Body, schema *Block, name jsonString, n *jsonNode, labels []jsonString) {
	lost := t.lost
	b := &hclsyntax.Block{Type: name.text, TypeRange: name.rng, OpenBraceRange: n.rng, CloseBraceRange: n.end()}
	b.OpenBraceRange.End = b.OpenBraceRange.Start
	for _, l := range labels {
		b.Labels = append(b.Labels, l.text)
		if name.text == schema.Type {
			b.TypeRange = l.rng
		}
		b.LabelRanges = append(b.LabelRanges, b.TypeRange)
	}
	b.Body = t.body(n, schema)
	if n.lost || t.lost > lost {
		t.broken[b] = true
	}
	body.Blocks = append(body.Blocks, b)
}

// dynamic reads dynamic blocks: the type of block that they make is their label,
// and content is the body of such a block.
func (t *jsonTree) dynamic(body *hclsyntax.Body, parent *Block, name jsonString, n *jsonNode) {
	if n.kind == jsonList {
		for _, item := range n.items {
			t.dynamic(body, parent, name, item)
		}
		return
	}
	if n.kind != jsonObjectNode {
		t.blocks(body, &Block{Type: "dynamic", Labels: []string{"block"}}, name, n, nil)
		return
	}
	for _, p := range n.properties {
		if p.name.text == jsonComment || p.again {
			continue
		}
		content := Block{Type: "content"}
		if made := parent.block(p.name.text); made != nil {
			content.Attributes, content.Blocks = made.Attributes, made.Blocks
		}
		schema := &Block{Type: "dynamic", Labels: []string{"block"}, Blocks: []*Block{&content}, Attributes: []Attribute{
			{Name: "for_each", Kind: Any}, {Name: "labels", Kind: Strings}, {Name: "iterator", Kind: Type},
		}}
		t.blocks(body, schema, name, p.value, []jsonString{p.name})
	}
}

// notBlock reports a value that stands where a block, or its label, is written.
func (t *jsonTree) notBlock(schema *Block, n *jsonNode) {
	t.lost++
	form, what := "{ … }", "a block"
	for i := len(schema.Labels) - 1; i >= 0; i-- {
		form = `{ "` + strings.ToUpper(schema.Labels[i]) + `": ` + form + " }"
	}
	if len(schema.Labels) > 0 {
		what = "a block with a label"
		if len(schema.Labels) > 1 {
			what = "a block with two labels"
		}
	}
	t.report.add(diag.WrongLabels, place(n.rng), "Not a block", "%s is %s, so it is written \"%s\": %s.", schema.Type, what, schema.Type, form)
}
