package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

func (p *program) showCommand() *cobra.Command {
	var f runtimeFlags
	var deployment, timeline bool
	var format string
	cmd := &cobra.Command{
		Use:   "show [DIR|PLAN|RUN|GROUP] [DIR]",
		Short: "Show the workspace, what is applied, a saved plan, or a run",
		Long: "Without an argument, or with DIR, it shows what the files of the workspace say, every default\n" +
			"filled in; --json prints the compiled graph. With --applied it shows what is applied there\n" +
			"instead: its serial, who applied it and when, and the same view of it.\n\n" +
			"PLAN is a file that 'waybill plan --out' wrote. RUN is a key of 'waybill runs' or the beginning\n" +
			"of one; with GROUP it is the run that is under way, else the one that ended last, with its\n" +
			"tasks, files and events.\n\n" +
			"One name can mean several of these. What is there is taken in this order: a directory with\n" +
			".hcl files, a plan file, a run. A DIR behind the name says that a run or a group is meant, and\n" +
			"a slash in the name that a directory or a file is.",
		Example: "waybill show\nwaybill show examples/quickstart --json\nwaybill show --applied\n" +
			"waybill show next.plan\nwaybill show next.plan --format html > plan.html\nwaybill show daily\nwaybill show daily@2026-11-21 --json",
		Args: positional(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ofPlan := format != "" || timeline
			if deployment && !ofPlan {
				if len(args) > 1 {
					return advise("Usage: waybill show --applied [DIR]", "--applied shows all that is applied, and takes no more than a directory")
				}
				return p.showApplied(cmd.Context(), argument(args, 0, "."), f)
			}
			if !ofPlan && (len(args) == 0 || len(args) == 1 && p.isWorkspace(args[0])) {
				return p.showWorkspace(argument(args, 0, "."), f)
			}
			if len(args) == 1 && !deployment {
				saved, err := p.savedPlan(args[0])
				switch {
				case err != nil:
					return err
				case saved != nil:
					return p.showSaved(saved, args[0], savedForm{format: format, json: f.asJSON, timeline: timeline})
				}
			}
			if format != "" || timeline && (deployment || len(args) == 0 || len(args) == 1 && p.isWorkspace(args[0])) {
				what := "--format is of saved plans alone"
				if timeline {
					what = "--timeline is of saved plans and of runs"
				}
				return advise("Name a file that 'waybill plan --out' wrote, and no DIR.", "%s", what)
			}
			err := p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				return p.showRun(cmd.Context(), a, args[0], f.asJSON, timeline)
			})
			if len(args) == 1 && errors.Is(err, errNothingApplied) {
				return fmt.Errorf("there is no plan file, and no directory with .hcl files, called %q; as for runs, %w", args[0], err)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&deployment, "applied", false, "show what is applied, not what the files say")
	cmd.Flags().BoolVar(&timeline, "timeline", false, "draw the days of a saved plan, or the time of a run (as on a terminal)")
	cmd.Flags().StringVar(&format, "format", "", "print a saved plan as markdown or html")
	f.add(cmd, true)
	return cmd
}

// isWorkspace reports whether a person means a directory by a name: one with
// files of the language in it, or any that is written as a path.
func (p *program) isWorkspace(name string) bool {
	dir := p.path(name)
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	return name == "." || name == ".." || isPath(name) || len(hclFiles(dir)) > 0
}

// isPath reports whether a name is written as a path: with a slash that is no part
// of a for_each key.
func isPath(name string) bool {
	name, _, _ = strings.Cut(name, `["`)
	return strings.ContainsRune(name, filepath.Separator)
}

// showRun shows the run that a person means by a name.
func (p *program) showRun(ctx context.Context, a *applied, name string, asJSON, timeline bool) error {
	key, err := a.findRun(ctx, name)
	if err != nil {
		return err
	}
	d, err := a.Run(ctx, key)
	switch {
	case err != nil:
		return err
	case asJSON:
		return writeJSON(p.stdout, d)
	}
	return p.printRun(d, timeline || isTerminal(p.stdout))
}

// printRun writes everything about a run, with a drawing of its time or without.
func (p *program) printRun(d store.Detail, timeline bool) error {
	w, r := p.stdout, d.Run
	fmt.Fprintf(w, "%s\n", p.paint(w, bold, graph.ShortRun(r.Key)))
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
		line("read by", graph.ShortRun(r.Into))
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
	if drawing := p.gantt(d, p.width(w)); timeline && drawing != "" {
		fmt.Fprintf(w, "\n%s\n%s", p.paint(w, bold, "Timeline"), drawing)
	}
	if err := p.printAttempts(d); err != nil {
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
		note += ", " + words.State(r.Reason)
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
