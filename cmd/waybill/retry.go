package main

import (
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) retryCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "retry RUN|GROUP [DIR]",
		Short: "Try a failed or stopped run again: what succeeded stays done",
		Long: "The same run goes on with its stored graph and range. With GROUP it is the group's latest run.\n" +
			"It is refused once a later run has loaded everything: that run covers it.",
		Example: "waybill retry daily\nwaybill retry daily@2026-11-21T06:00:00Z",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				key, err := a.findRun(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				d, err := a.Run(cmd.Context(), key)
				if err != nil {
					return err
				}
				c := store.Command{Verb: store.VerbRetry, Group: d.Run.Group, Run: key}
				return p.carryOut(cmd, a, c, runtime.RetryArgs{Run: key}, f.asJSON)
			})
		},
	}
	f.add(cmd, true)
	return cmd
}
