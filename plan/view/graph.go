package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Graph prints a compiled workspace: each group with its schedule in words and
// what it runs, then each courier, step and alert, with every default filled in.
// The error is that of w.
func Graph(w io.Writer, g *graph.Graph, o Options) error {
	t := newText(w, o)
	t.workspace(g)
	for i := range g.Groups {
		t.compiledGroup(g, &g.Groups[i])
	}
	t.section("Couriers", rowsOf(g.Couriers, courierRow))
	t.section("Bridges", rowsOf(g.Bridges, stepRow))
	t.section("Processes", rowsOf(g.Processes, stepRow))
	t.section("Activations", rowsOf(g.Activations, stepRow))
	t.section("Alerts", rowsOf(g.Alerts, alertRow))
	t.section("Secrets", rowsOf(g.Secrets, secretRow))
	return t.out.Flush()
}

// workspace prints what holds for all groups.
func (t *text) workspace(g *graph.Graph) {
	rows := [][]string{{"landing", g.Landing}}
	if g.Runtime.URL != "" {
		rows = append(rows, []string{"runtime", g.Runtime.URL})
	} else {
		rows = append(rows, []string{"store", g.Runtime.Path})
	}
	if g.RequiredVersion != "" {
		rows = append(rows, []string{"needs", "waybill " + g.RequiredVersion})
	}
	if g.MaxConcurrent > 0 {
		rows = append(rows, []string{"at once", graph.Count(g.MaxConcurrent, "task")})
	}
	if g.MaxPerHost > 0 {
		rows = append(rows, []string{"at one host", graph.Count(g.MaxPerHost, "courier") + " at once"})
	}
	if g.Heartbeat != nil {
		rows = append(rows, []string{"heartbeat", g.Heartbeat.URL.String() + " every " + g.Heartbeat.Every.String()})
	}
	t.aligned(2, rows)
	if len(g.Groups) == 0 {
		t.line()
		t.line("It has no groups.")
	}
}

// compiledGroup prints a group as it was compiled.
func (t *text) compiledGroup(g *graph.Graph, c *graph.Group) {
	t.line()
	t.line(t.paint(bold, printable(string(c.Addr))))
	if c.Description != "" {
		t.wrapped(plain, 2, c.Description)
	}
	t.wrapped(dim, 2, scheduleText(c))
	if words := policyText(c); words != "" {
		t.wrapped(dim, 2, words)
	}
	var rows [][]string
	for i := range c.Members {
		rows = append(rows, memberRow(g, &c.Members[i]))
	}
	t.aligned(2, rows)
	for _, a := range c.After {
		t.wrapped(plain, 2, afterText(a))
	}
	if steps := stepsText(c.Steps()); steps != "" {
		t.wrapped(plain, 2, steps)
	}
	if len(c.Alerts) > 0 {
		t.wrapped(plain, 2, "alerts "+strings.Join(addresses(c.Alerts), ", "))
	}
}

// scheduleText is the schedule of a group in words, with the expression itself and
// the zones it is read in.
func scheduleText(c *graph.Group) string {
	if c.Schedule == "" {
		return fmt.Sprintf("no schedule: runs when asked to, with `waybill run %s` · file dates in %s", c.Addr.Typed(), c.FileDates)
	}
	s := c.Schedule
	if expr, err := cron.Parse(c.Schedule); err == nil {
		s = fmt.Sprintf("%s (%s)", strings.TrimSuffix(expr.Describe(), "."), c.Schedule)
	}
	s += " · " + c.Timezone
	if c.FileDates != c.Timezone {
		s += " · ranges and file dates in " + c.FileDates
	}
	if !c.Active {
		s += " · not active, does not run"
	}
	return s
}

// policyText says what a group does differently from one that states nothing.
func policyText(c *graph.Group) string {
	var parts []string
	add := func(differs bool, format string, args ...any) {
		if differs {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(c.RunType != graph.RunFull, "run_type %s", c.RunType)
	add(c.PastDayOnly, "past days only")
	add(c.Overlap != graph.BufferOne, "overlap %s", c.Overlap)
	add(c.CatchUp != graph.Coalesce, "catch_up %s", c.CatchUp)
	add(c.DST.Stated.Gap, "dst gap %s", c.DST.Gap)
	add(c.DST.Stated.Fold, "dst fold %s", c.DST.Fold)
	add(c.DST.Stated.Class, "dst class %s", c.DST.Class)
	add(c.ExpectedRuntime > 0, "takes about %s", c.ExpectedRuntime)
	add(c.RuntimeAlert > 0, "alert after %s", c.RuntimeAlert)
	add(c.SLA > 0, "complete within %s", c.SLA)
	add(c.MaxRange > 0, "reads at most %s at once", c.MaxRange)
	add(c.MaxConcurrent > 0, "at most %s at once", graph.Count(c.MaxConcurrent, "task"))
	if c.StartFrom != nil {
		add(true, "starts from %s", stamp(*c.StartFrom))
	}
	add(len(c.Accept) > 0, "accepts %s", strings.Join(c.Accept, " "))
	return strings.Join(parts, " · ")
}

// memberRow is a courier as its group uses it, with the wait and the offset that
// are in effect.
func memberRow(g *graph.Graph, m *graph.Member) []string {
	source := ""
	if c := g.Courier(m.Courier); c != nil {
		source = c.Source()
	}
	name := string(m.Courier)
	if m.Name != m.Courier.Name() {
		name = fmt.Sprintf("%s (%s)", m.Name, m.Courier)
	}
	offset := "no offset"
	if !m.Offset.IsZero() {
		offset = "offset " + m.Offset.String()
	}
	row := []string{name, source, waitText(m.Wait), offset}
	if m.OnMissing == graph.OnMissingContinue {
		row = append(row, "goes on without it")
	}
	return row
}

func waitText(wait graph.Duration) string {
	if wait == 0 {
		return "no wait"
	}
	return "waits up to " + wait.String()
}

// afterText says which group comes first, and what is held back for how long.
func afterText(a graph.After) string {
	s := "after " + string(a.Group)
	if !a.Offset.IsZero() {
		s += ", its tick of " + a.Offset.String() + " before"
	}
	s += ", " + waitText(a.Wait)
	if a.Gate == graph.GateStart {
		s += ", nothing starts before"
	} else {
		s += ", couriers load meanwhile"
	}
	if a.OnMissing == graph.OnMissingContinue {
		s += ", goes on without it"
	}
	return s
}
