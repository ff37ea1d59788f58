package view

import (
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// rowsOf is a row for each block of a list.
func rowsOf[T any](list []T, row func(*T) []string) [][]string {
	rows := make([][]string, len(list))
	for i := range list {
		rows[i] = row(&list[i])
	}
	return rows
}

// section prints the blocks of one kind, or nothing where there are none.
func (t *text) section(title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	t.line()
	t.line(t.paint(bold, title))
	t.aligned(2, rows)
}

// aligned prints rows with their columns one below the other. The last cell of a
// row goes on below itself where the line ends.
func (t *text) aligned(indent int, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(printable(cell)))
		}
	}
	for _, row := range rows {
		lead := pad(indent)
		for i, cell := range row[:len(row)-1] {
			lead += fill(printable(cell), widths[i]+2)
		}
		if t.width-columns(lead) < narrowest/4 { // behind long names a line of its own
			t.line(lead)
			lead = pad(indent + 4)
		}
		for _, l := range wrap(row[len(row)-1], t.width-columns(lead)) {
			t.line(lead, l)
			lead = pad(columns(lead))
		}
	}
}

// courierRow is where a courier pulls from, and what.
func courierRow(c *graph.Courier) []string {
	var what string
	switch {
	case c.Filedrop != nil:
		what = c.Filedrop.URL.String()
	case c.RestAPI != nil:
		what = httpText(&c.RestAPI.HTTP)
	case c.Warehouse != nil:
		what = c.Warehouse.Query.String()
	default:
		what = commandText(c.Exec)
	}
	parts := []string{what}
	for i := range c.Files {
		parts = append(parts, patternText(&c.Files[i]))
	}
	if c.Landing != "" {
		parts = append(parts, "lands in "+c.Landing)
	}
	return []string{string(c.Addr), c.Source(), strings.Join(parts, " · ")}
}

func patternText(f *graph.File) string {
	s := f.Pattern
	if f.Optional {
		s += ", optional"
	}
	if f.Decompress != "" {
		s += ", decompressed"
	}
	if f.Require == graph.RequireAny {
		s += ", any of them"
	}
	if len(f.Days) > 0 {
		s += ", " + strings.Join(f.Days, " ")
	}
	if len(f.Except) > 0 {
		s += ", not on " + strings.Join(f.Except, " ")
	}
	return s
}

// stepRow is what a bridge, a process or an activation does, and what before it.
func stepRow(s *graph.Step) []string {
	var what string
	switch {
	case s.Exec != nil:
		what = commandText(s.Exec)
	case s.HTTP != nil:
		what = httpText(s.HTTP)
	case s.SQL != nil:
		what = graph.Count(len(s.SQL.Statements), "statement")
	}
	if len(s.After) > 0 {
		what += " · after " + strings.Join(addresses(s.After), ", ")
	}
	if s.RequireComplete {
		what += " · only with complete data"
	}
	return []string{string(s.Addr), s.Action(), what}
}

// httpText is the URL of a request, behind its method where that is not the usual
// one.
func httpText(h *graph.HTTP) string {
	if h.Method == "GET" {
		return h.URL.String()
	}
	return h.Method + " " + h.URL.String()
}

func commandText(e *graph.Exec) string {
	if e == nil {
		return ""
	}
	words := make([]string, len(e.Command))
	for i, v := range e.Command {
		words[i] = graph.Typed(v.String())
		if len(v.Refs()) > 0 { // as a template, which no shell reads
			words[i] = v.String()
		}
	}
	if e.WorkingDir != "" {
		return strings.Join(words, " ") + " · in " + e.WorkingDir
	}
	return strings.Join(words, " ")
}

// alertRow is what an alert tells of, and whom.
func alertRow(a *graph.Alert) []string {
	parts := []string{"on " + strings.Join(a.On, " ")}
	if len(a.To) > 0 {
		parts = append(parts, "to "+strings.Join(a.To, ", "))
	}
	if q := a.Quiet; q != nil {
		s := fmt.Sprintf("quiet %s to %s in %s", q.From, q.Until, q.Timezone)
		if len(q.Except) > 0 {
			s += " except for " + strings.Join(q.Except, " ")
		}
		parts = append(parts, s)
	}
	return []string{string(a.Addr), strings.Join(parts, " · ")}
}

// secretRow is where a secret is found; its value is nowhere.
func secretRow(s *graph.Secret) []string {
	where := "file " + s.File
	switch {
	case s.Env != "":
		where = "environment variable " + s.Env
	case s.Exec != nil:
		where = "program " + strings.Join(s.Exec.Command, " ")
	}
	return []string{graph.KindSecret + "." + s.Name, where}
}

func addresses(list []graph.Addr) []string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = string(a)
	}
	return names
}
