package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) showCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "show RUN|GROUP|PLAN [DIR]",
		Short: "Show a run with its tasks, files and events, or a saved plan",
		Long: "RUN is a key of 'waybill runs' or the beginning of one; with GROUP it is the group's latest run.\n" +
			"PLAN is a file that 'waybill plan --out' wrote. Where a file is called like a group, a DIR says that\n" +
			"the group is meant.",
		Example: "waybill show daily\nwaybill show daily@2026-11-21\n" +
			"waybill show daily --json\nwaybill show next.plan",
		Args: positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				saved, err := p.savedPlan(args[0])
				switch {
				case err != nil:
					return err
				case saved != nil:
					return p.printSaved(saved, args[0], f.asJSON)
				}
			}
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				key, err := a.findRun(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				d, err := a.Run(cmd.Context(), key)
				if err != nil {
					return err
				}
				if f.asJSON {
					return writeJSON(p.stdout, d)
				}
				return p.printRun(d)
			})
		},
	}
	f.add(cmd, true)
	return cmd
}

// printRun writes everything about a run.
func (p *program) printRun(d store.Detail) error {
	w, r := p.stdout, d.Run
	fmt.Fprintf(w, "%s\n", p.paint(w, bold, short(r.Key)))
	t := table{indent: "  "}
	line := func(name, text string) {
		if text != "" && text != "-" {
			t.row(name, text)
		}
	}
	state := p.stateCell(r.State)
	t.cells(cell{text: "state"}, state)
	line("because", r.Message)
	line("kind", r.Kind+" "+r.RunType)
	if !r.ScheduledAt.IsZero() {
		line("scheduled", strings.TrimSpace(utc(r.ScheduledAt)+"  "+nominalNote(r)))
	}
	if !r.StartedAt.IsZero() {
		line("started", utc(r.StartedAt)+", took "+p.runTook(&r))
	}
	line("by", r.By)
	if r.Into != "" {
		line("read by", short(r.Into))
	}
	line("serial", fmt.Sprint(r.Serial))
	if r.Attempt > 1 {
		line("attempt", fmt.Sprint(r.Attempt))
	}
	if err := t.write(w); err != nil {
		return err
	}
	if err := p.printTasks(d); err != nil {
		return err
	}
	if err := p.printMissing(d); err != nil {
		return err
	}
	if err := p.printLandings(d); err != nil {
		return err
	}
	return p.printEvents(d.Events)
}

// nominalNote is the wall time that the schedule names, and what a change of
// the clock did to it.
func nominalNote(r store.Run) string {
	if r.Nominal == "" {
		return ""
	}
	note := "(nominal " + r.Nominal
	if r.Reason != "" && r.Reason != "normal" {
		note += ", " + stateWords(r.Reason)
	}
	return note + ")"
}

func (p *program) printTasks(d store.Detail) error {
	if len(d.Tasks) == 0 {
		return nil
	}
	fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, bold, "Tasks"))
	t := table{indent: "  "}
	for _, task := range inOrder(d.Tasks) {
		length := ""
		if !task.StartedAt.IsZero() && !task.EndedAt.IsZero() {
			length = took(task.StartedAt, task.EndedAt)
		}
		reads := ""
		if task.RangeEnd.After(task.RangeStart) {
			reads = "[" + utc(task.RangeStart) + ", " + utc(task.RangeEnd) + ")"
		}
		t.cells(cell{text: task.Name}, p.stateCell(task.State), cell{text: length}, cell{text: reads},
			cell{text: taskNote(task, p.now())})
	}
	return t.write(p.stdout)
}

func (p *program) printEvents(events []store.Event) error {
	if len(events) == 0 {
		return nil
	}
	fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, bold, "Events"))
	for _, e := range events {
		if _, err := fmt.Fprintln(p.stdout, "  "+eventLine(e)); err != nil {
			return err
		}
	}
	return nil
}
