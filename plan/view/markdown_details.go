package view

import (
	"bytes"
	"fmt"
	"html"
	"strings"
	"time"
	"unicode"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// diffLine is the longest line of a diff.
const diffLine = 300

// diffOf is a change as lines of a diff. What stays and differs has "!" as its
// marker, for which GitHub and GitLab have a colour; a value that becomes another
// is the old line and the new one.
func diffOf(c *plan.Change) string {
	var b strings.Builder
	line := func(marker, format string, args ...any) {
		fmt.Fprintf(&b, "%s %s\n", marker, shorten(fmt.Sprintf(format, args...), diffLine))
	}
	switch c.Action {
	case plan.Add:
		line("+", "%s  %s", c.Address, strings.Join(essence(c, diffLine), ", "))
	case plan.Remove:
		line("-", "%s  %s", c.Address, strings.Join(essence(c, diffLine), ", "))
	case plan.Rename:
		line("!", "%s was %s", c.Address, c.From)
	default:
		line("!", "%s", c.Address)
	}
	if c.Action == plan.Modify || c.Action == plan.Rename {
		for _, r := range attributeRows(c.Attributes) {
			diffRow(line, r)
		}
	}
	if r := c.Reschedule; r != nil {
		for _, row := range r.Rows() {
			line("!", "    next run %s%s%s", strings.TrimSpace(tickOr(row[0])), arrow, strings.TrimSpace(tickOr(row[1])))
		}
	}
	return b.String()
}

func diffRow(line func(marker, format string, args ...any), r row) {
	switch {
	case r.action != plan.Modify:
		line(marks[r.action].sign, "    %s %s", r.path, strings.Join(r.items, ", "))
	case r.after != "":
		line("-", "    %s %s", r.path, r.items[0])
		line("+", "    %s %s", r.path, r.after)
	default:
		for _, item := range r.items {
			sign, word, _ := strings.Cut(item, " ")
			line(sign, "    %s %s", r.path, word)
		}
	}
}

// runs is what each group does next, as in the text for terminals.
func (m *markdown) runs() *section {
	p := m.plan
	if len(p.Groups) == 0 {
		return nil
	}
	var pieces []string
	size := 0
	var b bytes.Buffer
	t := planText(&b, p, Options{Width: DefaultWidth})
	for i := range p.Groups {
		if size > MarkdownLimit {
			break
		}
		b.Reset()
		t.group(&p.Groups[i])
		if t.out.Flush() != nil { // a buffer takes everything
			break
		}
		piece := b.String()
		if i == 0 {
			piece = strings.TrimPrefix(piece, "\n")
		}
		pieces, size = append(pieces, piece), size+len(piece)
	}
	s := codeBlock("What runs until "+stamp(p.Until)+": "+counted(len(p.Groups), "group"), "text", "group", pieces)
	s.unwritten = len(p.Groups) - len(pieces)
	return s
}

// Bounds of a chart: nobody reads more, and GitLab draws at once only what is short.
const (
	ganttDays  = 3
	ganttTasks = 30
	ganttName  = 32
)

// gantt is the next runs as a chart in the language of Mermaid: a section for each
// group, the start of a run as a milestone, what it may wait for as bars.
func (m *markdown) gantt() *section {
	p := m.plan
	axis := newAxis(p)
	end := axis.midnight(p.At, ganttDays)
	if p.Until.Before(end) {
		end = p.Until
	}
	tasks := map[graph.Addr][]string{}
	n, drawn, all := 0, 0, 0
	for i := range p.Runs {
		r := &p.Runs[i]
		if !r.ScheduledAt.Before(end) {
			continue
		}
		all++
		lines := ganttRun(r, axis, end)
		if drawn < all-1 || n+len(lines) > ganttTasks {
			continue
		}
		tasks[r.Group] = append(tasks[r.Group], lines...)
		n, drawn = n+len(lines), drawn+1
	}
	if drawn == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "gantt\n    title Times are those of %s\n    dateFormat YYYY-MM-DD HH:mm\n    axisFormat %%a %%d %%H:%%M\n    todayMarker off\n", mermaidName(axis.zone.Name()))
	for _, l := range lanesOf(p) {
		if lines := tasks[l.Group.Group]; len(lines) > 0 {
			fmt.Fprintf(&b, "    section %s\n", mermaidName(l.Group.Group.Name()))
			b.WriteString(strings.Join(lines, ""))
		}
	}
	title := fmt.Sprintf("Timeline: %s", counted(drawn, "run"))
	if drawn < all {
		title = fmt.Sprintf("Timeline: the first %s of %s", plan.Number(drawn), counted(all, "run"))
	}
	return codeBlock(html.EscapeString(title+" until "+stamp(end)), "mermaid", "run", []string{b.String()})
}

// ganttRun is the tasks of one run.
func ganttRun(r *plan.Run, axis axis, end time.Time) []string {
	start := r.ScheduledAt.In(axis.zone.Location())
	at := start.Format("2006-01-02 15:04")
	lines := []string{fmt.Sprintf("    %s starts :milestone, %s, 0m\n", strings.ReplaceAll(start.Format("Mon 15:04"), ":", "#58;"), at)}
	bar := func(what string, until time.Time) {
		if until.After(end) {
			until = end
		}
		if minutes := int(until.Sub(r.ScheduledAt) / time.Minute); minutes > 0 {
			lines = append(lines, fmt.Sprintf("    %s :active, %s, %dm\n", mermaidName(what), at, minutes))
		}
	}
	for _, a := range r.After {
		bar("waits for "+a.Group.Name(), a.Deadline)
	}
	var names []string
	for i := range r.Couriers {
		if c := &r.Couriers[i]; c.Deadline.After(r.ScheduledAt) {
			names = append(names, c.Name)
		}
	}
	if len(names) > 0 {
		bar("waits for "+strings.Join(names, " and "), lastDeadline(r))
	}
	return lines
}

// mermaidName is text that Mermaid takes as it is, in a section or a task.
func mermaidName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._/()+-", r) {
			return r
		}
		return '_'
	}, shorten(strings.ReplaceAll(s, `"`, ""), ganttName))
}
