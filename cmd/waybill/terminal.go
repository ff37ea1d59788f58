package main

import (
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// The widths of output: between minWidth and maxWidth as the terminal is, and
// plainWidth where there is none.
const (
	minWidth   = 80
	maxWidth   = 200
	plainWidth = 100
)

// The colours of the command line.
var (
	red    = color.New(color.FgRed, color.Bold)
	green  = color.New(color.FgGreen)
	yellow = color.New(color.FgYellow)
	faint  = color.New(color.Faint)
	bold   = color.New(color.Bold)
)

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	if w, ok := stream.(io.Writer); ok {
		stream = asIs(w)
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colored reports whether to colour what is written to w: on a terminal, unless
// --no-color, NO_COLOR or a dumb terminal says otherwise.
func (p *program) colored(w io.Writer) bool {
	return !p.noColor && p.env["NO_COLOR"] == "" && p.env["TERM"] != "dumb" && isTerminal(w)
}

// paint colours text that is written to w, if that is to be coloured.
func (p *program) paint(w io.Writer, c *color.Color, text string) string {
	if !p.colored(w) || text == "" {
		return text
	}
	painted := *c
	painted.EnableColor()
	return painted.Sprint(text)
}

// height is how many lines of w are seen at once; many where that is unknown.
func (p *program) height(w io.Writer) int {
	const many = 1000
	f, ok := asIs(w).(*os.File)
	if !ok {
		return many
	}
	_, lines, err := term.GetSize(int(f.Fd()))
	if err != nil || lines <= 0 {
		return many
	}
	return lines
}

// width is how many columns what is written to w may take.
func (p *program) width(w io.Writer) int { return min(max(p.columns(w), minWidth), maxWidth) }

// columns is how many columns w has: a longer line goes on in the next one.
func (p *program) columns(w io.Writer) int {
	f, ok := asIs(w).(*os.File)
	if !ok {
		return plainWidth
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return plainWidth
	}
	return columns
}
