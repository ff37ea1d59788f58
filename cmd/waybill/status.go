package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// standing is what `waybill status --json` prints.
type standing struct {
	Serial    int64         `json:"serial"`
	AppliedAt time.Time     `json:"applied_at"`
	AppliedBy string        `json:"applied_by"`
	Holder    *store.Holder `json:"holder"` // null: nobody serves
	Groups    []groupStatus `json:"groups"`

	// Incidents is what is wrong now.
	Incidents []api.Incident `json:"incidents"`
}

// groupStatus is how one group stands.
type groupStatus struct {
	Group      graph.Addr      `json:"group"`
	State      string          `json:"state"` // active, inactive, unscheduled, paused
	PausedBy   string          `json:"paused_by,omitempty"`
	PausedAt   time.Time       `json:"paused_at,omitzero"`
	Timezone   string          `json:"timezone"`
	Open       []graph.OpenRun `json:"open"`
	LastRun    *store.Run      `json:"last_run"` // the newest one that has ended; null: none
	NextRun    *time.Time      `json:"next_run"` // null: none by itself, or not before it is resumed
	Watermarks []watermark     `json:"watermarks"`
}

// watermark says how far behind now a courier's data is.
type watermark struct {
	Courier    string    `json:"courier"`
	At         time.Time `json:"at"`
	LagSeconds int64     `json:"lag_seconds"`
}

func (p *program) statusCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "status [GROUP] [DIR]",
		Short: "Show how the groups stand: last run, next run, how far behind",
		Long: "BEHIND is the age of the oldest data that no scheduled run of the group has read yet.\n" +
			"An offset is part of it. NOTE says what is late, waits, or went wrong; 'waybill why' says more.\n" +
			"With GROUP it is about that group alone; with one argument that is a workspace, about all of its groups.",
		Example: "waybill status\nwaybill status daily\nwaybill status --json",
		Args:    positional(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			group, dir := argument(args, 0, ""), argument(args, 1, ".")
			if len(args) == 1 && (p.isWorkspace(group) || isFolder(p.path(group)) && !p.isWorkspace(".")) {
				group, dir = "", group
			}
			return p.with(cmd.Context(), dir, f, func(a *applied) error {
				s, err := p.standing(cmd.Context(), a)
				if err != nil {
					return err
				}
				if group != "" {
					g, err := a.group(group)
					if err != nil {
						return err
					}
					s = s.of(g.Addr)
				}
				if f.asJSON {
					return writeJSON(p.stdout, s)
				}
				return p.printStanding(s)
			})
		},
	}
	f.add(cmd, true)
	return cmd
}

func (p *program) standing(ctx context.Context, a *applied) (standing, error) {
	d := a.deployment
	s := standing{Serial: d.Serial, AppliedAt: d.AppliedAt, AppliedBy: d.AppliedBy, Groups: []groupStatus{}}
	if holder, held, err := a.Holder(ctx); err != nil {
		return s, err
	} else if held {
		s.Holder = &holder
	}
	now, err := a.Standing(ctx)
	if err != nil {
		return s, err
	}
	last, err := a.LastRuns(ctx)
	if err != nil {
		return s, err
	}
	lastOf := map[graph.Addr]*store.Run{}
	for i := range last {
		lastOf[last[i].Group] = &last[i]
	}
	open, err := a.Incidents(ctx, 0)
	if err != nil {
		return s, err
	}
	s.Incidents = api.WriteIncidents(open).Incidents
	byGroup := divide(now)
	for i := range d.Graph.Groups {
		g := p.groupStatus(&d.Graph.Groups[i], byGroup[d.Graph.Groups[i].Addr])
		g.LastRun = lastOf[g.Group]
		s.Groups = append(s.Groups, g)
	}
	return s, nil
}

// of is the part of a standing that is about one group.
func (s standing) of(group graph.Addr) standing {
	s.Groups = slices.DeleteFunc(s.Groups, func(g groupStatus) bool { return g.Group != group })
	s.Incidents = slices.DeleteFunc(s.Incidents, func(i api.Incident) bool { return i.Group != group })
	return s
}

// divide gives each group its part of a standing.
func divide(all graph.Standing) map[graph.Addr]graph.Standing {
	parts := map[graph.Addr]graph.Standing{}
	change := func(group graph.Addr, add func(*graph.Standing)) {
		part := parts[group]
		add(&part)
		parts[group] = part
	}
	for _, w := range all.Watermarks {
		change(w.Group, func(s *graph.Standing) { s.Watermarks = append(s.Watermarks, w) })
	}
	for _, paused := range all.Paused {
		change(paused.Group, func(s *graph.Standing) { s.Paused = append(s.Paused, paused) })
	}
	for _, o := range all.Open {
		change(o.Group, func(s *graph.Standing) { s.Open = append(s.Open, o) })
	}
	for _, e := range all.Expected {
		change(e.Group, func(s *graph.Standing) { s.Expected = append(s.Expected, e) })
	}
	return parts
}

// groupStatus is how a group stands, of whose standing now is the part.
func (p *program) groupStatus(g *graph.Group, now graph.Standing) groupStatus {
	s := groupStatus{Group: g.Addr, Timezone: g.Timezone, State: "active", Open: []graph.OpenRun{}, Watermarks: []watermark{}}
	switch {
	case g.Schedule == "":
		s.State = "unscheduled"
	case !g.Active:
		s.State = "inactive"
	}
	for _, pause := range now.Paused {
		s.State, s.PausedBy, s.PausedAt = "paused", pause.By, pause.At
	}
	for _, e := range now.Expected {
		if s.State != "paused" {
			s.NextRun = &e.At
		}
	}
	s.Open = append(s.Open, now.Open...)
	for _, m := range g.Members {
		if at, ok := now.Watermark(g.Addr, m.Name); ok {
			s.Watermarks = append(s.Watermarks, watermark{m.Name, at, int64(p.now().Sub(at).Seconds())})
		}
	}
	return s
}

func (p *program) printStanding(s standing) error {
	w := p.stdout
	fmt.Fprintf(w, "Serial %d, applied %s by %s.\n", s.Serial, utc(s.AppliedAt), s.AppliedBy)
	if s.Holder == nil {
		text := "Nobody serves it."
		if due := p.dueRuns(s); due > 0 {
			text += fmt.Sprintf(" Due and not started: %s; 'waybill serve' takes up what is due.", graph.Count(due, "run"))
		}
		fmt.Fprintf(w, "%s\n\n", p.paint(w, yellow, text))
	} else {
		fmt.Fprintf(w, "Held by %s (process %d on %s) since %s.\n\n", s.Holder.Owner, s.Holder.PID, s.Holder.Host, utc(s.Holder.Since))
	}
	t := table{head: []string{"GROUP", "STATE", "LAST RUN", "", "NEXT RUN", "BEHIND", "NOTE"}}
	for _, g := range s.Groups {
		last, ended := cell{text: "-"}, cell{}
		if g.LastRun != nil {
			last, ended = p.stateCell(g.LastRun.State), cell{text: g.LastRun.EndedAt.UTC().Format("01-02 15:04Z")}
		}
		t.cells(cell{text: g.Group.Name()}, p.groupStateCell(g), last, ended, p.nextRunCell(g, s.Holder != nil), cell{text: p.behind(g)}, p.healthCell(g, s.Holder != nil))
	}
	if len(t.rows) == 0 {
		_, err := fmt.Fprintln(w, "It has no groups.")
		return err
	}
	if err := t.write(w); err != nil {
		return err
	}
	return p.printOpen(s.Incidents)
}

// printOpen says below the table that something is wrong, where it is.
func (p *program) printOpen(incidents []api.Incident) error {
	if len(incidents) == 0 {
		return nil
	}
	verb := "is"
	if len(incidents) > 1 {
		verb = "are"
	}
	text := fmt.Sprintf("%s %s open; 'waybill incidents' says what is wrong, and since when.", graph.Count(len(incidents), "incident"), verb)
	_, err := fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, yellow, text))
	return err
}

// dueRuns counts the groups whose next run should have begun.
func (p *program) dueRuns(s standing) int {
	due := 0
	for _, g := range s.Groups {
		if g.NextRun != nil && !g.NextRun.After(p.now()) {
			due++
		}
	}
	return due
}

// groupStateCell is what a group is doing, or why it does nothing.
func (p *program) groupStateCell(g groupStatus) cell {
	switch {
	case len(g.Open) > 0:
		return p.stateCell(g.Open[0].State)
	case g.State == "paused":
		return cell{"paused by " + g.PausedBy, func(s string) string { return p.paint(p.stdout, yellow, s) }}
	}
	return cell{text: g.State}
}

// healthCell is what an operator should know of a group at a glance; empty where
// all is well. 'waybill why' says more.
func (p *program) healthCell(g groupStatus, served bool) cell {
	warn := func(format string, args ...any) cell {
		return cell{fmt.Sprintf(format, args...), func(s string) string { return p.paint(p.stdout, yellow, s) }}
	}
	for _, o := range g.Open {
		state := words.State(o.State)
		if !o.Since.IsZero() {
			state += " for " + took(o.Since, p.now())
		}
		switch {
		case o.State == store.Blocked:
			return warn("%s", state)
		case !served:
			return warn("%s, and nobody serves", state)
		case o.Late > 0:
			return warn("late: %s, waiting until %s", graph.Count(o.Late, "courier"), p.onClocks(g, o.Deadline))
		case o.Transfer != nil:
			return cell{text: o.Transfer.String()}
		case o.State != store.Waiting || len(g.Open) == 1:
			return cell{text: state}
		}
	}
	switch {
	case g.State == "paused":
		return warn("paused for %s", took(g.PausedAt, p.now()))
	case g.LastRun != nil && (g.LastRun.State == store.Failed || g.LastRun.State == store.Stopped) && g.LastRun.Message != "":
		return cell{text: g.LastRun.Message}
	}
	return cell{}
}

// onClocks writes an instant as the clocks of a group's schedule show it.
func (p *program) onClocks(g groupStatus, t time.Time) string {
	if zone, err := cron.LoadZone(g.Timezone); err == nil {
		return t.In(zone.Location()).Format("01-02 15:04 MST")
	}
	return t.UTC().Format("01-02 15:04Z")
}

// nextRunCell is when the group runs next by itself, on its own clocks. A run that
// is due and that nobody starts is late from then on.
func (p *program) nextRunCell(g groupStatus, served bool) cell {
	switch {
	case g.State == "paused":
		return cell{text: "paused"}
	case g.NextRun == nil:
		return cell{text: "-"}
	}
	text := p.onClocks(g, *g.NextRun)
	if served || g.NextRun.After(p.now()) {
		return cell{text: text}
	}
	return cell{"due since " + text, func(s string) string { return p.paint(p.stdout, yellow, s) }}
}

// behind is the age of the group's oldest watermark.
func (p *program) behind(g groupStatus) string {
	var oldest time.Time
	for _, w := range g.Watermarks {
		if oldest.IsZero() || w.At.Before(oldest) {
			oldest = w.At
		}
	}
	if oldest.IsZero() {
		return "-"
	}
	return took(oldest, p.now())
}

// utc writes an instant for people: "2026-11-21 06:00Z".
func utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04Z")
}
