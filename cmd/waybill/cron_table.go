package main

import (
	"fmt"
	"iter"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// printCron writes the answer for people: the sentence, the firings, the hazards
// and, if that is asked for, the year.
func (p *program) printCron(s *cron.Schedule, firings iter.Seq[cron.Firing], from time.Time, year bool) error {
	w := p.stdout
	p.printNotes(s.Expr())
	sentence := reflow(s.Expr().Describe(), p.width(w))
	fmt.Fprintf(w, "%s\n%s\n\n", p.paint(w, bold, sentence), classLine(s))
	if err := p.printFirings(s, firings, from); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := p.printHazards(s, from); err != nil || !year {
		return err
	}
	fmt.Fprintln(w)
	return p.printYear(s, from)
}

// classLine says in which zone and by which rules the schedule is read.
func classLine(s *cron.Schedule) string {
	if !s.Fixed() {
		return fmt.Sprintf("Zone %s; an interval: it keeps its pace when clocks change.", s.Zone().Name())
	}
	policy := s.Policy()
	return fmt.Sprintf("Zone %s; fixed times: gap %s, fold %s.", s.Zone().Name(), policy.Gap, policy.Fold)
}

// printFirings writes the table of firings, with a mark on each that happens on a
// day on which the clocks change.
func (p *program) printFirings(s *cron.Schedule, firings iter.Seq[cron.Firing], from time.Time) error {
	w := p.stdout
	paint := func(text string) string { return p.paint(w, yellow, text) }
	t := table{head: []string{" ", "LOCAL", "OFFSET", "UTC", "NOTE"}}
	for f := range firings {
		mark, note := firingNote(f, s.Zone())
		local := f.Local(s.Zone())
		t.cells(cell{mark, paint}, cell{text: local.Format("Mon 2006-01-02 15:04")}, cell{text: offsetText(local)},
			cell{text: f.Instant.UTC().Format("2006-01-02 15:04Z")}, cell{note, paint})
	}
	if len(t.rows) == 0 {
		_, err := fmt.Fprintf(w, "It does not fire in that time (after %s).\n", from.UTC().Format(time.RFC3339))
		return err
	}
	return t.write(w)
}

// offsetText is the offset of a local time, and the zone's letters for it if it
// has any: "-07:00 PDT".
func offsetText(local time.Time) string {
	text := local.Format("-07:00")
	if letters, _ := local.Zone(); letters[0] != '+' && letters[0] != '-' {
		text += " " + letters
	}
	return text
}

// The marks of days on which the clocks change: whether a firing is moved or
// doubled, or only happens on such a day.
const (
	markTouched = "!"
	markChange  = "~"
)

// firingNote is the mark of a firing and the words for what a change of the clock
// did to it or to its day.
func firingNote(f cron.Firing, z *cron.Zone) (mark, note string) {
	switch f.Reason {
	case cron.GapMoved:
		return markTouched, fmt.Sprintf("moved: no %s", f.Nominal.Clock())
	case cron.OverlapFirst:
		return markTouched, fmt.Sprintf("the first of two %s", f.Nominal.Clock())
	case cron.OverlapSecond:
		return markTouched, fmt.Sprintf("the second of two %s", f.Nominal.Clock())
	}
	t, ok := clockChange(z, f.Nominal.Midnight())
	switch {
	case !ok:
		return " ", ""
	case t.After > t.Before:
		return markChange, "clocks forward " + spell(t.Length())
	}
	return markChange, "clocks back " + spell(t.Length())
}

// clockChange is the change of the clock on a date of the zone: the one that
// leaves out or repeats wall time of that date.
func clockChange(z *cron.Zone, date cron.Wall) (cron.Transition, bool) {
	const reach = 48 * time.Hour // more than any change ever moved a clock
	begins, _ := z.Instant(date, cron.NextValid, cron.First)
	for _, t := range z.Transitions(begins.Add(-reach), begins.Add(reach)) {
		if lo, hi := affected(t); lo < date.AddDays(1) && hi > date {
			return t, true
		}
	}
	return cron.Transition{}, false
}

// affected is the wall time that a change leaves out or repeats: [lo, hi).
func affected(t cron.Transition) (lo, hi cron.Wall) {
	if lo, hi, gap := t.Gap(); gap {
		return lo, hi
	}
	lo, hi, _ = t.Fold()
	return lo, hi
}

// spell is a duration in the units that people use: "1 h", "2 h 15 min".
func spell(d time.Duration) string {
	hours, minutes := d/time.Hour, d%time.Hour/time.Minute
	switch {
	case d%time.Minute != 0:
		return d.String()
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %d min", hours, minutes)
}
