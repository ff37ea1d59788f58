package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/plan"
)

// linesShown is how many runs or files of one kind are listed.
const linesShown = 3

// consequences says, group by group, what the changes do to runs and data.
func (t *text) consequences() {
	if len(t.plan.Consequences) == 0 {
		return
	}
	t.line()
	t.line(t.paint(bold, "What that means"), " until ", stamp(t.plan.Until), ":")
	for i := range t.plan.Consequences {
		q := &t.plan.Consequences[i]
		t.line("  ", t.paint(bold, printable(string(q.Group))))
		for _, s := range Sentences(q) {
			t.sentence(s)
		}
	}
}

// sentence prints a sentence with its details below it.
func (t *text) sentence(s Sentence) {
	st := plain
	if s.Warns {
		st = yellow
	}
	lead := pad(4) + t.paint(marks[s.Action].style, marks[s.Action].sign) + " "
	for _, l := range wrap(s.Text, t.width-6) {
		t.line(lead, t.paint(st, l))
		lead = pad(6)
	}
	for _, d := range s.Details {
		for _, l := range wrap(d, t.width-8) {
			t.line(pad(8), t.paint(dim, l))
		}
	}
}

// Sentence is something that a consequence says, for people: whether it comes,
// goes or changes, the sentence, and details of a line each. Warns is set where
// data is concerned.
type Sentence struct {
	Action  plan.Action
	Text    string
	Details []string
	Warns   bool
}

// Sentences says a consequence in words, the most important first.
func Sentences(q *plan.Consequence) []Sentence {
	var list []Sentence
	add := func(a plan.Action, details []string, format string, args ...any) {
		list = append(list, Sentence{Action: a, Text: fmt.Sprintf(format, args...), Details: details})
	}
	if q.From != "" {
		add(plan.Rename, nil, "It was %s: its history, watermarks and pause go with it.", q.From)
	}
	for _, r := range q.Renamed {
		add(plan.Rename, nil, "Its courier %s is called %s now and goes on from the same watermark.", r.From, r.To)
	}
	list = append(list, handovers(q.Twice, plan.Add, "is read twice", "are read twice")...)
	list = append(list, handovers(q.Never, plan.Remove, "is never read", "are never read")...)
	if n := q.Runs.Vanish; n > 0 {
		add(plan.Remove, ticks(q.Vanish, n), "%s: %d before, %d after.", verb(n, "run", "vanishes", "vanish"), q.Runs.Before, q.Runs.After)
	}
	if n := q.Runs.Appear; n > 0 {
		add(plan.Add, ticks(q.Appear, n), "%s: %d before, %d after.", verb(n, "run", "appears", "appear"), q.Runs.Before, q.Runs.After)
	}
	if n := q.Runs.Move; n > 0 {
		add(plan.Modify, moves(q.Move, n), "%s.", verb(n, "run", "moves", "move"))
	}
	if list := otherwise(q.Differ); len(list) > 0 {
		add(plan.Modify, differing(list), "%s something else.", verb(len(list), "run", "reads or looks for", "read or look for"))
	}
	list = append(list, waits(q)...)
	list = append(list, readers(q)...)
	list = append(list, steps(q)...)
	list = append(list, states(q)...)
	return list
}

func verb(n int, noun, one, many string) string {
	if n == 1 {
		return "1 " + noun + " " + one
	}
	return fmt.Sprintf("%s %ss %s", plan.Number(n), noun, many)
}

// handovers is a sentence for each stretch of data.
func handovers(all []plan.Handover, a plan.Action, one, many string) []Sentence {
	var list []Sentence
	for i := range all {
		h := &all[i]
		hours := h.Range.Length().Hours()
		amount, has := "1 hour", one
		if hours != 1 {
			amount, has = amountOf(h.Range.Length()), many
		}
		s := Sentence{Action: a, Warns: true, Text: fmt.Sprintf("%s of %s %s: %s%s.", amount, h.Name, has, h.Local, filesOf(h))}
		if h.LandedOnce {
			s.Warns = false
			s.Text = fmt.Sprintf("%s looks again for %s%s. What has landed does not land again.", h.Name, h.Local, filesOf(h))
		}
		switch r := h.Reader; {
		case r.Group != "" && r.At.IsZero():
			s.Details = append(s.Details, fmt.Sprintf("As applied, the first run of %s reads it as %s.", r.Group, r.Name))
		case r.Group != "":
			s.Details = append(s.Details, fmt.Sprintf("%s has read it as %s.", r.Group, r.Name))
		}
		if h.Partly {
			s.Details = append(s.Details, "Some of it may have been left out then, by past_day_only, catch_up or an operator's advance.")
		}
		list = append(list, s)
	}
	return list
}

func amountOf(d time.Duration) string {
	if d%time.Hour != 0 {
		return strings.TrimSuffix(d.String(), "0s")
	}
	return fmt.Sprintf("%s hours", plan.Number(int(d.Hours())))
}

func filesOf(h *plan.Handover) string {
	switch n := len(h.Files) + h.More; {
	case n == 0:
		return ""
	case n == 1:
		return ", file " + h.Files[0]
	default:
		text := fmt.Sprintf(", %d files: %s", n, strings.Join(h.Files[:min(linesShown, len(h.Files))], ", "))
		if n > linesShown {
			text += fmt.Sprintf(" and %d more", n-linesShown)
		}
		return text
	}
}

func ticks(list []plan.Tick, n int) []string {
	var out []string
	for i := range min(linesShown, len(list)) {
		out = append(out, strings.TrimSpace(tickOr(&list[i])))
	}
	return andMore(out, n)
}

func moves(list []plan.Moving, n int) []string {
	var out []string
	for _, m := range list[:min(linesShown, len(list))] {
		out = append(out, strings.TrimSpace(tickOr(&m.Before))+arrow+strings.TrimSpace(tickOr(&m.After)))
	}
	return andMore(out, n)
}

func andMore(lines []string, n int) []string {
	if more := n - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more", plan.Number(more)))
	}
	return lines
}

// otherwise is the runs in which some courier does something else; those that
// only join or leave are told of once, not run by run.
func otherwise(list []plan.Differing) []plan.Differing {
	var out []plan.Differing
	for _, d := range list {
		d.Couriers = slices.DeleteFunc(slices.Clone(d.Couriers), func(c plan.DifferingCourier) bool { return c.Joins || c.Leaves })
		if len(d.Couriers) > 0 {
			out = append(out, d)
		}
	}
	return out
}

func differing(list []plan.Differing) []string {
	var out []string
	for _, d := range list[:min(linesShown, len(list))] {
		var parts []string
		for _, c := range d.Couriers {
			parts = append(parts, difference(&c))
		}
		out = append(out, strings.TrimSpace(tickOr(&d.After))+": "+strings.Join(parts, "; "))
	}
	return andMore(out, len(list))
}

func difference(c *plan.DifferingCourier) string {
	var parts []string
	if r := c.Range; r != nil {
		parts = append(parts, "reads "+instants(r.After)+" instead of "+instants(r.Before))
	}
	if r := c.Dropped; r != nil {
		parts = append(parts, "leaves out "+instants(r.After)+" instead of "+instants(r.Before))
	}
	if d := c.Deadline; d != nil {
		parts = append(parts, "waits until "+stamp(d.After)+" instead of "+stamp(d.Before))
	}
	for _, x := range []struct {
		list []string
		sign string
	}{{c.Gone, "no longer "}, {c.New, "now "}} {
		if len(x.list) > 0 {
			parts = append(parts, x.sign+strings.Join(andMore(x.list[:min(2, len(x.list)):min(2, len(x.list))], len(x.list)), ", "))
		}
	}
	return c.Name + " " + strings.Join(parts, ", ")
}
