package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
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
				return p.answer(c, fmt.Sprintf("%s is stopping.", args[0]), f.asJSON)
			})
		},
	}
	f.add(cmd, true)
	return cmd
}
