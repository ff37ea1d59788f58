package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// screen writes text for people. Names of files, reasons and messages come from
// other people and machines: what could move the cursor, set the terminal or turn
// the text around is shown as an escape, such as \x1b. Only the colours pass that
// this program uses. It is safe for concurrent use.
type screen struct {
	to io.Writer

	mu   sync.Mutex
	rest []byte // the beginning of a character or of a colour
}

// longestColour bounds what is held back for the rest of a colour.
const longestColour = 16

// Write makes control characters visible and passes the rest on.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) == 0 && plain(b) {
		return s.to.Write(b)
	}
	text := append(s.rest, b...)
	s.rest = nil
	var out strings.Builder
	out.Grow(len(text))
	for len(text) > 0 {
		if text[0] == '\x1b' {
			n, whole := colour(text)
			if !whole {
				break
			}
			if n > 0 {
				out.Write(text[:n])
				text = text[n:]
				continue
			}
		}
		if !utf8.FullRune(text) {
			break
		}
		r, n := utf8.DecodeRune(text)
		if r == '\n' || r == '\t' {
			out.WriteRune(r)
		} else {
			writeVisible(&out, r, text[:n])
		}
		text = text[n:]
	}
	s.rest = append([]byte(nil), text...)
	if _, err := io.WriteString(s.to, out.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// plain reports whether there is nothing in a text that could have to be shown
// otherwise, which is so of nearly all.
func plain(text []byte) bool {
	for _, c := range text {
		if c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// close writes what was held back, of which no more came.
func (s *screen) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) > 0 {
		_, _ = io.WriteString(s.to, visible(string(s.rest))) // nobody is left to be told
		s.rest = nil
	}
}

// colour is the length of the colour that text begins with, 0 where it is no
// colour of this program; whole is false where more of the text is needed to tell.
func colour(text []byte) (n int, whole bool) {
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case i == 1 && c != '[':
			return 0, true
		case i == 1, '0' <= c && c <= '9', c == ';':
			if i == longestColour {
				return 0, true
			}
		case c == 'm':
			for code := range strings.SplitSeq(string(text[2:i]), ";") {
				if !colours[code] {
					return 0, true
				}
			}
			return i + 1, true
		default:
			return 0, true
		}
	}
	return 0, false
}

// colours are the numbers of the styles that are used: none, bold, faint and their
// end, and the six colours.
var colours = map[string]bool{
	"0": true, "1": true, "2": true, "22": true, "31": true, "32": true, "33": true, "34": true, "35": true, "36": true,
}

// visible is a text on one line with its control characters made visible.
func visible(text string) string {
	if !strings.ContainsFunc(text, hidden) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		writeVisible(&b, r, []byte(text[:n]))
		text = text[n:]
	}
	return b.String()
}

// hidden reports whether a character does something to a terminal instead of
// being seen.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// writeVisible writes one character of a text, as it is or as an escape.
func writeVisible(b *strings.Builder, r rune, bytes []byte) {
	switch {
	case r == utf8.RuneError && len(bytes) == 1:
		fmt.Fprintf(b, `\x%02x`, bytes[0])
	case !hidden(r):
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < utf8.RuneSelf:
		fmt.Fprintf(b, `\x%02x`, r)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}

// asIs is where documents for programs go, which nothing is changed in.
func asIs(w io.Writer) io.Writer {
	if s, ok := w.(*screen); ok {
		return s.to
	}
	return w
}
