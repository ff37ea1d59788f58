package main

import (
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) resumeCommand() *cobra.Command {
	return p.holdCommand(&cobra.Command{
		Use:     "resume GROUP [DIR]",
		Short:   "Lift a pause",
		Long:    "What fell due meanwhile runs as the group's catch_up says.",
		Example: "waybill resume daily",
	}, store.VerbResume)
}
