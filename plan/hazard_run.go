package plan

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// frequentRuns is how many runs a year are too many not to be mentioned: one every
// two minutes is more, one every three is not.
const frequentRuns = 200_000

// duringRun reports runs that are under way when the clocks of their zone change,
// for a group that states how long it runs.
func duringRun(s *survey, c *window.Calendar) diag.List {
	takes := c.Group().ExpectedRuntime.Std()
	if takes == 0 {
		return nil
	}
	var lines []string
	for _, t := range s.transitions(c.Zone()) {
		f, ok := c.Schedule().Prev(t.At)
		if !ok || f.Instant.Before(s.in.At) || !f.Instant.Add(takes).After(t.At) {
			continue
		}
		from, to, what := cron.Wall(0), cron.Wall(0), "clocks go from %s to %s"
		if lo, hi, fold := t.Fold(); fold {
			from, to, what = hi, lo, "clocks go back from %s to %s"
		} else {
			from, to, _ = t.Gap()
		}
		lines = append(lines, fmt.Sprintf("%s: it runs from %s to about %s, and "+what+" meanwhile", f.Nominal.Date(),
			moment(f.Instant, c.Zone(), f.Nominal.Date()), local(f.Instant.Add(takes), c.Zone()), from.Clock(), to.Clock()))
	}
	if lines == nil {
		return nil
	}
	return diag.List{s.report(diag.DSTDuringRun, c.Group(), "schedule", "Clocks change during a run",
		"With its expected_runtime of %s, %s is under way when the clocks of %s change:\n\n%s\n"+
			"Waits and timeouts are elapsed time and not affected. Local times that a script writes jump or come twice: let it write UTC, or schedule the group after the change.",
		c.Group().ExpectedRuntime, c.Group().Addr, c.Zone().Name(), bullets(lines))}
}

// crowded reports a group whose runs take longer than the time to the next one, on
// any day of the horizon. Where nobody says how long it runs, it reports two runs
// that a change of the clock brings much closer together than the schedule does.
func crowded(s *survey, c *window.Calendar) diag.List {
	g := c.Group()
	before, after, ok := c.Schedule().Shortest(s.in.At, s.until)
	if !ok {
		return nil
	}
	gap := after.Instant.Sub(before.Instant)
	wait, waiter := longestWait(s.in.Graph, g)
	pair := fmt.Sprintf("%s and %s", when(before.Instant, c.Zone()), when(after.Instant, c.Zone()))
	if busy := wait.Std() + g.ExpectedRuntime.Std(); busy > gap {
		return diag.List{s.report(diag.LoadDense, g, "schedule", "Run that takes longer than the time to the next",
			"%s. The shortest time between two of its runs in the next 400 days is %s: %s. %s\n\nSchedule it less often, or wait less.",
			takes(g, wait, waiter), length(gap), pair, meanwhile[g.Overlap])}
	}
	if g.ExpectedRuntime > 0 || !c.Schedule().Fixed() {
		return nil
	}
	usual, ok := usualGap(s, c)
	if !ok || gap*2 > usual || after.Reason == cron.OverlapSecond && g.DST.Stated.Fold {
		return nil
	}
	return diag.List{s.report(diag.LoadShortGap, g, "schedule", "Runs that a clock change brings together",
		"Two runs of %s are at least %s apart on the clock, but a change of the clock in %s brings two of them within %s of each other: %s. "+
			"Choose times that the change does not touch, or say how long a run takes with expected_runtime: then this is reported only if that is too long.",
		g.Addr, length(usual), c.Zone().Name(), length(gap), pair)}
}

// usualGap is the shortest time between two runs on a clock that never changes.
func usualGap(s *survey, c *window.Calendar) (time.Duration, bool) {
	utc, err := cron.LoadZone("UTC")
	if err != nil {
		return 0, false
	}
	before, after, ok := cron.New(c.Schedule().Expr(), utc, cron.Policy{}).Shortest(s.in.At, s.until)
	return after.Instant.Sub(before.Instant), ok
}

// takes says how long a run may last.
func takes(g *graph.Group, wait graph.Duration, waiter string) string {
	switch {
	case wait == 0:
		return fmt.Sprintf("A run of %s takes about %s", g.Addr, g.ExpectedRuntime)
	case g.ExpectedRuntime == 0:
		return fmt.Sprintf("A run of %s may wait %s for the data of courier %s", g.Addr, wait, waiter)
	}
	return fmt.Sprintf("A run of %s may wait %s for the data of courier %s and takes about %s, which is %s together",
		g.Addr, wait, waiter, g.ExpectedRuntime, wait+g.ExpectedRuntime)
}

// meanwhile says what becomes of a tick that falls due during a run.
var meanwhile = map[string]string{
	graph.BufferOne:   "With overlap = \"buffer_one\" the newest tick that falls due meanwhile waits, and its run reads the ranges of all of them.",
	graph.BufferAll:   "With overlap = \"buffer_all\" every tick that falls due meanwhile waits for its turn, and the queue grows.",
	graph.SkipOverlap: "With overlap = \"skip\" a tick that falls due meanwhile has no run; the next one reads its range.",
	graph.CancelOther: "With overlap = \"cancel_other\" a tick that falls due meanwhile stops the run, so that a late one never ends.",
}

// frequent reports a group that runs almost every minute of the year.
func frequent(s *survey, c *window.Calendar) diag.List {
	const year = 365 * 24 * time.Hour
	n := c.Schedule().Count(s.in.At, s.in.At.Add(year))
	if n <= frequentRuns {
		return nil
	}
	return diag.List{s.report(diag.LoadFrequent, c.Group(), "schedule", fmt.Sprintf("%s runs a year", grouped(n)),
		"%s runs %s times in the next 365 days. Each run looks at every source and is kept with what it landed. "+
			"A longer interval reads the same data in fewer runs, and loses none of it: */15 * * * * runs 35,040 times a year.",
		c.Group().Addr, grouped(n))}
}

// grouped writes a number with commas.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
