package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// hazardDays is how many days ahead the hazards are listed.
const hazardDays = 400

// hazardLine is what one change of the clock does to a schedule.
type hazardLine struct {
	date   cron.Wall
	what   string
	policy string // that decides it; empty if none does
	code   diag.Code
}

// printHazards writes the hazards of the days after from, a line each.
func (p *program) printHazards(s *cron.Schedule, from time.Time) error {
	to := from.AddDate(0, 0, hazardDays)
	until := s.Zone().Wall(to).Date()
	lines := hazardLines(s, from, to)
	w := p.stdout
	var err error
	switch {
	case len(lines) > 0:
		_, err = fmt.Fprintf(w, "Clock changes until %s (waybill explain CODE says more):\n", until)
	case len(s.Zone().Transitions(from, to)) == 0:
		_, err = fmt.Fprintf(w, "The clocks do not change until %s.\n", until)
	default:
		_, err = fmt.Fprintf(w, "No change of the clocks until %s touches it.\n", until)
	}
	t := table{indent: "   "}
	for _, l := range lines {
		t.cells(cell{text: l.date.Date()}, cell{text: l.what}, cell{text: l.policy},
			cell{string(l.code), func(text string) string { return p.paint(w, yellow, text) }})
	}
	if err != nil {
		return err
	}
	return t.write(w)
}

// hazardLines is what the changes of the clock in (from, to] do, in order.
func hazardLines(s *cron.Schedule, from, to time.Time) []hazardLine {
	direct := make(map[time.Time]cron.Hazard)
	for h := range s.Hazards(from, to) {
		direct[h.Transition.At] = h
	}
	var lines []hazardLine
	for _, t := range s.Zone().Transitions(from, to) {
		h, hit := direct[t.At]
		line, ok := hazardLine{}, true
		switch {
		case hit:
			line = directHazard(s, h)
		case s.Fixed():
			line, ok = unevenRuns(s, t)
		default:
			line, ok = brokenCadence(s, t)
		}
		if ok {
			lines = append(lines, line)
		}
	}
	return lines
}

// directHazard is for nominal times that do not exist, or occur twice.
func directHazard(s *cron.Schedule, h cron.Hazard) hazardLine {
	l := hazardLine{date: h.Nominal.Midnight(), code: diag.Code(h.Code)}
	nominal := h.Nominal.Clock()
	if h.Affected > 1 {
		nominal += fmt.Sprintf(" (+%d)", h.Affected-1)
	}
	if _, _, gap := h.Transition.Gap(); !gap {
		l.policy = "fold " + string(s.Policy().Fold)
		l.what = "two " + nominal + "; runs at " + passes(h.Fires)
		return l
	}
	l.policy = "gap " + string(s.Policy().Gap)
	if h.Transition.Length() > cron.LongGap*time.Second {
		l.policy = "any policy"
	}
	l.what = "no " + nominal + "; " + becomes(s, h)
	return l
}

// passes says on which pass of a repeated time the run is.
func passes(fires []cron.Firing) string {
	utc := func(f cron.Firing) string { return f.Instant.UTC().Format("15:04Z") }
	switch {
	case len(fires) == 2:
		return fmt.Sprintf("both, %s and %s", utc(fires[0]), utc(fires[1]))
	case fires[0].Reason == cron.OverlapSecond:
		return "the second, " + utc(fires[0])
	}
	return "the first, " + utc(fires[0])
}

// becomes says what becomes of times that a gap swallows.
func becomes(s *cron.Schedule, h cron.Hazard) string {
	if len(h.Fires) == 0 {
		return "does not run"
	}
	f := h.Fires[0]
	local := f.Local(s.Zone())
	at := local.Format("15:04")
	if s.Zone().Wall(f.Instant).Midnight() != h.Nominal.Midnight() {
		at = local.Format("2006-01-02 15:04")
	}
	switch {
	case f.Reason == cron.Normal:
		return at + " stands for it"
	case h.Affected == 1:
		at = "runs at " + at
	case s.Policy().Gap == cron.Shift:
		at = "runs from " + at
	default:
		at = "one run at " + at
	}
	return at + ", " + f.Instant.UTC().Format("15:04Z")
}

// nearRuns is how far apart two runs may be for an hour more or less to matter.
const nearRuns = 72 * time.Hour

// unevenRuns is for fixed times on either side of a change.
func unevenRuns(s *cron.Schedule, t cron.Transition) (hazardLine, bool) {
	elapsed, usual, ok := across(s, t)
	if !ok || elapsed == usual || usual > nearRuns {
		return hazardLine{}, false
	}
	return hazardLine{date: changeDate(t), what: between(elapsed, usual), code: diag.DSTUnevenDay}, true
}

// brokenCadence is for an interval: a day with more or fewer runs than others,
// or a step of hours that is longer or shorter once.
func brokenCadence(s *cron.Schedule, t cron.Transition) (hazardLine, bool) {
	l := hazardLine{date: changeDate(t), policy: "an interval", code: diag.DSTCadence}
	elapsed, usual, ok := across(s, t)
	// The canonical text keeps a step of the hours, which is its second field.
	stepped := strings.HasPrefix(strings.Fields(s.Expr().String())[1], "*/") && ok && elapsed != usual
	if stepped {
		l.code = diag.DSTHourStep
	}
	runs, usually := runsOn(s, l.date)
	switch {
	case runs != usually:
		l.what = fmt.Sprintf("%s, not %d", graph.Count(runs, "run"), usually)
		if stepped && elapsed > usual {
			l.what += "; " + spell(elapsed) + " without one"
		}
	case stepped:
		l.what = between(elapsed, usual)
	default:
		return l, false
	}
	return l, true
}

func between(elapsed, usual time.Duration) string {
	return fmt.Sprintf("%s between runs, not %s", spell(elapsed), spell(usual))
}

// changeDate is the date whose wall time a change leaves out or repeats.
func changeDate(t cron.Transition) cron.Wall {
	lo, _ := affected(t)
	return lo.Midnight()
}

// across is the time between the last run before a change and the first after it,
// and what it would be if no clock changed; ok is false if one of them is missing
// or is not such a neighbour.
func across(s *cron.Schedule, t cron.Transition) (elapsed, usual time.Duration, ok bool) {
	before, found := s.Prev(t.At)
	after, more := s.Next(t.At.Add(-time.Second))
	again, still := calm(s).Next(time.Unix(int64(before.Nominal), 0))
	elapsed, usual = after.Instant.Sub(before.Instant), again.Nominal.Sub(before.Nominal)
	return elapsed, usual, found && more && still && (elapsed-usual).Abs() <= t.Length()
}

// runsOn is how many runs a date has, and how many it would have if no clock
// changed on it.
func runsOn(s *cron.Schedule, date cron.Wall) (runs, usual int) {
	count := func(s *cron.Schedule) int {
		begins, _ := s.Zone().Instant(date, cron.NextValid, cron.First)
		ends, _ := s.Zone().Instant(date.AddDays(1), cron.NextValid, cron.First)
		return s.Count(begins.Add(-time.Second), ends.Add(-time.Second))
	}
	return count(s), count(calm(s))
}

// calm is the schedule in a zone whose clocks never change.
func calm(s *cron.Schedule) *cron.Schedule {
	utc, err := cron.LoadZone("UTC")
	if err != nil {
		panic(err) // the embedded database has UTC
	}
	return cron.New(s.Expr(), utc, s.Policy())
}
