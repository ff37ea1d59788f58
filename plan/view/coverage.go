package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// coverage says in one line that a group's runs read everything once, or what
// couriers of it leave out.
func (t *text) coverage(l *lane) {
	var proved, flawed []coverage.Coverage
	var unproved, notes []string
	for _, r := range t.proofs[l.Group.Group] {
		switch {
		case r.Runs == 0:
			continue
		case r.Basis == coverage.ByArrival:
			unproved = append(unproved, r.Name)
			continue
		case !r.Holds:
			flawed = append(flawed, r)
		}
		proved = append(proved, r)
		for _, file := range r.Unproved {
			unproved = append(unproved, r.Name+"."+file)
		}
	}
	if len(proved) > 0 && len(flawed) == 0 {
		notes = append(notes, coveredText(l, proved[0]))
		for _, r := range proved {
			for _, c := range r.Conditions {
				if !slices.Contains(notes, c) {
					notes = append(notes, c)
				}
			}
		}
	}
	if len(unproved) > 0 {
		notes = append(notes, strings.Join(unproved, ", ")+" by arrival, not provable")
	}
	if len(notes) > 0 {
		t.wrapped(dim, 2, strings.Join(notes, "; "))
	}
	t.flaws(flawed)
}

func coveredText(l *lane, r coverage.Coverage) string {
	return fmt.Sprintf("covered: %s to %s, %s, no hour lost, none read twice",
		r.From.In(l.zone).Format(time.DateOnly), r.Until.In(l.zone).Format(time.DateOnly), counted(r.Runs, "run"))
}

// flaws prints what is wrong with couriers and the line that cures it, once for
// those that fare alike.
func (t *text) flaws(list []coverage.Coverage) {
	said := map[string][]string{}
	var order []string
	for _, r := range list {
		s := flawText(r)
		if r.Cure != "" {
			s += "\nwrite " + r.Cure
		}
		if said[s] == nil {
			order = append(order, s)
		}
		said[s] = append(said[s], r.Name)
	}
	for _, s := range order {
		what, cure, _ := strings.Cut(s, "\n")
		t.wrapped(yellow, 2, "not covered: "+strings.Join(said[s], ", ")+": "+what)
		if cure != "" {
			t.wrapped(yellow, 4, cure)
		}
	}
}

// flawText is what is wrong with a courier.
func flawText(r coverage.Coverage) string {
	var parts []string
	if r.Holes > 0 {
		parts = append(parts, fmt.Sprintf("%s read by no run, first %s", hoursText(r.Lost), r.Gaps[0].Range.Start.Format("2006-01-02 15:04 UTC")))
	}
	for _, d := range r.Dates {
		of := ""
		if len(r.Dates) > 1 {
			of = " of " + d.File
		}
		for _, x := range []struct {
			n    int
			what string
		}{{d.Never, "never read"}, {d.Early, "looked for early"}, {d.Late, "looked for late"}, {d.Repeated, "taken before the hour has passed twice"}} {
			if x.n > 0 {
				parts = append(parts, fmt.Sprintf("%s of %s %ss%s %s", plan.Number(x.n), plan.Number(d.Expected), d.Unit, of, x.what))
			}
		}
	}
	if r.Blocked > 0 {
		parts = append(parts, counted(r.Blocked, "run")+" blocked by max_range")
	}
	return strings.Join(parts, ", ")
}

// hoursText writes a length in hours, days where it is long.
func hoursText(d graph.Duration) string {
	const hour, day = graph.Duration(time.Hour), 24 * graph.Duration(time.Hour)
	switch {
	case d%day == 0 && d > 10*day:
		return counted(int(d/day), "day")
	case d%hour == 0:
		return counted(int(d/hour), "hour")
	default:
		return d.String()
	}
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return plan.Number(n) + " " + noun + "s"
}
