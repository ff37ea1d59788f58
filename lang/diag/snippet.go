package diag

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v17/textseg"
	"golang.org/x/text/width"
)

// tabStop is the distance of the columns that a tab moves to in an excerpt.
const tabStop = 4

// maxExcerpt is how many lines of one range are shown.
const maxExcerpt = 4

// files holds sources by name, and their lines once somebody asked for them.
type files struct {
	sources map[string][]byte
	lines   map[string][]string
}

func newFiles(sources map[string][]byte) files {
	return files{sources, make(map[string][]string, len(sources))}
}

func (f files) linesOf(name string) []string {
	lines, ok := f.lines[name]
	if !ok {
		if source, ok := f.sources[name]; ok {
			lines = strings.Split(string(source), "\n")
		}
		f.lines[name] = lines
	}
	return lines
}

// sourceLine is a line of a file and the bytes [from, to) of it that a range
// covers. Number 0 stands for lines that are left out.
type sourceLine struct {
	number   int
	text     string
	from, to int
	begins   bool // the range begins here
}

// excerpt returns the lines that a range covers, the middle of a long one left
// out; nothing for a file or a line that is not there.
func (f files) excerpt(r Range) []sourceLine {
	lines := f.linesOf(r.Filename)
	if r.Start.Line < 1 || r.Start.Line > len(lines) {
		return nil
	}
	last := min(max(r.End.Line, r.Start.Line), len(lines))
	if last > r.Start.Line && r.End.Column <= 1 {
		last-- // the range ends with the end of the line before
	}
	var out []sourceLine
	for n := r.Start.Line; n <= last; n++ {
		if last-r.Start.Line >= maxExcerpt && n == r.Start.Line+maxExcerpt-2 {
			out = append(out, sourceLine{})
			n = last
		}
		out = append(out, cover(strings.TrimSuffix(lines[n-1], "\r"), n, r))
	}
	return out
}

// cover finds the part of line n that r covers.
func cover(text string, n int, r Range) sourceLine {
	s := sourceLine{number: n, text: text, begins: n == r.Start.Line}
	s.from = len(text) - len(strings.TrimLeft(text, " \t"))
	s.to = len(strings.TrimRight(text, " \t"))
	if s.begins {
		s.from = byteOfColumn(text, r.Start.Column)
	}
	if n == r.End.Line {
		s.to = byteOfColumn(text, r.End.Column)
	}
	if s.to < s.from {
		s.to = s.from
	}
	return s
}

// byteOfColumn turns a column, counted from 1 in grapheme clusters, into a byte
// of the line, at most one past its end.
func byteOfColumn(text string, column int) int {
	at := 0
	for rest := []byte(text); column > 1 && len(rest) > 0; column-- {
		n := grapheme(rest)
		at, rest = at+n, rest[n:]
	}
	return at
}

func grapheme(b []byte) int {
	n, _, err := textseg.ScanGraphemeClusters(b, true)
	if err != nil || n == 0 {
		_, n = utf8.DecodeRune(b)
	}
	return n
}

// cell is one grapheme cluster on the terminal.
type cell struct {
	text          string
	column, width int
}

// render returns the line as it is printed, at most room columns of it, and the
// underline of its covered part.
func (s sourceLine) render(room int) (text, mark string) {
	cells, from, to := s.cells()
	end := cells[len(cells)-1].column
	first, last := 0, len(cells)-1
	var left, right string
	if end > room {
		first, last = window(cells, from, room)
		if first > 0 {
			left = "…"
		}
		if last < len(cells)-1 {
			right = "…"
		}
	}
	var b strings.Builder
	for _, c := range cells[first:last] {
		b.WriteString(c.text)
	}
	shift := cells[first].column - len([]rune(left))
	from, to = max(from-shift, len([]rune(left))), min(to-shift, room)
	length := max(to-from, 1)
	sign := "~"
	if s.begins {
		sign = "^"
	}
	return left + b.String() + right, strings.Repeat(" ", from) + sign + strings.Repeat("~", length-1)
}

// window chooses the cells that fit into room when column from must be seen.
func window(cells []cell, from, room int) (first, last int) {
	room = max(room-2, 1) // for the dots
	lowest := 0
	if from >= room*2/3 {
		lowest = from - room/3
	}
	for first < len(cells)-1 && cells[first].column < lowest {
		first++
	}
	last = first
	for last < len(cells)-1 && cells[last+1].column-cells[first].column <= room {
		last++
	}
	return first, last
}

// cells splits the line into what is printed, with an empty cell behind its end,
// and returns the columns of its covered part.
func (s sourceLine) cells() (cells []cell, from, to int) {
	column, at := 0, 0
	for rest := []byte(s.text); len(rest) > 0; {
		n := grapheme(rest)
		if at <= s.from {
			from = column
		}
		c := cell{text: printable(string(rest[:n])), column: column}
		if rest[0] == '\t' {
			c.text = strings.Repeat(" ", tabStop-column%tabStop)
		}
		c.width = columns(c.text)
		cells = append(cells, c)
		at, column, rest = at+n, column+c.width, rest[n:]
		if at <= s.to {
			to = column
		}
	}
	if s.from >= at {
		from = column
	}
	return append(cells, cell{column: column}), from, to
}

// columns is the width of a text on a terminal.
func columns(s string) int {
	total := 0
	for rest := []byte(s); len(rest) > 0; {
		n := grapheme(rest)
		widest := 0
		for _, r := range string(rest[:n]) {
			widest = max(widest, runeColumns(r))
		}
		total, rest = total+widest, rest[n:]
	}
	return total
}

func runeColumns(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// printable replaces what could change the terminal or the order of the text on
// it: control characters, bidirectional marks, and bytes that are not UTF-8.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return utf8.RuneError
		}
		return r
	}, string(bytes.ToValidUTF8([]byte(s), []byte(string(utf8.RuneError)))))
}
