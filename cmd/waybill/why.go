package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

func (p *program) whyCommand() *cobra.Command {
	var f runtimeFlags
	var courier string
	cmd := &cobra.Command{
		Use:   "why RUN|GROUP|COURIER [DIR]",
		Short: "Say why a run or a group stands as it does, and what helps",
		Long: "The answer comes first, then the reasons behind it: what each courier reads and looks for, what its\n" +
			"last look saw and why it took none of it, until when it waits; what the run stands behind, and what\n" +
			"stands behind it; and the commands that help. Of GROUP it is the run that matters now.",
		Example: "waybill why daily\nwaybill why daily@2026-11-21\nwaybill why orders --json",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				q, err := p.question(cmd.Context(), a, args[0], courier)
				if err != nil {
					return err
				}
				w, err := a.Why(cmd.Context(), q)
				switch {
				case errors.Is(err, store.ErrNotFound) && courier != "":
					return advise("", "%s has no courier %q", args[0], courier)
				case err != nil:
					return err
				case f.asJSON:
					return writeJSON(p.stdout, w)
				}
				answer, rest, _ := strings.Cut(w.Text(), "\n")
				_, err = fmt.Fprintf(p.stdout, "%s\n%s", p.paint(p.stdout, bold, answer), rest)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&courier, "courier", "", "above all this `courier` of the group")
	f.add(cmd, true)
	return cmd
}

// question finds out what a person means by a name: an applied group, a run, or a
// courier of one group.
func (p *program) question(ctx context.Context, a *applied, name, courier string) (why.Question, error) {
	group := graph.GroupAddr(name)
	if a.deployment.Graph.Group(group) != nil {
		return why.Question{Group: group, Courier: courier}, nil
	}
	if groups := a.groupsWith(name); len(groups) == 1 && courier == "" {
		return why.Question{Group: groups[0], Courier: strings.TrimPrefix(name, graph.KindCourier+".")}, nil
	} else if len(groups) > 1 {
		return why.Question{}, advise("Write 'waybill why "+groups[0].Typed()+" --courier "+graph.Typed(name)+"'.",
			"the courier %s is in %d groups: %s", name, len(groups), listed(groups))
	}
	if p.isWritten(a.dir, group) {
		return why.Question{}, advise("Apply it: "+waybillIn("apply", a.dir),
			"%s is written in the workspace and not applied, so that nothing of it runs", group)
	}
	if graph.OfRun(name) == name { // no run is named
		if runs, err := a.Runs(ctx, store.RunFilter{Group: group, Limit: 1}); err != nil || len(runs) > 0 {
			return why.Question{Group: group, Courier: courier}, err
		}
	}
	key, err := a.findRun(ctx, name)
	return why.Question{Run: key, Courier: courier}, err
}

// groupsWith are the applied groups with a courier of a name.
func (a *applied) groupsWith(courier string) (groups []graph.Addr) {
	name := strings.TrimPrefix(courier, graph.KindCourier+".")
	for i := range a.deployment.Graph.Groups {
		if g := &a.deployment.Graph.Groups[i]; g.Member(name) != nil {
			groups = append(groups, g.Addr)
		}
	}
	return groups
}

// isWritten reports whether the files of a workspace have a group.
func (p *program) isWritten(dir string, group graph.Addr) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	w, err := p.load(dir, inputs{})
	return err == nil && w.graph != nil && w.graph.Group(group) != nil
}

func listed(groups []graph.Addr) string {
	var names []string
	for _, g := range groups {
		names = append(names, g.Typed())
	}
	return strings.Join(names, ", ")
}
