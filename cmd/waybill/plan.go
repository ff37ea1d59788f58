package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/apply"
	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
	"github.com/waybill-dev/waybill/runtime/client"
)

// planFlags is what a plan is to be made of and where it goes.
type planFlags struct {
	vars         inputs
	at           string
	horizon      string
	groups       []string
	exclude      []string
	target       []string
	offline      bool
	out          string
	format       string // of problems, or of all
	asJSON       bool
	notes        bool
	detailedExit bool
	timeline     bool
}

// Plans are made for times in these years: the proof looks ten years on, and JSON
// has no years of five digits.
const firstYear, lastYear = 1900, 9900

func (p *program) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan [DIR]",
		Short: "Show what applying would change, and what will run next",
		Long: "Compares the workspace with what is applied and lists the runs of the next seven days:\n" +
			"when each starts, the data it reads, the files it looks for and until when it waits for them.\n" +
			"It changes nothing. Problems go to standard error, errors and warnings in full and a line for\n" +
			"each note; --format sarif prints them alone, on standard output and without the plan. In\n" +
			"GitHub Actions they become annotations. --format markdown and --format html print one document\n" +
			"for people that has the problems in it.",
		Example: "waybill plan\nwaybill plan --timeline\nwaybill plan --horizon 30d --group daily\nwaybill plan --out next.plan && waybill apply next.plan\n" +
			"waybill plan --detailed-exitcode            # exit code 2 if there are changes\n" +
			"waybill plan --offline --at 2026-11-01T00:00:00Z --json\n" +
			"waybill plan --format markdown              # a comment for a pull request\n" +
			"waybill plan --format html > plan.html\n" +
			"waybill plan --format sarif > waybill.sarif # the problems, for code scanning",
		Args: positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.plan(cmd, argument(args, 0, "."), f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "save the plan to this `file`, for 'waybill apply FILE'")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON document")
	flags.BoolVar(&f.timeline, "timeline", false, "draw the days of the plan, with a lane for each group")
	flags.BoolVar(&f.detailedExit, "detailed-exitcode", false, "exit code 2 if there are changes")
	flags.StringVar(&f.at, "at", "", "plan as if it were this `time` (such a plan cannot be applied)")
	flags.BoolVar(&f.offline, "offline", false, "plan as if nothing were applied (such a plan cannot be applied)")
	flags.StringVar(&f.horizon, "horizon", "", "look at the runs of this `duration`, at most ten years (default 7d)")
	flags.StringArrayVar(&f.groups, "group", nil, "show only this `group` and those it waits for or that wait for it; may be repeated (such a plan cannot be applied)")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "do not show this `group`; may be repeated (such a plan cannot be applied)")
	targetFlag(cmd, &f.target)
	flags.StringVar(&f.format, "format", "",
		"print the whole plan as markdown (a comment for a review) or html (a page), or its problems as text, compact (a line each), "+
			"github (annotations) or sarif (a log); text, or in GitHub Actions github, if unset")
	notesFlag(cmd, &f.notes)
	varFlags(cmd, &f.vars)
	cmd.AddCommand(p.planRunCommand())
	return cmd
}

func (p *program) plan(cmd *cobra.Command, dir string, f planFlags) error {
	format, err := p.problemFormat(f.format, f.asJSON, formatMarkdown, formatHTML)
	if err != nil {
		return err
	}
	switch {
	case f.timeline && f.asJSON:
		return advise("The JSON document has every run; a program can draw them.", "--timeline cannot be used with --json")
	case f.timeline && isDocument(format):
		return advise("Leave --timeline out: the document has one of its own.", "--timeline cannot be used with --format %s", format)
	}
	f.format = format
	made, w, err := p.makePlan(cmd.Context(), dir, f)
	if err != nil {
		return err
	}
	if err := interrupted(cmd); err != nil {
		return err
	}
	failed := made.Diagnostics.HasErrors()
	switch err := p.printPlan(made, w, f); {
	case err != nil:
		return err
	case failed && !f.document():
		return fmt.Errorf("there is no plan: the workspace has %s", graph.Count(made.Diagnostics.Count(diag.Error), "error"))
	case failed:
		return said(exitError)
	case w.unasked != nil:
		return w.saidWithout(f.out)
	}
	if f.out != "" {
		if err := p.savePlan(made, dir, f); err != nil {
			return err
		}
	}
	if f.detailedExit && !made.Empty() {
		return said(exitChanges)
	}
	return nil
}

// document reports whether standard output is one document, in which the problems
// are.
func (f planFlags) document() bool {
	return f.asJSON || f.format == formatSARIF || isDocument(f.format)
}

// printPlan writes the plan and its problems in the form that was asked for.
func (p *program) printPlan(made *plan.Plan, w *workspace, f planFlags) error {
	switch {
	case f.asJSON:
		return view.JSON(asIs(p.stdout), made)
	case isDocument(f.format):
		return p.printDocument(made, f.format, p.fromRepository(w.dir))
	case f.format == formatSARIF:
		return p.writeProblems(p.stdout, f.format, made.Diagnostics, w, f.notes)
	}
	if err := p.writeProblems(p.stderr, f.format, made.Diagnostics, w, f.notes); err != nil || made.Diagnostics.HasErrors() {
		return err
	}
	if f.timeline {
		return view.Timeline(p.stdout, made, p.viewOptions())
	}
	return view.Text(p.stdout, made, p.viewOptions())
}

// makePlan loads the workspace, asks its store, unless offline or there is none,
// and plans.
func (p *program) makePlan(ctx context.Context, dir string, f planFlags) (*plan.Plan, *workspace, error) {
	in := plan.Input{At: p.now().UTC().Truncate(time.Second), Tool: thisRelease().Version, Offline: f.offline}
	if f.at != "" {
		utc, err := cron.LoadZone("UTC")
		if err != nil {
			return nil, nil, err
		}
		if in.At, err = parseTime("--at", f.at, utc); err != nil {
			return nil, nil, err
		}
		if year := in.At.Year(); year < firstYear || year > lastYear {
			return nil, nil, advise("Is the year right?", "--at %q is not within the years %d to %d", f.at, firstYear, lastYear)
		}
		in.AtStated = true
	}
	if err := f.choose(&in); err != nil {
		return nil, nil, err
	}
	w, err := p.load(dir, f.vars)
	if err != nil {
		return nil, nil, err
	}
	in.Graph, in.Diagnostics = w.graph, w.problems
	if w.graph != nil && !f.offline {
		if err := p.askStore(ctx, w, &in); err != nil {
			if err := w.withoutServer(&in, err); err != nil {
				return nil, nil, err
			}
		}
	}
	return plan.Make(in), w, nil
}

// targetFlag is --target, of plan and apply.
func targetFlag(cmd *cobra.Command, target *[]string) {
	cmd.Flags().StringArrayVar(target, "target", nil, "plan the changes of this `group` alone, and of what it needs; may be repeated")
}

// choose takes over how far and at what the plan looks.
func (f planFlags) choose(in *plan.Input) error {
	for _, s := range []struct {
		names []string
		into  *[]graph.Addr
	}{{f.groups, &in.Groups}, {f.exclude, &in.Exclude}, {f.target, &in.Target}} {
		for _, name := range s.names {
			*s.into = append(*s.into, graph.GroupAddr(name))
		}
	}
	if f.horizon == "" {
		return nil
	}
	d, err := graph.ParseDuration(f.horizon)
	switch {
	case strings.HasPrefix(f.horizon, "-"):
		return advise("Write for example --horizon 30d. For another beginning there is --at.", "--horizon %q is in the past: a plan looks ahead", f.horizon)
	case err != nil:
		return advise("Write for example --horizon 30d; ten years, 3660d, are the most.", "--horizon %q: %w", f.horizon, err)
	case d == 0:
		return advise("Write for example --horizon 30d. For another beginning there is --at.", "--horizon %q is no time at all", f.horizon)
	}
	in.Horizon = d.Std()
	return nil
}

// askStore fetches what is applied and how its groups stand. Where there is no
// store, nothing is applied, and none is made.
func (p *program) askStore(ctx context.Context, w *workspace, in *plan.Input) (err error) {
	at := w.place()
	if !at.exists() {
		return nil
	}
	s, err := p.open(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if in.Deployed, err = s.Deployment(ctx); err != nil {
		return err
	}
	in.Standing, err = s.Standing(ctx)
	return err
}

// withoutServer makes the plan one without the runtime, where its server could
// not be asked; another error is returned.
func (w *workspace) withoutServer(in *plan.Input, err error) error {
	var e *client.Error
	if !errors.As(err, &e) {
		return err
	}
	w.unasked = err
	in.Deployed, in.Standing, in.Offline = graph.Deployment{}, graph.Standing{}, true
	return nil
}

// saidWithout ends a plan that was made without asking its server, and is not
// saved to the file out.
func (w *workspace) saidWithout(out string) error {
	var e *client.Error
	errors.As(w.unasked, &e)
	hint := "The plan is as if nothing were applied: what changes, watermarks, pauses and open runs are missing."
	if out != "" {
		hint += " It was not saved."
	}
	if more := hintFor(e); more != "" {
		hint += "\n" + more
	}
	return advise(hint, "%w", w.unasked)
}

// savePlan writes the plan file and says how to apply it.
func (p *program) savePlan(made *plan.Plan, dir string, f planFlags) error {
	path := p.path(f.out)
	if err := apply.Write(path, made); err != nil {
		return err
	}
	if f.document() {
		return nil
	}
	if reasons := apply.Check(made); reasons.HasErrors() {
		_, err := fmt.Fprintf(p.stdout, "\nSaved to %s, to be looked at: this plan cannot be applied.\n", f.out)
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\nSaved to %s. To apply exactly this:\n  %s\n", f.out, waybillIn("apply "+path, p.path(dir)))
	return err
}

func (p *program) viewOptions() view.Options {
	return view.Options{Color: p.colored(p.stdout), Width: p.width(p.stdout)}
}
