package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

func (p *program) stopCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "stop RUN|GROUP [DIR]",
		Short: "Stop a run, or all open runs of a group",
		Long: "What is running is ended, nothing else starts, and the run ends stopped. What has landed stays.\n" +
			"RUN is a key of 'waybill runs' or its beginning. The next run covers what this one left.",
		Example: "waybill stop daily\nwaybill stop daily@2026-11-21",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				c := store.Command{Verb: store.VerbStop, Group: graph.GroupAddr(args[0])}
				var what runtime.StopArgs
				if a.deployment.Graph.Group(c.Group) == nil {
					key, err := a.findRun(cmd.Context(), args[0])
					if err != nil {
						return err
					}
					d, err := a.Run(cmd.Context(), key)
					if err != nil {
						return err
					}
					c.Group, c.Run, what.Run = d.Run.Group, key, key
				}
				c, err := p.do(cmd, a, c, what, nil)
				if err != nil {
					return err
				}
				next, err := a.afterStop(cmd.Context(), c)
				if err != nil {
					return err
				}
				return p.answer(c, fmt.Sprintf("%s is stopping.", args[0]), next, f.asJSON)
			})
		},
	}
	f.add(cmd, true)
	return cmd
}

// afterStop says how the run stands that was stopped, and what goes on with it.
func (a *applied) afterStop(ctx context.Context, c store.Command) (string, error) {
	if c.Run == "" {
		return "", nil
	}
	d, err := a.Run(ctx, c.Run)
	if err != nil {
		return "", err
	}
	name := graph.ShortRun(c.Run)
	switch d.Run.State {
	case store.Stopped:
		return fmt.Sprintf("%s was stopped. '%s' goes on with it.", name, waybillIn("retry "+graph.Typed(name), a.dir)), nil
	case store.Canceled:
		return name + " was canceled before it began.", nil
	}
	return fmt.Sprintf("%s is %s. '%s' shows how it goes.", name, words.State(d.Run.State), waybillIn("show "+graph.Typed(name), a.dir)), nil
}
