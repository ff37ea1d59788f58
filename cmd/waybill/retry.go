package main

import (
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) retryCommand() *cobra.Command {
	return p.againCommand(&cobra.Command{
		Use:   "retry RUN|GROUP [DIR]",
		Short: "Try a failed or stopped run again: what succeeded stays done",
		Long: "The same run goes on with its stored graph and range. With GROUP it is, of the group's runs that\n" +
			"failed or were stopped, the one that ended last and whose data no later run has.\n" +
			"It is refused once a later run has loaded everything: that run covers it.",
		Example: "waybill retry daily\nwaybill retry daily@2026-11-21T06:00:00Z",
	}, store.VerbRetry, func(key string) any { return runtime.RetryArgs{Run: key} })
}
