package cron

import (
	"fmt"
	"strconv"
	"strings"
)

// The five fields, in the order they are written.
const (
	fieldMinute = iota
	fieldHour
	fieldDay
	fieldMonth
	fieldWeekday
)

// spec is what a field may hold.
type spec struct {
	index  int
	name   string
	lo, hi int      // what may be written
	top    int      // where a step without an end stops
	first  int      // value of the first name
	names  []string // three letters, upper case
}

var specs = [5]spec{
	{index: fieldMinute, name: "minute", lo: 0, hi: 59, top: 59},
	{index: fieldHour, name: "hour", lo: 0, hi: 23, top: 23},
	{index: fieldDay, name: "day of month", lo: 1, hi: 31, top: 31},
	{index: fieldMonth, name: "month", lo: 1, hi: 12, top: 12, first: 1, names: monthNames},
	{index: fieldWeekday, name: "day of week", lo: 0, hi: 7, top: 6, names: weekdayNames},
}

var (
	monthNames   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// field is one field as written, and the values it selects.
type field struct {
	word
	items []item
	// star is whether the field starts with * or ?, which is what Vixie cron looks
	// at to tell an unrestricted field; */2 has it, 0-59 has not.
	star bool
	// mask has a bit for each plain value; Sunday is bit 0.
	mask uint64
}

// item is one member of a field's list.
type item struct {
	word
	kind   itemKind
	lo, hi int // values of a span; lo is the day of the other kinds
	step   int // 1 where none is written
	nth    int // of kindNth, 1 to 5
}

type itemKind uint8

const (
	kindAll         itemKind = iota // *
	kindSpan                        // 5, 1-5, 1-5/2
	kindFrom                        // 5/15, up to the top
	kindAny                         // ?
	kindLastDay                     // L
	kindNearest                     // 15W
	kindLastWeekday                 // 5L
	kindNth                         // 1#2
)

// plain is whether the item selects values of the field itself, rather than days
// by their place in the month.
func (it item) plain() bool { return it.kind <= kindAny }

func parseField(s *spec, w word) (field, *Error) {
	f := field{word: w, star: w.text[0] == '*' || w.text[0] == '?'}
	at := w.at
	for text := range strings.SplitSeq(w.text, ",") {
		it, err := s.parseItem(word{text, at})
		if err != nil {
			return field{}, err
		}
		at += len(text) + 1
		f.items = append(f.items, it)
		f.mask |= it.mask(s)
	}
	if len(f.items) > 1 {
		for _, it := range f.items {
			if it.kind == kindAny {
				return field{}, it.error(codeSyntax, s.name+": ? stands alone", "leave it out of the list")
			}
		}
	}
	return f, nil
}

// mask is the plain values of the item.
func (it item) mask(s *spec) uint64 {
	if !it.plain() {
		return 0
	}
	var mask uint64
	for v := it.lo; v <= it.hi; v += it.step {
		if v > s.top && s.index == fieldWeekday {
			mask |= 1 // 7 is Sunday too
			continue
		}
		mask |= 1 << v
	}
	return mask
}

func (s *spec) parseItem(w word) (item, *Error) {
	if w.text == "" {
		return item{}, w.error(codeSyntax, s.name+": a list item is missing", "remove the comma or write a value")
	}
	base, rest, stepped := strings.Cut(w.text, "/")
	it, err := s.parseBase(word{base, w.at})
	if err != nil {
		return item{}, err
	}
	it.word, it.step = w, 1
	if !stepped {
		return it, nil
	}
	if it.kind > kindSpan {
		return item{}, w.error(codeSyntax, s.name+": "+base+" takes no step", "write "+base)
	}
	step := word{rest, w.at + len(base) + 1}
	if err := s.parseStep(&it, step); err != nil {
		return item{}, err
	}
	if it.kind == kindSpan && !strings.Contains(base, "-") {
		it.kind, it.hi = kindFrom, s.top
		if s.index == fieldWeekday && it.lo == 7 {
			it.lo = 0
		}
	}
	return it, nil
}

func (s *spec) parseStep(it *item, w word) *Error {
	if i := strings.IndexByte(w.text, '/'); i >= 0 {
		second := word{w.text[i:], w.at + i}
		return second.error(codeSyntax, s.name+": a second step", "write one step, such as */"+w.text[:i])
	}
	n, ok := number(w.text)
	switch {
	case w.text == "":
		return w.error(codeSyntax, s.name+": the step is missing", "write a number behind the /")
	case !ok:
		return w.error(codeSyntax, s.name+": the step "+quote(w.text)+" is not a number", "")
	case n == 0:
		return w.error(codeRange, s.name+": a step of 0 never moves", "write 1 or more")
	case n > maxNumber:
		return w.error(codeRange, s.name+": the step "+w.text+" is too large", "")
	}
	it.step = n
	return nil
}

func (s *spec) parseBase(w word) (item, *Error) {
	switch {
	case w.text == "*":
		return item{kind: kindAll, lo: s.lo, hi: s.top}, nil
	case w.text == "?" && s.index != fieldDay && s.index != fieldWeekday:
		return item{}, w.error(codeSyntax, s.name+": ? is for day of month and day of week only", "write *")
	case w.text == "?":
		return item{kind: kindAny, lo: s.lo, hi: s.top}, nil
	case w.text == "":
		return item{}, w.error(codeSyntax, s.name+": nothing stands before the /", "write * or a value before it")
	}
	if _, isName := lookupName(w.text); !isName {
		if it, matched, err := s.parsePlace(w); matched || err != nil {
			return it, err
		}
	}
	if left, right, found := strings.Cut(w.text, "-"); found {
		return s.parseRange(w, word{left, w.at}, word{right, w.at + len(left) + 1})
	}
	n, err := s.parseValue(w)
	return item{kind: kindSpan, lo: n, hi: n}, err
}

func (s *spec) parseRange(w, left, right word) (item, *Error) {
	lo, err := s.parseValue(left)
	if err != nil {
		return item{}, err
	}
	if i := strings.IndexByte(right.text, '-'); i >= 0 {
		extra := word{right.text[i:], right.at + i}
		return item{}, extra.error(codeSyntax, s.name+": a range has two ends", "write "+left.text+"-"+right.text[:i])
	}
	hi, err := s.parseValue(right)
	if err != nil {
		return item{}, err
	}
	if lo > hi {
		return item{}, w.error(codeReversed, fmt.Sprintf("%s: the range %s runs backwards", s.name, w.text),
			"write "+s.unwrap(lo, hi))
	}
	return item{kind: kindSpan, lo: lo, hi: hi}, nil
}

// unwrap spells a range that passes the end of the field: 22-2 as 22-23,0-2.
func (s *spec) unwrap(lo, hi int) string {
	switch {
	case s.index == fieldWeekday && hi == 0:
		return rangeText(lo, 7)
	case s.index == fieldWeekday && lo == 7:
		return rangeText(0, hi)
	}
	return rangeText(lo, s.top) + "," + rangeText(s.lo, hi)
}

func rangeText(lo, hi int) string {
	if lo == hi {
		return strconv.Itoa(lo)
	}
	return fmt.Sprintf("%d-%d", lo, hi)
}
