package lang

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// JSONSchema returns the JSON Schema (draft 2020-12) of the JSON form of a file
// of a workspace, with every block and attribute of [Schema]. In that form the
// labels of a block are nested objects, a block that is repeated may be an array,
// and any value may be a text with an expression in it: "${var.zone}". The same
// release always returns the same bytes.
func JSONSchema() []byte {
	s := &schemaWriter{defs: jsonObject{}, names: map[*Block]string{}, shared: countTypes()}
	root := s.body(&workspaceSchema, "", "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Waybill workspace"
	root["properties"].(jsonObject)["$schema"] = jsonObject{"description": "Where an editor finds this schema.", "type": "string"}
	s.defs["expression"] = jsonObject{
		"description": "A text with an expression of the language in it, such as ${var.zone}.",
		"type":        "string",
		"pattern":     `[$%]\{`,
	}
	root["$defs"] = s.defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil { // plain data: this is a mistake in this package
		panic(fmt.Sprintf("lang: encode the schema: %v", err))
	}
	return b.Bytes()
}

// jsonObject is an object of the document; encoding/json sorts its keys.
type jsonObject = map[string]any

// schemaWriter turns blocks into definitions, each once.
type schemaWriter struct {
	defs   jsonObject
	names  map[*Block]string
	shared map[string]int // how many different blocks have a type
}

// countTypes counts the different blocks of each type.
func countTypes() map[string]int {
	seen, count := map[*Block]bool{}, map[string]int{}
	var visit func(*Block)
	visit = func(b *Block) {
		for _, n := range b.Blocks {
			if !seen[n] {
				seen[n] = true
				count[n.Type]++
				visit(n)
			}
		}
	}
	visit(&workspaceSchema)
	return count
}

// name is the name of a block's definition: its type, with that of its parent
// where several blocks are called so.
func (s *schemaWriter) name(b *Block, parent string) string {
	if name, ok := s.names[b]; ok {
		return name
	}
	name := b.Type
	if s.shared[b.Type] > 1 && parent != "" {
		name = parent + "." + b.Type
	}
	s.names[b] = name
	return name
}

// body is what stands between the braces of a block whose first label is label.
func (s *schemaWriter) body(b *Block, name, label string) jsonObject {
	properties := jsonObject{jsonComment: comment()}
	out := jsonObject{"description": b.Doc, "type": "object", "properties": properties, "additionalProperties": b == &localsSchema}
	var required []string
	for i := range b.Attributes {
		a := &b.Attributes[i]
		if !a.allows(label) {
			continue
		}
		properties[a.Name] = a.jsonSchema()
		if a.Required {
			required = append(required, a.Name)
		}
	}
	if required != nil {
		out["required"] = required
	}
	out["x-since"] = b.Release()
	for _, n := range b.Blocks {
		properties[n.Type] = s.block(n, name)
	}
	if len(b.Blocks) > 0 && b != &workspaceSchema {
		properties["dynamic"] = s.dynamic(b, name)
	}
	if of := exclusive[b]; of != nil {
		out["oneOf"] = oneOf(of, len(b.Blocks) > 0)
	}
	return out
}

// exclusive are the names of which a block has exactly one.
var exclusive = map[*Block][]string{
	&courierSchema: sourceTypes,
	&bridgeSchema:  actionTypes, &processSchema: actionTypes, &activationSchema: actionTypes,
	&secretSchema: {"env", "file", "exec"},
}

// oneOf demands one of some properties; with dynamic, that may make it instead.
func oneOf(names []string, dynamic bool) []any {
	var list []any
	for _, name := range names {
		list = append(list, jsonObject{"required": []string{name}})
	}
	if dynamic {
		list = append(list, jsonObject{"required": []string{"dynamic"}, "not": jsonObject{"anyOf": slices.Clone(list)}})
	}
	return list
}

func comment() jsonObject { return jsonObject{"description": "A comment."} }

// dynamic is the value of the property dynamic of a block.
func (s *schemaWriter) dynamic(b *Block, name string) jsonObject {
	properties := jsonObject{jsonComment: comment()}
	for _, n := range b.Blocks {
		content := s.define(n, s.name(n, name), "")
		required := []string{"for_each", "content"}
		if len(n.Labels) > 0 {
			required = append(required, "labels")
		}
		properties[n.Type] = repeated(jsonObject{
			"type": "object", "additionalProperties": false, "required": required,
			"properties": jsonObject{
				jsonComment: comment(),
				"for_each":  jsonObject{"description": "A map, a set or a list: one block is made of each element."},
				"iterator":  jsonObject{"description": "What the element is called; default: " + n.Type + ".", "type": "string"},
				"labels":    orExpression(jsonObject{"description": "The labels of each block.", "type": "array", "items": scalar()}),
				"content":   jsonObject{"anyOf": []any{content, jsonObject{"type": "array", "items": content, "minItems": 1, "maxItems": 1}}},
			},
		})
	}
	return repeated(jsonObject{"description": "Makes blocks of each element.", "type": "object", "properties": properties, "additionalProperties": false})
}

// block is the value of the property that is named for a type of block: the
// labels as nested objects around the body.
func (s *schemaWriter) block(b *Block, parent string) jsonObject {
	name := s.name(b, parent)
	if slices.ContainsFunc(b.Attributes, func(a Attribute) bool { return a.Only != nil }) {
		properties := jsonObject{jsonComment: comment()}
		for _, word := range b.Words {
			properties[word] = s.labelled(b, b.Labels[1:], s.define(b, name+"."+word, word))
		}
		return repeated(jsonObject{"description": b.Doc, "type": "object", "properties": properties, "additionalProperties": false})
	}
	out := s.labelled(b, b.Labels, s.define(b, name, ""))
	out["description"] = b.Doc
	return out
}

// define writes the definition of a block, if it was not yet, and returns a
// reference to it.
func (s *schemaWriter) define(b *Block, name, label string) jsonObject {
	if _, ok := s.defs[name]; !ok {
		s.defs[name] = nil // underway
		s.defs[name] = s.body(b, name, label)
	}
	return jsonObject{"$ref": "#/$defs/" + name}
}

func (s *schemaWriter) labelled(b *Block, labels []string, body jsonObject) jsonObject {
	if len(labels) == 0 {
		if b.Many {
			return repeated(body)
		}
		return jsonObject{"anyOf": []any{body, jsonObject{"type": "array", "items": body, "maxItems": 1}}}
	}
	names := jsonObject{"pattern": labelPattern + "|^" + jsonComment + "$"}
	if b.Words != nil && len(labels) == len(b.Labels) {
		names = jsonObject{"enum": append(slices.Clone(b.Words), jsonComment)}
	}
	inner := body
	if len(labels) > 1 {
		inner = s.labelled(b, labels[1:], body)
	}
	return repeated(jsonObject{
		"type": "object", "propertyNames": names, "properties": jsonObject{jsonComment: comment()}, "additionalProperties": inner,
	})
}

// repeated is a value or a list of such values.
func repeated(value jsonObject) jsonObject {
	return jsonObject{"anyOf": []any{value, jsonObject{"type": "array", "items": value}}}
}

// orExpression is a value, or a text that holds an expression for it.
func orExpression(value jsonObject) jsonObject {
	return jsonObject{"anyOf": []any{value, jsonObject{"$ref": "#/$defs/expression"}}}
}

func (a *Attribute) jsonSchema() jsonObject {
	out := a.jsonType(a.Kind)
	out["description"], out["x-since"] = a.Doc, a.Release()
	if a.Default != "" {
		out["default"] = a.jsonDefault()
	}
	if example := a.jsonExample(); example != nil {
		out["examples"] = []any{example}
	}
	return out
}

func (a *Attribute) jsonDefault() any {
	switch a.Kind {
	case Bool, Int, Unit:
		return json.RawMessage(a.Default)
	}
	return a.Default
}

// jsonExample is the example as it is written in JSON.
func (a *Attribute) jsonExample() any {
	example := a.Example
	if example == "" && len(a.Refs) > 0 {
		if example = form(a.Refs[0]); a.Kind == Refs {
			return []string{"${" + example + "}"}
		}
	}
	if example == "" {
		return nil
	}
	if a.Kind != Value { // a condition or a reference stays an expression
		if e, problems := hclsyntax.ParseExpression([]byte(example), a.Name, hcl.InitialPos); !problems.HasErrors() {
			if v, problems := e.Value(nil); !problems.HasErrors() {
				if text, err := ctyjson.Marshal(v, v.Type()); err == nil {
					return json.RawMessage(text)
				}
			}
		}
	}
	if text, quoted := strings.CutPrefix(example, `"`); quoted && strings.Count(example, `"`) == 2 {
		return strings.TrimSuffix(text, `"`)
	}
	return "${" + example + "}"
}

// scalar is a text, or what is turned into one.
func scalar() jsonObject { return jsonObject{"type": []string{"string", "number", "boolean"}} }

// labelPattern is what a label looks like, nearly: a pattern that every validator
// understands knows no classes of Unicode.
const labelPattern = `^[^\s0-9.,:;/"'$%()\[\]{}-][^\s.,:;/"'$%()\[\]{}]*$`

// durationPattern is what graph.ParseDuration reads, and the empty text: not every
// validator knows a pattern that looks ahead.
const durationPattern = `^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$`

// jsonType is the schema of the values of a kind.
func (a *Attribute) jsonType(k Kind) jsonObject {
	listed := func(of Kind) jsonObject { return orExpression(jsonObject{"type": "array", "items": a.jsonType(of)}) }
	switch k {
	case Text, Value:
		return scalar()
	case Word:
		return orExpression(jsonObject{"enum": a.Words})
	case Bool:
		return orExpression(jsonObject{"type": "boolean"})
	case Int, Unit:
		number := jsonObject{"type": "integer", "minimum": a.Min}
		if a.Max > 0 {
			number["maximum"] = a.Max
		}
		return orExpression(number)
	case Duration:
		return orExpression(jsonObject{"type": "string", "minLength": 1, "pattern": durationPattern})
	case Size:
		return orExpression(jsonObject{"type": "string", "pattern": `^[0-9]+([kMGT]?B|[KMGT]iB)$`})
	case Instant:
		return orExpression(jsonObject{"type": "string", "format": "date-time"})
	case Clock:
		return orExpression(jsonObject{"type": "string", "pattern": `^([01][0-9]|2[0-3]):[0-5][0-9]$`})
	case Dates:
		return orExpression(jsonObject{"type": "array", "items": orExpression(jsonObject{"type": "string", "format": "date"})})
	case Codes:
		return orExpression(jsonObject{"type": "array", "items": orExpression(jsonObject{"enum": acceptable()})})
	case Words, Strings, Ints, Values, Refs:
		return listed(elements[k])
	case Ref, Condition:
		return jsonObject{"$ref": "#/$defs/expression"}
	case ValueMap:
		return orExpression(jsonObject{"type": "object", "additionalProperties": scalar()})
	case JSON:
		return orExpression(jsonObject{"type": []string{"object", "array"}})
	case Any:
		return jsonObject{}
	}
	return jsonObject{"type": "string"} // Zone, Cron, Pattern, Marker, Folder, Version, Type
}
