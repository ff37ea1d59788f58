package main

import "github.com/spf13/cobra"

// addRuntimeCommands adds the commands that need a store.
func (p *program) addRuntimeCommands(add func(group string, commands ...*cobra.Command)) {
	add(groupApply, p.applyCommand(), p.serveCommand(), p.runCommand())
	add(groupOperate, p.statusCommand(), p.whyCommand(), p.logsCommand(), p.runsCommand(), p.showCommand(),
		p.pauseCommand(), p.resumeCommand(), p.stopCommand(), p.retryCommand(),
		p.restartCommand(), p.skipCommand(), p.ignoreMissingCommand(),
		p.backfillCommand(), p.advanceCommand(), p.incidentsCommand(), p.alertCommand(), p.storeCommand())
}
