package lang

import (
	"bytes"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v17/textseg"
	"github.com/hashicorp/hcl/v2"

	"github.com/waybill-dev/waybill/lang/diag"
)

// jsonKind is what a value of JSON is.
type jsonKind uint8

const (
	jsonUnread jsonKind = iota // it could not be read, which is reported
	jsonNull
	jsonTrue
	jsonFalse
	jsonNumber
	jsonText
	jsonList
	jsonObjectNode
)

// jsonNode is a value as it stands in a file.
type jsonNode struct {
	kind       jsonKind
	rng        hcl.Range
	text       jsonString     // of a text; of a number, as it is written
	items      []*jsonNode    // of a list
	properties []jsonProperty // of an object
	lost       bool           // something in it could not be read
}

type jsonProperty struct {
	name  jsonString
	value *jsonNode
	again bool // one before it has the same name, which is reported
}

// jsonString is a text.
type jsonString struct {
	text string
	rng  hcl.Range // with the quotes
	from []int     // where each byte of text, and its end, stands behind the quote; nil: there are no escapes
}

// open and end are the places of the brackets of a list or an object.
func (n *jsonNode) open() hcl.Range {
	return hcl.Range{Filename: n.rng.Filename, Start: n.rng.Start, End: n.rng.Start}
}
func (n *jsonNode) end() hcl.Range {
	return hcl.Range{Filename: n.rng.Filename, Start: n.rng.End, End: n.rng.End}
}

// holdsObjects reports whether a value could be a block or several.
func (n *jsonNode) holdsObjects() bool {
	return n.kind == jsonObjectNode || n.kind == jsonList && len(n.items) > 0 && n.items[0].kind == jsonObjectNode
}

// maxJSONProblems bounds what is reported of the syntax of one file.
const maxJSONProblems = 20

// jsonScanner reads JSON strictly and goes on behind mistakes whose meaning is
// plain: a comma too many or too few, a comment, other quotes. Where it is not,
// it stops, and what is open is lost.
type jsonScanner struct {
	name     string
	src      []byte
	pos      hcl.Pos
	report   *report
	depth    int
	problems int
	lost     int // values that could not be read
	stopped  bool
}

// scanJSON reads a file that must hold one object, of which example is an
// example. It returns nil where there is none, and how many values could not be
// read.
func scanJSON(name string, src []byte, example string, r *report) (root *jsonNode, lost int) {
	s := &jsonScanner{name: name, src: src, pos: hcl.InitialPos, report: r}
	if bytes.HasPrefix(src, []byte("\xef\xbb\xbf")) {
		s.add(s.pos, s.pos, "Byte order mark", "The file begins with a byte order mark, which JSON does not take. Save it as UTF-8 without one.")
		s.pos.Byte = 3
	}
	if at := invalidUTF8(src); at >= 0 {
		pos := hcl.Pos{Line: 1 + bytes.Count(src[:at], []byte("\n")), Column: 1, Byte: at}
		pos.Column += graphemes(src[bytes.LastIndexByte(src[:at], '\n')+1 : at])
		s.add(pos, pos, "Not UTF-8", "The file holds a byte here that is no UTF-8. Save it as UTF-8.")
		return nil, 1
	}
	s.skip()
	if s.pos.Byte == len(src) {
		s.add(s.pos, s.pos, "Empty file", "A file in JSON holds one object, such as %s; {} is an empty one.", example)
		return nil, 1
	}
	root = s.value()
	if s.stopped && root.kind != jsonObjectNode {
		return nil, 1
	}
	if root.kind != jsonObjectNode {
		if root.kind != jsonUnread {
			s.add(root.rng.Start, root.rng.End, "Not an object", "A file in JSON is one object, such as %s.", example)
		}
		return nil, 1
	}
	if s.skip(); !s.stopped && s.pos.Byte < len(src) {
		s.add(s.pos, s.after(1), "Text after the end", "The object ends before this. Remove what follows, or a closing brace too many.")
		s.lost++
	}
	return root, s.lost
}

func invalidUTF8(src []byte) int {
	if utf8.Valid(src) {
		return -1
	}
	at := 0
	for {
		c, n := utf8.DecodeRune(src[at:])
		if c == utf8.RuneError && n < 2 {
			return at
		}
		at += n
	}
}

// graphemes counts characters as a reader sees them.
func graphemes(text []byte) int {
	count := 0
	for len(text) > 0 {
		n, _, err := textseg.ScanGraphemeClusters(text, true)
		if err != nil || n == 0 {
			n = 1
		}
		text = text[n:]
		count++
	}
	return count
}

// add reports a mistake of the syntax.
func (s *jsonScanner) add(from, to hcl.Pos, summary, format string, args ...any) *diag.Diagnostic {
	if s.problems++; s.problems > maxJSONProblems {
		return &diag.Diagnostic{}
	}
	return s.report.add(diag.SyntaxError, place(s.span(from, to)), summary, format, args...)
}

func (s *jsonScanner) span(from, to hcl.Pos) hcl.Range {
	return hcl.Range{Filename: s.name, Start: from, End: to}
}

// stop gives up the rest of the file.
func (s *jsonScanner) stop() { s.stopped, s.lost = true, s.lost+1 }

// after is the position n bytes on, in the same line.
func (s *jsonScanner) after(n int) hcl.Pos {
	text := s.src[s.pos.Byte:min(s.pos.Byte+n, len(s.src))]
	pos := s.pos
	pos.Byte += len(text)
	pos.Column += graphemesOf(text)
	return pos
}

// graphemesOf counts characters, in ASCII by their bytes.
func graphemesOf(text []byte) int {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return graphemes(text)
		}
	}
	return len(text)
}

// peek is the next byte, 0 at the end.
func (s *jsonScanner) peek() byte {
	if s.pos.Byte >= len(s.src) {
		return 0
	}
	return s.src[s.pos.Byte]
}

// skip goes to the next byte that is neither space nor, which is reported, part
// of a comment.
func (s *jsonScanner) skip() {
	for s.pos.Byte < len(s.src) {
		rest := s.src[s.pos.Byte:]
		switch {
		case rest[0] == '\n':
			s.newline(1)
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			s.pos = s.after(1)
		case rest[0] == '#' || bytes.HasPrefix(rest, []byte("//")):
			s.comment(line(rest))
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest, []byte("*/"))
			if end < 0 {
				end = len(rest) - 2
			}
			s.comment(rest[:end+2])
		default:
			return
		}
	}
}

func (s *jsonScanner) newline(bytes int) {
	s.pos = hcl.Pos{Line: s.pos.Line + 1, Column: 1, Byte: s.pos.Byte + bytes}
}

// line is a text up to the end of its line.
func line(text []byte) []byte {
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		return text[:i]
	}
	return text
}

func (s *jsonScanner) comment(text []byte) {
	first := line(text)
	s.add(s.pos, s.after(len(first)), "Comment in JSON", "JSON takes no comments. Write a property instead: \"//\": \"…\". It is left out when the file is read.")
	for {
		s.pos = s.after(len(first))
		if text = text[len(first):]; len(text) == 0 {
			return
		}
		if text[0] == '\n' {
			s.newline(1)
		} else {
			s.pos = s.after(1)
		}
		text = text[1:]
		first = line(text)
	}
}
