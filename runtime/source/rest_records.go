package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	maxNesting = 10_000   // of JSON, as encoding/json has it
	maxKept    = 64 << 10 // of a name, or of a single value that is kept
	maxNames   = 20       // shown of those that an object has
	chunkSize  = 64 << 10
)

// extractor takes the records and a few single values out of a JSON text as it
// comes in. It holds no more than a buffer of it, however long a page, a record
// or a text in it is. Records are written one to a line, without the white space
// between their parts and otherwise byte by byte as they came: numbers keep
// their digits and texts their escapes.
type extractor struct {
	in       io.Reader
	buf      []byte
	pos, end int
	before   int64 // bytes that were in the buffer before what is in it now

	sink  io.Writer // what is read also goes here, compact; nil: nowhere
	mark  int       // from here on in the buffer it has not gone there yet
	depth int

	out     io.Writer
	records int
	found   bool // the list of records is there
	values  map[string]single
	last    map[string]single // the same of the last record
	missed  missed
}

// syntaxError is of a text that is not JSON, or not of the shape expected.
type syntaxError struct{ text string }

func (e *syntaxError) Error() string { return e.text }

func syntax(format string, args ...any) error { return &syntaxError{fmt.Sprintf(format, args...)} }

// errCut is of a text that ends in the middle.
var errCut = errors.New("the answer ends in the middle")

// extract reads one JSON text to its end. The errors are a *syntaxError, errCut,
// and those of in and out.
func (e *extractor) extract(in io.Reader, out io.Writer, tree *node) error {
	if e.buf == nil {
		e.buf = make([]byte, chunkSize)
	}
	*e = extractor{buf: e.buf, in: in, out: out, values: map[string]single{}, last: map[string]single{}, missed: missed{depth: -1}}
	if err := e.begin(); err != nil {
		return err
	}
	if err := e.value(tree); err != nil {
		return err
	}
	switch c, err := e.space(); {
	case err == nil:
		return syntax("after the JSON comes %s, at byte %d", quoted(c), e.at())
	case !errors.Is(err, errCut):
		return err
	}
	if !e.found && tree.leads {
		return e.missed.err()
	}
	return nil
}

func (m missed) err() error {
	switch {
	case m.is != "":
		return syntax("%s is %s, so it has no records", m.there, m.is)
	case len(m.names) == 0:
		return syntax("%s is an empty object, so it has no records", m.there)
	}
	names := strings.Join(m.names[:min(len(m.names), maxNames)], ", ")
	if len(m.names) > maxNames {
		names += " and more"
	}
	return syntax("the path of the records leads nowhere: %s has %s", m.there, names)
}

// value reads one value. n says what is wanted in it; nil: nothing.
func (e *extractor) value(n *node) error {
	c, err := e.space()
	if err != nil {
		return err
	}
	if n != nil {
		if done, err := e.wanted(n, c); done || err != nil {
			return err
		}
	}
	switch {
	case c == '{':
		return e.object(n)
	case c == '[':
		return e.list(n)
	case c == '"':
		return e.str()
	case c == '-' || '0' <= c && c <= '9':
		return e.number()
	case c == 't':
		return e.word("true")
	case c == 'f':
		return e.word("false")
	case c == 'n':
		return e.word("null")
	}
	return syntax("it is not JSON: %s at byte %d", quoted(c), e.at())
}

// wanted keeps a single value, and sees whether the records are where they are
// said to be. done says that it has read the value.
func (e *extractor) wanted(n *node, c byte) (done bool, err error) {
	if n.records {
		if c != '[' && c != 'n' {
			return false, syntax("%s is %s; the records must be a list", n.path, kindOf(c))
		}
		e.found = true
	} else if n.leads && n.depth > e.missed.depth {
		e.missed = missed{depth: n.depth, there: n.path}
		if c != '{' && c != '[' {
			e.missed.is = kindOf(c)
		}
	}
	if !n.keep {
		return false, nil
	}
	if c == '{' || c == '[' {
		return false, syntax("%s is %s, in place of a single value", n.path, kindOf(c))
	}
	var k kept
	if err := e.into(&k, func() error { return e.value(nil) }); err != nil {
		return false, err
	}
	e.values[n.path] = single{k.String()}
	return true, nil
}

func kindOf(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

func (e *extractor) enter() error {
	if e.depth++; e.depth > maxNesting {
		return syntax("it is nested deeper than %d", maxNesting)
	}
	e.pos++
	return nil
}

// object reads an object, whose { is next.
func (e *extractor) object(n *node) error {
	if err := e.enter(); err != nil {
		return err
	}
	var seen []string
	for first := true; ; first = false {
		c, err := e.space()
		switch {
		case err != nil:
			return err
		case c == '}' && first:
			e.pos++
			e.depth--
			return nil
		case c != '"':
			return syntax("it is not JSON: %s in place of a name at byte %d", quoted(c), e.at())
		}
		under, err := e.name(n, &seen)
		if err != nil {
			return err
		}
		if err := e.expect(':'); err != nil {
			return err
		}
		if err := e.value(under); err != nil {
			return err
		}
		if over, err := e.comma('}'); over || err != nil {
			return err
		}
	}
}

// name reads a name, and returns what is wanted under it.
func (e *extractor) name(n *node, seen *[]string) (*node, error) {
	if n == nil || len(n.under) == 0 {
		return nil, e.str()
	}
	var k kept
	if err := e.into(&k, e.str); err != nil {
		return nil, err
	}
	var name string
	if err := json.Unmarshal(k.Bytes(), &name); err != nil {
		return nil, syntax("the name %s cannot be read", k.String())
	}
	if n.leads && e.missed.depth == n.depth && len(e.missed.names) <= maxNames {
		e.missed.names = append(e.missed.names, name)
	}
	under := n.under[name]
	if under == nil {
		return nil, nil
	}
	if slices.Contains(*seen, name) {
		return nil, syntax("%s has two fields called %q", n.path, name)
	}
	*seen = append(*seen, name)
	return under, nil
}

// list reads a list, whose [ is next.
func (e *extractor) list(n *node) error {
	if err := e.enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		c, err := e.space()
		switch {
		case err != nil:
			return err
		case c == ']' && i == 0:
			e.pos++
			e.depth--
			return nil
		}
		switch {
		case n != nil && n.records:
			err = e.record(n.each)
		case n != nil && len(n.under) > 0:
			err = e.value(n.under[strconv.Itoa(i)])
		default:
			err = e.value(nil)
		}
		if err != nil {
			return err
		}
		if over, err := e.comma(']'); over || err != nil {
			return err
		}
	}
}

// record writes one record and a line end. n says what is wanted in it; nil:
// nothing.
func (e *extractor) record(n *node) error {
	if n != nil {
		clear(e.last)
		e.values, e.last = e.last, e.values
		defer func() { e.values, e.last = e.last, e.values }()
	}
	if err := e.into(e.out, func() error { return e.value(n) }); err != nil {
		return err
	}
	e.records++
	_, err := e.out.Write(lineEnd)
	return err
}

var lineEnd = []byte{'\n'}
