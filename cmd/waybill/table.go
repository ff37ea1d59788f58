package main

import (
	"io"
	"strings"
	"unicode/utf8"
)

// table lines columns up. A cell may be coloured by paint, which is told the
// text and returns it with colours of no width.
type table struct {
	indent string
	head   []string // column titles; none: no title line
	rows   [][]cell
}

// cell is text with an optional painter.
type cell struct {
	text  string
	paint func(string) string
}

// row adds a line of plain cells.
func (t *table) row(texts ...string) {
	cells := make([]cell, len(texts))
	for i, s := range texts {
		cells[i].text = s
	}
	t.cells(cells...)
}

// cells adds a line. Nothing in it can do more to a terminal than be seen.
func (t *table) cells(cells ...cell) {
	for i := range cells {
		cells[i].text = visible(cells[i].text)
	}
	t.rows = append(t.rows, cells)
}

// write prints the table: two spaces between columns, none at the end of a line.
func (t *table) write(w io.Writer) error {
	rows := t.rows
	if len(t.head) > 0 {
		head := make([]cell, len(t.head))
		for i, s := range t.head {
			head[i].text = s
		}
		rows = append([][]cell{head}, rows...)
	}
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := t.indent
		for i, c := range row {
			text := c.text
			if c.paint != nil && text != "" {
				text = c.paint(text)
			}
			line += text
			if i < len(row)-1 {
				line += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
