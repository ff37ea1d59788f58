package lang

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a text in quotes. Single ones are reported and do as well.
func (s *jsonScanner) text() jsonString {
	quote, start := s.peek(), s.pos
	end, escaped := s.textEnd(quote)
	if end < 0 {
		first := line(s.src[s.pos.Byte:])
		s.add(start, s.after(len(first)), "Missing quote", "The text that begins here has no closing quote in its line. A new line in a text is written \\n.")
		s.stop()
		return jsonString{}
	}
	if quote == '\'' {
		s.add(start, s.after(end+1-start.Byte), "Single quotes", "JSON takes double quotes only: \"…\".")
	}
	raw := s.src[start.Byte+1 : end]
	out := jsonString{text: string(raw)}
	if escaped {
		out = s.decode(raw)
	}
	behind := s.after(end + 1 - start.Byte)
	out.rng = s.span(start, behind)
	s.pos = behind
	return out
}

// textEnd finds the closing quote in the line; -1 where there is none. escaped is
// whether something before it must be decoded.
func (s *jsonScanner) textEnd(quote byte) (end int, escaped bool) {
	for i := s.pos.Byte + 1; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == quote:
			return i, escaped
		case c == '\n':
			return -1, false
		case c == '\\':
			escaped = true
			i++
			if i < len(s.src) && s.src[i] == '\n' {
				return -1, false
			}
		case c < ' ':
			escaped = true
		}
	}
	return -1, false
}

var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// decode reads the escapes of a text, whose opening quote is next.
func (s *jsonScanner) decode(raw []byte) jsonString {
	text := make([]byte, 0, len(raw))
	from := make([]int, 0, len(raw)+1)
	wrong := func(at, length int, summary, detail string) {
		s.add(s.after(1+at), s.after(1+at+length), summary, "%s", detail)
		s.lost++
	}
	for i := 0; i < len(raw); {
		start := i
		switch c := raw[i]; {
		case c < ' ':
			wrong(i, 1, "Control character in a text", fmt.Sprintf("Write it as an escape: \\t for a tab, \\u%04x for this one.", c))
			i++
		case c != '\\':
			text = append(text, c)
			i++
		case raw[i+1] == 'u':
			r, n := unicodeEscape(raw[i:])
			if n == 0 {
				wrong(i, 2, "Wrong escape", "\\u is followed by four hexadecimal digits, such as \\u00e9.")
				n = 2
			} else if r == utf8.RuneError && n == 6 && !isReplacement(raw[i:]) {
				wrong(i, 6, "Half a character", "This is one half of a character of two parts. Write both, such as \\ud83d\\ude9a, or the character itself.")
			}
			text = utf8.AppendRune(text, r)
			i += n
		case jsonEscapes[raw[i+1]] != 0:
			text = append(text, jsonEscapes[raw[i+1]])
			i += 2
		default:
			_, n := utf8.DecodeRune(raw[i+1:])
			wrong(i, 1+n, "Wrong escape", "The escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits. A backslash itself is written \\\\.")
			i += 1 + n
		}
		for len(from) < len(text) {
			from = append(from, start)
		}
	}
	return jsonString{text: string(text), from: append(from, len(raw))}
}

// unicodeEscape reads \uXXXX, or two of them that are one character. The rune of
// half a character is utf8.RuneError; n is 0 for what is no such escape.
func unicodeEscape(raw []byte) (r rune, n int) {
	first, ok := hexRune(raw)
	if !ok {
		return utf8.RuneError, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	if second, ok := hexRune(raw[6:]); ok {
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return r, 12
		}
	}
	return utf8.RuneError, 6
}

func hexRune(raw []byte) (rune, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(n), err == nil
}

// isReplacement reports whether the escape writes U+FFFD itself.
func isReplacement(raw []byte) bool {
	r, ok := hexRune(raw)
	return ok && r == utf8.RuneError
}
