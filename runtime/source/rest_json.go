package source

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// The functions here read the smallest parts of a JSON text, as RFC 8259 has them.

// begin passes over a byte order mark.
func (e *extractor) begin() error {
	const bom = "\xef\xbb\xbf"
	for e.end < len(bom) {
		n, err := e.in.Read(e.buf[e.end:])
		if e.end += n; err == io.EOF || n == 0 && err == nil {
			break
		} else if err != nil {
			return err
		}
	}
	if bytes.HasPrefix(e.buf[:e.end], []byte(bom)) {
		e.pos = len(bom)
	}
	return nil
}

func (e *extractor) at() int64 { return e.before + int64(e.pos) }

// fill reads more, and is errCut where there is no more. All that was read has
// been used.
func (e *extractor) fill() error {
	if err := e.flush(); err != nil {
		return err
	}
	e.before += int64(e.end)
	e.pos, e.end, e.mark = 0, 0, 0
	for range 100 {
		n, err := e.in.Read(e.buf)
		if n > 0 {
			e.end = n
			return nil
		}
		if err == io.EOF {
			return errCut
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// flush hands on what was read.
func (e *extractor) flush() error {
	if e.sink == nil || e.mark >= e.pos {
		return nil
	}
	_, err := e.sink.Write(e.buf[e.mark:e.pos])
	e.mark = e.pos
	return err
}

// peek returns the next byte without using it.
func (e *extractor) peek() (byte, error) {
	if e.pos == e.end {
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	return e.buf[e.pos], nil
}

// space passes over white space and returns the byte behind it without using it.
func (e *extractor) space() (byte, error) {
	c, err := e.peek()
	if err != nil || c > ' ' {
		return c, err
	}
	if err := e.flush(); err != nil {
		return 0, err
	}
	for err == nil && (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
		e.pos++
		e.mark = e.pos
		c, err = e.peek()
	}
	e.mark = e.pos
	return c, err
}

// into lets what is read meanwhile go to a writer as well.
func (e *extractor) into(w io.Writer, read func() error) error {
	if err := e.flush(); err != nil {
		return err
	}
	outer := e.sink
	if e.sink, e.mark = w, e.pos; outer != nil {
		e.sink = &both{outer, w}
	}
	err := read()
	if err == nil {
		err = e.flush()
	}
	e.sink = outer
	return err
}

// both writes to two writers.
type both struct{ first, second io.Writer }

func (b *both) Write(p []byte) (int, error) {
	if n, err := b.first.Write(p); err != nil {
		return n, err
	}
	return b.second.Write(p)
}

// kept is a writer for what is small.
type kept struct{ bytes.Buffer }

func (k *kept) Write(p []byte) (int, error) {
	if k.Len()+len(p) > maxKept {
		return 0, syntax("a single value that is looked for has more than %d bytes", maxKept)
	}
	return k.Buffer.Write(p)
}

// comma reads what stands between two elements, or the end.
func (e *extractor) comma(end byte) (over bool, err error) {
	c, err := e.space()
	switch {
	case err != nil:
		return false, err
	case c == end:
		e.pos++
		e.depth--
		return true, nil
	case c != ',':
		return false, syntax("it is not JSON: %s in place of , or %c at byte %d", quoted(c), end, e.at())
	}
	e.pos++
	return false, nil
}

func (e *extractor) expect(want byte) error {
	c, err := e.space()
	switch {
	case err != nil:
		return err
	case c != want:
		return syntax("it is not JSON: %s in place of %c at byte %d", quoted(c), want, e.at())
	}
	e.pos++
	return nil
}

// plain is the bytes that mean nothing special inside a text.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

// str reads a text, whose opening quote is next.
func (e *extractor) str() error {
	e.pos++
	for {
		b, i := e.buf[e.pos:e.end], 0
		for i < len(b) && plain[b[i]] {
			i++
		}
		e.pos += i
		c, err := e.peek()
		switch {
		case err != nil:
			return err
		case c == '"':
			e.pos++
			return nil
		case c == '\\':
			if err := e.escape(); err != nil {
				return err
			}
		case c < ' ':
			return syntax("it is not JSON: %s in a text at byte %d", quoted(c), e.at())
		}
	}
}

func (e *extractor) escape() error {
	e.pos++
	c, err := e.peek()
	if err != nil {
		return err
	}
	if strings.IndexByte(`"\/bfnrtu`, c) < 0 {
		return syntax("it is not JSON: %s after \\ at byte %d", quoted(c), e.at())
	}
	e.pos++
	if c != 'u' {
		return nil
	}
	for range 4 {
		c, err := e.peek()
		if err != nil {
			return err
		}
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return syntax("it is not JSON: %s after \\u at byte %d", quoted(c), e.at())
		}
		e.pos++
	}
	return nil
}

// number reads a number, whose first character is next.
func (e *extractor) number() error {
	c, err := e.peek()
	if err == nil && c == '-' {
		e.pos++
		c, err = e.peek()
	}
	if err != nil {
		return err
	}
	if c == '0' {
		e.pos++
	} else if err := e.digits(); err != nil {
		return err
	}
	if c, err = e.peek(); err == nil && c == '.' {
		e.pos++
		if err := e.digits(); err != nil {
			return err
		}
		c, err = e.peek()
	}
	if err == nil && (c == 'e' || c == 'E') {
		e.pos++
		if c, err = e.peek(); err == nil && (c == '+' || c == '-') {
			e.pos++
		}
		if err == nil {
			err = e.digits()
		}
		return err
	}
	if errors.Is(err, errCut) { // a number may end the text
		return nil
	}
	return err
}

// digits reads one digit or more.
func (e *extractor) digits() error {
	for n := 0; ; n++ {
		c, err := e.peek()
		switch {
		case errors.Is(err, errCut) && n > 0:
			return nil
		case err != nil:
			return err
		case '0' <= c && c <= '9':
			e.pos++
		case n == 0:
			return syntax("it is not JSON: %s in place of a digit at byte %d", quoted(c), e.at())
		default:
			return nil
		}
	}
}

func (e *extractor) word(word string) error {
	for i := range len(word) {
		c, err := e.peek()
		if err != nil {
			return err
		}
		if c != word[i] {
			return syntax("it is not JSON: %s in place of %s at byte %d", quoted(c), word, e.at())
		}
		e.pos++
	}
	return nil
}

func quoted(c byte) string { return strconv.QuoteRuneToASCII(rune(c)) }
