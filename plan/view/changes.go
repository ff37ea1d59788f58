package view

import (
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/plan"
)

// mark is the sign of an action, and its colour.
var marks = map[plan.Action]struct {
	sign  string
	style style
}{
	plan.Add:    {"+", green},
	plan.Modify: {"~", yellow},
	plan.Remove: {"-", red},
	plan.Rename: {">", yellow},
}

func (t *text) mark(a plan.Action) string { return t.paint(marks[a].style, marks[a].sign) }

// changes lists every block that differs. A block that comes or goes is one line,
// its essence beside its address; one that stays has a line for each attribute.
func (t *text) changes() {
	p := t.plan
	if len(p.Changes) == 0 {
		t.line(t.paint(bold, "No changes."), " What is applied is what is written.")
		return
	}
	names := 0
	for _, c := range p.Changes {
		if c.Action == plan.Add || c.Action == plan.Remove {
			names = max(names, min(columns(string(c.Address)), t.width/2))
		}
	}
	for _, c := range p.Changes {
		switch c.Action {
		case plan.Modify:
			t.changed(&c)
			continue
		case plan.Rename:
			t.renamed(&c)
			continue
		}
		address := shorten(string(c.Address), names)
		left := 4 + names + 2
		lead := "  " + t.mark(c.Action) + " " + fill(address, names+2)
		for _, l := range fold(essence(&c, t.width-left), ", ", t.width-left) {
			t.line(lead, t.paint(dim, l))
			lead = pad(left)
		}
		t.reschedule(c.Reschedule, len(nextRuns)+2)
	}
	t.line()
	lead, counts, _ := strings.Cut(countsLine(p), " ")
	t.line(t.paint(bold, lead), " ", counts)
	t.consequences()
}

// countsLine counts the changes in the words by which tools that read plans of
// Terraform find it.
func countsLine(p *plan.Plan) string {
	if len(p.Changes) == 0 {
		return "No changes. What is applied is what is written."
	}
	s := fmt.Sprintf("Plan: %d to add, %d to change, %d to destroy.", p.Summary.Add, p.Summary.Change, p.Summary.Remove)
	if n := p.Summary.Rename; n > 0 {
		s += fmt.Sprintf(" %d renamed.", n)
	}
	return s
}

// changed prints a block that stays.
func (t *text) changed(c *plan.Change) {
	t.line("  ", t.mark(plan.Modify), " ", t.paint(bold, printable(string(c.Address))))
	t.attributes(c)
}

// attributes prints what differs in a block.
func (t *text) attributes(c *plan.Change) {
	rows := attributeRows(c.Attributes)
	names := columns(nextRuns)
	for _, r := range rows {
		names = max(names, min(columns(r.path), t.width/3))
	}
	for _, r := range rows {
		t.row(r, names+2)
	}
	t.reschedule(c.Reschedule, names+2)
}

// row prints an attribute and, beside it or below it, its values.
func (t *text) row(r row, names int) {
	path := shorten(r.path, t.width-attributeIndent)
	lead := pad(attributeIndent-2) + t.mark(r.action) + " "
	left := attributeIndent + names
	if columns(path)+2 > names {
		t.line(lead, path)
		lead, path, left = "", "", attributeIndent+4
	}
	lead += fill(path, left-attributeIndent)
	if path == "" {
		lead = pad(left)
	}
	lines := fold(r.items, ", ", t.width-left)
	if r.after != "" {
		lines = beforeAfter(r.items[0], r.after, t.width-left)
	}
	for _, l := range lines {
		t.line(lead, l)
		lead = pad(left)
	}
}

// row is an attribute, or a labelled block of attributes that comes or goes whole.
type row struct {
	action plan.Action
	path   string
	items  []string // its value, or values
	after  string   // where one value becomes another
}

// beforeAfter writes both values on one line, or each on lines of its own.
func beforeAfter(before, after string, n int) []string {
	if one := printable(before + arrow + after); columns(one) <= n {
		return []string{one}
	}
	return append(wrap(before, n), wrap(strings.TrimSpace(arrow)+" "+after, n)...)
}

// attributeIndent is the column in which the paths of attributes begin.
const attributeIndent = 8

// blockKeys has the attribute that each kind of labelled block cannot be without.
var blockKeys = map[string]string{"courier": "courier", "file": "pattern", "after": "group"}

func attributeRows(list []plan.Attribute) []row {
	whole := map[string]*row{}
	for _, a := range list {
		if prefix, last := cutLast(a.Path); blockKeys[firstOf(prefix)] == last && (a.Before == nil || a.After == nil) {
			whole[prefix] = &row{action: actionOf(a), path: prefix}
		}
	}
	var rows []*row
	for _, a := range list {
		r := newRow(a)
		if block := wholeOf(whole, a.Path); block != nil {
			pair := a.Path[len(block.path)+1:] + " = " + value(a.After, a.Before)
			block.items = append(block.items, pair)
			if len(block.items) > 1 {
				continue
			}
			r = block
		}
		rows = append(rows, r)
	}
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = *r
	}
	return out
}

func newRow(a plan.Attribute) *row {
	r := &row{action: actionOf(a), path: a.Path, items: []string{value(a.Before, a.After)}}
	if r.action == plan.Modify {
		if items := setDifference(a); len(items) > 0 {
			r.items = items
		} else {
			r.after = value(a.After)
		}
	}
	return r
}

func wholeOf(whole map[string]*row, path string) *row {
	for prefix, r := range whole {
		if strings.HasPrefix(path, prefix+".") {
			return r
		}
	}
	return nil
}

func cutLast(path string) (prefix, last string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

func firstOf(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

func actionOf(a plan.Attribute) plan.Action {
	switch {
	case a.Before == nil:
		return plan.Add
	case a.After == nil:
		return plan.Remove
	default:
		return plan.Modify
	}
}

const (
	nextRuns    = "next runs"
	arrow       = " -> "
	tickColumns = len("Mon 2006-01-02 15:04 MST")
)

// reschedule prints the next ticks that change, by the old and the new schedule side
// by side.
func (t *text) reschedule(r *plan.Reschedule, names int) {
	if r == nil {
		return
	}
	if attributeIndent+names+columns(tickOr(nil))*2+len(arrow) > t.width {
		names = len(nextRuns) + 2
	}
	name := nextRuns
	for _, row := range r.Rows() {
		t.line(pad(attributeIndent), t.paint(dim, fill(name, names)), tickOr(row[0]), arrow, tickOr(row[1]))
		name = ""
	}
}

// tickOr is a tick as its clocks show it, "none" for nil.
func tickOr(t *plan.Tick) string {
	if t == nil {
		return fill("none", tickColumns)
	}
	return zoned(t.At.In(location(t.Zone)), "Mon 2006-01-02 15:04")
}
