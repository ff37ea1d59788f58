package main

import (
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
)

// compilers are the commands that compile a workspace, print and end.
var compilers = []string{"apply", "graph", "plan", "show", "validate"}

// compilerPercent is how much a compiler's heap may grow before the collector
// runs, in percent of what is in use. Most of what such a command allocates is in
// use until it ends, so that going through it early finds little. Measured on
// 10,000 couriers: a fifth less CPU than the 100 of Go for a fifth more memory; 200
// saves no more than half of that again and takes more than the syntax tree of the
// workspace would.
const compilerPercent = 150

// plannerPercent is that of plan, which may take more: what it makes of a workspace
// is in use until it is shown.
const plannerPercent = 300

// tuneCollector makes the collector run less often in commands that end soon. One
// that serves runs for months beside the loads themselves, where memory is worth
// more. What the user has set in the environment holds.
func (p *program) tuneCollector(cmd *cobra.Command) {
	if p.env["GOGC"] == "" && p.env["GOMEMLIMIT"] == "" && slices.Contains(compilers, cmd.Name()) {
		percent := compilerPercent
		if cmd.Name() == "plan" {
			percent = plannerPercent
		}
		debug.SetGCPercent(percent)
	}
}
