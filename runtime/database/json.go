package database

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// AppendJSON appends the field as JSON in one line: numbers as the database writes
// them, JSON as it is, lists as lists. What JSON has no form for is a string, such
// as NaN.
func (f Field) AppendJSON(to []byte) ([]byte, error) {
	switch {
	case f.Null:
		return append(to, "null"...), nil
	case f.Kind == Array:
		return appendArray(to, f)
	}
	return appendScalar(to, f.Kind, f.Text)
}

func appendScalar(to []byte, kind Kind, text []byte) ([]byte, error) {
	switch {
	case kind == Bool, kind == Number && isNumber(text):
		return append(to, text...), nil
	case kind == JSON:
		var line bytes.Buffer
		if err := json.Compact(&line, text); err != nil {
			return to, fmt.Errorf("it is not JSON: %w", err)
		}
		return append(to, line.Bytes()...), nil
	}
	return appendString(to, text)
}

// isNumber tells a number from NaN, Infinity and -Infinity, and from nothing, which
// some server may write.
func isNumber(text []byte) bool {
	return len(text) > 0 && '0' <= text[len(text)-1] && text[len(text)-1] <= '9'
}

const hexDigits = "0123456789abcdef"

// AppendString appends text as a JSON string.
func AppendString(to []byte, text string) []byte {
	to, _ = appendString(to, []byte(text))
	return to
}

// ErrNotUTF8 is of a text that is something else.
var ErrNotUTF8 = errors.New("it is not UTF-8; select it as bytes, or convert it in the query")

func appendString(to, text []byte) ([]byte, error) {
	to = append(to, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, '\\', 'n')
		case '\t':
			to = append(to, '\\', 't')
		case '\r':
			to = append(to, '\\', 'r')
		default:
			to = append(to, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	to = append(to, text[from:]...)
	if !utf8.Valid(text) {
		return to, ErrNotUTF8
	}
	return append(to, '"'), nil
}

var errArray = errors.New("the list cannot be read")

// appendArray turns a list of PostgreSQL, {1,NULL,"a b"}, into one of JSON. One
// that does not begin at 1 has its bounds before it, [0:1]={…}, which are dropped.
func appendArray(to []byte, f Field) ([]byte, error) {
	text := f.Text
	if len(text) > 0 && text[0] == '[' {
		_, text, _ = bytes.Cut(text, []byte("="))
	}
	if len(text) == 0 || text[0] != '{' {
		return to, errArray
	}
	var item, scratch []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{':
			to = append(to, '[')
		case '}':
			to = append(to, ']')
		case ',':
			to = append(to, ',')
		default:
			var quoted bool
			if item, i, quoted = arrayItem(text, i, item[:0]); i >= len(text) {
				return to, errArray
			}
			if !quoted && string(item) == "NULL" {
				to = append(to, "null"...)
				continue
			}
			var err error
			if to, err = appendScalar(to, f.Elem, ours(f.Elem, item, &scratch)); err != nil {
				return to, err
			}
		}
	}
	return to, nil
}

// arrayItem reads an element that begins at i into item, and returns the index of
// its last character.
func arrayItem(text []byte, i int, item []byte) ([]byte, int, bool) {
	quoted := text[i] == '"'
	if quoted {
		i++
	}
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			item = append(item, text[i])
		case quoted && c == '"':
			return item, i, true
		case !quoted && (c == ',' || c == '}'):
			return item, i - 1, false
		default:
			item = append(item, c)
		}
	}
	return item, i, quoted
}
