package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// runFlags is what `waybill run` takes besides the arguments of the run.
type runFlags struct {
	runtimeFlags
	token  string
	detach bool
}

func (p *program) runCommand() *cobra.Command {
	var f runFlags
	var what runtime.RunArgs
	cmd := &cobra.Command{
		Use:   "run GROUP [DIR]",
		Short: "Run a group now, for the newest period or for the dates you name",
		Long: "Runs what is applied, here or in the process that serves. It loads only versions of files that have not\n" +
			"landed yet, and never moves a watermark. Couriers' offsets are not applied to dates that you name.\n\n" +
			whichData,
		Example: "waybill run daily\nwaybill run daily --date 2026-11-20 --courier orders\n" +
			"waybill run daily --from 2026-11-01 --to 2026-11-08 --load-only",
		Args: positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 1, "."), f.runtimeFlags, func(a *applied) error {
				return p.run(cmd, a, args[0], what, f)
			})
		},
	}
	whatFlags(cmd, &what)
	flags := cmd.Flags()
	flags.StringVar(&f.token, "token", "", "a `name` for this run: the same token never runs twice")
	detachFlag(cmd, &f.detach)
	f.add(cmd, true)
	return cmd
}

// whatFlags is the flags that say what a run is to do.
func whatFlags(cmd *cobra.Command, what *runtime.RunArgs) {
	flags := cmd.Flags()
	flags.StringVar(&what.Date, "date", "", "a calendar `day` of the group's file dates")
	flags.StringVar(&what.From, "from", "", "a stretch from this `date` or time on")
	flags.StringVar(&what.To, "to", "", "up to, without, this `date` or time (default: one day)")
	flags.BoolVar(&what.All, "all", false, "everything there is")
	flags.StringVar(&what.At, "at", "", "what the scheduled run of this `time` reads, offsets applied")
	flags.BoolVar(&what.ApplyOffsets, "apply-offsets", false, "apply the couriers' offsets to the dates named")
	flags.StringArrayVar(&what.Couriers, "courier", nil, "only this `courier` of the group; may be repeated")
	flags.BoolVar(&what.LoadOnly, "load-only", false, "stop after loading: no processes, no activations")
	flags.BoolVar(&what.Reload, "reload", false, "load versions that have landed before, too")
	flags.BoolVar(&what.SLA, "sla", false, "hold this run to the group's sla")
}

// whichData is the ways to say which data to read.
const whichData = `Which data:
  --date 2026-11-20                  one calendar day
  --from 2026-11-01 --to 2026-11-08  from there up to, without, that day
  --from 2026-11-01                  one day from there
  --at 2026-11-21T13:00:00Z          what the scheduled run of that time reads
  --all                              everything there is
                                     else: what the newest scheduled run reads`

func (p *program) run(cmd *cobra.Command, a *applied, name string, what runtime.RunArgs, f runFlags) error {
	g, err := a.group(name)
	if err != nil {
		return err
	}
	if err := knownCouriers(g, what.Couriers); err != nil {
		return err
	}
	preview, err := p.preview(a, g, what)
	if err != nil {
		return err
	}
	toCome, err := plan.MakeAdHoc(unasked(a, g, what))
	if err != nil {
		return err
	}
	if isTerminal(p.stdout) && !f.asJSON {
		preview = p.beforehand(cmd.Context(), a, g, what, preview)
	}
	notes := p.stderr
	if !f.asJSON {
		fmt.Fprint(p.stdout, preview)
		notes = p.stdout
	}
	if all := toCome.ToCome(); len(all) > 0 {
		fmt.Fprintf(notes, "%s\n\n", strings.Join(all, "\n"))
	}
	c := store.Command{Verb: store.VerbRun, Group: g.Addr, Token: f.token}
	if f.detach {
		return p.detach(cmd.Context(), a, c, what, f.asJSON)
	}
	return p.carryOut(cmd, a, c, what, f.asJSON)
}

// preview says what the run will read, or why the question makes no sense.
func (p *program) preview(a *applied, g *graph.Group, what runtime.RunArgs) (string, error) {
	calendar, err := window.NewCalendar(g)
	if err != nil {
		return "", err
	}
	ask := window.Ask{Date: what.Date, From: what.From, To: what.To, All: what.All, At: what.At, ApplyOffsets: what.ApplyOffsets, NoRange: true}
	members := chosen(g, what.Couriers)
	for _, m := range members {
		courier := a.deployment.Graph.Courier(m.Courier)
		ask.NoRange = ask.NoRange && (courier == nil || !window.NeedsRange(courier))
	}
	adhoc, err := calendar.AdHoc(ask, p.now())
	if err != nil {
		return "", err
	}
	var b strings.Builder
	data, offsets := inWords(adhoc, ask, calendar)
	fmt.Fprintf(&b, "%s reads %s.\n", g.Addr, data)
	if offsets != "" {
		fmt.Fprintf(&b, "%s\n", offsets)
	}
	t := table{indent: "  "}
	for _, m := range members {
		courier := a.deployment.Graph.Courier(m.Courier)
		t.row(m.Name, rangeText(adhoc, m, courier, calendar))
	}
	if err := t.write(&b); err != nil {
		return "", err
	}
	b.WriteString("\n")
	return b.String(), nil
}

// chosen is the members that a run is about: the named ones, or all.
func chosen(g *graph.Group, names []string) []graph.Member {
	if len(names) == 0 {
		return g.Members
	}
	var members []graph.Member
	for _, name := range names {
		members = append(members, *g.Member(name))
	}
	return members
}

// inWords says which data was asked for, and whether offsets were applied.
func inWords(adhoc window.AdHoc, ask window.Ask, calendar *window.Calendar) (data, offsets string) {
	zone := calendar.RangeZone()
	switch {
	case adhoc.All:
		return "everything there is", ""
	case !adhoc.Tick.IsZero():
		return "what its scheduled run of " + clock(adhoc.Tick, calendar.Zone()) + " reads", "The couriers' offsets are applied."
	case adhoc.Range.Empty():
		return "what its couriers have, whatever the date", ""
	}
	named := fmt.Sprintf("from %s to %s", clock(adhoc.Range.Start, zone), clock(adhoc.Range.End, zone))
	if ask.Date != "" {
		named = fmt.Sprintf("the day %s in %s", ask.Date, zone.Name())
	}
	if adhoc.ApplyOffsets {
		return named, "The couriers' offsets are applied, as you asked."
	}
	return named, "The couriers' offsets are not applied to dates you name (--apply-offsets does)."
}

// rangeText is the range of one courier.
func rangeText(adhoc window.AdHoc, m graph.Member, courier *graph.Courier, calendar *window.Calendar) string {
	if courier != nil && courier.IgnoresRange {
		return "everything: it ignores ranges"
	}
	r := adhoc.For(m.Offset, calendar)
	if r.Empty() {
		return "everything"
	}
	return fmt.Sprintf("from %s  to %s", clock(r.Start, calendar.RangeZone()), clock(r.End, calendar.RangeZone()))
}

// clock writes an instant as the clocks of a zone show it.
func clock(t time.Time, zone *cron.Zone) string {
	return t.In(zone.Location()).Format("2006-01-02 15:04 MST")
}

// carryOut has a command done that makes runs, shows how it goes, and ends with
// the run's summary and an exit code for how it ended.
func (p *program) carryOut(cmd *cobra.Command, a *applied, c store.Command, args any, asJSON bool) error {
	ctx := cmd.Context()
	began := a.Now()
	watch := p.newWatch(ctx, a, asJSON)
	done, err := p.do(cmd, a, c, args, watch.event)
	watch.close()
	keys := watch.runs()
	if done.Run != "" && !slices.Contains(keys, done.Run) {
		keys = append(keys, done.Run)
	}
	if ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), p.sayInterrupted(context.WithoutCancel(ctx), a, keys))
	}
	if err != nil {
		return err
	}
	if sentBefore(done, began) && !asJSON {
		if err := p.sayWhatCameOfIt(ctx, a, done, began); err != nil {
			return err
		}
	}
	if len(keys) == 0 && !asJSON {
		return p.answer(done, "There is nothing to do.", "", false)
	}
	return p.conclude(ctx, a, keys, asJSON, c.Verb == store.VerbBackfill)
}

// sentBefore reports whether what came back for a command is an earlier one with
// the same token.
func sentBefore(c store.Command, began time.Time) bool { return c.Token != "" && c.At.Before(began) }

// sayBefore says why a command did nothing.
func (p *program) sayBefore(c store.Command, what string) error {
	key := c.Run
	if key == "" { // nobody has taken it up yet
		key = graph.RunKey(c.Group, c.Token)
	}
	_, err := fmt.Fprintf(p.stdout, "%s was asked for with this token before, by %s at %sZ; %s.\n\n",
		graph.ShortRun(key), c.By, c.At.UTC().Format("2006-01-02 15:04"), what)
	return err
}

// sayWhatCameOfIt tells whether an earlier command with the same token was over
// already, or was seen through by this one.
func (p *program) sayWhatCameOfIt(ctx context.Context, a *applied, c store.Command, began time.Time) error {
	d, err := a.Run(ctx, c.Run)
	if err != nil {
		return err
	}
	if !d.Run.EndedAt.Before(began) {
		return p.sayBefore(c, "it had not ended, and this command has seen it through")
	}
	return p.sayBefore(c, "it is not done again")
}

// sayInterrupted tells what becomes of the runs that an interrupted command had
// begun: they are stopped, unless another process carries them out.
func (p *program) sayInterrupted(ctx context.Context, a *applied, keys []string) error {
	for _, key := range keys {
		d, err := a.Run(ctx, key)
		if err != nil {
			return err
		}
		name := graph.ShortRun(key)
		switch {
		case d.Run.State == store.Stopped:
			fmt.Fprintf(p.stderr, "Interrupted: %s was stopped. '%s' goes on with it.\n", name, waybillIn("retry "+graph.Typed(name), a.dir))
		case !store.Ended(d.Run.State):
			fmt.Fprintf(p.stderr, "Interrupted: %s goes on in the process that serves. '%s' stops it.\n", name, waybillIn("stop "+graph.Typed(name), a.dir))
		}
	}
	return nil
}

// conclude prints the summary of the runs that a command made, and fails unless
// all of them succeeded. As JSON it is one run, or a list where there may be several.
func (p *program) conclude(ctx context.Context, a *applied, keys []string, asJSON, several bool) error {
	details := []store.Detail{}
	var runs []store.Run
	var outcome error
	for _, key := range keys {
		d, err := a.Run(ctx, key)
		if err != nil {
			return err
		}
		switch d.Run.State {
		case store.Succeeded, store.SucceededWithWarnings, store.Skipped:
		default:
			outcome = said(exitNotDone)
		}
		details, runs = append(details, d), append(runs, d.Run)
	}
	var err error
	switch {
	case asJSON && len(details) == 1 && !several:
		err = writeJSON(p.stdout, details[0])
	case asJSON:
		err = writeJSON(p.stdout, details)
	case len(details) == 1:
		err = p.printSummary(details[0])
	default:
		err = p.printRuns(runs)
	}
	return errors.Join(err, outcome)
}
