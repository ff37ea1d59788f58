package view

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/plan"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"sign": func(a plan.Action) string { return marks[a].sign },
}).Parse(pageText))

// Bounds of a page: what is beyond them is counted. They keep the page of the
// largest workspace a few megabytes.
const (
	pageConsequences = 300  // groups
	pageProblems     = 500  // of a kind
	pageChanges      = 4000 // lines
	pageGroups       = 2000
	pageRows         = 12_000 // of the tables of all groups together
	pageRuns         = 6_000  // on the timelines
)

// HTML prints the plan as a page that needs nothing but itself: no network, no
// font, and no script but for a filter. It has a timeline of all groups, is laid
// out for screens, telephones and paper, and shows a bounded part of the largest
// plans, a few megabytes. The error is that of w.
func HTML(w io.Writer, p *plan.Plan, o Options) error {
	out := bufio.NewWriter(w)
	if err := pageTemplate.Execute(out, newPage(p, o)); err != nil {
		return fmt.Errorf("write plan as HTML: %w", err)
	}
	return out.Flush()
}

// page is what the template shows.
type page struct {
	Policy           string
	Style            template.CSS
	Script           template.JS
	Title            string
	Headline, Failed string
	Counts, Compared string
	Until, Paused    string
	Tool, TZData     string
	LookOnly         bool

	Consequences     []pageConsequence
	Further          []pageConsequence // folded
	FurtherTitle     string
	MoreConsequences string
	Problems, Notes  []pageProblem
	MoreProblems     string
	NotesTitle       string
	Changes          []pageLine
	MoreChanges      string
	timelines
	Groups     []pageGroup
	MoreGroups string
}

type pageConsequence struct {
	Group     string
	Sentences []Sentence
}

type pageProblem struct {
	Severity                         diag.Severity
	Code, Summary, Place, Text, Rest string
}

// pageLine is a line of a diff.
type pageLine struct {
	Class plan.Action
	Text  string
}

func newPage(p *plan.Plan, o Options) *page {
	g := &page{
		Script: template.JS(pageScript), Compared: shown(comparedWith(p)), Until: stamp(p.Until),
		Tool: shown(p.Tool), TZData: shown(p.TZData), LookOnly: p.AtStated || p.Offline || p.View.Partial(),
	}
	g.problems(p, o.Dir)
	g.Title = "Waybill plan"
	if p.Diagnostics.HasErrors() {
		g.Failed = fmt.Sprintf("There is no plan: the workspace has %s.", counted(p.Diagnostics.Count(diag.Error), "error"))
	} else {
		g.Headline, g.Counts, g.Paused = shown(Headline(p)), countsLine(p), shown(pausedText(p))
		g.Title += ": " + g.Counts
		g.consequences(p)
		g.changes(p)
		g.timelines = newTimelines(p)
		g.groups(p)
	}
	style := pageStyle + g.zoom()
	g.Style = template.CSS(style)
	g.Policy = fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashOf(style), hashOf(pageScript))
	return g
}

// hashOf is how a Content-Security-Policy names the one style, or the one script,
// that a page may have.
func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// longestText is the longest text that a page shows of a name or a sentence.
const longestText = 1000

// shown is text that stays on its line and has a bearable length.
func shown(s string) string { return shorten(s, longestText) }

func allShown(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = shown(s)
	}
	return out
}

// furtherOf says how many things of a list are left out.
func furtherOf(all, written int, noun string) string {
	if all <= written {
		return ""
	}
	return fmt.Sprintf("and %s; see waybill plan --json", counted(all-written, "more "+noun))
}

func (g *page) consequences(p *plan.Plan) {
	first, rest := []pageConsequence{}, []pageConsequence{}
	for i := range p.Consequences {
		q := &p.Consequences[i]
		c := pageConsequence{Group: shown(string(q.Group))}
		warns := false
		for _, s := range Sentences(q) {
			c.Sentences = append(c.Sentences, Sentence{Action: s.Action, Text: shown(s.Text), Details: allShown(s.Details), Warns: s.Warns})
			warns = warns || s.Warns
		}
		if warns {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	g.Consequences = append(first, rest...)
	g.MoreConsequences = furtherOf(len(g.Consequences), pageConsequences, "group")
	g.Consequences = g.Consequences[:min(len(g.Consequences), pageConsequences)]
	if n := len(g.Consequences); n > unfolded {
		g.Consequences, g.Further = g.Consequences[:unfolded], g.Consequences[unfolded:]
		g.FurtherTitle = counted(n-unfolded, "more group")
	}
}

// unfolded is how many groups' consequences are on a page without a click.
const unfolded = 20

func (g *page) problems(p *plan.Plan, dir string) {
	notes, problems := 0, 0
	for i := range p.Diagnostics {
		d := &p.Diagnostics[i]
		first, rest, _ := strings.Cut(d.Detail, "\n\n")
		one := pageProblem{Severity: d.Severity, Code: string(d.Code), Summary: shown(d.Summary), Place: shown(placeOf(d, dir)),
			Text: shorten(strings.ReplaceAll(first, "\n", " "), 4*longestText), Rest: cut(rest, 4*longestText)}
		if d.Severity == diag.Info {
			if notes++; notes <= pageProblems {
				g.Notes = append(g.Notes, one)
			}
		} else if problems++; problems <= pageProblems || d.Severity == diag.Error && problems <= 2*pageProblems {
			g.Problems = append(g.Problems, one)
		}
	}
	g.NotesTitle = counted(notes, "note")
	g.MoreProblems = furtherOf(problems, len(g.Problems), "problem")
}

// changes is the lines of the diff.
func (g *page) changes(p *plan.Plan) {
	classes := map[byte]plan.Action{'+': plan.Add, '-': plan.Remove, '!': plan.Modify}
	for i := range p.Changes {
		if len(g.Changes) >= pageChanges {
			g.MoreChanges = furtherOf(len(p.Changes), i, "block")
			return
		}
		for line := range strings.Lines(diffOf(&p.Changes[i])) {
			g.Changes = append(g.Changes, pageLine{Class: classes[line[0]], Text: strings.TrimRight(strings.Replace(line, "!", "~", 1), "\n")})
		}
	}
}

// zoom is the rules for the widths of the timelines: a day is never too narrow
// for its name, and takes the width of the page where it is zoomed to.
func (g *page) zoom() string {
	days := g.until.Sub(g.from).Hours() / 24
	if !(days > 0) {
		return ""
	}
	percent := func(of float64) int { return max(100, int(math.Round(100*days/of))) }
	return fmt.Sprintf(`.lanes svg { min-width: %dpx; }
#week:checked ~ .lanes svg, #week:checked ~ details svg { width: %d%%; }
#day:checked ~ .lanes svg, #day:checked ~ details svg { width: %d%%; min-width: %dpx; }
`, min(int(days*72), 40_000), percent(7), percent(1), min(int(days*480), 400_000))
}

// percentOf is where an instant is in a stretch of time, from 0 to 100.
func percentOf(t, from, until time.Time) float64 {
	all := until.Sub(from).Seconds()
	if all <= 0 {
		return 0
	}
	x := 100 * t.Sub(from).Seconds() / all
	return math.Round(1000*min(100, max(0, x))) / 1000
}
