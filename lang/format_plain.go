package lang

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// isPlain reports whether a text is surely one that parses, and that is written in
// the usual way, layout apart. It knows what files are mostly made of, and takes a
// small part of the time that the parser takes; what it does not know (comments
// of several lines, heredocs, for, splats, directives of templates) it refuses,
// and the parser decides. With onlyBlocks it refuses attributes outside of blocks.
func isPlain(src []byte, onlyBlocks bool) bool {
	if !utf8.Valid(src) {
		return false
	}
	p := plainText{src: src}
	return p.body(false, onlyBlocks) && p.at == len(src)
}

// plainText is a text that is read from its beginning. Its methods report whether
// they could read what they are called for, and leave at behind it.
type plainText struct {
	src     []byte
	at      int
	wrapped [2]int // from and to of the last text that is "${x}"
}

// peek is the next byte, 0 at the end; no text that is read here holds a 0.
func (p *plainText) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

func (p *plainText) take(c byte) bool {
	if p.peek() != c || p.at == len(p.src) {
		return false
	}
	p.at++
	return true
}

// space passes over spaces.
func (p *plainText) space() {
	for p.peek() == ' ' || p.peek() == '\t' {
		p.at++
	}
}

// lines passes over spaces, empty lines and comments.
func (p *plainText) lines() {
	for {
		p.space()
		if !p.endOfLine() {
			return
		}
	}
}

// endOfLine passes over the end of a line, with a comment before it.
func (p *plainText) endOfLine() bool {
	p.space()
	if p.peek() == '#' || p.peek() == '/' && p.at+1 < len(p.src) && p.src[p.at+1] == '/' {
		for p.at < len(p.src) && p.peek() != '\n' {
			p.at++
		}
	}
	return p.take('\n')
}

// gap passes over spaces, and over lines where those mean nothing.
func (p *plainText) gap(lines bool) {
	if lines {
		p.lines()
	} else {
		p.space()
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// name reads an identifier.
func (p *plainText) name() (string, bool) {
	from := p.at
	if !isLetter(p.peek()) || p.peek() == '_' {
		return "", false
	}
	for isLetter(p.peek()) || isDigit(p.peek()) || p.peek() == '-' {
		p.at++
	}
	return string(p.src[from:p.at]), true
}

// body reads attributes and blocks, up to the end or the brace that closes it.
func (p *plainText) body(nested, onlyBlocks bool) bool {
	var names []string
	for {
		p.lines()
		if p.at == len(p.src) || nested && p.peek() == '}' {
			slices.Sort(names)
			return len(slices.Compact(names)) == len(names)
		}
		name, ok := p.name()
		if !ok {
			return false
		}
		p.space()
		if p.peek() == '=' {
			names = append(names, name)
			ok = !onlyBlocks && p.attribute()
		} else {
			ok = p.block()
		}
		if !ok || !p.endOfItem() {
			return false
		}
	}
}

func (p *plainText) endOfItem() bool { return p.endOfLine() || p.at == len(p.src) }

// attribute reads what follows the name of an attribute. "${x}" alone is not
// written in the usual way.
func (p *plainText) attribute() bool {
	if !p.take('=') || p.peek() == '=' {
		return false
	}
	p.space()
	from := p.at
	if !p.expression(false) {
		return false
	}
	end := from + len(bytes.TrimRight(p.src[from:p.at], " \t")) // an operator could have followed
	return p.wrapped != [2]int{from, end}
}

// block reads what follows the type of a block.
func (p *plainText) block() bool {
	for p.peek() == '"' {
		from := p.at
		if !p.text() {
			return false
		}
		for _, c := range p.src[from:p.at] {
			if c == '$' || c == '%' || c == '\\' {
				return false
			}
		}
		p.space()
	}
	if !p.take('{') {
		return false
	}
	if p.endOfLine() {
		return p.body(true, false) && p.take('}')
	}
	p.space()
	if p.peek() != '}' { // on one line
		if _, ok := p.name(); !ok {
			return false
		}
		p.space()
		if !p.attribute() {
			return false
		}
		p.space()
	}
	return p.take('}')
}
