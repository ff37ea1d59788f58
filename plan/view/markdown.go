package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/plan"
)

// MarkdownMarker is the first line of what Markdown prints: by it, a program
// finds the comment that it wrote before. It names the workspace where that is not
// the root of its repository, as there may be several.
func MarkdownMarker(dir string) string {
	if dir == "" {
		return "<!-- waybill plan -->"
	}
	// Two hyphens could end the comment.
	return "<!-- waybill plan of " + strings.ReplaceAll(printable(dir), "--", "-\u2011") + " -->"
}

// MarkdownLimit is the most bytes that Markdown prints, below what GitHub takes
// as a comment.
const MarkdownLimit = 60_000

// Markdown prints the plan as a comment for those who review a change: counts and
// consequences first, then problems, everything else folded. It is never longer
// than MarkdownLimit, however large the plan; what is left out is counted. No
// name in the plan can add markup to it or mention anybody. The error is that of w.
func Markdown(w io.Writer, p *plan.Plan, o Options) error {
	m := &markdown{plan: p, dir: o.Dir}
	m.head()
	if p.Diagnostics.HasErrors() {
		m.add(m.problems(), 24_000)
	} else {
		m.add(m.consequences(), 24_000)
		m.add(m.problems(), 10_000)
		m.add(m.changes(), 10_000)
		m.add(m.gantt(), 4_000)
		m.add(m.runs(), MarkdownLimit)
	}
	m.add(m.notes(), 8_000)
	m.foot()
	_, err := io.WriteString(w, m.out.String())
	return err
}

// markdown is a plan being written as a comment.
type markdown struct {
	out  strings.Builder
	plan *plan.Plan
	dir  string
}

// section is a part of a comment that can be cut after any of its pieces.
type section struct {
	head, foot string
	pieces     []string
	more       string // what a piece is called: "group"
	fenced     bool   // the pieces stand in a block of code
	unwritten  int    // further pieces, for which there is no room anyway
}

// footRoom is what is kept free for the end of the comment.
const footRoom = 600

// add writes as many pieces of a section as fit into limit bytes and into the
// comment, and says how many do not. A section of which nothing fits is left out.
func (m *markdown) add(s *section, limit int) {
	if s == nil || len(s.pieces) == 0 {
		return
	}
	const moreRoom = 80 // of the line that counts what is left out
	limit = min(limit, MarkdownLimit-footRoom-m.out.Len()) - len(s.head) - len(s.foot) - moreRoom
	n, used := 0, 0
	for n < len(s.pieces) && used+len(s.pieces[n]) <= limit {
		used += len(s.pieces[n])
		n++
	}
	if n == 0 && limit < moreRoom {
		return
	}
	m.out.WriteString(s.head)
	for _, piece := range s.pieces[:n] {
		m.out.WriteString(piece)
	}
	if more := len(s.pieces) + s.unwritten - n; more > 0 {
		if !s.fenced {
			m.out.WriteByte('\n')
		}
		fmt.Fprintf(&m.out, "and %s; see `waybill plan`\n", counted(more, "more "+s.more))
	}
	m.out.WriteString(s.foot)
}

// head says what the comment is about, what the plan does, in one sentence, and
// what it was compared with.
func (m *markdown) head() {
	p := m.plan
	of := ""
	if m.dir != "" {
		of = " of " + code(shorten(m.dir, 120))
	}
	fmt.Fprintf(&m.out, "%s\n## Waybill plan%s\n\n", MarkdownMarker(m.dir), of)
	if p.Diagnostics.HasErrors() {
		fmt.Fprintf(&m.out, "**There is no plan: the workspace has %s.**\n", counted(p.Diagnostics.Count(diag.Error), "error"))
		return
	}
	if s := Headline(p); s != "" {
		fmt.Fprintf(&m.out, "**%s**\n\n", inline(s))
	}
	fmt.Fprintf(&m.out, "%s\n\n%s\n\n", countsLine(p), inline(shorten(comparedWith(p), 400)))
	if s := pausedText(p); s != "" {
		fmt.Fprintf(&m.out, "%s\n\n", inline(shorten(s, 800)))
	}
}

// foot says what the plan was made with.
func (m *markdown) foot() {
	p := m.plan
	fmt.Fprintf(&m.out, "\n<sub>Waybill %s, zone data %s.", inline(shorten(p.Tool, 40)), inline(shorten(p.TZData, 40)))
	if p.AtStated || p.Offline || p.View.Partial() {
		m.out.WriteString(" This plan is to be looked at; it cannot be applied.")
	}
	m.out.WriteString("</sub>\n")
}

// consequences says, group by group, what the changes do to runs and data. Groups
// whose data is concerned come first.
func (m *markdown) consequences() *section {
	s := &section{head: "### What that means until " + stamp(m.plan.Until) + "\n", more: "group"}
	var rest []string
	for i := range m.plan.Consequences {
		q := &m.plan.Consequences[i]
		var b strings.Builder
		fmt.Fprintf(&b, "\n%s\n\n", code(string(q.Group)))
		warns := false
		for _, said := range Sentences(q) {
			markdownSentence(&b, said)
			warns = warns || said.Warns
		}
		if warns {
			s.pieces = append(s.pieces, b.String())
		} else {
			rest = append(rest, b.String())
		}
	}
	s.pieces = append(s.pieces, rest...)
	return s
}

// longDetails is from how many characters on the details of a sentence are folded.
const longDetails = 240

// markdownSentence writes a sentence as an item of a list.
func markdownSentence(b *strings.Builder, s Sentence) {
	text := inline(shorten(s.Text, 1000))
	if s.Warns {
		text = "⚠️ **" + text + "**"
	}
	fmt.Fprintf(b, "- %s\n", text)
	length := 0
	for _, d := range s.Details {
		length += len(d)
	}
	if length > longDetails && !s.Warns {
		b.WriteString("  <details><summary>which</summary>\n\n")
	}
	for _, d := range s.Details {
		fmt.Fprintf(b, "  - %s\n", inline(shorten(d, 500)))
	}
	if length > longDetails && !s.Warns {
		b.WriteString("\n  </details>\n")
	}
}

// problems lists errors and warnings.
func (m *markdown) problems() *section {
	l := m.plan.Diagnostics
	var counts []string
	for _, c := range []struct {
		severity diag.Severity
		noun     string
	}{{diag.Error, "error"}, {diag.Warning, "warning"}} {
		if n := l.Count(c.severity); n > 0 {
			counts = append(counts, counted(n, c.noun))
		}
	}
	s := &section{head: "\n### " + strings.Join(counts, ", ") + "\n\n", more: "problem"}
	for _, severity := range []diag.Severity{diag.Error, diag.Warning} {
		for i := range l {
			if l[i].Severity == severity {
				s.pieces = append(s.pieces, m.problem(&l[i]))
			}
		}
	}
	return s
}

// notes lists what is neither an error nor a warning.
func (m *markdown) notes() *section {
	n := m.plan.Diagnostics.Count(diag.Info)
	s := folded(counted(n, "note"), "note")
	for i := range m.plan.Diagnostics {
		if d := &m.plan.Diagnostics[i]; d.Severity == diag.Info {
			s.pieces = append(s.pieces, m.problem(d))
		}
	}
	return s
}

// folded is a section that opens where its title is clicked. The title is HTML.
func folded(title, more string) *section {
	return &section{head: "\n<details><summary>" + title + "</summary>\n\n", foot: "\n</details>\n", more: more}
}

// problem is a problem as an item of a list.
func (m *markdown) problem(d *diag.Diagnostic) string {
	sign := ""
	switch d.Severity {
	case diag.Error:
		sign = "❌ "
	case diag.Warning:
		sign = "⚠️ "
	}
	first, rest, _ := strings.Cut(d.Detail, "\n\n")
	text := fmt.Sprintf("- %s%s **%s** %s: %s\n", sign, code(string(d.Code)), inline(shorten(d.Summary, 200)),
		code(placeOf(d, m.dir)), inline(shorten(strings.ReplaceAll(first, "\n", " "), 1000)))
	if rest == "" {
		return text
	}
	fence := fenceOf(rest)
	text += "  <details><summary>more</summary>\n\n  " + fence + "text\n"
	for i, line := range strings.Split(rest, "\n") {
		if i == moreLines {
			text += "  …\n"
			break
		}
		text += "  " + shorten(line, diffLine) + "\n"
	}
	return text + "  " + fence + "\n  </details>\n"
}

// moreLines is how many lines of a problem's detail are written at most.
const moreLines = 30
