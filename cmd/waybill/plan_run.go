package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
	"github.com/waybill-dev/waybill/runtime"
)

// planRunCommand is `waybill plan run`, which takes what `waybill run` takes.
func (p *program) planRunCommand() *cobra.Command {
	var f runtimeFlags
	var what runtime.RunArgs
	cmd := &cobra.Command{
		Use:   "run GROUP [DIR]",
		Short: "Show what 'waybill run' would do, and change nothing",
		Long: "Shows what 'waybill run' with the same flags would do now: the range of each courier, the files\n" +
			"that are there and that are missing, what has landed already and by which run, until when it\n" +
			"would wait, the steps that follow, and when it would start. It looks at the sources once, here\n" +
			"or on the server, and changes nothing.\n\n" + whichData,
		Example: "waybill plan run daily --date 2026-11-20\n" +
			"waybill plan run daily --from 2026-11-01 --to 2026-11-08 --load-only\n" +
			"waybill plan run daily --all --courier orders --json",
		Args: positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := argument(args, 1, ".")
			return p.with(cmd.Context(), dir, f, func(a *applied) error {
				return p.planRun(cmd, a, args[0], what, f, p.edited(a, dir, f.vars))
			})
		},
	}
	whatFlags(cmd, &what)
	f.add(cmd, true)
	return cmd
}

func (p *program) planRun(cmd *cobra.Command, a *applied, name string, what runtime.RunArgs, f runtimeFlags, edited bool) error {
	g, err := a.group(name)
	if err != nil {
		return err
	}
	if err := knownCouriers(g, what.Couriers); err != nil {
		return err
	}
	made, err := p.foresee(cmd.Context(), a, g, what, edited)
	if err != nil {
		return err
	}
	if err := interrupted(cmd); err != nil {
		return err
	}
	if f.asJSON {
		return view.AdHocJSON(asIs(p.stdout), made)
	}
	return view.AdHoc(p.stdout, made, p.viewOptions())
}

// edited reports whether the workspace says something else than what is applied.
// Of one that has errors nobody knows.
func (p *program) edited(a *applied, dir string, vars inputs) bool {
	w, err := p.load(dir, vars)
	return err == nil && w.graph != nil && w.graph.Digest() != a.deployment.Digest
}

// foresee plans a run that somebody asks for, with what its runtime knows now. A
// question that makes no sense is answered without asking the runtime.
func (p *program) foresee(ctx context.Context, a *applied, g *graph.Group, what runtime.RunArgs, edited bool) (*plan.AdHoc, error) {
	in := unasked(a, g, what)
	in.Edited = edited
	if _, err := plan.MakeAdHoc(in); err != nil {
		return nil, err
	}
	var err error
	if in.Facts, err = a.Facts(ctx, g.Addr, what); err != nil {
		return nil, err
	}
	if in.Facts.Serial != a.deployment.Serial {
		return nil, advise("Plan again.", "somebody has applied serial %d meanwhile", in.Facts.Serial)
	}
	return plan.MakeAdHoc(in)
}

// unasked is what is known of a run before its runtime is asked.
func unasked(a *applied, g *graph.Group, what runtime.RunArgs) plan.AdHocInput {
	return plan.AdHocInput{
		Graph: a.deployment.Graph, Group: g.Addr, Couriers: what.Couriers, LoadOnly: what.LoadOnly, Reload: what.Reload, SLA: what.SLA,
		Ask:   window.Ask{Date: what.Date, From: what.From, To: what.To, All: what.All, At: what.At, ApplyOffsets: what.ApplyOffsets},
		Facts: graph.Facts{At: a.Now().UTC(), Serial: a.deployment.Serial}, Tool: thisRelease().Version,
	}
}

// beforehandTime is how long the start of a run is held up to look at its sources.
const beforehandTime = 5 * time.Second

// beforehand is what a run is about to read with what is there of it, for
// somebody who watches; where that cannot be found out, the preview, which needs
// no look.
func (p *program) beforehand(ctx context.Context, a *applied, g *graph.Group, what runtime.RunArgs, preview string) string {
	ctx, cancel := context.WithTimeout(ctx, beforehandTime)
	defer cancel()
	made, err := p.foresee(ctx, a, g, what, false)
	if err != nil {
		return preview
	}
	var b strings.Builder
	_ = view.AdHocBrief(&b, made, p.viewOptions()) // a strings.Builder does not fail
	return b.String() + "\n"
}
