package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// cover adds the proof of a group's coverage.
func (p *Plan) cover(w *world, c *window.Calendar) {
	found := w.prover.Group(c)
	w.coverage[c.Group().Addr] = found
	p.Coverage = append(p.Coverage, found...)
}

// flaw is one way in which coverage can fail to hold.
type flaw struct {
	code      diag.Code
	attribute string // of the group that decides it
	has       func(coverage.Coverage) bool
	summary   func(coverage.Coverage) string
	// intro says what is wrong with the couriers that are named; lines are the first
	// counterexamples of one of them, and all is how many there are.
	intro string
	lines func(*window.Calendar, coverage.Coverage) (lines []string, all int)
}

var flaws = []flaw{
	{diag.WindowHole, "past_day_only", func(r coverage.Coverage) bool { return r.Holes > 0 }, lostSummary, lostIntro, lostLines},
	{diag.WindowAge, "schedule", agedBesideLostRuns, agedSummary, agedIntro, agedLines},
	{diag.WindowRepeatedHour, "file_dates", func(r coverage.Coverage) bool { return repeated(r) > 0 }, repeatedSummary, repeatedIntro, repeatedLines},
	{diag.WindowBlocked, "max_range", func(r coverage.Coverage) bool { return r.Blocked > 0 }, blockedSummary, blockedIntro, blockedLines},
}

// uncovered reports where the coverage of a group does not hold.
func uncovered(s *survey, c *window.Calendar) diag.List {
	var list diag.List
	for _, f := range flaws {
		found := slices.DeleteFunc(slices.Clone(s.coverage[c.Group().Addr]), func(r coverage.Coverage) bool { return !f.has(r) })
		if len(found) > 0 {
			list = append(list, s.report(f.code, c.Group(), f.attribute, f.summary(found[0]), "%s", f.detail(c, found)))
		}
	}
	return list
}

// detail is a paragraph for the couriers that fare alike, and one line each for
// those that do not.
func (f flaw) detail(c *window.Calendar, found []coverage.Coverage) string {
	first, all := f.lines(c, found[0])
	alike, others := []string{}, []coverage.Coverage{}
	for _, r := range found {
		if lines, n := f.lines(c, r); n == all && slices.Equal(lines, first) && r.Cure == found[0].Cure {
			alike = append(alike, r.Name)
		} else {
			others = append(others, r)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, f.intro, c.Group().Addr, strings.Join(alike, ", "), found[0].Until.Format("2006-01-02"))
	b.WriteString("\n\n")
	for _, line := range first {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	if more := all - len(first); more > 0 {
		fmt.Fprintf(&b, "- and %s more\n", Number(more))
	}
	if f.code == diag.WindowHole {
		b.WriteString(lostFiles(found[0]))
	}
	b.WriteString(cureText(found[0].Cure, alike...))
	for i, r := range others {
		if i == shown {
			fmt.Fprintf(&b, "\n\nAnd so do %d more couriers.", len(others)-i)
			break
		}
		_, n := f.lines(c, r)
		fmt.Fprintf(&b, "\n\nFor %s there are %s.", r.Name, Number(n))
		if r.Cure != found[0].Cure {
			b.WriteString(cureText(r.Cure, r.Name))
		}
	}
	return b.String()
}

// cureText says what to write for some couriers.
func cureText(cure string, couriers ...string) string {
	switch {
	case cure == "":
		return "\nNo single line cures it; see `waybill explain` for what does."
	case strings.HasPrefix(cure, "offset"):
		return fmt.Sprintf("\nTo cure it, write\n\n  %s\n\nin the %s %s of the group.", cure, oneOr(len(couriers), "block of courier", "blocks of couriers"), strings.Join(couriers, ", "))
	case strings.HasPrefix(cure, "file_dates"):
		return fmt.Sprintf("\nIf the data is dated as on the group's clock, write\n\n  %s\n\nin the group, which cures it.", cure)
	default:
		return fmt.Sprintf("\nTo cure it, write\n\n  %s\n\nin the group.", cure)
	}
}

const lostIntro = "past_day_only lets the runs of %s read no more than one day of the calendar of their file dates, and what lies before that is read by no run. For %s, up to %s:"

func lostSummary(r coverage.Coverage) string {
	return fmt.Sprintf("%s in ten years that no run of %s reads", span(r.Lost.Std()), r.Name)
}

// span writes a time in hours, and in days where it is long.
func span(d time.Duration) string {
	if d > 10*24*time.Hour {
		return length(d)
	}
	return hours(d)
}

func lostLines(c *window.Calendar, r coverage.Coverage) ([]string, int) {
	var lines []string
	for _, h := range r.Gaps {
		lines = append(lines, fmt.Sprintf("the run of %s leaves out %s, from %s to %s", when(h.Run, c.Zone()), span(h.Range.Length()),
			when(h.Range.Start, c.RangeZone()), when(h.Range.End, c.RangeZone())))
	}
	return lines, r.Holes
}

// lostFiles says which files go with what is lost.
func lostFiles(r coverage.Coverage) string {
	var b strings.Builder
	for _, d := range r.Dates {
		if d.Never > 0 {
			fmt.Fprintf(&b, "\nWith it go %s of %s files %q, such as those of %s.\n", Number(d.Never), Number(d.Expected), d.File, strings.Join(d.NeverFirst, ", "))
		}
	}
	return b.String()
}

const agedIntro = "The runs of %s look for some files a day or more earlier or later than usual, since clocks change. For %s, up to %s:"

// agedBesideLostRuns leaves out the dates that are late because their run was
// skipped, as gap = "skip" says: that has codes of its own.
func agedBesideLostRuns(r coverage.Coverage) bool {
	early, late := aged(r)
	return early > 0 || late > 0 && !strings.HasPrefix(r.Cure, "dst")
}

func aged(r coverage.Coverage) (early, late int) {
	for _, d := range r.Dates {
		early, late = early+d.Early, late+d.Late
	}
	return early, late
}

func agedSummary(r coverage.Coverage) string {
	early, late := aged(r)
	all := 0
	for _, d := range r.Dates {
		all += d.Expected
	}
	word := "early or late"
	switch {
	case late == 0:
		word = "early"
	case early == 0:
		word = "late"
	}
	return fmt.Sprintf("%s of %s files of %s are looked for %s", Number(early+late), Number(all), r.Name, word)
}

func agedLines(c *window.Calendar, r coverage.Coverage) ([]string, int) {
	var lines []string
	for _, d := range r.Dates {
		for _, m := range d.Moved {
			by, word := m.Usual-m.Age, "early"
			if by < 0 {
				by, word = -by, "late"
			}
			if len(lines) < shown {
				lines = append(lines, fmt.Sprintf("the run of %s looks for %s of %s %s %s", when(m.Run, c.Zone()), d.File, m.Date, graph.Count(by, "day"), word))
			}
		}
	}
	early, late := aged(r)
	return lines, early + late
}

const repeatedIntro = "Clocks of the file dates of %s go back and show an hour twice, whose one file is taken before the second time is over. For %s, up to %s:"

func repeated(r coverage.Coverage) int {
	n := 0
	for _, d := range r.Dates {
		n += d.Repeated
	}
	return n
}

func repeatedSummary(r coverage.Coverage) string {
	return fmt.Sprintf("%s of %s taken before the hour has passed twice", graph.Count(repeated(r), "file"), r.Name)
}

func repeatedLines(c *window.Calendar, r coverage.Coverage) ([]string, int) {
	var lines []string
	for _, d := range r.Dates {
		if m := d.RepeatedFirst; m != nil {
			lines = append(lines, fmt.Sprintf("the run of %s takes %s of %s, which is written until %s", when(m.Run, c.Zone()), d.File, m.Date, when(m.Over, c.RangeZone())))
		}
	}
	return lines, repeated(r)
}

const blockedIntro = "A run whose range is longer than max_range is blocked, and nothing of %s runs after it until somebody acts. For %s, up to %s:"

func blockedSummary(r coverage.Coverage) string {
	return fmt.Sprintf("max_range blocks %s that %s in time", graph.Count(r.Blocked, "run"), oneOr(r.Blocked, "is", "are"))
}

func blockedLines(c *window.Calendar, r coverage.Coverage) ([]string, int) {
	h := r.FirstBlocked
	return []string{fmt.Sprintf("the run of %s reads %s, more than %s", when(h.Run, c.Zone()), span(h.Range.Length()), length(c.MaxRange()))}, r.Blocked
}
