package lang

// expression reads a value. lines is whether it stands in brackets in which the
// ends of lines mean nothing.
func (p *plainText) expression(lines bool) bool {
	for {
		if p.peek() == '!' || p.peek() == '-' {
			p.at++
		}
		if !p.term() {
			return false
		}
		p.gap(lines)
		if !p.operator() {
			break
		}
		p.gap(lines)
	}
	if !p.take('?') {
		return true
	}
	p.gap(lines)
	if !p.expression(lines) || !p.take(':') || p.peek() == ':' {
		return false
	}
	p.gap(lines)
	return p.expression(lines)
}

// operator passes over an operator between two values.
func (p *plainText) operator() bool {
	if p.at+1 >= len(p.src) {
		return false
	}
	switch two := string(p.src[p.at : p.at+2]); two {
	case "==", "!=", "<=", ">=", "&&", "||":
		p.at += 2
		return true
	case "//", "/*", "<<":
		return false
	}
	switch p.peek() {
	case '+', '-', '*', '/', '%', '<', '>':
		p.at++
		return true
	}
	return false
}

// term reads a value without operators, and what is taken from it.
func (p *plainText) term() bool {
	switch c := p.peek(); {
	case c == '"':
		return p.text()
	case isDigit(c):
		return p.number()
	case c == '[':
		p.at++
		return p.list(']')
	case c == '{':
		p.at++
		return p.object()
	case c == '(':
		p.at++
		p.lines()
		if !p.expression(true) || !p.take(')') {
			return false
		}
	default:
		if _, ok := p.name(); !ok {
			return false
		}
		if p.take('(') && !p.list(')') {
			return false
		}
	}
	return p.steps()
}

// steps reads the attributes and elements that are taken from a value.
func (p *plainText) steps() bool {
	for {
		switch {
		case p.take('.'):
			if _, ok := p.name(); !ok {
				return false
			}
		case p.take('['):
			p.lines()
			if p.peek() == '*' || !p.expression(true) || !p.take(']') {
				return false
			}
		default:
			return true
		}
	}
}

func (p *plainText) number() bool {
	for isDigit(p.peek()) {
		p.at++
	}
	if p.take('.') {
		if !isDigit(p.peek()) {
			return false
		}
		for isDigit(p.peek()) {
			p.at++
		}
	}
	return !isLetter(p.peek()) && p.peek() != '.'
}

// list reads values divided by commas, up to a bracket.
func (p *plainText) list(end byte) bool {
	for {
		p.lines()
		if p.take(end) {
			return true
		}
		if p.word("for") || !p.expression(true) {
			return false
		}
		if !p.take(',') {
			return p.take(end)
		}
	}
}

// word reports whether a word begins here.
func (p *plainText) word(w string) bool {
	return p.at+len(w) <= len(p.src) && string(p.src[p.at:p.at+len(w)]) == w
}

// object reads keys and values, up to a brace.
func (p *plainText) object() bool {
	for {
		p.lines()
		if p.take('}') {
			return true
		}
		if p.word("for") {
			return false
		}
		if p.peek() == '"' {
			if !p.text() {
				return false
			}
		} else if _, ok := p.name(); !ok {
			return false
		}
		p.space()
		if !p.take('=') || p.peek() == '=' {
			return false
		}
		p.space()
		if !p.expression(false) {
			return false
		}
		if p.take(',') || p.endOfLine() {
			continue
		}
		return p.take('}')
	}
}

// text reads a text in quotes, on one line.
func (p *plainText) text() bool {
	from := p.at
	p.at++
	for p.at < len(p.src) {
		c := p.src[p.at]
		p.at++
		switch {
		case c == '"':
			return true
		case c < ' ':
			return false
		case c == '\\':
			if next := p.peek(); next != 'n' && next != 't' && next != '"' && next != '\\' {
				return false
			}
			p.at++
		case (c == '$' || c == '%') && (p.peek() == c || p.peek() == '"'), c == '%' && p.peek() == '{':
			return false
		case c == '$' && p.peek() == '{':
			first := p.at == from+2
			p.at++
			p.space()
			if !p.expression(false) || !p.take('}') {
				return false
			}
			if first && p.peek() == '"' {
				p.wrapped = [2]int{from, p.at + 1}
			}
		}
	}
	return false
}
