package view

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// style is an ANSI style.
type style string

const (
	plain  style = ""
	bold   style = "\x1b[1m"
	dim    style = "\x1b[2m"
	red    style = "\x1b[31m"
	green  style = "\x1b[32m"
	yellow style = "\x1b[33m"
)

const reset = "\x1b[0m"

// paint styles s where colour was asked for.
func (t *text) paint(st style, s string) string {
	if !t.color || st == plain || s == "" {
		return s
	}
	return string(st) + s + reset
}

// line prints the parts as one line.
func (t *text) line(parts ...string) {
	t.out.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	t.out.WriteByte('\n')
}

// wrapped prints words on as many lines as they need, each behind indent.
func (t *text) wrapped(st style, indent int, s string) {
	for _, l := range wrap(s, t.width-indent) {
		t.line(pad(indent), t.paint(st, l))
	}
}

// pad is n spaces.
func pad(n int) string { return strings.Repeat(" ", max(n, 0)) }

// fill is s with spaces behind it up to n columns.
func fill(s string, n int) string { return s + pad(n-columns(s)) }

// columns is how wide s stands on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	switch {
	case r < unicode.MaxASCII:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// printable replaces what could move a terminal's cursor or turn text around. A
// new line, a tab or a return, which texts of several lines have, stands as the
// language writes it.
func printable(s string) string {
	s = spelled.Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

var spelled = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`)

// wrap breaks s at spaces into lines of at most n columns.
func wrap(s string, n int) []string { return fold(strings.Split(s, " "), " ", n) }

// fold puts items on lines of at most n columns; sep stands between two, and is
// cut off where a line ends. An item that is wider is broken where its line ends.
func fold(items []string, sep string, n int) []string {
	n = max(n, 1)
	var lines []string
	current, used := "", 0
	for i, item := range items {
		item = printable(item)
		if i < len(items)-1 {
			item += strings.TrimRight(sep, " ")
		}
		gap := pad(len(sep) - len(strings.TrimRight(sep, " ")))
		if used > 0 && used+len(gap)+columns(item) <= n {
			current, used = current+gap+item, used+len(gap)+columns(item)
			continue
		}
		if used > 0 {
			lines = append(lines, current)
		}
		for columns(item) > n {
			head := cut(item, n)
			lines, item = append(lines, head), item[len(head):]
		}
		current, used = item, columns(item)
	}
	return append(lines, current)
}

// cut is the longest beginning of s that is at most n columns wide, and at least
// one character.
func cut(s string, n int) string {
	used := 0
	for i, r := range s {
		if used += columnsOf(r); used > n && i > 0 {
			return s[:i]
		}
	}
	return s
}

// shorten leaves out the middle of s where it is wider than n columns.
func shorten(s string, n int) string {
	s = printable(s)
	if columns(s) <= n {
		return s
	}
	head := cut(s, (n-1)/2)
	room, at, start := n-1-columns(head), len(s), len(s)
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:at])
		c := columnsOf(r)
		if room -= c; room < 0 {
			break
		}
		if at -= size; c > 0 { // a mark stays with the character before it
			start = at
		}
	}
	return head + "…" + s[start:]
}
