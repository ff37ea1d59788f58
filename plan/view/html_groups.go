package view

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/waybill-dev/waybill/plan"
)

// pageGroup is the section of a group.
type pageGroup struct {
	ID, Name, Schedule, Steps string
	State                     plan.GroupState
	Covered, Notes            []string
	Runs                      []pageRun
	Still, More               string
	Open                      bool
}

// pageRun is a run, and a row for each of its couriers.
type pageRun struct {
	When, UTC string
	Notes     []string
	After     []string
	Bare      bool // it has no couriers, but one row
	Rows      []pageRow
}

type pageRow struct {
	Name, Range, Deadline, Dropped string
	Files                          []string
}

// opened is up to how many groups are shown open.
const opened = 10

// groups is the sections of the groups. Rows are shared out equally.
func (g *page) groups(p *plan.Plan) {
	t := planText(io.Discard, p, Options{})
	rows := max(4, pageRows/max(1, len(p.Groups)))
	for i := range p.Groups[:min(len(p.Groups), pageGroups)] {
		l := &lane{Group: &p.Groups[i], zone: location(p.Groups[i].Timezone), dates: location(p.Groups[i].FileDates), runs: t.runs[p.Groups[i].Group]}
		one := pageGroup{ID: fmt.Sprintf("group-%d", i+1), Name: shown(string(l.Group.Group)), Schedule: shown(l.title()), Steps: shown(stepsText(l.Steps)),
			State: l.State, Notes: allShown(l.Notes), Open: len(p.Groups) <= opened}
		if l.State == plan.Scheduled && len(l.runs) == 0 {
			one.Still = "No run until " + zoned(p.Until.In(l.zone), "Mon 2006-01-02 15:04") + "."
		}
		one.cover(t, l)
		left := rows
		grid := newGrid(t, l)
		for _, r := range l.runs {
			run := newPageRun(t, l, grid, r, left)
			if left -= len(run.Rows); left < 0 {
				break
			}
			one.Runs = append(one.Runs, run)
		}
		one.More = furtherOf(len(l.runs)+l.More, len(one.Runs), "run")
		g.Groups = append(g.Groups, one)
	}
	g.MoreGroups = furtherOf(len(p.Groups), len(g.Groups), "group")
}

// newPageRun is a run with at most so many rows, and at least one.
func newPageRun(t *text, l *lane, grid *grid, r *plan.Run, rows int) pageRun {
	when, utc, _ := strings.Cut(t.runTime(l, r), "   ")
	run := pageRun{When: when, UTC: utc, Notes: allShown(r.Notes)}
	if r.Reason != "normal" {
		run.Notes = append(run.Notes, shown(reasonText(l, r)))
	}
	for _, a := range r.After {
		run.After = append(run.After, shown(fmt.Sprintf("after %s of %s, %s", a.Group, a.Tick.In(l.zone).Format("Mon 01-02 15:04"),
			deadlineText(a.Deadline, r.ScheduledAt.In(l.zone)))))
	}
	for i := range r.Couriers {
		c := &r.Couriers[i]
		if len(run.Rows) >= max(1, rows-1) && i < len(r.Couriers)-1 {
			run.Rows = append(run.Rows, pageRow{Name: fmt.Sprintf("and %d more", len(r.Couriers)-i)})
			break
		}
		row := pageRow{Name: shown(c.Name), Range: grid.rangeOf(r, c), Deadline: grid.deadlineOf(r, c), Files: allShown(fileLines(c.FileDetails))}
		if len(row.Files) == 0 {
			row.Files = []string{grid.withoutFiles(c)}
		}
		if c.Dropped != nil {
			row.Dropped = fmt.Sprintf("drops %s for good", rangeText(*c.Dropped, l.dates, r.ScheduledAt.In(l.zone).Year()))
		}
		run.Rows = append(run.Rows, row)
	}
	if len(run.Rows) == 0 {
		run.Bare, run.Rows = true, []pageRow{{}}
	}
	return run
}

// cover adds what the plan proves of the group, as the text for terminals says it.
func (one *pageGroup) cover(all *text, l *lane) {
	if l.State != plan.Scheduled {
		return
	}
	var b bytes.Buffer
	t := newText(&b, Options{Width: 4 * longestText})
	t.plan, t.proofs = all.plan, all.proofs
	t.coverage(l)
	_ = t.out.Flush() // a buffer takes everything
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "not covered") || strings.HasPrefix(line, "write ") {
			one.Notes = append(one.Notes, line)
		} else {
			one.Covered = append(one.Covered, line)
		}
	}
}
