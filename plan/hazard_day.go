package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// cadence reports what a change of the clock does to steps of hours, or else to
// the number of runs of a day, unless the class is stated: that says what is
// meant.
func cadence(s *survey, c *window.Calendar) diag.List {
	if c.Group().DST.Stated.Class {
		return nil
	}
	if step := c.Schedule().Expr().HourStep(); step > 0 {
		if list := hourSteps(s, c, step); list != nil {
			return list
		}
	}
	return dayCounts(s, c)
}

// aroundChanges tells of each firing around a change of the clock, and the one after it.
func aroundChanges(s *survey, c *window.Calendar, tell func(t cron.Transition, f, next cron.Firing)) {
	for _, t := range s.transitions(c.Zone()) {
		f, ok := c.Schedule().Prev(t.At.Add(-t.Length()))
		for ok && f.Instant.Before(t.At.Add(t.Length())) {
			next, more := c.Schedule().Next(f.Instant)
			if more {
				tell(t, f, next)
			}
			f, ok = next, more
		}
	}
}

// hourSteps compares the steps around each change with those on the clock.
func hourSteps(s *survey, c *window.Calendar, step int) diag.List {
	var lines []string
	longest := 2 * time.Duration(step) * time.Hour
	aroundChanges(s, c, func(t cron.Transition, f, next cron.Firing) {
		passed, clock := next.Instant.Sub(f.Instant), next.Nominal.Sub(f.Nominal)
		if passed != clock && clock <= longest {
			lines = append(lines, fmt.Sprintf("%s: %s is followed by %s, %s later", dateOf(t).Date(),
				local(f.Instant, c.Zone()), local(next.Instant, c.Zone()), length(passed)))
		}
	})
	if lines == nil {
		return nil
	}
	class, other := cron.IntervalClass, cron.Fixed
	why := "A * at the beginning of its minutes or hours makes it a schedule of intervals: it runs at every hour of the step that exists, each time it occurs"
	if c.Schedule().Fixed() {
		class, other = other, class
		why = "Since neither its minutes nor its hours begin with *, it is a schedule of fixed times: gap and fold decide about those that a change of the clock touches"
	}
	return diag.List{s.report(diag.DSTHourStep, c.Group(), "schedule", fmt.Sprintf("Steps of %d hours across a clock change", step),
		"The steps of %s are hours on the clocks of %s, and not all of them are %dh long:\n\n%s\n%s. If that is meant, state it in the group:\n\n%s\n\n"+
			"If not, write %q there; for steps that are always %dh long, write timezone = \"UTC\".",
		c.Group().Addr, c.Zone().Name(), step, bullets(lines), why, dstBlock("class", string(class)), other, step)}
}

// dayCounts reports an interval schedule that has another number of runs on the
// days on which clocks change.
func dayCounts(s *survey, c *window.Calendar) diag.List {
	if c.Schedule().Fixed() {
		return nil
	}
	var facts []string
	usual := 0
	for _, t := range s.transitions(c.Zone()) {
		date := dateOf(t)
		named := c.Schedule().Expr().Count(date, date.AddDays(1))
		n := runsOn(c, date)
		if n == named {
			continue
		}
		usual = named
		facts = append(facts, fmt.Sprintf("%s on %s", graph.Count(n, "run"), date.Date()))
	}
	if facts == nil {
		return nil
	}
	return diag.List{s.report(diag.DSTCadence, c.Group(), "schedule", "Days with fewer or more runs",
		"%s keeps its cadence when the clocks of %s change: %s, where other days have %d. "+
			"If that is meant, state it in the group:\n\n%s",
		c.Group().Addr, c.Zone().Name(), enumerate(facts), usual, dstBlock("class", string(cron.IntervalClass)))}
}

// runsOn counts the runs of a date on the clocks of the group.
func runsOn(c *window.Calendar, date cron.Wall) int {
	begin, _ := c.Zone().Instant(date, cron.NextValid, cron.First)
	end, _ := c.Zone().Instant(date.AddDays(1), cron.NextValid, cron.First)
	return c.Schedule().Count(begin.Add(-time.Second), end.Add(-time.Second))
}

// unevenDays reports daily groups of fixed times whose runs are not always 24
// hours apart. Groups with the same dates are one note: it is their zone's. A group
// with a limit between the shortest and the longest of its days has a warning of
// its own, since on the short day the next run is due before the limit.
func unevenDays(s *survey) diag.List {
	type family struct {
		facts  string
		groups []*window.Calendar
	}
	var list diag.List
	families := map[string]*family{}
	var order []*family
	for _, c := range s.listening(diag.DSTUnevenDay) {
		facts, shortest, longest := unevenSteps(s, c)
		if len(facts) == 0 {
			continue
		}
		text := enumerate(facts)
		if limit, what := dayLimit(s, c.Group(), shortest, longest); what != "" {
			d := s.report(diag.DSTUnevenDay, c.Group(), "schedule", "A day's limit on a day of another length",
				"%s of %s is %s, and its runs are not always 24h apart: %s. On the shorter day the next run is due before that limit has passed. "+
					"Write a limit below %s.", what, c.Group().Addr, limit, text, hours(shortest))
			d.Severity = diag.Warning
			list = append(list, d)
			continue
		}
		key := zoneKey(c.Zone()) + ": " + text
		if families[key] == nil {
			families[key] = &family{facts: text}
			order = append(order, families[key])
		}
		families[key].groups = append(families[key].groups, c)
	}
	for _, f := range order {
		first := f.groups[0]
		list = append(list, s.report(diag.DSTUnevenDay, first.Group(), "schedule", "Runs that are not 24 hours apart",
			"%s %s once a day by the clocks of %s, not every 24h: %s. The range of such a run is as long. "+
				"Only a monitor that reckons with 24h needs to know.",
			names(addrs(f.groups)), oneOr(len(f.groups), "runs", "run"), first.Zone().Name(), f.facts))
	}
	return list
}

// unevenSteps lists the steps from one date to the next that a change of the clock
// makes shorter or longer, and the shortest and longest there are.
func unevenSteps(s *survey, c *window.Calendar) (facts []string, shortest, longest time.Duration) {
	const day = 24 * time.Hour
	shortest, longest = day, day
	if !c.Schedule().Fixed() {
		return nil, day, day
	}
	aroundChanges(s, c, func(_ cron.Transition, f, next cron.Firing) {
		passed := next.Instant.Sub(f.Instant)
		if passed != day && next.Nominal.Sub(f.Nominal) == day {
			shortest, longest = min(shortest, passed), max(longest, passed)
			facts = append(facts, fmt.Sprintf("%s up to the run of %s", hours(passed), next.Nominal.Date()))
		}
	})
	return facts, shortest, longest
}

// dayLimit is a limit of the group that a short day falls below and a long one
// does not; what is empty where there is none.
func dayLimit(s *survey, g *graph.Group, shortest, longest time.Duration) (limit graph.Duration, what string) {
	wait, _ := longestWait(s.in.Graph, g)
	for _, l := range []struct {
		limit graph.Duration
		what  string
	}{{g.SLA, "sla { complete_within }"}, {g.RuntimeAlert, "runtime_alert { exceeds }"}, {wait, "The longest wait"}} {
		if l.limit.Std() > shortest && l.limit.Std() <= longest {
			return l.limit, l.what
		}
	}
	return 0, ""
}

// longestWait is the longest wait of the couriers of a group for which a wait
// matters, and the name of that courier.
func longestWait(all *graph.Graph, g *graph.Group) (graph.Duration, string) {
	longest, name := graph.Duration(0), ""
	for _, m := range g.Members {
		if m.Wait <= longest {
			continue
		}
		if c := all.Courier(m.Courier); c != nil && (c.Filedrop != nil || c.Exec != nil) {
			longest, name = m.Wait, m.Name
		}
	}
	return longest, name
}

// local writes the time of an instant on the clocks of a zone.
func local(t time.Time, z *cron.Zone) string {
	at := t.In(z.Location())
	return at.Format("15:04 ") + ZoneText(at)
}

// enumerate joins facts as a sentence does.
func enumerate(facts []string) string {
	if more := len(facts) - 2*shown; more > 0 {
		facts = append(slices.Clone(facts[:2*shown]), fmt.Sprintf("%d more", more))
	}
	if len(facts) == 1 {
		return facts[0]
	}
	last := len(facts) - 1
	return strings.Join(facts[:last], ", ") + " and " + facts[last]
}
