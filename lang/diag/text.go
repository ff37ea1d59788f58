package diag

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// TextOptions say how WriteText prints.
type TextOptions struct {
	Color bool // ANSI colours
	Width int  // of the terminal in columns; 0 is 78, and more than 100 counts as 100
}

// WriteText prints problems for a person, sorted, with an empty line between
// two: what is wrong, where, the lines of source with the stretch at fault
// underlined, and what to write instead. Sources holds the files by the name
// that ranges use; a file that is not there is named without its lines. Control
// characters of a source or a message never reach w. A fault of w is not
// reported.
func WriteText(w io.Writer, l List, sources map[string][]byte, o TextOptions) {
	out := bufio.NewWriter(w)
	p := printer{w: out, color: o.Color, width: textWidth(o.Width), files: newFiles(sources)}
	for i, d := range l.Sorted() {
		if i > 0 {
			p.line("")
		}
		p.diagnostic(d)
	}
	_ = out.Flush()
}

func textWidth(width int) int {
	if width == 0 {
		return 78
	}
	return min(max(width, 40), 100)
}

type printer struct {
	w     io.Writer
	color bool
	width int
	files files
}

// The ANSI styles: bold, dim, and bold or plain colours.
const (
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	blue   = "\x1b[34m"
	reset  = "\x1b[0m"
)

func (p *printer) style(style, s string) string {
	if !p.color || s == "" {
		return s
	}
	return style + s + reset
}

func (p *printer) line(s string) { fmt.Fprintln(p.w, strings.TrimRight(s, " ")) }

func (s Severity) word() string {
	switch s {
	case Error:
		return "Error"
	case Warning:
		return "Warning"
	default:
		return "Note"
	}
}

func (s Severity) style() string {
	switch s {
	case Error:
		return red
	case Warning:
		return yellow
	default:
		return blue
	}
}

func (p *printer) diagnostic(d Diagnostic) {
	head := p.style(bold+d.Severity.style(), d.Severity.word()+":") + " " + p.style(bold, printable(d.Summary))
	if d.Code != "" {
		head += p.style(dim, " ["+printable(string(d.Code))+"]")
	}
	p.line(head)
	if where := inBlock(d.Address); d.Range != nil {
		p.place(fmt.Sprintf("on %s%s:", position(*d.Range), comma(where)), *d.Range, d.Severity.style())
	} else if where != "" {
		p.line("")
		p.line("  " + where)
	}
	for _, r := range d.Related {
		p.place(position(r.Range)+": "+printable(r.Message), r.Range, blue)
	}
	if d.Detail != "" {
		p.line("")
		for _, s := range wrap(d.Detail, p.width) {
			p.line(s)
		}
	}
}

// place prints one place: its title, its lines, and what is marked on each.
func (p *printer) place(title string, r Range, style string) {
	p.line("")
	p.line("  " + title)
	shown := p.files.excerpt(r)
	if len(shown) == 0 {
		return
	}
	digits := max(4, len(strconv.Itoa(shown[len(shown)-1].number)))
	room := p.width - digits - len(" | ")
	for _, s := range shown {
		if s.number == 0 {
			p.line(p.style(dim, fmt.Sprintf("%*s |", digits, "...")))
			continue
		}
		text, mark := s.render(room)
		p.line(p.style(dim, fmt.Sprintf("%*d |", digits, s.number)) + " " + text)
		p.line(p.style(dim, fmt.Sprintf("%*s |", digits, "")) + " " + p.mark(style, mark))
	}
}

// mark colours the underline and leaves the space before it alone.
func (p *printer) mark(style, mark string) string {
	bare := strings.TrimLeft(mark, " ")
	return mark[:len(mark)-len(bare)] + p.style(style, bare)
}

func position(r Range) string {
	return fmt.Sprintf("%s:%d:%d", printable(r.Filename), r.Start.Line, r.Start.Column)
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// inBlock writes an address the way its block is written: courier_group.daily
// is `in courier_group "daily"`. An address with a for_each key, and that of a
// local value, stays as it is.
func inBlock(address string) string {
	parts := strings.Split(printable(address), ".")
	switch {
	case address == "":
		return ""
	case len(parts) == 1 || parts[0] == "local" || strings.Contains(address, "["):
		return "in " + printable(address)
	case parts[0] == "var":
		parts[0] = "variable"
	}
	for i, label := range parts[1:] {
		parts[i+1] = `"` + label + `"`
	}
	return "in " + strings.Join(parts, " ")
}

// wrap breaks text into lines of at most width columns. Lines that begin with a
// space are code and stay as they are; what follows the first line of a "- " item
// is indented below it; a longer word stays whole.
func wrap(text string, width int) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			out = append(out, printable(strings.ReplaceAll(line, "\t", "    ")))
			continue
		}
		margin := ""
		if strings.HasPrefix(line, "- ") {
			margin = "  "
		}
		out = append(out, fill(printable(line), margin, width)...)
	}
	return out
}

// fill breaks one line at its spaces.
func fill(line, margin string, width int) []string {
	var out []string
	current, used, words := "", 0, 0
	for word := range strings.FieldsSeq(line) {
		n := columns(word)
		if words > 0 && used+1+n > width {
			out = append(out, current)
			current, used, words = margin, len(margin), 0
		}
		if words > 0 {
			current, used = current+" ", used+1
		}
		current, used, words = current+word, used+n, words+1
	}
	return append(out, current)
}
