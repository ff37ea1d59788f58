package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/waybill-dev/waybill/lang/graph"
)

// block is one block of a graph in normal form: a JSON value for each path at
// which the language has a value. Lists of blocks with labels are spread by
// label, so that one that moves in its list does not differ; text with run-time
// parts is one string.
type block map[string]json.RawMessage

// blocksOf is the JSON of each addressed block of a graph, and of the workspace
// settings.
func blocksOf(g *graph.Graph) map[graph.Addr]json.RawMessage {
	blocks := map[graph.Addr]json.RawMessage{}
	if g == nil {
		return blocks
	}
	settings := *g
	settings.Secrets, settings.Alerts, settings.Couriers, settings.Groups = nil, nil, nil, nil
	settings.Moved = nil // what comes of them is a rename
	settings.Bridges, settings.Processes, settings.Activations = nil, nil, nil
	blocks[Workspace] = encode(&settings)
	for i := range g.Secrets {
		blocks[graph.NewAddr(graph.KindSecret, g.Secrets[i].Name)] = encode(&g.Secrets[i])
	}
	for i := range g.Alerts {
		blocks[g.Alerts[i].Addr] = encode(&g.Alerts[i])
	}
	for i := range g.Couriers {
		blocks[g.Couriers[i].Addr] = encode(&g.Couriers[i])
	}
	for _, steps := range [][]graph.Step{g.Bridges, g.Processes, g.Activations} {
		for i := range steps {
			blocks[steps[i].Addr] = encode(&steps[i])
		}
	}
	for i := range g.Groups {
		blocks[g.Groups[i].Addr] = encode(&g.Groups[i])
	}
	return blocks
}

// spread brings the JSON of the block at an address into normal form; nil where
// there is none.
func spread(a graph.Addr, text json.RawMessage) block {
	if text == nil {
		return nil
	}
	b := block{}
	b.spread("", decode(text))
	delete(b, "address")
	if a.Kind() == graph.KindSecret {
		delete(b, "name")
	}
	return b
}

// blockNames are the lists whose block type in the language is not their key.
var blockNames = map[string]string{"couriers": "courier", "files": "file"}

func (b block) spread(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			if _, isList := child.([]any); isList && labelled(child) && blockNames[key] != "" {
				key = blockNames[key]
			}
			b.spread(join(path, key), child)
		}
	case []any:
		b.spreadList(path, v)
	default:
		b[path] = scalar(v)
	}
}

// scalar is encode of a value that has no others in it, without the search for
// how it is written.
func scalar(v any) json.RawMessage {
	switch v := v.(type) {
	case json.Number:
		return json.RawMessage(v)
	case string:
		if plainText(v) {
			return json.RawMessage(`"` + v + `"`)
		}
	}
	return encode(v)
}

// plainText reports whether JSON writes a text as it is, between quotes.
func plainText(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func (b block) spreadList(path string, list []any) {
	if text, ok := asText(list); ok {
		b[path] = scalar(text)
		return
	}
	if labelled(list) {
		for _, item := range list {
			fields := item.(map[string]any)
			name := fields["name"].(string)
			delete(fields, "name")
			b.spread(join(path, name), fields)
		}
		return
	}
	scalars := make([]any, len(list))
	for i, item := range list {
		if nested, ok := item.([]any); ok {
			if text, ok := asText(nested); ok {
				item = text
			}
		}
		if fields, ok := item.(map[string]any); ok {
			b.spread(path+"["+strconv.Itoa(i)+"]", fields)
			continue
		}
		scalars[i] = item
	}
	if len(list) == 0 || scalars[0] != nil {
		b[path] = encode(scalars)
	}
}

// labelled reports whether v is a list of objects that are told apart by a name.
func labelled(v any) bool {
	list, _ := v.([]any)
	seen := map[string]bool{}
	for _, item := range list {
		fields, _ := item.(map[string]any)
		name, ok := fields["name"].(string)
		if !ok || seen[name] {
			return false
		}
		seen[name] = true
	}
	return len(list) > 0
}

// asText recognises a graph.Value: a list of parts.
func asText(list []any) (string, bool) {
	var v graph.Value
	for _, item := range list {
		fields, ok := item.(map[string]any)
		if !ok {
			return "", false
		}
		var p graph.Part
		for key, field := range fields {
			text, isText := field.(string)
			switch {
			case isText && key == "literal":
				p.Literal = text
			case isText && key == "ref":
				p.Ref = text
			case isText && key == "format":
				p.Format = text
			default:
				return "", false
			}
		}
		v = append(v, p)
	}
	return v.String(), len(list) > 0
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// encode and decode cannot fail on what they are given: graphs are plain data.
func encode(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("plan: encode: %v", err))
	}
	return text
}

func decode(text []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(fmt.Sprintf("plan: decode: %v", err))
	}
	return v
}
