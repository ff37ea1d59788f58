package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/waybill-dev/waybill/lang/diag"
)

// value reads a value. It leaves the scanner behind it.
func (s *jsonScanner) value() *jsonNode {
	s.skip()
	from, lost := s.pos, s.lost
	n := &jsonNode{}
	switch c := s.peek(); {
	case c == '{' || c == '[':
		s.nested(n, c)
	case c == '"' || c == '\'':
		n.kind = jsonText
		if n.text = s.text(); s.lost > lost {
			n.kind = jsonUnread
		}
	default:
		s.word(n)
	}
	n.rng, n.lost = s.span(from, s.pos), s.lost > lost
	return n
}

// nested reads a list or an object, unless there are too many around it.
func (s *jsonScanner) nested(n *jsonNode, open byte) {
	if s.depth++; s.depth > maxDepth {
		reportDeep(place(s.span(s.pos, s.pos)), s.report)
		s.stop()
		return
	}
	from := s.pos
	s.pos = s.after(1)
	if open == '{' {
		n.kind = jsonObjectNode
		s.members('}', from, s.property(n))
	} else {
		n.kind = jsonList
		s.members(']', from, func() { n.items = append(n.items, s.value()) })
	}
	s.depth--
}

// members reads what stands between brackets, with commas between.
func (s *jsonScanner) members(close byte, open hcl.Pos, member func()) {
	var comma, last hcl.Pos // of the comma before; behind the member before, zero at first
	for !s.stopped {
		s.skip()
		switch c := s.peek(); {
		case s.pos.Byte >= len(s.src):
			s.unclosed(open, close)
		case c == close:
			if comma != (hcl.Pos{}) {
				s.at(comma, "Comma before the end", "JSON takes no comma after the last element. Remove it.")
			}
			s.pos = s.after(1)
			return
		case c == '}' || c == ']':
			d := s.add(s.pos, s.after(1), "Wrong closing bracket", "What is open here ends with %c, not with %c.", close, c)
			d.Related = []diag.Related{{Message: "the opening bracket", Range: *place(s.span(open, open))}}
			s.stop()
		case c == ',':
			if comma != (hcl.Pos{}) || last == (hcl.Pos{}) {
				s.at(s.pos, "Comma without an element before it", "One comma stands between two elements. Remove this one.")
			}
			comma = s.pos
			s.pos = s.after(1)
		default:
			if comma == (hcl.Pos{}) && last != (hcl.Pos{}) {
				s.at(last, "Missing comma", "A comma is needed here, between two elements.")
			}
			member()
			comma, last = hcl.Pos{}, s.pos
		}
	}
}

// at reports a mistake at one character.
func (s *jsonScanner) at(pos hcl.Pos, summary, detail string) {
	end := pos
	if pos.Byte < len(s.src) && s.src[pos.Byte] > ' ' && s.src[pos.Byte] < utf8.RuneSelf {
		end.Byte++
		end.Column++
	}
	s.add(pos, end, summary, "%s", detail)
}

func (s *jsonScanner) unclosed(open hcl.Pos, close byte) {
	end := open
	end.Byte++
	end.Column++
	what := "object"
	if close == ']' {
		what = "list"
	}
	s.add(open, end, "File ends too early", "The %s that begins here has no closing %c.", what, close)
	s.stop()
}

// property returns what reads one property of an object.
func (s *jsonScanner) property(n *jsonNode) func() {
	names := map[string]hcl.Range{}
	return func() {
		name, ok := s.propertyName()
		if !ok {
			return
		}
		s.skip()
		switch s.peek() {
		case ':':
			s.pos = s.after(1)
		case '=':
			s.add(s.pos, s.after(1), "Equals sign in JSON", "JSON writes a colon between name and value: \"name\": value.")
			s.pos = s.after(1)
		default:
			s.add(name.rng.End, name.rng.End, "Missing colon", "A colon and a value are needed after a name: \"name\": value.")
			if c := s.peek(); c == ',' || c == '}' || c == ']' || c == 0 {
				s.lost++
				n.properties = append(n.properties, jsonProperty{name: name, value: &jsonNode{rng: name.rng, lost: true}})
				return
			}
		}
		value := s.value()
		first, taken := names[name.text]
		if taken = taken && name.text != jsonComment; taken {
			hint := ""
			if value.kind == jsonObjectNode && strings.HasSuffix(s.name, jsonSuffix) {
				hint = " Several blocks of a type are written as a list: [{ … }, { … }]."
			}
			d := s.report.add(diag.DuplicateName, place(name.rng), "Name used twice",
				"%q stands in this object already, in line %d. Remove one of them.%s", name.text, first.Start.Line, hint)
			d.Related = []diag.Related{{Message: "the first", Range: *place(first)}}
			s.lost++
		} else {
			names[name.text] = name.rng
		}
		n.properties = append(n.properties, jsonProperty{name: name, value: value, again: taken})
	}
}
