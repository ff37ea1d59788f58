package database

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text is the statement with a numbered mark in the place of each run-time part:
// $1 or ?1.
func (s Statement) text(sign string) string {
	var b strings.Builder
	n := 0
	for _, p := range s.SQL {
		if p.Ref == "" {
			b.WriteString(p.Literal)
			continue
		}
		n++
		b.WriteString(sign + strconv.Itoa(n))
	}
	return b.String()
}

// at says where in the statement, as it is written in the workspace, a character
// of the text is that was sent, counted from 1; "" for none.
func (s Statement) at(position int, sign string) string {
	if position < 1 {
		return ""
	}
	var written strings.Builder
	sent, n := 0, 0
	for i, p := range s.SQL {
		here, there := p.Literal, s.SQL[i:i+1].String()
		if p.Ref != "" {
			n++
			here = sign + strconv.Itoa(n)
		}
		length := utf8.RuneCountInString(here)
		if position > sent+length && i < len(s.SQL)-1 {
			sent += length
			written.WriteString(there)
			continue
		}
		before := written.String()
		if p.Ref == "" {
			runes := []rune(here)
			before += string(runes[:min(position-sent-1, len(runes))])
		}
		return place(before, s.SQL.String())
	}
	return ""
}

// maxQuote is how much of a line of SQL is shown.
const maxQuote = 60

// place names the position behind before in text, with its line.
func place(before, text string) string {
	line := strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	lines := strings.Split(text, "\n")
	shown := []rune(strings.TrimSpace(lines[min(line, len(lines)-1)]))
	quote := string(shown[:min(len(shown), maxQuote)])
	if len(shown) > maxQuote {
		quote += "…"
	}
	return fmt.Sprintf("line %d, column %d (%s)", line+1, column, quote)
}
