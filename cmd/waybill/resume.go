package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) resumeCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:     "resume GROUP [DIR]",
		Short:   "Lift a pause",
		Long:    "What fell due meanwhile runs as the group's catch_up says.",
		Example: "waybill resume daily",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				g, err := a.group(args[0])
				if err != nil {
					return err
				}
				c, err := p.do(cmd, a, store.Command{Verb: store.VerbResume, Group: g.Addr}, struct{}{}, nil)
				if err != nil {
					return err
				}
				return p.answer(c, fmt.Sprintf("%s is no longer paused.", g.Addr))
			})
		},
	}
	f.add(cmd, false)
	return cmd
}
