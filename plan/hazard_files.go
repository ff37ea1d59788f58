package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// fileCounts reports files of which some runs expect none, and files of which some
// runs expect several. Both are meant in steady state: a run that is one file short
// or ahead because clocks change is no find.
func fileCounts(s *survey, c *window.Calendar) diag.List {
	var none, several []fileUse
	var shortest, longest time.Duration
	type kind struct {
		offset       graph.Offset
		unit         window.Unit
		days, except string
	}
	known := map[kind][2]bool{} // whether there are runs that expect none, or several
	for _, m := range c.Group().Members {
		courier := s.in.Graph.Courier(m.Courier)
		if courier == nil || courier.Filedrop == nil {
			continue
		}
		for _, f := range courier.Files {
			p, err := window.ParsePattern(f.Pattern)
			if err != nil || p.Unit() == window.None || f.Optional {
				continue
			}
			k := kind{m.Offset, p.Unit(), strings.Join(f.Days, " "), strings.Join(f.Except, " ")}
			has, ok := known[k]
			if ok && has == [2]bool{} {
				continue
			}
			u := fileUse{calendar: c, member: m, file: f, unit: p.Unit(),
				courier: &graph.Courier{Addr: m.Courier, Filedrop: courier.Filedrop, Files: []graph.File{f}}}
			if longest == 0 {
				shortest, longest = steps(s, c)
			}
			if !ok {
				has[0] = u.idle(shortest) && len(u.find(s, 1, u.idle, u.expectsNone)) > 0
				has[1] = u.spans(longest) && len(u.find(s, 1, u.spans, u.expectsSeveral)) > 0
				known[k] = has
			}
			if has[0] {
				none = append(none, u)
			}
			if has[1] && !f.RequireStated && f.Require != graph.RequireAny {
				several = append(several, u)
			}
		}
	}
	var list diag.List
	if len(none) > 0 {
		list = append(list, s.dense(none))
	}
	if len(several) > 0 {
		list = append(list, s.spanning(several))
	}
	return list
}

// dense is the note on files of which some runs expect none.
func (s *survey) dense(uses []fileUse) diag.Diagnostic {
	u := uses[0]
	var lines []string
	for _, r := range u.readers(s) {
		lines = append(lines, fmt.Sprintf("the run of %s looks for %s", when(r.tick, u.calendar.Zone()), u.names(r.expected)))
	}
	if lines == nil {
		lines = append(lines, "none of the next 400 days")
	}
	return s.reportFiles(diag.WindowDense, uses, "Runs that expect no file",
		"%s runs more often than there is a new file %q of %s: one for each %s, which the first run whose range goes past the beginning of that %s expects. These are the next that do:\n\n%s\n"+
			"The runs between them expect none of it and do not wait for it.%s If each run is to take what is new, leave the date out of the pattern, as in \"orders-*.csv\": it then goes by arrival.",
		u.calendar.Group().Addr, u.file.Name, u.member.Name, u.unit, u.unit, bullets(lines), alsoFor(uses[1:]))
}

// spanning is the note on files of which some runs expect several.
func (s *survey) spanning(uses []fileUse) diag.Diagnostic {
	u := uses[0]
	var lines []string
	most := 0
	for _, r := range u.find(s, shown, u.spans, u.expectsSeveral) {
		most = max(most, len(r.expected))
		lines = append(lines, fmt.Sprintf("the run of %s expects %s: %s", when(r.tick, u.calendar.Zone()), graph.Count(len(r.expected), "file"), u.names(r.expected)))
	}
	return s.reportFiles(diag.WindowSpans, uses, fmt.Sprintf("Runs that expect %d files of one pattern", most),
		"Runs of %s read more than one %s, and there is a file %q of %s for each %s:\n\n%s\n"+
			"All of them must be there, or the courier waits and is missing.%s If one of them is enough, write in the file block\n\n  require = \"any\"\n\n"+
			"If each is needed, state it:\n\n  require = \"each\"",
		u.calendar.Group().Addr, u.unit, u.file.Name, u.member.Name, u.unit, bullets(lines), alsoFor(uses[1:]))
}

// reportFiles is a note on files of a group, with the places of their blocks.
func (s *survey) reportFiles(code diag.Code, uses []fileUse, summary, format string, args ...any) diag.Diagnostic {
	d := s.report(code, uses[0].calendar.Group(), "schedule", summary, format, args...)
	for _, u := range uses[:min(len(uses), shown)] {
		if at := s.in.Graph.Place(u.member.Courier, "file."+u.file.Name); at != nil && !slices.ContainsFunc(d.Related, func(r diag.Related) bool { return r.Range == *at }) {
			d.Related = append(d.Related, diag.Related{Message: "the file", Range: *at})
		}
	}
	return d
}

// alsoFor is a sentence that names the further files of which the same is so.
func alsoFor(uses []fileUse) string {
	if len(uses) == 0 {
		return ""
	}
	var names []string
	for _, u := range uses {
		names = append(names, fmt.Sprintf("%q of %s", u.file.Name, u.member.Name))
	}
	return fmt.Sprintf(" The same goes for %s.", enumerate(names))
}
