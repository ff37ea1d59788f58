package cron

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxNumber bounds what is read as a number at all.
const maxNumber = 9999

// number reads ASCII digits; a number above maxNumber is maxNumber+1.
func number(text string) (int, bool) {
	n := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(text[i]-'0'), maxNumber+1)
	}
	return n, text != ""
}

// parseValue reads a number or a name that belongs in the field.
func (s *spec) parseValue(w word) (int, *Error) {
	if n, ok := number(w.text); ok {
		if n < s.lo || n > s.hi {
			return 0, w.error(codeRange, fmt.Sprintf("%s %s is outside %d-%d", s.name, w.text, s.lo, s.hi), s.rangeFix(n))
		}
		return n, nil
	}
	if i := slices.Index(s.names, upper(w.text)); i >= 0 {
		return s.first + i, nil
	}
	return 0, s.valueError(w)
}

func (s *spec) rangeFix(n int) string {
	switch {
	case s.index == fieldHour && n == 24, s.index == fieldMinute && n == 60:
		return "write 0"
	case s.index == fieldDay && n > 31:
		return "write L for the last day of the month"
	}
	return fmt.Sprintf("write %d to %d", s.lo, s.hi)
}

// valueError explains what is neither a number nor a name of the field.
func (s *spec) valueError(w word) *Error {
	text := upper(w.text)
	if home, ok := lookupName(text); ok {
		return w.error(codeWrongField, fmt.Sprintf("%s is a %s name in the %s field", w.text, home.noun(), s.name), s.expects())
	}
	switch {
	case w.text == "":
		return w.error(codeSyntax, s.name+": a value is missing", s.expects())
	case text == "H" || strings.HasPrefix(text, "H("):
		return w.error(codeMacro, s.name+": H is a Jenkins hash", s.expects())
	case strings.ContainsAny(text, "*?"):
		return w.error(codeSyntax, fmt.Sprintf("%s: %s is not a value", s.name, quote(w.text)), "a * stands alone, or before a / and a step")
	case hyphens.Replace(w.text) != w.text:
		return w.error(codeSyntax, fmt.Sprintf("%s: %s has a dash that is not the hyphen", s.name, quote(w.text)), "write "+hyphens.Replace(w.text))
	case strings.Contains(text, "#"):
		return w.error(codeSyntax, s.name+": # belongs in the day of week", "write it there, such as 1#2")
	}
	if len(text) > 3 {
		if home, ok := lookupName(text[:3]); ok && home == s && isWord(text) {
			return w.error(codeSyntax, fmt.Sprintf("%s: names have three letters", s.name), "write "+text[:3])
		}
	}
	if len(s.names) > 0 {
		return w.error(codeSyntax, fmt.Sprintf("%s: %s is neither a number nor a name", s.name, quote(w.text)), s.expects())
	}
	return w.error(codeSyntax, fmt.Sprintf("%s: %s is not a number", s.name, quote(w.text)), s.expects())
}

// hyphens replaces what word processors make of a hyphen.
var hyphens = strings.NewReplacer("\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2212", "-")

func (s *spec) noun() string {
	if s.index == fieldWeekday {
		return "weekday"
	}
	return s.name
}

func (s *spec) expects() string {
	if len(s.names) > 0 {
		return fmt.Sprintf("write %d to %d or %s to %s", s.lo, s.hi, s.names[0], s.names[len(s.names)-1])
	}
	return fmt.Sprintf("write %d to %d", s.lo, s.hi)
}

// lookupName is the field to which a month or weekday name belongs.
func lookupName(text string) (*spec, bool) {
	name := upper(text)
	for i := range specs {
		if slices.Contains(specs[i].names, name) {
			return &specs[i], true
		}
	}
	return nil, false
}

func isWord(name string) bool {
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// upper is the text with its ASCII letters in upper case. Anything else keeps its
// bytes: Unicode's rules would make an S of a long s and change lengths.
func upper(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// quote shows what was written; anything but printable ASCII is escaped, so that a
// no-break space can be told from a space.
func quote(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return "'" + quoted[1:len(quoted)-1] + "'"
}
